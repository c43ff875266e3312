"""From a state change to what entities show."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import set_up, settle


@pytest.mark.usefixtures("hand_loaded")
async def test_motion_makes_a_room_occupied(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Follow one motion event to occupancy, probability and reason."""
    await set_up(hass, entry)
    assert hass.states.get("binary_sensor.office_occupancy").state == "off"
    hass.states.async_set("binary_sensor.office_motion", "on")
    await settle(hass)
    assert hass.states.get("binary_sensor.office_occupancy").state == "on"
    assert hass.states.get("sensor.office_occupancy_probability").state == "98"
