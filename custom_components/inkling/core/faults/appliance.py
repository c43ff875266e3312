"""One appliance, watched by its plug: readings in, a verdict a day out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
import math

import numpy as np

from .appliance_state import AppliancePast, dump_past, load_past
from .baseline import Baseline, Deviation
from .classes import Alarm, FaultClass, Scope, Severity
from .cycles import HOLD_SECONDS, Cycle, Levels, Segmenter, learn_levels
from .days import ApplianceKind, Climate, Day, Measure, summarise
from .matched import Floats

MARGIN = 1.0
"""Smallest of a coarse grid without a false alarm on healthy days that were held out, whichever units chose it."""
_LEVEL_DAYS = 3
_MOST_WAITING_DAYS = 14
_BASELINE_DAYS = 28
"""Its first weeks stay what it is compared with: a baseline that follows would never see slow decay."""
_SLACK = 0.4
_SLOW_LIMIT = 2.0
"""CUSUM in units of the threshold: five days at four fifths of it, twenty at half."""
_HEALTHY_DAYS = 2
_LIFT_AT_FALSE_ALARM = 1.6
_STEP_SECONDS = 60.0
_MOST_READINGS = 20_000
Readings = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class DayReport:
    """What a day was like; `alarm` stands until `_HEALTHY_DAYS` are well, `is_new` on the day that it is raised."""

    is_learning: bool
    deviations: tuple[Deviation, ...] = ()
    alarm: Alarm | None = None
    is_new: bool = False

    @property
    def score(self) -> float:
        """Return 0 as usual to 100 at a threshold or beyond."""
        return 100.0 * min(1.0, max((item.excess for item in self.deviations), default=0.0))


class Appliance:
    """What is known of one appliance; times in epoch seconds, power in watts, days closed by the caller."""

    def __init__(self, signal: str, kind: ApplianceKind, *, device: str = "", learning_days: int = 7) -> None:
        """Begin with nothing known."""
        self.signal = signal
        self.device = device
        self.kind = kind
        self._learning_days = max(learning_days, _LEVEL_DAYS)
        self._margin = MARGIN
        self._past = AppliancePast()
        self._cutter: Segmenter | None = None
        self._raw: deque[tuple[float, float]] = deque(maxlen=_MOST_READINGS)
        self._waiting: list[tuple[Readings, Climate, float, float]] = []
        self._cycles: list[Cycle] = []
        self._climate: deque[tuple[float, float]] = deque(maxlen=_MOST_READINGS)
        self._baseline: Baseline | None = None
        self._alarm: Alarm | None = None
        self._healthy = 0

    @property
    def alarm(self) -> Alarm | None:
        """Return the alarm that stands."""
        return self._alarm

    @property
    def days_learned(self) -> int:
        """Return how many healthy days it is compared with."""
        return len(self._past.days)

    def append(self, t: float, watts: float) -> None:
        """Take a reading; NaN for unavailable."""
        if self._cutter is None:
            self._raw.append((t, watts))
            return
        cycle = self._cutter.append(t, watts)
        if cycle is not None:
            self._cycles.append(cycle)

    def append_temperature(self, t: float, celsius: float) -> None:
        """Take a reading of a thermometer inside it."""
        self._climate.append((t, celsius))

    def close_day(self, now: float, *, outdoor: float = math.nan, load: float = math.nan) -> DayReport:
        """End a day of readings and judge it; what is outdoors and how much it was used make days comparable."""
        climate = Climate(tuple(self._climate))
        self._climate.clear()
        if self._cutter is None:
            self._wait(climate, outdoor, load)
            return DayReport(is_learning=True)
        day = summarise(self._cutter, self._cycles, climate, outdoor, load)
        self._cutter.restart_day()
        self._cycles = []
        return self._judge(day, now)

    def false_alarm(self, measure: str) -> None:
        """Remember that this much of a measure was no fault."""
        key = Measure(measure)
        self._past.lift[key] = self._past.lift.get(key, 1.0) * _LIFT_AT_FALSE_ALARM
        self._forget_alarm()

    def serviced(self) -> None:
        """Begin its normal anew, as after a repair."""
        self._past = AppliancePast()
        self._cutter, self._baseline = None, None
        self._raw.clear()
        self._waiting, self._cycles = [], []
        self._forget_alarm()

    def dump(self) -> bytes:
        """Return what was learned; a cycle that is under way is not part of it."""
        return dump_past(self._past)

    def load(self, data: bytes) -> None:
        """Take back what `dump` returned; ValueError with one sentence for anything else."""
        self._past = load_past(data)
        self._baseline = None
        self._cutter = None if self._past.levels is None else Segmenter(self._past.levels)

    def _wait(self, climate: Climate, outdoor: float, load: float) -> None:
        """Keep a day until enough was seen to tell work from rest, then cut all days that were kept."""
        self._waiting.append((tuple(self._raw), climate, outdoor, load))
        self._waiting = self._waiting[-_MOST_WAITING_DAYS:]
        self._raw.clear()
        if len(self._waiting) < _LEVEL_DAYS:
            return
        levels = learn_levels(np.concatenate([_evenly(readings) for readings, *_ in self._waiting]))
        if levels is None:
            return
        self._past.levels = levels
        for readings, its_climate, its_outdoor, its_load in self._waiting:
            self._past.days.append(_cut(readings, levels, its_climate, its_outdoor, its_load))
        self._waiting = []
        self._cutter = Segmenter(levels)

    def _judge(self, day: Day, now: float) -> DayReport:
        """Compare a day with the baseline, or add it to it."""
        if len(self._past.days) < self._learning_days:
            self._past.days.append(day)
            return DayReport(is_learning=True)
        if self._baseline is None:
            runs = self.kind.runs_by_itself
            self._baseline = Baseline(self._past.days, self._margin, runs_by_itself=runs)
        found = self._baseline.deviations(day, self._past.lift)
        slow = self._add_up(found)
        is_sudden = bool(found) and found[0].excess > 1.0
        is_new = self._raise(found[0], FaultClass.BIAS, now) if is_sudden else False
        if not is_sudden and slow is not None:
            is_new = self._raise(slow, FaultClass.DRIFT, now)
        if not is_sudden and slow is None:
            self._settle(day)
        return DayReport(is_learning=False, deviations=found, alarm=self._alarm, is_new=is_new)

    def _add_up(self, found: tuple[Deviation, ...]) -> Deviation | None:
        """Add small deviations up, each side of each measure for itself; return the worst that is over the limit."""
        over = []
        for item in found:
            for side in (1.0, -1.0):
                key = (item.measure, side)
                kept = self._past.sums.get(key, 0.0) + min(side * item.signed, 1.0) - _SLACK
                # Bounded, so that an appliance that is well again is soon seen to be.
                self._past.sums[key] = min(max(kept, 0.0), 1.5 * _SLOW_LIMIT)
                if self._past.sums[key] > _SLOW_LIMIT:
                    over.append((self._past.sums[key], item))
        return max(over, key=lambda pair: pair[0])[1] if over else None

    def _raise(self, worst: Deviation, fault: FaultClass, now: float) -> bool:
        """Raise an alarm unless one stands: one a cause."""
        self._healthy = 0
        if self._alarm is not None:
            return False
        is_cold = self.kind in (ApplianceKind.FRIDGE, ApplianceKind.FREEZER) and worst.measure is Measure.TEMPERATURE
        self._alarm = Alarm(
            target=self.device or self.signal,
            scope=Scope.DEVICE if self.device else Scope.SIGNAL,
            signal=self.signal,
            device=self.device,
            fault=fault,
            severity=Severity.CRITICAL if is_cold and worst.signed > 0.0 else Severity.WARNING,
            since=now,
            raised=now,
            measure=worst.measure,
            expected=worst.expected,
            seen=worst.seen,
            confidence=min(0.99, 1.0 - 0.5 ** max(worst.excess, 0.0) * self._learning_days / self.days_learned),
            responsible=((self.signal, 1.0),),
        )
        return True

    def _settle(self, day: Day) -> None:
        """Count a healthy day; the first weeks' are learned from."""
        self._healthy += 1
        if self._alarm is not None and self._healthy >= _HEALTHY_DAYS:
            self._alarm = None
        if self._alarm is None and len(self._past.days) < _BASELINE_DAYS:
            self._past.days.append(day)
            self._baseline = None

    def _forget_alarm(self) -> None:
        """Let go of the alarm and of what added up to it."""
        self._alarm = None
        self._past.sums.clear()
        self._healthy = 0


def _evenly(readings: Readings) -> Floats:
    """Return watts (n,) a minute apart, each held until the next reading, but no longer than a plug may be silent."""
    if not readings:
        return np.empty(0)
    times = np.array([t for t, _ in readings])
    watts = np.array([value for _, value in readings])
    order = np.argsort(times, kind="stable")
    times, watts = times[order], watts[order]
    count = min(int((times[-1] - times[0]) // _STEP_SECONDS) + 1, _MOST_READINGS)
    grid = times[0] + _STEP_SECONDS * np.arange(count)
    at = np.searchsorted(times, grid, side="right") - 1
    is_silent = (grid - times[at] > HOLD_SECONDS) & (watts[at] > 0.0)
    even: Floats = np.where(is_silent, np.nan, watts[at])
    return even


def _cut(readings: Readings, levels: Levels, climate: Climate, outdoor: float, load: float) -> Day:
    """Return a kept day's summary."""
    cutter = Segmenter(levels)
    found = [cutter.append(t, watts) for t, watts in readings]
    return summarise(cutter, [cycle for cycle in found if cycle is not None], climate, outdoor, load)
