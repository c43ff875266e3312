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
from .download import Download
from .tables import read_csv, spans_of, with_gaps

ADDRESS = "https://archive.ics.uci.edu/dataset/357/occupancy+detection"
LICENCE = "CC BY 4.0"
CREDIT = "Candanedo, L. (2016). Occupancy Detection. UCI Machine Learning Repository, doi:10.24432/C5X01N"
ROOM = "office"
# The rooms are in Mons, Belgium.
ZONE = "Europe/Brussels"
FILES = {"training": "datatraining.txt", "test_1": "datatest.txt", "test_2": "datatest2.txt"}
_BASE = "https://raw.githubusercontent.com/LuisM78/Occupancy-detection-data/ba2b1d7b53a71292ff61b867d3e16f0e539c7eb6"
# The authors' own copy; the UCI page offers the same files in a zip.
DOWNLOADS = tuple(
    Download(name, f"{_BASE}/{name}", digest)
    for name, digest in (
        ("datatraining.txt", "b2c4d0ce2b9e4e453c476f7125ef31aeec2d1f5c7f5572d0e80de3df6521ab56"),
        ("datatest.txt", "1b92c7c1b2838963464fa891a610cf3c5db4becb7189189b29b330107a584c7f"),
        ("datatest2.txt", "d026d1bd5aeccd4aff4f3b3710d48e40613bd5fc370db7e61bbdcaa50d985095"),
    )
)
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
