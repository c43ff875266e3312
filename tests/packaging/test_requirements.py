"""What manifest.json requires can be installed on Home Assistant OS: musl, both processors, under its constraints."""

import importlib.util
import json
import os
from pathlib import Path
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.architecture.sources import COMPONENT

MANIFEST: dict[str, Any] = json.loads((COMPONENT / "manifest.json").read_text(encoding="utf-8"))
PLATFORMS = ("musllinux_1_2_aarch64", "musllinux_1_2_x86_64")
PYTHON = "3.14"


def constraints() -> Path:
    """Return the constraints file that Home Assistant hands to every installation."""
    spec = importlib.util.find_spec("homeassistant")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("package_constraints.txt")


def resolve(platform: str, requirements: list[str], folder: Path) -> dict[str, Any]:
    """Return pip's report of what it would install on a platform, from wheels alone."""
    report = folder / "report.json"
    command = [
        sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--only-binary=:all:",
        "--platform", platform, "--python-version", PYTHON, "--implementation", "cp", "--abi", "cp314",
        "--target", str(folder / "target"), "--constraint", str(constraints()), "--report", str(report), *requirements,
    ]  # fmt: skip
    # Only the wheels of the index count, not those that happen to lie on this machine.
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"}
    }
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("platform", PLATFORMS)
def test_requirements_resolve(platform: str, tmp_path: Path) -> None:
    """Find a wheel for everything the manifest requires, under Home Assistant's constraints."""
    installed = resolve(platform, MANIFEST["requirements"], tmp_path)["install"]
    names = {package["metadata"]["name"].lower() for package in installed}
    assert names >= {re.split(r"[<>=!~ ]", requirement)[0] for requirement in MANIFEST["requirements"]}
    for package in installed:
        wheel = package["download_info"]["url"].rpartition("/")[2]
        assert platform in wheel or wheel.endswith("-none-any.whl")


def test_numpy_is_what_home_assistant_pins(tmp_path: Path) -> None:
    """Get the very version that Home Assistant's constraints name, since ours names none."""
    pinned = re.search(r"^numpy==(\S+)$", constraints().read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned is not None
    installed = resolve(PLATFORMS[0], ["numpy"], tmp_path)["install"]
    assert {package["metadata"]["version"] for package in installed} == {pinned[1]}


def test_numpy_is_not_pinned() -> None:
    """Leave the choice of NumPy to Home Assistant: a pin would break the next release's constraints."""
    assert "numpy" in MANIFEST["requirements"]


def test_no_native_runtime_is_required() -> None:
    """Require no TFLite runtime: none has a wheel for musl, and set-up would fail on Home Assistant OS."""
    required = " ".join(MANIFEST["requirements"])
    assert not [name for name in ("litert", "tflite", "tensorflow", "onnxruntime") if name in required]
