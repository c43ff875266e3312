"""The shell scripts around the code: what they choose, what they refuse, and how a run is summed up."""

import os
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

ROOT = Path(__file__).parents[1]
SUITE = '<testsuites><testsuite tests="{0}" failures="{1}" errors="{2}" skipped="{3}"/></testsuites>'


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Return a checkout that holds nothing but the scripts."""
    shutil.copytree(
        ROOT / "scripts" / "lib", tmp_path / "scripts" / "lib", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "scripts" / "setup", tmp_path / "scripts")
    (tmp_path / ".tools").mkdir()
    (tmp_path / "bin").mkdir()
    return tmp_path


def bash(root: Path, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run shell code after the libraries it names, in a checkout, with only the given environment and a bare PATH."""
    prelude = "set -euo pipefail\nfor part in common uv debian_python python environments browser; do\n"
    prelude += f". {root}/scripts/lib/$part.sh\ndone\n"
    environment = {"PATH": f"{root}/bin:/usr/bin:/bin", "HOME": str(root)} | environment
    return subprocess.run(["bash", "-c", prelude + code], capture_output=True, check=False, text=True, env=environment)


def program(path: Path, body: str = "exit 0") -> Path:
    """Write an executable that does next to nothing."""
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_given_browser_wins(scripts: Path) -> None:
    """Take the browser that the environment names."""
    chosen = program(scripts / "my-browser")
    done = bash(scripts, 'ensure_browser && echo "$INKLING_BROWSER"', INKLING_BROWSER=str(chosen))
    assert done.stdout.strip() == str(chosen)


def test_given_browser_must_exist(scripts: Path) -> None:
    """Refuse a browser that is not there, in one sentence."""
    done = bash(scripts, "ensure_browser", INKLING_BROWSER="/nowhere/chromium")
    assert done.returncode == 1
    assert done.stderr == (
        "error: INKLING_BROWSER names /nowhere/chromium, which is no program: correct it or unset it\n"
    )


def test_browser_that_does_not_answer_is_passed_over(scripts: Path) -> None:
    """Pass over an empty wrapper and take the next that starts."""
    program(scripts / "bin" / "chromium", "exit 1")
    wanted = program(scripts / "bin" / "chromium-browser")
    done = bash(scripts, 'ensure_browser && echo "$INKLING_BROWSER"')
    assert done.stdout.strip() == str(wanted)


def test_chrome_is_the_last_resort(scripts: Path) -> None:
    """Take an installed Chrome where Debian's package cannot be had, and say what to install where nothing is."""
    code = "can_apt() { return 1; }\nchromium() { :; }\n"
    code += 'command() { case "$2" in chromium*) return 1 ;; *) builtin command "$@" ;; esac; }\n'
    code += 'ensure_browser && echo "$INKLING_BROWSER"'
    wanted = program(scripts / "bin" / "google-chrome")
    assert bash(scripts, code).stdout.strip() == str(wanted)
    wanted.unlink()
    refused = bash(scripts, code)
    assert refused.returncode == 1
    assert "install Chromium" in refused.stderr


def test_moved_environment_is_dropped(scripts: Path) -> None:
    """Drop an environment that was made elsewhere and keep one that was made here."""
    moved, kept = scripts / ".venv", scripts / "training" / ".venv"
    for folder, place in ((moved, "/elsewhere/.venv"), (kept, str(kept))):
        folder.mkdir(parents=True)
        (folder / ".made-in").write_text(f"{place}\n", encoding="utf-8")
    done = bash(scripts, 'drop_moved "$VENV"; drop_moved "$TRAINING_VENV"')
    assert done.returncode == 0
    assert not moved.exists()
    assert kept.exists()


def test_failed_step_says_one_sentence(scripts: Path) -> None:
    """Show the end of a failed step's output, then the sentence, and keep the whole output."""
    done = bash(scripts, "quietly 'it could not be done: try again' sh -c 'echo why >&2; exit 3'")
    assert done.returncode == 1
    first, last = done.stderr.splitlines()
    assert first == "why"
    assert last.startswith("error: it could not be done: try again (whole output: .tools/logs/step.")


def test_bare_python_without_rights_says_what_to_install(scripts: Path) -> None:
    """Name the missing package where Python has no venv and this user may not install it."""
    program(scripts / "bin" / "python3", "exit 1")
    done = bash(scripts, "can_apt() { return 1; }\nmake_tools_venv")
    assert done.returncode == 1
    assert "sudo apt-get install python3-venv" in done.stderr


def test_unknown_option_shows_the_usage() -> None:
    """Refuse an unknown option of each script with its usage and one sentence."""
    for script in ("setup", "test"):
        done = subprocess.run(
            [ROOT / "scripts" / script, "--bogus"],
            capture_output=True,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1] == "error: unknown option --bogus"
        assert f"scripts/{script}" in done.stderr


def summary(
    folder: Path, phases: dict[str, tuple[int, tuple[int, int, int, int] | None]], **environment: str
) -> tuple[int, list[str]]:
    """Sum up phases given as name: (status, (tests, failures, errors, skipped) or None); return status and lines."""
    rows = "".join(f"{name}\t{status}\t1\n" for name, (status, _) in phases.items())
    (folder / "phases.tsv").write_text(rows, encoding="utf-8")
    for name, (_, counts) in phases.items():
        if counts is not None:
            (folder / f"{name}.xml").write_text(SUITE.format(*counts), encoding="utf-8")
    command = [sys.executable, str(ROOT / "scripts" / "lib" / "summary.py"), str(folder), "12.5"]
    env = {name: value for name, value in os.environ.items() if name != "CI"} | environment
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=env)
    return done.returncode, done.stdout.splitlines()


def test_summary_adds_up(tmp_path: Path) -> None:
    """Count a check without tests as one, tests as they came, and end on pytest's kind of line."""
    status, lines = summary(tmp_path, {"lint": (0, None), "home-assistant": (0, (10, 0, 0, 2))})
    assert status == 0
    assert lines[-1].strip("= ") == "9 passed, 2 skipped in 12.50s"


@pytest.mark.parametrize(
    ("phases", "closing"),
    [
        ({"lint": (1, None), "trainer": (0, (3, 0, 0, 0))}, "1 failed, 3 passed in 12.50s"),
        ({"trainer": (1, (3, 1, 1, 0))}, "1 failed, 1 errors, 1 passed in 12.50s"),
        ({"trainer": (5, (0, 0, 0, 0))}, "1 failed in 12.50s"),
        ({"trainer": (139, (3, 0, 0, 0))}, "1 failed, 3 passed in 12.50s"),
    ],
)
def test_summary_fails(
    tmp_path: Path, phases: dict[str, tuple[int, tuple[int, int, int, int] | None]], closing: str
) -> None:
    """Fail for a failed check, a failed test, a run without tests and a run that died."""
    status, lines = summary(tmp_path, phases)
    assert status == 1
    assert lines[-1].strip("= ") == closing


@pytest.mark.parametrize(("environment", "expected"), [({}, 0), ({"CI": "true"}, 1)])
def test_skipped_browser_test_fails_in_ci(tmp_path: Path, environment: dict[str, str], expected: int) -> None:
    """Let a developer's machine skip a browser test, and continuous integration not."""
    status, _ = summary(tmp_path, {"browser": (0, (4, 0, 0, 1))}, **environment)
    assert status == expected
