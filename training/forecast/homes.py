"""Simulated households over half a year: who is where every five minutes, and what each room is seen as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.slots import SLOT_SECONDS, Calendar

from .lives import LIVES
from .routine import STEPS_PER_DAY, STEPS_PER_HOUR, Place, Routine, chance, paint, write_diary

STEP_SECONDS = 300.0
STEPS_PER_SLOT = int(SLOT_SECONDS / STEP_SECONDS)
# A Monday, in UTC: simulated homes know no clock changes, the calendar's own tests do.
ORIGIN = 1_600_041_600.0
_HOUSEHOLDS: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.10, ("worker",)),
    (0.10, ("worker", "worker")),
    (0.06, ("worker", "part_time")),
    (0.08, ("worker", "part_time", "pupil")),
    (0.06, ("worker", "worker", "pupil", "pupil")),
    (0.05, ("worker", "homebody", "pupil")),
    (0.13, ("pensioner",)),
    (0.09, ("pensioner", "pensioner")),
    (0.05, ("homebody",)),
    (0.06, ("shift_worker",)),
    (0.05, ("shift_worker", "worker")),
    (0.05, ("student",)),
    (0.03, ("student", "student", "student")),
    (0.05, ("irregular",)),
    (0.04, ("irregular", "worker")),
)
HOME = "home"


@dataclass(frozen=True, slots=True)
class SimulatedHome:
    """One household: occupied or not every five minutes by room, and who of the people is at home."""

    kind: str
    calendar: Calendar
    rooms: Mapping[str, NDArray[np.bool_]]
    """By name, each of shape (steps,); the home as a whole is one of them."""
    people: NDArray[np.bool_]
    """At home or not, shape (people, steps)."""
    tracked: bool
    """Whether the home knows where its people are."""

    @property
    def steps(self) -> int:
        """Return the number of steps."""
        return int(self.people.shape[1])


def simulate_household(seed: int, days: int) -> SimulatedHome:
    """Return the household of a seed, over as many days."""
    rng = np.random.default_rng([seed, 4711])
    shares = np.array([share for share, _ in _HOUSEHOLDS])
    members = _HOUSEHOLDS[int(rng.choice(len(_HOUSEHOLDS), p=shares / shares.sum()))][1]
    weekdays = (np.arange(days) + int(rng.integers(7))) % 7
    free = (weekdays > 4) | (rng.random(days) < 0.03)  # noqa: PLR2004 - Saturday and Sunday
    terms = free | _holidays(days, rng)
    places = np.stack([_person(name, weekdays, terms if name == "pupil" else free, rng) for name in members])
    _travel(places, rng)
    people = places != Place.AWAY
    rooms = {HOME: people.any(axis=0), **dict(_rooms(places, rng)), **dict(_special(days, rng))}
    return SimulatedHome("+".join(members), _calendar(weekdays, free, rng), rooms, people, chance(rng, 0.6))


def _calendar(weekdays: NDArray[np.int64], free: NDArray[np.bool_], rng: np.random.Generator) -> Calendar:
    """Return the home's calendar, which in half of the homes knows no kinds of day; two days more for what is ahead."""
    days = len(weekdays)
    kinds = free.astype(np.float32) if chance(rng, 0.5) else np.full(days, np.nan, np.float32)
    ahead = (weekdays[-1] + np.array([1, 2])) % 7
    known = np.isfinite(kinds).all()
    kinds = np.append(kinds, (ahead > 4) if known else np.full(2, np.nan)).astype(np.float32)  # noqa: PLR2004
    return Calendar(
        np.asarray(ORIGIN + 86_400.0 * np.arange(days + 3), np.float64),
        kinds,
        np.append(weekdays, ahead).astype(np.int8),
    )


def _holidays(days: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return the days without school: two weeks now and then."""
    found = np.zeros(days, np.bool_)
    for start in range(int(rng.integers(0, 70)), days, 70):
        found[start : start + 14] = True
    return found


def _person(
    name: str, weekdays: NDArray[np.int64], free: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.int8]:
    """Return one person's places, whose life may change on the way."""
    days = len(weekdays)
    places = np.full(days * STEPS_PER_DAY, Place.BEDROOM, np.int8)
    later = np.arange(20, days)
    changes = min(int(rng.choice([0, 0, 0, 1, 1, 2])), len(later))
    turns = sorted(rng.choice(later, changes, replace=False).tolist())
    edges = [0, *turns, days]
    routine = LIVES[name](rng)
    for first, last in pairwise(edges):
        span = np.arange(first, last)
        diary = write_diary(routine, span, weekdays[span], free[span], rng)
        paint(diary, places, first * STEPS_PER_DAY, last * STEPS_PER_DAY)
        routine = _changed(name, routine, rng)
    return places


def _changed(name: str, routine: Routine, rng: np.random.Generator) -> Routine:
    """Return the next life: the same sort of person, with new hours or new habits."""
    other = LIVES[name if chance(rng, 0.7) else str(rng.choice(list(LIVES)))](rng)
    if chance(rng, 0.5):
        return replace(routine, outings_per_day=other.outings_per_day, engagements=other.engagements)
    return other


def _travel(places: NDArray[np.int8], rng: np.random.Generator) -> None:
    """Take all or one away for days."""
    steps = places.shape[1]
    for _ in range(rng.poisson(steps / STEPS_PER_DAY / 60.0)):
        start = int(rng.integers(steps))
        length = int(rng.lognormal(np.log(4.0), 0.8) * STEPS_PER_DAY)
        whole = chance(rng, 0.6)
        chosen = slice(None) if whole else slice(0, 1)
        places[chosen, start : start + length] = Place.AWAY


def _rooms(places: NDArray[np.int8], rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield the rooms as they are seen: held on a little after somebody left, now and then seen wrongly."""
    for place in Place:
        if place is not Place.AWAY:
            yield place.name.lower(), _seen((places == place).any(axis=0), rng)


def _seen(there: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return presence as a room's decision shows it."""
    found = there.copy()
    for delay in range(1, int(rng.integers(1, 4))):
        found[delay:] |= there[:-delay]
    blips = np.flatnonzero(rng.random(len(found)) < rng.choice([0.0, 0.0002, 0.002]))
    found[blips] = True
    return found


def _special(days: int, rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield rooms that people seldom or always use, and some used by the clock."""
    steps = days * STEPS_PER_DAY
    yield "never", np.zeros(steps, np.bool_)
    seldom = np.zeros(steps, np.bool_)
    for start in rng.integers(steps, size=rng.poisson(days / rng.uniform(3.0, 40.0))):
        seldom[start : start + int(rng.lognormal(np.log(6.0), 1.0)) + 1] = True
    yield "seldom", seldom
    always = np.ones(steps, np.bool_)
    for start in rng.integers(steps, size=rng.poisson(days / 30.0)):
        always[start : start + int(rng.lognormal(np.log(12.0), 1.0)) + 1] = False
    yield "always", always
    for number in range(2):
        yield f"clock_{number}", _clock_room(days, rng)


def _clock_room(days: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return a room used at set hours on set weekdays, nearly or quite without fail."""
    found = np.zeros(days * STEPS_PER_DAY, np.bool_)
    sure, spread = float(rng.choice([1.0, 1.0, 0.97, 0.85])), float(rng.choice([0.0, 0.05, 0.2]))
    for _ in range(int(rng.integers(1, 4))):
        weekdays = rng.choice(7, 7 if chance(rng, 0.6) else int(rng.integers(1, 6)), replace=False)
        start, length = rng.uniform(0.0, 23.0), rng.lognormal(0.0, 0.6)
        for day in np.flatnonzero(np.isin(np.arange(days) % 7, weekdays) & (rng.random(days) < sure)):
            begin = round((day * 24.0 + start + spread * rng.standard_normal()) * STEPS_PER_HOUR)
            found[max(0, begin) : max(0, begin) + max(1, round(length * STEPS_PER_HOUR))] = True
    return found
