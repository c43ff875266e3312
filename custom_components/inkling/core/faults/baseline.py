"""An appliance's own normal: what its first healthy days lead one to expect of a day, measure by measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math

import numpy as np

from .days import COLUMNS, LEAST, LEAST_BELOW, PAUSED, SELF_RUNNING, Day, Measure
from .matched import Band, Expectation, Floats, band, expect

_LEAST_DAYS = 3
_LEAST_CHOSEN_DAYS = 7
"""What people choose differs more from day to day than what a thermostat does."""
_TRIM = 0.2
_TYPICAL_CYCLES = 5
_CONDITIONS = ("outdoor", "load")


@dataclass(frozen=True, slots=True)
class Deviation:
    """How a day's measure differs from what its conditions lead one to expect."""

    measure: Measure
    expected: float
    seen: float
    excess: float
    """1 is the edge of what is usual on that side, whatever the side."""
    signed: float
    """The same with a sign: negative for less than expected."""
    low: float
    high: float
    """Where what is usual of such a day ends, on either side."""


@dataclass(frozen=True, slots=True)
class Normal:
    """What is usual of one measure, given the pause before a cycle and the day's conditions."""

    cycle: Expectation
    day: tuple[Expectation, ...]
    band: Band
    cycles: float
    """How many cycles its days have; 0 for what is not a mean over cycles."""

    def doubt(self, day: Day) -> float:
        """Return how much wider the band is for a day whose mean is over fewer cycles."""
        return max(1.0, math.sqrt(self.cycles / len(day.cycles))) if self.cycles and day.cycles else 1.0

    def residual(self, measure: Measure, day: Day) -> float | None:
        """Return the day's value less what its conditions explain; None if the day does not show it."""
        value = _day_value(measure, day, self.cycle)
        if value is None:
            return None
        for name, given in zip(_CONDITIONS, self.day, strict=True):
            value -= float(given.of(np.array([getattr(day, name)]))[0])
        return value


class Baseline:
    """The normals of every measure that an appliance's healthy days show."""

    def __init__(self, days: Sequence[Day], margin: float, *, runs_by_itself: bool) -> None:
        """Learn from healthy days; `margin` is how many spreads beyond the furthest seen it takes to be unusual."""
        self.normals: dict[Measure, Normal] = {}
        for measure in Measure:
            if measure in SELF_RUNNING and not runs_by_itself:
                continue
            # People choose shorter programmes: only a cycle half as long is odd of what they start.
            least_below = LEAST_BELOW if measure in PAUSED and not runs_by_itself else LEAST[measure]
            is_chosen = not runs_by_itself and (measure in COLUMNS or measure is Measure.LONGEST)
            shown = [day for day in days if _day_value(measure, day, Expectation(0.0)) is not None]
            if len(shown) < (_LEAST_CHOSEN_DAYS if is_chosen else _LEAST_DAYS):
                continue
            self.normals[measure] = _learn(measure, shown, margin, least_below)

    def deviations(self, day: Day, lift: Mapping[Measure, float] | None = None) -> tuple[Deviation, ...]:
        """Return every measure's deviation, the largest first; `lift` widens what users called a false alarm."""
        found = []
        for measure, normal in self.normals.items():
            value = normal.residual(measure, day)
            if value is not None:
                found.append(_deviation(measure, normal, day, value, (lift or {}).get(measure, 1.0)))
        return tuple(sorted(found, key=lambda item: -item.excess))


def _deviation(measure: Measure, normal: Normal, day: Day, value: float, lift: float) -> Deviation:
    """Return what one measure of a day, less what its conditions explain, comes to."""
    wider = lift * normal.doubt(day)
    excess = normal.band.excess(value) / wider
    raw = _day_value(measure, day, Expectation(0.0))
    seen = value if raw is None else raw
    usual = seen - (value - normal.band.usual)
    return Deviation(
        measure,
        usual,
        seen,
        excess,
        excess if value >= normal.band.usual else -excess,
        usual - normal.band.below * wider,
        usual + normal.band.above * wider,
    )


def _day_value(measure: Measure, day: Day, cycle: Expectation) -> float | None:
    """Return a day's value of a measure, its cycles' mean less what their pauses explain."""
    if measure not in COLUMNS:
        return day.own.get(measure)
    if len(day.cycles) < (_TYPICAL_CYCLES if measure is Measure.TYPICAL else 1):
        return None
    values = np.array([row[COLUMNS[measure]] for row in day.cycles]) - cycle.of(np.array(day.pauses))
    # One bath among ten reheats says nothing of the ten.
    cut = int(len(values) * _TRIM) if measure is Measure.TYPICAL else 0
    return float(np.mean(np.sort(values)[cut : len(values) - cut]))


def _learn(measure: Measure, shown: Sequence[Day], margin: float, least_below: float) -> Normal:
    """Learn one measure's normal from the days that show it."""
    cycle = _learn_pause(measure, shown)
    values = np.array([_day_value(measure, day, cycle) for day in shown])
    given = []
    for name in _CONDITIONS:
        found = expect(values, np.array([getattr(day, name) for day in shown]))
        # Only the first carries the level, and the band adds it again.
        found = Expectation(0.0, found.centre, found.slope)
        values = values - found.of(np.array([getattr(day, name) for day in shown]))
        given.append(found)
    cycles = float(np.median([len(day.cycles) for day in shown])) if measure in COLUMNS else 0.0
    return Normal(cycle, tuple(given), band(values, margin, LEAST[measure], least_below), cycles)


def _learn_pause(measure: Measure, days: Sequence[Day]) -> Expectation:
    """Learn what the pause before a cycle says of it, with no level of its own."""
    if measure not in PAUSED:
        return Expectation(0.0)
    values: Floats = np.array([row[COLUMNS[measure]] for day in days for row in day.cycles])
    pauses: Floats = np.array([pause for day in days for pause in day.pauses])
    found = expect(values, pauses)
    return Expectation(0.0, found.centre, found.slope)
