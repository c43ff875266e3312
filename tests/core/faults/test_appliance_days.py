"""What one odd day is worth, what nobody saw, what is told in which unit, and what margins cost."""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np
import pytest

from custom_components.inkling.core.faults.appliance import Appliance
from custom_components.inkling.core.faults.appliance_alarm import UNITS, fault_of, severity_of, told
from custom_components.inkling.core.faults.appliance_margin import RATES, margin_for
from custom_components.inkling.core.faults.baseline import Deviation
from custom_components.inkling.core.faults.classes import FaultClass, Severity
from custom_components.inkling.core.faults.days import ApplianceKind, Day, Measure
from custom_components.inkling.core.faults.trail import Trail

from .test_appliance import DAY, fridge, grown, live

FRIDGE, WASHER = ApplianceKind.FRIDGE, ApplianceKind.WASHING_MACHINE


def deviation(measure: Measure, expected: float, seen: float) -> Deviation:
    """Return a measure that is far off."""
    sign = 1.0 if seen > expected else -1.0
    return Deviation(measure, expected, seen, 2.0, 2.0 * sign, expected - 0.1, expected + 0.1)


@pytest.mark.parametrize(
    ("measure", "expected", "seen", "kind", "fault", "severity"),
    [
        (Measure.DUTY, math.log(0.3), math.log(0.99), FRIDGE, FaultClass.STUCK_ON, Severity.WARNING),
        (Measure.DUTY, math.log(0.3), math.log(0.5), FRIDGE, FaultClass.DEGRADATION, Severity.WARNING),
        (Measure.DUTY, math.log(0.3), math.log(0.001), FRIDGE, FaultClass.STUCK_OFF, Severity.CRITICAL),
        (Measure.STARTS, 0.3, 1.3, FRIDGE, FaultClass.SHORT_CYCLING, Severity.WARNING),
        (Measure.STARTS, 0.3, -1.3, FRIDGE, FaultClass.DEGRADATION, Severity.WARNING),
        (Measure.LENGTH, 7.0, 6.0, FRIDGE, FaultClass.SHORT_CYCLING, Severity.WARNING),
        (Measure.LENGTH, 7.0, 6.0, WASHER, FaultClass.DEGRADATION, Severity.WARNING),
        (Measure.LENGTH, 7.0, 8.0, FRIDGE, FaultClass.DEGRADATION, Severity.WARNING),
        (Measure.IDLE, 2.3, 3.6, WASHER, FaultClass.BASE_LOAD, Severity.WARNING),
        (Measure.IDLE, 3.6, 2.3, WASHER, FaultClass.BASE_LOAD, Severity.INFO),
        (Measure.TEMPERATURE, 4.0, 9.0, FRIDGE, FaultClass.DEGRADATION, Severity.CRITICAL),
        (Measure.TEMPERATURE, 4.0, 1.0, FRIDGE, FaultClass.DEGRADATION, Severity.WARNING),
    ],
)
def test_what_is_wrong_has_a_name(
    measure: Measure, expected: float, seen: float, kind: ApplianceKind, fault: FaultClass, severity: Severity
) -> None:
    """Name the failure and how much it matters by what is too far off, to which side, in what kind of appliance."""
    worst = deviation(measure, expected, seen)
    assert fault_of(worst, kind) is fault
    assert severity_of(fault, worst, kind) is severity


@pytest.mark.parametrize(
    ("measure", "value", "number"),
    [
        (Measure.LENGTH, math.log(1680.0), 28.0),
        (Measure.ENERGY, math.log(55.0), 55.0),
        (Measure.SHAPE, 0.4, 100.0),
        (Measure.DUTY, math.log(0.36), 36.0),
        (Measure.STARTS, math.log(25.0 / 24.0), 24.0),
        (Measure.IDLE, math.log(12.0), 2.0),
        (Measure.IDLE, 0.0, 0.0),
        (Measure.TEMPERATURE, -18.5, -18.5),
        (Measure.RECOVERY, math.log1p(45.0), 45.0),
    ],
)
def test_numbers_are_told_in_units(measure: Measure, value: float, number: float) -> None:
    """Turn a logarithm into what a person reads."""
    assert told(measure, value) == pytest.approx(number)
    assert measure in UNITS


def test_one_odd_day_is_not_enough() -> None:
    """Wait for a second day where the first is not far off; neither is learned from."""
    unit = grown()
    past = len(unit._past.days)
    day = unit._past.days[0]
    edge = 0.5 + max(item.own[Measure.IDLE] for item in unit._past.days)
    odd = replace(day, own={**day.own, Measure.IDLE: edge})
    first = unit._judge(odd, 11 * DAY)
    assert first.score == 100.0
    assert first.alarm is None
    assert len(unit._past.days) == past
    # A day that does not show it says nothing about it.
    unit._judge(Day((), (), {}), 12 * DAY)
    second = unit._judge(odd, 13 * DAY)
    assert second.is_new
    assert second.alarm is not None
    assert (second.alarm.since, second.alarm.raised) == (11 * DAY, 13 * DAY)
    assert (second.alarm.fault, unit.measure) == (FaultClass.BASE_LOAD, Measure.IDLE)


def test_a_day_that_nobody_saw_is_none() -> None:
    """Learn nothing from an outage, say nothing of it, and go on."""
    unit = grown()
    past = unit.days_learned
    unit.lose(10 * DAY)
    report = unit.close_day(11 * DAY)
    assert (report.deviations, report.alarm, unit.days_learned) == ((), None, past)
    assert live(unit, range(11, 12), longer=1.5)[0].is_new


def test_a_day_with_guests_is_none() -> None:
    """Neither judge nor learn a day that is not usual, before and after the first weeks."""
    unit = grown()
    past = unit.days_learned
    for t, watts in fridge(10, longer=1.5):
        unit.append(t, watts)
    assert unit.close_day(11 * DAY, is_usual=False).alarm is None
    assert unit.days_learned == past
    young = Appliance("plug", FRIDGE)
    for t, watts in fridge(0):
        young.append(t, watts)
    assert young.close_day(DAY, is_usual=False).is_learning
    assert young.days_learned == 0


def test_nobody_at_home() -> None:
    """Tell what is too much or stands still, and not that less was used; learn nothing."""
    unit = grown()
    past = unit.days_learned
    for t, watts in fridge(10, longer=0.6):
        unit.append(t, watts)
    assert unit.close_day(11 * DAY, is_away=True).alarm is None
    assert unit.days_learned == past
    for hour in range(24):
        unit.append(11 * DAY + hour * 3600.0, 0.0)
    report = unit.close_day(12 * DAY, is_away=True)
    assert report.alarm is not None
    assert (report.alarm.fault, report.alarm.severity) == (FaultClass.STUCK_OFF, Severity.CRITICAL)
    young = Appliance("plug", FRIDGE)
    live(young, range(3))
    for t, watts in fridge(3):
        young.append(t, watts)
    assert young.close_day(4 * DAY, is_away=True).is_learning
    assert young.days_learned == 3


def test_a_silent_plug_stands_as_it_was() -> None:
    """Take what a plug that reports changes only said last for what is, all day."""
    unit = grown()
    assert not unit.is_blank
    unit.append(10 * DAY, 0.0)
    # A ripple that nothing came after is what stands.
    unit.append(10 * DAY + 1.0, 1.0)
    unit.append_temperature(10 * DAY, 4.0)
    unit.append_temperature(10 * DAY + 1.0, 4.2)
    report = unit.close_day(11 * DAY)
    assert report.alarm is not None
    assert report.alarm.fault is FaultClass.STUCK_OFF
    assert unit.close_day(12 * DAY).deviations


def test_today_and_an_alarm_outlive_a_restart() -> None:
    """Know the alarm that stands, the readings of the morning and the days that wait."""
    unit = grown()
    alarm = live(unit, range(10, 11), longer=1.5)[0].alarm
    for t, watts in list(fridge(11, longer=1.5))[:400]:
        unit.append(t, watts)
        unit.append_temperature(t, 4.0)
    other = Appliance("sensor.fridge_power", FRIDGE, device="fridge")
    other.load(unit.dump())
    assert other.alarm == alarm
    assert (other.score, other.measure) == (unit.score, unit.measure)
    assert other.dump() == unit.dump()
    young = Appliance("plug", FRIDGE)
    live(young, range(2))
    again = Appliance("plug", FRIDGE)
    again.load(young.dump())
    assert again.days_learned == 2
    assert live(again, range(2, 3))[0].is_learning
    assert again._cutter is not None


def test_a_trail_leaves_out_what_does_not_last() -> None:
    """Keep every step, drop a second's ripple, and bring back what turned out to last."""
    trail = Trail(seconds=10.0, least=5.0, share=0.1)
    kept = [item for t, value in ((0, 100), (1, 104), (2, 100), (3, 300), (4, 302)) for item in trail.append(t, value)]
    assert kept == [(0, 100), (3, 300)]
    assert list(trail.append(20.0, 302.0)) == [
        (4, 302),
    ]
    assert list(trail.append(330.0, 302.0)) == [(330.0, 302.0)]
    assert [t for t, _ in trail.append(331.0, math.nan)] == [331.0]
    assert list(trail.append(332.0, 302.0)) == [(332.0, 302.0)]
    assert list(trail.append(333.0, 303.0)) == []
    assert list(trail.flush()) == [(333.0, 303.0)]
    assert list(trail.flush()) == []
    # A clock set back says nothing about how long anything lasted.
    assert list(trail.append(100.0, 303.0)) == [(100.0, 303.0)]


def _alarms_a_year(margin: float, units: int) -> tuple[int, float]:
    """Return alarms of appliances whose days are nothing but chance, and the years that were judged."""
    rng = np.random.default_rng(7)
    alarms, judged = 0, 0
    for _ in range(units):
        unit = Appliance("plug", FRIDGE, margin=margin)
        for number, z in enumerate(rng.standard_normal((400, 8))):
            shared = 0.7 * z[0]
            length, watts = 7.0 + 0.3 * (shared + 0.7 * z[5]), 4.4 + 0.3 * z[6]
            row = (length, length + watts - 8.2, watts, -0.3 + 0.6 * z[7])
            own = {
                Measure.DUTY: -1.2 + 0.3 * (shared + 0.7 * z[1]),
                Measure.STARTS: 0.2 + 0.3 * z[2],
                Measure.LONGEST: 7.5 + 0.6 * z[3],
                Measure.IDLE: 3.0 + 0.6 * z[4],
            }
            report = unit._judge(Day((row,) * 20, (math.nan,) * 20, own), number * DAY)
            alarms += report.is_new
            judged += not report.is_learning
    return alarms, judged / 365.0


@pytest.mark.parametrize("rate", [5.8, 1.0])
def test_a_margin_costs_what_it_says(rate: float) -> None:
    """Count the false alarms of a few years of chance: as many as asked for, by what Poisson allows."""
    alarms, years = _alarms_a_year(margin_for(rate), 5)
    expected = rate * years
    assert abs(alarms - expected) <= 3.0 * math.sqrt(expected) + 1.0


def test_margins_follow_what_is_asked_for() -> None:
    """Widen as fewer are allowed, and stay within what was measured."""
    wanted = [0.0, 0.1, 1.0, 2.0, 6.0, 12.0, 52.0]
    margins = [margin_for(rate) for rate in wanted]
    assert margins == sorted(margins, reverse=True)
    assert (margins[0], margins[-1]) == (max(RATES), min(RATES))
    assert margin_for(2.5) == pytest.approx(1.25)
