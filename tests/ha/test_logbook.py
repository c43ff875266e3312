"""The logbook tells a fault with its evidence, and that it is over."""

from datetime import timedelta
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.inkling.const import DOMAIN

from .conftest import set_up
from .faults import EVENT, FRIDGE, alarm_of, tell, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


async def lines(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> list[dict[str, Any]]:
    """Return what the logbook holds of Inkling's events."""
    await async_wait_recording_done(hass)
    client = await hass_ws_client(hass)
    start = (dt_util.utcnow() - timedelta(hours=1)).isoformat()
    await client.send_json_auto_id({"type": "logbook/get_events", "start_time": start})
    answer = await client.receive_json()
    assert answer["success"]
    return [line for line in answer["result"] if line.get("domain") == "inkling"]


async def test_a_fault_is_told_with_its_evidence(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    """Show a sentence when a fault begins and one when it is over."""
    for component in ("http", "history", "logbook"):
        assert await async_setup_component(hass, component, {})
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass))
    await tell(hass, entry)
    onset, clear = await lines(hass, hass_ws_client)
    assert onset["name"] == clear["name"] == "fridge temperature"
    assert onset["message"].startswith("may be failing: fridge temperature reads 9.5 °C where sensors")
    assert clear["message"] == "is as usual again"
    assert onset["entity_id"] == EVENT


async def test_answers_about_faults_are_told(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    """Show what was said about a sensor; a question is no answer."""
    for component in ("http", "history", "logbook"):
        assert await async_setup_component(hass, component, {})
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass))
    await hass.services.async_call(DOMAIN, "label", {"entity_id": FRIDGE, "label": "fault"}, blocking=True)
    await hass.services.async_call(DOMAIN, "label", {"entity_id": FRIDGE, "label": "normal"}, blocking=True)
    await hass.services.async_call(DOMAIN, "serviced", {"entity_id": FRIDGE}, blocking=True)
    await hass.services.async_call(DOMAIN, "backtest", {"entity_id": FRIDGE}, blocking=True, return_response=True)
    assert [(line["name"], line["message"]) for line in (await lines(hass, hass_ws_client))[1:]] == [
        ("fridge temperature", "was said to be faulty"),
        ("fridge temperature", "was said to be as usual"),
        ("fridge temperature", "is as usual again"),
        ("fridge temperature", "was repaired, moved or replaced"),
    ]


async def test_answers_about_rooms_are_told(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """Show what was said about a room, once however many of its entities were targeted."""
    for component in ("http", "history", "logbook"):
        assert await async_setup_component(hass, component, {})
    await set_up(hass, entry)
    both = ["binary_sensor.office_occupancy", "sensor.office_reason"]
    await hass.services.async_call(DOMAIN, "label", {"entity_id": both, "label": "vacant"}, blocking=True)
    (line,) = await lines(hass, hass_ws_client)
    assert (line["message"], line["entity_id"]) == ("was said to be empty", "binary_sensor.office_occupancy")
