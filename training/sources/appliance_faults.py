"""Power Consumption Anomaly Dataset (nine appliances, minutes of watts, faults inserted by simulation): MIT.

Papaioannou, A. et al. (2024), doi:10.5281/zenodo.12607730. The faults are inserted rows, so that row count, time of day
and everything after an insertion give them away; and fault day k is normal day k: hold out units, or days over all
folders of a unit, and use none of those as a feature.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import csv
from dataclasses import dataclass
from datetime import UTC, datetime
import hashlib
import io
from itertools import pairwise
from pathlib import Path
import re
import tarfile

import numpy as np

from custom_components.inkling.core.units import Role

from ..progress import progress
from ..trace import DeviceInfo, LabelSpan, Readings, SignalInfo, Trace, TraceError
from .download import Download

_COMMIT = "858950c5bda24b3877e817983fa254f0f114d6a4"
ADDRESS = "https://github.com/AlexisPapaioannou/Power-Consumption-Anomaly-Dataset"
LICENCE = "MIT"
CREDIT = "Papaioannou, A. et al. (2024). Power Consumption Anomaly Dataset, doi:10.5281/zenodo.12607730"
FILE = "appliance_faults.tar.gz"
STEP_SECONDS = 60.0
# Units 1 and 2; the folders' case varies.
_MEMBER = re.compile(
    r"(?:[^/]+/)?data/[^/]+/(?P<unit>[a-z_]+_[12])/(?P<condition>[^/]+)/[^/]*_day(?P<day>\d+)(?:_anomalies)?\.csv",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _File:
    """One day's file."""

    unit: str
    condition: str
    day: int
    content: bytes


def read(folder: Path) -> dict[str, Trace]:
    """Return one trace a unit; each day of each condition is a device of its own, for they overlap in time."""
    units: dict[str, list[_File]] = {}
    for item in _members(folder / FILE):
        units.setdefault(item.unit, []).append(item)
    if not units:
        raise TraceError(f"{folder / FILE} holds no data/APPLIANCE/UNIT/CONDITION/*.csv: get it from {ADDRESS}")
    return {name: _unit(name, sorted(files, key=_order)) for name, files in sorted(units.items())}


def digest(path: Path) -> str:
    """Return a sha256 over the day files: hosts pack the same files into different archives."""
    lines = (
        f"{item.unit}/{item.condition}/{item.day} {hashlib.sha256(item.content).hexdigest()}\n"
        for item in sorted(_members(path), key=_order)
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


DOWNLOADS = (
    Download(
        FILE,
        f"{ADDRESS}/archive/{_COMMIT}.tar.gz",
        "6b83f9e96efbe375b766b4a9743228417c9ff541b1be2db0ee5505f09bc50222",
        digest,
    ),
)


def _order(item: _File) -> tuple[str, str, int]:
    """Return what files are sorted by."""
    return item.unit, item.condition, item.day


def _members(path: Path) -> Iterator[_File]:
    """Yield the day files of an archive; nothing is ever written to disk by a name of its choosing."""
    if not path.is_file():
        raise TraceError(f"{path} is not there: get it from {ADDRESS}")
    try:
        with tarfile.open(path) as archive, progress("reading 710 days", 710.0) as move:
            count = 0
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                found = _MEMBER.fullmatch(member.name)
                if stream is not None and found is not None:
                    condition = found["condition"].lower().removeprefix("anomaly_").replace(" ", "_")
                    yield _File(found["unit"].lower(), condition, int(found["day"]), stream.read())
                    count += 1
                    move(count)
    except (tarfile.TarError, EOFError, OSError) as err:
        raise TraceError(f"{path} cannot be unpacked: {err}") from err


def _unit(name: str, files: Iterable[_File]) -> Trace:
    """Return one unit's trace."""
    kind = name.rpartition("_")[0]
    devices: list[DeviceInfo] = []
    signals: list[SignalInfo] = []
    readings: dict[str, Readings] = {}
    labels: list[LabelSpan] = []
    for item in files:
        device = DeviceInfo(f"{item.condition}_day_{item.day}", kind)
        signal = SignalInfo(f"{device.id}_power", Role.POWER, "W", "", device.id)
        rows = list(_rows(item))
        devices.append(device)
        signals.append(signal)
        readings[signal.id] = Readings(np.array([t for t, _, _ in rows]), tuple(state for _, state, _ in rows))
        labels += _labels(rows, device.id, f"fault:{item.condition}")
    return Trace(
        name=f"appliance_faults {name}",
        source=CREDIT,
        licence=LICENCE,
        # No zone is stated, and days begin at any hour.
        timezone="UTC",
        rooms=(),
        devices=tuple(devices),
        signals=tuple(signals),
        readings=readings,
        labels=tuple(labels),
    )


def _rows(item: _File) -> Iterator[tuple[float, str, bool]]:
    """Yield a day's time, state and whether the minute was inserted; rows that jump back in time are left out."""
    table = csv.DictReader(io.StringIO(item.content.decode("utf-8-sig"), newline=""))
    if not {"ctime", "activePower"} <= set(table.fieldnames or ()):
        raise TraceError(f"{FILE}: {item.unit}/{item.condition} day {item.day} lacks the columns ctime, activePower")
    before = -np.inf
    for row in table:
        t = _clock(row["ctime"])
        if t > before:
            yield t, _watts(row["activePower"]), row.get("label") in ("1", "1.0")
            before = t


def _clock(text: str) -> float:
    """Return a row's time: normal days are written the American way, fault days by ISO 8601."""
    if "/" in text:
        return datetime.strptime(text, "%m/%d/%Y %H:%M").replace(tzinfo=UTC).timestamp()
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _watts(text: str) -> str:
    """Return whole watts, as plugs report them: fractions of a watt would tell the inserted rows from the real."""
    return f"{float(text):.0f}" if text.strip() else "unavailable"


def _labels(rows: list[tuple[float, str, bool]], device: str, fault: str) -> Iterator[LabelSpan]:
    """Yield a day's runs of inserted and of real minutes."""
    edges = [index for index in range(1, len(rows)) if rows[index][2] != rows[index - 1][2]]
    stops = [row[0] for row in rows] + [rows[-1][0] + STEP_SECONDS]
    for first, last in pairwise([0, *edges, len(rows)]):
        yield LabelSpan(rows[first][0], stops[last], device, fault if rows[first][2] else "normal")
