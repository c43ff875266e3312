"""An appliance's cycles from its power: what it idles at and works at, and each run of work."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

WORK_SHARE = 0.5
"""A cycle is a run above that share of the way from idling to the level at which half of the energy is used."""
_LEAST_WATTS = 5.0
HOLD_SECONDS = 900.0
"""A plug that reports on change is silent while nothing changes; beyond that it may be dead."""


_DIP_SECONDS = 180.0
"""No compressor starts again that soon: a shorter rest is a dip within a cycle."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Watts that divide idling from working."""

    idle: float
    work: float


@dataclass(frozen=True, slots=True)
class Cycle:
    """One run of work: seconds, watts, watt hours."""

    start: float
    seconds: float
    energy: float
    peak: float
    pause_seconds: float | None
    """How long it had idled before; None where that was not seen from its beginning."""

    @property
    def watts(self) -> float:
        """Return its mean power."""
        return self.energy * 3600.0 / self.seconds


def rounded(watts: float) -> float:
    """Return whole watts: all that plugs report, and all that may be judged."""
    return float(math.floor(watts + 0.5)) if math.isfinite(watts) else math.nan


def learn_levels(watts: NDArray[np.float64]) -> Levels | None:
    """Return the levels that an appliance's watts (n,), evenly spaced, show; None if it never worked."""
    known = np.sort(np.floor(watts[np.isfinite(watts)] + 0.5))
    if not len(known):
        return None
    used = np.cumsum(np.maximum(known, 0.0))
    if used[-1] <= 0.0:
        return None
    half = float(known[int(np.searchsorted(used, used[-1] / 2.0))])
    resting = known[known < half * WORK_SHARE]
    idle = float(np.median(resting)) if len(resting) else 0.0
    if half - idle < _LEAST_WATTS:
        return None
    return Levels(idle, idle + WORK_SHARE * (half - idle))


@dataclass(slots=True)
class _Open:
    """A cycle that may go on."""

    start: float
    pause_seconds: float | None
    seconds: float = 0.0
    energy: float = 0.0
    peak: float = 0.0
    ended: float | None = None
    """When work stopped; None while it works."""


class Segmenter:
    """Cuts a stream of watts into cycles, a reading at a time."""

    def __init__(self, levels: Levels) -> None:
        """Begin before the first reading."""
        self.levels = levels
        self.seen_seconds = 0.0
        self.idle_seconds = 0.0
        self.work_seconds = 0.0
        self._idle_at: dict[float, float] = {}
        self._at = math.nan
        self._watts = math.nan
        self._open: _Open | None = None
        self._rested: float | None = None
        """When the last whole cycle ended; None if that is not known."""
        self._is_idle_seen = False

    @property
    def idle_watts(self) -> float | None:
        """Return what it draws for half of the time that it does not work, or less."""
        passed = 0.0
        for watts in sorted(self._idle_at):
            passed += self._idle_at[watts]
            if passed >= self.idle_seconds / 2.0:
                return watts
        return None

    def restart_day(self) -> None:
        """Begin a day's sums anew; an open cycle goes on."""
        self.seen_seconds = self.idle_seconds = self.work_seconds = 0.0
        self._idle_at = {}

    def append(self, t: float, watts: float) -> Cycle | None:
        """Take a reading (epoch seconds, watts or NaN) and return the cycle that it shows to be over, if any."""
        value = rounded(watts)
        is_late = t - self._at > HOLD_SECONDS and self._watts > self.levels.work
        # A clock set back, a silence while it worked, no reading: how the cycle went on is not known.
        if t <= self._at or is_late:
            self._lose()
        elif not math.isnan(self._watts):
            self._spend(t - self._at)
        ended = self._finish(t)
        if math.isnan(value):
            self._lose()
        elif value > self.levels.work:
            self._work(t, value)
        else:
            self._rest(t)
        self._at, self._watts = t, value
        return ended

    def _spend(self, seconds: float) -> None:
        """Account for the time that the last reading held."""
        self.seen_seconds += seconds
        if self._watts <= self.levels.work:
            self.idle_seconds += seconds
            self._idle_at[self._watts] = self._idle_at.get(self._watts, 0.0) + seconds
            return
        self.work_seconds += seconds
        if self._open is not None:
            self._open.seconds += seconds
            self._open.energy += self._watts * seconds / 3600.0

    def _lose(self) -> None:
        """Drop what is open: nobody saw how it went on."""
        self._open, self._rested, self._is_idle_seen = None, None, False

    def _finish(self, t: float) -> Cycle | None:
        """End the open cycle once it has rested for longer than a dip lasts."""
        cycle = self._open
        if cycle is None or cycle.ended is None or t - cycle.ended <= _DIP_SECONDS:
            return None
        self._open, self._rested = None, cycle.ended
        return Cycle(cycle.start, cycle.seconds, cycle.energy, cycle.peak, cycle.pause_seconds)

    def _work(self, t: float, watts: float) -> None:
        """Begin a cycle or go on with it; one whose beginning was not seen is none."""
        if self._open is None and self._is_idle_seen:
            self._open = _Open(t, None if self._rested is None else t - self._rested)
        self._is_idle_seen = False
        if self._open is not None:
            self._open.ended = None
            self._open.peak = max(self._open.peak, watts)

    def _rest(self, t: float) -> None:
        """Note that it does not work."""
        self._is_idle_seen = True
        if self._open is not None and self._open.ended is None:
            self._open.ended = t
