"""Walk a recorded home through the two halves of the watch, as Home Assistant would have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.classes import Alarm, Context, Settings, WatchedSignal
from custom_components.inkling.core.faults.intake import BIN_SECONDS, Intake, raw_value
from custom_components.inkling.core.faults.watch import Watch

from ..trace import Readings, SignalInfo, Trace

Doubles = NDArray[np.float64]
# What came back after all of the home was away is compared with nothing older.
_AFTER_GAP_SECONDS = 7200.0


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


class Home:
    """A recorded home and a watch that has seen it up to an instant."""

    def __init__(
        self,
        signals: tuple[WatchedSignal, ...],
        series: Mapping[str, Series],
        settings: Settings,
        away: tuple[float, float] = (np.inf, np.inf),
    ) -> None:
        """Begin before the first reading; all people are known to be out from the first to the second of `away`."""
        self._away = away
        self.signals = signals
        self.intake = Intake(signals)
        self.watch = Watch(signals, settings)
        self._times, self._rows, self._values = merged(signals, series)
        self.bin = int(self._times[0] // BIN_SECONDS)
        self._place = 0
        self._gap_until = -np.inf

    @property
    def now(self) -> float:
        """Return where the walk stands, epoch seconds."""
        return float(self.bin * BIN_SECONDS)

    @property
    def end(self) -> float:
        """Return when the recording ends, epoch seconds."""
        return float(self._times[-1])

    def branch(self, series: Mapping[str, Series]) -> Self:
        """Return a copy that goes on from here with other readings."""
        other = object.__new__(type(self))
        other.signals = self.signals
        other.intake, other.watch = deepcopy((self.intake, self.watch))
        other._times, other._rows, other._values = merged(self.signals, series)
        other.bin, other._gap_until, other._away = self.bin, self._gap_until, self._away
        other._place = int(np.searchsorted(other._times, self.now))
        return other

    def walk(self, until: float) -> Iterator[Alarm]:
        """Go on to an instant, and yield the alarms as they are raised."""
        while self.now + BIN_SECONDS <= until:
            yield from self._step()

    def _step(self) -> tuple[Alarm, ...]:
        """Feed one bin and judge it."""
        end = self.now + BIN_SECONDS
        stop = int(np.searchsorted(self._times, end))
        append = self.intake.append
        for row, t, value in zip(
            self._rows[self._place : stop].tolist(),
            self._times[self._place : stop].tolist(),
            self._values[self._place : stop].tolist(),
            strict=True,
        ):
            append(row, t, value)
        self._place = stop
        self.bin += 1
        batch = self.intake.drain(end)
        # A recording that says nothing of anything was not running: the watch was not either.
        if np.isnan(batch.value).all():
            self._gap_until = end + _AFTER_GAP_SECONDS
        is_away = self._away[0] <= end < self._away[1]
        return self.watch.tick(batch, Context(end, is_away, is_starting=end < self._gap_until)).opened


def merged(
    signals: tuple[WatchedSignal, ...], series: Mapping[str, Series]
) -> tuple[Doubles, NDArray[np.int64], Doubles]:
    """Return all readings in time order: times, rows of signals, values, shape (n,) each."""
    times = np.concatenate([series[item.id].times for item in signals])
    rows = np.repeat(np.arange(len(signals)), [len(series[item.id].times) for item in signals])
    values = np.concatenate([series[item.id].values for item in signals])
    order = np.argsort(times, kind="stable")
    return times[order], rows[order], values[order]
