"""Which days are free: asked of the workday integration or a calendar, and remembered once they are over."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
import logging
import math
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import numpy as np
import voluptuous as vol

from .const import ASK_TIMEOUT_SECONDS, FUTURE_DAYS, PAST_DAYS
from .core.slots import Calendar
from .forecast_options import ForecastOptions
from .slot_store import LearnedStore

_LOGGER = logging.getLogger(__name__)
_KEY = "days"
# An all-day event's moments are dates without a time.
_DATE_LENGTH = len("2026-11-21")


class DayKinds:
    """Keeps the days' kinds by date: True for a free day, absent where nobody knows."""

    def __init__(self, hass: HomeAssistant, store: LearnedStore, options: ForecastOptions) -> None:
        """Begin with what was remembered, unless the user asks somebody else now."""
        self._hass = hass
        self._store = store
        self.options = options
        self._source = [options.workday, options.free_days]
        kept = store.extras.get(_KEY) or {}
        days = kept.get("days", {}) if kept.get("source") == self._source else {}
        self._kinds = {str(day): bool(free) for day, free in days.items()}

    @property
    def known(self) -> Mapping[str, bool]:
        """Return the days whose kind is known, by ISO date."""
        return self._kinds

    def calendar(self) -> Calendar:
        """Return the local days around now, in Home Assistant's time zone."""
        days = _days(dt_util.now().date())
        # One midnight more than days: the end of the last.
        midnights = [dt_util.start_of_local_day(day).timestamp() for day in [*days, days[-1] + timedelta(days=1)]]
        kinds = [self._kinds.get(day.isoformat()) for day in days]
        return Calendar(
            midnights=np.array(midnights),
            free=np.array([math.nan if free is None else float(free) for free in kinds], np.float32),
            weekdays=np.array([day.weekday() for day in days], np.int8),
        )

    async def async_refresh(self) -> bool:
        """Ask about the days that are not over and those nobody told of yet; return whether anything changed."""
        if self.options.workday is None and self.options.free_days is None:
            return False
        today = dt_util.now().date()
        days = _days(today)
        asked = [day for day in days if day >= today or day.isoformat() not in self._kinds]
        found = await self._async_ask(asked)
        kept = {day.isoformat() for day in days}
        kinds = {day: free for day, free in {**self._kinds, **found}.items() if day in kept}
        if kinds == self._kinds:
            return False
        self._kinds = kinds
        self._store.keep(_KEY, {"source": self._source, "days": kinds})
        return True

    async def _async_ask(self, days: list[date]) -> dict[str, bool]:
        """Return the kind of each of these days that anybody knows: free if either source says so."""
        found: dict[str, bool] = {}
        if self.options.workday is not None:
            found |= await self._async_workdays(self.options.workday, days)
        if self.options.free_days is not None:
            events = await self._async_events(self.options.free_days, days[0], days[-1] + timedelta(days=1))
            if events is not None:
                spans = _all_day(events)
                for day in (wanted.isoformat() for wanted in days):
                    found[day] = found.get(day, False) or any(start <= day < end for start, end in spans)
        return found

    async def _async_workdays(self, entity_id: str, days: Iterable[date]) -> dict[str, bool]:
        """Return which of these days are no work days, as far as the workday integration answers."""
        found = {}
        for day in days:
            answer = await self._async_call("workday", "check_date", entity_id, {"check_date": day.isoformat()})
            if answer is None:
                break
            found[day.isoformat()] = not answer.get("workday", True)
        return found

    async def _async_events(self, entity_id: str, start: date, end: date) -> list[Mapping[str, Any]] | None:
        """Return a calendar's events from one day to before another, None when it does not answer."""
        span = {
            "start_date_time": dt_util.start_of_local_day(start).isoformat(),
            "end_date_time": dt_util.start_of_local_day(end).isoformat(),
        }
        answer = await self._async_call("calendar", "get_events", entity_id, span)
        return None if answer is None else list(answer.get("events", ()))

    async def _async_call(
        self, domain: str, service: str, entity_id: str, data: Mapping[str, str]
    ) -> Mapping[str, Any] | None:
        """Return what an entity answers to an action, None when it cannot be asked now."""
        try:
            async with asyncio.timeout(ASK_TIMEOUT_SECONDS):
                answer = await self._hass.services.async_call(
                    domain, service, {"entity_id": entity_id, **data}, blocking=True, return_response=True
                )
        except (HomeAssistantError, TimeoutError, vol.Invalid) as err:
            # It may not be there yet; it is asked again when it comes, and at midnight.
            _LOGGER.debug("%s does not tell about free days now: %r", entity_id, err)
            return None
        found = (answer or {}).get(entity_id)
        return found if isinstance(found, Mapping) else None


def _days(today: date) -> list[date]:
    """Return the days that are learned from, and the next ones."""
    return [today + timedelta(days=offset) for offset in range(-PAST_DAYS, FUTURE_DAYS)]


def _all_day(events: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the first day of each all-day event and the day after its last, as ISO dates."""
    spans = [(str(event.get("start")), str(event.get("end"))) for event in events]
    return [span for span in spans if {len(moment) for moment in span} == {_DATE_LENGTH}]
