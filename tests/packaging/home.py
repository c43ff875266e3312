"""Run as a program: set Inkling up in a real Home Assistant on a configuration folder, and print what a room says.

`python home.py CONFIG` prints one line of JSON. It imports nothing of the checkout: the code that runs is the folder's.
"""

import asyncio
import json
from pathlib import Path
import sys
from types import MappingProxyType

from homeassistant import bootstrap, runner
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er, issue_registry as ir

ANSWER_SECONDS = 30.0


async def _add_home(hass: HomeAssistant) -> ConfigEntry:
    """Add Inkling by its flow in a home with one motion sensor."""
    area = ar.async_get(hass).async_get_or_create("Hall")
    registry = er.async_get(hass)
    sensor = registry.async_get_or_create(
        "binary_sensor", "zip", "motion", suggested_object_id="hall_motion", original_device_class="motion"
    )
    registry.async_update_entity(sensor.entity_id, area_id=area.id)
    hass.states.async_set(sensor.entity_id, "off", {"device_class": "motion"})
    result = await hass.config_entries.flow.async_init("inkling", context={"source": SOURCE_USER})
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
    entry: ConfigEntry = result["result"]
    data = MappingProxyType({"area_id": area.id, "signals": {"motion": [sensor.entity_id]}, "outside": []})
    room = ConfigSubentry(data=data, subentry_type="room", title="Hall", unique_id=area.id)
    hass.config_entries.async_add_subentry(entry, room)
    await hass.async_block_till_done()
    hass.states.async_set(sensor.entity_id, "on", {"device_class": "motion"})
    return entry


async def _answer(hass: HomeAssistant) -> str | None:
    """Return the probability's state once it is a number, None when it never is."""
    async with asyncio.timeout(ANSWER_SECONDS):
        while True:
            state = hass.states.get("sensor.hall_occupancy_probability")
            if state is not None and state.state.isdecimal():
                return state.state
            await asyncio.sleep(0.1)


async def _run(config: Path) -> dict[str, object]:
    """Start, set up, ask and stop."""
    hass = await bootstrap.async_setup_hass(runner.RuntimeConfig(config_dir=str(config), skip_pip=True))
    assert hass is not None, "Home Assistant did not start"
    await hass.async_start()
    try:
        entry = await _add_home(hass)
        probability = await _answer(hass)
        return {
            "code": sys.modules["custom_components.inkling"].__file__,
            "model": str(entry.runtime_data.found.origin),
            "probability": probability,
            "issues": [issue for domain, issue in ir.async_get(hass).issues if domain == "inkling"],
        }
    finally:
        await hass.async_stop(force=True)


if __name__ == "__main__":
    figures = asyncio.run(_run(Path(sys.argv[1])), loop_factory=runner.create_event_loop)
    sys.stdout.write(json.dumps(figures) + "\n")
