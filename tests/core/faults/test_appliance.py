"""A made-up fridge and a made-up dishwasher live for weeks; what changes is named, what does not is left alone."""

from __future__ import annotations

from collections.abc import Iterator
import json
import math

import numpy as np
import pytest

from custom_components.inkling.core.faults.appliance import Appliance, DayReport
from custom_components.inkling.core.faults.baseline import Baseline
from custom_components.inkling.core.faults.classes import FaultClass, Scope, Severity
from custom_components.inkling.core.faults.cycles import Cycle, Levels, Segmenter, learn_levels, rounded
from custom_components.inkling.core.faults.days import ApplianceKind, Climate, Day, Measure, summarise
from custom_components.inkling.core.faults.matched import band, expect

DAY = 86_400.0
MINUTE = 60.0
LEVELS = Levels(0.0, 40.0)


def fridge(day: int, *, longer: float = 1.0, watts: float = 80.0, idle: float = 0.0) -> Iterator[tuple[float, float]]:
    """Yield a day of a fridge that rests for longer when it works less, as warmth comes in or not."""
    rng = np.random.default_rng(day)
    t = day * DAY
    while t < (day + 1) * DAY - 7200.0:
        rest = rng.uniform(18.0, 26.0)
        work = round(longer * (420.0 / rest + rng.normal(0.0, 0.4)))
        for minute in range(work):
            yield t + minute * MINUTE, watts + 30.0 * math.exp(-minute / 2.0) + rng.normal(0.0, 1.0)
        for minute in range(round(rest)):
            yield t + (work + minute) * MINUTE, idle
        t += (work + round(rest)) * MINUTE


def live(unit: Appliance, days: range, *, longer: float = 1.0, idle: float = 0.0) -> list[DayReport]:
    """Let the fridge live these days and return what was said of each."""
    found = []
    for day in days:
        for t, watts in fridge(day, longer=longer, idle=idle):
            unit.append(t, watts)
        found.append(unit.close_day((day + 1) * DAY))
    return found


def grown() -> Appliance:
    """Return a fridge's monitor after ten quiet days."""
    unit = Appliance("sensor.fridge_power", ApplianceKind.FRIDGE, device="fridge")
    live(unit, range(10))
    return unit


def cycles_of(cutter: Segmenter, readings: list[tuple[float, float]]) -> list[Cycle]:
    """Return the cycles that readings show."""
    return [cycle for cycle in (cutter.append(t, watts) for t, watts in readings) if cycle is not None]


def test_fractions_of_a_watt_are_gone_before_anything_else() -> None:
    """Round half up, and keep the unknown unknown."""
    assert (rounded(99.5), rounded(99.49)) == (100.0, 99.0)
    assert math.isnan(rounded(math.inf))


def test_levels_are_where_the_energy_is_used() -> None:
    """Neither a defrost nor stand-by moves them."""
    watts = np.array([2.0] * 900 + [80.0] * 500 + [320.0] * 20)
    assert learn_levels(watts) == Levels(2.0, 41.0)
    assert learn_levels(np.full(10, 80.0)) == Levels(0.0, 40.0)


@pytest.mark.parametrize("watts", [[], [math.nan], [0.0, 0.0], [3.0, 0.0, 0.0]])
def test_what_never_worked_has_no_levels(watts: list[float]) -> None:
    """Stand-by alone is no work."""
    assert learn_levels(np.array(watts)) is None


def test_a_cycle_is_measured_and_a_dip_is_part_of_it() -> None:
    """Pause, seconds, energy and watts are those of the work alone."""
    readings = [(0.0, 0.0), (600.0, 90.0), (900.0, 60.0), (1200.0, 0.0), (1300.0, 60.0), (1600.0, 0.0), (2200.0, 60.0)]
    readings += [(2500.0, 0.0), (2800.0, 0.0)]
    first, second = cycles_of(Segmenter(LEVELS), readings)
    assert (first.start, first.seconds, first.peak, first.pause_seconds) == (600.0, 900.0, 90.0, None)
    assert first.energy == pytest.approx((90.0 * 300.0 + 60.0 * 600.0) / 3600.0)
    assert (second.seconds, second.pause_seconds) == (300.0, 600.0)
    assert second.watts == pytest.approx(60.0)


@pytest.mark.parametrize(
    "gap",
    [
        [(900.0, math.nan), (960.0, 80.0)],
        [(900.0, 80.0), (4000.0, 80.0)],
        [(900.0, 80.0), (800.0, 80.0)],
    ],
)
def test_a_cycle_nobody_saw_whole_is_none(gap: list[tuple[float, float]]) -> None:
    """Unavailable, silent while at work, a clock set back: the rest is not judged."""
    readings = [(0.0, 0.0), (600.0, 80.0), *gap, (5000.0, 0.0), (5600.0, 0.0)]
    assert cycles_of(Segmenter(LEVELS), readings) == []


def test_idle_draw_is_what_rest_usually_takes() -> None:
    """Half of the idle time or more is spent at or below it."""
    assert Segmenter(LEVELS).idle_watts is None
    cutter = Segmenter(LEVELS)
    cycles_of(cutter, [(0.0, 2.0), (600.0, 20.0), (700.0, 2.0), (900.0, 80.0)])
    assert cutter.idle_watts == 2.0
    cutter.restart_day()
    assert cutter.seen_seconds == cutter.idle_seconds == 0.0


def test_a_condition_counts_only_where_it_shows() -> None:
    """Noise has no slope, a line has one, and unknown conditions are taken as usual."""
    rng = np.random.default_rng(3)
    x = np.linspace(0.0, 10.0, 30)
    line = expect(2.0 * x + rng.normal(0.0, 0.1, 30), x)
    assert line.slope == pytest.approx(2.0, rel=0.05)
    assert line.of(np.array([math.nan]))[0] == line.level
    assert expect(rng.normal(0.0, 1.0, 30), x).slope == 0.0
    assert expect(x, np.ones(30)).slope == 0.0
    assert expect(x[:4], x[:4]).slope == 0.0
    assert expect(2.0 * x, x).slope > 1.9


def test_a_band_ends_beyond_the_furthest_seen() -> None:
    """Each side has its own end, never nearer than what concerns nobody."""
    found = band(np.array([0.0, 0.1, -0.3]), 0.2, 0.05)
    assert 0.0 < found.excess(0.1) < 1.0 < found.excess(0.6)
    assert 0.0 < found.excess(-0.3) < 1.0 < found.excess(-0.9)
    assert band(np.zeros(3), 1.0, 0.05).excess(0.04) < 1.0


def test_a_well_fridge_is_left_alone() -> None:
    """A month without a word."""
    unit = Appliance("plug", ApplianceKind.FRIDGE)
    reports = live(unit, range(40))
    assert [report.is_learning for report in reports[:8]] == [True] * 7 + [False]
    assert all(report.alarm is None for report in reports)
    assert unit.days_learned == 28
    assert 0.0 < reports[-1].score < 100.0


def test_a_compressor_that_labours_is_found_the_first_day_and_closed_when_it_is_well() -> None:
    """Longer cycles after the same pauses; one alarm, with what was expected and seen."""
    unit = grown()
    first, second = live(unit, range(10, 12), longer=1.5)
    assert first.is_new
    assert not second.is_new
    assert first.alarm == second.alarm == unit.alarm
    assert first.alarm is not None
    assert first.alarm.fault is FaultClass.DEGRADATION
    # The meter tells it, and is not what fails.
    assert (first.alarm.scope, first.alarm.device, first.alarm.severity) == (Scope.SIGNAL, "fridge", Severity.WARNING)
    assert first.alarm.low < first.alarm.expected < first.alarm.high < first.alarm.seen
    assert first.alarm.since == first.alarm.raised
    assert first.alarm.seen > first.alarm.expected
    assert first.score == 100.0
    assert [report.alarm is None for report in live(unit, range(12, 14))] == [False, True]


def test_slow_decay_is_found_before_any_day_is_odd() -> None:
    """What is too little for a day adds up over many."""
    unit = grown()
    reports = [live(unit, range(day, day + 1), longer=1.0 + 0.004 * (day - 9))[0] for day in range(10, 60)]
    alarm = next(report.alarm for report in reports if report.alarm is not None)
    assert alarm.is_slow
    assert alarm.since < alarm.raised


def test_idle_draw_that_rises_is_named() -> None:
    """Something stays on behind the plug."""
    report = live(grown(), range(10, 11), idle=25.0)[0]
    assert Measure.IDLE in [item.measure for item in report.deviations if item.excess > 1.0]


def test_a_false_alarm_moves_that_measure_only_and_service_forgets() -> None:
    """The same day is said no more; after a service it learns again."""
    unit = grown()
    report = live(unit, range(10, 11), longer=1.15)[0]
    assert report.alarm is not None
    before = report.deviations[0]
    unit.false_alarm(report.alarm.measure)
    assert unit.alarm != report.alarm
    again = live(unit, range(11, 12), longer=1.15)[0]
    assert next(item.excess for item in again.deviations if item.measure is before.measure) < before.excess
    unit.serviced()
    assert unit.days_learned == 0
    assert live(unit, range(12, 13))[0].is_learning


def test_warmth_inside_a_fridge_is_critical() -> None:
    """A thermometer inside says more than the plug."""
    unit = Appliance("plug", ApplianceKind.FRIDGE)
    for day in range(12):
        warm = 6.0 if day == 11 else 0.0
        for t, watts in fridge(day):
            unit.append(t, watts)
        for hour in range(20):
            unit.append_temperature(day * DAY + hour * 3600.0, 4.0 + warm + (2.0 if hour == 9 else 0.0))
        report = unit.close_day((day + 1) * DAY)
    assert report.alarm is not None
    assert (report.alarm.measure, report.alarm.severity) == (Measure.TEMPERATURE, Severity.CRITICAL)


def test_a_thermometer_that_said_little_says_nothing() -> None:
    """No measure from no readings, or from an hour of them; a stretch above usual is counted in minutes."""
    assert Climate().measures() == {}
    assert Climate(((0.0, 4.0), (3600.0, 4.0))).measures() == {}
    found = Climate(tuple((hour * 3600.0, 9.0 if hour in (5, 6) else 4.0) for hour in range(20))).measures()
    assert found[Measure.RECOVERY] == pytest.approx(math.log1p(120.0))


def test_a_hot_day_is_compared_with_hot_days() -> None:
    """What it is outdoors explains a duty that would otherwise be odd."""

    def day(outdoor: float, duty: float) -> Day:
        """Return a day with nothing but a duty."""
        return Day((), (), {Measure.DUTY: duty}, outdoor)

    rng = np.random.default_rng(1)
    past = [day(t, -2.0 + 0.05 * t + rng.normal(0.0, 0.01)) for t in np.linspace(0.0, 25.0, 12)]
    normal = Baseline(past, 1.0, runs_by_itself=True)
    assert normal.deviations(day(30.0, -0.5))[0].excess < 1.0
    assert normal.deviations(day(5.0, -0.5))[0].excess > 1.0
    assert normal.deviations(Day((), (), {})) == ()
    assert Baseline(past, 1.0, runs_by_itself=False).normals == {}


def test_a_day_of_few_cycles_is_doubted() -> None:
    """One bath among two reheats is not ten long reheats."""
    rng = np.random.default_rng(2)

    def day(lengths: list[float]) -> Day:
        """Return a day of cycles of these ln lengths."""
        return Day(tuple((length, 1.0, 1.0, 0.0) for length in lengths), (math.nan,) * len(lengths), {})

    past = [day(list(rng.normal(6.0, 0.2, 12))) for _ in range(9)]
    normal = Baseline(past, 1.0, runs_by_itself=False)
    many = {item.measure: item.excess for item in normal.deviations(day([6.4] * 12))}
    few = {item.measure: item.excess for item in normal.deviations(day([6.4] * 3))}
    assert many[Measure.LENGTH] == pytest.approx(2.0 * few[Measure.LENGTH])
    assert Measure.TYPICAL not in few


def test_a_dishwasher_waits_for_its_first_runs() -> None:
    """Days without a run teach nothing of its levels, and are kept until one does."""
    unit = Appliance("plug", ApplianceKind.DISHWASHER, learning_days=4)
    for day in range(8):
        start = day * DAY
        unit.append(start, 0.5)
        if day >= 5:
            for minute in range(20):
                unit.append(start + 3600.0 + 60.0 * minute, 2000.0)
        unit.append(start + 3600.0 + 1200.0, 0.5)
        unit.append(start + 80_000.0, 0.5)
        report = unit.close_day(start + DAY)
    assert unit.days_learned == 8
    assert not report.is_learning
    assert report.alarm is None


def test_an_appliance_that_never_reports_is_only_learning() -> None:
    """Days without a reading are no days of rest."""
    unit = Appliance("plug", ApplianceKind.GENERIC)
    assert [unit.close_day(day * DAY).is_learning for day in range(4)] == [True] * 4
    assert unit.days_learned == 0


def test_a_plug_seen_for_an_hour_says_nothing_of_its_day() -> None:
    """Shares and counts need most of a day; a cycle speaks for itself."""
    cutter = Segmenter(LEVELS)
    found = cycles_of(cutter, [(0.0, 0.0), (600.0, 80.0), (1400.0, 0.0), (1700.0, 0.0)])
    assert set(summarise(cutter, found, Climate()).own) == {Measure.LONGEST}
    busy = Segmenter(LEVELS)
    for minute in range(300):
        busy.append(60.0 * minute, 80.0)
    assert Measure.IDLE not in summarise(busy, [], Climate()).own


def test_what_was_learned_outlives_a_restart() -> None:
    """The same days are judged the same, feedback and all."""
    unit = grown()
    unit.false_alarm(Measure.DUTY)
    live(unit, range(10, 11), longer=1.02)
    other = Appliance("sensor.fridge_power", ApplianceKind.FRIDGE, device="fridge")
    other.load(unit.dump())
    assert other.dump() == unit.dump()
    mine, theirs = live(unit, range(11, 12), longer=1.4)[0], live(other, range(11, 12), longer=1.4)[0]
    # The rest that was under way at the restart is not part of what is kept.
    assert theirs.score == mine.score == 100.0
    assert theirs.is_new
    assert {item.measure for item in mine.deviations} == {item.measure for item in theirs.deviations}
    fresh = Appliance("plug", ApplianceKind.FRIDGE)
    fresh.load(Appliance("plug", ApplianceKind.FRIDGE).dump())
    assert fresh.days_learned == 0


def _spoilt(**changes: object) -> bytes:
    """Return a dump with something in it changed."""
    return json.dumps(json.loads(grown().dump()) | changes).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        _spoilt(version=1),
        _spoilt(odd=[["duty", 1.0]]),
        _spoilt(alarm={"signal": "plug"}),
        _spoilt(today={}),
        _spoilt(levels=[1.0, math.inf]),
        _spoilt(lift={"no_such_measure": 1.0}),
        _spoilt(days=[{"cycles": [[1.0]], "pauses": [1.0], "own": {}, "given": [None, None]}]),
        _spoilt(days=[{"cycles": [], "pauses": [1.0], "own": {}, "given": [None, None]}]),
    ],
)
def test_bytes_that_are_not_ours_are_refused(data: bytes) -> None:
    """One sentence, and nothing is taken over."""
    unit = grown()
    with pytest.raises(ValueError, match="cannot be read, let it learn anew"):
        unit.load(data)
    assert unit.days_learned == 10
