"""What rivals see is what was recorded, they find what is far off, and false alarms are counted as people do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custom_components.inkling.core.faults.classes import FaultClass, WatchedSignal
from custom_components.inkling.core.units import Role
from training.faults.ablation_channels import CHANNELS, Channels, clock_of
from training.faults.ablation_methods import RIVALS, Doubles
from training.faults.grid import Case
from training.faults.inject import Fault
from training.faults.replay import Series
from training.faults.rivals import Bench, CasePath, alarms_of, failing_series, judged_days, threshold

DAY, HOUR = 86_400.0, 3_600.0
T0 = 1_704_067_200.0
LEARNED = T0 + 4.0 * DAY


def _home(
    days: float = 6.0, gap: tuple[float, float] | None = None
) -> tuple[tuple[WatchedSignal, ...], dict[str, Series]]:
    """Return two thermometers of two devices and a motion sensor; nothing is said in the gap (days)."""
    rng = np.random.default_rng(4)
    times = T0 + np.arange(0.0, days * DAY, 300.0, dtype=np.float64)
    if gap is not None:
        times = times[(times < T0 + gap[0] * DAY) | (times >= T0 + gap[1] * DAY)]
    wave = np.sin(2.0 * np.pi * (times % DAY) / DAY)
    series = {
        name: Series(times, np.round(20.0 + n + 1.5 * wave + rng.normal(0.0, 0.05, len(times)), 2))
        for n, name in enumerate(("a", "b"))
    }
    series["m"] = Series(times[::4], (np.arange(len(times[::4])) % 2).astype(np.float64))
    signals = (
        WatchedSignal("a", Role.TEMPERATURE, "room", "one"),
        WatchedSignal("b", Role.TEMPERATURE, "room", "two"),
        WatchedSignal("m", Role.MOTION, "room", "two"),
    )
    return signals, series


def _channels(days: float = 6.0, gap: tuple[float, float] | None = None) -> tuple[Channels, dict[str, Series]]:
    """Return that home's channels, four days of which teach."""
    signals, series = _home(days, gap)
    return Channels(signals, series, clock_of(series, LEARNED)), series


def test_a_gap_of_the_recording_is_left_out() -> None:
    """Switch everything off for two weeks: no bin of it is there, none is judged right after it, no day counts."""
    channels, _ = _channels(20.0, (5.0, 19.0))
    clock, whole = channels.clock, _channels(6.0)[0].clock
    # What is within the hour after the last report is silence, not a gap.
    assert len(clock.numbers) - len(whole.numbers) == 11
    seam = int(np.flatnonzero(np.diff(clock.numbers) > 1)[0]) + 1
    assert not clock.is_judged[seam : seam + 24].any()
    assert clock.is_judged[seam + 24]
    assert channels.values[:, 0, CHANNELS.index("silence")].max() < np.log(61.0) / np.log(2.0)
    assert judged_days(channels, frozenset()) == pytest.approx(3 * 2.0, abs=0.3)
    assert judged_days(channels, frozenset({"a"})) == pytest.approx(2 * 2.0, abs=0.2)


def test_channels_say_what_they_are_named_for() -> None:
    """Freeze a thermometer, shift it, round it, and silence it: the channel meant for it rises, or falls to a step."""
    channels, series = _channels()
    start, end = LEARNED + HOUR, LEARNED + 13.0 * HOUR
    at = channels.clock.at(end) - 1
    well = channels.values[at, 0]

    def failing(kind: FaultClass, size: float) -> Doubles:
        """Return the channels just before the end of a failure."""
        case = Case(channels.signals[0], Fault(kind, size, start, end))
        return np.asarray(channels.failing(0, failing_series(case, channels, series, 0))[at])

    assert failing(FaultClass.STUCK, 0.0)[CHANNELS.index("stillness")] > well[CHANNELS.index("stillness")] + 3.0
    shift = failing(FaultClass.BIAS, 3.0) - well
    assert shift[CHANNELS.index("level")] == pytest.approx(10.0)
    assert shift[CHANNELS.index("apart")] == pytest.approx(10.0, abs=0.5)
    assert failing(FaultClass.DROPOUT, 0.0)[CHANNELS.index("silence")] > well[CHANNELS.index("silence")] + 3.0
    assert failing(FaultClass.QUANTISATION, 0.5)[CHANNELS.index("step")] > well[CHANNELS.index("step")] + 2.0
    assert failing(FaultClass.NOISE, 6.0)[CHANNELS.index("movement")] > well[CHANNELS.index("movement")] + 1.0


def test_a_radio_takes_its_device_along() -> None:
    """Drop a signal of a device of two: both fall silent, of a device of one only itself."""
    channels, series = _channels()
    fault = Fault(FaultClass.DROPOUT, 0.0, LEARNED + HOUR, LEARNED + 7.0 * HOUR)
    assert set(failing_series(Case(channels.signals[1], fault), channels, series, 0)) == {"b", "m"}
    assert set(failing_series(Case(channels.signals[0], fault), channels, series, 0)) == {"a"}


@pytest.mark.parametrize("name", RIVALS)
def test_a_rival_is_quiet_when_all_is_well_and_sees_what_is_far_off(name: str) -> None:
    """Learn four days: five more hours like them raise less than a huge reading every few minutes does."""
    channels, series = _channels()
    bench = Bench(RIVALS[name], channels)
    start = LEARNED + 5.0 * HOUR
    wild = Case(channels.signals[0], Fault(FaultClass.PHYSICS, 85.0, start, start + 6.0 * HOUR))
    path = bench.case(wild, failing_series(wild, channels, series, 1))
    still = bench.case(wild, {})
    assert len(path.path) == len(still.path)
    # A forest cannot tell how far beyond its outermost leaf a value is.
    assert path.path.max() > (0.5 if name == "isolation forest" else 2.0)
    assert path.path.max() > 2.0 * max(float(still.path.max()), 0.0)


def test_what_was_in_alarm_finds_nothing_new() -> None:
    """Ask for delays: from the first bin beyond, none below, and none where the day before was beyond already."""
    path = CasePath(0.5, np.array([0.2, 0.4, 1.2, 3.0], dtype=np.float32))
    assert path.delay_hours(1.0) == pytest.approx(0.25)
    assert path.delay_hours(2.0) == pytest.approx(4 / 12)
    assert path.delay_hours(4.0) is None
    assert path.delay_hours(0.4) is None


def test_one_cause_is_one_alarm() -> None:
    """Cross thresholds on two devices at once, again within the day and two days later: two alarms."""
    channels, _ = _channels(9.0)
    bench = Bench(RIVALS["robust z"], channels)
    bench.paths = np.zeros_like(bench.paths)
    learned = channels.clock.learned
    bench.paths[learned + 50, :2] = bench.paths[learned + 53, 2] = 2.0
    bench.paths[learned + 200, 0] = bench.paths[learned + 800, 0] = 2.0
    assert alarms_of(bench, channels, frozenset(), 1.0) == 2
    assert alarms_of(bench, channels, frozenset({"a"}), 1.0) == 1
    assert alarms_of(bench, channels, frozenset(), 3.0) == 0


def test_thresholds_follow_the_tail_and_never_fall_below_what_matters() -> None:
    """Draw a threshold from calm blocks with one high: beyond it; from still ones: the least that matters."""
    scores = np.zeros((72 * 20, 2))
    scores[100, 0] = 5.0
    usual, reach = threshold(scores, np.array([1.0, 1.0]))
    assert usual.tolist() == [0.0, 0.0]
    assert reach[0] > 5.0
    assert reach[1] == 1.0
    few = threshold(scores[:144], np.array([1.0, 1.0]))[1]
    assert few[0] > reach[0]


def test_a_home_without_numbers_has_channels_too() -> None:
    """Watch a switch alone: it has a level and no distance from anybody."""
    signals, series = _home()
    alone = {"m": series["m"]}
    channels = Channels((replace(signals[2], device=""),), alone, clock_of(alone, LEARNED))
    assert np.all(channels.values[:, 0, CHANNELS.index("apart")] == 0.0)
    assert 0.0 < channels.values[200, 0, CHANNELS.index("level")] <= 5.0
