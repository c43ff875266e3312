"""A day's readings, thinned: a plug that reports every second fills no memory, and no step of it is lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
import math

Reading = tuple[float, float]
"""Epoch seconds and watts or degrees, NaN for gone."""
_MOST_READINGS = 20_000
_REPEAT_SECONDS = 300.0


class Trail:
    """Keeps what matters of a stream; what is left out comes back when it turns out to have lasted."""

    def __init__(self, *, seconds: float, least: float, share: float) -> None:
        """Leave out changes under `least` or `share` of the last kept value that last for less than `seconds`."""
        self._seconds, self._least, self._share = seconds, least, share
        self.kept: deque[Reading] = deque(maxlen=_MOST_READINGS)
        self._last: Reading | None = None
        self._waits: Reading | None = None

    def append(self, t: float, value: float) -> Iterator[Reading]:
        """Take a reading and yield those that are kept now, oldest first."""
        if self._waits is not None and t - self._waits[0] >= self._seconds:
            yield from self._keep(*self._waits)
        if self._is_little(t, value):
            # What is as it was before says only that a blip is over.
            self._waits = None if self._last is not None and value == self._last[1] else (t, value)
            return
        yield from self._keep(t, value)

    def flush(self) -> Iterator[Reading]:
        """Yield what was left out last, since nothing came after it."""
        if self._waits is not None:
            yield from self._keep(*self._waits)

    def restart(self) -> None:
        """Begin a day anew."""
        self.kept.clear()

    def _keep(self, t: float, value: float) -> Iterator[Reading]:
        """Keep a reading."""
        self._last, self._waits = (t, value), None
        self.kept.append(self._last)
        yield self._last

    def _is_little(self, t: float, value: float) -> bool:
        """Return whether a reading says hardly more than the last kept one; a clock set back always does."""
        if self._last is None or math.isnan(value) or math.isnan(self._last[1]):
            return False
        seconds = t - self._last[0]
        if value == self._last[1]:
            return 0.0 <= seconds < _REPEAT_SECONDS
        change = abs(value - self._last[1])
        return 0.0 <= seconds < self._seconds and change <= max(self._least, self._share * abs(self._last[1]))
