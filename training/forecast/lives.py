"""Kinds of people: workers, shift workers, students, pensioners and more, each drawn with a spread of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from .routine import Engagement, Errand, Place, Routine, chance

_WORKDAYS = (0, 1, 2, 3, 4)
_ROTATIONS = (
    (1, 1, 1, 1, 1, 0, 0, 2, 2, 2, 2, 2, 0, 0, 3, 3, 3, 3, 3, 0, 0),
    (1, 1, 2, 2, 3, 3, 0, 0),
    (1, 1, 1, 1, 1, 0, 0, 2, 2, 2, 2, 2, 0, 0),
    (3, 3, 0, 0, 0, 3, 3, 3, 0, 0),
    (1, 0, 1, 1, 0, 2, 2, 0, 0),
)
# Half of the weekdays suit an errand whenever it comes up.
_ANY_TIME_SHARE = 0.5
Draw = Callable[[np.random.Generator], Routine]


def _base(rng: np.random.Generator) -> Routine:
    """Return what everybody has: sleep, errands, rooms, meals."""
    wake, bed = rng.normal(6.8, 0.9), rng.normal(22.9, 0.9)
    regular = float(rng.lognormal(np.log(0.4), 0.5))
    outings = float(rng.lognormal(np.log(1.1), 0.6))
    meals = (
        (7.5, float(rng.uniform(0.1, 0.4)), float(rng.uniform(0.4, 1.0))),
        (float(rng.normal(12.5, 0.5)), float(rng.uniform(0.1, 0.6)), float(rng.uniform(0.5, 1.0))),
        (float(rng.normal(18.6, 0.8)), float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.6, 1.0))),
    )
    return Routine(
        wake_hours=(wake, wake + abs(float(rng.normal(1.0, 0.8)))),
        bed_hours=(bed, bed + float(rng.normal(0.7, 0.5))),
        sleep_sd=(regular, regular * float(rng.uniform(1.0, 2.0))),
        outings_per_day=(outings, outings * float(rng.lognormal(np.log(1.6), 0.4))),
        errands=_errands(rng),
        room_weights=_rooms(rng),
        stay_minutes=float(rng.lognormal(np.log(35.0), 0.4)),
        meals=meals,
        bathroom_per_hour=float(rng.uniform(0.1, 0.45)),
        engagements=_pastimes(rng),
        lazy_share=float(rng.uniform(0.01, 0.12)),
    )


def _errands(rng: np.random.Generator) -> tuple[Errand, ...]:
    """Return why somebody goes out: a walk with the dog, shops, friends, each at hours and for a time of its own."""
    usual = float(rng.lognormal(np.log(75.0), 0.5))
    return tuple(
        Errand(
            hour=float(rng.uniform(8.0, 20.0)),
            hours_sd=float(rng.choice([rng.uniform(0.1, 0.6), rng.uniform(0.4, 3.5)])),
            minutes=usual * float(rng.lognormal(0.0, 0.6)),
            log_sd=float(rng.uniform(0.15, 1.1)),
            share=float(rng.gamma(1.2)),
            on_weekdays=tuple(np.where(rng.random(7) < _ANY_TIME_SHARE, 1.0, rng.uniform(0.0, 1.0, 7)).tolist()),
        )
        for _ in range(rng.integers(1, 6))
    )


def _rooms(rng: np.random.Generator) -> tuple[float, ...]:
    """Return how much a person likes each place at home."""
    usual = np.array([0.0, 0.8, 5.0, 2.0, 0.2, 0.7, 0.05, 0.15])
    return tuple((usual * rng.lognormal(0.0, 0.6, len(Place))).tolist())


def _pastimes(rng: np.random.Generator) -> tuple[Engagement, ...]:
    """Return hobbies, weekly shopping, an evening in a room of one's own."""
    found = []
    for _ in range(rng.poisson(1.4)):
        count = int(rng.choice([1, 1, 1, 2, 3]))
        found.append(
            Engagement(
                place=Place.AWAY if chance(rng, 0.75) else Place.HOBBY,
                weekdays=tuple(rng.choice(7, count, replace=False).tolist()),
                start_hours=float(rng.choice([rng.normal(18.8, 1.2), rng.normal(10.0, 1.2), rng.normal(15.0, 1.5)])),
                start_sd=float(rng.lognormal(np.log(0.3), 0.6)),
                duration_hours=float(rng.lognormal(np.log(1.8), 0.4)),
                duration_log_sd=float(rng.uniform(0.1, 0.5)),
                probability=float(rng.uniform(0.4, 0.97)),
            )
        )
    return tuple(found)


def _work(rng: np.random.Generator, weekdays: tuple[int, ...], hours: float) -> Engagement:
    """Return a job out of the house."""
    return Engagement(
        place=Place.AWAY,
        weekdays=weekdays,
        start_hours=float(np.clip(rng.normal(7.9, 0.9), 5.5, 11.0)),
        start_sd=float(rng.lognormal(np.log(0.25), 0.8)),
        duration_hours=hours,
        duration_log_sd=float(rng.lognormal(np.log(0.06), 0.8)),
        probability=float(rng.uniform(0.88, 1.0)),
        on_free_days=False,
        holds_end=chance(rng, 0.4),
    )


def worker(rng: np.random.Generator) -> Routine:
    """Return somebody with a job out of the house on most work days."""
    base = _base(rng)
    work = _work(rng, _WORKDAYS, float(rng.normal(9.3, 0.8)))
    wake = work.start_hours - float(rng.uniform(0.6, 1.8))
    home_days = tuple(rng.choice(5, int(rng.choice([0, 0, 1, 2, 3])), replace=False).tolist())
    office = replace(work, place=Place.OFFICE, weekdays=home_days, duration_log_sd=0.15)
    work = replace(work, weekdays=tuple(day for day in _WORKDAYS if day not in home_days))
    return replace(
        base,
        wake_hours=(wake, base.wake_hours[1]),
        outings_per_day=(0.5 * base.outings_per_day[0], base.outings_per_day[1]),
        engagements=(*base.engagements, office, work),
    )


def irregular(rng: np.random.Generator) -> Routine:
    """Return a freelancer: out or at the desk when it happens."""
    base = _base(rng)
    days = tuple(range(int(rng.integers(4, 7))))
    out = replace(
        _work(rng, days, float(rng.uniform(3.0, 8.0))),
        start_sd=float(rng.uniform(0.8, 2.5)),
        duration_log_sd=float(rng.uniform(0.2, 0.5)),
        probability=float(rng.uniform(0.3, 0.8)),
    )
    desk = replace(out, place=Place.OFFICE, start_hours=out.start_hours + 1.0, probability=0.8)
    wake = base.wake_hours[0] + 0.8
    return replace(base, wake_hours=(wake, wake + 0.5), engagements=(*base.engagements, desk, out))


def part_time(rng: np.random.Generator) -> Routine:
    """Return somebody who works on some days or half days."""
    base = _base(rng)
    days = tuple(rng.choice(6, int(rng.integers(2, 6)), replace=False).tolist())
    return replace(base, engagements=(*base.engagements, _work(rng, days, float(rng.uniform(3.5, 6.5)))))


def shift_worker(rng: np.random.Generator) -> Routine:
    """Return somebody on a rota that knows no weekend."""
    rota = _ROTATIONS[int(rng.integers(len(_ROTATIONS)))]
    turn = int(rng.integers(len(rota)))
    return replace(_base(rng), shifts=rota[turn:] + rota[:turn])


def pupil(rng: np.random.Generator) -> Routine:
    """Return a child at school, home at another hour on each weekday."""
    base = _base(rng)
    start = float(rng.normal(7.5, 0.3))
    lessons = tuple(
        Engagement(
            place=Place.AWAY,
            weekdays=(day,),
            start_hours=start,
            start_sd=0.1,
            duration_hours=float(rng.uniform(5.0, 9.0)),
            duration_log_sd=0.06,
            probability=0.98,
            on_free_days=False,
        )
        for day in _WORKDAYS
    )
    return replace(
        base,
        wake_hours=(start - 0.9, base.wake_hours[1] + 0.8),
        bed_hours=(21.0 + float(rng.normal(0.0, 0.8)), 22.3),
        engagements=(*base.engagements, *lessons),
        bedroom=Place.SECOND,
    )


def student(rng: np.random.Generator) -> Routine:
    """Return a student: late, out a lot, lectures by the weekday."""
    base = _base(rng)
    lectures = tuple(
        replace(
            _work(rng, (day,), float(rng.uniform(2.0, 7.0))),
            start_hours=float(rng.uniform(8.5, 14.5)),
            probability=float(rng.uniform(0.4, 0.95)),
        )
        for day in _WORKDAYS
    )
    return replace(
        base,
        wake_hours=(base.wake_hours[0] + 1.5, base.wake_hours[0] + 3.0),
        bed_hours=(base.bed_hours[0] + 1.2, base.bed_hours[0] + 2.2),
        outings_per_day=(base.outings_per_day[0] + 0.4, base.outings_per_day[1] + 0.5),
        engagements=(*base.engagements, *lectures),
    )


def pensioner(rng: np.random.Generator) -> Routine:
    """Return somebody who is mostly at home and goes out at hours that suit."""
    base = _base(rng)
    rate = float(rng.lognormal(np.log(1.5), 0.5))
    return replace(
        base,
        wake_hours=(base.wake_hours[0], base.wake_hours[0] + 0.2),
        outings_per_day=(rate, rate * float(rng.uniform(0.6, 1.2))),
    )


def homebody(rng: np.random.Generator) -> Routine:
    """Return somebody who is nearly always at home."""
    base = _base(rng)
    rate = float(rng.uniform(0.1, 0.7))
    return replace(base, outings_per_day=(rate, rate), engagements=base.engagements[:1])


LIVES: Mapping[str, Draw] = {
    "worker": worker,
    "irregular": irregular,
    "part_time": part_time,
    "shift_worker": shift_worker,
    "pupil": pupil,
    "student": student,
    "pensioner": pensioner,
    "homebody": homebody,
}
