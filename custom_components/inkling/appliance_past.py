"""The recorder's days through an appliance's judge: to learn from, to catch up with, to say what would have been."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
import math

from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from .appliance_config import WEATHER, outdoor_celsius
from .appliance_days import Readings, Watched, day_of, midnight_after
from .const import BACKTEST_PAUSE_SECONDS
from .core.faults.intake import raw_value
from .core.units import Role
from .history import Slice, async_query, async_rows
from .ingest import unit_of


async def async_replay(
    hass: HomeAssistant,
    appliances: Mapping[str, Watched],
    start: float,
    end: float,
    *,
    gap_at: float | None = None,
    on_progress: Callable[[float], None] = lambda _: None,
) -> float | None:
    """Feed appliances what the recorder holds from `start` to `end` (epoch seconds), a local day at a time.

    Return when its rows begin, `end` without any, None when they cannot be read. What was done between the last row
    before `gap_at` and the next one is not known, since Home Assistant was not running.
    """
    first, since = end, start
    lost: dict[str, float] = {}
    if gap_at is not None:
        lost = {key: await _async_lost(hass, item, gap_at) for key, item in appliances.items()}
    while since < end:
        until = min(midnight_after(day_of(since)), end)
        for key, item in appliances.items():
            found = await _async_day(hass, item, since, until)
            if found is None:
                return None
            power, inside, outdoor = found
            if since <= (at := lost.get(key, -math.inf)) < until:
                power = [
                    *(row for row in power if row[0] <= at),
                    (at, math.nan),
                    *(row for row in power if row[0] > at),
                ]
            if power:
                first = min(first, power[0][0])
            if power or not math.isnan(item.heard):
                await hass.async_add_executor_job(_walk, item, power, inside, outdoor, until)
        since = until
        on_progress((since - start) / (end - start))
        await asyncio.sleep(BACKTEST_PAUSE_SECONDS)
    return first


def _walk(item: Watched, power: Readings, inside: Readings, outdoor: float, until: float) -> None:
    """Take a day in; runs in a worker."""
    if math.isnan(item.heard):
        item.open.day = day_of(power[0][0])
    item.open.note(outdoor, is_usual=True, is_away=False)
    item.take(power, inside, until)


async def _async_lost(hass: HomeAssistant, item: Watched, gap_at: float) -> float:
    """Return when an appliance was last heard of before Home Assistant ended."""
    entity_id = item.config.entity_id
    rows = await async_rows(hass, Slice(entity_id, frozenset({Role.POWER}), gap_at, gap_at, unit_of(hass, entity_id)))
    said = [max(updated, reported or updated) for _, updated, reported in rows or () if updated < gap_at]
    return max([item.heard, *(min(t, gap_at) for t in said)])


async def _async_day(
    hass: HomeAssistant, item: Watched, start: float, end: float
) -> tuple[Readings, Readings, float] | None:
    """Return a day's power, inside temperature, and mean outdoors; None when the recorder cannot be read."""
    config = item.config
    power = await _async_readings(hass, config.entity_id, Role.POWER, start, end)
    inside: Readings | None = []
    if config.inside is not None:
        inside = await _async_readings(hass, config.inside, Role.TEMPERATURE, start, end)
    outdoor: Readings | None = []
    if config.outdoor is not None:
        outdoor = await _async_outdoor(hass, config.outdoor, start, end)
    if power is None or inside is None or outdoor is None:
        return None
    known = [value for _, value in outdoor if not math.isnan(value)]
    return power, inside, sum(known) / len(known) if known else math.nan


async def _async_readings(hass: HomeAssistant, entity_id: str, role: Role, start: float, end: float) -> Readings | None:
    """Return what an entity said in a stretch."""
    unit = unit_of(hass, entity_id)
    rows = await async_rows(hass, Slice(entity_id, frozenset({role}), start, end, unit))
    if rows is None:
        return None
    found: Readings = []
    for state, updated, reported in rows:
        value = raw_value(role, state or "", unit)
        # The row before it was yesterday's.
        if value is None or updated < start:
            continue
        found.append((updated, value))
        if reported is not None and updated < reported <= end:
            found.append((reported, value))
    return found


async def _async_outdoor(hass: HomeAssistant, entity_id: str, start: float, end: float) -> Readings | None:
    """Return how warm it was outdoors."""
    if not entity_id.startswith(f"{WEATHER}."):
        return await _async_readings(hass, entity_id, Role.TEMPERATURE, start, end)
    return await async_query(hass, partial(_weather, hass, entity_id, start, end))


def _weather(hass: HomeAssistant, entity_id: str, start: float, end: float) -> Readings:
    """Return a weather entity's temperatures, which are attributes; runs in the recorder's threads."""
    # The recorder's tables are loaded with the recorder only.
    from homeassistant.components.recorder.history import get_significant_states  # noqa: PLC0415

    span = (dt_util.utc_from_timestamp(start), dt_util.utc_from_timestamp(end))
    found = get_significant_states(hass, *span, [entity_id], significant_changes_only=False)
    states = [state for state in found.get(entity_id, []) if isinstance(state, State)]
    return [(state.last_updated_timestamp, outdoor_celsius(state)) for state in states]
