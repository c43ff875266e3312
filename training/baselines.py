"""Rules without learning, to stand beside every figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.features import grid_tracks
from custom_components.inkling.core.units import ACTIVITY_ROLES, Role
from custom_components.inkling.core.window import NEVER, Track

Array = NDArray[np.float64]
HOLD_MINUTES = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60)


def last_moments(tracks: Sequence[Track], ends: Array) -> dict[str | None, Array]:
    """Return when each room (None: the exit doors) was last seen to move, epoch seconds, (n,) each."""
    wanted = [
        track
        for track in tracks
        if track.signal.role in ACTIVITY_ROLES or (track.signal.room is None and track.signal.role is Role.DOOR)
    ]
    found: dict[str | None, Array] = {}
    for grid in grid_tracks(wanted, ends, 1, 60.0):
        room = grid.track.signal.room
        moment = grid.moment[:, -1]
        found[room] = np.maximum(found[room], moment) if room in found else moment
    return found


def motion_held(moments: Array | None, ends: Array, minutes: float) -> Array:
    """Return 1 where the room moved within the last `minutes`, else 0; a room without motion sensor is vacant."""
    if moments is None:
        return np.zeros(len(ends))
    return np.where(ends - moments <= minutes * 60.0, 1.0, 0.0)


def last_motion_wins(moments: Mapping[str | None, Array], room: str, ends: Array, *, door: bool = False) -> Array:
    """Return 1 while the room's movement is the newest of all rooms, else 0; with `door`, 0 once the exit door is."""
    if room not in moments:
        return np.zeros(len(ends))
    rivals = [found for name, found in moments.items() if name != room and (door or name is not None)]
    newest = np.max(rivals, axis=0) if rivals else np.full(len(ends), NEVER)
    return np.where((moments[room] > newest) & np.isfinite(moments[room]), 1.0, 0.0)


def tune_hold(pairs: Sequence[tuple[Array | None, Array, Array]]) -> int:
    """Return the N of HOLD_MINUTES with the most training minutes right; triples of moments, instants and truths."""
    scores = [
        sum(float(np.sum(motion_held(moments, ends, minutes) == truths)) for moments, ends, truths in pairs)
        for minutes in HOLD_MINUTES
    ]
    return HOLD_MINUTES[int(np.argmax(scores))]
