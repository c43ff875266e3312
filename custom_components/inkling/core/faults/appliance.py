"""One appliance, watched by its plug: readings in, a verdict a day out."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np

from .appliance_alarm import ApplianceAlarm, Subject, alarm_of, has_stopped
from .appliance_state import AppliancePast, Readings, Stretch, dump_past, load_past
from .baseline import Baseline, Deviation
from .cycles import HOLD_SECONDS, Cycle, Levels, Segmenter, learn_levels, rounded
from .days import ApplianceKind, Climate, Day, Measure, summarise
from .matched import FULL_DAYS, Floats
from .trail import Trail

MARGIN = 0.45
"""Smallest of a coarse grid without a false alarm on healthy days that were held out, whichever units chose it."""
_LEVEL_DAYS = 3
_MOST_WAITING_DAYS = 14
_BASELINE_DAYS = FULL_DAYS
"""Its first weeks stay what it is compared with: a baseline that follows would never see slow decay."""
_MOST_DAYS = 4 * _BASELINE_DAYS
_SUDDEN = 1.6
"""One day so far beyond its band is enough; anything nearer is told when the next day is as odd."""
_SLACK = 0.4
_SLOW_LIMIT = 2.0
"""CUSUM in units of the threshold: five days at four fifths of it, twenty at half."""
_HEALTHY_DAYS = 2
_LIFT_AT_FALSE_ALARM = 1.6
_STEP_SECONDS = 60.0
_MOST_MINUTES = 20_000
_PLUG_SECONDS, _PLUG_WATTS, _PLUG_SHARE = 10.0, 5.0, 0.1
_INSIDE_SECONDS, _INSIDE_KELVIN = 60.0, 0.5
Found = tuple[Deviation, float]
"""What is wrong, and since when (epoch seconds)."""


@dataclass(frozen=True, slots=True)
class DayReport:
    """What a day was like; `alarm` stands until `_HEALTHY_DAYS` are well, `is_new` on the day that it is raised."""

    is_learning: bool
    deviations: tuple[Deviation, ...] = ()
    alarm: ApplianceAlarm | None = None
    is_new: bool = False

    @property
    def score(self) -> float:
        """Return 0 as usual to 100 at a threshold or beyond."""
        return 100.0 * min(1.0, max((item.excess for item in self.deviations), default=0.0))


class Appliance:
    """What is known of one appliance; times in epoch seconds, power in watts, days closed by the caller."""

    def __init__(
        self, signal: str, kind: ApplianceKind, *, device: str = "", learning_days: int = 7, margin: float = MARGIN
    ) -> None:
        """Begin with nothing known; `appliance_margin` says which margin costs how many false alarms a year."""
        self.signal = signal
        self.device = device
        self.kind = kind
        self._learning_days = max(learning_days, _LEVEL_DAYS)
        self._margin = margin
        self._past = AppliancePast()
        self._cutter: Segmenter | None = None
        self._plug = Trail(seconds=_PLUG_SECONDS, least=_PLUG_WATTS, share=_PLUG_SHARE)
        self._inside = Trail(seconds=_INSIDE_SECONDS, least=_INSIDE_KELVIN, share=0.0)
        self._cycles: list[Cycle] = []
        self._baseline: Baseline | None = None
        self._newest = math.nan

    @property
    def alarm(self) -> ApplianceAlarm | None:
        """Return the alarm that stands."""
        return self._past.alarm

    @property
    def days_learned(self) -> int:
        """Return how many healthy days it is compared with, or waits to learn from."""
        return len(self._past.days) + len(self._past.waiting)

    @property
    def is_learning(self) -> bool:
        """Return whether it is too early to judge."""
        return len(self._past.days) < self._learning_days

    @property
    def is_blank(self) -> bool:
        """Return whether nothing at all is known of it."""
        return not self.days_learned and not self._plug.kept

    @property
    def score(self) -> float:
        """Return how odd the newest day was: 0 as usual, 100 at a threshold or beyond."""
        return self._past.score

    @property
    def measure(self) -> Measure | None:
        """Return what was furthest off on the newest day, None before a day was judged."""
        return self._past.measure

    def append(self, t: float, watts: float) -> None:
        """Take a reading; NaN for unavailable."""
        self._newest = rounded(watts)
        for reading in self._plug.append(t, self._newest):
            self._cut(*reading)

    def lose(self, t: float) -> None:
        """Note that nobody knows what it did from then on, until the next reading."""
        self.append(t, math.nan)

    def append_temperature(self, t: float, celsius: float) -> None:
        """Take a reading of a thermometer inside it."""
        for _ in self._inside.append(t, celsius):
            pass

    def _cut(self, t: float, watts: float) -> None:
        """Let a reading end a cycle, once it is known what work is."""
        cycle = None if self._cutter is None else self._cutter.append(t, watts)
        if cycle is not None:
            self._cycles.append(cycle)

    def close_day(
        self,
        now: float,
        *,
        outdoor: float = math.nan,
        load: float = math.nan,
        is_usual: bool = True,
        is_away: bool = False,
    ) -> DayReport:
        """End a day of readings and judge it; what is outdoors and how much it was used make days comparable.

        A day that is not usual, with guests or a technician in the house, is neither judged nor learned from; of one
        with nobody at home only what is too much, or nothing at all, is told.
        """
        self._end(now)
        stretch = Stretch(tuple(self._plug.kept), tuple(self._inside.kept), outdoor, load)
        self._plug.restart()
        self._inside.restart()
        if not math.isnan(self._newest):
            # A plug that reports changes only may say nothing all day.
            self._plug.kept.append((now, self._newest))
        if self._cutter is None:
            if is_usual:
                self._wait(stretch)
            return DayReport(is_learning=True)
        day = summarise(self._cutter, self._cycles, Climate(stretch.climate), outdoor, load)
        self._cutter.restart_day()
        self._cycles = []
        if not is_usual or not (day.cycles or day.own):
            # Nobody saw what it did; that is neither a healthy day nor an odd one.
            return DayReport(is_learning=self.is_learning, alarm=self._past.alarm)
        return self._judge(day, now, is_away=is_away)

    def _end(self, now: float) -> None:
        """Let what was reported last stand until the end of the day."""
        for reading in self._plug.flush():
            self._cut(*reading)
        for _ in self._inside.flush():
            pass
        if not math.isnan(self._newest):
            self._plug.kept.append((now, self._newest))
            self._cut(now, self._newest)

    def false_alarm(self, measure: str) -> None:
        """Remember that this much of a measure was no fault."""
        key = Measure(measure)
        self._past.lift[key] = self._past.lift.get(key, 1.0) * _LIFT_AT_FALSE_ALARM
        self._forget_alarm()

    def serviced(self) -> None:
        """Begin its normal anew, as after a repair."""
        self._past = AppliancePast()
        self._cutter, self._baseline = None, None
        self._plug.restart()
        self._inside.restart()
        self._cycles = []

    def dump(self) -> bytes:
        """Return all that is known, with the day that is under way."""
        return dump_past(self._past, Stretch(tuple(self._plug.kept), tuple(self._inside.kept)))

    def load(self, data: bytes) -> None:
        """Take back what `dump` returned; ValueError with one sentence for anything else."""
        self._past, today = load_past(data)
        self._baseline, self._cycles = None, []
        self._cutter = None if self._past.levels is None else Segmenter(self._past.levels)
        self._plug.restart()
        self._inside.restart()
        for t, watts in today.readings:
            self.append(t, watts)
        for t, celsius in today.climate:
            self.append_temperature(t, celsius)

    def _wait(self, stretch: Stretch) -> None:
        """Keep a day until enough was seen to tell work from rest, then cut all days that were kept."""
        waiting = [*self._past.waiting, stretch][-_MOST_WAITING_DAYS:]
        # A day without a reading is no day of rest.
        self._past.waiting = waiting = [item for item in waiting if item.readings]
        if len(waiting) < _LEVEL_DAYS:
            return
        levels = learn_levels(np.concatenate([_evenly(item.readings) for item in waiting]))
        if levels is None:
            return
        self._past.levels = levels
        self._past.days += [_summary(item, levels) for item in waiting]
        self._past.waiting = []
        self._cutter = Segmenter(levels)

    def _judge(self, day: Day, now: float, *, is_away: bool = False) -> DayReport:
        """Compare a day with the baseline, or add it to it."""
        if self.is_learning:
            if not is_away:
                self._past.days.append(day)
            return DayReport(is_learning=True)
        if self._baseline is None:
            runs = self.kind.runs_by_itself
            self._baseline = Baseline(self._past.days, self._margin, runs_by_itself=runs)
        found = self._baseline.deviations(day, self._past.lift)
        if is_away:
            found = tuple(item for item in found if item.signed > 0.0 or has_stopped(item))
        self._past.score = 100.0 * min(1.0, found[0].excess) if found else 0.0
        self._past.measure = found[0].measure if found else None
        sudden, slow = self._confirm(found, now), self._add_up(found, now)
        is_new = False
        if sudden is not None or slow is not None:
            is_new = self._raise(sudden or slow, now, is_slow=sudden is None)
        elif found and found[0].excess > 1.0:
            # Odd, and alone so far: no alarm, but nothing to learn from either.
            self._past.healthy = 0
        else:
            self._settle(day, is_away=is_away)
        return DayReport(is_learning=False, deviations=found, alarm=self._past.alarm, is_new=is_new)

    def _confirm(self, found: tuple[Deviation, ...], now: float) -> Found | None:
        """Return what is far too much, or too much for the second day in a row that shows it, and since when."""
        shown = {item.measure for item in found}
        before = self._past.odd
        self._past.odd = {key: since for key, since in before.items() if key[0] not in shown}
        sure = []
        for item in found:
            if item.excess > 1.0:
                key = (item.measure, math.copysign(1.0, item.signed))
                since = self._past.odd[key] = before.get(key, now)
                if key in before or item.excess > _SUDDEN:
                    sure.append((item, since))
        return sure[0] if sure else None

    def _add_up(self, found: tuple[Deviation, ...], now: float) -> Found | None:
        """Add small deviations up, each side of each measure for itself; return the worst sum's, and since when."""
        over = []
        for item in found:
            for side in (1.0, -1.0):
                key = (item.measure, side)
                kept = self._past.sums.get(key, 0.0) + min(side * item.signed, 1.0) - _SLACK
                # Bounded, so that an appliance that is well again is soon seen to be.
                self._past.sums[key] = min(max(kept, 0.0), 1.5 * _SLOW_LIMIT)
                if not self._past.sums[key]:
                    self._past.began.pop(key, None)
                    continue
                since = self._past.began.setdefault(key, now)
                if self._past.sums[key] > _SLOW_LIMIT:
                    over.append((self._past.sums[key], item, since))
        return max(over, key=lambda entry: entry[0])[1:] if over else None

    def _raise(self, found: Found | None, now: float, *, is_slow: bool) -> bool:
        """Raise an alarm unless one stands: one a cause."""
        self._past.healthy = 0
        if self._past.alarm is not None or found is None:
            return False
        worst, since = found
        about = Subject(self.kind, self.signal, self.device, len(self._past.days) / self._learning_days)
        self._past.alarm = alarm_of(worst, about, since=since, now=now, is_slow=is_slow)
        return True

    def _settle(self, day: Day, *, is_away: bool) -> None:
        """Count a healthy day; the first weeks' are learned from."""
        self._past.healthy += 1
        if self._past.alarm is not None and self._past.healthy >= _HEALTHY_DAYS:
            self._past.alarm = None
        if self._past.alarm is None and not is_away and self._has_room:
            self._past.days.append(day)
            self._baseline = None

    @property
    def _has_room(self) -> bool:
        """Return whether its first weeks are not over: what people start is learned from the days they start it on."""
        if self.kind.runs_by_itself:
            return len(self._past.days) < _BASELINE_DAYS
        worked = sum(bool(day.cycles) for day in self._past.days)
        return worked < _BASELINE_DAYS and len(self._past.days) < _MOST_DAYS

    def _forget_alarm(self) -> None:
        """Let go of the alarm and of what added up to it."""
        self._past.alarm = None
        for kept in (self._past.odd, self._past.sums, self._past.began):
            kept.clear()
        self._past.healthy = 0


def _evenly(readings: Readings) -> Floats:
    """Return watts (n,) a minute apart, each held until the next reading, but no longer than a plug may be silent."""
    times = np.array([t for t, _ in readings])
    watts = np.array([value for _, value in readings])
    order = np.argsort(times, kind="stable")
    times, watts = times[order], watts[order]
    count = min(int((times[-1] - times[0]) // _STEP_SECONDS) + 1, _MOST_MINUTES)
    grid = times[0] + _STEP_SECONDS * np.arange(count)
    at = np.searchsorted(times, grid, side="right") - 1
    is_silent = (grid - times[at] > HOLD_SECONDS) & (watts[at] > 0.0)
    even: Floats = np.where(is_silent, np.nan, watts[at])
    return even


def _summary(stretch: Stretch, levels: Levels) -> Day:
    """Return a kept day's summary."""
    cutter = Segmenter(levels)
    found = [cutter.append(t, watts) for t, watts in stretch.readings]
    kept = [cycle for cycle in found if cycle is not None]
    return summarise(cutter, kept, Climate(stretch.climate), stretch.outdoor, stretch.load)
