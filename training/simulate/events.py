"""Sensors that report edges: motion, doors, vibration, people, cupboards; radars have their own file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..trace import Readings
from .people import AWAY, Stay

Array = NDArray[np.float64]
_SHUTS_BEHIND = 0.7
_PASSING_SECONDS = 60.0
_MOVED_IN_PASSING = 0.25


def movements(stays: Sequence[Stay], rng: np.random.Generator, blindness: float) -> Array:
    """Return when movement can be seen in the stays' room, (n,) sorted: coming, going, and in between by chance.

    `blindness` is the share of movements of a still person (in bed, on a sofa) that the sensor misses.
    """
    parts: list[Array] = []
    for stay in stays:
        length = stay.end - stay.start
        rate = stay.moves_per_hour * ((1.0 - blindness) if stay.activity.still else 1.0)
        inner = rng.uniform(stay.start, stay.end, rng.poisson(rate * length / 3600.0))
        # Who settles down or gets up is seen for a while.
        coming = stay.start + np.cumsum(rng.uniform(min(0.3, length / 8), min(5.0, length / 4), 3))
        going = stay.end - rng.uniform(0.0, min(8.0, length / 4), 2)
        parts.append(np.concatenate((inner, coming, going)))
    return np.sort(np.concatenate(parts)) if parts else np.empty(0)


def held(moments: Array, hold_seconds: float) -> Readings:
    """Return an on/off sensor that stays on until nothing was seen for `hold_seconds`."""
    if not len(moments):
        return Readings(np.empty(0), ())
    breaks = np.flatnonzero(np.diff(moments) > hold_seconds)
    starts = moments[np.concatenate(((0,), breaks + 1))]
    stops = moments[np.concatenate((breaks, (len(moments) - 1,)))] + hold_seconds
    return edges_of(starts, stops)


def edges_of(starts: Array, stops: Array) -> Readings:
    """Return on/off readings of spells, starts and stops (n,) sorted and apart."""
    times = np.column_stack((starts, stops)).ravel()
    keep = np.append(np.diff(times) > 0.0, True) if len(times) else np.zeros(0, bool)
    states = np.array(["on", "off"] * len(starts))
    return Readings(times[keep], tuple(states[keep].tolist()))


def thinned(moments: Array, share: float, rng: np.random.Generator) -> Array:
    """Return a random share of the moments."""
    return moments[rng.random(len(moments)) < share]


def stray(start: float, end: float, per_day: float, rng: np.random.Generator) -> Array:
    """Return moments at which nothing happened but a sensor fires, (n,) sorted."""
    return np.sort(rng.uniform(start, end, rng.poisson(per_day * (end - start) / 86_400.0)))


def spells(stays: Iterable[Stay]) -> tuple[Array, Array]:
    """Return when a room is occupied by anybody: starts and stops, (n,) each, merged."""
    return merged([(stay.start, stay.end) for stay in stays])


def merged(parts: list[tuple[float, float]]) -> tuple[Array, Array]:
    """Return overlapping spells as one: starts and stops, (n,) each."""
    kept: list[list[float]] = []
    for start, stop in sorted(parts):
        if kept and start <= kept[-1][1]:
            kept[-1][1] = max(kept[-1][1], stop)
        else:
            kept.append([start, stop])
    found = np.array(kept, dtype=np.float64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def exit_door(stays_of_people: Sequence[Sequence[Stay]], rng: np.random.Generator) -> Readings:
    """Return the exit door: opened and closed at every leaving and coming home."""
    crossings: list[float] = []
    for stays in stays_of_people:
        for before, after in pairwise(stays):
            if (before.room == AWAY) != (after.room == AWAY):
                crossings.append(after.start)
    starts, stops = merged([(t - float(rng.uniform(1, 4)), t + float(rng.uniform(1, 6))) for t in crossings])
    return edges_of(starts, stops)


class DoorHabit(StrEnum):
    """How a household treats a door."""

    OPEN = "open"
    """Open, but shut behind oneself for privacy."""
    SHUT = "shut"
    """Shut, whoever is behind it."""
    ANYHOW = "anyhow"
    """Left as it comes."""


def room_door(stays: Sequence[Stay], habit: DoorHabit, start: float, rng: np.random.Generator) -> Readings:
    """Return a room's door from `start` on (epoch seconds); open is on."""
    starts, stops = spells(stays)
    if habit is DoorHabit.SHUT:
        passed = np.concatenate((starts, stops))
        swings = [(t - float(rng.uniform(0.5, 2)), t + float(rng.uniform(1, 4))) for t in passed.tolist()]
        return _as_readings([(start, "off"), *_events(edges_of(*merged(swings)))])
    if habit is DoorHabit.OPEN:
        chosen = (rng.random(len(starts)) < _SHUTS_BEHIND) & (stops - starts > _PASSING_SECONDS)
        shut = [(a + 2.0, b - 2.0) for a, b in zip(starts[chosen], stops[chosen], strict=True)]
        turned = {"on": "off", "off": "on"}
        return _as_readings([(start, "on"), *((t, turned[state]) for t, state in _events(edges_of(*merged(shut))))])
    moments = np.sort(np.concatenate((starts, stops)))
    moved = moments[rng.random(len(moments)) < _MOVED_IN_PASSING]
    return _as_readings([(start, "on"), *((t, "on" if n % 2 else "off") for n, t in enumerate(moved.tolist()))])


def _events(readings: Readings) -> list[tuple[float, str]]:
    """Return readings as pairs."""
    return list(zip(readings.times.tolist(), readings.states, strict=True))


def person_tracker(stays: Sequence[Stay], start: float, rng: np.random.Generator) -> Readings:
    """Return a phone's person entity: late at both ends, and lost for a while now and then."""
    events: list[tuple[float, str]] = [(start, "home")]
    for before, after in pairwise(stays):
        if before.room != AWAY and after.room == AWAY:
            events.append((after.start + float(rng.uniform(30, 600)), "not_home"))
        elif before.room == AWAY and after.room != AWAY:
            events.append((after.start + float(rng.uniform(-120, 240)), "home"))
    end = stays[-1].end
    for moment in stray(start + 1.0, end, 0.3, rng).tolist():
        back = moment + float(rng.uniform(60, 1800))
        if not any(stay.room == AWAY and stay.start < back + 900.0 and stay.end > moment - 900.0 for stay in stays):
            events += [(moment, "unavailable"), (back, "home")]
    return _as_readings(events)


def _as_readings(events: list[tuple[float, str]]) -> Readings:
    """Return readings of events in any order; of two at one time the later in the list stands."""
    events = sorted(events, key=lambda event: event[0])
    times = np.array([t for t, _ in events])
    keep = np.append(np.diff(times) > 0.0, True)
    return Readings(times[keep], tuple(state for (_, state), kept in zip(events, keep, strict=True) if kept))


def between(readings: Readings, start: float, end: float) -> Readings:
    """Return the readings of a stretch of time: a recording begins and ends, whatever was about to happen."""
    first, last = np.searchsorted(readings.times, (start, end), side="left")
    return Readings(readings.times[first:last], readings.states[first:last])
