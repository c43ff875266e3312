"""Make one recorded home into many: leave signals out and break some, as homes do; always on whole signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from custom_components.inkling.core.units import ACTIVITY_ROLES, Role
from custom_components.inkling.core.window import Track


@dataclass(frozen=True, slots=True)
class Style:
    """What share of the signals a kind of home has."""

    motion: float
    presence: float
    vibration: float
    other: float
    exit_door: float
    people: float
    alone: float
    """Share of draws in which a room knows nothing of the rest of the home."""


# Who buys what: motion only, motion with environment, radars, everything; weights beside each.
STYLES: tuple[tuple[float, Style], ...] = (
    (0.30, Style(0.97, 0.05, 0.0, 0.05, 0.7, 0.4, 0.15)),
    (0.30, Style(0.92, 0.1, 0.05, 0.35, 0.6, 0.5, 0.2)),
    (0.20, Style(0.5, 0.75, 0.1, 0.3, 0.6, 0.5, 0.2)),
    (0.10, Style(0.9, 0.6, 0.5, 0.85, 0.8, 0.7, 0.1)),
    (0.10, Style(0.35, 0.1, 0.1, 0.4, 0.5, 0.5, 0.35)),
)
# A recorded room already lacks what it lacks: leave out less.
RECORDED = Style(0.9, 0.9, 0.9, 0.7, 1.0, 1.0, 0.0)
# A room's own model: nothing is ever left out of it.
WHOLE = Style(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0)
_WHOLE = 0.3
_COVERED = 0.7
# Motion and presence break oftener than they do in life: to lose them is what a room must survive. Twice as often, and
# nine homes of ten have one that fails each day; the model then doubts every home.
_BREAKS, _ACTIVITY_BREAKS = 0.05, 0.15


def draw_style(rng: np.random.Generator) -> Style:
    """Draw a kind of home."""
    weights = np.array([weight for weight, _ in STYLES])
    return STYLES[int(rng.choice(len(STYLES), p=weights / weights.sum()))][1]


def keep_some(tracks: Sequence[Track], style: Style, rng: np.random.Generator) -> list[Track]:
    """Return the signals a home of this style would have."""
    people = bool(rng.random() < style.people)
    if style is RECORDED and rng.random() < _WHOLE:
        return list(tracks)
    kept = [track for track in tracks if _kept(track, style, people, rng)]
    return _covered(tracks, kept) if rng.random() < _COVERED else kept


def _covered(tracks: Sequence[Track], kept: list[Track]) -> list[Track]:
    """Return the kept signals, and a motion sensor for every room that has no other sign of movement."""
    seen = {track.signal.room for track in kept if track.signal.role in ACTIVITY_ROLES}
    return kept + [track for track in tracks if track.signal.role is Role.MOTION and track.signal.room not in seen]


def _kept(track: Track, style: Style, people: bool, rng: np.random.Generator) -> bool:  # noqa: FBT001 - drawn once per home
    """Draw whether one signal stays."""
    role, room = track.signal.role, track.signal.room
    if role is Role.PERSON:
        return people
    if room is None:
        return bool(rng.random() < style.exit_door)
    share = {Role.MOTION: style.motion, Role.PRESENCE: style.presence, Role.VIBRATION: style.vibration}
    return bool(rng.random() < share.get(role, style.other))


def break_some(
    tracks: Sequence[Track], style: Style, start: float, end: float, rng: np.random.Generator
) -> list[Track]:
    """Return the tracks with a few of them unavailable for a while between two moments."""
    shares = (_ACTIVITY_BREAKS if track.signal.role in ACTIVITY_ROLES else _BREAKS for track in tracks)
    if style is WHOLE:
        return list(tracks)
    return [
        _broken(track, start, end, rng) if rng.random() < share else track
        for track, share in zip(tracks, shares, strict=True)
    ]


def _broken(track: Track, start: float, end: float, rng: np.random.Generator) -> Track:
    """Return a track that falls silent at some moment, and comes back with its next reading after another."""
    gone = float(rng.uniform(start, end))
    back = gone + float(rng.lognormal(8.5, 1.2))
    before, after = track.times < gone, track.times > back
    times = np.concatenate((track.times[before], (gone,), track.times[after]))
    values = np.concatenate((track.values[before], (np.float32(np.nan),), track.values[after]))
    return replace(track, times=times, values=values.astype(np.float32))


def event_times(tracks: Sequence[Track]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return every moment at which an activity sensor or a door changed, sorted."""
    parts = [track.times for track in tracks if track.signal.role in ACTIVITY_ROLES or track.signal.role is Role.DOOR]
    return np.sort(np.concatenate(parts)) if parts else np.empty(0)
