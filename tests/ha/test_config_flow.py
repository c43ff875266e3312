"""Adding the home and a room through the flows."""

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
import pytest

from custom_components.inkling.const import DOMAIN

from .conftest import settle


@pytest.mark.usefixtures("hand_loaded")
async def test_add_home_then_room(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Add Inkling, land in the room's flow, and end with a room that is judged."""
    step = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert step["type"] is FlowResultType.FORM
    assert step["step_id"] == "user"
    made = await hass.config_entries.flow.async_configure(step["flow_id"], {"people": [], "exit_doors": []})
    assert made["type"] is FlowResultType.CREATE_ENTRY
    kind, flow_id = made["next_flow"]
    assert kind == "config_subentries_flow"
    flows = hass.config_entries.subentries
    step = await flows.async_configure(flow_id, {"area_id": office.id})
    assert step["step_id"] == "roles"
    answer = {
        "movement": {"motion": ["binary_sensor.office_motion"]},
        "use": {},
        "air": {"co2": ["sensor.office_co2"]},
        "other": {},
    }
    step = await flows.async_configure(flow_id, answer)
    assert step["step_id"] == "preview", step
    done = await flows.async_configure(flow_id, {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert hass.states.get("binary_sensor.office_occupancy").state == "off"
