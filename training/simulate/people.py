"""Where everybody is: each person a chain of activities that follows their hours and habits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

AWAY = ""
_DAY, _HOUR, _MINUTE = 86_400.0, 3_600.0, 60.0


@dataclass(frozen=True, slots=True)
class Activity:
    """Something a person does: kinds of room it takes place in, how long, how much they move."""

    name: str
    kinds: tuple[str, ...]
    median_minutes: float
    spread: float
    """Standard deviation of the logarithm of the duration."""
    moves_per_hour: float
    weight: float
    hours: tuple[int, int] = (6, 24)
    still: bool = False
    """Whether a motion sensor may be blind to what movement there is."""
    quiet: bool = True


ACTIVITIES = (
    Activity("toilet", ("bathroom",), 4, 0.5, 90, 1.0, (0, 24)),
    Activity("shower", ("bathroom",), 12, 0.4, 150, 0.35, (6, 23), quiet=False),
    Activity("cook", ("kitchen",), 22, 0.6, 220, 0.8, (6, 21), quiet=False),
    Activity("eat", ("kitchen", "living"), 20, 0.4, 60, 0.6, (6, 21), quiet=False),
    Activity("snack", ("kitchen",), 4, 0.6, 220, 1.1, (7, 24)),
    Activity("television", ("living",), 75, 0.6, 14, 1.0, (16, 24), still=True, quiet=False),
    Activity("read", ("living", "bedroom", "office"), 45, 0.7, 8, 0.8, (8, 24), still=True),
    Activity("nap", ("bedroom", "living"), 55, 0.5, 4, 0.2, (12, 22), still=True),
    Activity("desk", ("office", "living", "bedroom"), 80, 0.7, 25, 0.8, (8, 20), still=True),
    Activity("chores", ("kitchen", "living", "bedroom", "office", "bathroom", "hall"), 7, 0.8, 200, 1.2, (8, 21)),
    Activity("errand", (AWAY,), 70, 0.8, 0, 0.45, (9, 20)),
    Activity("doorstep", (AWAY,), 4, 0.6, 0, 0.12, (8, 22)),
)
_SLEEP = Activity("sleep", ("bedroom",), 0, 0.0, 3, 0, still=True)
_TRIP = Activity("trip", (AWAY,), 0, 0.0, 0, 0)
_WORK = Activity("work", (AWAY,), 0, 0.0, 0, 0)


@dataclass(frozen=True, slots=True)
class Stay:
    """One person in one room (or away) from `start` to `end`, epoch seconds."""

    person: int
    room: str
    activity: Activity
    start: float
    end: float
    moves_per_hour: float


@dataclass(frozen=True, slots=True)
class Person:
    """One person's habits; hours count from midnight."""

    index: int
    bedroom: str
    rise_hour: float
    bed_hour: float
    works_out: bool
    leave_hour: float
    work_hours: float
    liveliness: float
    night_trips: float
    """Expected trips to the bathroom a night."""


def draw_person(index: int, bedroom: str, rng: np.random.Generator) -> Person:
    """Draw a person's habits."""
    rise = float(rng.normal(7.0, 1.1))
    return Person(
        index=index,
        bedroom=bedroom,
        rise_hour=rise,
        bed_hour=float(rng.normal(23.0, 1.0)),
        works_out=bool(rng.integers(0, 2)),
        leave_hour=rise + float(rng.uniform(0.7, 2.5)),
        work_hours=float(rng.uniform(4.0, 9.5)),
        liveliness=float(rng.lognormal(0.0, 0.5)),
        night_trips=float(rng.choice((0.0, 0.5, 1.5))),
    )


class Walk:
    """Makes one person's stays, in order, without a gap between them."""

    def __init__(
        self, person: Person, rooms: Sequence[tuple[str, str]], start: float, rng: np.random.Generator
    ) -> None:
        """Start asleep; `rooms` are pairs of name and kind."""
        self._person = person
        self._rooms = rooms
        self._rng = rng
        self._start = start
        self._now = start
        self._stays: list[Stay] = []

    def stays(self, days: int, home_at: float) -> list[Stay]:
        """Return the stays of some days, all of them away until `home_at` (epoch seconds)."""
        self._add(_TRIP, AWAY, home_at)
        # 1970 began on a Thursday.
        monday = int(self._start // _DAY) + 3
        for day in range(days):
            self._one_day(self._start + day * _DAY, weekend=(monday + day) % 7 >= 5)  # noqa: PLR2004 - Saturday, Sunday
        self._sleep_until(self._start + days * _DAY)
        return self._stays

    def _one_day(self, midnight: float, *, weekend: bool) -> None:
        """Sleep, rise, maybe work, and live until bed time."""
        person, rng = self._person, self._rng
        late = float(rng.normal(0.0, 0.5)) + (1.2 if weekend else 0.0)
        self._sleep_until(midnight + (person.rise_hour + late) * _HOUR)
        leave = midnight + (person.leave_hour + max(late, 0.0)) * _HOUR
        if person.works_out and not weekend and rng.random() < 0.9:  # noqa: PLR2004 - a day off now and then
            self._live_until(leave, midnight)
            back = leave + max(0.5, float(rng.normal(person.work_hours, 0.7))) * _HOUR
            self._add(_WORK, AWAY, back)
        self._live_until(midnight + (person.bed_hour + float(rng.normal(0.0, 0.5))) * _HOUR, midnight)

    def _sleep_until(self, end: float) -> None:
        """Lie in bed, with trips to the bathroom."""
        while (
            self._now < end - 40 * _MINUTE
            and self._at_home()
            and self._rng.random() < 1.0 - np.exp(-self._person.night_trips)
        ):
            wake = float(self._rng.uniform(self._now + 20 * _MINUTE, end - 15 * _MINUTE))
            self._add(_SLEEP, self._person.bedroom, wake)
            self._do(ACTIVITIES[0], end)
        self._add(_SLEEP, self._person.bedroom, end)

    def _at_home(self) -> bool:
        """Return whether the person is back from the trip the walk began with."""
        return not self._stays or self._stays[-1].activity is not _TRIP

    def _live_until(self, end: float, midnight: float) -> None:
        """Do one thing after another."""
        while self._now < end - _MINUTE:
            hour = (self._now - midnight) / _HOUR
            fitting = [item for item in ACTIVITIES if item.hours[0] <= hour < item.hours[1] and self._places(item)]
            weights = np.array([item.weight for item in fitting] or [1.0])
            chosen = fitting[int(self._rng.choice(len(fitting), p=weights / weights.sum()))] if fitting else _SLEEP
            self._do(chosen, end)

    def _do(self, activity: Activity, limit: float) -> None:
        """Do one activity for a while."""
        if activity is _SLEEP:
            self._add(_SLEEP, self._person.bedroom, limit)
            return
        minutes = activity.median_minutes * float(self._rng.lognormal(0.0, activity.spread))
        end = min(self._now + max(minutes, 0.5) * _MINUTE, limit)
        self._add(activity, str(self._rng.choice(self._places(activity))), end)

    def _places(self, activity: Activity) -> list[str]:
        """Return the rooms of this home in which the activity can take place."""
        if AWAY in activity.kinds:
            return [AWAY]
        return [
            name
            for name, kind in self._rooms
            if kind in activity.kinds and (kind != "bedroom" or name == self._person.bedroom)
        ]

    def _add(self, activity: Activity, room: str, end: float) -> None:
        """Add a stay, walking through the hall where there is one, and out of the home by where its door is."""
        if end <= self._now + 1.0:
            return
        before = self._stays[-1].room if self._stays else room
        between = [name for name, kind in self._rooms if kind == "hall"]
        if not between and AWAY in (before, room):
            # Nobody leaves through a bedroom: without a hall the front door is in the living room.
            between = [name for name, kind in self._rooms if kind == "living"]
        if before != room and between and between[0] not in (before, room) and end - self._now > 30.0:  # noqa: PLR2004
            passed = self._now + float(self._rng.uniform(4.0, 12.0))
            self._stays.append(Stay(self._person.index, between[0], activity, self._now, passed, 1200.0))
            self._now = passed
        rate = activity.moves_per_hour * (self._person.liveliness if activity.still else 1.0)
        rate *= float(self._rng.lognormal(0.0, 0.4))
        self._stays.append(Stay(self._person.index, room, activity, self._now, end, rate))
        self._now = end
