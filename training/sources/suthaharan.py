"""Suthaharan's sensor networks (four motes, six hours, every 5 s, steam or heat brought in): ODC-BY 1.0, CC BY 4.0.

Suthaharan, S. et al. (2010), ISSNIP. Only four events in all, each one run: count events, not samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.units import Role

from ..trace import DeviceInfo, LabelSpan, Readings, RoomInfo, SignalInfo, Trace, TraceError
from .download import Download
from .tables import read_csv

_BASE = "https://raw.githubusercontent.com/stdlib-js/datasets-suthaharan"
ADDRESS = "https://github.com/stdlib-js/datasets-suthaharan-single-hop-sensor-network"
LICENCE = "ODC-BY 1.0 and CC BY 4.0"
CREDIT = "Suthaharan, S. et al. (2010). Labelled wireless sensor network data, through stdlib-js"
FILES = {"single": "singlehop.csv", "multi": "multihop.csv"}
DOWNLOADS = (
    Download(
        FILES["single"],
        f"{_BASE}-single-hop-sensor-network/e166b29ea686df5bbf78bf3d401d7059979ad27f/data/data.csv",
        "d9e373a2b95eb5ed9eacd242ab4f0f4ef86c98bb1d766750eb0d6e60290ecf17",
    ),
    Download(
        FILES["multi"],
        f"{_BASE}-multi-hop-sensor-network/acf8a27f6ba0b9b47a462794e5ca00640aaa2859/data/data.csv",
        "d1cb1de25cadce8fde53b81f24aa88a4dd0b5c7aad6535f8137412cf54dbea89",
    ),
)
STEP_SECONDS = 5.0
# The data has no clock: readings are counted from this made-up instant, whose hour means nothing.
ORIGIN = 1_262_304_000.0
EVENT = "fault:environment"
_ROOMS = {"0": "outdoor", "1": "indoor"}
_KINDS = {"temperature": (Role.TEMPERATURE, "°C"), "humidity": (Role.HUMIDITY, "%")}
Rows = list[dict[str, str]]


def read(folder: Path) -> dict[str, Trace]:
    """Return both networks, each mote a device in the room it stands in."""
    return {name: _network(folder / file, name) for name, file in FILES.items()}


def _network(path: Path, name: str) -> Trace:
    """Return one network."""
    rows = read_csv(path, ("reading", "mote_id", "indoor", "label", *_KINDS))
    motes = {mote: [row for row in rows if row["mote_id"] == mote] for mote in sorted({row["mote_id"] for row in rows})}
    times = {mote: _times(path, part) for mote, part in motes.items()}
    devices = tuple(DeviceInfo(f"mote_{mote}", "mote", _ROOMS[part[0]["indoor"]]) for mote, part in motes.items())
    signals = [
        (mote, kind, SignalInfo(f"mote_{mote}_{kind}", role, unit, _ROOMS[part[0]["indoor"]], f"mote_{mote}"))
        for mote, part in motes.items()
        for kind, (role, unit) in _KINDS.items()
    ]
    return Trace(
        name=f"suthaharan {name}",
        source=CREDIT,
        licence=LICENCE,
        timezone="UTC",
        rooms=tuple(RoomInfo(room, room.title()) for room in sorted(set(_ROOMS.values()))),
        devices=devices,
        signals=tuple(info for _, _, info in signals),
        readings={
            info.id: Readings(times[mote], tuple(row[kind] for row in motes[mote])) for mote, kind, info in signals
        },
        labels=tuple(span for mote, part in motes.items() for span in _labels(part, times[mote], f"mote_{mote}")),
    )


def _times(path: Path, rows: Rows) -> NDArray[np.float64]:
    """Return when each reading of a mote was taken, from its number."""
    counts = np.array([int(row["reading"]) for row in rows], dtype=np.float64)
    if bool(np.any(np.diff(counts) <= 0.0)):
        raise TraceError(f"{path} counts a mote's readings backwards: is it the data set's own file?")
    return ORIGIN + STEP_SECONDS * counts


def _labels(rows: Rows, times: NDArray[np.float64], mote: str) -> Iterator[LabelSpan]:
    """Yield a mote's runs of equal labels."""
    marks = [row["label"] for row in rows]
    starts = [0, *(index for index in range(1, len(marks)) if marks[index] != marks[index - 1]), len(marks)]
    stops = np.append(times, times[-1] + STEP_SECONDS)
    for first, last in pairwise(starts):
        yield LabelSpan(float(times[first]), float(stops[last]), mote, "normal" if marks[first] == "0" else EVENT)
