"""Label spans -> what is known at an instant, and at which instants a score is taken."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .trace import OCCUPIED, VACANT, LabelSpan, TraceError

# Twenty years by the minute; a label with a wrong century must not fill the memory.
MOST_INSTANTS = 10_500_000
_YEAR_SECONDS = 31_556_952.0


def occupancy_at(labels: Iterable[LabelSpan], target: str, ends: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return 1 occupied, 0 vacant, NaN unlabelled at each instant (n,); the home's vacancy empties every room."""
    found = np.full(len(ends), np.nan, dtype=np.float32)
    # Years of labels against years of instants: each span only touches what lies in it.
    order = np.argsort(ends, kind="stable")
    rising = ends[order]
    for span in labels:
        if span.target not in (target, "home"):
            continue
        first, last = np.searchsorted(rising, (span.start, span.end))
        if span.label == VACANT:
            found[order[first:last]] = 0.0
        elif span.label == OCCUPIED and span.target == target:
            found[order[first:last]] = 1.0
    return found


def scoring_instants(labels: Iterable[LabelSpan], target: str, every_seconds: float) -> NDArray[np.float64]:
    """Return the instants of a regular grid that lie in a target's labelled time, sorted, epoch seconds.

    They lie half way between the steps, so that what a logger sampled at the step's start has been seen.
    """
    spans = [span for span in labels if span.target in (target, "home") and span.label in (OCCUPIED, VACANT)]
    if not spans:
        return np.empty(0)
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    if last - first > MOST_INSTANTS * every_seconds:
        years = (last - first) / _YEAR_SECONDS
        raise TraceError(f"the labels of {target} span {years:.0f} years: correct them, or score at fewer instants")
    ends = np.arange(first + every_seconds / 2.0, last, every_seconds, dtype=np.float64)
    return np.asarray(ends[~np.isnan(occupancy_at(spans, target, ends))])
