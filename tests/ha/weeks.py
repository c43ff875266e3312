"""A household's weeks, a room that warms and cools, and what the shipped model foresees of it from the past alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
import math
from pathlib import Path
import random

from homeassistant.util import dt as dt_util
import numpy as np

from custom_components.inkling.core.backends import BackendKind
from custom_components.inkling.core.forecast import ForecastRequest
from custom_components.inkling.core.manifest import Task
from custom_components.inkling.core.pipeline import Model
from custom_components.inkling.core.skill import SkillBook
from custom_components.inkling.core.slots import Calendar, SlotHistory
from custom_components.inkling.forecast_job import foresee
from custom_components.inkling.forecast_setup import priors_of
from custom_components.inkling.model_files import load_model
from custom_components.inkling.outlook import HorizonOutlook, Outlook

PAST_WEEKS = 8
STEP_SECONDS = 300.0
FIRST_DAY = date(2026, 9, 14)
"""A Monday; the week that is lived comes after the past ones and holds no change of clocks."""
TIME_ZONE = "Europe/Berlin"
_COMFORT, _SET_BACK, _TOLERANCE = 21.0, 17.0, 0.3

type Span = tuple[float, float]


def usual_days(days: int, seed: int) -> list[Span]:
    """Return when a room is occupied (epoch seconds): around work, and most of a weekend."""
    draw = random.Random(seed)  # noqa: S311 - reproducible, not secret
    spans = []
    for offset in range(days):
        day = FIRST_DAY + timedelta(days=offset)
        hours = ((6.5, 8.0), (17.5, 22.5)) if day.weekday() < 5 else ((9.0, 13.0), (16.5, 23.0))
        midnight = dt_util.start_of_local_day(day).timestamp()
        spans += [tuple(midnight + hour * 3600.0 + draw.gauss(0.0, 480.0) for hour in pair) for pair in hours]
    return [(round(start / STEP_SECONDS) * STEP_SECONDS, end) for start, end in spans]


def is_in(spans: Sequence[Span], moment: float) -> bool:
    """Return whether a moment lies in one of the spans."""
    return any(start <= moment < end for start, end in spans)


@dataclass(slots=True)
class ThermalRoom:
    """A room of first order: it loses heat to the weather, and a radiator (or an air conditioner) adds some."""

    temperature: float = 19.0
    loss_hours: float = 15.0
    power_per_hour: float = 4.0
    outdoor: float = 4.0
    heating_seconds: float = 0.0

    def step(self, seconds: float, *, is_heating: bool) -> None:
        """Let time pass."""
        gain = self.power_per_hour * self.loss_hours if is_heating else 0.0
        rest = self.outdoor + gain
        self.temperature = rest + (self.temperature - rest) * math.exp(-seconds / 3600.0 / self.loss_hours)
        self.heating_seconds += abs(seconds) if is_heating else 0.0


def minutes_to(room: ThermalRoom, goal: float) -> float:
    """Return how many minutes of heating bring a room to a temperature, by its own physics."""
    rest = room.outdoor + room.power_per_hour * room.loss_hours
    if room.temperature >= goal:
        return 0.0
    return 60.0 * room.loss_hours * math.log((rest - room.temperature) / (rest - goal))


def heat_by(start: float, end: float, is_warm: Callable[[ThermalRoom, float], bool]) -> float:
    """Return the minutes of heating of a thermostat that is at comfort when told, else set back."""
    room, is_heating = ThermalRoom(), False
    for moment in np.arange(start, end, STEP_SECONDS).tolist():
        goal = _COMFORT if is_warm(room, moment) else _SET_BACK
        is_heating = room.temperature < goal + (_TOLERANCE if is_heating else -_TOLERANCE)
        room.step(STEP_SECONDS, is_heating=is_heating)
    return room.heating_seconds / 60.0


def heat_by_oracle(start: float, end: float, spans: Sequence[Span]) -> float:
    """Return the minutes of heating of who knows every arrival, and begins so as to be ready at it."""

    def is_warm(room: ThermalRoom, moment: float) -> bool:
        """Return whether somebody is there, or comes before the room could be ready later."""
        needed = minutes_to(room, _COMFORT) * 60.0 + STEP_SECONDS
        return is_in(spans, moment) or any(moment <= begin <= moment + needed for begin, _ in spans)

    return heat_by(start, end, is_warm)


@cache
def shipped_model() -> Model:
    """Return the forecast model that ships."""
    found = load_model(Path("/nowhere"), BackendKind.PORTABLE, Task.FORECAST)
    assert found.model is not None
    return found.model


@dataclass(slots=True)
class Foresight:
    """What Inkling would publish of a room, by its history of slots, the shipped model and the model's skill."""

    history: SlotHistory = field(default_factory=SlotHistory)
    since: float | None = None
    occupied: bool = False

    def learn(self, spans: Sequence[Span], start: float, end: float) -> None:
        """Learn when a room was occupied from `start` to `end` (epoch seconds)."""
        at = start
        for begin, stop in spans:
            if begin < end:
                self.history.observe(occupied=False, start=at, end=begin)
                self.history.observe(occupied=True, start=begin, end=stop)
                at = stop
        self.history.observe(occupied=False, start=at, end=end)

    def see(self, now: float, *, occupied: bool, is_shown: bool = True) -> Outlook:
        """Return the outlook at `now`, as the model's skill before any score shows it, or hidden."""
        if self.since is None or occupied is not self.occupied:
            self.since, self.occupied = now, occupied
        request = ForecastRequest(
            room="room",
            history=self.history.view(now),
            probability=0.97 if occupied else 0.03,
            occupied=occupied,
            since=self.since,
            people_home=None,
            is_home=False,
        )
        model = shipped_model()
        found = foresee(model, _calendar(now), now, [request], 0.5)[0]["room"]
        book = SkillBook(priors_of(model))
        return Outlook(
            made_at=now,
            start=found.start,
            times=found.times,
            probabilities=found.probabilities,
            horizons={
                minutes: HorizonOutlook(chance if is_shown and book.skill("room", minutes).shown else None, "prior")
                for minutes, chance in found.at.items()
            },
            next_occupied=found.next_occupied,
            next_vacant=found.next_vacant,
        )


def _calendar(now: float) -> Calendar:
    """Return the local days around now; nobody knows which are free."""
    today = dt_util.as_local(dt_util.utc_from_timestamp(now)).date()
    days = [today + timedelta(days=offset) for offset in range(-141, 4)]
    return Calendar(
        midnights=np.array([dt_util.start_of_local_day(day).timestamp() for day in days]),
        free=np.full(len(days) - 1, np.nan, np.float32),
        weekdays=np.array([day.weekday() for day in days[:-1]], np.int8),
    )
