"""What a window of an hour cannot hold: how many people the last day shows, and how low a level has been."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .window import Track

COMPANY_KINDS = ("share", "longest", "most", "hold", "known")
"""What `company` measures, in its order."""

_BIN_SECONDS = 60.0
_DAY_BINS = 1440
_RUN_LIMIT_BINS = 30
_MOST_LIMIT = 4.0
_ENOUGH_BINS = 240.0
# What holds longer than this is no motion: the mean run is told on a scale from a minute to an hour.
_LONGEST_HOLD_BINS = 60.0
LOW_SECONDS = 43_200.0
"""Half a day: what a ring of 768 readings still holds of a sensor that reports once a minute."""
_ACTIVE_ABOVE = 0.5


def company(tracks: Sequence[Track], ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the day before each end shows of how many people there are, shape (kinds, ends), 0 to 1 each.

    One person cannot keep two rooms moving for longer than the sensors hold. From minutes that are over:
    `share` of the moving minutes in which two rooms or more moved, `longest` stretch of such minutes in half hours,
    `most` rooms beyond the first at once in fours, `hold`, how long a sensor stays on, and how much was seen at all.
    """
    last = np.floor(ends / _BIN_SECONDS).astype(np.int64)
    first = int(last.min()) - _DAY_BINS - _RUN_LIMIT_BINS
    count = int(last.max()) - first
    moving, runs = _minutes(tracks, first, count, float(ends.max()))
    rooms = moving.sum(axis=0)
    together = rooms >= 2  # noqa: PLR2004 - two rooms at once
    upto = last - first
    since = upto - _DAY_BINS
    some, two, on, begun = (_between(values, since, upto) for values in (rooms > 0, together, rooms, runs))
    hold = np.log1p(on / np.maximum(begun, 1.0)) / np.log1p(_LONGEST_HOLD_BINS)
    return np.stack(
        (
            two / np.maximum(some, 1.0),
            _highest(_run_lengths(together), since, upto) / _RUN_LIMIT_BINS,
            np.clip(_highest(rooms, since, upto) - 1.0, 0.0, _MOST_LIMIT) / _MOST_LIMIT,
            np.minimum(hold, 1.0),
            np.minimum(some / _ENOUGH_BINS, 1.0),
        )
    )


def _minutes(
    tracks: Sequence[Track], first: int, count: int, horizon: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return in which minutes each room moved, shape (rooms, count), and how many runs began in each, (count,)."""
    places = {room: row for row, room in enumerate(dict.fromkeys(track.signal.room for track in tracks))}
    moving = np.zeros((len(places), count), np.bool_)
    runs = np.zeros(count)
    for track in tracks:
        started, stopped = _runs(track, horizon)
        begin = np.floor(started / _BIN_SECONDS).astype(np.int64) - first
        end = np.floor(stopped / _BIN_SECONDS).astype(np.int64) - first
        change = np.zeros(count + 1)
        np.add.at(change, np.clip(begin, 0, count), 1.0)
        np.add.at(change, np.clip(end + 1, 0, count), -1.0)
        moving[places[track.signal.room]] |= np.cumsum(change)[:-1] > 0.0
        np.add.at(runs, begin[(begin >= 0) & (begin < count)], 1.0)
    return moving, runs


def _runs(track: Track, horizon: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return when a signal became active and when it ceased to be, (n,) each; one that still is lasts to `horizon`."""
    active = track.values > _ACTIVE_ABOVE
    change = np.diff(active, prepend=False, append=False)
    (places,) = np.nonzero(change)
    times = np.append(track.times, max(horizon, float(track.times[-1]) if len(track.times) else horizon))
    return times[places[::2]], times[places[1::2]]


def _between(values: NDArray[np.generic], since: NDArray[np.int64], upto: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sum of values from one index up to another, for many pairs, shape of the pairs."""
    sums = np.concatenate(((0.0,), np.cumsum(values, dtype=np.float64)))
    return np.asarray(sums[upto] - sums[since])


def _run_lengths(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how many flags in a row have been set up to each, limited, same shape."""
    steps = np.arange(1, len(flags) + 1)
    broken = np.maximum.accumulate(np.where(flags, 0, steps))
    return np.asarray(np.minimum(steps - broken, _RUN_LIMIT_BINS), dtype=np.float64)


def _highest(values: NDArray[np.number], since: NDArray[np.int64], upto: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the highest value from one index up to another, for many pairs, shape of the pairs."""
    pairs = np.column_stack((since, upto)).ravel()
    padded = np.append(values, 0.0)
    return np.asarray(np.maximum.reduceat(padded, pairs)[::2], dtype=np.float64)


def lows(track: Track, ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lowest reading that stood in the half day before each end, shape (ends,), inf where none did.

    What a ring has dropped counts by the hour.
    """
    before = np.array(track.lows_before, dtype=np.float64).reshape(-1, 2)
    times = np.concatenate((before[:, 0], track.times))
    readings = np.concatenate((before[:, 1], track.values, (np.inf,)))
    values = np.where(np.isnan(readings), np.inf, readings)
    since, upto = times.searchsorted((ends - LOW_SECONDS, ends), side="right")
    since = np.maximum(since - 1, 0)
    pairs = np.column_stack((since, np.maximum(upto, since + 1))).ravel()
    found = np.minimum.reduceat(values, np.minimum(pairs, len(values) - 1))[::2]
    return np.asarray(np.where(upto > 0, found, np.inf))
