"""Adding and changing a room."""

import asyncio
import base64
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigEntryDisabler, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling import room_flow
from custom_components.inkling.preview import Preview, PreviewProblem

from .conftest import add_entity, device_of, room_id, set_up, settle, state_of

pytestmark = pytest.mark.usefixtures("hand_loaded")
EMPTY: dict[str, Any] = {"movement": {}, "use": {}, "air": {}, "other": {}}


@pytest.fixture
def hall(hass: HomeAssistant) -> ar.AreaEntry:
    """Return an area that no room has yet."""
    area = ar.async_get(hass).async_create("Hall")
    add_entity(hass, "binary_sensor.hall_motion", area_id=area.id, state="off", original_device_class="motion")
    return area


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Open the form that adds a room."""
    return await hass.config_entries.subentries.async_init((entry.entry_id, "room"), context={"source": SOURCE_USER})


async def answer(hass: HomeAssistant, step: SubentryFlowResult, given: dict[str, Any]) -> SubentryFlowResult:
    """Answer a form."""
    return await hass.config_entries.subentries.async_configure(step["flow_id"], given)


async def start_reconfigure(hass: HomeAssistant, entry: MockConfigEntry, title: str) -> SubentryFlowResult:
    """Open the form that changes a room."""
    found: SubentryFlowResult = await entry.start_subentry_reconfigure_flow(hass, room_id(entry, title))
    return found


def role_field(step: SubentryFlowResult, group: str, role: str) -> object:
    """Return what a role's picker is filled with."""
    assert step["data_schema"] is not None
    form = step["data_schema"].schema[group].schema.schema
    return next(marker.description["suggested_value"] for marker in form if marker == role)


async def test_room_is_added(hass: HomeAssistant, entry: MockConfigEntry, hall: ar.AreaEntry) -> None:
    """Walk from the area to a room that is judged."""
    await set_up(hass, entry)
    step = await start(hass, entry)
    assert step["step_id"] == "user"
    step = await answer(hass, step, {"area_id": hall.id})
    assert step["step_id"] == "roles"
    assert role_field(step, "movement", "motion") == ["binary_sensor.hall_motion"]
    assert step["description_placeholders"] == {"room": "Hall"}
    step = await answer(hass, step, {**EMPTY, "movement": {"motion": ["binary_sensor.hall_motion"]}})
    assert step["step_id"] == "preview"
    assert step["description_placeholders"] is not None
    assert "recorder is off" in step["description_placeholders"]["summary"]
    done = await answer(hass, step, {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert (done["title"], done["unique_id"]) == ("Hall", hall.id)
    await settle(hass)
    assert state_of(hass, "binary_sensor.hall_occupancy") == "off"
    device = device_of(hass, entry, room_id(entry, "Hall"))
    assert device is not None
    assert device.area_id == hall.id


async def test_sections_open_where_something_is_found(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Keep what holds nothing closed."""
    area = ar.async_get(hass).async_create("Attic")
    add_entity(hass, "light.attic", area_id=area.id, state="off")
    await set_up(hass, entry)
    step = await answer(hass, await start(hass, entry), {"area_id": area.id})
    assert step["data_schema"] is not None
    collapsed = {str(key): part.options["collapsed"] for key, part in step["data_schema"].schema.items()}
    assert collapsed == {"movement": False, "use": False, "air": True, "other": True}


async def test_area_taken(hass: HomeAssistant, entry: MockConfigEntry, office: ar.AreaEntry) -> None:
    """Refuse an area that already is a room."""
    await set_up(hass, entry)
    step = await answer(hass, await start(hass, entry), {"area_id": office.id})
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_area_gone(hass: HomeAssistant, entry: MockConfigEntry, hall: ar.AreaEntry) -> None:
    """Ask again when the area was deleted in the meantime."""
    await set_up(hass, entry)
    step = await answer(hass, await start(hass, entry), {"area_id": "gone"})
    assert step["errors"] == {"area_id": "area_not_found"}
    assert (await answer(hass, step, {"area_id": hall.id}))["step_id"] == "roles"


async def test_no_area_has_sensors(hass: HomeAssistant) -> None:
    """Say what to do first in a home without areas."""
    entry = MockConfigEntry(domain="inkling", title="Inkling")
    entry.add_to_hass(hass)
    await set_up(hass, entry)
    step = await start(hass, entry)
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "no_areas")


async def test_entry_not_loaded(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say that Inkling must run first."""
    await set_up(hass, entry)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    step = await start(hass, entry)
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "entry_not_loaded")


@pytest.mark.parametrize(
    ("group", "role", "entity_id", "error", "label"),
    [
        ("movement", "motion", "binary_sensor.nothing", "entity_not_found", "Motion"),
        ("movement", "motion", "light.kitchen", "wrong_domain", "Motion"),
        ("air", "temperature", "sensor.office_co2", "wrong_unit", "Temperature"),
        ("air", "temperature", "sensor.registered_only", "wrong_unit", "Temperature"),
        ("air", "co2", "binary_sensor.office_motion", "wrong_domain", "CO₂"),
        ("movement", "motion", "binary_sensor.disabled", "entity_disabled", "Motion"),
    ],
)
async def test_refused_entities(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hall: ar.AreaEntry,
    group: str,
    role: str,
    entity_id: str,
    error: str,
    label: str,
) -> None:
    """Name the entity that cannot be read, keep the rest, and accept a better answer."""
    add_entity(hass, "binary_sensor.disabled", disabled_by=er.RegistryEntryDisabler.USER)
    add_entity(hass, "sensor.registered_only", unit_of_measurement="kg")
    await set_up(hass, entry)
    step = await answer(hass, await start(hass, entry), {"area_id": hall.id})
    step = await answer(hass, step, {**EMPTY, group: {role: [entity_id]}})
    assert step["step_id"] == "roles"
    assert step["errors"] == {"base": error}
    assert step["description_placeholders"] == {"room": "Hall", "entity": entity_id, "role": label}
    assert role_field(step, group, role) == [entity_id]
    step = await answer(hass, step, {**EMPTY, "movement": {"motion": ["binary_sensor.hall_motion"]}})
    assert step["step_id"] == "preview"


async def test_own_prediction_is_refused(hass: HomeAssistant, entry: MockConfigEntry, hall: ar.AreaEntry) -> None:
    """Never offer what Inkling says, and refuse what it came to say while the form was open."""
    await set_up(hass, entry)
    step = await answer(hass, await start(hass, entry), {"area_id": hall.id})
    assert step["data_schema"] is not None
    picker = next(iter(step["data_schema"].schema["movement"].schema.schema.values()))
    assert "binary_sensor.office_occupancy" in picker.config["exclude_entities"]
    own = er.async_get(hass).async_get_or_create("binary_sensor", "inkling", "later").entity_id
    step = await answer(hass, step, {**EMPTY, "movement": {"presence": [own]}})
    assert step["errors"] == {"base": "own_entity"}


async def test_nothing_chosen(hass: HomeAssistant, entry: MockConfigEntry, hall: ar.AreaEntry) -> None:
    """Refuse a room without any sensor."""
    await set_up(hass, entry)
    step = await answer(hass, await start(hass, entry), {"area_id": hall.id})
    step = await answer(hass, step, EMPTY)
    assert step["errors"] == {"base": "nothing_chosen"}


async def test_an_entity_without_state_is_accepted(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Let a sensor be chosen that exists but never reported."""
    area = ar.async_get(hass).async_create("Attic")
    add_entity(hass, "sensor.attic_co2", area_id=area.id, original_device_class="carbon_dioxide")
    await set_up(hass, entry)
    step = await answer(hass, await start(hass, entry), {"area_id": area.id})
    step = await answer(hass, step, {**EMPTY, "air": {"co2": ["sensor.attic_co2"]}})
    await answer(hass, step, {})
    await settle(hass)
    assert state_of(hass, "binary_sensor.attic_occupancy") == "unavailable"
    assert state_of(hass, "sensor.attic_reason") == "No sensor of this room can be read."


async def test_slow_preview_shows_progress(hass: HomeAssistant, entry: MockConfigEntry, hall: ar.AreaEntry) -> None:
    """Show a spinner while the day is read, then the chart."""
    await set_up(hass, entry)
    release = asyncio.Event()

    async def slow(*_: object) -> Preview:
        """Answer when told to."""
        await release.wait()
        return Preview(times=(0.0, 300.0), probabilities=(0.2, 0.9), occupied=(False, True), history_hours=24.0)

    with patch.object(room_flow, "async_preview", slow), patch.object(room_flow, "_PATIENCE_SECONDS", 0.01):
        step = await answer(hass, await start(hass, entry), {"area_id": hall.id})
        step = await answer(hass, step, {**EMPTY, "movement": {"motion": ["binary_sensor.hall_motion"]}})
        assert step["type"] is FlowResultType.SHOW_PROGRESS
        assert step["progress_action"] == "judging"
        release.set()
        await hass.async_block_till_done()
        step = await hass.config_entries.subentries.async_configure(step["flow_id"])
    assert step["step_id"] == "preview"
    assert step["description_placeholders"] is not None
    assert "24 of the last 24 hours" in step["description_placeholders"]["summary"]
    assert "50%" in step["description_placeholders"]["summary"]
    picture = step["description_placeholders"]["chart"].partition("base64,")[2].rstrip(")")
    assert base64.b64decode(picture).startswith(b"<svg")


@pytest.mark.parametrize("problem", list(PreviewProblem))
async def test_a_day_that_cannot_be_shown(
    hass: HomeAssistant, entry: MockConfigEntry, hall: ar.AreaEntry, problem: PreviewProblem
) -> None:
    """Say why there is no chart, and let the room be added all the same."""
    await set_up(hass, entry)
    with patch.object(room_flow, "async_preview", return_value=Preview(problem=problem)):
        step = await answer(hass, await start(hass, entry), {"area_id": hall.id})
        step = await answer(hass, step, {**EMPTY, "movement": {"motion": ["binary_sensor.hall_motion"]}})
    assert step["description_placeholders"] is not None
    assert step["description_placeholders"]["chart"] == ""
    assert step["description_placeholders"]["summary"].endswith(".")
    assert (await answer(hass, step, {}))["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)


async def test_reconfigure_keeps_the_area(hass: HomeAssistant, entry: MockConfigEntry, office: ar.AreaEntry) -> None:
    """Change a room's sensors, with what it has filled in and its own name kept."""
    room = entry.subentries[room_id(entry, "Office")]
    hass.config_entries.async_update_subentry(entry, room, title="My office")
    await set_up(hass, entry)
    step = await start_reconfigure(hass, entry, "My office")
    step = await answer(hass, step, {"area_id": office.id})
    assert role_field(step, "air", "co2") == ["sensor.office_co2"]
    chosen = {"motion": ["binary_sensor.office_motion", "binary_sensor.kitchen_motion"]}
    step = await answer(hass, step, {**EMPTY, "movement": chosen})
    done = await answer(hass, step, {})
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await settle(hass)
    room = entry.subentries[room_id(entry, "My office")]
    assert room.data["signals"] == chosen
    assert room.data["outside"] == ["binary_sensor.kitchen_motion"]
    assert state_of(hass, "binary_sensor.my_office_occupancy") == "off"


async def test_reconfigure_to_another_area(hass: HomeAssistant, entry: MockConfigEntry, hall: ar.AreaEntry) -> None:
    """Let a room become another area, and its device follow."""
    await set_up(hass, entry)
    taken = await start_reconfigure(hass, entry, "Office")
    kitchen = entry.subentries[room_id(entry, "Kitchen")].unique_id
    assert (await answer(hass, taken, {"area_id": kitchen}))["reason"] == "already_configured"
    step = await answer(hass, await start_reconfigure(hass, entry, "Office"), {"area_id": hall.id})
    assert role_field(step, "movement", "motion") == ["binary_sensor.hall_motion"]
    step = await answer(hass, step, {**EMPTY, "movement": {"motion": ["binary_sensor.hall_motion"]}})
    await answer(hass, step, {})
    await settle(hass)
    device = device_of(hass, entry, room_id(entry, "Hall"))
    assert device is not None
    assert device.area_id == hall.id
