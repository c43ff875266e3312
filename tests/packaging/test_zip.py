"""The release zip of this checkout is complete and lands where Home Assistant looks."""

import hashlib
import json
from pathlib import Path
import subprocess
import sys
import zipfile

import pytest

from scripts.demo_home.configuration import bind_to_loopback
from tests.architecture.sources import COMPONENT, ROOT, tracked_files
from tests.e2e.launcher import free_port

MAX_ZIP_BYTES = 3_000_000
# Shows that the unpacked component stands alone: from an empty folder, its own core opens each of its own models.
OPEN_MODELS = """
import pathlib, sys
from custom_components.inkling.core import pipeline
folder = pathlib.Path(pipeline.__file__).parents[1] / "models"
found = [path for path in sorted(folder.glob("*.tflite"))]
for path in found:
    pipeline.open_model(path.with_suffix(".json").read_bytes(), path.read_bytes())
    print(path.name)
"""


def test_zip_holds_everything(release_zip: Path) -> None:
    """Find every file of the component and every model, and nothing that is neither."""
    component = {path.relative_to(COMPONENT).as_posix() for path in tracked_files() if path.is_relative_to(COMPONENT)}
    models = {f"models/{path.name}" for path in (ROOT / "models").iterdir() if path.suffix in {".tflite", ".json"}}
    with zipfile.ZipFile(release_zip) as archive:
        names = archive.namelist()
    assert sorted(names) == sorted(component | models)
    assert any(name.endswith(".tflite") for name in names)


def test_zip_is_small(release_zip: Path) -> None:
    """Keep the download small enough for a slow line."""
    assert release_zip.stat().st_size <= MAX_ZIP_BYTES


def test_zip_is_reproducible(release_zip: Path, tmp_path: Path) -> None:
    """Make the same bytes from the same files a second time."""
    again = tmp_path / "again.zip"
    subprocess.run([ROOT / "scripts" / "package", again], check=True, capture_output=True)
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(release_zip.read_bytes()).digest()


def test_installed_zip_stands_alone(installed_config: Path) -> None:
    """Open every shipped model with the unpacked code alone, far from the checkout."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN_MODELS], cwd=installed_config, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    installed = installed_config / "custom_components" / "inkling" / "models"
    assert done.stdout.split() == sorted(path.name for path in installed.glob("*.tflite"))
    assert done.stdout


def test_installed_manifest_is_ours(installed_config: Path) -> None:
    """Find the manifest where Home Assistant's loader reads it."""
    manifest = json.loads(
        (installed_config / "custom_components" / "inkling" / "manifest.json").read_text(encoding="utf-8")
    )
    assert manifest["domain"] == "inkling"


@pytest.mark.usefixtures("socket_enabled")
def test_home_assistant_sets_up_from_the_zip_alone(installed_config: Path) -> None:
    """Start a real Home Assistant on nothing but the unpacked zip, add a room, and let the zip's model judge it."""
    (installed_config / "configuration.yaml").write_text("homeassistant:\nrecorder:\n", encoding="utf-8")
    bind_to_loopback(installed_config, free_port())
    program = Path(__file__).with_name("home.py")
    # Isolated from this checkout: neither its folder nor PYTHONPATH may lend the integration anything.
    done = subprocess.run(
        [sys.executable, "-I", program, installed_config],
        cwd=installed_config,
        capture_output=True,
        check=False,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert Path(said["code"]).is_relative_to(installed_config)
    assert said["model"] == "shipped"
    assert said["issues"] == []
    assert 0 <= int(said["probability"]) <= 100
