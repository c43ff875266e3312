"""Automations of one trigger or condition, and what Home Assistant's editor offers for a target."""

from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import condition
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.inkling.core.slots import SLOT_SECONDS

from .blueprints import outlook_of
from .conftest import room_id

VARIABLES = ("entity_id", "type", "severity", "entity", "evidence", "probability", "expected_at")


async def on_trigger(hass: HomeAssistant, trigger: str, target: dict[str, Any], **options: object) -> list[ServiceCall]:
    """Make an automation of a trigger; return what it does, with the trigger's variables as data."""
    # The clock jumps by minutes, which is no slow callback.
    hass.loop.slow_callback_duration = float("inf")
    calls: list[ServiceCall] = async_mock_service(hass, "test", "told")
    found = {"trigger": trigger, "target": target, "options": options}
    data = {key: f"{{{{ trigger.{key} | default('') }}}}" for key in VARIABLES}
    automation = {"alias": "Told", "triggers": [found], "actions": [{"action": "test.told", "data": data}]}
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()
    return calls


async def end(hass: HomeAssistant) -> None:
    """Switch the automation off, so that no timer outlives its test."""
    if hass.states.get("automation.told") is not None:
        await hass.services.async_call("automation", "turn_off", {"entity_id": "automation.told"}, blocking=True)


async def is_met(hass: HomeAssistant, key: str, target: dict[str, Any], **options: object) -> bool:
    """Return whether a condition passes now."""
    config: Any = {"condition": key, "target": target, "options": options}
    checker = await condition.async_from_config(hass, await condition.async_validate_condition_config(hass, config))
    try:
        return bool(checker.async_check())
    finally:
        checker.async_unload()


async def offered(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, kind: str, target: dict[str, Any]
) -> set[str]:
    """Return the triggers or conditions that the editor offers for a target."""
    for name in ("automation", "occupancy", "event"):
        assert await async_setup_component(hass, name, {})
    await hass.async_block_till_done()
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": f"get_{kind}_for_target", "target": target})
    answer = await client.receive_json()
    assert answer["success"], answer
    return set(answer["result"])


def foresee(entry: MockConfigEntry, title: str, chances: dict[int, float], *, is_shown: bool = True) -> None:
    """Publish a room's forecast."""
    foresee_for(entry, room_id(entry, title), chances, is_shown=is_shown)


def foresee_for(entry: MockConfigEntry, monitor: str, chances: dict[int, float], *, is_shown: bool = True) -> None:
    """Publish a forecast by the minutes from now at which quarters of an hour begin; nobody comes otherwise."""
    probabilities = [chances.get(minutes, 0.02) for minutes in range(0, 24 * 60, int(SLOT_SECONDS / 60.0))]
    found = outlook_of(dt_util.utcnow().timestamp(), probabilities, is_shown=is_shown)
    entry.runtime_data.forecasting.outlooks[monitor] = found
