"""A Home Assistant with the repository's blueprints, a real thermostat, and Inkling's entities as published."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.core.slots import SLOT_SECONDS, SLOTS_PER_DAY
from custom_components.inkling.outlook import HorizonOutlook, Outlook, curve
from custom_components.inkling.sensor_forecast import ROOM_NEXT
from tests.architecture.sources import ROOT

BLUEPRINTS = ROOT / "blueprints" / "automation" / "inkling"
OCCUPANCY, NEXT, WINDOW = "binary_sensor.office_occupancy", "sensor.office_next_occupied", "binary_sensor.office_window"
THERMOSTAT, HEATER, THERMOMETER = "climate.office", "input_boolean.heater", "sensor.office_temperature"
AUTOMATION = "automation.office"


def install(hass: HomeAssistant, folder: Path) -> None:
    """Put the blueprints where Home Assistant looks for them, as an import does."""
    hass.config.config_dir = str(folder)
    # The clock jumps by minutes, which is no slow callback.
    hass.loop.slow_callback_duration = float("inf")
    shutil.copytree(BLUEPRINTS, folder / "blueprints" / "automation" / "inkling")


async def turn(hass: HomeAssistant) -> None:
    """Let what is at hand happen; waiting for all of it would last as long as the automation leaves something alone."""
    for _ in range(40):
        await asyncio.sleep(0)


async def end(hass: HomeAssistant) -> None:
    """End the automation and what it waits for, so that no timer outlives its test."""
    if hass.states.get(AUTOMATION) is not None:
        await hass.services.async_call("automation", "turn_off", {"entity_id": AUTOMATION}, blocking=True)
    await hass.async_block_till_done()


async def automate(hass: HomeAssistant, blueprint: str, **inputs: object) -> None:
    """Set up one automation from a blueprint."""
    use = {"path": f"inkling/{blueprint}.yaml", "input": inputs}
    config = {"automation": [{"id": "office", "alias": "Office", "use_blueprint": use}]}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()
    assert hass.states.is_state(AUTOMATION, "on")


async def add_thermostat(hass: HomeAssistant, temperature: float, **options: object) -> None:
    """Set up Home Assistant's own generic thermostat, which heats by a switch after a thermometer."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"heater": None}})
    show_temperature(hass, temperature)
    entry = MockConfigEntry(
        domain="generic_thermostat",
        title="Office",
        options={
            "name": "Office",
            "heater": HEATER,
            "target_sensor": THERMOMETER,
            "ac_mode": False,
            "cold_tolerance": 0.3,
            "hot_tolerance": 0.3,
            **options,
        },
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await turn(hass)


async def add_lamp(hass: HomeAssistant) -> None:
    """Set up Home Assistant's own template light, which keeps whether it is on and how bright."""
    helpers = {"input_boolean": {"lamp": None}, "input_number": {"lamp": {"min": 0, "max": 255}}}
    for name, config in helpers.items():
        assert await async_setup_component(hass, name, {name: config})
    switch, level = {"entity_id": "input_boolean.lamp"}, {"entity_id": "input_number.lamp"}
    bright = {"action": "input_number.set_value", "target": level, "data": {"value": "{{ brightness }}"}}
    lamp = {
        "name": "Office lamp",
        "state": "{{ is_state('input_boolean.lamp', 'on') }}",
        "level": "{{ states('input_number.lamp') | int(0) }}",
        "turn_on": {"action": "input_boolean.turn_on", "target": switch},
        "turn_off": {"action": "input_boolean.turn_off", "target": switch},
        "set_level": [bright, {"action": "input_boolean.turn_on", "target": switch}],
    }
    assert await async_setup_component(hass, "template", {"template": [{"light": [lamp]}]})
    await turn(hass)


def show_temperature(hass: HomeAssistant, temperature: float) -> None:
    """Let the room's thermometer read a temperature."""
    hass.states.async_set(THERMOMETER, f"{temperature:.2f}", {"unit_of_measurement": "°C"})


def set_point(hass: HomeAssistant) -> float | None:
    """Return what the thermostat is set to."""
    state = hass.states.get(THERMOSTAT)
    assert state is not None
    return state.attributes.get("temperature")


async def call(hass: HomeAssistant, action: str, **data: object) -> None:
    """Call an action on the thermostat and let everything settle."""
    domain, name = action.split(".")
    await hass.services.async_call(domain, name, {"entity_id": THERMOSTAT, **data}, blocking=True)
    await turn(hass)


def publish(hass: HomeAssistant, outlook: Outlook, threshold: float = 0.5) -> None:
    """Show an outlook as the Next occupied sensor of Inkling would, by the sensor's own row."""
    row = ROOM_NEXT[0]
    moment = row.value_fn(outlook, None)
    attributes = {
        **row.attributes_fn(outlook, None),
        "forecast": curve(outlook, threshold),
        "device_class": "timestamp",
    }
    state = moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else STATE_UNKNOWN
    hass.states.async_set(NEXT, state, attributes)


def outlook_of(
    now: float,
    probabilities: Sequence[float],
    *,
    is_shown: bool = True,
    next_occupied: float | None = None,
) -> Outlook:
    """Return an outlook made at `now` (epoch seconds) of a day of probabilities, shown or hidden at every horizon."""
    start = now // SLOT_SECONDS * SLOT_SECONDS
    starts = [start + slot * SLOT_SECONDS for slot in range(SLOTS_PER_DAY)]
    horizon = HorizonOutlook(0.5 if is_shown else None, "better" if is_shown else "worse")
    return Outlook(
        made_at=now,
        start=start,
        times=tuple(dt_util.as_local(dt_util.utc_from_timestamp(moment)).isoformat() for moment in starts),
        probabilities=tuple(probabilities),
        horizons={60: horizon, 120: horizon},
        next_occupied=next_occupied,
    )


def expect(hass: HomeAssistant, minutes: float | None, *, chance: float = 0.9, is_shown: bool = True) -> None:
    """Publish that somebody comes in so many minutes and stays two hours, or that nobody comes."""
    now = dt_util.utcnow().timestamp()
    start = now // SLOT_SECONDS * SLOT_SECONDS
    comes = None if minutes is None else now + minutes * 60.0
    middles = [start + (slot + 0.5) * SLOT_SECONDS for slot in range(SLOTS_PER_DAY)]
    probabilities = [chance if comes is not None and 0 < at - comes < 7200.0 else 0.02 for at in middles]
    publish(hass, outlook_of(now, probabilities, is_shown=is_shown, next_occupied=comes))


async def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: float) -> None:
    """Let time pass in steps of at most five minutes."""
    left = minutes
    while left > 0:
        freezer.tick(timedelta(minutes=min(5.0, left)))
        left -= 5.0
        async_fire_time_changed(hass)
        await turn(hass)


async def change(hass: HomeAssistant, entity_id: str, state: str, attributes: Mapping[str, Any] | None = None) -> None:
    """Set a state and let everything settle."""
    hass.states.async_set(entity_id, state, attributes)
    await turn(hass)
