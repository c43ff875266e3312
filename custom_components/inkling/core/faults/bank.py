"""What the worker keeps of every signal: a day of bins, four weeks of hours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .classes import WatchedSignal
from .intake import FIELDS, MAX_CLOSED_BINS, Batch, Field

BINS = MAX_CLOSED_BINS
BINS_AN_HOUR = 12
HOURS = 672
# Room to write on before what is kept moves to the front again.
_SLACK = 96
EXPECTED, SILENT, ALIKE, ALONE, APART = range(FIELDS, FIELDS + 5)
"""Columns that the worker adds: what the peers say it should be, whether its device was silent for too long, and what
the peers say if a change of theirs is one of its own, in full; the share of the bin for which it was on while the
home, and while the other sensors of its room, saw nobody."""
COLUMNS = FIELDS + 5

Floats = NDArray[np.float32]
_CARRIED = (Field.MEAN, Field.LOW, Field.HIGH, Field.LAST)


def apart(by_line: Floats, in_full: Floats) -> Floats:
    """Return the distance from the peers that both ways of telling it agree on, NaN where unknown."""
    nearer = np.where(np.abs(by_line) < np.abs(in_full), by_line, in_full)
    found: Floats = np.where(by_line * in_full < 0.0, np.float32(0.0), nearer)
    return found


class Bank:
    """Bins and hours of all signals; arrays are (columns, signals, time), the newest last."""

    def __init__(self, signals: Sequence[WatchedSignal]) -> None:
        """Begin with nothing known."""
        self.count = len(signals)
        self.is_binary = np.array([signal.is_binary for signal in signals], dtype=bool).reshape(self.count)
        self._fine = np.zeros((COLUMNS, self.count, BINS + _SLACK), dtype=np.float32)
        self._fine[[*_CARRIED, EXPECTED, ALIKE]] = np.nan
        self._fine[Field.STEP] = np.inf
        self._stop = BINS
        self.number = -1
        """The newest closed bin, counted from 1970."""
        self.hour_mean = np.full((self.count, HOURS), np.nan, dtype=np.float32)
        self.hour_rest = np.full((self.count, HOURS), np.nan, dtype=np.float32)
        """Mean distance from the peers, hour by hour."""
        self.reported = np.full(self.count, np.nan)
        self.changed = np.full(self.count, np.nan)
        self.value = np.full(self.count, np.nan)

    def last(self, column: int, bins: int) -> Floats:
        """Return a view of a column's newest bins, shape (signals, bins)."""
        return self._fine[column, :, self._stop - bins : self._stop]

    def at(self, column: int, ago: int) -> Floats:
        """Return a view of a column at a bin that many bins ago, shape (signals,)."""
        return self._fine[column, :, self._stop - 1 - ago]

    @property
    def fine(self) -> Floats:
        """Return a view of the day of bins, shape (columns, signals, BINS)."""
        return self._fine[:, :, self._stop - BINS : self._stop]

    def advance(self, batch: Batch, number: int) -> None:
        """Append the bin of this number: what the batch has of it, else what stood before."""
        if self._stop == BINS + _SLACK:
            self._fine[:, :, :BINS] = self._fine[:, :, self._stop - BINS : self._stop].copy()
            self._stop = BINS
        place = self._stop
        self._stop += 1
        self.number = number
        new = self._fine[:, :, place]
        new[:] = 0.0
        new[Field.STEP] = np.inf
        new[Field.BAD_VALUE] = np.nan
        new[[EXPECTED, ALIKE]] = np.nan
        for field in _CARRIED:
            new[field] = self._fine[Field.LAST, :, place - 1]
        # Half a bin of a switch that stays on is a bin of one that is on.
        chosen = [row for row in batch.rows if row[1] == number]
        if chosen:
            new[:FIELDS, [row[0] for row in chosen]] = np.array([row[2] for row in chosen], dtype=np.float32).T
        gone = np.isnan(batch.value) & (new[Field.COUNT] == 0.0)
        new[[*_CARRIED], :] = np.where(gone, np.nan, new[[*_CARRIED], :])

    def take_heads(self, batch: Batch) -> None:
        """Take over where every signal stands."""
        self.reported, self.changed, self.value = batch.reported, batch.changed, batch.value

    def close_hour(self, expected: Callable[[Floats], tuple[Floats, Floats]]) -> None:
        """Add the hour that ended: the mean of its bins, and its distance from what the peers lead to expect."""
        bins = self.last(Field.MEAN, BINS_AN_HOUR)
        known = ~np.isnan(bins)
        with np.errstate(invalid="ignore"):
            mean = (np.where(known, bins, 0.0).sum(axis=1) / known.sum(axis=1)).astype(np.float32)
        by_line, in_full = expected(mean)
        for ring, newest in ((self.hour_mean, mean), (self.hour_rest, apart(mean - by_line, mean - in_full))):
            ring[:, :-1] = ring[:, 1:].copy()
            ring[:, -1] = newest

    def forget_hours(self, rows: NDArray[np.bool_], hours: int) -> None:
        """Drop the newest hours of some signals: a fault teaches nothing."""
        self.hour_mean[rows, HOURS - hours :] = np.nan
        self.hour_rest[rows, HOURS - hours :] = np.nan
