"""Score whether anybody is home at all: where a trace says so of the home itself, and not only of its rooms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from custom_components.inkling.core.pipeline import Model

from .evaluate import Scored, score_room
from .labels import occupancy_at, scoring_instants
from .progress import watched
from .trace import OCCUPIED, Trace
from .tracks import tracks_of

HOME, TITLE = "home", "home as a whole"


def score_home(model: Model, trace: Trace, *, every_seconds: float, hold_minutes: int) -> Scored | None:
    """Return the home's scored instants, None where nobody says when somebody was home.

    Somebody is home as surely as somebody is in the room that is surest of it; a rule says so when it does of any room.
    """
    labels = tuple(span for span in trace.labels if span.target == HOME)
    ends = scoring_instants(labels, HOME, every_seconds)
    if not any(span.label == OCCUPIED for span in labels) or not len(ends) or not trace.rooms:
        return None
    tracks, bare = tracks_of(trace), replace(trace, labels=())
    rooms = [
        score_room(model, bare, tracks, room.id, ends, hold_minutes)
        for room in watched("scoring the home", trace.rooms)
    ]
    said = np.stack([room.probabilities for room in rooms])
    unknown = np.isnan(said).all(axis=0)
    return Scored(
        room=HOME,
        ends=ends,
        truths=occupancy_at(labels, HOME, ends).astype(np.float64),
        probabilities=np.where(unknown, np.nan, np.nanmax(np.where(unknown, 0.0, said), axis=0)),
        rules={name: np.max([room.rules[name] for room in rooms], axis=0) for name in rooms[0].rules},
    )
