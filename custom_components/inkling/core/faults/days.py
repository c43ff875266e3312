"""A day of an appliance in a few numbers; none of them knows the hour, the date, or how many readings there were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
import math

import numpy as np

from .cycles import Cycle, Segmenter

_LEAST_CYCLE_SECONDS = 120.0
_LEAST_SEEN_SECONDS = 4 * 3600.0
"""A day seen for less says nothing of shares and counts."""
_WARM_STEP_KELVIN = 1.0


class ApplianceKind(StrEnum):
    """What it is; a prior, never a rule."""

    FRIDGE = "fridge"
    FREEZER = "freezer"
    WASHING_MACHINE = "washing_machine"
    DISHWASHER = "dishwasher"
    DRYER = "dryer"
    WATER_HEATER = "water_heater"
    HEAT_PUMP = "heat_pump"
    PUMP = "pump"
    HEATING_ZONE = "heating_zone"
    GENERIC = "generic"

    @property
    def runs_by_itself(self) -> bool:
        """Return whether the appliance, not people, decides when it works: its totals mean something."""
        return self in (
            ApplianceKind.FRIDGE,
            ApplianceKind.FREEZER,
            ApplianceKind.HEAT_PUMP,
            ApplianceKind.HEATING_ZONE,
        )


class Measure(StrEnum):
    """What is compared between days; ratios as natural logarithms."""

    LENGTH = "cycle_length"
    TYPICAL = "typical_cycle"
    ENERGY = "cycle_energy"
    POWER = "cycle_power"
    SHAPE = "cycle_shape"
    LONGEST = "longest_cycle"
    DUTY = "duty"
    STARTS = "starts"
    IDLE = "idle_draw"
    TEMPERATURE = "temperature"
    RECOVERY = "recovery"


LEAST = {
    Measure.LENGTH: 0.05,
    Measure.TYPICAL: 0.1,
    Measure.ENERGY: 0.05,
    # Five per cent more volts are ten more watts.
    Measure.POWER: 0.1,
    # Whether a motor's inrush falls into a reading is chance.
    Measure.SHAPE: 0.3,
    Measure.LONGEST: 0.4,
    Measure.DUTY: 0.05,
    Measure.STARTS: 0.2,
    Measure.IDLE: 0.4,
    Measure.TEMPERATURE: 1.0,
    Measure.RECOVERY: 0.3,
}
"""Smaller differences concern nobody, however regular an appliance is."""
LEAST_BELOW = math.log(2.0)
PER_CYCLE = (Measure.LENGTH, Measure.ENERGY, Measure.POWER, Measure.SHAPE)
COLUMNS = {measure: index for index, measure in enumerate(PER_CYCLE)} | {Measure.TYPICAL: 0}
"""Where a cycle's row holds what a measure is made of."""
SELF_RUNNING = (Measure.DUTY, Measure.STARTS)
PAUSED = (Measure.LENGTH, Measure.TYPICAL, Measure.ENERGY)
"""What the pause before a cycle foretells: what warmed up for longer is cooled for longer."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day's cycles, a row each in the order of `PER_CYCLE`, their ln pause seconds, and its own measures."""

    cycles: tuple[tuple[float, ...], ...]
    pauses: tuple[float, ...]
    own: dict[Measure, float]
    outdoor: float = math.nan
    load: float = math.nan


@dataclass(frozen=True, slots=True)
class Climate:
    """What a thermometer inside the appliance saw of a day: (epoch seconds, degrees)."""

    readings: Sequence[tuple[float, float]] = ()

    def measures(self) -> dict[Measure, float]:
        """Return its mean, and ln of the minutes of the longest stretch clearly above it; nothing from few readings."""
        known = [(t, value) for t, value in self.readings if math.isfinite(value)]
        if not known or known[-1][0] - known[0][0] < _LEAST_SEEN_SECONDS:
            return {}
        times = np.array([t for t, _ in known])
        values = np.array([value for _, value in known])
        mean = float(np.sum(values[:-1] * np.diff(times)) / (times[-1] - times[0]))
        longest = since = 0.0
        for seconds, is_warm in zip(np.diff(times), values[:-1] > np.median(values) + _WARM_STEP_KELVIN, strict=True):
            since = since + float(seconds) if is_warm else 0.0
            longest = max(longest, since)
        return {Measure.TEMPERATURE: mean, Measure.RECOVERY: math.log1p(longest / 60.0)}


def summarise(
    cutter: Segmenter, cycles: Sequence[Cycle], climate: Climate, outdoor: float = math.nan, load: float = math.nan
) -> Day:
    """Return what a day was like, from its cycles and the sums of the segmenter that found them."""
    kept = [cycle for cycle in cycles if cycle.seconds >= _LEAST_CYCLE_SECONDS]
    own = climate.measures()
    if kept:
        own[Measure.LONGEST] = math.log(max(cycle.seconds for cycle in kept))
    if cutter.seen_seconds >= _LEAST_SEEN_SECONDS:
        hours = cutter.seen_seconds / 3600.0
        # A minute and a start too many keep the logarithm finite for what did not run at all.
        own[Measure.DUTY] = math.log((cutter.work_seconds + 60.0) / cutter.seen_seconds)
        own[Measure.STARTS] = math.log((len(kept) + 1.0) / hours)
        idle = cutter.idle_watts
        if idle is not None:
            own[Measure.IDLE] = math.log(max(idle, 0.0) + 10.0)
    rows = tuple((math.log(c.seconds), math.log(c.energy), math.log(c.watts), math.log(c.watts / c.peak)) for c in kept)
    pauses = tuple(math.nan if c.pause_seconds is None else math.log(c.pause_seconds) for c in kept)
    return Day(rows, pauses, own, outdoor, load)
