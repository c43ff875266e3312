"""The home's readings: appended one by one on the event loop, copied out whole for a worker."""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

import numpy as np

from .ring import Ring
from .units import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .sample import Sample

NEVER = -math.inf
"""A moment before all history: something that was never seen to happen."""

# At one reading every five seconds this spans the 64 minutes a model sees.
RING_CAPACITY = 768
_THIN_SECONDS = 5.0
# Roles whose every edge matters; the others are meters, thinned so that a fast one cannot push out the window.
_EDGE_ROLES = frozenset(
    {Role.MOTION, Role.PRESENCE, Role.DOOR, Role.WINDOW, Role.LIGHT, Role.MEDIA, Role.VIBRATION, Role.PERSON}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One entity's part in one room; `room` None means the home as a whole (people, exit doors)."""

    id: str
    role: Role
    room: str | None


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


@dataclass(frozen=True, slots=True)
class HomeSnapshot:
    """Every signal's readings at one instant; safe to hand to a worker."""

    end: float
    tracks: tuple[Track, ...]


class _Live:
    """One signal's ring, and what must outlive it: when it was last active and last changed."""

    __slots__ = ("active_before", "changed_before", "ring", "signal", "thin")

    def __init__(self, signal: Signal) -> None:
        """Start without any reading."""
        self.signal = signal
        self.ring = Ring(RING_CAPACITY)
        self.active_before = NEVER
        self.changed_before = NEVER
        self.thin = signal.role not in _EDGE_ROLES

    def append(self, t: float, value: float) -> bool:
        """Add a reading; a meter's is dropped when its last one is younger than the thinning interval."""
        times = self.ring.times
        if self.thin and len(times) and self._is_too_soon(t, value):
            return False
        if len(times) == self.ring.capacity:
            self._remember_oldest()
        return self.ring.append(t, value)

    def _is_too_soon(self, t: float, value: float) -> bool:
        """Return whether a meter's reading adds nothing to the last one; going missing or coming back always does."""
        elapsed = t - self.ring.times[-1]
        return bool(0.0 <= elapsed < _THIN_SECONDS) and not (math.isnan(value) or math.isnan(self.ring.values[-1]))

    def _remember_oldest(self) -> None:
        """Keep what the oldest reading, about to be pushed out, says about activity and change."""
        times, values = self.ring.times, self.ring.values
        if values[0] > 0.5:  # noqa: PLR2004 - half way between off and on
            self.active_before = float(times[1])
        if values[0] != values[1] and not np.isnan(values[:2]).any():
            self.changed_before = float(times[1])

    def track(self) -> Track:
        """Return a copy of the readings."""
        return Track(
            self.signal, self.ring.times.copy(), self.ring.values.copy(), self.active_before, self.changed_before
        )


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

    def fill(self, signal_id: str, samples: Sequence[Sample], active_before: float = NEVER) -> None:
        """Put history before the live readings: samples oldest first, later ones than the oldest live are dropped.

        `active_before` is the last activity known before the first sample, in epoch seconds.
        """
        live = self._live[signal_id]
        past = _Live(live.signal)
        past.active_before = active_before
        for sample in samples:
            past.append(sample.t, sample.value)
        live.active_before = max(live.active_before, past.active_before)
        live.changed_before = max(live.changed_before, past.changed_before)
        live.ring.merge_older(past.ring.times, past.ring.values)

    def last_reading(self, signal_id: str) -> tuple[float, float] | None:
        """Return the newest reading's time and value (NaN when missing), None when there is none."""
        ring = self._live[signal_id].ring
        return (float(ring.times[-1]), float(ring.values[-1])) if len(ring) else None

    def snapshot(self, end: float) -> HomeSnapshot:
        """Return a copy of every signal's readings, for an answer at `end` (epoch seconds)."""
        return HomeSnapshot(end, tuple(live.track() for live in self._live.values()))
