"""How soon after somebody comes in a room is called occupied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.pipeline import Model, replay
from custom_components.inkling.core.window import Track

from .baselines import last_moments, last_motion_wins, motion_held
from .trace import OCCUPIED, LabelSpan, Trace
from .tracks import offsets_of

Array = NDArray[np.float64]
# A person who only passes through is no test of how fast a room fills.
_SHORTEST_STAY_SECONDS = 60.0
_AFTER_SECONDS = np.array([0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0])
_MOST_ONSETS = 40


def onsets(labels: Iterable[LabelSpan], room: str, start: float, end: float) -> Array:
    """Return when people came into a room between two moments and stayed, (n,) evenly chosen, epoch seconds."""
    found = np.array(
        [
            span.start
            for span in labels
            if span.target == room
            and span.label == OCCUPIED
            and span.end - span.start >= _SHORTEST_STAY_SECONDS
            and start < span.start < end
        ],
        dtype=np.float64,
    )
    return found[:: max(1, -(-len(found) // _MOST_ONSETS))]


def reactions(
    model: Model, trace: Trace, tracks: Sequence[Track], room: str, came: Array, hold_minutes: int
) -> Mapping[str, Array]:
    """Return for the model and each rule the seconds until occupied, (n,): the first of set moments, inf if none."""
    ends = (came[:, None] + _AFTER_SECONDS).ravel()
    moments = last_moments(tracks, ends)
    said = {
        "model": replay(model, tracks, room, ends, offsets_of(trace, ends)) >= model.manifest.decision.on_threshold,
        f"motion held {hold_minutes} min": motion_held(moments.get(room), ends, hold_minutes) > 0.0,
        "last motion wins": last_motion_wins(moments, room, ends) > 0.0,
        "last motion wins + exit door": last_motion_wins(moments, room, ends, door=True) > 0.0,
    }
    return {name: first_seconds(yes.reshape(len(came), -1)) for name, yes in said.items()}


def first_seconds(yes: NDArray[np.bool_]) -> Array:
    """Return the first moment of each row that says yes, (n,), inf where none does."""
    found = _AFTER_SECONDS[np.argmax(yes, axis=1)]
    return np.where(yes.any(axis=1), found, np.inf)
