"""A CASAS smart home (one home, 30 days, motion and door sensors, annotated activities): evaluation only.

The data may not be passed on: no row and nothing fitted on it enters a model or this repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.inkling.core.units import Role

from ..trace import OCCUPIED, VACANT, LabelSpan, Readings, RoomInfo, SignalInfo, Trace, TraceError

ADDRESS = "https://github.com/WSU-CASAS/AL-Smarthome"
CREDIT = "Washington State University, CASAS smart home project"
LICENCE = "none stated: evaluation only, not to be passed on"
ZONE = "America/Los_Angeles"
ROOMS = ("Kitchen", "Bathroom", "Bedroom", "LivingRoom", "WorkArea")
# Where each activity takes place; what is not listed says nothing certain about a room.
ROOM_OF_ACTIVITY = {
    "Sleep": "Bedroom",
    "Cook_Breakfast": "Kitchen",
    "Cook_Lunch": "Kitchen",
    "Cook_Dinner": "Kitchen",
    "Wash_Breakfast_Dishes": "Kitchen",
    "Wash_Lunch_Dishes": "Kitchen",
    "Wash_Dinner_Dishes": "Kitchen",
    "Toilet": "Bathroom",
    "Bathe": "Bathroom",
    "Watch_TV": "LivingRoom",
    "Relax": "LivingRoom",
    "Work_At_Table": "WorkArea",
}
# The sensors outside are no room: they tell of the home, as the exit door does.
_PLACES = {**{room: room for room in ROOMS}, "LoungeChair": "LivingRoom", "OutsideDoor": ""}
_STATES = {"ON": "on", "OFF": "off", "OPEN": "on", "CLOSE": "off"}
_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the file."""

    t: float
    key: tuple[str, str]
    value: str
    activity: str


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive lines of one activity."""

    activity: str
    start: float
    end: float


def read(folder: Path) -> dict[str, Trace]:
    """Return the home as one trace, with the labels of the five rooms."""
    rows = list(_rows(folder / "data.txt"))
    keys = sorted({row.key for row in rows})
    signals = {key: _signal(key) for key in keys}
    readings = {signals[key].id: _readings([row for row in rows if row.key == key]) for key in keys}
    trace = Trace(
        name="casas_al_home",
        source=CREDIT,
        licence=LICENCE,
        timezone=ZONE,
        rooms=tuple(RoomInfo(room, room) for room in ROOMS),
        signals=tuple(signals.values()),
        readings=readings,
        labels=tuple(_labels(list(_runs(rows)))),
    )
    return {"home": trace}


def _rows(path: Path) -> Iterator[_Row]:
    """Yield the file's lines."""
    if not path.is_file():
        raise TraceError(f"{path} is not there: get the file `data` of {ADDRESS}")
    zone = ZoneInfo(ZONE)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        cells = line.split()
        if len(cells) != _COLUMNS:
            raise TraceError(f"{path} line {number} has {len(cells)} cells instead of {_COLUMNS}")
        date, clock, place, sensor, value, activity = cells
        # Trailing zeros of the microseconds are left out.
        whole = clock.ljust(15, "0")[:15] if "." in clock else clock
        stamp = datetime.fromisoformat(f"{date} {whole}")
        yield _Row(stamp.replace(tzinfo=zone).timestamp(), (place, sensor), value, activity)


def _signal(key: tuple[str, str]) -> SignalInfo:
    """Return what a place and sensor are to the home."""
    place, sensor = key
    name = f"{place}_{sensor}".lower()
    room = _PLACES[place]
    if sensor == "FrontDoor":
        return SignalInfo(name, Role.DOOR)
    if sensor.endswith("Light"):
        return SignalInfo(name, Role.LIGHT, "", room)
    if sensor == "Closet":
        return SignalInfo(name, Role.GENERIC, "", room)
    return SignalInfo(name, Role.MOTION, "", room)


def _readings(rows: list[_Row]) -> Readings:
    """Return one sensor's states with rising times."""
    times = np.array([row.t for row in rows])
    keep = np.append(np.diff(times) > 0.0, True)
    states = [_STATES[row.value] for row in rows]
    return Readings(times[keep], tuple(state for state, kept in zip(states, keep, strict=True) if kept))


def _runs(rows: Iterable[_Row]) -> Iterator[_Run]:
    """Yield the runs of one activity, each from its first to its last line."""
    current: _Run | None = None
    for row in rows:
        if current is not None and current.activity == row.activity:
            current = _Run(current.activity, current.start, row.t)
            continue
        if current is not None:
            yield current
        current = _Run(row.activity, row.t, row.t)
    if current is not None:
        yield current


def _labels(runs: list[_Run]) -> Iterator[LabelSpan]:
    """Yield where the only resident is known to be, and the spells of nobody at home."""
    left: float | None = None
    for run in runs:
        room = ROOM_OF_ACTIVITY.get(run.activity)
        if room is not None and run.end > run.start:
            for other in ROOMS:
                yield LabelSpan(run.start, run.end, other, OCCUPIED if other == room else VACANT)
        if run.activity == "Leave_Home":
            left = run.end
        elif run.activity == "Enter_Home" and left is not None:
            if run.start > left:
                yield LabelSpan(left, run.start, "home", VACANT)
            left = None
