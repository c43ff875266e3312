"""The flat of the demo for a whole recorded day: Inkling in every room, each signal under its name there."""

from datetime import timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.const import DOMAIN
from scripts.demo_home.plan import Plan, PlannedEntity, make_plan
from training.trace import read_trace

from .conftest import add_entity, room_data, settle

TRACE = Path(__file__).parents[2] / "scripts" / "demo_home" / "trace"
FRONT_DOOR = "binary_sensor.hallway_front_door"
HORIZONS = ["15", "30", "60", "120"]
TICK = timedelta(minutes=1)


def read_plan() -> Plan:
    """Return the flat's entities and its day."""
    trace = read_trace(TRACE)
    first = min(item.times[0] for item in trace.readings.values())
    return make_plan(trace, float(first), 0.0, 1.0)


def flat_entry(hass: HomeAssistant, plan: Plan) -> MockConfigEntry:
    """Return an entry with every room of the flat and every horizon shown."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Inkling",
        subentries_data=[_room(hass, plan, room) for room in plan.rooms],
        options={"forecast_horizons": HORIZONS, "exit_doors": [FRONT_DOOR], "people": []},
    )
    entry.add_to_hass(hass)
    return entry


def _room(hass: HomeAssistant, plan: Plan, room: str) -> ConfigSubentryData:
    """Return a room with all that is mounted in it."""
    area = ar.async_get(hass).async_create(room)
    roles: dict[str, list[str]] = {}
    for entity in plan.entities:
        if entity.area == room:
            kind, unit = entity.device_class, entity.unit or None
            add_entity(hass, entity.entity_id, area_id=area.id, original_device_class=kind, unit_of_measurement=unit)
            roles.setdefault(entity.role, []).append(entity.entity_id)
    return room_data(room, area.id, roles)


async def replay(hass: HomeAssistant, freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """Let the day happen: what is on or off at its own moment, numbers by the minute, as the clock does its rounds."""
    begin_seconds = plan.anchor.wall_seconds
    minute = dt_util.utc_from_timestamp(begin_seconds)
    for position_seconds, index, state in plan.timeline:
        t = dt_util.utc_from_timestamp(begin_seconds + position_seconds)
        while t - minute >= TICK:
            minute += TICK
            freezer.move_to(minute)
            async_fire_time_changed(hass)
            await settle(hass)
        freezer.move_to(t)
        entity = plan.entities[index]
        hass.states.async_set(entity.entity_id, state, _attributes(entity))
        if not entity.unit:
            await settle(hass)


def _attributes(entity: PlannedEntity) -> dict[str, str]:
    """Return what tells how a number is to be read."""
    return {"unit_of_measurement": entity.unit} if entity.unit else {}
