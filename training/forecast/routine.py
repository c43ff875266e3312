"""How one person spends days: when up, at work, out and in which room, drawn anew for each person and each new life."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

STEPS_PER_HOUR = 12
STEPS_PER_DAY = 24 * STEPS_PER_HOUR
Days = NDArray[np.int64]


def chance(rng: np.random.Generator, share: float) -> bool:
    """Return whether something happens that happens to a share of all."""
    return bool(rng.random() < share)


class Place(IntEnum):
    """Where somebody is."""

    AWAY = 0
    BEDROOM = 1
    LIVING = 2
    KITCHEN = 3
    BATHROOM = 4
    OFFICE = 5
    SECOND = 6
    HOBBY = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """Something done again and again: on which days, when, for how long, how surely."""

    place: Place
    weekdays: tuple[int, ...]
    start_hours: float
    start_sd: float
    duration_hours: float
    duration_log_sd: float
    probability: float
    on_free_days: bool = True
    holds_end: bool = False
    """Whether being late moves only the beginning: a school or an office closes when it closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Why somebody goes out now and then: when, for how long, how often among others and on which weekdays."""

    hour: float
    hours_sd: float
    minutes: float
    log_sd: float
    share: float
    on_weekdays: tuple[float, ...]
    """How likely it is done on each weekday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """A person's life until it changes."""

    wake_hours: tuple[float, float]
    """On work days and on free days."""
    bed_hours: tuple[float, float]
    sleep_sd: tuple[float, float]
    outings_per_day: tuple[float, float]
    errands: tuple[Errand, ...]
    room_weights: tuple[float, ...]
    stay_minutes: float
    meals: tuple[tuple[float, float, float], ...]
    """Hour, spread and probability."""
    bathroom_per_hour: float
    shifts: tuple[int, ...] = ()
    """A cycle of days: 0 off, 1 early, 2 late, 3 night."""
    engagements: tuple[Engagement, ...] = ()
    bedroom: Place = Place.BEDROOM
    lazy_share: float = 0.05
    """How often a work day is spent as a free one: sick, on leave."""


@dataclass(slots=True)
class Diary:
    """Intervals in steps, painted in order: later ones cover earlier ones."""

    spans: list[tuple[Days, Days, Place]] = field(default_factory=list)

    def add(self, start: NDArray[np.floating], end: NDArray[np.floating], place: Place) -> None:
        """Add intervals given in hours since the first midnight."""
        edges = [np.rint(part * STEPS_PER_HOUR).astype(np.int64) for part in (start, end)]
        self.spans.append((edges[0], edges[1], place))


# Hours a shift begins and how long it lasts, and when its sleeper gets up and goes to bed.
_SHIFT_HOURS = {1: (5.4, 9.0), 2: (13.2, 9.0), 3: (21.3, 9.2)}
_SHIFT_WAKE = {1: 4.6, 2: 9.0, 3: 14.5}
_SHIFT_BED = {1: 21.3, 2: 24.5, 3: 31.2}


def write_diary(
    routine: Routine, days: Days, weekdays: Days, free: NDArray[np.bool_], rng: np.random.Generator
) -> Diary:
    """Return what a person does on consecutive days (numbers since the first), drawn from the routine."""
    count = len(days)
    diary = Diary()
    idle = free | (rng.random(count) < routine.lazy_share)
    kind = idle.astype(int)
    # Who gets up late is late all day, and tomorrow somewhat too.
    mood = _slow_noise(count, rng)
    spread = np.array(routine.sleep_sd)[kind]
    wake = np.array(routine.wake_hours)[kind] + spread * (0.6 * mood + 0.8 * rng.standard_normal(count))
    bed = np.array(routine.bed_hours)[kind] + spread * (0.4 * mood + 0.9 * rng.standard_normal(count))
    shifts = np.array(routine.shifts or (0,))[days % max(1, len(routine.shifts))]
    for number in _SHIFT_HOURS:
        at = shifts == number
        wake[at] = _SHIFT_WAKE[number] + 0.4 * rng.standard_normal(int(at.sum()))
        bed[at] = _SHIFT_BED[number] + 0.4 * rng.standard_normal(int(at.sum()))
    wake[1:] = np.where(shifts[:-1] == 3, 14.5 + 0.6 * rng.standard_normal(count - 1), wake[1:])  # noqa: PLR2004
    wake = np.clip(wake, 3.0, 16.0)
    bed = np.maximum(bed, wake + 4.0)
    origin = days * 24.0
    _wander(routine, diary, origin + wake, origin + bed, rng)
    _eat(routine, diary, origin, wake, rng)
    _wash(routine, diary, origin + wake, origin + bed, rng)
    at_home = [item for item in routine.engagements if item.place is not Place.AWAY]
    for item in at_home:
        _engage(item, diary, days, (weekdays, idle), mood, rng)
    diary.add(origin[:-1] + bed[:-1], origin[1:] + wake[1:], routine.bedroom)
    diary.add(origin[:1] - 2.0, origin[:1] + wake[:1], routine.bedroom)
    _rise_at_night(diary, origin, bed, rng)
    _go_out(routine, diary, weekdays, origin, (wake, bed, kind), rng)
    for item in routine.engagements:
        if item.place is Place.AWAY:
            _engage(item, diary, days, (weekdays, idle), mood, rng)
    for number, (start, hours) in _SHIFT_HOURS.items():
        at = shifts == number
        begin = origin[at] + start + 0.15 * rng.standard_normal(int(at.sum()))
        diary.add(begin, begin + hours + 0.3 * rng.standard_normal(int(at.sum())), Place.AWAY)
    return diary


def _slow_noise(count: int, rng: np.random.Generator) -> NDArray[np.floating]:
    """Return noise of unit spread that carries over to the next day."""
    found = rng.standard_normal(count)
    for at in range(1, count):
        found[at] = 0.4 * found[at - 1] + 0.917 * found[at]
    return found


def _wander(
    routine: Routine,
    diary: Diary,
    wake: NDArray[np.floating],
    bed: NDArray[np.floating],
    rng: np.random.Generator,
) -> None:
    """Go from room to room while awake; stays are mostly short and sometimes very long."""
    most = int(24.0 * 60.0 / routine.stay_minutes) + 12
    stays = rng.lognormal(np.log(routine.stay_minutes / 60.0), 0.9, (len(wake), most))
    ends = wake[:, None] + np.cumsum(stays, axis=1)
    starts = ends - stays
    weights = np.array(routine.room_weights) / sum(routine.room_weights)
    chosen = rng.choice(len(weights), size=starts.shape, p=weights)
    diary.add(wake, bed, Place.LIVING)
    for place in Place:
        if place is not Place.AWAY and weights[place] > 0.0:
            valid = (chosen == place) & (starts < bed[:, None])
            diary.add(starts[valid], np.minimum(ends, bed[:, None])[valid], place)


def _eat(
    routine: Routine, diary: Diary, origin: NDArray[np.floating], wake: NDArray[np.floating], rng: np.random.Generator
) -> None:
    """Eat, the first meal some time after getting up."""
    for number, (hour, spread, share) in enumerate(routine.meals):
        at = rng.random(len(origin)) < share
        start = (wake + 0.4 if number == 0 else np.full(len(origin), hour)) + spread * rng.standard_normal(len(origin))
        length = rng.lognormal(np.log(0.45), 0.4, len(origin))
        diary.add((origin + start)[at], (origin + start + length)[at], Place.KITCHEN)


def _wash(
    routine: Routine, diary: Diary, wake: NDArray[np.floating], bed: NDArray[np.floating], rng: np.random.Generator
) -> None:
    """Use the bathroom after getting up, before going to bed and now and then."""
    count = len(wake)
    begin = wake + rng.uniform(0.0, 0.3, count)
    diary.add(begin, begin + rng.lognormal(np.log(0.3), 0.4, count), Place.BATHROOM)
    late = bed - rng.uniform(0.1, 0.5, count)
    diary.add(late, late + 0.2, Place.BATHROOM)
    visits = rng.poisson(routine.bathroom_per_hour * np.maximum(bed - wake, 0.0))
    start = np.repeat(wake, visits) + rng.random(int(visits.sum())) * np.repeat(bed - wake, visits)
    diary.add(start, start + rng.lognormal(np.log(0.11), 0.4, len(start)), Place.BATHROOM)


def _rise_at_night(
    diary: Diary, origin: NDArray[np.floating], bed: NDArray[np.floating], rng: np.random.Generator
) -> None:
    """Get up once in some nights."""
    at = rng.random(len(origin)) < rng.uniform(0.0, 0.8)
    start = (origin + bed + rng.uniform(1.0, 6.0, len(origin)))[at]
    diary.add(start, start + 0.1, Place.BATHROOM)


def _engage(
    item: Engagement,
    diary: Diary,
    days: Days,
    kinds: tuple[Days, NDArray[np.bool_]],
    mood: NDArray[np.floating],
    rng: np.random.Generator,
) -> None:
    """Do something on its days."""
    weekdays, idle = kinds
    at = np.isin(weekdays, item.weekdays) & (rng.random(len(days)) < item.probability)
    if not item.on_free_days:
        at &= ~idle
    late = item.start_sd * (0.5 * mood + 0.85 * rng.standard_normal(len(days)))
    length = item.duration_hours * rng.lognormal(0.0, item.duration_log_sd, len(days))
    start = days * 24.0 + item.start_hours + late
    end = (start - late if item.holds_end else start) + length
    diary.add(start[at], end[at], item.place)


def _go_out(
    routine: Routine,
    diary: Diary,
    weekdays: Days,
    origin: NDArray[np.floating],
    frame: tuple[NDArray[np.floating], NDArray[np.floating], Days],
    rng: np.random.Generator,
) -> None:
    """Run errands at the hours and on the weekdays the person likes; some last minutes, some all day."""
    wake, bed, kind = frame
    # Busy and quiet days: errands come in more unequal numbers than chance alone makes.
    rate = np.array(routine.outings_per_day)[kind] * rng.gamma(3.0, 1.0 / 3.0, len(origin))
    counts = rng.poisson(rate)
    owner = np.repeat(np.arange(len(origin)), counts)
    table = np.array([(item.hour, item.hours_sd, item.minutes, item.log_sd) for item in routine.errands])
    shares = np.array([item.share for item in routine.errands])
    chosen = rng.choice(len(table), len(owner), p=shares / shares.sum())
    centre, spread, minutes, log_sd = table[chosen].T
    hour = centre + spread * rng.standard_normal(len(owner))
    is_done = rng.random(len(owner)) < np.array([item.on_weekdays for item in routine.errands])[chosen, weekdays[owner]]
    valid = is_done & (hour > wake[owner]) & (hour < bed[owner] - 0.5)
    length = minutes / 60.0 * np.exp(log_sd * rng.standard_normal(len(owner)))
    start = origin[owner] + hour
    diary.add(start[valid], (start + np.clip(length, 0.1, 14.0))[valid], Place.AWAY)


def paint(diary: Diary, places: NDArray[np.int8], first: int, last: int) -> None:
    """Paint a diary onto one person's places, shape (steps,), between two steps."""
    for starts, ends, place in diary.spans:
        for start, end in _within(starts, ends, first, last):
            places[start:end] = place


def _within(starts: Days, ends: Days, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the intervals cut to a stretch, none that is empty."""
    low, high = np.maximum(starts, first), np.minimum(ends, last)
    keep = high > low
    yield from zip(low[keep].tolist(), high[keep].tolist(), strict=True)
