"""The grid's verb runs end to end, its page says what falls short, and the rivals find what they should."""

from __future__ import annotations

from dataclasses import replace
import json
import math
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.faults.classes import FaultClass, WatchedSignal
from custom_components.inkling.core.units import Role
from training.__main__ import main
from training.faults import report
from training.faults.card import card
from training.faults.grid import Case
from training.faults.inject import Fault
from training.faults.plan import PARTS, QUIET_SEEDS, Recording, recordings
from training.faults.quiet import Quiet
from training.faults.replay import watched
from training.faults.rivals import RIVALS, rival_figures
from training.trace import Readings, RoomInfo, SignalInfo, Trace

DAY, HOUR = 86_400.0, 3_600.0
T0 = 1_704_067_200.0


def _recording(days: float = 4.0) -> Recording:
    """Return two thermometers of one room."""
    rng = np.random.default_rng(2)
    times = T0 + np.arange(0.0, days * DAY, 300.0, dtype=np.float64)
    wave = np.sin(2.0 * np.pi * (times % DAY) / DAY)
    readings = {
        name: Readings(times, tuple(f"{v:.2f}" for v in 21.0 + n + wave + rng.normal(0.0, 0.03, len(times))))
        for n, name in enumerate(("a", "b"))
    }
    signals = tuple(SignalInfo(name, Role.TEMPERATURE, "°C", "room") for name in readings)
    trace = Trace(
        name="pair", source="a test", licence="MIT", timezone="UTC",
        rooms=(RoomInfo("room", "Room"),), signals=signals, readings=readings,
    )  # fmt: skip
    return Recording("pair", trace, T0 + 3.0 * DAY, 2.0, longest_hours=6.0)


def test_every_rival_sees_what_is_far_off_and_what_is_nothing_is_no_hit() -> None:
    """Shift a thermometer by ten degrees and by nothing: the one is found by some, the other by none."""
    recording = _recording()
    signal = watched(recording.trace)[0]
    start = recording.learn_until + 6.0 * HOUR
    far, none = (Case(signal, Fault(FaultClass.BIAS, size, start, start + 3.0 * HOUR)) for size in (10.0, 0.0))
    found = rival_figures(recording, [far])
    assert set(found) == set(RIVALS)
    # A forest cannot tell how far beyond its outermost leaf a value is, and a day's swing hides a step from others.
    assert max(row["recall"] for row in found.values()) == 1.0
    assert {row["recall"] for row in rival_figures(recording, [none]).values()} == {0.0}
    assert all(row["home_months"] == pytest.approx(2.0 / 40 / 30.4, rel=0.01) for row in found.values())


def test_rivals_leave_out_what_they_cannot_see() -> None:
    """Give no case of a number, and an unsound signal: no recall, and half of the days."""
    recording = _recording()
    switch = Case(WatchedSignal("m", Role.MOTION), Fault(FaultClass.STUCK_ON, 0.0, T0, T0 + HOUR))
    row = rival_figures(replace(recording, unsound=frozenset({"a"})), [switch], ("CUSUM",))["CUSUM"]
    assert row["cases"] == 0
    assert math.isnan(row["recall"])
    assert row["home_months"] == pytest.approx(1.0 / 40 / 30.4, rel=0.01)


def test_parts_share_no_recording_and_events_are_no_false_alarms(tmp_path: Path) -> None:
    """Compare the parts; a simulated home is made by its seed, an unknown name is refused."""
    assert not set(PARTS["development"]) & set(PARTS["held-out"])
    assert QUIET_SEEDS["development"] != QUIET_SEEDS["held-out"]
    made = recordings(tmp_path, ("simulated-3",))["simulated-3"]
    assert made.learning_days == 7.0
    assert made.unsound == frozenset()
    arguments = ["faults", "--data", str(tmp_path), "--recordings", "kitchen"]
    assert main(arguments) == 2


def test_the_verb_writes_figures_and_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run the whole verb on a small recording and a quiet home: the page names what was not tried."""
    monkeypatch.setattr(report, "recordings", lambda *_: {"pair": _recording()})
    monkeypatch.setattr(report, "quiet_home", lambda seed, days, _: Quiet(seed, (), 40.0 * days))
    figures, page = tmp_path / "f.json", tmp_path / "f.md"
    arguments = ["faults", "--data", str(tmp_path), "--recordings", "pair", "--per-dose", "1", "--quiet-homes", "1"]
    assert main([*arguments, "--json", str(figures), "--card", str(page)]) == 0
    found = json.loads(figures.read_text())
    assert found["all"]["classes"]["dropout"]["recall"] == 1.0
    assert found["quiet_homes"]["home_months"] == pytest.approx(60 / 30.4)
    assert set(found["all"]["rivals"]) == set(RIVALS)
    text = page.read_text()
    assert "| dropout |" in text
    assert "* ghost: not tried" in text
    assert "| robust z |" in text
    assert "all recordings" in capsys.readouterr().out
    assert main([*arguments[:-2], "--per-dose", "0"]) == 2
    assert main([*arguments[:-2], "--jobs", "2", "--json", str(tmp_path / "g.json")]) == 0
    assert json.loads((tmp_path / "g.json").read_text())["all"]["classes"] == found["all"]["classes"]


def test_a_page_without_a_shortfall_says_so() -> None:
    """Give figures that reach every bar, then quiet homes that do not."""
    row = {
        "cases": 9,
        "recall": 1.0,
        "delay_median_h": 1.0,
        "delay_p90_h": math.inf,
        "type_right": 1.0,
        "place_right": 1.0,
    }
    kinds = ("dropout", "stuck", "spike", "noise", "out_of_physics", "bias", "drift", "quantisation", "ghost", "blind")
    quiet = {"false_alarms": 0, "home_months": 1.0, "per_home_month": 0.0, "upper_95": 3.0}
    every = {
        "classes": dict.fromkeys(kinds, row), "overall": row, "quiet": quiet, "masked": 0, "without_effect": 0,
        "rivals": {}, "numeric": 1.0,
    }  # fmt: skip
    found = {"part": "held-out", "budget": 6.0, "recordings": {}, "all": every}
    assert "* Nothing that was measured." in card(found)
    loud = card({**found, "quiet_homes": {**quiet, "per_home_month": 2.0, "held": 1, "without_held": quiet}})
    assert "1 of these are about presence sensors that the simulator held on" in loud
    assert "## Real signals only" not in loud
    real = {**every, "classes": {"spike": row}}
    assert "## Real signals only" in card({**found, "real": real})
    assert "* quiet homes: 2.00 false alarms a home-month, the bar is 0.5." in loud
    assert "| never |" in loud
