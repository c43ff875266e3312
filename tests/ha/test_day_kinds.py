"""Free days: asked of the workday integration or a calendar, remembered, and laid out as local days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import numpy as np
import pytest

from custom_components.inkling.const import FUTURE_DAYS, PAST_DAYS
from custom_components.inkling.day_kinds import DayKinds
from custom_components.inkling.forecast_options import ForecastOptions
from custom_components.inkling.slot_store import LearnedStore

WORKDAY, CALENDAR = "binary_sensor.workday", "calendar.off"
DAYS = PAST_DAYS + FUTURE_DAYS


@pytest.fixture(autouse=True)
async def _amsterdam(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Put the home where clocks change, on the Wednesday after they did."""
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    freezer.move_to(datetime(2026, 10, 28, 12, tzinfo=UTC))


def options(*, workday: bool = False, calendar: bool = False) -> ForecastOptions:
    """Return options with some of the sources."""
    return ForecastOptions(
        horizons_minutes=(30,),
        threshold=0.5,
        workday=WORKDAY if workday else None,
        free_days=CALENDAR if calendar else None,
    )


def offer_workdays(hass: HomeAssistant) -> list[date]:
    """Let a workday sensor answer that people work from Monday to Friday; return the days it is asked about."""
    asked: list[date] = []

    async def check(call: ServiceCall) -> ServiceResponse:
        """Tell whether people work on a day."""
        asked.append(date.fromisoformat(call.data["check_date"]))
        return {WORKDAY: {"workday": asked[-1].weekday() < 5}}

    hass.services.async_register("workday", "check_date", check, supports_response=SupportsResponse.ONLY)
    return asked


def offer_events(hass: HomeAssistant, events: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Let a calendar answer with events; return what it is asked."""
    asked: list[dict[str, Any]] = []

    async def get_events(call: ServiceCall) -> ServiceResponse:
        """Tell the events."""
        asked.append(dict(call.data))
        return {CALENDAR: {"events": [dict[str, JsonValueType](event) for event in events]}}

    hass.services.async_register("calendar", "get_events", get_events, supports_response=SupportsResponse.ONLY)
    return asked


async def test_nobody_is_asked(hass: HomeAssistant) -> None:
    """Know weekdays and midnights without knowing any day's kind; the day the clock went back has 25 hours."""
    kinds = DayKinds(hass, LearnedStore(hass, "x"), options())
    assert not await kinds.async_refresh()
    calendar = kinds.calendar()
    assert np.isnan(calendar.free).all()
    assert calendar.weekdays[PAST_DAYS] == 2
    lengths = np.diff(calendar.midnights) / 3600.0
    assert lengths[PAST_DAYS - 3] == 25.0
    assert set(np.delete(lengths, PAST_DAYS - 3)) == {24.0}
    assert calendar.midnights[PAST_DAYS] == datetime(2026, 10, 27, 23, tzinfo=UTC).timestamp()


async def test_workdays_are_asked_once(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Ask about every day at first, then only about those that are not over, over a restart as well."""
    asked = offer_workdays(hass)
    store = LearnedStore(hass, "x")
    await store.async_load([])
    kinds = DayKinds(hass, store, options(workday=True))
    assert await kinds.async_refresh()
    await store.async_close()
    assert len(asked) == DAYS
    free = kinds.calendar().free
    assert free[PAST_DAYS] == 0.0
    assert free.sum() == sum(day.weekday() >= 5 for day in asked)
    asked.clear()
    freezer.tick(timedelta(days=1))
    store = LearnedStore(hass, "x")
    await store.async_load([])
    again = DayKinds(hass, store, options(workday=True))
    assert len(again.known) == DAYS
    assert await again.async_refresh()
    assert asked == [date(2026, 10, 29), date(2026, 10, 30), date(2026, 10, 31)]
    assert not await again.async_refresh()
    await store.async_close()


async def test_days_off_are_added_to_holidays(hass: HomeAssistant) -> None:
    """Call a day free that either source calls free; an appointment is no day off."""
    offer_workdays(hass)
    asked = offer_events(
        hass,
        [
            {"start": "2026-10-28", "end": "2026-10-30", "summary": "Away"},
            {"start": "2026-10-30T09:00:00+01:00", "end": "2026-10-30T10:00:00+01:00", "summary": "Dentist"},
        ],
    )
    kinds = DayKinds(hass, LearnedStore(hass, "x"), options(workday=True, calendar=True))
    assert await kinds.async_refresh()
    assert list(kinds.calendar().free[PAST_DAYS - 1 :]) == [0.0, 1.0, 1.0, 0.0]
    (span,) = asked
    assert dt_util.parse_datetime(str(span["start_date_time"])) == dt_util.start_of_local_day(
        date(2026, 10, 28) - timedelta(days=PAST_DAYS)
    )


async def test_calendar_alone(hass: HomeAssistant) -> None:
    """Take every other day for a work day, and a holiday that began long ago for free to its end."""
    offer_events(hass, [{"start": "2024-01-01", "end": "2026-10-29", "summary": "Sabbatical"}])
    kinds = DayKinds(hass, LearnedStore(hass, "x"), options(calendar=True))
    assert await kinds.async_refresh()
    free = kinds.calendar().free
    assert free[: PAST_DAYS + 1].min() == 1.0
    assert list(free[PAST_DAYS + 1 :]) == [0.0, 0.0]


async def test_another_source_is_asked_anew(hass: HomeAssistant) -> None:
    """Forget what one source said when the user asks another."""
    offer_workdays(hass)
    store = LearnedStore(hass, "x")
    await DayKinds(hass, store, options(workday=True)).async_refresh()
    assert DayKinds(hass, store, options(workday=True)).known
    assert not DayKinds(hass, store, options(calendar=True)).known


async def test_a_source_that_is_not_there(hass: HomeAssistant) -> None:
    """Know nothing while the action does not exist, fails, takes too long or answers for others."""
    both = options(workday=True, calendar=True)
    kinds = DayKinds(hass, LearnedStore(hass, "x"), both)
    assert not await kinds.async_refresh()

    async def fail(_: ServiceCall) -> ServiceResponse:
        """Break."""
        raise HomeAssistantError("out of order")

    async def late(_: ServiceCall) -> ServiceResponse:
        """Take too long."""
        raise TimeoutError

    async def stray(_: ServiceCall) -> ServiceResponse:
        """Answer for somebody else."""
        return {"calendar.other": {"events": []}}

    hass.services.async_register("workday", "check_date", fail, supports_response=SupportsResponse.ONLY)
    for answer in (late, stray):
        hass.services.async_register("calendar", "get_events", answer, supports_response=SupportsResponse.ONLY)
        assert not await kinds.async_refresh()
    assert np.isnan(kinds.calendar().free).all()
