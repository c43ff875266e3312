"""Machines without cycles: one slow series against its own past, several fast ones against a learning time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

DAY_SECONDS = 86_400.0
_BLOCK_SECONDS = 6 * 3600.0
_MOST_BLOCKS = 112
_LEAST_BLOCKS = 4
_WELL_SHARE = 0.8
_LEAST_SPREAD = 1e-6
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SeriesSettings:
    """How one series is judged."""

    tail: float = 4.0
    """How many mean excesses over the median a threshold may stand off, at most, were it not for the largest seen."""
    margin: float = 1.0
    """How many mean excesses beyond the largest seen it stands at least."""
    learning_seconds: float = 2.6 * DAY_SECONDS
    refractory_seconds: float = DAY_SECONDS
    """One alarm a cause: the next comes no sooner."""


@dataclass(frozen=True, slots=True)
class SeriesState:
    """What is said after a reading; `score` is 1 at the threshold, `is_alarm` true at an alarm's first instant only."""

    score: float
    is_alarm: bool
    expected: float | None
    seen: float


class SeriesWatch:
    """Judges a univariate series by its mean over the last day, knowing only its own past."""

    def __init__(self, settings: SeriesSettings | None = None) -> None:
        """Begin with nothing known."""
        self._settings = settings or SeriesSettings()
        self._held: deque[tuple[float, float]] = deque()
        self._sum = 0.0
        self._behind = 0.0
        self._first: float | None = None
        self._block_end = math.inf
        self._levels: deque[float] = deque(maxlen=_MOST_BLOCKS)
        self._maxima: deque[float] = deque(maxlen=_MOST_BLOCKS)
        self._top = 0.0
        self._is_block_well = True
        self._usual: float | None = None
        self._threshold = math.inf
        self._is_high = False
        self._last_alarm = -math.inf

    def append(self, t: float, value: float) -> SeriesState | None:
        """Take a reading; None for one that is no number. A clock that was set back repeats an hour, it undoes none."""
        if not math.isfinite(value):
            return None
        at = self._forward(t)
        if self._first is None:
            self._first, self._block_end = at, at + _BLOCK_SECONDS
        if at >= self._block_end:
            self._close_block(at)
        self._hold(at, value)
        seen = self._sum / len(self._held)
        away = 0.0 if self._usual is None else abs(seen - self._usual)
        self._top = max(self._top, away)
        return SeriesState(away / self._threshold, self._decide(at, away), self._usual, seen)

    def _forward(self, t: float) -> float:
        """Return a time that only runs forward."""
        at = t + self._behind
        if self._held and at <= self._held[-1][0]:
            step = self._held[-1][0] - self._held[-2][0] if len(self._held) > 1 else 1.0
            self._behind += self._held[-1][0] + step - at
            at = t + self._behind
        return at

    def _hold(self, at: float, value: float) -> None:
        """Move the day's mean on."""
        self._held.append((at, value))
        self._sum += value
        while self._held[0][0] <= at - DAY_SECONDS:
            self._sum -= self._held.popleft()[1]

    def _decide(self, at: float, away: float) -> bool:
        """Return whether an alarm begins."""
        is_over = away > self._threshold
        if is_over:
            self._is_block_well = False
        is_known = self._first is not None and at - self._first >= self._settings.learning_seconds
        if is_over and is_known and not self._is_high:
            is_due = at - self._last_alarm > self._settings.refractory_seconds
            self._is_high = is_due
            self._last_alarm = at if is_due else self._last_alarm
            return is_due
        self._is_high = self._is_high and away > _WELL_SHARE * self._threshold
        return False

    def _close_block(self, at: float) -> None:
        """End six hours: what was usual and how far from it one strays, alarms apart; then draw the threshold."""
        if self._is_block_well:
            self._maxima.append(self._top)
        self._levels.append(self._sum / len(self._held))
        self._usual = float(np.median(self._levels))
        if len(self._maxima) >= _LEAST_BLOCKS:
            self._threshold = _threshold(np.sort(self._maxima), self._settings)
        self._top, self._is_block_well = 0.0, True
        self._block_end = at + _BLOCK_SECONDS


def _threshold(ordered: Floats, settings: SeriesSettings) -> float:
    """Return the tail rule's threshold of sorted block maxima (n,)."""
    middle = float(np.median(ordered))
    excess = float(np.mean(np.maximum(ordered[len(ordered) // 2 :] - middle, 0.0))) + _LEAST_SPREAD
    top = float(ordered[-1]) - middle
    tail = min(settings.tail * excess, top + 3.0 * settings.margin * excess)
    return middle + max(tail, top + settings.margin * excess)


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How several series are judged together."""

    learning_rows: int = 400
    window_rows: int = 15
    channels: int = 3
    """How many of the furthest channels are averaged: one alone is its own sensor's fault."""
    opens: float = 2.1
    """An alarm opens that many times above the largest score while learning."""
    closes: float = 1.4

    def __post_init__(self) -> None:
        """Refuse a learning time that would be all window."""
        if self.learning_rows < 2 * self.window_rows:
            raise ValueError(f"learning_rows {self.learning_rows} is too short: give twice window_rows or more")


@dataclass(frozen=True, slots=True)
class StreamState:
    """What is said after a row; `responsible` holds channel numbers, the furthest first."""

    score: float
    is_alarm: bool
    responsible: tuple[int, ...]


def stays_open(score: float, settings: StreamSettings, *, is_open: bool) -> bool:
    """Return whether an alarm is open after a score, by hysteresis."""
    return score > (settings.closes if is_open else settings.opens)


class StreamWatch:
    """Judges several series row by row, each against its own learning time; rows carry no time."""

    def __init__(self, channels: int, settings: StreamSettings | None = None) -> None:
        """Begin with nothing known of that many channels."""
        self._settings = settings or StreamSettings()
        self._rows: deque[Floats] = deque(maxlen=self._settings.window_rows)
        self._learned: list[Floats] = []
        self._channels = channels
        self._centre = np.zeros(channels)
        self._scale = np.ones(channels)
        self._top: float | None = None
        self._is_alarm = False

    def append(self, row: Sequence[float] | Floats) -> StreamState | None:
        """Take a row (channels,), NaN where a channel is silent; None while learning."""
        values = np.asarray(row, dtype=np.float64)
        if values.shape != (self._channels,):
            raise ValueError(f"a row has {values.size} values: give {self._channels}, one a channel, NaN if unknown")
        self._rows.append(values)
        smooth = _mean(self._rows)
        if self._top is None:
            self._learn(smooth)
            return None
        away = self._away(smooth)
        score = self._score(away) / self._top
        self._is_alarm = stays_open(score, self._settings, is_open=self._is_alarm)
        return StreamState(score, self._is_alarm, tuple(int(index) for index in np.argsort(-away, kind="stable")))

    def _learn(self, smooth: Floats) -> None:
        """Keep a smoothed row; at the end of learning say what is usual."""
        self._learned.append(smooth)
        if len(self._learned) < self._settings.learning_rows:
            return
        # The first rows are means of few and stray further than any later one.
        past = np.array(self._learned[self._settings.window_rows :])
        self._centre = np.nan_to_num(np.nanmedian(past, axis=0))
        mad = 1.4826 * np.nanmedian(np.abs(past - self._centre), axis=0)
        # A channel with steps can have no median deviation at all.
        scale = np.maximum(mad, 0.5 * np.nanstd(past, axis=0))
        self._scale = np.where(scale > 0.0, scale, np.inf)
        self._top = max(_LEAST_SPREAD, *(self._score(self._away(row)) for row in past))
        self._learned = []

    def _away(self, smooth: Floats) -> Floats:
        """Return how far each channel (channels,) is from usual; a silent one is not."""
        found: Floats = np.nan_to_num(np.abs(smooth - self._centre) / self._scale, nan=0.0)
        return found

    def _score(self, away: Floats) -> float:
        """Return the mean of the furthest channels."""
        return float(np.mean(np.sort(away)[-self._settings.channels :]))


def _mean(rows: deque[Floats]) -> Floats:
    """Return each channel's mean over what is known of it."""
    stack = np.array(rows)
    known = np.isfinite(stack)
    total = np.where(known, stack, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    found: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found
