"""Adding the home, and its options."""

from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, entity_registry as er
from homeassistant.helpers.json import json_bytes
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling.const import DOMAIN

from .conftest import add_entity, issue_ids, set_up, settle, state_of

pytestmark = pytest.mark.usefixtures("hand_loaded")


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the form that adds Inkling."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def answer(hass: HomeAssistant, step: ConfigFlowResult, given: dict[str, Any]) -> ConfigFlowResult:
    """Answer a form."""
    return await hass.config_entries.flow.async_configure(step["flow_id"], given)


def form_of(step: ConfigFlowResult, group: str | None = None) -> dict[Any, Any]:
    """Return the fields of a form, or of one of its sections."""
    assert step["data_schema"] is not None
    fields: dict[Any, Any] = step["data_schema"].schema
    return fields if group is None else fields[group].schema.schema


def suggested(step: ConfigFlowResult, key: str, group: str | None = None) -> object:
    """Return what a form fills in."""
    marker = next(marker for marker in form_of(step, group) if marker == key)
    return marker.description["suggested_value"]


def rows(step: ConfigFlowResult) -> list[str]:
    """Return the list of rooms as it is shown."""
    return [option["label"] for option in form_of(step)["rooms"].config["options"]]


def what_is_sent(step: ConfigFlowResult) -> dict[str, Any]:
    """Return what the page sends when somebody only presses Submit."""
    home = {key: suggested(step, key, "home") for key in ("people", "exit_doors")}
    return {"rooms": suggested(step, "rooms"), "watch_everything": True, "home": home, "import": {}}


def subentries(made: ConfigFlowResult) -> dict[str, ConfigSubentry]:
    """Return what an entry was made with, by title."""
    return {item.title: item for item in made["result"].subentries.values()}


async def test_every_room_in_one_click(hass: HomeAssistant, office: ar.AreaEntry, kitchen: ar.AreaEntry) -> None:
    """List what was found, and make all of it a running home with one press."""
    add_entity(hass, "binary_sensor.office_motion_2", area_id=office.id, state="off", original_device_class="motion")
    step = await start(hass)
    assert (step["type"], step["step_id"]) == (FlowResultType.FORM, "areas")
    assert rows(step) == ["Office: Motion \N{MULTIPLICATION SIGN}2, CO₂", "Kitchen: Motion, Light"]
    assert suggested(step, "rooms") == [office.id, kitchen.id]
    made = await answer(hass, step, what_is_sent(step))
    assert made["type"] is FlowResultType.CREATE_ENTRY
    assert "next_flow" not in made
    # The page gets what the entry was made of.
    assert json_bytes(made["subentries"])
    found = subentries(made)
    assert {(title, item.subentry_type, item.unique_id) for title, item in found.items()} == {
        ("Kitchen", "room", kitchen.id),
        ("Office", "room", office.id),
        ("Every sensor", "everything", "everything"),
    }
    await settle(hass)
    assert made["result"].state is ConfigEntryState.LOADED
    assert state_of(hass, "binary_sensor.kitchen_occupancy") == "off"
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"
    assert made["result"].runtime_data.faults.plan.signals
    assert not issue_ids(hass)


async def test_a_room_is_what_its_own_form_makes(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Store the same of a room whichever way it was added."""
    step = await start(hass)
    made = await answer(hass, step, {"rooms": [office.id], "watch_everything": False})
    await settle(hass)
    at_once = subentries(made)["Office"]
    entry = made["result"]
    hass.config_entries.async_remove_subentry(entry, at_once.subentry_id)
    await settle(hass)
    room = await hass.config_entries.subentries.async_init((entry.entry_id, "room"), context={"source": SOURCE_USER})
    configure = hass.config_entries.subentries.async_configure
    await configure(room["flow_id"], {"area_id": office.id})
    chosen = {"movement": {"motion": ["binary_sensor.office_motion"]}, "air": {"co2": ["sensor.office_co2"]}}
    await configure(room["flow_id"], {"use": {}, "other": {}, **chosen})
    await configure(room["flow_id"], {})
    await settle(hass)
    by_hand = next(iter(entry.subentries.values()))
    assert (by_hand.title, by_hand.unique_id, by_hand.data) == (at_once.title, at_once.unique_id, at_once.data)
    assert set(by_hand.data) == {"area_id", "signals", "outside", "registry_ids", "offered"}


async def test_only_ticked_rooms_are_made(hass: HomeAssistant, office: ar.AreaEntry, kitchen: ar.AreaEntry) -> None:
    """Make what is ticked, watch nothing that was not asked for, and pass over an area that was deleted meanwhile."""
    step = await start(hass)
    ar.async_get(hass).async_delete(kitchen.id)
    made = await answer(hass, step, {"rooms": [office.id, kitchen.id], "watch_everything": False})
    assert set(subentries(made)) == {"Office"}
    await settle(hass)


async def test_people_and_exit_doors_are_filled_in(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Suggest tracked people and doors that lead out, in a closed section."""
    add_entity(hass, "person.anna", state="home")
    add_entity(hass, "person.untracked", state="unknown")
    add_entity(hass, "binary_sensor.front_door", state="off", original_device_class="door")
    add_entity(hass, "binary_sensor.bathroom_door", state="off", original_device_class="door")
    step = await start(hass)
    assert form_of(step)["home"].options == {"collapsed": True}
    made = await answer(hass, step, what_is_sent(step))
    options = dict(made["result"].options)
    assert set(options.pop("registry_ids")) == {"person.anna", "binary_sensor.front_door"}
    assert options == {"people": ["person.anna"], "exit_doors": ["binary_sensor.front_door"]}
    await settle(hass)


async def test_home_without_sensors(hass: HomeAssistant) -> None:
    """Add a home in which no room can be set up yet, and say what to do."""
    step = await start(hass)
    assert {str(key) for key in form_of(step)} == {"home", "import"}
    assert step["description_placeholders"] is not None
    assert step["description_placeholders"]["note"].startswith("No area of this home has enough sensors")
    made = await answer(hass, step, {})
    assert made["type"] is FlowResultType.CREATE_ENTRY
    assert made["options"] == {"people": [], "exit_doors": [], "registry_ids": {}}
    assert not subentries(made)
    await settle(hass)
    assert made["result"].state is ConfigEntryState.LOADED


async def test_too_little_is_named(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Name an area that has something, but not enough."""
    attic = ar.async_get(hass).async_create("Attic")
    add_entity(hass, "light.attic", area_id=attic.id, state="off")
    step = await start(hass)
    assert rows(step) == ["Office: Motion, CO₂"]
    assert step["description_placeholders"] == {"note": "Too little to go by yet: Attic (Light)."}


async def test_only_one_home(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Refuse a second home."""
    step = await start(hass)
    assert step["type"] is FlowResultType.ABORT
    assert step["reason"] == "single_instance_allowed"


@pytest.mark.parametrize(
    ("field", "entity_id", "error", "role"),
    [
        ("people", "person.nobody", "entity_not_found", "People"),
        ("people", "light.kitchen", "wrong_domain", "People"),
        ("exit_doors", "light.kitchen", "wrong_domain", "Doors"),
        ("exit_doors", "binary_sensor.off_door", "entity_disabled", "Doors"),
    ],
)
async def test_refused_home_entities(
    hass: HomeAssistant, kitchen: ar.AreaEntry, field: str, entity_id: str, error: str, role: str
) -> None:
    """Say which entity cannot be read as what, keep the ticks, then accept a better answer."""
    add_entity(hass, "binary_sensor.off_door", disabled_by=er.RegistryEntryDisabler.USER)
    given = {"rooms": [kitchen.id], "watch_everything": False, "home": {field: [entity_id]}}
    refused = await answer(hass, await start(hass), given)
    assert refused["type"] is FlowResultType.FORM
    assert refused["errors"] == {"base": error}
    assert refused["description_placeholders"] == {"entity": entity_id, "role": role, "note": ""}
    assert suggested(refused, field, "home") == [entity_id]
    made = await answer(hass, refused, {**given, "home": {}})
    assert set(subentries(made)) == {"Kitchen"}
    await settle(hass)


async def test_options_without_litert(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Offer no backend where there is but one, and reload with the new options."""
    await set_up(hass, entry)
    with patch("custom_components.inkling.config_flow.available", return_value=False):
        step = await hass.config_entries.options.async_init(entry.entry_id)
    assert step["data_schema"] is not None
    assert "backend" not in step["data_schema"].schema
    before = entry.runtime_data
    done = await hass.config_entries.options.async_configure(
        step["flow_id"], {"sensitivity": "eager", "off_delay_seconds": 60}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    chosen = {"sensitivity": "eager", "off_delay_seconds": 60}
    forecast = {"forecast_horizons": ["30", "60"], "forecast_threshold": 50}
    assert entry.options == {"exit_doors": [], "people": [], "registry_ids": {}, **chosen, **forecast}
    await settle(hass)
    assert entry.runtime_data is not before


@pytest.mark.parametrize("is_available", [True, False])
async def test_options_with_litert(hass: HomeAssistant, entry: MockConfigEntry, is_available: bool) -> None:  # noqa: FBT001
    """Offer LiteRT where it runs, and the way back where it was chosen and is gone."""
    if not is_available:
        hass.config_entries.async_update_entry(entry, options={"backend": "litert"})
    await set_up(hass, entry)
    with patch("custom_components.inkling.config_flow.available", return_value=is_available):
        step = await hass.config_entries.options.async_init(entry.entry_id)
    answer = {"sensitivity": "balanced", "backend": "portable"}
    done = await hass.config_entries.options.async_configure(step["flow_id"], answer)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["backend"] == "portable"
    await settle(hass)


async def test_options_refuse_what_cannot_be_read(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Check the entities of the options as those of the first form."""
    await set_up(hass, entry)
    with patch("custom_components.inkling.config_flow.available", return_value=False):
        step = await hass.config_entries.options.async_init(entry.entry_id)
        refused = await hass.config_entries.options.async_configure(
            step["flow_id"], {"sensitivity": "calm", "people": ["light.kitchen"]}
        )
    assert refused["errors"] == {"base": "wrong_domain"}
    assert refused["description_placeholders"] == {"entity": "light.kitchen", "role": "People"}
