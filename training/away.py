"""Certain vacancy: while every person of the home is away, every room is empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import Track

from .baselines import last_moments
from .trace import VACANT, LabelSpan, Trace
from .tracks import tracks_of

Spans = list[tuple[float, float]]
LEAST_SECONDS = 600.0
# A phone says "away" when its owner has long left, and "home" only minutes after the key turned.
START_MARGIN_SECONDS, END_MARGIN_SECONDS = 120.0, 600.0
_AWAY = 0.5
_LEAVING_SECONDS = 1_800.0
_STEP_SECONDS, _MOST_MOVING = 60.0, 0.05


def away_labels(trace: Trace) -> list[LabelSpan]:
    """Return spans of the whole home's vacancy, none where nobody's presence is known."""
    tracks = tracks_of(trace)
    found = _apart_from_doors(everybody_away(tracks), tracks)
    return [LabelSpan(start, end, "home", VACANT) for start, end in found if _is_still(tracks, start, end)]


def everybody_away(tracks: Sequence[Track]) -> Spans:
    """Return when every person was known to be away, margins taken off, as rising spans in epoch seconds."""
    people = [track for track in tracks if track.signal.role is Role.PERSON]
    if not people or not all(len(track.times) for track in people):
        return []
    last = max(float(track.times[-1]) for track in tracks if len(track.times))
    found = _away_of(people[0], last)
    for track in people[1:]:
        found = _both(found, _away_of(track, last))
    return [
        (start + START_MARGIN_SECONDS, end - END_MARGIN_SECONDS)
        for start, end in found
        if end - start >= LEAST_SECONDS + START_MARGIN_SECONDS + END_MARGIN_SECONDS
    ]


def _away_of(track: Track, last: float) -> Spans:
    """Return when one person was known to be away; what is unknown is not away."""
    ends = np.append(track.times[1:], last)
    away = track.values < _AWAY
    return [(float(start), float(end)) for start, end in zip(track.times[away], ends[away], strict=True)]


def _both(first: Spans, second: Spans) -> Spans:
    """Return when both of two sets of rising spans hold, touching pieces joined."""
    found: Spans = []
    for start, end in first:
        for other_start, other_end in second:
            low, high = max(start, other_start), min(end, other_end)
            if low >= high:
                continue
            if found and found[-1][1] == low:
                low = found.pop()[0]
            found.append((low, high))
    return found


def _apart_from_doors(spans: Spans, tracks: Sequence[Track]) -> Iterator[tuple[float, float]]:
    """Yield the spans that began with an exit door, up to its next opening: who comes then has no phone of the home.

    A phone that is lost while its owner sleeps opens no door. Homes without such a door are believed as they are.
    """
    doors = [track for track in tracks if track.signal.role is Role.DOOR and track.signal.room is None]
    if not doors:
        yield from spans
        return
    opened = np.sort(np.concatenate([_openings(track) for track in doors]))
    for start, end in spans:
        inside = opened[(opened > start) & (opened < end)]
        stop = float(inside[0]) - START_MARGIN_SECONDS if len(inside) else end
        left = (opened > start - _LEAVING_SECONDS) & (opened <= start)
        if left.any() and stop - start >= LEAST_SECONDS:
            yield start, stop


def _is_still(tracks: Sequence[Track], start: float, end: float) -> bool:
    """Return whether next to nothing moved in the home: a pet may, a guest or a person without a phone moves more."""
    ends = np.arange(start + _STEP_SECONDS, end, _STEP_SECONDS, dtype=np.float64)
    moments = [found for room, found in last_moments(tracks, ends).items() if room is not None]
    return not moments or float(np.mean(ends - np.max(moments, axis=0) < _STEP_SECONDS)) <= _MOST_MOVING


def _openings(track: Track) -> NDArray[np.float64]:
    """Return when a door was opened, epoch seconds."""
    return track.times[track.values > _AWAY]
