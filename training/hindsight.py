"""Labels from hindsight: a smoother that sees what came next teaches a model that does not.

Whether somebody is still in a silent room is told by what happens later: silence that ends with movement in that very
room was a sleeper or a reader, silence that ends elsewhere was an empty room. A hidden Markov model of two states per
room says so by the forward-backward algorithm (Rabiner 1989). These labels are made from the inputs themselves, so they
may teach and are never a score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import NEVER, Track

from .away import everybody_away
from .baselines import last_moments
from .trace import OCCUPIED, VACANT, LabelSpan, Trace
from .tracks import tracks_of

Array = NDArray[np.float64]
_STEP_SECONDS = 60.0
# Who goes out is still seen by the hall's sensor, and who comes home is seen before the door falls shut.
_DOOR_MINUTES = 3
_LEAST_ABSENCE_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Chances in one minute, from what sensors and people do; the four that leaving hangs on by simulated homes."""

    seen: float = 0.25
    """That somebody in the room moves so that a sensor notices: a reader once in several minutes."""
    false_alarm: float = 0.01
    """That an empty room's sensor fires in a minute (pets, sun, radar ghosts)."""
    enter_seen: float = 0.3
    """That somebody came, given that the room moved."""
    enter_unseen: float = 0.0002
    """That somebody came past the sensor."""
    leave_seen: float = 0.05
    """That somebody leaves in a minute in which the room still moves."""
    leave_elsewhere: float = 0.15
    """That somebody left, given that another room moved and this one did not."""
    leave_door: float = 0.3
    """That somebody left, given that an exit door moved and this room did not."""
    leave_silent: float = 0.002
    """That somebody left unnoticed by every sensor."""
    quiet_alone: float = 0.8
    """How much rarer the room of a one-person home is silent, while another moves, if that person is here."""
    quiet_company: float = 0.9
    """The same where several live, or nobody knows how many."""
    away: float = 1e-4
    """That somebody is here although every phone is away."""


BELIEFS = Beliefs()
CERTAIN = 0.98


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each minute shows: (minutes, rooms) whether this room moved and another did, (minutes,) the rest."""

    here: NDArray[np.bool_]
    elsewhere: NDArray[np.bool_]
    door: NDArray[np.bool_]
    away: NDArray[np.bool_]
    alone: bool


def hindsight_labels(trace: Trace, beliefs: Beliefs = BELIEFS, certain: float = CERTAIN) -> list[LabelSpan]:
    """Return occupied and vacant spans of every room that has a sensor of movement, where the smoother is certain."""
    ends, chances = smoothed(trace, beliefs)
    found: list[LabelSpan] = []
    for room, chance in chances.items():
        for label, mask in ((OCCUPIED, chance >= certain), (VACANT, chance <= 1.0 - certain)):
            found += [
                LabelSpan(float(ends[first]) - _STEP_SECONDS, float(ends[last]), room, label)
                for first, last in _runs(mask)
            ]
    return sorted(found, key=lambda span: (span.start, span.target))


def smoothed(trace: Trace, beliefs: Beliefs = BELIEFS) -> tuple[Array, Mapping[str, Array]]:
    """Return the ends of each minute (n,) and, for each room with a sensor of movement, its chances (n,)."""
    tracks = tracks_of(trace)
    stamps = [track.times for track in tracks if len(track.times)]
    if not stamps:
        return np.empty(0), {}
    first, last = min(float(times[0]) for times in stamps), max(float(times[-1]) for times in stamps)
    ends = np.arange(first + _STEP_SECONDS, last + _STEP_SECONDS, _STEP_SECONDS, dtype=np.float64)
    rooms, evidence = _evidence(tracks, ends)
    if evidence is None:
        return ends, {}
    chances = posterior(*_chances(evidence, beliefs))
    return ends, {room: chances[:, index] for index, room in enumerate(rooms)}


def _evidence(tracks: Sequence[Track], ends: Array) -> tuple[list[str], Evidence | None]:
    """Return the rooms that can be judged and what each minute shows."""
    moments = last_moments(tracks, ends)
    rooms = sorted(room for room in moments if room is not None)
    if not rooms:
        return [], None
    moved = np.stack([ends - moments[room] < _STEP_SECONDS for room in rooms], axis=1)
    others = moved.sum(axis=1, keepdims=True) - moved > 0
    away = np.zeros(len(ends), bool)
    for start, end in everybody_away(tracks):
        away |= (ends > start) & (ends - _STEP_SECONDS < end)
    door = ends - moments.get(None, np.full(len(ends), NEVER)) < _STEP_SECONDS
    away |= _nobody_between_doors(door, np.asarray(moved.any(axis=1)))
    people = sum(track.signal.role is Role.PERSON for track in tracks)
    return rooms, Evidence(moved, others, door, away, alone=people == 1)


def _nobody_between_doors(door: NDArray[np.bool_], moved: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the minutes between two moves of an exit door in which nothing else in the home moved, (minutes,)."""
    found = np.zeros(len(door), bool)
    edges = np.flatnonzero(door)
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        inside = slice(first + _DOOR_MINUTES, last - _DOOR_MINUTES + 1)
        if last - first >= _LEAST_ABSENCE_MINUTES and not moved[inside].any():
            found[inside] = True
    return found


def _chances(seen: Evidence, beliefs: Beliefs) -> tuple[Array, Array, Array, Array]:
    """Return per minute and room the chances to come, to leave, and of what is seen when occupied and when vacant."""
    door = seen.door[:, None]
    come = np.where(seen.here, beliefs.enter_seen, beliefs.enter_unseen)
    quiet = np.where(seen.elsewhere, beliefs.leave_elsewhere, np.where(door, beliefs.leave_door, beliefs.leave_silent))
    leave = np.where(seen.here, beliefs.leave_seen, np.where(door & seen.elsewhere, beliefs.leave_door, quiet))
    # Silence everywhere says nothing: sleepers and an empty home are equally silent.
    company = beliefs.quiet_alone if seen.alone else beliefs.quiet_company
    occupied = np.where(seen.here, beliefs.seen, np.where(seen.elsewhere, company, 1.0))
    vacant = np.where(seen.here, beliefs.false_alarm, 1.0)
    occupied = np.where(seen.away[:, None], occupied * beliefs.away, occupied)
    return come, leave, occupied, vacant


def posterior(come: Array, leave: Array, occupied: Array, vacant: Array) -> Array:
    """Return the chance of occupied at each step given all steps, by forward-backward; all arrays (steps, rooms)."""
    steps, rooms = come.shape
    ahead = np.empty((steps, rooms))
    belief = np.full(rooms, 0.5)
    for step in range(steps):
        prior = belief * (1.0 - leave[step]) + (1.0 - belief) * come[step]
        there, empty = prior * occupied[step], (1.0 - prior) * vacant[step]
        belief = ahead[step] = there / (there + empty)
    found = np.empty((steps, rooms))
    there, empty = np.ones(rooms), np.ones(rooms)
    for step in range(steps - 1, -1, -1):
        both = ahead[step] * there, (1.0 - ahead[step]) * empty
        found[step] = both[0] / (both[0] + both[1])
        after = occupied[step] * there, vacant[step] * empty
        there = (1.0 - leave[step]) * after[0] + leave[step] * after[1]
        empty = come[step] * after[0] + (1.0 - come[step]) * after[1]
        total = there + empty
        there, empty = there / total, empty / total
    return found


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last index of every run of true."""
    edges = np.diff(np.concatenate(([False], mask, [False])).astype(np.int8))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))
