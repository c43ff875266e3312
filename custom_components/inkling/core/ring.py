"""A bounded, time-ordered buffer of readings whose content is always one contiguous view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Ring:
    """The newest `capacity` readings: times in float64 epoch seconds, values in float32, NaN for missing.

    Storage is twice the capacity: appending writes at the end, and only every `capacity` appends the
    newest half moves to the front. Reading never has to stitch two ends together.
    """

    __slots__ = ("_capacity", "_start", "_stop", "_times", "_values")

    def __init__(self, capacity: int) -> None:
        """Reserve room for `capacity` readings."""
        if capacity < 1:
            message = f"a ring needs room for at least one reading, not {capacity}"
            raise ValueError(message)
        self._capacity = capacity
        self._times = np.empty(2 * capacity, dtype=np.float64)
        self._values = np.empty(2 * capacity, dtype=np.float32)
        self._start = 0
        self._stop = 0

    def __len__(self) -> int:
        """Return how many readings are held."""
        return self._stop - self._start

    @property
    def capacity(self) -> int:
        """Return how many readings can be held."""
        return self._capacity

    @property
    def times(self) -> NDArray[np.float64]:
        """Return a view of the times, oldest first, shape (n,), epoch seconds."""
        return self._times[self._start : self._stop]

    @property
    def values(self) -> NDArray[np.float32]:
        """Return a view of the values, oldest first, shape (n,), canonical unit."""
        return self._values[self._start : self._stop]

    def append(self, t: float, value: float) -> bool:
        """Add a reading and return True; one older than the newest is refused, one at its time replaces it."""
        if self._stop > self._start and t <= self._times[self._stop - 1]:
            if t < self._times[self._stop - 1]:
                return False
            self._values[self._stop - 1] = value
            return True
        if self._stop == 2 * self._capacity:
            self._compact()
        self._times[self._stop] = t
        self._values[self._stop] = value
        self._stop += 1
        self._start = max(self._start, self._stop - self._capacity)
        return True

    def replace_newest(self, t: float, value: float) -> None:
        """Put a reading in the place of the newest one held, whose time it must not precede."""
        self._times[self._stop - 1] = t
        self._values[self._stop - 1] = value

    def _compact(self) -> None:
        """Move the content to the front of the storage."""
        count = self._stop - self._start
        self._times[:count] = self._times[self._start : self._stop]
        self._values[:count] = self._values[self._start : self._stop]
        self._start, self._stop = 0, count

    def merge_older(self, times: NDArray[np.float64], values: NDArray[np.float32]) -> None:
        """Put readings before the ones held, dropping what is not older than the oldest held or does not fit.

        Both arrays have shape (n,), times strictly increasing. Used once, when history arrives after live readings.
        """
        if len(self):
            older = int(np.searchsorted(times, self.times[0], side="left"))
            times, values = times[:older], values[:older]
        all_times = np.concatenate((times, self.times))[-self._capacity :]
        all_values = np.concatenate((values, self.values))[-self._capacity :]
        self._start, self._stop = 0, len(all_times)
        self._times[: self._stop] = all_times
        self._values[: self._stop] = all_values
