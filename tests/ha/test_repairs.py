"""Fix flows that open the form in which entities were chosen."""

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling.issues import MISSING, sync_entity_issue
from custom_components.inkling.repairs import ChooseAgainFlow, async_create_fix_flow

from .conftest import room_id, set_up

pytestmark = pytest.mark.usefixtures("hand_loaded")


async def open_fix(hass: HomeAssistant, issue_id: str) -> ChooseAgainFlow:
    """Return the fix flow of a repair."""
    issue = ir.async_get(hass).async_get_issue("inkling", issue_id)
    assert issue is not None
    flow = await async_create_fix_flow(hass, issue_id, issue.data)
    assert isinstance(flow, ChooseAgainFlow)
    flow.hass = hass
    return flow


async def test_fix_of_a_room_opens_its_form(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Show the sentence, then lead to the room's own form."""
    await set_up(hass, entry)
    office = room_id(entry, "Office")
    data = {"entry_id": entry.entry_id, "subentry_id": office}
    sync_entity_issue(hass, MISSING, office, "Office", ["sensor.b", "sensor.a"], data)
    flow = await open_fix(hass, f"missing_entities_{office}")
    form = await flow.async_step_init()
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "confirm")
    assert form["description_placeholders"] == {"room": "Office", "entities": "- `sensor.a`\n- `sensor.b`"}
    done = await flow.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    kind, flow_id = done["next_flow"]
    assert kind == "config_subentries_flow"
    opened = hass.config_entries.subentries.async_get(flow_id)
    assert opened["step_id"] == "user"
    assert opened["context"]["subentry_id"] == office


async def test_fix_of_the_home_opens_the_options(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Lead to the options, where people and exit doors are chosen."""
    await set_up(hass, entry)
    sync_entity_issue(hass, MISSING, "home", "Inkling", ["person.a"], {"entry_id": entry.entry_id})
    flow = await open_fix(hass, "missing_entities_home")
    done = await flow.async_step_confirm({})
    kind, flow_id = done["next_flow"]
    assert kind == "options_flow"
    assert hass.config_entries.options.async_get(flow_id)["step_id"] == "init"


async def test_fix_of_a_room_that_is_gone(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say that there is nothing left to do."""
    await set_up(hass, entry)
    data = {"entry_id": entry.entry_id, "subentry_id": "gone"}
    sync_entity_issue(hass, MISSING, "gone", "Office", ["sensor.a"], data)
    done = await (await open_fix(hass, "missing_entities_gone")).async_step_confirm({})
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "room_gone")
