"""scripts/package on small checkouts made for the test: what it takes, what it leaves, what it refuses."""

import hashlib
import json
from pathlib import Path
import subprocess
import sys
import zipfile

import pytest

PACKAGER = Path(__file__).parents[2] / "scripts" / "lib" / "package.py"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout with two source files, rubbish, and one model."""
    component = tmp_path / "custom_components" / "inkling"
    (component / "core" / "__pycache__").mkdir(parents=True)
    for name in ("__init__.py", "core/ring.py", "core/__pycache__/ring.cpython-314.pyc", ".DS_Store"):
        (component / name).write_text(name, encoding="utf-8")
    (component / "manifest.json").write_text("{}", encoding="utf-8")
    models = tmp_path / "models"
    models.mkdir()
    (models / "tiny.tflite").write_bytes(b"weights")
    (models / "tiny.json").write_text(json.dumps({"sha256": hashlib.sha256(b"weights").hexdigest()}), encoding="utf-8")
    (models / "tiny.md").write_text("# Card", encoding="utf-8")
    (models / "schema.json").write_text("{}", encoding="utf-8")
    return tmp_path


def package(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the packager on a checkout."""
    command = [sys.executable, str(PACKAGER), str(root), str(root / "out.zip")]
    return subprocess.run(command, capture_output=True, check=False, text=True)


def test_takes_sources_and_models_only(checkout: Path) -> None:
    """Leave out caches, hidden files and model cards; put models/ at the root."""
    assert package(checkout).returncode == 0
    with zipfile.ZipFile(checkout / "out.zip") as archive:
        assert archive.namelist() == [
            "__init__.py",
            "core/ring.py",
            "manifest.json",
            "models/schema.json",
            "models/tiny.json",
            "models/tiny.tflite",
        ]
        assert archive.read("core/ring.py") == b"core/ring.py"
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_does_not_depend_on_file_times(checkout: Path) -> None:
    """Make the same bytes after every file was written anew."""
    package(checkout)
    first = (checkout / "out.zip").read_bytes()
    for path in checkout.rglob("*.py"):
        path.write_bytes(path.read_bytes())
    package(checkout)
    assert (checkout / "out.zip").read_bytes() == first


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("models/tiny.tflite", "is not the file whose sha256"),
        ("models/other.tflite", "has no manifest other.json"),
    ],
)
def test_refuses_models_without_their_manifest(checkout: Path, spoil: str, sentence: str) -> None:
    """Say in one sentence which model does not fit, and write nothing."""
    (checkout / spoil).write_bytes(b"other weights")
    result = package(checkout)
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert sentence in result.stderr
    assert not (checkout / "out.zip").exists()


@pytest.mark.parametrize("missing", ["models/tiny.tflite", "custom_components/inkling/__init__.py"])
def test_refuses_half_a_checkout(checkout: Path, missing: str) -> None:
    """Make no release without models or without the integration."""
    (checkout / missing).unlink()
    result = package(checkout)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
