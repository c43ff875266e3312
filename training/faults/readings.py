"""A trace's readings as the watch takes them: numbers in the role's unit, and which signals are watched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.classes import WatchedSignal
from custom_components.inkling.core.faults.intake import raw_value

from ..trace import Readings, SignalInfo, Trace

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """One signal as numbers: times (n,) rising, values (n,) in the role's unit, NaN while unavailable."""

    times: Doubles
    values: Doubles


def watched(trace: Trace) -> tuple[WatchedSignal, ...]:
    """Return the signals of a trace that have readings, as they are watched."""
    return tuple(
        WatchedSignal(item.id, item.role, item.room, item.device, on_off=_is_on_off(trace, item))
        for item in trace.signals
        if len(trace.readings[item.id].times) and item.role != "person"
    )


def _is_on_off(trace: Trace, item: SignalInfo) -> bool:
    """Return whether a generic signal says on and off rather than numbers."""
    return item.role == "generic" and bool({"on", "off"} & set(trace.readings[item.id].states[:200]))


def series_of(readings: Readings, item: SignalInfo) -> Series:
    """Return a signal's readings as numbers, without those that are no news."""
    known: dict[str, float | None] = {}
    found = []
    for state in readings.states:
        if state not in known:
            known[state] = raw_value(item.role, state, item.unit or None)
        found.append(known[state])
    keep = np.array([value is not None for value in found], dtype=bool)
    values = np.array([np.nan if value is None else value for value in found])
    return Series(readings.times[keep], values[keep])


def all_series(trace: Trace) -> dict[str, Series]:
    """Return every watched signal's numbers."""
    infos = {item.id: item for item in trace.signals}
    return {item.id: series_of(trace.readings[item.id], infos[item.id]) for item in watched(trace)}
