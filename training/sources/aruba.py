"""CASAS Aruba (one home, 220 days): when its resident left and came back; evaluation only.

The data may not be passed on: no row and nothing fitted on it enters a model or this repository. The table holds
activities, not events, so the trace has one signal, the resident at home or not: it is for forecasts, whose truth lies
ahead of what they saw, and no score of who is home now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.inkling.core.units import Role

from ..trace import OCCUPIED, VACANT, LabelSpan, Readings, SignalInfo, Trace, TraceError
from .tables import read_csv

ADDRESS = "https://github.com/sush30/adl_recog"
LICENCE = "CASAS terms: evaluation only, not to be passed on"
CREDIT = "Washington State University, CASAS smart home project, data set Aruba"
# The second is its name where it lies in public.
FILES = ("aruba_activities.csv", "aruba.csv")
ZONE = "America/Los_Angeles"
_TIMES = ("start_time", "end_time")
RESIDENT = SignalInfo("person.resident", Role.PERSON)


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity with its true times, epoch seconds."""

    name: str
    start: float
    end: float


def read(folder: Path) -> dict[str, Trace]:
    """Return the home as one trace of being at home and away."""
    path = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if path is None:
        raise TraceError(f"{folder} has no {FILES[0]}: get {FILES[1]} of {ADDRESS}")
    found = sorted(_activities(path), key=lambda item: item.start)
    away = list(away_spells(found))
    if not away:
        raise TraceError(f"{path} has no Leave_Home followed by Enter_Home: is it the data set's own file?")
    edges = [(found[0].start, "home")]
    edges += [(t, state) for start, end in away for t, state in ((start, "not_home"), (end, "home"))]
    trace = Trace(
        name="casas_aruba",
        source=CREDIT,
        licence=LICENCE,
        timezone=ZONE,
        rooms=(),
        signals=(RESIDENT,),
        readings={RESIDENT.id: Readings(np.array([t for t, _ in edges]), tuple(state for _, state in edges))},
        labels=tuple(_labels(edges, max(item.end for item in found))),
    )
    return {"home": trace}


def _activities(path: Path) -> Iterator[Activity]:
    """Yield the table's activities."""
    zone = ZoneInfo(ZONE)
    for row in read_csv(path, ("anot", "date", "start_time", "end_time")):
        # The day is in `date`; the dates of the two times are all the same and mean nothing.
        day = datetime.fromisoformat(row["date"]).date()
        start, end = (datetime.combine(day, datetime.fromisoformat(row[key]).time()) for key in _TIMES)
        if end < start:
            end += timedelta(days=1)
        yield Activity(row["anot"], start.replace(tzinfo=zone).timestamp(), end.replace(tzinfo=zone).timestamp())


def away_spells(activities: Iterable[Activity]) -> Iterator[tuple[float, float]]:
    """Yield from the end of each leaving to the start of the next entering; a few leave twice or enter twice."""
    left: float | None = None
    for item in activities:
        if item.name == "Leave_Home":
            left = item.end
        elif item.name == "Enter_Home" and left is not None:
            if item.start > left:
                yield left, item.start
            left = None


def _labels(edges: list[tuple[float, str]], end: float) -> Iterator[LabelSpan]:
    """Yield the home's occupancy from edge to edge."""
    stops = [t for t, _ in edges[1:]] + [end]
    for (start, state), stop in zip(edges, stops, strict=True):
        if stop > start:
            yield LabelSpan(start, stop, "home", OCCUPIED if state == "home" else VACANT)
