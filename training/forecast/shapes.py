"""Rooms whose future anybody would know: one used every day from 18 to 19 h, and one that is never used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.forecast import Forecast, ForecastRequest, forecast_batch, probability_at
from custom_components.inkling.core.pipeline import Model
from custom_components.inkling.core.slots import SLOT_SECONDS, SLOTS_PER_DAY, Calendar, SlotView

from .homes import ORIGIN

_DAYS = 28
_DAY_SECONDS = 86_400.0
_BEGIN_HOURS, _END_HOURS = 18.0, 19.0
_NIGHT_HOURS, _MIDDLE_HOURS = 3.0, 18.5


@dataclass(frozen=True, slots=True)
class Shapes:
    """The worst over forecasts made at every quarter of an hour of a day."""

    at_three: float
    at_half_past_six: float
    never_used: float


def measure_shapes(model: Model) -> Shapes:
    """Return what the model says of rooms that have done the same for four weeks."""
    calendar = Calendar(
        np.asarray(ORIGIN + _DAY_SECONDS * np.arange(_DAYS + 4), np.float64),
        np.full(_DAYS + 3, np.nan, np.float32),
        (np.arange(_DAYS + 3) % 7).astype(np.int8),
    )
    night, middle, never = [], [], []
    for quarter in range(SLOTS_PER_DAY):
        now = ORIGIN + _DAYS * _DAY_SECONDS + quarter * SLOT_SECONDS + 60.0
        found = forecast_batch(model, calendar, now, [_clock_room(now), _empty_room(now)])
        night.append(_next(found["clock"], _NIGHT_HOURS))
        middle.append(_next(found["clock"], _MIDDLE_HOURS))
        never.append(float(found["empty"].probabilities.max()))
    return Shapes(max(night), min(middle), max(never))


def _next(forecast: Forecast, hours: float) -> float:
    """Return the probability when the clock next shows an hour."""
    moment = ORIGIN + hours * 3600.0
    moment += np.ceil((forecast.made_at - moment) / _DAY_SECONDS) * _DAY_SECONDS
    return probability_at(forecast, float(moment))


def _is_used(slots: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which slots the room is used in."""
    hours = slots % SLOTS_PER_DAY / 4.0
    return np.asarray((hours >= _BEGIN_HOURS) & (hours < _END_HOURS))


def _clock_room(now: float) -> ForecastRequest:
    """Return the room that is used by the clock."""
    slots = np.arange(int((now - ORIGIN) // SLOT_SECONDS))
    hour = (now - ORIGIN) % _DAY_SECONDS / 3600.0
    occupied = _BEGIN_HOURS <= hour < _END_HOURS
    edge = _BEGIN_HOURS if occupied else _END_HOURS
    lasted = (hour - edge) % 24.0 * 3600.0
    return _request("clock", _is_used(slots), occupied=occupied, since=now - lasted)


def _empty_room(now: float) -> ForecastRequest:
    """Return the room that is never used."""
    return _request("empty", np.zeros(int((now - ORIGIN) // SLOT_SECONDS)), occupied=False, since=ORIGIN)


def _request(room: str, shares: NDArray[Any], *, occupied: bool, since: float) -> ForecastRequest:
    """Return a room as it stands."""
    return ForecastRequest(
        room=room,
        history=SlotView(int(ORIGIN // SLOT_SECONDS), shares.astype(np.float32)),
        probability=0.98 if occupied else 0.02,
        occupied=occupied,
        since=since,
        people_home=None,
        is_home=False,
    )
