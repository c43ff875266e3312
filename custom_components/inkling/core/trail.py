"""What the model said of one room lately, before any shift: the last day in moments, the last weeks as a histogram."""

from __future__ import annotations

from array import array
import math

from .labels import Point

PACE_SECONDS = 120.0
"""Moments nearer to one another say the same."""
_POINTS = 720
"""A day of them, 9 KB a room."""
_EDGE, _BIN = 8.0, 0.5
_BINS = int(2 * _EDGE / _BIN)
_HALF_LIFE_SECONDS = 7 * 86_400.0
_LEAST_POINTS = 360.0
"""Half a day: before that nobody knows how quiet or lively the room gets."""


class Trail:
    """The newest log-odds and those of the last day, in order of time."""

    __slots__ = ("_at", "_odds", "_times", "newest")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._times = array("d")
        self._odds = array("f")
        self._at = 0
        self.newest: Point | None = None

    def note(self, t: float, log_odds: float) -> bool:
        """Take a moment (epoch seconds); return whether it is one to be kept."""
        last = self._times[self._at - 1] if self._times else -math.inf
        self.newest = (t, log_odds)
        # A clock set back begins again at once: what lies in the future is not of this day.
        if 0.0 <= t - last < PACE_SECONDS:
            return False
        if len(self._times) < _POINTS:
            self._times.append(t)
            self._odds.append(log_odds)
            self._at = len(self._times) % _POINTS
        else:
            self._times[self._at], self._odds[self._at] = t, log_odds
            self._at = (self._at + 1) % _POINTS
        return True

    def between(self, start: float, end: float) -> list[Point]:
        """Return the moments from `start` to `end` (epoch seconds), the newest among them."""
        found = {t: odds for t, odds in zip(self._times, self._odds, strict=True) if start <= t <= end}
        if self.newest is not None and start <= self.newest[0] <= end:
            found[self.newest[0]] = self.newest[1]
        return sorted(found.items())


class Spread:
    """How a room's log-odds are spread over its time, old moments counting less."""

    __slots__ = ("_at", "counts")

    def __init__(self, counts: list[float] | None = None) -> None:
        """Begin with nothing, or with what was kept where it fits."""
        fits = counts is not None and len(counts) == _BINS
        self.counts = list(counts) if counts is not None and fits else [0.0] * _BINS
        self._at: float | None = None

    def add(self, t: float, log_odds: float) -> None:
        """Count a moment (epoch seconds)."""
        if self._at is None or t - self._at >= PACE_SECONDS * 30:
            self._fade(t)
        self.counts[min(_BINS - 1, max(0, int((log_odds + _EDGE) / _BIN)))] += 1.0

    def _fade(self, t: float) -> None:
        """Let what was counted count less, once an hour."""
        if self._at is not None:
            share = 0.5 ** ((t - self._at) / _HALF_LIFE_SECONDS)
            self.counts = [count * share for count in self.counts]
        self._at = t

    @property
    def is_known(self) -> bool:
        """Return whether enough was counted to tell a room's quiet from its life."""
        return sum(self.counts) >= _LEAST_POINTS

    def shares(self) -> tuple[list[float], list[float]]:
        """Return the middle of every bin in log-odds, and the share of the time spent in it; zeros before any."""
        total = sum(self.counts) or 1.0
        return [(index + 0.5) * _BIN - _EDGE for index in range(_BINS)], [count / total for count in self.counts]

    def below(self, share: float) -> float:
        """Return log-odds that at least this share of the time stays below: the upper edge of its bin."""
        left = share * sum(self.counts)
        for index, count in enumerate(self.counts):
            left -= count
            if left <= 0.0:
                return (index + 1) * _BIN - _EDGE
        return _EDGE

    def above(self, share: float) -> float:
        """Return log-odds that at least this share of the time stays above: the lower edge of its bin."""
        left = share * sum(self.counts)
        for index in range(_BINS - 1, -1, -1):
            left -= self.counts[index]
            if left <= 0.0:
                return index * _BIN - _EDGE
        return -_EDGE
