"""One simulated home: drawn from a seed, lived in for some days, seen through its sensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.units import Role

from ..trace import LabelSpan, Readings, RoomInfo, Trace
from . import air as air_model, appliances, events, physics
from .people import AWAY, Person, Stay, Walk, draw_person
from .radar import draw_radar, presence
from .sheet import Sheet, truth

Array = NDArray[np.float64]
_DAY = 86_400.0
_TRAVELS = 0.2
# One to five people; single homes are about a third to two fifths of households in Europe (Eurostat, 2023).
_HOUSEHOLDS = (0.42, 0.29, 0.14, 0.1, 0.05)
_HOLDS_SECONDS = ((1.0, 5.0), (30.0, 120.0), (5.0, 300.0))
_HOLD_SHARES = (0.35, 0.45, 0.2)
# Kitchens open to the living room: a sensor sees some of what moves next door.
_OPEN_PLAN = 0.35
_NEIGHBOURS = {"living": "kitchen", "kitchen": "living", "office": "living"}
# A sensor by the door or over the bed's foot sees little or nothing of a sleeper.
_BED_BLINDNESS = (0.5, 0.9, 0.97, 1.0)
# Any Monday will do: nothing in the model knows the date.
_EPOCH = 1_704_067_200.0
_KINDS = ("living", "kitchen", "bathroom", "bedroom", "hall", "office", "bedroom")
_VOLUMES = {"living": 62.0, "kitchen": 32.0, "bathroom": 14.0, "bedroom": 34.0, "hall": 16.0, "office": 27.0}


@dataclass(frozen=True, slots=True)
class Room:
    """A room of the home, and what its sensors are like."""

    name: str
    kind: str
    hold_seconds: float
    blindness: float
    ghosts_per_day: float
    daylight_factor: float
    lamp_lux: float
    noise_floor_db: float


@dataclass(frozen=True, slots=True)
class _Life:
    """What happens in the home: rooms, and the stays of each person and room."""

    rooms: tuple[Room, ...]
    of_person: tuple[tuple[Stay, ...], ...]
    of_room: Mapping[str, tuple[Stay, ...]]
    start: float
    end: float


def simulate_home(seed: int, days: int) -> Trace:
    """Return a home of 1 to 5 people and 4 to 7 rooms with every sensor it could have; leave some out to train."""
    rng = np.random.default_rng(seed)
    life = _live(rng, days)
    sheet = Sheet(life.start, life.end)
    _add_events(sheet, life, rng)
    _add_levels(sheet, life, rng)
    _add_home(sheet, life, rng)
    return Trace(
        name=f"simulated home {seed}",
        source="training.simulate",
        licence="MIT",
        timezone=_zone(rng),
        rooms=tuple(RoomInfo(room.name, room.name.title()) for room in life.rooms),
        signals=tuple(sheet.signals),
        readings=sheet.readings,
        labels=tuple(_truths(life)),
    )


def _truths(life: _Life) -> Iterator[LabelSpan]:
    """Yield when each room and the home were occupied, and when not."""
    for room in life.rooms:
        yield from truth(room.name, life.of_room[room.name], life.start, life.end)
    inside = [stay for stays in life.of_person for stay in stays if stay.room != AWAY]
    yield from truth("home", sorted(inside, key=lambda stay: stay.start), life.start, life.end)


def _zone(rng: np.random.Generator) -> str:
    """Draw a clock: some households live hours off it or by shifts, so that it alone never tells."""
    late = int(rng.choice((0, int(rng.integers(-3, 4)), int(rng.integers(-12, 13))), p=(0.5, 0.35, 0.15)))
    return f"Etc/GMT{late:+d}" if late else "UTC"


def _live(rng: np.random.Generator, days: int) -> _Life:
    """Draw the rooms and the people, and let them live."""
    rooms = _draw_rooms(rng)
    pairs = [(room.name, room.kind) for room in rooms]
    bedrooms = [room.name for room in rooms if room.kind == "bedroom"]
    count = int(rng.choice((1, 2, 3, 4, 5), p=_HOUSEHOLDS))
    people: list[Person] = [draw_person(index, bedrooms[index // 2 % len(bedrooms)], rng) for index in range(count)]
    # Now and then a home stands empty for days before anybody comes.
    home_at = _EPOCH + (float(rng.uniform(1.2, 2.6)) * _DAY if rng.random() < _TRAVELS else 0.0)
    first = int(rng.integers(0, 7))
    start = _EPOCH + first * _DAY
    home_at += first * _DAY
    walks = [tuple(Walk(person, pairs, start, rng).stays(days, home_at)) for person in people]
    of_room = {
        room.name: tuple(sorted((s for walk in walks for s in walk if s.room == room.name), key=lambda s: s.start))
        for room in rooms
    }
    return _Life(rooms, tuple(walks), of_room, start, start + days * _DAY)


def _draw_rooms(rng: np.random.Generator) -> tuple[Room, ...]:
    """Draw the rooms; a hall and what follows it are not in every home."""
    names: dict[str, int] = {}
    # A household buys one make: bare PIRs that follow each movement, battery ones that rest half a minute or more.
    shortest, longest = _HOLDS_SECONDS[int(rng.choice(len(_HOLDS_SECONDS), p=_HOLD_SHARES))]
    hold_seconds = float(np.exp(rng.uniform(np.log(shortest), np.log(longest))))
    found = []
    for kind in _KINDS[: int(rng.integers(4, 8))]:
        names[kind] = names.get(kind, 0) + 1
        found.append(
            Room(
                name=f"{kind}_{names[kind]}",
                kind=kind,
                hold_seconds=hold_seconds * float(rng.uniform(0.8, 1.25)),
                blindness=float(rng.choice(_BED_BLINDNESS if kind == "bedroom" else (0.0, 0.5, 0.85, 0.97))),
                ghosts_per_day=float(rng.choice((0.0, 0.5, 5.0))),
                daylight_factor=float(rng.choice((0.0, 0.02)) if kind == "bathroom" else rng.uniform(0.003, 0.03)),
                lamp_lux=float(rng.uniform(60.0, 500.0)),
                noise_floor_db=float(rng.uniform(28.0, 44.0)),
            )
        )
    return tuple(found)


def _add_events(sheet: Sheet, life: _Life, rng: np.random.Generator) -> None:
    """Add what reports edges in each room."""
    open_plan = float(rng.uniform(0.02, 0.3)) if rng.random() < _OPEN_PLAN else 0.0
    first_of_kind = {room.kind: room.name for room in reversed(life.rooms)}
    pet_per_hour = float(rng.choice((0.0,) * 15 + (1.5,)))
    for room in life.rooms:
        stays = life.of_room[room.name]
        seen = events.movements(stays, rng, room.blindness)
        beside = life.of_room.get(first_of_kind.get(_NEIGHBOURS.get(room.kind, ""), ""), ())
        glimpses = events.thinned(
            events.movements([s for s in beside if not s.activity.still], rng, 0.0), open_plan, rng
        )
        strays = events.stray(
            life.start, life.end, float(rng.choice((0.0, 0.0, 0.03))) + 24.0 * pet_per_hour / 5.0, rng
        )
        sheet.add(
            Role.MOTION, room.name, events.held(np.sort(np.concatenate((seen, glimpses, strays))), room.hold_seconds)
        )
        radar = draw_radar(room.ghosts_per_day, rng)
        sheet.add(Role.PRESENCE, room.name, presence(stays, beside, radar, life.start, life.end, rng))
        habit = events.DoorHabit(str(rng.choice(list(events.DoorHabit))))
        sheet.add(Role.DOOR, room.name, events.room_door(stays, habit, life.start, rng))
        if room.kind == "bedroom":
            felt = events.thinned(events.movements(stays, rng, 0.0), 0.7, rng)
            sheet.add(Role.VIBRATION, room.name, events.held(felt, 20.0))
        used = events.thinned(seen, 0.03, rng)
        knocked = events.stray(life.start, life.end, 0.3, rng)
        sheet.add(Role.GENERIC, room.name, events.held(np.sort(np.concatenate((used, knocked))), 10.0))


def _add_levels(sheet: Sheet, life: _Life, rng: np.random.Generator) -> None:
    """Add what is sampled once a minute: light, switches, sound, power and air."""
    times = np.arange(life.start, life.end, air_model.STEP_SECONDS, dtype=np.float64)
    habits = appliances.Habits(
        forgets_light=float(rng.choice((0.02, 0.15, 0.5, 0.9))),
        wants_light_below_lux=float(rng.uniform(40.0, 250.0)),
        forgets_screen=float(rng.choice((0.02, 0.15))),
    )
    latitude, day = float(rng.uniform(30.0, 60.0)), float(rng.integers(0, 365))
    hours = (times - life.start) / 3600.0
    clouds = np.repeat(rng.uniform(0.15, 1.0, len(times) // 30 + 1), 30)[: len(times)]
    outdoors = physics.outdoor_lux(day + hours / 24.0, hours % 24.0, latitude) * clouds
    for room in life.rooms:
        _add_switches(sheet, room, life.of_room[room.name], times, outdoors, habits, rng)
    _add_air(sheet, life, times, hours, rng)


def _add_switches(
    sheet: Sheet,
    room: Room,
    stays: tuple[Stay, ...],
    times: Array,
    outdoors: Array,
    habits: appliances.Habits,
    rng: np.random.Generator,
) -> None:
    """Add one room's lamp, light level, screen, plug and sound."""
    daylight = outdoors * room.daylight_factor
    occupied = appliances.occupied_at(stays, times)
    lamp = appliances.switched(
        times, appliances.lamp_wanted(stays, times, daylight, habits), occupied, habits.forgets_light, rng
    )
    # Nobody sleeps with the lamp on.
    asleep = appliances.occupied_at([stay for stay in stays if stay.activity.name == "sleep"], times)
    lamp = np.where((asleep > 0.0) & (asleep >= occupied), 0.0, lamp)
    sheet.add(Role.LIGHT, room.name, appliances.edges(times, lamp))
    lux = daylight + lamp * room.lamp_lux * rng.uniform(0.97, 1.03, len(times))
    sheet.add(
        Role.ILLUMINANCE, room.name, appliances.reported(times, lux, max(3.0, room.lamp_lux / 30), 900.0, 0), "lx"
    )
    screen_stays = [stay for stay in stays if stay.activity.name in ("television", "desk", "eat")]
    wanted = appliances.occupied_at([stay for stay in screen_stays if stay.activity.name != "eat"], times)
    screen = appliances.switched(times, wanted, occupied, habits.forgets_screen, rng)
    if room.kind in ("living", "bedroom", "office"):
        sheet.add(Role.MEDIA, room.name, Readings(*_media(times, screen)))
    cooking = appliances.occupied_at([stay for stay in stays if stay.activity.name == "cook"], times)
    watts = screen * rng.uniform(40, 140) + cooking * rng.uniform(0, 1, len(times)) * 1500.0 + rng.uniform(0.5, 4.0)
    if room.kind == "kitchen":
        # A fridge runs a third of the time, whoever is there.
        watts = watts + 80.0 * ((times / 60.0 + rng.uniform(0, 60)) % 45.0 < 15.0)  # noqa: PLR2004 - minutes
    sheet.add(Role.POWER, room.name, appliances.reported(times, watts, 3.0, 3600.0, 1), "W")
    loud = appliances.occupied_at([stay for stay in stays if not stay.activity.quiet], times)
    heard = appliances.sound_level(
        np.maximum(occupied - asleep, 0.0), np.maximum(loud, screen), room.noise_floor_db, rng
    )
    sheet.add(Role.SOUND, room.name, appliances.reported(times, heard, 2.0, 600.0, 1), "dB")


def _media(times: Array, screen: Array) -> tuple[Array, tuple[str, ...]]:
    """Return a player's states."""
    plain = appliances.edges(times, screen)
    return plain.times, tuple("playing" if state == "on" else "idle" for state in plain.states)


def _add_air(sheet: Sheet, life: _Life, times: Array, hours: Array, rng: np.random.Generator) -> None:
    """Add windows, CO2, temperature and humidity of every room."""
    rooms = life.rooms
    counts = [appliances.occupied_at(life.of_room[room.name], times) for room in rooms]
    asleep = [
        appliances.occupied_at([s for s in life.of_room[room.name] if s.activity.name == "sleep"], times)
        for room in rooms
    ]
    steam = [
        appliances.occupied_at([s for s in life.of_room[room.name] if s.activity.name in ("shower", "cook")], times)
        * 0.25
        for room in rooms
    ]
    windows = np.zeros((len(times), len(rooms)))
    for index, room in enumerate(rooms):
        for moment in events.thinned(events.movements(life.of_room[room.name], rng, 1.0), 0.01, rng).tolist():
            windows[(times >= moment) & (times < moment + rng.lognormal(6.8, 1.0)), index] = 1.0
        sheet.add(Role.WINDOW, room.name, appliances.edges(times, windows[:, index]))
    season = float(rng.uniform(-4.0, 24.0))
    outdoor_celsius = season + 5.0 * np.sin(2.0 * np.pi * (hours - 9.0) / 24.0)
    people = np.column_stack(counts)
    sleepers = np.minimum(np.column_stack(asleep), people)
    found = air_model.breathe(
        _air_spec(rooms, rng), people - sleepers, sleepers, np.column_stack(steam), windows, outdoor_celsius
    )
    for index, room in enumerate(rooms):
        _add_air_sensors(sheet, room, times, found, index, rng)


def _air_spec(rooms: tuple[Room, ...], rng: np.random.Generator) -> air_model.AirSpec:
    """Draw how the home's air moves."""
    count = len(rooms)
    return air_model.AirSpec(
        volume_m3=np.array([_VOLUMES[room.kind] for room in rooms]) * rng.uniform(0.7, 1.4, count),
        leak_per_hour=rng.uniform(0.15, 1.0, count),
        open_per_hour=rng.uniform(3.0, 12.0, count),
        mixing_per_hour=float(np.exp(rng.uniform(np.log(0.1), np.log(8.0)))),
        heat_loss_per_hour=rng.uniform(0.01, 0.04, count),
        setpoint_celsius=float(rng.uniform(19.0, 22.5)),
        heating_per_hour=float(rng.uniform(0.5, 2.0)),
    )


def _add_air_sensors(
    sheet: Sheet, room: Room, times: Array, found: air_model.Air, index: int, rng: np.random.Generator
) -> None:
    """Add one room's sensors with their noise, offset and habits of reporting."""
    count = len(times)
    co2 = found.co2_ppm[:, index] + rng.normal(0.0, 8.0, count) + rng.normal(0.0, 60.0)
    sheet.add(Role.CO2, room.name, appliances.reported(times, np.maximum(co2, 350.0), 15.0, 300.0, 0), "ppm")
    celsius = found.celsius[:, index] + rng.normal(0.0, 0.04, count) + rng.normal(0.0, 0.4)
    sheet.add(Role.TEMPERATURE, room.name, appliances.reported(times, celsius, 0.2, 1800.0, 1), "°C")
    percent = np.clip(found.humidity_percent[:, index] + rng.normal(0.0, 0.3, count) + rng.normal(0.0, 2.0), 1, 99)
    sheet.add(Role.HUMIDITY, room.name, appliances.reported(times, percent, 1.0, 1800.0, 1), "%")


def _add_home(sheet: Sheet, life: _Life, rng: np.random.Generator) -> None:
    """Add the exit door and everybody's phone."""
    sheet.add(Role.DOOR, "", events.exit_door(life.of_person, rng))
    for index, stays in enumerate(life.of_person):
        sheet.add(Role.PERSON, "", events.person_tracker(stays, life.start, rng), suffix=f"_{index}")
