"""The simple methods, and those that others use: what the watch has to beat on the same failures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .ablation_channels import DAY_BINS, HOUR_BINS, LEVEL, rolling_mean, rolling_median

Doubles = NDArray[np.float64]
_SPREAD_BINS = 72
_SLACK = 0.5
# Sums of what is at its mean go nowhere; a day's worth of one deviation beyond the slack is enough to tell.
_MOST_SUM = 288.0
_LEAST_SPREAD = 0.25
_NORMAL_MAD = 1.4826
_TREES, _SEED, _FOREST_ROWS = 100, 0, 4000
_KEPT_SHARE = 0.95
_EXTREME = 50.0


class Rival(Protocol):
    """A method that has learned; `values` (bins, signals, channels) go in, `rows` are the signals asked about."""

    def scores(self, values: Doubles, rows: Sequence[int]) -> Doubles:
        """Return how unlike itself each signal is, one or more numbers a bin, shape (bins, rows, parts)."""
        ...

    def least(self, row: int) -> Doubles:
        """Return how far from usual each part must be to matter at all, shape (parts,)."""
        ...


Teach = Callable[[Doubles], Rival]
"""From the learning bins (bins, signals, channels) to what has learned them."""


def scale_of(values: Doubles) -> tuple[Doubles, Doubles]:
    """Return the robust centre and spread over the bins, each (signals, channels)."""
    middle = np.median(values, axis=0)
    spread = _NORMAL_MAD * np.median(np.abs(values - middle), axis=0)
    return middle, np.maximum(spread, _LEAST_SPREAD)


class RobustZ:
    """Distance from the median in median absolute deviations: of what was learned, and for levels of six hours too."""

    def __init__(self, values: Doubles) -> None:
        """Learn every channel's median and spread."""
        self._middle, self._spread = scale_of(values)

    def scores(self, values: Doubles, rows: Sequence[int]) -> Doubles:
        """Return a z a channel, and one of the level against its newest six hours."""
        return np.stack([self._scores(values[:, row], row) for row in rows], axis=1)

    def _scores(self, own: Doubles, row: int) -> Doubles:
        """Return one signal's scores of its channels (bins, channels)."""
        learned = np.abs(own - self._middle[row]) / self._spread[row]
        level = own[:, LEVEL]
        away = np.abs(level - rolling_median(level, HOUR_BINS))
        spread = np.maximum(_NORMAL_MAD * rolling_median(away, _SPREAD_BINS), 0.1 * _LEAST_SPREAD)
        return np.column_stack((learned, away / spread))

    def least(self, row: int) -> Doubles:
        """Return one unit of each channel, and what one unit of a level is beside the least spread."""
        return np.append(1.0 / self._spread[row], 1.0 / _LEAST_SPREAD)


class Cusum:
    """Two one-sided sums of what is beyond half a deviation, a channel; levels against the day before."""

    def __init__(self, values: Doubles) -> None:
        """Learn every channel's mean and deviation."""
        detrended = self._detrended(values)
        self._mean = detrended.mean(axis=0)
        self._spread = np.maximum(detrended.std(axis=0), _LEAST_SPREAD)

    @staticmethod
    def _detrended(values: Doubles) -> Doubles:
        """Return the channels with each level less its mean of a day: the weather is no fault."""
        found = values.copy()
        for row in range(values.shape[1]):
            found[:, row, LEVEL] -= rolling_mean(values[:, row, LEVEL], DAY_BINS)
        return found

    def scores(self, values: Doubles, rows: Sequence[int]) -> Doubles:
        """Return the larger sum of each channel."""
        scaled = (self._detrended(values[:, rows]) - self._mean[rows]) / self._spread[rows]
        found: Doubles = np.zeros_like(scaled)
        up = down = np.zeros(scaled.shape[1:])
        for bin_, now in enumerate(scaled):
            up = np.minimum(np.maximum(up + now - _SLACK, 0.0), _MOST_SUM)
            down = np.minimum(np.maximum(down - now - _SLACK, 0.0), _MOST_SUM)
            found[bin_] = np.maximum(up, down)
        return found

    def least(self, row: int) -> Doubles:
        """Return what an hour of one unit beyond the mean adds up to."""
        return np.asarray(HOUR_BINS / self._spread[row])


class Pca:
    """What the main axes of all signals together do not explain (Q), and how far along them a bin is (T2)."""

    def __init__(self, values: Doubles) -> None:
        """Learn the axes that hold most of the variance."""
        self._middle, self._spread = scale_of(values)
        scaled = self._scaled(values)
        _, sizes, axes = np.linalg.svd(scaled, full_matrices=False)
        share = np.cumsum(sizes**2) / max(float(np.sum(sizes**2)), 1e-12)
        self._axes = axes[: int(np.searchsorted(share, _KEPT_SHARE)) + 1]
        told = scaled @ self._axes.T
        self._variance = np.maximum((told**2).mean(axis=0), 1e-3)
        self._rest = np.maximum(((scaled - told @ self._axes) ** 2).mean(axis=0), 1e-2)

    def _scaled(self, values: Doubles) -> Doubles:
        """Return all channels of all signals side by side, none beyond what a least square bears."""
        scaled = np.clip((values - self._middle) / self._spread, -_EXTREME, _EXTREME)
        return np.asarray(scaled.reshape(len(values), -1))

    def scores(self, values: Doubles, rows: Sequence[int]) -> Doubles:
        """Return each signal's share of T2, and its Q a channel, as logarithms."""
        scaled = self._scaled(values)
        told = scaled @ self._axes.T
        return np.stack([self._share(scaled, told, row) for row in rows], axis=1)

    def _share(self, scaled: Doubles, told: Doubles, row: int) -> Doubles:
        """Return one signal's part of what the axes tell (bins, axes) of scaled channels."""
        channels = self._middle.shape[1]
        own = slice(row * channels, (row + 1) * channels)
        rest = (scaled[:, own] - told @ self._axes[:, own]) ** 2 / self._rest[own]
        share = ((told / self._variance) @ self._axes[:, own]) * scaled[:, own]
        return np.asarray(np.log1p(np.column_stack((np.maximum(share.sum(axis=1), 0.0), rest))))

    def least(self, row: int) -> Doubles:  # noqa: ARG002 - the same of every signal
        """Return a factor of e in every part."""
        return np.ones(1 + self._spread.shape[1])


class Forest:
    """An isolation forest a signal, on its channels and the change of its level in an hour."""

    def __init__(self, values: Doubles) -> None:
        """Grow the trees on learning bins spread over all of its days."""
        from sklearn.ensemble import IsolationForest  # noqa: PLC0415 - takes seconds to import

        every = max(1, len(values) // _FOREST_ROWS)
        self._trees: list[Any] = [
            IsolationForest(n_estimators=_TREES, random_state=_SEED, n_jobs=1).fit(self._rows(values[:, row])[::every])
            for row in range(values.shape[1])
        ]

    @staticmethod
    def _rows(own: Doubles) -> Doubles:
        """Return a row a bin."""
        level = own[:, LEVEL]
        return np.column_stack((own, level - np.append(np.full(HOUR_BINS, level[0]), level[:-HOUR_BINS])))

    def scores(self, values: Doubles, rows: Sequence[int]) -> Doubles:
        """Return how few cuts set each bin apart."""
        found = [-self._trees[row].score_samples(self._rows(values[:, row])) for row in rows]
        return np.stack(found, axis=1)[:, :, None]

    def least(self, row: int) -> Doubles:  # noqa: ARG002 - the score has one unit for all
        """Return a fiftieth of the score's range."""
        return np.array([0.02])


RIVALS: dict[str, Teach] = {
    "robust z": RobustZ,
    "CUSUM": Cusum,
    "PCA (T2 + Q)": Pca,
    "isolation forest": Forest,
}
