"""A seminar room in Graz (five months of 2022, every five minutes, CO2 to contacts): evaluation only.

The data may not be passed on: no row and nothing fitted on it enters a model or this repository.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.inkling.core.units import Role

from ..trace import RoomInfo, SignalInfo, Trace, TraceError
from .tables import read_csv, spans_of, with_gaps

ADDRESS = "https://github.com/andrejbrova/CO2-Occupancy"
LICENCE = "none stated: evaluation only, not to be passed on"
CREDIT = "CO2-Occupancy, A. Brova"
FILE = "graz_occupants.csv"
ROOM = "room"
ZONE = "Europe/Vienna"
# A row every 300 s.
_MAX_GAP_SECONDS = 900.0
_PLACES = ("WL", "WM", "WR")
COLUMNS = {
    "Window Left Status": SignalInfo("window_left", Role.WINDOW, "", ROOM),
    "Window Right Status": SignalInfo("window_right", Role.WINDOW, "", ROOM),
    "Door Status": SignalInfo("door", Role.DOOR, "", ROOM),
    **{f"CO2 ({place})": SignalInfo(f"co2_{place.lower()}", Role.CO2, "ppm", ROOM) for place in _PLACES},
    **{f"Humidity ({place})": SignalInfo(f"humidity_{place.lower()}", Role.HUMIDITY, "%", ROOM) for place in _PLACES},
    **{
        f"Temperature ({place})": SignalInfo(f"temperature_{place.lower()}", Role.TEMPERATURE, "°C", ROOM)
        for place in _PLACES
    },
}
_CONTACTS = frozenset({Role.WINDOW, Role.DOOR})


def read(folder: Path) -> dict[str, Trace]:
    """Return the recording, and once more without its door: that is open only while somebody is in."""
    if not (folder / FILE).is_file():
        raise TraceError(
            f"{folder} has no {FILE}: save occupancy_data/Graz_occupants.xlsx of {ADDRESS} as that CSV file"
        )
    rows = read_csv(folder / FILE, ("datetime", "people", *COLUMNS))
    zone = ZoneInfo(ZONE)
    times = np.array([datetime.fromisoformat(row["datetime"]).replace(tzinfo=zone).timestamp() for row in rows])
    occupied = np.array([int(row["people"]) > 0 for row in rows])
    readings = {
        info.id: with_gaps(
            times, [_state(info, row[name]) for row in rows], _MAX_GAP_SECONDS, edges_only=info.role in _CONTACTS
        )
        for name, info in COLUMNS.items()
    }
    trace = Trace(
        name="graz_room",
        source=CREDIT,
        licence=LICENCE,
        timezone=ZONE,
        rooms=(RoomInfo(ROOM, "Seminar room"),),
        signals=tuple(COLUMNS.values()),
        readings=readings,
        labels=tuple(spans_of(times, occupied, ROOM, _MAX_GAP_SECONDS)),
    )
    kept = tuple(info for info in trace.signals if info.role is not Role.DOOR)
    bare = replace(
        trace, name="graz_room without door", signals=kept, readings={info.id: readings[info.id] for info in kept}
    )
    return {"all": trace, "without_door": bare}


def _state(info: SignalInfo, text: str) -> str:
    """Return a cell as Home Assistant would show it."""
    if info.role in _CONTACTS:
        return "on" if text == "1" else "off"
    return text
