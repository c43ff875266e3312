"""One machine's temperature of the Numenta Anomaly Benchmark (79 days, every 5 min, four marked periods): MIT.

Lavin, A. and Ahmad, S. (2015), ICMLA. A period around an event is marked, not its onset: one named case, no headline.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.units import Role

from ..trace import DeviceInfo, LabelSpan, Readings, SignalInfo, Trace, TraceError
from .download import Download
from .tables import read_csv

_BASE = "https://raw.githubusercontent.com/numenta/NAB/ea702d75cc2258d9d7dd35ca8e5e2539d71f3140"
ADDRESS = "https://github.com/numenta/NAB"
LICENCE = "MIT"
CREDIT = "Numenta Anomaly Benchmark, machine_temperature_system_failure"
FILE = "machine_temperature_system_failure.csv"
_KEY = f"realKnownCause/{FILE}"
_WINDOW_FILES = ("windows.json", "combined_windows.json")
DOWNLOADS = (
    Download(FILE, f"{_BASE}/data/{_KEY}", "92bf5b87fc7f9bba8ca0b7ec63ccaac8cb4a1371a258e8c29a10ae9c018d82a4"),
    Download(
        "combined_windows.json",
        f"{_BASE}/labels/combined_windows.json",
        "1e1fbc4601321aad8d0f8b3784c8134299379f68f6c1f7777565f8ffd57ab6b1",
        instead="windows.json",
    ),
)
MACHINE = DeviceInfo("machine", "machine")
# The unit is nowhere stated, and some values are above any room's.
SIGNAL = SignalInfo("machine_temperature", Role.GENERIC, "", "", MACHINE.id)
EVENT = "fault:known_event"
STEP_SECONDS = 300.0


def read(folder: Path) -> dict[str, Trace]:
    """Return the machine's trace."""
    rows = read_csv(folder / FILE, ("timestamp", "value"))
    told = np.array([_clock(row["timestamp"]) for row in rows])
    times = told + behind(told)
    trace = Trace(
        name="nab machine temperature",
        source=CREDIT,
        licence=LICENCE,
        timezone="UTC",
        rooms=(),
        devices=(MACHINE,),
        signals=(SIGNAL,),
        readings={SIGNAL.id: Readings(times, tuple(row["value"] for row in rows))},
        labels=tuple(_labels(times, told, _windows(folder))),
    )
    return {"machine": trace}


def _clock(text: str) -> float:
    """Return what the machine's clock said, as if it were UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def behind(told: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far the clock had been set back before each row: an hour came twice, its rows are not out of order."""
    steps = np.diff(told, prepend=told[0] - STEP_SECONDS)
    lost: NDArray[np.float64] = np.cumsum(np.where(steps <= 0.0, STEP_SECONDS - steps, 0.0))
    return lost


def _windows(folder: Path) -> list[tuple[float, float]]:
    """Return the marked periods by the machine's clock, from the benchmark's file or what was cut from it."""
    path = next((folder / name for name in _WINDOW_FILES if (folder / name).is_file()), folder / _WINDOW_FILES[1])
    try:
        pairs = json.loads(path.read_text(encoding="utf-8"))[_KEY]
        return [(_clock(start), _clock(end)) for start, end in pairs]
    except FileNotFoundError as err:
        raise TraceError(f"{path} is not there: get labels/combined_windows.json of {ADDRESS}") from err
    except (ValueError, KeyError, TypeError) as err:
        raise TraceError(f"{path} has no windows of {_KEY}: is it the benchmark's own file?") from err


def _labels(
    times: NDArray[np.float64], told: NDArray[np.float64], windows: list[tuple[float, float]]
) -> Iterator[LabelSpan]:
    """Yield the marked periods, and what lies between them as normal."""
    at = float(times[0])
    for start, end in windows:
        inside = times[(told >= start) & (told <= end)]
        if not len(inside):
            continue
        first, stop = float(inside[0]), float(inside[-1]) + STEP_SECONDS
        if first > at:
            yield LabelSpan(at, first, MACHINE.id, "normal")
        yield LabelSpan(first, stop, MACHINE.id, EVENT)
        at = stop
    if times[-1] + STEP_SECONDS > at:
        yield LabelSpan(at, float(times[-1]) + STEP_SECONDS, MACHINE.id, "normal")
