"""The simple methods, and those that others use, on the same failures: what the watch has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.classes import WatchedSignal
from custom_components.inkling.core.faults.intake import BIN_SECONDS

from .grid import Case
from .inject import inject
from .plan import Recording
from .replay import Series, all_series, watched
from .score import per_home_month

Doubles = NDArray[np.float64]
_MEDIAN_BINS, _SPREAD_BINS = 12, 72
_SLACK, _DAY_BINS = 0.5, 288
_TREES, _SEED = 100, 0
_TAUGHT_DAYS = 14
_KEPT_SHARE = 0.95
_GRACE_BINS = 12


@dataclass(frozen=True, slots=True)
class Bins:
    """All numeric signals on a grid of five minutes: means (bins, signals), and the bin the grid begins with."""

    first: int
    values: Doubles
    learned: int
    """How many bins, from the first, teach."""


def bins_of(signals: Sequence[WatchedSignal], series: Mapping[str, Series], learn_until: float) -> Bins:
    """Return the grid from two weeks before the held-out part on; what is unknown carries the last value on."""
    first = int(min(series[item.id].times[0] for item in signals) // BIN_SECONDS)
    first = max(first, int(learn_until // BIN_SECONDS) - _TAUGHT_DAYS * _DAY_BINS)
    last = int(max(series[item.id].times[-1] for item in signals) // BIN_SECONDS)
    columns = [column_of(series[item.id], first, last - first + 1) for item in signals]
    return Bins(first, np.column_stack(columns), int(learn_until // BIN_SECONDS) - first)


def column_of(series: Series, first: int, count: int) -> Doubles:
    """Return one signal's means of bins (count,), carried on through what is unknown."""
    known = ~np.isnan(series.values)
    place = (series.times[known] // BIN_SECONDS).astype(np.int64) - first
    inside = (place >= 0) & (place < count)
    total = np.bincount(place[inside], series.values[known][inside], count)
    number = np.bincount(place[inside], minlength=count)
    filled = np.where(number > 0, np.arange(count), 0)
    filled = np.maximum.accumulate(filled)
    mean: Doubles = (total / np.maximum(number, 1))[filled]
    return mean


def robust_z(values: Doubles, _: int) -> Doubles:
    """Return how far each value is from its hour's median in units of six hours' spread, (bins, signals)."""
    found = np.zeros_like(values)
    for column in range(values.shape[1]):
        padded = np.concatenate((np.full(_SPREAD_BINS, values[0, column]), values[:, column]))
        windows = np.lib.stride_tricks.sliding_window_view(padded, _SPREAD_BINS)[:-1]
        middle = np.median(windows[:, -_MEDIAN_BINS:], axis=1)
        spread = np.median(np.abs(windows - np.median(windows, axis=1, keepdims=True)), axis=1)
        floor = 1e-3 + 0.05 * float(np.std(np.diff(values[:, column])))
        found[:, column] = np.abs(values[:, column] - middle) / np.maximum(1.4826 * spread, floor)
    return found


def cusum(values: Doubles, learned: int) -> Doubles:
    """Return the larger of both one-sided sums of what is beyond half a deviation of the hour of the day."""
    normal = values[:learned]
    hour = np.arange(len(values)) % _DAY_BINS // _MEDIAN_BINS
    means = np.array(
        [
            normal[hour[:learned] == h].mean(axis=0) if (hour[:learned] == h).any() else normal.mean(axis=0)
            for h in range(24)
        ]
    )
    deviation = values - means[hour]
    scaled = deviation / np.maximum(deviation[:learned].std(axis=0), 1e-3)
    found = np.zeros_like(values)
    up = down = np.zeros(values.shape[1])
    for row in range(len(values)):
        up = np.maximum(0.0, up + scaled[row] - _SLACK)
        down = np.maximum(0.0, down - scaled[row] - _SLACK)
        found[row] = np.maximum(up, down)
    return found


def pca(values: Doubles, learned: int) -> Doubles:
    """Return each signal's share of T2 + Q, scaled by what learning saw, (bins, signals)."""
    scaled = (values - values[:learned].mean(axis=0)) / np.maximum(values[:learned].std(axis=0), 1e-3)
    _, sizes, axes = np.linalg.svd(scaled[:learned], full_matrices=False)
    share = np.cumsum(sizes**2) / np.sum(sizes**2)
    kept = axes[: int(np.searchsorted(share, _KEPT_SHARE)) + 1]
    scores = scaled @ kept.T
    rest = scaled - scores @ kept
    variance = np.maximum((scores[:learned] ** 2).mean(axis=0), 1e-6)
    spread = np.maximum((rest[:learned] ** 2).mean(), 1e-6)
    hotelling = ((scores**2) / variance) @ (kept**2)
    return np.asarray(hotelling + rest**2 / spread)


def forest(values: Doubles, learned: int) -> Doubles:
    """Return the isolation forest's score of each signal's level and change, (bins, signals)."""
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415 - takes seconds to import

    found = np.zeros_like(values)
    for column in range(values.shape[1]):
        level = values[:, column]
        rows = np.column_stack((level, np.diff(level, prepend=level[0])))
        trees = IsolationForest(n_estimators=_TREES, random_state=_SEED, n_jobs=1).fit(rows[:learned])
        found[:, column] = -trees.score_samples(rows)
    return found


_TOGETHER = frozenset({"PCA (T2 + Q)"})
"""Those that look at all signals at once; to the others each is alone."""
RIVALS: dict[str, Callable[[Doubles, int], Doubles]] = {
    "robust z": robust_z,
    "CUSUM": cusum,
    "PCA (T2 + Q)": pca,
    "isolation forest": forest,
}


def rival_figures(
    recording: Recording, cases: Sequence[Case], names: Sequence[str] = tuple(RIVALS)
) -> dict[str, dict[str, float]]:
    """Return each rival's recall of a recording's cases and its false alarms, its threshold the most learning saw."""
    signals = tuple(item for item in watched(recording.trace) if not item.is_binary)
    series = all_series(recording.trace)
    clean = bins_of(signals, series, recording.learn_until)
    numeric = [case for case in cases if not case.signal.is_binary]
    return {name: _figures(name, signals, series, clean, numeric, recording.unsound) for name in names}


def _figures(
    name: str,
    signals: Sequence[WatchedSignal],
    series: Mapping[str, Series],
    clean: Bins,
    cases: Sequence[Case],
    unsound: frozenset[str],
) -> dict[str, float]:
    """Return one rival's figures."""
    scores = RIVALS[name](clean.values, clean.learned)
    most = scores[_SPREAD_BINS : clean.learned].max(axis=0)
    over = scores[clean.learned :] > most
    # Crossings within an hour of one another are one alarm.
    begins = over & ~np.array([over[max(0, row - _GRACE_BINS) : row].any(axis=0) for row in range(len(over))])
    hits = [_is_hit(name, signals, series, clean, case) for case in cases]
    begins = begins[:, [item.id not in unsound for item in signals]]
    quiet = per_home_month(int(begins.sum()), begins.size / _DAY_BINS)
    return {"recall": float(np.mean(hits)) if hits else float("nan"), "cases": len(hits), **quiet}


def _is_hit(
    name: str,
    signals: Sequence[WatchedSignal],
    series: Mapping[str, Series],
    clean: Bins,
    case: Case,
) -> bool:
    """Return whether a failure makes its signal cross its threshold where it would not have without."""
    column = [item.id for item in signals].index(case.signal.id)
    failing = inject(series[case.signal.id], case.signal.role, case.fault, np.random.default_rng(_SEED))
    stop = min(len(clean.values), int(case.fault.end // BIN_SECONDS) - clean.first + 1 + _GRACE_BINS)
    start = int(case.fault.start // BIN_SECONDS) - clean.first
    begin = max(0, start - _DAY_BINS)
    # What teaches stays in front, then the day before the failure and the failure itself.
    whole = np.concatenate((clean.values[: clean.learned], clean.values[begin:stop]))
    failed = whole.copy()
    failed[clean.learned :, column] = column_of(failing, clean.first, len(clean.values))[begin:stop]
    chosen = slice(None) if name in _TOGETHER else slice(column, column + 1)
    place = column if name in _TOGETHER else 0
    well, ill = (RIVALS[name](values[:, chosen], clean.learned)[:, place] for values in (whole, failed))
    limit = well[_SPREAD_BINS : clean.learned].max()
    since = clean.learned + start - begin
    return bool(np.any((ill[since:] > limit) & ~(well[since:] > limit)))
