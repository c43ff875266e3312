"""Irregular readings onto a regular grid: time-weighted means, what is known, and how long ago something happened.

Every function takes any number of edges at once, so a live tick (one end) and a replay of a month
(thousands of ends) run the same lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def step_edges(ends: NDArray[np.float64], steps: int, step_seconds: float) -> NDArray[np.float64]:
    """Return the step borders before each end, shape (ends, steps + 1), oldest first, epoch seconds."""
    offsets = np.arange(-steps, 1, dtype=np.float64) * step_seconds
    return ends[:, None] + offsets


@dataclass(frozen=True, slots=True)
class Spans:
    """Readings as spans: each holds its value from its start to its stop; shape (n,) each.

    A span stops at the next reading, or `max_gap_seconds` after its start if that comes first. A missing
    reading holds nothing.
    """

    starts: NDArray[np.float64]
    stops: NDArray[np.float64]
    values: NDArray[np.float64]
    known_before: NDArray[np.float64]
    """Known seconds before each start."""
    integral_before: NDArray[np.float64]
    """Time integral of the value before each start, in value x seconds."""
    missing: NDArray[np.bool_]
    """Which readings say nothing."""


def make_spans(
    times: NDArray[np.float64], values: NDArray[np.float32], max_gap_seconds: float, horizon: float
) -> Spans:
    """Return the spans of readings; the last one may last until `horizon` (epoch seconds, after every edge)."""
    following = np.append(times[1:], max(horizon, times[-1])) if len(times) else times
    missing = np.isnan(values)
    stops = np.where(missing, times, np.minimum(following, times + max_gap_seconds))
    held = np.where(missing, 0.0, values.astype(np.float64))
    seconds = stops - times
    known = np.concatenate(((0.0,), np.cumsum(seconds)))
    integral = np.concatenate(((0.0,), np.cumsum(held * seconds)))
    return Spans(times, stops, held, known[:-1], integral[:-1], missing)


def time_weighted(spans: Spans, edges: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the time-weighted mean of each step and the share of it that is known, shapes (ends, steps).

    `edges` has shape (ends, steps + 1). The mean is taken over the known part, as Home Assistant's own
    time-weighted mean does; a step without any known moment has mean 0 and share 0.
    """
    if not len(spans.starts):
        shape = (edges.shape[0], edges.shape[1] - 1)
        return np.zeros(shape), np.zeros(shape)
    index = np.searchsorted(spans.starts, edges, side="right") - 1
    inside = np.maximum(index, 0)
    seconds = np.minimum(edges, spans.stops[inside]) - spans.starts[inside]
    before_first = index < 0
    known = np.where(before_first, 0.0, spans.known_before[inside] + seconds)
    integral = np.where(before_first, 0.0, spans.integral_before[inside] + spans.values[inside] * seconds)
    known_step = np.diff(known, axis=1)
    lengths = np.diff(edges, axis=1)
    mean = np.diff(integral, axis=1) / np.where(known_step > 0.0, known_step, 1.0)
    return np.where(known_step > 0.0, mean, 0.0), known_step / lengths


def stands(spans: Spans, moments: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return at each moment whether the newest reading up to it still holds; any shape, epoch seconds."""
    if not len(spans.starts):
        return np.zeros(moments.shape, np.bool_)
    index = np.searchsorted(spans.starts, moments, side="right") - 1
    inside = np.maximum(index, 0)
    return np.asarray((index >= 0) & ~spans.missing[inside] & (moments <= spans.stops[inside]))


def last_active(
    spans: Spans, active: NDArray[np.bool_], edges: NDArray[np.float64], earlier: float
) -> NDArray[np.float64]:
    """Return for each edge when the signal was last active, in epoch seconds: the edge itself while it is.

    `active` has shape (n,), `edges` any shape; `earlier` is the last active moment before the first span,
    -inf when there was none. A span that ran out unanswered ends at its stop.
    """
    if not len(spans.starts):
        return np.asarray(np.minimum(np.full(edges.shape, earlier), edges))
    ended = np.maximum.accumulate(np.where(active, spans.stops, earlier))
    before = np.concatenate(((earlier,), ended[:-1]))
    index = np.searchsorted(spans.starts, edges, side="right") - 1
    inside = np.maximum(index, 0)
    here = np.where(active[inside], np.minimum(edges, spans.stops[inside]), before[inside])
    return np.asarray(np.where(index < 0, np.minimum(earlier, edges), np.maximum(here, before[inside])))


def last_change(
    spans: Spans, edges: NDArray[np.float64], earlier: float, value_before: float = np.nan
) -> NDArray[np.float64]:
    """Return for each edge when the known value last changed, in epoch seconds; `earlier` and shapes as above.

    `value_before` is the last value known before the first span, NaN when there was none: then the first reading
    is no change. One that repeats the last known value after a gap is none either.
    """
    times, values = spans.starts[~spans.missing], spans.values[~spans.missing]
    before = values[:1] if np.isnan(value_before) else np.array([value_before])
    changed = times[np.diff(values, prepend=before) != 0.0]
    moments = np.concatenate(((earlier,), changed))
    return np.asarray(np.minimum(moments[np.searchsorted(changed, edges, side="right")], edges))
