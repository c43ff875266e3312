"""UCI Occupancy Detection (data set 357): one office, February 2015, once a minute; CC BY 4.0.

Candanedo, L. and Feldheim, V. (2016). Energy and Buildings 112, 28-39. Truth from a camera.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.inkling.core.units import Role

from ..trace import RoomInfo, SignalInfo, Trace
from .tables import read_csv, spans_of, with_gaps

ADDRESS = "https://archive.ics.uci.edu/dataset/357/occupancy+detection"
LICENCE = "CC BY 4.0"
CREDIT = "Candanedo, L. (2016). Occupancy Detection. UCI Machine Learning Repository, doi:10.24432/C5X01N"
ROOM = "office"
# The rooms are in Mons, Belgium.
ZONE = "Europe/Brussels"
FILES = {"training": "datatraining.txt", "test_1": "datatest.txt", "test_2": "datatest2.txt"}
COLUMNS = {
    "Temperature": SignalInfo("temperature", Role.TEMPERATURE, "°C", ROOM),
    "Humidity": SignalInfo("humidity", Role.HUMIDITY, "%", ROOM),
    "Light": SignalInfo("illuminance", Role.ILLUMINANCE, "lx", ROOM),
    "CO2": SignalInfo("co2", Role.CO2, "ppm", ROOM),
}
_MAX_GAP_SECONDS = 300.0


def read(folder: Path) -> dict[str, Trace]:
    """Return the authors' three parts: training, test_1 (door closed) and test_2 (door open)."""
    return {part: _read_part(folder / name, part) for part, name in FILES.items()}


def _read_part(path: Path, part: str) -> Trace:
    """Return one file as a trace."""
    # The header names 7 columns of 8: the nameless first one is a row number.
    rows = read_csv(path, ("date", *COLUMNS, "Occupancy"), nameless_first=True)
    column = {name: [row[name] for row in rows] for name in ("date", *COLUMNS, "Occupancy")}
    zone = ZoneInfo(ZONE)
    times = np.array([datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() for text in column["date"]])
    occupied = np.array([text == "1" for text in column["Occupancy"]])
    return Trace(
        name=f"uci_occupancy {part}",
        source=CREDIT,
        licence=LICENCE,
        timezone=ZONE,
        rooms=(RoomInfo(ROOM, "Office"),),
        signals=tuple(COLUMNS.values()),
        readings={info.id: with_gaps(times, column[name], _MAX_GAP_SECONDS) for name, info in COLUMNS.items()},
        labels=tuple(spans_of(times, occupied, ROOM, _MAX_GAP_SECONDS)),
    )
