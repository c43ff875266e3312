"""A simulated office or seminar room by itself: many people by day, windows, a door, and the air; no home around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.units import Role

from ..trace import Readings, RoomInfo, Trace
from . import air as air_model, appliances, events
from .people import Activity, Stay
from .sheet import Sheet, truth

Array = NDArray[np.float64]
_HOUR, _DAY = 3_600.0, 86_400.0
# Any Monday will do: nothing in the model knows the date.
_EPOCH = 1_704_067_200.0
_ROOM = "office_1"
_MEET = Activity("meet", ("office",), 90, 0.5, 60, 1.0)
_DESK = Activity("desk", ("office",), 100, 0.6, 25, 1.0, still=True)
# Cubic metres of air for each seat: crowded seminar rooms to offices (DIN EN 16798-1 plans 2 to 10 m2 a person).
_VOLUME_PER_SEAT = (6.0, 25.0)
_MINUTES = (60.0, 300.0, 600.0)
_WITH_MOTION = 0.35


@dataclass(frozen=True, slots=True)
class _Place:
    """The room: seats, clock, climate, and the habits of those who use it."""

    seats: int
    start: float
    end: float
    first: int
    outdoor_celsius: Array
    opens_above_celsius: float
    opens_with: float
    """Chance that who comes opens a window when it is warm."""
    shuts: float
    """Chance that who leaves last shuts it."""


def simulate_office(seed: int, days: int) -> Trace:
    """Return a room of 1 to 13 seats that is used by day, with contacts and air; a motion sensor in a third of them."""
    rng = np.random.default_rng(seed)
    seats = int(rng.choice((1, 2, 4, 8, 13)))
    start = _EPOCH + int(rng.integers(0, 7)) * _DAY
    times = np.arange(start, start + days * _DAY, air_model.STEP_SECONDS, dtype=np.float64)
    place = _Place(
        seats=seats,
        start=start,
        end=start + days * _DAY,
        first=int(rng.integers(7, 10)),
        outdoor_celsius=_weather(times, rng),
        opens_above_celsius=float(rng.uniform(8.0, 20.0)),
        opens_with=float(rng.uniform(0.1, 0.9)),
        shuts=float(rng.choice((0.5, 0.9, 1.0))),
    )
    stays = _meetings(place, rng) if seats > 2 and rng.random() < 0.5 else _desks(place, rng)  # noqa: PLR2004
    sheet = Sheet(place.start, place.end)
    _add_contacts_and_air(sheet, place, stays, times, rng)
    if rng.random() < _WITH_MOTION:
        seen = events.movements(stays, rng, float(rng.choice((0.0, 0.5, 0.9))))
        sheet.add(Role.MOTION, _ROOM, events.held(seen, float(rng.uniform(2.0, 120.0))))
    return Trace(
        name=f"simulated office {seed}",
        source="training.simulate",
        licence="MIT",
        timezone="UTC",
        rooms=(RoomInfo(_ROOM, "Office"),),
        signals=tuple(sheet.signals),
        readings=sheet.readings,
        labels=tuple(truth(_ROOM, stays, place.start, place.end)),
    )


def _weather(times: Array, rng: np.random.Generator) -> Array:
    """Return a season's outdoor temperature: warmest in the afternoon, days unlike each other."""
    hours = (times - times[0]) / _HOUR
    noons = np.arange(0.0, hours[-1] + 48.0, 24.0)
    days = np.interp(hours, noons, rng.normal(0.0, 2.5, len(noons)))
    swing = float(rng.uniform(2.0, 8.0))
    return np.asarray(float(rng.uniform(-3.0, 27.0)) + days + swing * np.sin(2.0 * np.pi * (hours - 9.0) / 24.0))


def _workdays(place: _Place, rng: np.random.Generator) -> list[float]:
    """Return the midnights of the days on which the room is used: seldom at weekends, now and then not at all."""
    midnights = np.arange(place.start, place.end, _DAY).tolist()
    # 1970 began on a Thursday.
    weekend = [(int(t // _DAY) + 3) % 7 >= 5 for t in midnights]  # noqa: PLR2004 - Saturday, Sunday
    return [t for t, off in zip(midnights, weekend, strict=True) if rng.random() < (0.1 if off else 0.93)]


def _desks(place: _Place, rng: np.random.Generator) -> tuple[Stay, ...]:
    """Return people with a desk of their own: in and out all day, a break at noon, some days not there."""
    found = []
    for midnight in _workdays(place, rng):
        for person in range(place.seats):
            if rng.random() < 0.25:  # noqa: PLR2004 - works elsewhere today
                continue
            now = midnight + (place.first + float(rng.exponential(1.0))) * _HOUR
            leave = now + float(rng.uniform(3.0, 10.0)) * _HOUR
            while now < leave:
                stop = min(now + float(rng.lognormal(np.log(_DESK.median_minutes), _DESK.spread)) * 60.0, leave)
                found.append(Stay(person, _ROOM, _DESK, now, stop, _DESK.moves_per_hour))
                now = stop + float(rng.choice((3.0, 12.0, 50.0))) * float(rng.uniform(0.5, 1.5)) * 60.0
    return _within(found, place)


def _meetings(place: _Place, rng: np.random.Generator) -> tuple[Stay, ...]:
    """Return classes and meetings: many come within minutes and leave together, now and then a few."""
    found = []
    for midnight in _workdays(place, rng):
        now = midnight + (place.first + float(rng.exponential(1.5))) * _HOUR
        while now < midnight + 20.0 * _HOUR:
            stop = now + float(rng.lognormal(np.log(_MEET.median_minutes), _MEET.spread)) * 60.0
            few = rng.random() < 0.25  # noqa: PLR2004 - one or two of four uses are by one or two people
            for person in range(int(rng.integers(1, 3 if few else place.seats + 1))):
                came, went = now + float(rng.exponential(200.0)), stop + float(rng.normal(0.0, 60.0))
                found.append(Stay(person, _ROOM, _MEET, came, max(went, came + 30.0), _MEET.moves_per_hour))
            now = stop + float(rng.exponential(1.3)) * _HOUR
    return _within(found, place)


def _within(stays: list[Stay], place: _Place) -> tuple[Stay, ...]:
    """Return the stays that end before the recording does, by their beginning."""
    return tuple(sorted((stay for stay in stays if stay.end < place.end), key=lambda stay: stay.start))


def _add_contacts_and_air(
    sheet: Sheet, place: _Place, stays: tuple[Stay, ...], times: Array, rng: np.random.Generator
) -> None:
    """Add the door, one to three windows, and one to three sensors of the air."""
    sheet.add(Role.DOOR, _ROOM, _door(stays, place, rng))
    people = appliances.occupied_at(stays, times)
    count = int(rng.integers(1, 4))
    panes = np.column_stack([_window(people, place, rng) for _ in range(count)])
    for number in range(count):
        sheet.add(Role.WINDOW, _ROOM, appliances.edges(times, panes[:, number]), suffix=f"_{number}")
    opened = panes.max(axis=1, keepdims=True)
    column = people[:, None]
    air = air_model.breathe(_air_spec(place, rng), column, 0 * column, 0 * column, opened, place.outdoor_celsius)
    period, ppm = float(rng.choice(_MINUTES)), float(rng.choice((1.0, 10.0, 50.0)))
    celsius, percent = float(rng.choice((0.1, 0.5))), float(rng.choice((0.5, 1.0)))
    for number in range(int(rng.choice((1, 1, 3)))):
        levels = (
            (Role.CO2, air.co2_ppm, "ppm", ppm, 15.0, 40.0),
            (Role.TEMPERATURE, air.celsius, "°C", celsius, 0.04, 0.5),
            (Role.HUMIDITY, air.humidity_percent, "%", percent, 0.3, 2.0),
        )
        for role, level, unit, step, noise, offset in levels:
            read = level[:, 0] + rng.normal(0.0, noise, len(times)) + rng.normal(0.0, offset)
            sheet.add(role, _ROOM, _sampled(times, np.clip(read, -20.0, 5000.0), step, period), unit, f"_{number}")


def _air_spec(place: _Place, rng: np.random.Generator) -> air_model.AirSpec:
    """Draw how the room's air moves; a fan or a draughty front changes it twice an hour and more."""
    one = np.ones(1)
    return air_model.AirSpec(
        volume_m3=one * max(30.0, place.seats * float(rng.uniform(*_VOLUME_PER_SEAT))),
        leak_per_hour=one * float(np.exp(rng.uniform(np.log(0.15), np.log(2.5)))),
        open_per_hour=one * float(rng.uniform(2.0, 12.0)),
        mixing_per_hour=0.0,
        heat_loss_per_hour=one * float(rng.uniform(0.01, 0.06)),
        setpoint_celsius=float(rng.uniform(19.0, 22.5)),
        heating_per_hour=float(rng.uniform(0.5, 2.0)),
    )


def _sampled(times: Array, values: Array, step: float, period_seconds: float) -> Readings:
    """Return a meter's readings at a fixed period, rounded to its step."""
    every = max(1, round(period_seconds / air_model.STEP_SECONDS))
    rounded = np.round(values[::every] / step) * step
    return Readings(times[::every], tuple(f"{value:.1f}" for value in rounded.tolist()))


def _door(stays: tuple[Stay, ...], place: _Place, rng: np.random.Generator) -> Readings:
    """Return the door: shut behind everybody, as it comes, or open for a part of the time somebody is in."""
    habit = int(rng.integers(0, 3))
    if habit < 2:  # noqa: PLR2004 - as in a home
        return events.room_door(stays, (events.DoorHabit.SHUT, events.DoorHabit.ANYHOW)[habit], place.start, rng)
    starts, stops = events.spells(stays)
    # An office is locked when the last one goes, and noise or warmth decides before.
    open_until = starts + (stops - starts) * np.where(rng.random(len(starts)) < 0.5, 1.0, rng.random(len(starts)))  # noqa: PLR2004
    readings = events.edges_of(starts, open_until)
    return Readings(np.append(place.start, readings.times), ("off", *readings.states))


def _window(people: Array, place: _Place, rng: np.random.Generator) -> Array:
    """Return one window by the minute (n,): opened by those who are in when it is mild, shut by the last or left."""
    state, is_open = np.zeros(len(people)), False
    chance = place.opens_with * 5.0 / 60.0
    mild = place.outdoor_celsius > place.opens_above_celsius
    draws = rng.random((2, len(people)))
    for minute in range(1, len(people)):
        if people[minute] > 0.0:
            # Stuffy air opens a window for some minutes in winter too.
            rate = (chance if mild[minute] else 0.003) if not is_open else (0.002 if mild[minute] else 0.08)
            is_open = is_open != bool(draws[0, minute] < rate)
        elif is_open and people[minute - 1] > 0.0:
            is_open = bool(draws[1, minute] > place.shuts)
        state[minute] = float(is_open)
    return state
