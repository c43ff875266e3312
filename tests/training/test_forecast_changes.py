"""Lives that change: the shipped forecast notices a holiday and new hours, and forgets what was before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.forecast import ForecastRequest, forecast_batch, probability_at
from custom_components.inkling.core.pipeline import Model, open_model
from custom_components.inkling.core.slots import SLOT_SECONDS, SLOTS_PER_DAY, Calendar, SlotView

MODELS = Path(__file__).parents[2] / "models"
MONDAY, DAY_SECONDS = 1_780_272_000.0, 86_400.0
OLD_DAYS = 42
EVENING_HOURS, MORNING_HOURS = 18.5, 8.5


@pytest.fixture(scope="module", name="model")
def _model() -> Model:
    """Return the shipped model."""
    return open_model((MODELS / "forecast.json").read_bytes(), (MODELS / "forecast.tflite").read_bytes())


def _used(days: int, later_hour: int | None) -> NDArray[np.float32]:
    """Return slots up to 4 o'clock: used from 18 to 19 h for six weeks, then at another hour or not at all."""
    slots = np.arange((OLD_DAYS + days) * SLOTS_PER_DAY + 16)
    hours = slots % SLOTS_PER_DAY // 4
    is_old = slots // SLOTS_PER_DAY < OLD_DAYS
    return np.where(is_old, hours == 18, hours == later_hour).astype(np.float32)


def _chances(model: Model, days: int, later_hour: int | None) -> tuple[float, float]:
    """Return what is said at 4 o'clock of this morning and this evening, so many days after the change."""
    count = OLD_DAYS + days + 3
    calendar = Calendar(
        np.asarray(MONDAY + DAY_SECONDS * np.arange(count + 1), np.float64),
        np.full(count, np.nan, np.float32),
        (np.arange(count) % 7).astype(np.int8),
    )
    today = MONDAY + (OLD_DAYS + days) * DAY_SECONDS
    shares = _used(days, later_hour)
    request = ForecastRequest(
        room="room",
        history=SlotView(int(MONDAY // SLOT_SECONDS), shares),
        probability=0.02,
        occupied=False,
        since=MONDAY + float(np.flatnonzero(shares)[-1] + 1) * SLOT_SECONDS,
        people_home=None,
        is_home=False,
    )
    found = forecast_batch(model, calendar, today + 4 * 3600.0 + 60.0, [request])["room"]
    morning, evening = (probability_at(found, today + hours * 3600.0) for hours in (MORNING_HOURS, EVENING_HOURS))
    return morning, evening


def test_a_holiday_is_noticed(model: Model) -> None:
    """Expect the usual hour less with each day nobody comes, hardly after three weeks."""
    evenings = [_chances(model, days, None)[1] for days in (0, 3, 7, 21)]
    assert evenings[0] > 0.9
    assert evenings == sorted(evenings, reverse=True)
    assert evenings[2] < 0.6
    assert evenings[3] < 0.3


def test_new_hours_are_noticed(model: Model) -> None:
    """Expect a new hour more and the old one less with each week, the new one above the old after four."""
    found = [_chances(model, days, 8) for days in (0, 7, 28)]
    mornings, evenings = zip(*found, strict=True)
    assert mornings[0] < 0.05
    assert 0.1 < mornings[1] < mornings[2]
    assert evenings[0] > evenings[1] > evenings[2]
    assert mornings[2] > evenings[2]
