"""What every rival of the watch sees: six channels of each signal in bins of five minutes, on a clock without gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.classes import WatchedSignal
from custom_components.inkling.core.faults.intake import BIN_SECONDS
from custom_components.inkling.core.faults.table import GRAIN

from .replay import Series

Doubles = NDArray[np.float64]
Whole = NDArray[np.int64]
DAY_BINS, HOUR_BINS = 288, 12
CHANNELS = ("level", "movement", "stillness", "silence", "apart", "step")
LEVEL = CHANNELS.index("level")
# What one unit of a channel stands for: the least that matters, so that no scale shrinks to nothing.
_GRAINS, _LOG, _SHARE = 3.0, 0.5, 0.2
_AFTER_GAP_BINS = 24
# Nobody minds half an hour without news.
_LEAST_BINS = 6
_APART_BINS, _SHARE_BINS, _STEP_BINS = 24, 72, 72


@dataclass(frozen=True, slots=True)
class Clock:
    """The bins in which a home was recorded; stretches in which nothing was are left out."""

    numbers: Whole
    """Counted from 1970, shape (bins,)."""
    learned: int
    """How many bins, from the first, teach."""
    is_judged: NDArray[np.bool_]
    """False in the first half day and for two hours after a gap: what is compared there was not recorded."""

    def at(self, t: float) -> int:
        """Return the place of the bin that an instant (epoch seconds) falls into, or of the next one."""
        return int(np.searchsorted(self.numbers, int(t // BIN_SECONDS)))


def clock_of(series: Mapping[str, Series], learn_until: float) -> Clock:
    """Return the clock of a recording: the bins that have a report of anything within the hour before their end."""
    heard = np.unique(
        np.concatenate([(item.times[~np.isnan(item.values)] // BIN_SECONDS) for item in series.values()])
    ).astype(np.int64)
    every = np.arange(heard[0], heard[-1] + 1)
    newest = heard[np.searchsorted(heard, every, side="right") - 1]
    numbers = every[every - newest < HOUR_BINS]
    is_seam = np.append(True, np.diff(numbers) > 1)
    since = np.arange(len(numbers)) - np.maximum.accumulate(np.where(is_seam, np.arange(len(numbers)), 0))
    is_judged = (since >= _AFTER_GAP_BINS) & (np.arange(len(numbers)) >= DAY_BINS // 2)
    return Clock(numbers, int(np.searchsorted(numbers, int(learn_until // BIN_SECONDS))), is_judged)


class Channels:
    """The channels of a recording's signals, and of what becomes of one when it fails."""

    def __init__(self, signals: Sequence[WatchedSignal], series: Mapping[str, Series], clock: Clock) -> None:
        """Compute all channels of the recording as it is."""
        self.signals, self.clock = tuple(signals), clock
        self._series = dict(series)
        self._levels = np.column_stack([self._level(item, series[item.id]) for item in signals])
        columns = [self.failing(row, {}) for row in range(len(signals))]
        self.values: Doubles = np.stack(columns, axis=1)
        """Shape (bins, signals, channels)."""

    @property
    def learning(self) -> Doubles:
        """Return the channels of the bins that teach."""
        return self.values[np.flatnonzero(self.clock.is_judged[: self.clock.learned])]

    def failing(self, row: int, changed: Mapping[str, Series]) -> Doubles:
        """Return one signal's channels (bins, channels) with other readings of some signals."""
        signal = self.signals[row]
        series = changed.get(signal.id, self._series[signal.id])
        level = self._level(signal, series)
        grain = GRAIN.get(signal.role, 0.1)
        found = np.zeros((len(level), len(CHANNELS)))
        found[:, 0] = level / (_SHARE if signal.is_binary else _GRAINS * grain)
        found[:, 1] = self._movement(signal, series, grain) / _LOG
        found[:, 2] = self._ago(_changes(series)[0]) / np.log(2.0)
        found[:, 3] = self._silence(signal, {**self._series, **changed}) / np.log(2.0)
        found[:, 4] = self._apart(row, level) / (_SHARE if signal.is_binary else _GRAINS * grain)
        found[:, 5] = 0.0 if signal.is_binary else self._step(series, grain)
        return found

    def _places(self, times: Doubles) -> Whole:
        """Return the places of the bins that these instants fall into, -1 for those in a gap, shape (n,)."""
        numbers = (times // BIN_SECONDS).astype(np.int64)
        place = np.clip(np.searchsorted(self.clock.numbers, numbers), 0, len(self.clock.numbers) - 1)
        found: Whole = np.where(self.clock.numbers[place] == numbers, place, -1)
        return found

    def _sums(self, times: Doubles, weights: Doubles | None = None) -> Doubles:
        """Return the sum of weights, or the count, a bin, shape (bins,)."""
        place = self._places(times)
        kept = place >= 0
        count = len(self.clock.numbers)
        return np.bincount(place[kept], None if weights is None else weights[kept], count).astype(np.float64)

    def _level(self, signal: WatchedSignal, series: Series) -> Doubles:
        """Return a number's mean of each bin, or the share of six hours that a switch was on, carried on, (bins,)."""
        known = ~np.isnan(series.values)
        times, values = series.times[known], series.values[known]
        count = self._sums(times)
        mean = self._sums(times, values) / np.maximum(count, 1.0)
        held = np.maximum.accumulate(np.where(count > 0.0, np.arange(len(count)), -1))
        if not signal.is_binary:
            return np.where(held >= 0, mean[held], values[0] if len(values) else 0.0)
        last = np.searchsorted(times, (self.clock.numbers + 1) * float(BIN_SECONDS)) - 1
        is_on = (last >= 0) & (values[np.maximum(last, 0)] == 1.0)
        return rolling_mean(np.maximum(is_on, self._sums(times, values) > 0.0).astype(np.float64), _SHARE_BINS)

    def _movement(self, signal: WatchedSignal, series: Series, grain: float) -> Doubles:
        """Return the ln of an hour's there-and-back movement, or of a switch's changes, shape (bins,)."""
        times, moves = _changes(series)
        if signal.is_binary:
            return np.log1p(rolling_sum(self._sums(times), HOUR_BINS))
        before = moves[:-1]
        back = np.where(before * moves[1:] < 0.0, np.minimum(np.abs(before), np.abs(moves[1:])), 0.0)
        return np.log(4.0 * grain + rolling_sum(self._sums(times[1:], back), HOUR_BINS))

    def _step(self, series: Series, grain: float) -> Doubles:
        """Return the ln of the smallest change of six hours, that of the grain where there was none, shape (bins,)."""
        times, moves = _changes(series)
        place = self._places(times)
        kept = place >= 0
        least = np.full(len(self.clock.numbers), np.inf)
        np.minimum.at(least, place[kept], np.abs(moves[kept]))
        windows = np.lib.stride_tricks.sliding_window_view(
            np.append(np.full(_STEP_BINS - 1, np.inf), least), _STEP_BINS
        )
        smallest = windows.min(axis=1)
        return np.asarray(np.log(np.maximum(np.where(np.isfinite(smallest), smallest, grain), 0.01 * grain)))

    def _ago(self, times: Doubles) -> Doubles:
        """Return the ln of the recorded minutes since the newest of these instants at each bin, shape (bins,)."""
        is_new = self._sums(times) > 0.0
        newest = np.maximum.accumulate(np.where(is_new, np.arange(len(is_new)), 0))
        return np.asarray(np.log(5.0 * np.maximum(np.arange(len(is_new)) - newest, _LEAST_BINS)))

    def _silence(self, signal: WatchedSignal, series: Mapping[str, Series]) -> Doubles:
        """Return the ln of the minutes since any signal of the same device reported, shape (bins,)."""
        names = [item.id for item in self.signals if signal.device and item.device == signal.device] or [signal.id]
        return self._ago(np.concatenate([series[name].times[~np.isnan(series[name].values)] for name in names]))

    def _apart(self, row: int, level: Doubles) -> Doubles:
        """Return the median of two hours' distance from the median of the others of the role, shape (bins,)."""
        role = self.signals[row].role
        others = [n for n, item in enumerate(self.signals) if item.role is role and n != row]
        if not others:
            return np.zeros(len(level))
        return rolling_median(level - np.median(self._levels[:, others], axis=1), _APART_BINS)


def _changes(series: Series) -> tuple[Doubles, Doubles]:
    """Return when a signal changed, and by how much, shape (n,) each."""
    known = ~np.isnan(series.values)
    times, moves = series.times[known], np.diff(series.values[known], prepend=series.values[known][:1])
    return times[moves != 0.0], moves[moves != 0.0]


def rolling_sum(values: Doubles, bins: int) -> Doubles:
    """Return the sum of the newest bins of what is not negative at each, shape (bins,)."""
    total = np.append(np.zeros(bins), np.cumsum(values))
    # What a huge reading leaves behind in the last digit is no movement.
    return np.asarray(np.maximum(total[bins:] - total[:-bins], 0.0))


def rolling_mean(values: Doubles, bins: int) -> Doubles:
    """Return the mean of the newest bins at each, of those there are, shape (bins,)."""
    return np.asarray(rolling_sum(values, bins) / np.minimum(np.arange(len(values)) + 1.0, bins))


def rolling_median(values: Doubles, bins: int) -> Doubles:
    """Return the median of the newest bins at each; before the first its value stands, shape (bins,)."""
    padded = np.append(np.full(bins - 1, values[0]), values)
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, bins), axis=1))
