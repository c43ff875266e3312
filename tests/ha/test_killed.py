"""Killed at 200 random moments while it learns and writes: nothing a minute old is lost, nothing is false."""

import json
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest

from tests.architecture.sources import ROOT


def _killed(folder: Path, journal: str, trials: int) -> dict[str, Any]:
    """Run the trials in a process of their own, which may fork, and return what was found."""
    command = [sys.executable, "-m", "tests.ha.killed", str(folder), journal, str(trials)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("journal", "trials"), [("sound", 200), ("slow", 60)])
def test_nothing_is_lost(tmp_path: Path, journal: str, trials: int) -> None:
    """Find after every kill exactly what had happened up to the last minute; slowly, between any two steps."""
    found = _killed(tmp_path, journal, trials)
    assert found["wrong"] == []
    # Else the children were killed before they learned anything.
    assert found["learned_seconds"] > 60 * trials


@pytest.mark.parametrize("journal", ["rotates first", "writes in place"])
def test_sabotage_is_noticed(tmp_path: Path, journal: str) -> None:
    """Prove that the trials find a store that is written in the wrong order."""
    assert len(_killed(tmp_path, journal, 100)["wrong"]) == 1
