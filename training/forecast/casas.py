"""casas_al_home: its labelled rooms and the home, forecast as they went; evaluation only, figures alone come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.forecast import BASELINES, ForecastRequest, forecast_batch
from custom_components.inkling.core.pipeline import Model
from custom_components.inkling.core.slots import SLOT_SECONDS, Calendar, SlotView

from ..sources import casas
from ..trace import OCCUPIED, Trace, zone_of
from .homes import HOME
from .score import HORIZONS_MINUTES, MODEL, ScoredRoom, at_horizons

_MINUTE_SECONDS = 60.0
_MINUTES_PER_SLOT = int(SLOT_SECONDS / _MINUTE_SECONDS)
_WARM_UP_DAYS = 7
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Timeline:
    """One room by the minute from a slot's start: 1 occupied, 0 vacant, NaN where no label tells."""

    start: float
    states: Array

    def shares(self) -> NDArray[np.float32]:
        """Return the occupied share of each slot, NaN where less than half of it is known, shape (slots,)."""
        slots = self.states.reshape(-1, _MINUTES_PER_SLOT)
        known = np.isfinite(slots).sum(axis=1)
        sums = np.nansum(slots, axis=1)
        return np.where(2 * known >= _MINUTES_PER_SLOT, sums / np.maximum(known, 1), np.nan).astype(np.float32)

    def since(self) -> NDArray[np.int64]:
        """Return the minute since which each minute's state stands, shape of the states."""
        codes = np.nan_to_num(self.states, nan=-1.0)
        begins = np.append(True, codes[1:] != codes[:-1])
        return np.maximum.accumulate(np.where(begins, np.arange(len(codes)), 0))


def score_casas(model: Model, folder: Path) -> list[ScoredRoom]:
    """Return the home's labelled rooms and the home, forecast every quarter of an hour after a week."""
    trace = casas.read(folder)["home"]
    calendar = _calendar(trace)
    lines = {room.id: _timeline(trace, room.id, calendar) for room in trace.rooms}
    lines[HOME] = _home_timeline(trace, calendar)
    shares = {name: line.shares() for name, line in lines.items()}
    since = {name: line.since() for name, line in lines.items()}
    first = _WARM_UP_DAYS * 24 * 60
    last = len(lines[HOME].states) - max(HORIZONS_MINUTES)
    minutes = np.arange(first, last, _MINUTES_PER_SLOT) + _MINUTES_PER_SLOT // 2
    found: list[dict[str, dict[str, Array]]] = []
    for minute in minutes.tolist():
        requests = [_request(name, line, minute, shares[name], since[name]) for name, line in lines.items()]
        made = forecast_batch(model, calendar, lines[HOME].start + minute * _MINUTE_SECONDS, requests)
        found.append({name: at_horizons(forecast) for name, forecast in made.items()})
    ahead = np.array(HORIZONS_MINUTES)
    return [
        ScoredRoom(
            trace.name,
            name,
            line.states[minutes[:, None] + ahead],
            {rule: np.array([at[name][rule] for at in found]) for rule in (MODEL, *BASELINES)},
        )
        for name, line in lines.items()
    ]


def _calendar(trace: Trace) -> Calendar:
    """Return the days of the recording and a few beyond."""
    zone = zone_of(trace)
    begin, end = (datetime.fromtimestamp(edge, zone).date() for edge in _span(trace))
    days = [begin + timedelta(days=number) for number in range((end - begin).days + 5)]
    midnights = [datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() for day in days]
    weekdays = np.array([day.weekday() for day in days[:-1]], np.int8)
    return Calendar(np.array(midnights), np.full(len(weekdays), np.nan, np.float32), weekdays)


def _span(trace: Trace) -> tuple[float, float]:
    """Return when the labels begin and end."""
    return min(span.start for span in trace.labels), max(span.end for span in trace.labels)


def _blank(trace: Trace, calendar: Calendar, value: float) -> Timeline:
    """Return a timeline of the whole recording that says one thing."""
    start = float(calendar.midnights[0])
    slots = int((_span(trace)[1] - start) // SLOT_SECONDS)
    return Timeline(start, np.full(slots * _MINUTES_PER_SLOT, value))


def _timeline(trace: Trace, target: str, calendar: Calendar) -> Timeline:
    """Return what the labels tell of a room."""
    line = _blank(trace, calendar, np.nan)
    for begin, end, value in _labelled(trace, target, line.start):
        line.states[begin:end] = value
    return line


def _home_timeline(trace: Trace, calendar: Calendar) -> Timeline:
    """Return the home: somebody is there but from a leaving to the next entering."""
    line = _blank(trace, calendar, 1.0)
    line.states[: int((_span(trace)[0] - line.start) / _MINUTE_SECONDS)] = np.nan
    for begin, end, value in _labelled(trace, HOME, line.start):
        line.states[begin:end] = value
    return line


def _labelled(trace: Trace, target: str, start: float) -> Iterator[tuple[int, int, float]]:
    """Yield the minutes of a target's labels and what they say."""
    for span in trace.labels:
        if span.target == target:
            begin, end = (round((edge - start) / _MINUTE_SECONDS) for edge in (span.start, span.end))
            yield begin, end, 1.0 if span.label == OCCUPIED else 0.0


def _request(
    name: str, line: Timeline, minute: int, shares: NDArray[np.float32], since: NDArray[np.int64]
) -> ForecastRequest:
    """Return a room as its labels show it at a minute."""
    state = line.states[minute]
    is_known = bool(np.isfinite(state))
    stop = minute // _MINUTES_PER_SLOT
    return ForecastRequest(
        room=name,
        history=SlotView(int(line.start // SLOT_SECONDS), shares[:stop]),
        probability=(0.98 if state else 0.02) if is_known else None,
        occupied=bool(state) if is_known else None,
        since=line.start + float(since[minute]) * _MINUTE_SECONDS if is_known else None,
        people_home=None,
        is_home=name == HOME,
    )
