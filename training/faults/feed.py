"""What the loop's half of the watch makes of a recording: every bin of every signal, made once and walked often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.classes import WatchedSignal
from custom_components.inkling.core.faults.intake import BIN_SECONDS, MAX_CLOSED_BINS, Batch, Intake, Row, limits

from .readings import Series

Doubles = NDArray[np.float64]
_HEADS = 3


class Feed:
    """The batches of a recorded home, bin by bin."""

    def __init__(self, signals: Sequence[WatchedSignal], series: Mapping[str, Series]) -> None:
        """Put all readings through the intake."""
        self._signals = tuple(signals)
        times = [series[item.id].times for item in signals]
        self.first = int(min(item[0] for item in times) // BIN_SECONDS)
        self.end = float(max(item[-1] for item in times))
        """The time of the last reading, epoch seconds."""
        self._count = int(self.end // BIN_SECONDS) - self.first + 1
        self._rows: list[list[Row]] = [[] for _ in range(self._count)]
        self._heads = np.empty((self._count, _HEADS, len(signals)))
        self._other: dict[int, tuple[dict[int, Row], Doubles]] = {}
        for index, signal in enumerate(signals):
            for row in rows_of(index, signal, series[signal.id]):
                self._rows[row[1] - self.first].append(row)
            self._heads[:, :, index] = heads_of(signal, series[signal.id], self.first, self._count)

    def changed(self, series: Mapping[str, Series]) -> Self:
        """Return a feed in which some signals say something else."""
        other = object.__new__(type(self))
        other._signals, other.first, other.end = self._signals, self.first, self.end
        other._count, other._rows, other._heads = self._count, self._rows, self._heads
        other._other = {
            index: (
                {row[1]: row for row in rows_of(index, signal, series[signal.id])},
                heads_of(signal, series[signal.id], self.first, self._count),
            )
            for index, signal in enumerate(self._signals)
            if signal.id in series
        }
        return other

    def batch(self, number: int) -> Batch:
        """Return what the loop hands over when the bin of this number has ended."""
        place = min(number - self.first, self._count - 1)
        rows, heads = self._rows[place] if place == number - self.first else [], self._heads[place]
        if self._other:
            rows, heads = [row for row in rows if row[0] not in self._other], heads.copy()
            for index, (mine, head) in self._other.items():
                heads[:, index] = head[place]
                rows += [mine[number]] if number in mine else []
        return Batch(float((number + 1) * BIN_SECONDS), tuple(rows), *heads)


def rows_of(index: int, signal: WatchedSignal, series: Series) -> list[Row]:
    """Return the closed bins of one signal that is at this place among those watched."""
    intake = Intake((signal,))
    found: list[Row] = []
    # What is closed is taken before the intake would let go of it.
    every = MAX_CLOSED_BINS // 2
    stop = series.times[0] if len(series.times) else 0.0
    for t, value in zip(series.times.tolist(), series.values.tolist(), strict=True):
        if t >= stop:
            found += intake.drain(t).rows
            stop = t + every * BIN_SECONDS
        intake.append(0, t, value)
    if len(series.times):
        found += intake.drain(float(series.times[-1]) + BIN_SECONDS).rows
    return [(index, number, columns) for _, number, columns in found]


def heads_of(signal: WatchedSignal, series: Series, first: int, count: int) -> Doubles:
    """Return when a signal reported and changed last and what it said, at the end of each bin, shape (bins, 3)."""
    low, high = limits(signal)
    gone = np.isnan(series.values)
    with np.errstate(invalid="ignore"):
        told = gone | ((series.values >= low) & (series.values <= high))
    ends = (first + 1 + np.arange(count, dtype=np.float64)) * BIN_SECONDS
    times, values = series.times[told], series.values[told]
    before = np.append(np.nan, values[:-1])
    moved = ~np.isnan(values) & (values != before)
    return np.column_stack(
        (
            _latest(series.times[~gone], series.times[~gone], ends),
            _latest(times[moved], times[moved], ends),
            _latest(times, values, ends),
        )
    )


def _latest(times: Doubles, values: Doubles, ends: Doubles) -> Doubles:
    """Return the newest value before each end, NaN where there is none."""
    return np.append(np.nan, values)[np.searchsorted(times, ends)]
