"""Figures of merit, each by its usual definition; arrays have shape (n,), truths 0 or 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Counts:
    """The confusion matrix of occupied against vacant."""

    hits: int
    false_alarms: int
    misses: int
    rejections: int

    @property
    def accuracy(self) -> float:
        """Return the share that is right."""
        return (self.hits + self.rejections) / max(1, self.hits + self.false_alarms + self.misses + self.rejections)

    @property
    def f1(self) -> float | None:
        """Return the F1 score of occupied, None when nothing was occupied and nothing was said to be."""
        wrong = self.false_alarms + self.misses
        return 2 * self.hits / (2 * self.hits + wrong) if self.hits + wrong else None

    @property
    def class_macro_f1(self) -> float | None:
        """Return the mean of the F1 scores of occupied and of vacant, None when one of them never was nor was said."""
        wrong = self.false_alarms + self.misses
        vacant = 2 * self.rejections / (2 * self.rejections + wrong) if self.rejections + wrong else None
        return None if self.f1 is None or vacant is None else (self.f1 + vacant) / 2.0

    @property
    def recall(self) -> float | None:
        """Return the share of occupied time that was found, None when there was none."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else None

    @property
    def balanced_accuracy(self) -> float | None:
        """Return the mean of the recalls of occupied and vacant, None when one of them never was."""
        vacant = self.rejections + self.false_alarms
        return None if self.recall is None or not vacant else (self.recall + self.rejections / vacant) / 2.0


def count(truths: Array, said: Array) -> Counts:
    """Return the confusion matrix of truths and decisions."""
    there, called = truths > 0.5, said > 0.5  # noqa: PLR2004 - 0 or 1
    return Counts(
        int(np.sum(there & called)),
        int(np.sum(~there & called)),
        int(np.sum(there & ~called)),
        int(np.sum(~there & ~called)),
    )


def brier(truths: Array, probabilities: Array) -> float:
    """Return the mean squared error of probabilities (Brier 1950)."""
    return float(np.mean((probabilities - truths) ** 2))


def reliability(truths: Array, probabilities: Array, bins: int = 15) -> list[tuple[float, float, int]]:
    """Return mean probability, share occupied and count of each filled bin of equal width."""
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    found = []
    for index in range(bins):
        inside = place == index
        if inside.any():
            found.append((float(probabilities[inside].mean()), float(truths[inside].mean()), int(inside.sum())))
    return found


def calibration_error(truths: Array, probabilities: Array, bins: int = 15) -> float:
    """Return the expected calibration error (Naeini et al. 2015): gap of each bin, weighted by its count."""
    table = reliability(truths, probabilities, bins)
    return sum(abs(said - was) * size for said, was, size in table) / max(1, len(truths))


def roc_auc(truths: Array, probabilities: Array) -> float | None:
    """Return the area under the ROC curve by ranks with ties shared (Mann-Whitney), None with one class only."""
    there = truths > 0.5  # noqa: PLR2004 - 0 or 1
    positives, negatives = int(there.sum()), int((~there).sum())
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(probabilities, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2.0)[inverse]
    return float((ranks[there].sum() - positives * (positives + 1) / 2.0) / (positives * negatives))


def false_offs(truths: Array, said: Array, breaks: NDArray[np.bool_]) -> int:
    """Return how often the decision fell to vacant while somebody was there; `breaks` marks where time jumps."""
    fell = (said[:-1] > 0.5) & (said[1:] <= 0.5)  # noqa: PLR2004 - 0 or 1
    there = (truths[:-1] > 0.5) & (truths[1:] > 0.5)  # noqa: PLR2004 - 0 or 1
    return int(np.sum(fell & there & ~breaks[1:]))
