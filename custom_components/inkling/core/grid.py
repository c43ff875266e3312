"""Irregular readings onto a regular grid: time-weighted means, what is known, and how long ago something happened.

Every function takes any number of signals and of ends at once, so a live tick (many signals, one end) and a replay
of a month (few signals, thousands of ends) run the same lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def step_edges(ends: NDArray[np.float64], steps: int, step_seconds: float) -> NDArray[np.float64]:
    """Return the step borders before each end, shape (ends, steps + 1), oldest first, epoch seconds."""
    offsets = np.arange(-steps, 1, dtype=np.float64) * step_seconds
    return ends[:, None] + offsets


@dataclass(frozen=True, slots=True)
class Spans:
    """Readings as spans: each holds its value from its start to its stop; shape (signals, n) each.

    A span stops at the next reading, or `max_gap_seconds` after its start if that comes first. A missing
    reading holds nothing. Signals with fewer readings than the longest are padded with missing ones at the end.
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
    counts: tuple[int, ...]
    """How many readings each signal has."""


def make_spans(
    times: Sequence[NDArray[np.float64]],
    values: Sequence[NDArray[np.float32]],
    max_gap_seconds: NDArray[np.float64],
    horizon: float,
) -> Spans:
    """Return the spans of signals' readings, shapes (n,) each; a last one may last until `horizon`.

    `max_gap_seconds` has shape (signals,); `horizon`, in epoch seconds, is the last edge: readings after it are not
    looked at.
    """
    counts = tuple(map(len, times))
    starts = np.full((len(times), max(1, *counts)), horizon)
    held = np.full(starts.shape, np.nan)
    for row, count in enumerate(counts):
        starts[row, :count] = times[row]
        held[row, :count] = values[row]
    missing = np.isnan(held)
    following = np.concatenate((starts[:, 1:], np.full((len(times), 1), horizon)), axis=1)
    stops = np.where(missing, starts, np.minimum(following, starts + max_gap_seconds[:, None]))
    held[missing] = 0.0
    seconds = stops - starts
    return Spans(starts, stops, held, _sum_before(seconds), _sum_before(held * seconds), missing, counts)


def _sum_before(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each item of a row the sum of those before it, same shape."""
    sums = np.zeros(amounts.shape)
    np.cumsum(amounts[:, :-1], axis=1, out=sums[:, 1:])
    return sums


@dataclass(frozen=True, slots=True)
class Places:
    """Where edges fall among the spans: for each signal and edge the newest span begun by then."""

    edges: NDArray[np.float64]
    """Epoch seconds, shape (ends, edges)."""
    flat: NDArray[np.intp]
    """Position of the span in the flattened spans, shape (signals, ends, edges); the first one's before any began."""
    before_first: NDArray[np.bool_]
    """Whether no span had begun, shape (signals, ends, edges)."""


def locate(spans: Spans, edges: NDArray[np.float64]) -> Places:
    """Return where edges, shape (ends, edges) in epoch seconds, fall among the spans."""
    asked = edges.ravel()
    begun = np.empty((len(spans.counts), len(asked)), dtype=np.intp)
    for row, count in enumerate(spans.counts):
        begun[row] = spans.starts[row, :count].searchsorted(asked, side="right")
    first = np.arange(0, spans.starts.size, spans.starts.shape[1])[:, None]
    flat = first + np.maximum(begun - 1, 0)
    shape = (len(spans.counts), *edges.shape)
    return Places(edges, flat.reshape(shape), (begun == 0).reshape(shape))


def time_weighted(spans: Spans, places: Places) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the time-weighted mean of each step and the share of it that is known, (signals, ends, edges - 1).

    The mean is taken over the known part, as Home Assistant's own time-weighted mean does; a step without any
    known moment has mean 0 and share 0.
    """
    seconds = np.minimum(places.edges, spans.stops.take(places.flat)) - spans.starts.take(places.flat)
    seconds[places.before_first] = 0.0
    known = np.diff(spans.known_before.take(places.flat) + seconds)
    integral = np.diff(spans.integral_before.take(places.flat) + spans.values.take(places.flat) * seconds)
    some = known > 0.0
    mean = np.divide(integral, known, out=np.zeros(known.shape), where=some)
    return mean, known / np.diff(places.edges)


def stands(spans: Spans, places: Places) -> NDArray[np.bool_]:
    """Return whether the newest reading up to each edge still holds there; shape (signals, ends, edges)."""
    holds = ~spans.missing.take(places.flat) & (places.edges <= spans.stops.take(places.flat))
    return np.asarray(holds & ~places.before_first)


def last_active(
    spans: Spans, active: NDArray[np.bool_], places: Places, earlier: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return when each signal was last active, at each edge, (signals, ends, edges): the edge itself while it is.

    `active` has the spans' shape; `earlier`, shape (signals,), is the last active moment before the first span in
    epoch seconds, -inf when there was none. A span that ran out unanswered ends at its stop.
    """
    ended = np.maximum.accumulate(np.where(active, spans.stops, earlier[:, None]), axis=1)
    before = np.concatenate((earlier[:, None], ended[:, :-1]), axis=1).take(places.flat)
    here = np.where(active.take(places.flat), np.minimum(places.edges, spans.stops.take(places.flat)), before)
    return np.asarray(np.where(places.before_first, np.minimum(before, places.edges), here))


def last_onset(
    spans: Spans,
    active: NDArray[np.bool_],
    places: Places,
    earlier: NDArray[np.float64],
    active_before: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return when each signal last began to be active, at each edge; arguments and shapes as above.

    Repeated reports of one state are one spell, also where activity lasted up to the first reading (`active_before`).
    """
    before = np.concatenate((active_before[:, None] >= spans.starts[:, :1], active[:, :-1]), axis=1)
    begun = np.maximum.accumulate(np.where(active & ~before, spans.starts, earlier[:, None]), axis=1)
    return np.asarray(np.where(places.before_first, earlier[:, None, None], begun.take(places.flat)))


def last_change(
    spans: Spans, places: Places, earlier: NDArray[np.float64], value_before: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return when each signal's known value last changed, at each edge; `earlier` and shapes as above.

    `value_before`, shape (signals,), is the last value known before the first span, NaN when there was none: then
    the first reading is no change. One that repeats the last known value after a gap is none either.
    """
    newest_known = np.maximum.accumulate(np.where(spans.missing, 0, np.arange(1, spans.starts.shape[1] + 1)), axis=1)
    known = np.concatenate((value_before[:, None], spans.values), axis=1)
    held = np.take_along_axis(known, newest_known, axis=1)
    before = np.concatenate((value_before[:, None], held[:, :-1]), axis=1)
    changed = ~spans.missing & (held != before) & ~np.isnan(before)
    moments = np.maximum.accumulate(np.where(changed, spans.starts, earlier[:, None]), axis=1).take(places.flat)
    return np.asarray(np.minimum(np.where(places.before_first, earlier[:, None, None], moments), places.edges))
