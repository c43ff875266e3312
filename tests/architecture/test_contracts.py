"""The import-linter contracts hold, and each of them would notice what it forbids."""

from pathlib import Path
import shutil
import subprocess
import sys

import pytest

from tests.architecture.sources import COMPONENT, ROOT, TRAINING

LINTER = Path(sys.executable).with_name("lint-imports")
CONTRACT_COUNT = 7


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the checkout in a folder."""
    return subprocess.run([LINTER, "--no-cache"], cwd=folder, capture_output=True, check=False, text=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what the contracts are about, to be spoiled."""
    ignore = shutil.ignore_patterns(".venv", "__pycache__", "data", "runs")
    shutil.copytree(COMPONENT, tmp_path / COMPONENT.relative_to(ROOT), ignore=ignore)
    shutil.copytree(TRAINING, tmp_path / "training", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_contracts_hold() -> None:
    """Find every contract kept in this checkout."""
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout
    assert f"Contracts: {CONTRACT_COUNT} kept, 0 broken." in result.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("custom_components/inkling/core/units.py", "import homeassistant"),
        ("custom_components/inkling/core/units.py", "import tensorflow"),
        ("custom_components/inkling/core/units.py", "from . import features"),
        ("custom_components/inkling/core/features.py", "from . import backends"),
        ("custom_components/inkling/core/backends/schema.py", "from .. import features"),
        ("custom_components/inkling/core/backends/faults.py", "from . import schema"),
        # The layers are exhaustive: a new file must be given its place.
        ("custom_components/inkling/core/extra.py", "X = 1"),
        ("custom_components/inkling/core/backends/extra.py", "X = 1"),
        ("custom_components/inkling/sensor.py", "from . import binary_sensor"),
        ("custom_components/inkling/entity.py", "from .core import pipeline"),
        ("custom_components/inkling/__init__.py", "import training"),
        ("training/__init__.py", "import homeassistant"),
    ],
)
def test_contracts_notice(checkout: Path, file: str, line: str) -> None:
    """Break one arrow and find the run failed."""
    with (checkout / file).open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")
    result = lint(checkout)
    assert result.returncode == 1
    assert "BROKEN" in result.stdout
