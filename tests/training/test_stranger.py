"""Traces of homes and people we never met: what can be read is scored, what cannot is told in one sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
import gzip
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from training import __main__ as command
from training.__main__ import main
from training.labels import occupancy_at
from training.trace import OCCUPIED, VACANT, LabelSpan, read_trace

ROOT = Path(__file__).parents[2]
HEAD = (
    '[trace]\nname = "theirs"\n[[room]]\nid = "den"\nname = "Den"\n'
    '[[signal]]\nid = "m"\nrole = "motion"\nroom = "den"\n'
)


def clock(minute: float) -> str:
    """Return a time of three years ago."""
    return (datetime(2023, 1, 5, tzinfo=UTC) + timedelta(minutes=minute)).isoformat()


EVENTS = "time,signal,state\n" + "".join(
    f"{clock(minute)},m,{'on' if minute % 20 == 0 else 'off'}\n" for minute in range(0, 400, 10)
)
LABELS = f"start,end,target,label\n{clock(0)},{clock(100)},den,occupied\n{clock(100)},{clock(300)},den,vacant\n"


def write(folder: Path, head: str = HEAD, events: str = EVENTS, labels: str = LABELS, mark: bytes = b"") -> Path:
    """Write a trace as a stranger's tool might."""
    for name, text in (("trace.toml", head), ("events.csv", events), ("labels.csv", labels)):
        (folder / name).write_bytes(mark + text.encode())
    return folder


def scored(folder: Path) -> dict[str, Any]:
    """Score the shipped model on a trace and return the figures."""
    file = folder / "figures.json"
    assert main(["evaluate", "--trace", str(folder), "--json", str(file)]) == 0
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("how", ["line ends", "mark", "packed", "blank lines", "case", "zulu"])
def test_what_other_tools_write_makes_no_difference(how: str, tmp_path: Path) -> None:
    """Score a file of Windows, of a spreadsheet, packed, or with empty lines as if it were ours."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    wanted = scored(write(ours))
    texts = {"head": HEAD, "events": EVENTS, "labels": LABELS}
    if how == "line ends":
        texts = {name: text.replace("\n", "\r\n") for name, text in texts.items()}
    elif how == "blank lines":
        texts |= {name: texts[name].replace("\n", "\n\n") for name in ("events", "labels")}
    elif how == "zulu":
        texts["events"] = EVENTS.replace("+00:00", "Z")
    elif how == "case":
        texts["head"] = HEAD.replace('"motion"', '" Motion"')
    write(theirs, **texts, mark=b"\xef\xbb\xbf" if how == "mark" else b"")
    if how == "packed":
        for name in ("events.csv", "labels.csv"):
            (theirs / f"{name}.gz").write_bytes(gzip.compress((theirs / name).read_bytes()))
            (theirs / name).unlink()
    assert scored(theirs) == wanted


@pytest.mark.parametrize("role", ["Bewegung", "x" * 5000, "a\\nb"])
def test_a_role_nobody_knows_is_read_as_generic_and_told(
    role: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Score the home all the same, and say in one short line what was made of the signal."""
    assert scored(write(tmp_path, HEAD.replace('"motion"', f'"{role}"')))["den"]["known"] > 0.9
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "which is read as generic" in line
    assert len(line) < 600
    assert read_trace(tmp_path).signals[0].role == "generic"


def test_a_room_whose_labels_hold_no_instant_is_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Score the other room; alone, say that there is nothing to score."""
    shed = HEAD + '[[room]]\nid = "shed"\nname = "Shed"\n'
    moment = f"{clock(0)},{clock(0.1)},shed,occupied\n"
    assert set(scored(write(tmp_path, shed, labels=LABELS + moment))) == {"all rooms", "den"}
    write(tmp_path, shed, labels=f"start,end,target,label\n{moment}")
    assert main(["evaluate", "--trace", str(tmp_path)]) == 2
    assert "at any of the instants every 60 s" in capsys.readouterr().err


def test_labels_of_the_home_are_scored_too(tmp_path: Path) -> None:
    """Score whether anybody is home by the surest room and every rule, and the rooms while nobody is."""
    labels = f"start,end,target,label\n{clock(0)},{clock(100)},home,occupied\n{clock(100)},{clock(300)},home,vacant\n"
    found = scored(write(tmp_path, labels=labels))
    assert found["home as a whole"]["instants"] == 300
    assert found["home as a whole"]["occupied"] == pytest.approx(1 / 3)
    assert {"model", "last motion wins + exit door", "majority"} <= set(found["home as a whole"]["results"])
    assert found["den"]["instants"] == 200
    assert found["den"]["occupied"] == 0.0


def test_the_home_is_as_sure_as_its_surest_room(tmp_path: Path) -> None:
    """Get the home's figures from the one room that is scored at the same instants."""
    labels = LABELS.replace("den", "home")
    alone = scored(write(tmp_path, labels=LABELS))["den"]["results"]
    shed = HEAD + '[[room]]\nid = "shed"\nname = "Shed"\n'
    home = scored(write(tmp_path, shed, labels=labels))["home as a whole"]["results"]
    for rule in ("model", "motion held 5 min", "last motion wins"):
        assert home[rule]["accuracy"] == alone[rule]["accuracy"]


def test_a_label_of_a_wrong_century_costs_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refuse ten thousand years by the minute before they fill the memory."""
    labels = "start,end,target,label\n0001-01-02T00:00:00+00:00,9999-12-30T00:00:00+00:00,den,occupied\n"
    assert main(["evaluate", "--trace", str(write(tmp_path, labels=labels))]) == 2
    assert "span 9999 years" in capsys.readouterr().err


def test_labels_are_looked_up_in_any_order_of_instants() -> None:
    """Find the same truth for shuffled instants, the later of two labels standing."""
    rng = np.random.default_rng(3)
    starts = rng.uniform(0.0, 900.0, 40)
    spans = [
        LabelSpan(start, start + 50.0, ("den", "home")[index % 2], (OCCUPIED, VACANT)[index // 2 % 2])
        for index, start in enumerate(starts.tolist())
    ]
    ends = rng.uniform(-50.0, 1000.0, 500)
    wanted = np.full(500, np.nan)
    for span in spans:
        inside = (ends >= span.start) & (ends < span.end)
        if span.label == VACANT or span.target == "den":
            wanted[inside] = float(span.label == OCCUPIED)
    np.testing.assert_array_equal(occupancy_at(spans, "den", ends), wanted)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["simulate", "--seed", "-1", "--out", "x"], "--seed at least 0"),
        (["evaluate", "--trace", ".", "--every", "nan"], "more than 0 seconds"),
        (["evaluate", "--trace", ".", "--hold", "-1"], "no less than 0 minutes"),
        (["bars", "--data", ".", "--model", "nowhere.json"], "nowhere.json: no such file or directory"),
    ],
)
def test_a_number_or_file_that_cannot_be_is_told(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Say what it may be, without the system's numbers."""
    if arguments[0] == "bars":
        pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_who_stops_it_sees_no_stack(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """End with one line and the shell's own code."""

    def stopped(_: object) -> int:
        """Be stopped at once."""
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_simulate", stopped)
    assert main(["simulate", "--out", "x"]) == 130
    assert "stopped" in capsys.readouterr().err


def test_the_module_is_a_command() -> None:
    """Run it as its users do, and get the code of the verb."""
    done = subprocess.run(
        [sys.executable, "-m", "training", "simulate", "--homes", "0", "--out", "x"],
        check=False, capture_output=True, cwd=ROOT, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.strip() == "--homes and --days must be at least 1, and --seed at least 0"
