"""Rivals of the watch on a recording: thresholds from its learning days, what they say untouched, and of failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.intake import BIN_SECONDS

from .ablation_channels import DAY_BINS, HOUR_BINS, Channels, clock_of
from .ablation_methods import RIVALS, Doubles, Teach
from .grid import Case
from .inject import inject
from .plan import Recording
from .replay import Series, all_series, watched
from .score import per_home_month

__all__ = ["RIVALS", "Bench", "CasePath", "alarms_of", "failing_series", "rival_figures"]

# The watch's own rule for thresholds, so that what is compared is what the methods see.
_BLOCK_BINS, _DOUBT_BLOCKS = 72, 2.0
_DWELL_BINS = 3
_GRACE_SECONDS = 3600.0
_WARM_BINS = DAY_BINS + DAY_BINS // 2
_OF_DEVICES = frozenset({"dropout", "intermittent"})


@dataclass(frozen=True, slots=True)
class CasePath:
    """How far beyond its thresholds a method was in a failure: 1 is at it."""

    before: float
    """The most in the day before: who is in alarm already finds nothing new."""
    path: NDArray[np.float32]
    """From its beginning to an hour after its end, a number a bin."""

    def delay_hours(self, factor: float) -> float | None:
        """Return the hours to the alarm at thresholds times `factor`, None without one."""
        over = np.flatnonzero(self.path >= factor)
        if self.before >= factor or not len(over):
            return None
        return float((over[0] + 1) * BIN_SECONDS / 3600.0)


class Bench:
    """A method that has learned a recording, with a threshold for each signal and part of its score."""

    def __init__(self, teach: Teach, channels: Channels) -> None:
        """Learn the first part of the recording, and draw thresholds from the same."""
        self._channels = channels
        clock = channels.clock
        learning = np.flatnonzero(clock.is_judged[: clock.learned])
        self._method = teach(channels.values[learning])
        self._usual: list[Doubles] = []
        self._reach: list[Doubles] = []
        paths = []
        every = self._method.scores(channels.values, range(len(channels.signals)))
        for row in range(len(channels.signals)):
            scores = every[:, row]
            usual, reach = threshold(scores[learning], self._method.least(row))
            self._usual.append(usual)
            self._reach.append(reach)
            paths.append(np.where(clock.is_judged, self._dwelt(scores, row), -np.inf))
        self.paths = np.stack(paths, axis=1)
        """How far beyond its thresholds each signal is untouched, shape (bins, signals)."""

    def _dwelt(self, scores: Doubles, row: int) -> Doubles:
        """Return the least of three bins of the part that is furthest beyond its threshold, shape (bins,)."""
        ratio = ((scores - self._usual[row]) / self._reach[row]).max(axis=1)
        padded = np.append(np.full(_DWELL_BINS - 1, -np.inf), ratio)
        return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, _DWELL_BINS).min(axis=1))

    def case(self, case: Case, changed: Mapping[str, Series]) -> CasePath:
        """Return what is said of a failure, from the changed readings."""
        clock, channels = self._channels.clock, self._channels
        row = [item.id for item in channels.signals].index(case.signal.id)
        start, stop = clock.at(case.fault.start), clock.at(case.fault.end + _GRACE_SECONDS) + 1
        begin = max(0, start - _WARM_BINS)
        values = channels.values[begin:stop].copy()
        values[:, row] = channels.failing(row, changed)[begin:stop]
        path = self._dwelt(self._method.scores(values, [row])[:, 0], row)
        path = np.where(clock.is_judged[begin:stop], path, -np.inf)
        before = self.paths[max(0, start - DAY_BINS) : start, row]
        return CasePath(float(before.max(initial=-np.inf)), path[start - begin :].astype(np.float32))


def threshold(scores: Doubles, least: Doubles) -> tuple[Doubles, Doubles]:
    """Return what is usual and how far off the threshold stands, (parts,) each, from learning scores (bins, parts)."""
    blocks = len(scores) // _BLOCK_BINS
    most = scores[: blocks * _BLOCK_BINS].reshape(blocks, _BLOCK_BINS, -1).max(axis=1)
    usual = np.median(most, axis=0)
    spread = np.maximum(most - usual, 0.0).sum(axis=0) / max(1, blocks // 2)
    reach = (most.max(axis=0) - usual + spread) * (1.0 + _DOUBT_BLOCKS / blocks)
    return usual, np.maximum(reach, least)


def failing_series(case: Case, channels: Channels, series: Mapping[str, Series], seed: int) -> dict[str, Series]:
    """Return the readings that a failure changes; a radio that fails takes all of its device along."""
    names = [case.signal.id]
    if case.fault.kind in _OF_DEVICES and case.signal.device:
        names = [item.id for item in channels.signals if item.device == case.signal.device]
    return {name: inject(series[name], case.signal.role, case.fault, np.random.default_rng(seed)) for name in names}


def alarms_of(bench: Bench, channels: Channels, unsound: frozenset[str], factor: float) -> int:
    """Return how many alarms are raised untouched after learning: all of them false.

    What comes and goes on a device within a day is one alarm, and so is what begins within an hour all over the home.
    """
    learned = channels.clock.learned
    names = [item.device or item.id for item in channels.signals]
    begins: set[int] = set()
    for device in set(names):
        rows = [row for row, name in enumerate(names) if name == device and channels.signals[row].id not in unsound]
        over = np.flatnonzero((bench.paths[learned:, rows] >= factor).any(axis=1))
        begins.update(over[np.diff(over, prepend=-DAY_BINS - 1) > DAY_BINS].tolist())
    ordered = np.array(sorted(begins))
    return int(np.sum(np.diff(ordered, prepend=-HOUR_BINS - 1) > HOUR_BINS))


def judged_days(channels: Channels, unsound: frozenset[str]) -> float:
    """Return the signal-days after learning in which something was recorded and judged."""
    sound = sum(item.id not in unsound for item in channels.signals)
    return float(channels.clock.is_judged[channels.clock.learned :].sum()) * sound / DAY_BINS


def rival_figures(
    recording: Recording, cases: Sequence[Case], names: Sequence[str] = tuple(RIVALS)
) -> dict[str, dict[str, float]]:
    """Return each rival's recall of failing numbers and its false alarms with thresholds as its learning days say."""
    series = all_series(recording.trace)
    channels = Channels(watched(recording.trace), series, clock_of(series, recording.learn_until))
    numeric = [case for case in cases if not case.signal.is_binary]
    found = {}
    for name in names:
        bench = Bench(RIVALS[name], channels)
        hits = [
            bench.case(case, failing_series(case, channels, series, number)).delay_hours(1.0) is not None
            for number, case in enumerate(numeric)
        ]
        alarms = alarms_of(bench, channels, recording.unsound, 1.0)
        recall = float(np.mean(hits)) if hits else float("nan")
        quiet = per_home_month(alarms, judged_days(channels, recording.unsound))
        found[name] = {"recall": recall, "cases": len(hits), **quiet}
    return found
