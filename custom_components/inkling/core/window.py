"""The home's readings: appended one by one on the event loop, copied out whole for a worker."""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

import numpy as np

from .ring import Ring
from .units import ACTIVITY_ROLES, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from .sample import Sample

NEVER = -math.inf
"""A moment before all history: something that was never seen to happen."""

# At one reading every five seconds this spans the 64 minutes a model sees.
RING_CAPACITY = 768
_THIN_SECONDS = 5.0
# A fast meter's ring holds an hour, and a model asks how low its level was in half a day: an hour's lowest is enough.
_LOW_SECONDS = 3600.0
_LOWS = 13
# Roles whose every edge matters; the others are meters, thinned so that a fast one cannot push out the window.
# Thinning keeps the newest of a burst, never its first: a plug that reports only changes may then be silent for hours.
_EDGE_ROLES = frozenset(
    {Role.MOTION, Role.PRESENCE, Role.DOOR, Role.WINDOW, Role.LIGHT, Role.MEDIA, Role.VIBRATION, Role.PERSON}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One entity's part in one room; `room` None means the home as a whole (people, exit doors)."""

    id: str
    role: Role
    room: str | None

    def concerns(self, rooms: Collection[str]) -> bool:
        """Return whether any of these rooms looks at it: it is theirs, the home's, or activity anywhere."""
        return self.room is None or self.room in rooms or self.role in ACTIVITY_ROLES


@dataclass(frozen=True, slots=True)
class Track:
    """A signal's readings, copied: strictly rising times (n,) in epoch seconds, values (n,) with NaN for missing."""

    signal: Signal
    times: NDArray[np.float64]
    values: NDArray[np.float32]
    active_before: float = NEVER
    """Last moment of activity known to lie before the readings, epoch seconds."""
    changed_before: float = NEVER
    """Last change known to lie before the readings, epoch seconds."""
    value_before: float = math.nan
    """Last value known before the readings, NaN when there was none: the first reading may be a change from it."""
    onset_before: float = NEVER
    """Last moment known to lie before the readings at which activity began, epoch seconds."""
    lows_before: tuple[tuple[float, float], ...] = ()
    """Lowest value of each hour that lies before the readings, as (start in epoch seconds, value), oldest first."""


@dataclass(frozen=True, slots=True)
class HomeSnapshot:
    """Every signal's readings at one instant; safe to hand to a worker."""

    end: float
    tracks: tuple[Track, ...]
    utc_offset_seconds: float | None = None
    """What the home's clock is ahead of UTC; None leaves the time of day unknown."""


class _Live:
    """One signal's ring, and what must outlive it: when it was last active, when it last changed, from what."""

    __slots__ = (
        "_copied",
        "active_before",
        "changed_before",
        "lows_before",
        "onset_before",
        "ring",
        "signal",
        "thin",
        "value_before",
    )

    def __init__(self, signal: Signal) -> None:
        """Start without any reading."""
        self.signal = signal
        self.ring = Ring(RING_CAPACITY)
        self.active_before = NEVER
        self.changed_before = NEVER
        self.onset_before = NEVER
        self.value_before = math.nan
        self.lows_before: dict[float, float] = {}
        self.thin = signal.role not in _EDGE_ROLES
        self._copied: Track | None = None

    def append(self, t: float, value: float) -> bool:
        """Add a reading, in place of the newest where a meter reports faster than the thinning interval."""
        self._copied = None
        ring = self.ring
        times = ring.times
        if not len(times) or t <= times[-1]:
            return ring.append(t, value)
        if self.thin and not math.isnan(value) and self._newest_is_crowded():
            ring.replace_newest(t, value)
            return True
        if len(times) == ring.capacity:
            self._forget(float(times[0]), float(ring.values[0]), float(times[1]))
        return ring.append(t, value)

    def _newest_is_crowded(self) -> bool:
        """Return whether the newest reading follows the one before it too closely; going and coming back never do."""
        times, values = self.ring.times, self.ring.values
        if len(times) < 2 or times[-1] - times[-2] >= _THIN_SECONDS:  # noqa: PLR2004 - a distance needs two
            return False
        return not (math.isnan(values[-1]) or math.isnan(values[-2]))

    def _forget(self, t: float, value: float, until: float) -> None:
        """Keep what a reading that held from `t` to `until` says about activity and change, before it is dropped."""
        if math.isnan(value):
            return
        if self.thin:
            self._keep_low(t - t % _LOW_SECONDS, value)
        if value > 0.5:  # noqa: PLR2004 - half way between off and on
            if self.active_before < t:
                self.onset_before = t
            self.active_before = until
        if value != self.value_before and not math.isnan(self.value_before):
            self.changed_before = t
        self.value_before = value

    def _keep_low(self, start: float, value: float) -> None:
        """Keep the lowest value of the hour that begins at `start`, and no more hours than a model looks back."""
        self.lows_before[start] = min(value, self.lows_before.get(start, math.inf))
        while len(self.lows_before) > _LOWS:
            del self.lows_before[min(self.lows_before)]

    def absorb(self, past: Track) -> None:
        """Put older readings before the ones held; what has no room is forgotten in order."""
        self._copied = None
        times, values = past.times, past.values
        if len(self.ring):
            older = int(np.searchsorted(times, self.ring.times[0], side="left"))
            times, values = times[:older], values[:older]
        active, changed, value = self.active_before, self.changed_before, self.value_before
        onset = self.onset_before
        self.active_before, self.changed_before = past.active_before, past.changed_before
        self.value_before, self.onset_before = past.value_before, past.onset_before
        for start, low in past.lows_before:
            self._keep_low(start, low)
        stops = np.append(times[1:], self.ring.times[:1])
        for index in range(len(times) - (self.ring.capacity - len(self.ring))):
            self._forget(float(times[index]), float(values[index]), float(stops[index]))
        self.active_before = max(self.active_before, active)
        self.changed_before = max(self.changed_before, changed)
        self.onset_before = max(self.onset_before, onset)
        self.value_before = self.value_before if math.isnan(value) else value
        self.ring.merge_older(times, values)

    def track(self) -> Track:
        """Return a read-only copy of the readings, the last one again while nothing came: most signals rest."""
        if self._copied is None:
            times, values = self.ring.times.copy(), self.ring.values.copy()
            times.flags.writeable = values.flags.writeable = False
            self._copied = Track(
                self.signal,
                times,
                values,
                self.active_before,
                self.changed_before,
                self.value_before,
                self.onset_before,
                tuple(sorted(self.lows_before.items())),
            )
        return self._copied


def digest(signal: Signal, samples: Iterable[Sample], active_before: float = NEVER) -> Track:
    """Return history as the window would hold it; pure, so that a worker can do it before `HomeWindow.merge`.

    Samples come oldest first; `active_before` is the last activity known before the first, in epoch seconds.
    """
    past = _Live(signal)
    past.active_before = active_before
    for sample in samples:
        past.append(sample.t, sample.value)
    return past.track()


class HomeWindow:
    """All signals of a home. Lives on the event loop; nothing else may touch it."""

    __slots__ = ("_live",)

    def __init__(self, signals: Iterable[Signal]) -> None:
        """Make an empty ring for each signal; ids must differ."""
        self._live: dict[str, _Live] = {}
        for signal in signals:
            if signal.id in self._live:
                message = f"two signals are called {signal.id}"
                raise ValueError(message)
            self._live[signal.id] = _Live(signal)

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Return the signals, in the order given."""
        return tuple(live.signal for live in self._live.values())

    def append(self, signal_id: str, sample: Sample) -> bool:
        """Add a reading in O(1) and return whether it was taken; one that comes late is not."""
        return self._live[signal_id].append(sample.t, sample.value)

    def merge(self, past: Track) -> None:
        """Put digested history before the live readings; what is later than the oldest live one is dropped.

        Meant for the moments after set-up: once a ring has overflown, a change right at the seam is not seen.
        """
        self._live[past.signal.id].absorb(past)

    def fill(self, signal_id: str, samples: Iterable[Sample], active_before: float = NEVER) -> None:
        """Put history before the live readings in one go: `digest` and `merge`."""
        self.merge(digest(self._live[signal_id].signal, samples, active_before))

    def last_reading(self, signal_id: str) -> tuple[float, float] | None:
        """Return the newest reading's time and value (NaN when missing), None when there is none."""
        ring = self._live[signal_id].ring
        return (float(ring.times[-1]), float(ring.values[-1])) if len(ring) else None

    def snapshot(
        self, end: float, rooms: Collection[str] | None = None, utc_offset_seconds: float | None = None
    ) -> HomeSnapshot:
        """Return a copy of the readings that an answer at `end` (epoch seconds) for these rooms needs; None: all."""
        wanted = [live for live in self._live.values() if rooms is None or live.signal.concerns(rooms)]
        return HomeSnapshot(end, tuple(live.track() for live in wanted), utc_offset_seconds)
