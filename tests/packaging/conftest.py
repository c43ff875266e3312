"""Fixtures: the release zip of this checkout, and a configuration folder that holds nothing but it."""

from pathlib import Path
import subprocess
import zipfile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def release_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return inkling.zip, made by the command that makes releases."""
    output = tmp_path_factory.mktemp("release") / "inkling.zip"
    made = subprocess.run([ROOT / "scripts" / "package", output], capture_output=True, check=False, text=True)
    assert made.returncode == 0, made.stderr
    return output


@pytest.fixture
def installed_config(release_zip: Path, tmp_path: Path) -> Path:
    """Return an otherwise empty Home Assistant configuration folder into which the zip was unpacked, as HACS does."""
    config = tmp_path / "config"
    component = config / "custom_components" / "inkling"
    component.mkdir(parents=True)
    with zipfile.ZipFile(release_zip) as archive:
        archive.extractall(component)
    return config
