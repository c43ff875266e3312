"""Trace -> the core's tracks: the same parsing that live states go through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.sample import parse_sample
from custom_components.inkling.core.window import Signal, Track

from .trace import Readings, SignalInfo, Trace, zone_of


def tracks_of(trace: Trace) -> tuple[Track, ...]:
    """Return every signal's readings in canonical units, missing ones NaN."""
    return tuple(_track(signal, trace.readings[signal.id]) for signal in trace.signals)


def _track(info: SignalInfo, readings: Readings) -> Track:
    """Parse one signal's states; equal texts are parsed once."""
    unit = info.unit or None
    known = {state: parse_sample(info.role, 0.0, state, unit).value for state in set(readings.states)}
    values = np.array([known[state] for state in readings.states], dtype=np.float32)
    return Track(Signal(id=info.id, role=info.role, room=info.room or None), readings.times, values)


def offsets_of(trace: Trace, ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the home's clock is ahead of UTC at each instant, seconds, shape (n,); instants may come unsorted."""
    zone = zone_of(trace)
    # Clocks change on the hour, so one look-up an hour is enough.
    hours, place = np.unique(np.floor(ends / 3600.0), return_inverse=True)
    found = [
        (datetime.fromtimestamp(hour * 3600.0, zone).utcoffset() or timedelta()).total_seconds()
        for hour in hours.tolist()
    ]
    return np.asarray(found, dtype=np.float64)[place]


def cut(tracks: Iterable[Track], start: float, end: float) -> tuple[Track, ...]:
    """Return tracks that know nothing from before `start` but the level that stood then, nor from `end` on."""
    return tuple(_cut(track, start, end) for track in tracks)


def _cut(track: Track, start: float, end: float) -> Track:
    """Cut one track to [start, end)."""
    first, last = np.searchsorted(track.times, (start, end), side="left")
    times, values = track.times[first:last], track.values[first:last]
    if first > 0 and (not len(times) or times[0] > start):
        times = np.concatenate(((start,), times))
        values = np.concatenate((track.values[first - 1 : first], values))
    return replace(track, times=times, values=values)


def without(tracks: Sequence[Track], dropped: Iterable[str]) -> tuple[Track, ...]:
    """Return the tracks but those of the named signals."""
    names = frozenset(dropped)
    return tuple(track for track in tracks if track.signal.id not in names)
