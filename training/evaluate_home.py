"""Score whether anybody is home at all, as it is told live: from all rooms, people and exit doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.home import HomeSignals, Reading
from custom_components.inkling.core.pipeline import Model
from custom_components.inkling.core.window import Track

from .evaluate import Scored, decide, score_room
from .labels import occupancy_at, scoring_instants
from .progress import watched
from .trace import OCCUPIED, Trace
from .tracks import tracks_of

HOME, TITLE = "home", "home as a whole"
ANY_ROOM, ANY_PERSON, EITHER = "any room decided occupied", "any person home", "person or room"
Array = NDArray[np.float64]


def score_home(
    model: Model, trace: Trace, *, every_seconds: float, hold_minutes: int, drop: Sequence[str] = ()
) -> Scored | None:
    """Return the home's scored instants, None where nobody says when somebody was home.

    Rooms are scored as ever, and what they say together with people and doors is the core's answer. A rule of rooms
    says that somebody is home when it does of any room. `drop` leaves out roles.
    """
    labels = tuple(span for span in trace.labels if span.target == HOME)
    ends = scoring_instants(labels, HOME, every_seconds)
    if not any(span.label == OCCUPIED for span in labels) or not len(ends) or not trace.rooms:
        return None
    tracks = [track for track in tracks_of(trace) if track.signal.role.value not in drop]
    bare = replace(trace, labels=())
    rooms = [
        score_room(model, bare, tracks, room.id, ends, hold_minutes)
        for room in watched("scoring the home", trace.rooms)
    ]
    said = np.stack([room.probabilities for room in rooms])
    decided = np.max([decide(ends, row, model.manifest.decision) for row in said], axis=0)
    person = _any_person(tracks, ends)
    return Scored(
        room=HOME,
        ends=ends,
        truths=occupancy_at(labels, HOME, ends).astype(np.float64),
        probabilities=_probabilities(tracks, said, ends),
        rules={
            ANY_ROOM: decided,
            ANY_PERSON: person,
            EITHER: np.maximum(decided, person),
            **{name: np.max([room.rules[name] for room in rooms], axis=0) for name in rooms[0].rules},
        },
    )


def _probabilities(tracks: Sequence[Track], said: Array, ends: Array) -> Array:
    """Return the core's answer at each instant, NaN where it is unknown, from every room's, shape (rooms, n)."""
    signals = HomeSignals.among(track.signal for track in tracks)
    by_id = {track.signal.id: track for track in tracks}
    found = []
    for end, row in zip(ends.tolist(), said.T.tolist(), strict=True):
        evidence = signals.evidence(lambda name, end=end: _newest(by_id[name], end), end)  # type: ignore[misc]
        found.append(evidence.probability([None if np.isnan(chance) else chance for chance in row]))
    return np.array(found, dtype=np.float64)


def _newest(track: Track, end: float) -> Reading | None:
    """Return the newest reading of a track at an instant."""
    place = int(track.times.searchsorted(end, side="right")) - 1
    return None if place < 0 else (float(track.times[place]), float(track.values[place]))


def _any_person(tracks: Sequence[Track], ends: Array) -> Array:
    """Return 1 where anybody is said to be home, 0 where nobody is, shape (n,)."""
    people = HomeSignals.among(track.signal for track in tracks).people
    newest = [[_newest(track, end) for end in ends.tolist()] for track in tracks if track.signal.id in people]
    rows = [[float(reading is not None and reading[1] > 0.0) for reading in row] for row in newest]
    return np.max(rows, axis=0) if rows else np.zeros(len(ends))
