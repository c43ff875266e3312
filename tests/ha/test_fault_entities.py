"""What a watched device shows, on the user's own device page."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from .conftest import state_of
from .faults import CELLAR, EVENT, FAULT, FRIDGE, TYPE, alarm_of, tell, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")


def event_type(hass: HomeAssistant) -> str | None:
    """Return what the event told last."""
    state = hass.states.get(EVENT)
    assert state is not None
    found: str | None = state.attributes["event_type"]
    return found


async def test_entities_stand_on_the_own_device(hass: HomeAssistant) -> None:
    """Show a fault where its user looks for the fridge."""
    await watch_fridge(hass)
    fridge = er.async_get(hass).async_get(FRIDGE)
    assert fridge is not None
    for entity_id in (FAULT, EVENT, TYPE, "sensor.fridge_anomaly_score", "sensor.fridge_fault_watch"):
        found = er.async_get(hass).async_get(entity_id)
        assert found is not None
        assert found.device_id == fridge.device_id
    assert state_of(hass, FAULT) == "unknown"
    assert state_of(hass, TYPE) == "none"


async def test_alarm_is_told(hass: HomeAssistant) -> None:
    """Say what fails, how, since when, by which numbers and who says otherwise."""
    entry = await watch_fridge(hass)
    await tell(hass, entry)
    assert state_of(hass, FAULT) == "off"
    await tell(hass, entry, alarm_of(hass))
    state = hass.states.get(FAULT)
    assert state is not None
    assert state.state == "on"
    told = {key: state.attributes[key] for key in ("entity", "type", "severity", "expected", "seen", "siblings")}
    assert told == {
        "entity": FRIDGE,
        "type": "bias",
        "severity": "warning",
        "expected": 5.0,
        "seen": 9.5,
        "siblings": [CELLAR],
    }
    assert state.attributes["evidence"] == (
        "fridge temperature reads 9.5 °C where sensors that usually agree with it say 5 °C. "
        "As usual: cellar temperature. Sure to 87%."
    )
    assert state_of(hass, TYPE) == "bias"
    assert event_type(hass) == "onset"
    await tell(hass, entry)
    assert state_of(hass, FAULT) == "off"
    assert event_type(hass) == "clear"
