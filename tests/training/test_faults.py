"""Failures are injected as they are described, traces with them are scored as events, and the grid's figures add up."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.faults.classes import Alarm, FaultClass, Scope, Settings, Severity, WatchedSignal
from custom_components.inkling.core.faults.intake import Intake
from custom_components.inkling.core.units import Role
from training.__main__ import main
from training.faults.evaluate import evaluate_trace
from training.faults.feed import Feed
from training.faults.grid import Case, Outcome, has_effect, walk
from training.faults.inject import INJECTORS, Fault, inject, inject_trace
from training.faults.plan import Recording
from training.faults.quiet import Calendar, _is_held, disturbed
from training.faults.replay import Series, all_series, series_of, watched
from training.faults.score import class_table, per_home_month, poisson_upper
from training.faults.verbs import add_fault_verbs
from training.simulate import simulate_home
from training.trace import Readings, RoomInfo, SignalInfo, Trace, TraceError, read_trace, write_trace

DAY, HOUR = 86_400.0, 3_600.0
T0 = 1_704_067_200.0
SWITCHED = {FaultClass.STUCK_ON, FaultClass.STUCK_OFF, FaultClass.BLIND, FaultClass.GHOST, FaultClass.CHATTER}
MAGNITUDES = {FaultClass.BLIND: 0.8, FaultClass.GHOST: 0.9, FaultClass.CHATTER: 10.0, FaultClass.PHYSICS: 85.0}


def _home(days: float = 6.0) -> Trace:
    """Return a room of three thermometers and a motion sensor."""
    rng = np.random.default_rng(5)
    times = T0 + np.arange(0.0, days * DAY, 300.0, dtype=np.float64)
    wave = np.sin(2.0 * np.pi * (times % DAY) / DAY)
    names = ("t1", "t2", "t3")
    readings = {
        name: Readings(times, tuple(f"{v:.2f}" for v in 21.0 + n + 1.5 * wave + rng.normal(0.0, 0.03, len(times))))
        for n, name in enumerate(names)
    }
    moves = T0 + np.arange(0.0, days * DAY, 900.0, dtype=np.float64)
    readings["m"] = Readings(moves, tuple("on" if n % 2 else "off" for n in range(len(moves))))
    return Trace(
        name="small home",
        source="a test",
        licence="MIT",
        timezone="UTC",
        rooms=(RoomInfo("room", "Room"),),
        signals=(
            *(SignalInfo(name, Role.TEMPERATURE, "°C", "room") for name in names),
            SignalInfo("m", Role.MOTION, "", "room"),
        ),
        readings=readings,
    )


@pytest.mark.parametrize("kind", INJECTORS)
def test_a_failure_changes_its_stretch_and_nothing_else(kind: FaultClass) -> None:
    """Inject each class: what is before it stands, what is after a grace too, and something inside is different."""
    trace = _home()
    name, role = ("m", Role.MOTION) if kind in SWITCHED else ("t1", Role.TEMPERATURE)
    series = series_of(trace.readings[name], {item.id: item for item in trace.signals}[name])
    fault = Fault(kind, MAGNITUDES.get(kind, 4.0), T0 + 2.0 * DAY + 1.0, T0 + 3.0 * DAY + 1.0)
    found = inject(series, role, fault, np.random.default_rng(1))
    for keep, same in ((found.times < fault.start, series.times < fault.start),):
        np.testing.assert_array_equal(found.times[keep], series.times[same])
        np.testing.assert_array_equal(found.values[keep], series.values[same])
    late = fault.end + HOUR
    np.testing.assert_array_equal(found.values[found.times > late], series.values[series.times > late])
    inside = [(item.times >= fault.start) & (item.times < fault.end) for item in (found, series)]
    pairs = [
        list(zip(item.times[at], item.values[at], strict=True))
        for item, at in zip((found, series), inside, strict=True)
    ]
    assert pairs[0] != pairs[1]
    assert np.all(np.diff(found.times) > 0.0)


def test_what_cannot_fail_like_that_is_refused() -> None:
    """Refuse noise on a switch, a class that none injects, an unknown signal and a stretch without length."""
    trace, fault = _home(1.0), Fault(FaultClass.NOISE, 2.0, T0, T0 + HOUR)
    with pytest.raises(TraceError, match="the other kind"):
        inject_trace(trace, "m", fault, 0)
    with pytest.raises(TraceError, match="no way to inject"):
        inject_trace(trace, "t1", Fault(FaultClass.UNKNOWN, 2.0, T0, T0 + HOUR), 0)
    with pytest.raises(TraceError, match="no signal 'x'"):
        inject_trace(trace, "x", fault, 0)
    with pytest.raises(TraceError, match="after --start"):
        inject_trace(trace, "t1", Fault(FaultClass.NOISE, 2.0, T0, T0), 0)


def test_a_trace_is_broken_written_and_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Inject by the command line and evaluate: the event is found, its class and delay are said."""
    write_trace(_home(), tmp_path / "well")
    args = [
        "--start",
        "2024-01-05T06:00:00+00:00",
        "--end",
        "2024-01-05T18:00:00+00:00",
        "--out",
        str(tmp_path / "ill"),
    ]
    args = ["inject", "--trace", str(tmp_path / "well"), "--signal", "t2", "--fault", "bias", "--magnitude", "3", *args]
    assert main(args) == 0
    broken = read_trace(tmp_path / "ill")
    assert [(span.target, span.label) for span in broken.labels] == [("t2", "fault:bias")]
    figures = tmp_path / "figures.json"
    args = [
        "evaluate",
        "--task",
        "fault",
        "--trace",
        str(tmp_path / "ill"),
        "--learning-days",
        "3",
        "--json",
        str(figures),
    ]
    assert main(args) == 0
    found = json.loads(figures.read_text())[str(tmp_path / "ill")]
    assert found["recall"] == found["f1"] == 1.0
    assert found["events"][0]["said"] == "bias"
    assert found["events"][0]["delay_hours"] < 4.0
    assert "event F1 1.000" in capsys.readouterr().out
    assert main(["evaluate", "--task", "fault", "--trace", str(tmp_path / "well")]) == 2
    assert "no label fault" in capsys.readouterr().err
    bad = ["--start", "noon", "--end", "2024-01-05", "--out", str(tmp_path / "x")]
    assert main(["inject", "--trace", str(tmp_path / "well"), "--signal", "t2", "--fault", "bias", *bad]) == 2
    assert "write ISO 8601" in capsys.readouterr().err


def test_what_is_missed_and_what_is_false_count() -> None:
    """Label a failure that is not there: recall 0, no delay."""
    trace = inject_trace(_home(), "t3", Fault(FaultClass.BIAS, 0.01, T0 + 4.0 * DAY, T0 + 4.5 * DAY), 0)
    found = evaluate_trace(trace, Settings(learning_days=3.0))
    assert (found["recall"], found["f1"], found["events"][0]["delay_hours"]) == (0.0, 0.0, None)


def test_a_failure_without_effect_is_no_case() -> None:
    """Ask of a light sensor stuck at night, a gap, and a real shift."""
    times = T0 + np.arange(0.0, DAY, 300.0, dtype=np.float64)
    rng = np.random.default_rng(0)
    dark, gone = Series(times, np.zeros(len(times))), Series(times, np.full(len(times), np.nan))
    signal = WatchedSignal("l", Role.ILLUMINANCE)
    stuck = Fault(FaultClass.STUCK, 0.0, T0 + HOUR, T0 + 9.0 * HOUR)
    assert not has_effect(signal, dark, stuck, rng)
    assert not has_effect(signal, gone, stuck, rng)
    assert not has_effect(signal, Series(times[::20], np.zeros(len(times[::20]))), stuck, rng)
    assert has_effect(signal, dark, Fault(FaultClass.BIAS, 50.0, T0 + HOUR, T0 + 9.0 * HOUR), rng)
    assert has_effect(signal, dark, Fault(FaultClass.DROPOUT, 0.0, T0 + HOUR, T0 + 9.0 * HOUR), rng)


def test_the_grid_walks_a_recording() -> None:
    """Try the grid once on a small home: every case has its outcome, dropouts are found, the quiet walk is quiet."""
    recording = Recording("small", _home(), T0 + 4.0 * DAY, 3.0, longest_hours=8.0)
    done = walk(recording, Settings(learning_days=3.0), 1, 3)
    table = class_table(done.outcomes)
    assert table["dropout"]["recall"] == 1.0
    assert table["dropout"]["type_right"] == 1.0
    assert sum(row["cases"] for row in table.values()) == len(done.outcomes)
    assert len(done.quiet_alarms) <= 1
    assert done.signal_days == pytest.approx(8.0, rel=0.05)


def test_figures_are_counted_by_hand() -> None:
    """Count two hits, one of them misnamed and misplaced, and one miss."""
    case = Case(WatchedSignal("s", Role.TEMPERATURE), Fault(FaultClass.BIAS, 1.0, T0, T0 + DAY))
    alarm = Alarm("s", Scope.SIGNAL, "s", "", FaultClass.BIAS, Severity.WARNING, T0, T0 + HOUR, "jump", 1.0, 2.0, 0.9)
    other = Alarm(
        "x", Scope.SIGNAL, "x", "", FaultClass.GAIN, Severity.WARNING, T0, T0 + 2 * HOUR, "bias", 1.0, 2.0, 0.9
    )
    row = class_table([Outcome("r", case, alarm), Outcome("r", case, other), Outcome("r", case, None)])["bias"]
    assert row["recall"] == pytest.approx(2 / 3)
    assert (row["delay_median_h"], row["delay_p90_h"]) == (2.0, math.inf)
    assert (row["type_right"], row["place_right"]) == (0.5, 0.5)
    assert poisson_upper(0) == pytest.approx(3.0, abs=0.01)
    assert poisson_upper(3) == pytest.approx(7.754, abs=0.01)
    assert per_home_month(2, 40 * 30.4 * 4)["per_home_month"] == pytest.approx(0.5)


def test_a_disturbed_home_is_still_a_home() -> None:
    """Send a simulated home on holiday, give it a dog, heat and other clocks: readings stay in order and in range."""
    trace = simulate_home(3, 8)
    signals, series = watched(trace), all_series(trace)
    start = min(float(item.times[0]) for item in series.values())
    calendar = Calendar((2.0, 4.0), 5.0, (5.5, 6.5), 7.0)
    found = disturbed(signals, series, start, calendar, np.random.default_rng(0))
    for signal in signals:
        item = found[signal.id]
        assert np.all(np.diff(item.times) >= 0.0)
        away = (item.times > start + 2.0 * DAY) & (item.times < start + 4.0 * DAY)
        if signal.is_binary:
            assert not np.any(item.values[away] == 1.0)


def test_only_what_can_be_put_in_is_offered() -> None:
    """Let `inject` offer each class that it has a way to put in, and none other."""
    parser = argparse.ArgumentParser()
    add_fault_verbs(parser.add_subparsers())
    given = ["inject", "--trace", "t", "--signal", "s", "--start", "a", "--end", "b", "--out", "o", "--fault"]
    for kind in FaultClass:
        if kind in INJECTORS:
            assert parser.parse_args([*given, str(kind)]).fault == str(kind)
        else:
            with pytest.raises(SystemExit):
                parser.parse_args([*given, str(kind)])


def test_a_feed_hands_over_what_the_intake_would() -> None:
    """Compare every bin with the loop's half fed reading by reading, with gaps, absences and impossible values."""
    rng = np.random.default_rng(3)
    signals = (WatchedSignal("t", Role.TEMPERATURE, "a"), WatchedSignal("m", Role.MOTION, "a"))
    times = T0 + np.sort(rng.uniform(0.0, 2.0 * DAY, 900))
    values = np.round(20.0 + rng.normal(0.0, 0.3, 900), 1)
    values[rng.random(900) < 0.05], values[rng.random(900) < 0.03] = np.nan, 85_000.0
    moves = T0 + np.sort(rng.uniform(0.0, 2.0 * DAY, 60))
    series = {"t": Series(times, values), "m": Series(moves, (np.arange(60) % 2).astype(np.float64))}
    other = {"t": Series(times[::2], values[::2] + 1.0)}
    for given, feed in (
        (series, Feed(signals, series)),
        ({**series, **other}, Feed(signals, series).changed(other)),
    ):
        intake = Intake(signals)
        readings = sorted(
            (t, row, value)
            for row, item in enumerate(signals)
            for t, value in zip(given[item.id].times.tolist(), given[item.id].values.tolist(), strict=True)
        )
        for number in range(feed.first, int(feed.end // 300.0) + 4):
            end = (number + 1) * 300.0
            while readings and readings[0][0] < end:
                t, row, value = readings.pop(0)
                intake.append(row, t, value)
            wanted, found = intake.drain(end), feed.batch(number)
            assert repr(sorted(found.rows)) == repr(sorted(wanted.rows))
            for name in ("reported", "changed", "value"):
                np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))


def test_a_radar_that_a_fan_holds_is_told_apart() -> None:
    """Ask of one that was on for thirteen hours in a row within the day before, and of one that let go between."""
    held = Series(np.array([T0, T0 + 13.0 * HOUR]), np.array([1.0, 0.0]))
    assert _is_held(held, T0 + 14.0 * HOUR)
    assert _is_held(Series(held.times[:1], held.values[:1]), T0 + 12.5 * HOUR)
    assert not _is_held(held, T0 + 30.0 * HOUR)
    assert not _is_held(Series(T0 + HOUR * np.array([0.0, 8.0, 9.0]), np.array([1.0, 0.0, 1.0])), T0 + 14.0 * HOUR)
