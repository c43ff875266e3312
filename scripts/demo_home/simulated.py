"""The rest of the demo's flat: a day of a simulated household, seen by the sensors a flat like this would have."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np

from training.simulate import simulate_home
from training.trace import LabelSpan, Readings, RoomInfo, SignalInfo, Trace

# Two people in five rooms; no model is trained, chosen or scored on homes of seeds like this.
SEED = 900_101
DAYS = 3
# The second day: by then rooms have the air that people leave in them.
DAY_INDEX = 1
DAY_SECONDS = 86_400.0
LICENCE = "MIT"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a simulated signal is mounted: what it is called in the demo, and the device it belongs to."""

    source: str
    signal: str
    device: str


@dataclass(frozen=True, slots=True)
class FlatRoom:
    """A room of the flat, the simulated room that it is, and what is mounted in it."""

    id: str
    name: str
    source: str
    places: tuple[Place, ...]


FLAT = (
    FlatRoom(
        "living",
        "Living room",
        "living_1",
        (
            Place("living_1_presence", "presence", "radar"),
            Place("living_1_media", "media", "television"),
            Place("living_1_light", "light", "light"),
            Place("living_1_window", "window", "window"),
            Place("living_1_temperature", "temperature", "climate"),
            Place("living_1_humidity", "humidity", "climate"),
        ),
    ),
    FlatRoom(
        "kitchen",
        "Kitchen",
        "kitchen_1",
        (
            Place("kitchen_1_motion", "motion", "motion"),
            Place("kitchen_1_light", "light", "light"),
            Place("kitchen_1_power", "power", "socket"),
            Place("kitchen_1_temperature", "temperature", "climate"),
            Place("kitchen_1_humidity", "humidity", "climate"),
        ),
    ),
    FlatRoom(
        "bedroom",
        "Bedroom",
        "bedroom_1",
        (
            Place("bedroom_1_motion", "motion", "motion"),
            Place("bedroom_1_door", "door", "door"),
            Place("bedroom_1_light", "light", "light"),
            Place("bedroom_1_co2", "co2", "air"),
            Place("bedroom_1_temperature", "temperature", "air"),
        ),
    ),
    FlatRoom(
        "bathroom",
        "Bathroom",
        "bathroom_1",
        (
            Place("bathroom_1_motion", "motion", "motion"),
            Place("bathroom_1_door", "door", "door"),
            Place("bathroom_1_light", "light", "light"),
            Place("bathroom_1_humidity", "humidity", "climate"),
            Place("bathroom_1_temperature", "temperature", "climate"),
        ),
    ),
    FlatRoom(
        "hall",
        "Hallway",
        "hall_1",
        (Place("hall_1_motion", "motion", "motion"), Place("home_door", "door", "front_door")),
    ),
)


@dataclass(frozen=True, slots=True)
class Flat:
    """The simulated rooms, moved to the demo's day."""

    rooms: tuple[RoomInfo, ...]
    signals: tuple[SignalInfo, ...]
    readings: dict[str, Readings]
    labels: tuple[LabelSpan, ...]


def simulated_flat(midnight_seconds: float) -> Flat:
    """Return the flat's day, moved to begin at a midnight."""
    home = simulate_home(SEED, DAYS)
    begin = _local_midnight(home)
    kinds = {signal.id: signal for signal in home.signals}
    signals, readings = [], {}
    for room in FLAT:
        for place in room.places:
            old, name = kinds[place.source], f"{room.id}_{place.device}_{place.signal}"
            signals.append(SignalInfo(name, old.role, old.unit, room.id, f"{room.id}_{place.device}"))
            readings[name] = _moved(home.readings[place.source], begin, midnight_seconds - begin)
    return Flat(
        rooms=tuple(RoomInfo(room.id, room.name, room.name) for room in FLAT),
        signals=tuple(signals),
        readings=readings,
        labels=tuple(_labels(home, begin, midnight_seconds - begin)),
    )


def _local_midnight(home: Trace) -> float:
    """Return when the chosen day begins by the household's clock, in epoch seconds."""
    first = min(item.times[0] for item in home.readings.values())
    offset = ZoneInfo(home.timezone).utcoffset(None)
    shift_seconds = 0.0 if offset is None else offset.total_seconds()
    return float(np.ceil((first + shift_seconds) / DAY_SECONDS) * DAY_SECONDS - shift_seconds + DAY_INDEX * DAY_SECONDS)


def _moved(readings: Readings, begin: float, shift: float) -> Readings:
    """Return a day of readings, moved; what was last said before midnight stands at midnight."""
    first, stop = np.searchsorted(readings.times, (begin, begin + DAY_SECONDS))
    times, states = readings.times[first:stop] + shift, readings.states[first:stop]
    if first > 0 and (not len(times) or times[0] > begin + shift):
        times, states = np.concatenate(([begin + shift], times)), (readings.states[first - 1], *states)
    return Readings(times, tuple(states))


def _labels(home: Trace, begin: float, shift: float) -> Iterator[LabelSpan]:
    """Yield the truth of the flat's rooms on the chosen day, moved."""
    names = {room.source: room.id for room in FLAT}
    for span in home.labels:
        start, end = max(span.start, begin), min(span.end, begin + DAY_SECONDS)
        if span.target in names and start < end:
            yield replace(span, start=start + shift, end=end + shift, target=names[span.target])
