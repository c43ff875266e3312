"""The appliance recordings: a verdict a day from the unit's own other normal days, settings from the other units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.appliance import MARGIN
from custom_components.inkling.core.faults.appliance_margin import margin_for
from custom_components.inkling.core.faults.baseline import Baseline
from custom_components.inkling.core.faults.cycles import Segmenter, learn_levels
from custom_components.inkling.core.faults.days import PER_CYCLE, ApplianceKind, Climate, Day, Measure, summarise

from ..sources import appliance_faults
from ..trace import Trace, TraceError

NORMAL = "normal"
OURS = "inkling"
MARGINS = (0.1, 0.2, 0.3, 0.45, 0.6, 0.9, 1.35, 2.0, 3.0)
LIVE = {rate: margin_for(rate) for rate in (1.0, 2.0, 6.0, 12.0)}
"""The margins that users get, by false alarms a year."""
_LENGTH = PER_CYCLE.index(Measure.LENGTH)
_LEAST_SPREAD = 0.01
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recording:
    """One day of one condition: whole watts a minute apart, and when it was."""

    watts: Floats
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Unit:
    """One appliance: its recordings by condition and day number."""

    name: str
    kind: ApplianceKind
    days: Mapping[tuple[str, int], Recording]

    @property
    def conditions(self) -> tuple[str, ...]:
        """Return its conditions, the normal first."""
        return tuple(sorted({condition for condition, _ in self.days}, key=lambda name: (name != NORMAL, name)))

    def numbers(self, condition: str) -> tuple[int, ...]:
        """Return the days there are of a condition."""
        return tuple(sorted(number for name, number in self.days if name == condition))


@dataclass(frozen=True, slots=True)
class Judged:
    """What every method scores a held-out day at; ours once for each margin."""

    unit: str
    condition: str
    number: int
    scores: Mapping[str, float]
    measure: str
    """What ours found furthest from usual at the middle margin."""


def read_units(folder: Path) -> tuple[Unit, ...]:
    """Read all units of the data set."""
    return tuple(_unit(name, trace) for name, trace in appliance_faults.read(folder).items())


def _unit(name: str, trace: Trace) -> Unit:
    """Return a unit's days; minutes count, not the clock, which runs evenly over inserted rows too."""
    kind = name.rpartition("_")[0]
    days = {}
    for signal in trace.signals:
        condition, _, number = signal.device.rpartition("_day_")
        found = trace.readings[signal.id]
        watts = np.array([math.nan if state == "unavailable" else float(state) for state in found.states])
        days[condition, int(number)] = Recording(watts, float(found.times[0]), float(found.times[-1]))
    if kind not in set(ApplianceKind):
        raise TraceError(f"{name} is of no known kind: name units after one of {', '.join(ApplianceKind)}")
    return Unit(name, ApplianceKind(kind), days)


def judge_unit(unit: Unit) -> list[Judged]:
    """Score every day against the unit's normal days of other numbers that did not overlap with it in time."""
    found = []
    for number in unit.numbers(NORMAL):
        held_out = unit.days[NORMAL, number]
        others = [
            unit.days[NORMAL, other]
            for other in unit.numbers(NORMAL)
            if other != number and not _overlap(held_out, unit.days[NORMAL, other])
        ]
        levels = learn_levels(np.concatenate([other.watts for other in others]))
        if levels is None:
            raise TraceError(f"{unit.name} never worked on its normal days: the recording cannot be scored")
        past = [_day(other.watts, Segmenter(levels)) for other in others]
        runs = unit.kind.runs_by_itself
        baselines = {margin: Baseline(past, margin, runs_by_itself=runs) for margin in (*MARGINS, *LIVE.values())}
        for condition in unit.conditions:
            if (condition, number) in unit.days:
                day = _day(unit.days[condition, number].watts, Segmenter(levels))
                found.append(_judge(unit, condition, number, day, past, baselines))
    return found


def _overlap(one: Recording, other: Recording) -> bool:
    """Return whether two recordings share minutes: a few of the normal days do."""
    return one.start <= other.end and other.start <= one.end


def _day(watts: Floats, cutter: Segmenter) -> Day:
    """Return a day's summary."""
    step = appliance_faults.STEP_SECONDS
    found = [cutter.append(step * minute, float(value)) for minute, value in enumerate(watts)]
    return summarise(cutter, [cycle for cycle in found if cycle is not None], Climate())


def _judge(
    unit: Unit, condition: str, number: int, day: Day, past: Sequence[Day], baselines: Mapping[float, Baseline]
) -> Judged:
    """Score one day by every method."""
    scores = {name: rule(day, past) for name, rule in RULES.items()}
    measure = ""
    for margin, baseline in baselines.items():
        deviations = baseline.deviations(day)
        scores[f"{OURS} {margin}"] = deviations[0].excess if deviations else 0.0
        if deviations and margin == MARGIN:
            measure = str(deviations[0].measure)
    return Judged(unit.name, condition, number, scores, measure)


def _robust_z(value: float, past: Sequence[float]) -> float:
    """Return how many robust deviations a value is from the past's."""
    known = np.array([item for item in past if math.isfinite(item)])
    if not len(known) or not math.isfinite(value):
        return 0.0
    middle = float(np.median(known))
    return abs(value - middle) / max(1.4826 * float(np.median(np.abs(known - middle))), _LEAST_SPREAD)


def _duty(day: Day, past: Sequence[Day]) -> float:
    """Score a day by its duty alone."""
    return _robust_z(_own(day, Measure.DUTY), [_own(item, Measure.DUTY) for item in past])


def _energy(day: Day, past: Sequence[Day]) -> float:
    """Score a day by ln of its energy over its cycles."""
    return _robust_z(_used(day), [_used(item) for item in past])


def _length(day: Day, past: Sequence[Day]) -> float:
    """Score a day by its cycles' mean length, without conditions."""
    return _robust_z(_mean_length(day), [_mean_length(item) for item in past])


def _cusum(day: Day, past: Sequence[Day]) -> float:
    """Score a day by the largest CUSUM of its cycles' lengths, in deviations of all past cycles."""
    lengths = np.array([row[_LENGTH] for item in past for row in item.cycles])
    if not len(lengths):
        return 0.0
    middle = float(np.median(lengths))
    spread = max(1.4826 * float(np.median(np.abs(lengths - middle))), _LEAST_SPREAD)
    top = up = 0.0
    for row in day.cycles:
        up = max(0.0, up + (row[_LENGTH] - middle) / spread - 0.5)
        top = max(top, up)
    return top


def _own(day: Day, measure: Measure) -> float:
    """Return a day's own measure, NaN where it has none."""
    return day.own.get(measure, math.nan)


def _used(day: Day) -> float:
    """Return ln of the watt hours of a day's cycles."""
    return math.log(sum(math.exp(row[1]) for row in day.cycles)) if day.cycles else math.nan


def _mean_length(day: Day) -> float:
    """Return the mean ln length of a day's cycles."""
    return float(np.mean([row[_LENGTH] for row in day.cycles])) if day.cycles else math.nan


RULES: dict[str, Callable[[Day, Sequence[Day]], float]] = {
    "daily duty, robust z": _duty,
    "daily energy, robust z": _energy,
    "cycle length, robust z": _length,
    "cycle length, CUSUM": _cusum,
}
