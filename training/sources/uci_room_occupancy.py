"""UCI Room Occupancy Estimation (data set 864): one room, December 2017 to January 2018, every 30 s; CC BY 4.0.

Singh, A. P. et al. (2018), IEEE Globecom Workshops. Truth counted by hand.
"""

from __future__ import annotations

from datetime import datetime
import math
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.inkling.core.units import Role

from ..trace import RoomInfo, SignalInfo, Trace
from .download import Download
from .tables import read_csv, spans_of, with_gaps

ADDRESS = "https://archive.ics.uci.edu/dataset/864/room+occupancy+estimation"
LICENCE = "CC BY 4.0"
CREDIT = (
    "Singh, A. and Chaudhari, S. (2018). Room Occupancy Estimation. UCI Machine Learning Repository, "
    "doi:10.24432/C5P605"
)
FILE = "Occupancy_Estimation.csv"
_COPY = "https://raw.githubusercontent.com/GiorgioPaoletti-Unicam/membership-function-occupancy-estimation"
# Copies differ: some have blanked cells. This one is the file that the figures were measured on.
DOWNLOADS = (
    Download(
        FILE,
        f"{_COPY}/6715d7afa92ea6ffd2e56f9dc932ca498ab379c4/Occupancy_Estimation_CO2_Slope.csv",
        "c090ee5c94b61762bfec9d22767864490b51030f98cca030f02822468db25d9c",
    ),
)
ROOM = "lab"
# The data names no zone; the authors' laboratory is in Hyderabad.
ZONE = "Asia/Kolkata"
_MAX_GAP_SECONDS = 300.0
SOUND_FLOOR_VOLTS, SOUND_FLOOR_DB = 0.05, 40.0
COUNT = "Room_Occupancy_Count"
COLUMNS = {
    **{f"S{n}_Temp": SignalInfo(f"temperature_{n}", Role.TEMPERATURE, "°C", ROOM) for n in range(1, 5)},
    **{f"S{n}_Light": SignalInfo(f"illuminance_{n}", Role.ILLUMINANCE, "lx", ROOM) for n in range(1, 5)},
    **{f"S{n}_Sound": SignalInfo(f"sound_{n}", Role.SOUND, "dB", ROOM) for n in range(1, 5)},
    "S5_CO2": SignalInfo("co2", Role.CO2, "ppm", ROOM),
    "S6_PIR": SignalInfo("motion_6", Role.MOTION, "", ROOM),
    "S7_PIR": SignalInfo("motion_7", Role.MOTION, "", ROOM),
}


def sound_level_db(amplifier_volts: float) -> float:
    """Return an uncalibrated level: the amplifier's volts over its noise floor, set to a quiet room's 40 dB."""
    return SOUND_FLOOR_DB + 20.0 * math.log10(max(amplifier_volts, SOUND_FLOOR_VOLTS) / SOUND_FLOOR_VOLTS)


def _state(info: SignalInfo, text: str) -> str:
    """Return a cell as Home Assistant would show it."""
    if info.role is Role.MOTION:
        return "on" if text == "1" else "off"
    return f"{sound_level_db(float(text)):.1f}" if info.role is Role.SOUND else text


def read(folder: Path) -> dict[str, Trace]:
    """Return the whole recording; at its gaps every signal is unavailable."""
    rows = read_csv(folder / FILE, ("Date", "Time", COUNT, *COLUMNS))
    zone = ZoneInfo(ZONE)
    stamps = [datetime.strptime(f"{row['Date']} {row['Time']}", "%Y/%m/%d %H:%M:%S") for row in rows]  # noqa: DTZ007
    times = np.array([stamp.replace(tzinfo=zone).timestamp() for stamp in stamps])
    readings = {
        info.id: with_gaps(
            times,
            [_state(info, row[name]) for row in rows],
            _MAX_GAP_SECONDS,
            edges_only=info.role is Role.MOTION,
        )
        for name, info in COLUMNS.items()
    }
    occupied = np.array([int(row[COUNT]) > 0 for row in rows])
    trace = Trace(
        name="uci_room_occupancy",
        source=CREDIT,
        licence=LICENCE,
        timezone=ZONE,
        rooms=(RoomInfo(ROOM, "Laboratory"),),
        signals=tuple(COLUMNS.values()),
        readings=readings,
        labels=tuple(spans_of(times, occupied, ROOM, _MAX_GAP_SECONDS)),
    )
    return {"all": trace}
