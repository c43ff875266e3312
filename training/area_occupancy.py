"""Area Occupancy Detection 2026.7 on a trace, written from the published facts of its formula, causal.

It is as it works before anything about its sensors is learned: its priors are learned here as it learns them, from the
room's own past; weights, ranges and half-lives are its defaults. Its activities, neighbours and sleep schedule need
what only its user can say, and are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import Track

Array = NDArray[np.float64]
Active = Callable[[Array], NDArray[np.bool_]]
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a room is for: seconds in which evidence fades to half, and the least its prior can be."""

    words: tuple[str, ...]
    half_life_seconds: float
    floor: float = 0.0


_PURPOSES = (
    Purpose(("hall", "corridor", "entry", "stair"), 45.0, 0.10),
    Purpose(("utility", "laundry"), 90.0),
    Purpose(("garage",), 180.0),
    Purpose(("kitchen",), 240.0),
    Purpose(("garden", "terrace"), 360.0),
    Purpose(("bath", "toilet", "shower"), 450.0),
    Purpose(("dining",), 480.0),
    Purpose(("office", "work", "study", "lab"), 600.0),
    Purpose(("media", "cinema"), 620.0),
    # A bedroom's half-life outside its sleep window is half as long; a sleep window is for the user to say.
    Purpose(("bed",), 1200.0),
)
_LIVING = Purpose((), 520.0)


def purpose_of(words: str) -> Purpose:
    """Return the purpose that a room's name tells, a living room's when it tells none."""
    return next((item for item in _PURPOSES if any(word in words for word in item.words)), _LIVING)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """How one type of sensor counts: when it is active, and its term in log-odds while it is."""

    active: Active
    weight: float
    p_true: float
    p_false: float = 0.02
    multiplier: float = 2.0

    @property
    def term(self) -> float:
        """Return what a sensor of the type adds to the log-odds while it is active."""
        gain = abs(self.p_true - self.p_false) / max(self.p_true, self.p_false, 0.01)
        return self.weight * gain * self.p_true * self.multiplier


def _between(low: float, high: float) -> Active:
    """Return the test of a range."""
    return lambda values: (values >= low) & (values <= high)


def _is_on(values: Array) -> NDArray[np.bool_]:
    """Return where a binary sensor is on."""
    return values > 0.0


_MOTION = _Evidence(_is_on, 1.0, 0.95, 0.005, 3.0)
_PRESENCE: Mapping[Role, _Evidence] = {
    Role.MOTION: _MOTION,
    Role.PRESENCE: _MOTION,
    Role.MEDIA: _Evidence(_is_on, 0.85, 0.65),
    # Its doors count while they are closed.
    Role.DOOR: _Evidence(lambda values: values == 0.0, 0.3, 0.2),
    Role.WINDOW: _Evidence(_is_on, 0.2, 0.2),
    Role.POWER: _Evidence(_between(0.1, 10.0), 0.3, 0.2),
}
_ENVIRONMENT: Mapping[Role, _Evidence] = {
    role: _Evidence(_between(low, high), 0.1, 0.09, 0.01)
    for role, low, high in (
        (Role.TEMPERATURE, 18.0, 24.0),
        (Role.HUMIDITY, 70.0, 100.0),
        (Role.ILLUMINANCE, 30.0, 100_000.0),
        (Role.CO2, 400.0, 1200.0),
        (Role.SOUND, 40.0, 80.0),
    )
}
_OCCUPYING = frozenset({Role.MOTION, Role.PRESENCE, Role.MEDIA})
_MOTION_TAIL_SECONDS = 300.0
_PRIOR_HOURS = 60 * 24
_WEEK_HOURS = 168
_LEAST_EVIDENCE = 0.05
_FIRST_PRIOR = 0.01


def probability(here: Sequence[Track], purpose: Purpose, ends: Array, zone: tzinfo) -> Array:
    """Return the probability (n,) that Area Occupancy Detection's formula gives from a room's own signals."""
    prior = np.maximum(_priors(here, ends, zone), purpose.floor)
    presence = _log_odds(here, _PRESENCE, purpose, ends)
    found = 0.5 * prior if presence is None else _sigmoid(_logit(prior) + presence)
    around = _log_odds(here, _ENVIRONMENT, purpose, ends)
    if around is None:
        return found
    mixed = _sigmoid(0.8 * _logit(found) + 0.2 * _logit(_sigmoid(around)))
    return np.where(around == 0.0, found, mixed)


def _log_odds(here: Sequence[Track], evidence: Mapping[Role, _Evidence], purpose: Purpose, ends: Array) -> Array | None:
    """Return the sum of what the sensors of some types say, None when there is none of them."""
    terms = [
        evidence[track.signal.role].term
        * _strength(track, evidence[track.signal.role].active, purpose.half_life_seconds, ends)
        for track in here
        if track.signal.role in evidence
    ]
    return np.sum(terms, axis=0) if terms else None


def _strength(track: Track, active: Active, half_life_seconds: float, ends: Array) -> Array:
    """Return 1 while a sensor is active, and half as much each half-life after it was."""
    on, lost = _activity(track, active)
    place = np.searchsorted(track.times, ends, side="right")
    age = ends - np.concatenate(((-np.inf,), lost))[place]
    faded = 0.5 ** (age / half_life_seconds)
    faded[faded < _LEAST_EVIDENCE] = 0.0
    return np.where(np.concatenate(((False,), on))[place], 1.0, faded)


def _activity(track: Track, active: Active) -> tuple[NDArray[np.bool_], Array]:
    """Return at each reading whether the sensor is active, and when it last ceased to be."""
    # A reading that is missing compares as false: activity ends there.
    on = active(track.values.astype(np.float64))
    ceased = np.diff(on.astype(np.int8), prepend=0) < 0
    lost: Array = np.maximum.accumulate(np.where(ceased, track.times, -np.inf)) if len(on) else np.empty(0)
    return on, lost


def _priors(here: Sequence[Track], ends: Array, zone: tzinfo) -> Array:
    """Return the room's prior at each instant, from the 60 days up to the last full hour: overall and hour of week."""
    firsts = [track.times[0] for track in here if len(track.times)]
    if not firsts or not len(ends):
        return np.full(len(ends), _FIRST_PRIOR)
    # A label may be older than the history: then nothing is known yet.
    hours = _local_hours(min(firsts), max(min(firsts), float(ends[-1])), zone)
    shares = np.clip(np.diff(_occupied_seconds(here, hours)) / _HOUR, 0.0, 1.0)
    now = np.maximum(np.searchsorted(hours, ends, side="right") - 1, 0)
    total = np.concatenate(((0.0,), np.cumsum(shares)))
    known = np.minimum(now, _PRIOR_HOURS)
    overall = np.where(known > 0, (total[now] - total[now - known]) / np.maximum(known, 1), _FIRST_PRIOR)
    return _sigmoid(0.6 * _logit(overall) + 0.4 * _logit(_slot_priors(shares, now)))


def _slot_priors(shares: Array, now: NDArray[np.intp]) -> Array:
    """Return the share of the same hour of earlier weeks that was occupied; an hour never occupied reads as 0.5."""
    seen = np.zeros(len(now))
    weeks = np.zeros(len(now))
    for week in range(1, _PRIOR_HOURS // _WEEK_HOURS + 1):
        place = now - week * _WEEK_HOURS
        there = place >= 0
        seen[there] += shares[place[there]]
        weeks += there
    return np.where(seen > 0.0, np.clip(seen / np.maximum(weeks, 1.0), 0.03, 0.90), 0.5)


def _local_hours(first: float, last: float, zone: tzinfo) -> Array:
    """Return where the hours of the home's clock begin, from the first before `first` on past `last`."""
    offset = datetime.fromtimestamp(first, zone).utcoffset()
    shift = offset.total_seconds() if offset is not None else 0.0
    start = np.floor((first + shift) / _HOUR) * _HOUR - shift
    # After a change to daylight saving the slots stay an hour behind: a trace is weeks long, not seasons.
    return np.arange(start, last + 2.0 * _HOUR, _HOUR, dtype=np.float64)


def _occupied_seconds(here: Sequence[Track], moments: Array) -> Array:
    """Return for how long the room had been occupied by each moment: motion and its tail, or media playing."""
    spans = sorted(span for track in here if track.signal.role in _OCCUPYING for span in _spans(track, moments[-1]))
    merged: list[list[float]] = []
    for start, stop in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], stop)
        else:
            merged.append([start, stop])
    if not merged:
        return np.zeros(len(moments))
    edges = np.array(merged)
    done = np.concatenate(((0.0,), np.cumsum(edges[:, 1] - edges[:, 0])))
    heights = np.column_stack((done[:-1], done[1:])).ravel()
    return np.asarray(np.interp(moments, edges.ravel(), heights))


def _spans(track: Track, until: float) -> Iterable[tuple[float, float]]:
    """Return a sensor's active stretches, those of motion with their tail."""
    tail = 0.0 if track.signal.role is Role.MEDIA else _MOTION_TAIL_SECONDS
    on = np.concatenate(((False,), _is_on(track.values.astype(np.float64)), (False,)))
    times = np.append(track.times, max(until, track.times[-1] if len(track.times) else until))
    starts, stops = np.flatnonzero(on[1:] & ~on[:-1]), np.flatnonzero(on[:-1] & ~on[1:])
    return zip(times[starts].tolist(), (times[stops] + tail).tolist(), strict=True)


def _logit(probability: Array) -> Array:
    """Return the log-odds, every probability held to 0.01 to 0.99."""
    held = np.clip(probability, 0.01, 0.99)
    return np.asarray(np.log(held / (1.0 - held)))


def _sigmoid(log_odds: Array) -> Array:
    """Return the probability of log-odds, held to 0.01 to 0.99."""
    return np.asarray(np.clip(1.0 / (1.0 + np.exp(-log_odds)), 0.01, 0.99))
