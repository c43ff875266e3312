"""CASAS Aruba, home or away: the protocol of a day's grid, its rules, and the model on the same instants.

The home is only scored. What comes back is figures; no row of it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.forecast import Forecast, ForecastRequest, forecast_batch
from custom_components.inkling.core.pipeline import Model
from custom_components.inkling.core.slots import SLOT_SECONDS, SLOTS_PER_DAY, Calendar, SlotView

from ..sources import aruba
from ..trace import OCCUPIED, Trace
from .rules import RULES, DayGrid, boosted, said_by
from .score import HORIZONS_MINUTES, MODEL

_FIRST, _DAYS, _WARM_UP_DAYS = date(2010, 11, 5), 218, 42
_DAY_SLOTS = slice(32, 88)
"""Eight in the morning to ten at night."""
_HOME = "home"
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ArubaHome:
    """When somebody was at home, and the days' grid."""

    edges: Array
    """Instants the state changes, epoch seconds; the first begins a stay."""
    calendar: Calendar
    grid: DayGrid
    midpoints: Array
    """Epoch seconds of each slot's middle by the clock on the wall, shape (days, 96)."""

    def occupied(self, times: Array) -> NDArray[np.bool_]:
        """Return whether somebody is at home at each instant."""
        return np.asarray(self.edges.searchsorted(times, side="right") % 2 == 1)

    def since(self, time: float) -> float:
        """Return when the present state began."""
        return float(self.edges[max(0, int(self.edges.searchsorted(time, side="right")) - 1)])


def read_home(folder: Path) -> ArubaHome:
    """Return the home of the data set's folder."""
    trace = aruba.read(folder)["home"]
    zone = ZoneInfo(trace.timezone)
    edges = _edges(trace)
    days = [_FIRST + timedelta(days=number) for number in range(_DAYS + 3)]
    midnights = np.array([datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() for day in days])
    weekdays = np.array([day.weekday() for day in days[:-1]])
    calendar = Calendar(midnights, np.full(len(weekdays), np.nan, np.float32), weekdays.astype(np.int8))
    midpoints = np.array([list(_midpoints(day, zone)) for day in days[:_DAYS]])
    states = (edges.searchsorted(midpoints, side="right") % 2 == 1).astype(np.float64)
    return ArubaHome(edges, calendar, DayGrid(states, weekdays[:_DAYS]), midpoints)


def _midpoints(day: date, zone: ZoneInfo) -> Iterator[float]:
    """Yield the middle of each slot of a day by the clock on the wall."""
    for slot in range(SLOTS_PER_DAY):
        minute = 15 * slot + 7
        yield datetime(day.year, day.month, day.day, minute // 60, minute % 60, 30, tzinfo=zone).timestamp()


def _edges(trace: Trace) -> Array:
    """Return when somebody came and left, in turns, the first a coming."""
    found: list[float] = []
    for span in sorted(trace.labels, key=lambda item: item.start):
        is_coming = span.label == OCCUPIED
        if is_coming == (len(found) % 2 == 0):
            found.append(span.start)
    return np.array(found)


def model_forecasts(model: Model, home: ArubaHome) -> Array:
    """Return what the model says at every slot of each day after the warm-up, shape (days, 96, horizons)."""
    first = int(home.calendar.midnights[0] // SLOT_SECONDS)
    last = int(home.midpoints[-1, -1] // SLOT_SECONDS)
    shares = _shares(home, first, last)
    found = np.empty((_DAYS - _WARM_UP_DAYS, SLOTS_PER_DAY, len(HORIZONS_MINUTES)))
    for day in range(_WARM_UP_DAYS, _DAYS):
        for slot, now in enumerate(home.midpoints[day].tolist()):
            view = SlotView(first, shares[: int(now // SLOT_SECONDS) - first])
            made = forecast_batch(model, home.calendar, now, [_request(home, now, view)])[_HOME]
            found[day - _WARM_UP_DAYS, slot] = _said(made)
    return found


def _shares(home: ArubaHome, first: int, last: int) -> NDArray[np.float32]:
    """Return the occupied share of each slot of UTC, shape (slots,)."""
    seconds = np.arange(first * SLOT_SECONDS, last * SLOT_SECONDS, 15.0, np.float64)
    shares = home.occupied(seconds + np.float64(7.5)).reshape(last - first, -1).mean(axis=1)
    return np.asarray(shares, np.float32)


def _request(home: ArubaHome, now: float, view: SlotView) -> ForecastRequest:
    """Return the home as it stands; nobody is tracked."""
    occupied = bool(home.occupied(np.array([now]))[0])
    return ForecastRequest(
        room=_HOME,
        history=view,
        probability=0.98 if occupied else 0.02,
        occupied=occupied,
        since=home.since(now),
        people_home=None,
        is_home=True,
    )


def _said(forecast: Forecast) -> Array:
    """Return the probabilities at the horizons, shape (horizons,)."""
    wanted = forecast.made_at + 60.0 * np.array(HORIZONS_MINUTES)
    return np.asarray(np.interp(wanted, forecast.moments, forecast.probabilities))


def score_aruba(
    model: Model | None, folder: Path, *, boosting: bool = True
) -> dict[str, dict[str, Mapping[str, float]]]:
    """Return Brier score and accuracy by horizon and forecaster, all day and from 8 to 22 h."""
    home = read_home(folder)
    days = range(_WARM_UP_DAYS, _DAYS)
    ours = None if model is None else model_forecasts(model, home)
    found: dict[str, dict[str, Mapping[str, float]]] = {}
    for index, minutes in enumerate(HORIZONS_MINUTES):
        lag = minutes // 15
        said = {name: np.array(said_by(rule, home.grid, days, lag)) for name, rule in RULES.items()}
        if boosting:
            said["gradient boosting"] = np.array(boosted(home.grid, _WARM_UP_DAYS, lag))
        if ours is not None:
            said[MODEL] = ours[:, : SLOTS_PER_DAY - lag, index]
        truths = home.grid.states[_WARM_UP_DAYS:, lag:]
        found[f"{minutes} min"] = {name: _figures(truths, values, lag) for name, values in said.items()}
    return found


def _figures(truths: Array, said: Array, lag: int) -> dict[str, float]:
    """Return the figures of one forecaster at one horizon; by day means a target from 8 to 22 h."""
    by_day = slice(max(0, _DAY_SLOTS.start - lag), _DAY_SLOTS.stop - lag)
    parts = {"": slice(None), "_8_22": by_day}
    found: dict[str, float] = {}
    for end, part in parts.items():
        truth, value = truths[:, part], said[:, part]
        found[f"brier{end}"] = float(np.mean((value - truth) ** 2))
        found[f"accuracy{end}"] = float(np.mean((value > 0.5) == (truth > 0.5)))  # noqa: PLR2004 - 0 or 1
    return found
