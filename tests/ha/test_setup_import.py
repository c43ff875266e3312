"""Rooms that come from other integrations, and what is refused of them."""

import json
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from .conftest import add_entity, settle
from .test_config_flow import answer, form_of, rows, start, subentries, suggested

pytestmark = pytest.mark.usefixtures("hand_loaded")

# As the action of version 2026.7.1 answers, shortened; the ids are made up.
EXPORT: dict[str, Any] = {
    "areas": [
        {
            "area_id": "office",
            "purpose": "office",
            "motion_sensors": ["binary_sensor.office_motion", "binary_sensor.radar", "binary_sensor.gone"],
            "media_devices": [],
            "appliances": ["switch.printer", "light.desk"],
            "co2_sensors": ["sensor.office_co2"],
            "temperature_sensors": ["sensor.office_co2"],
            "pressure_sensors": ["sensor.pressure"],
            "threshold": 52.0,
            "wasp_enabled": False,
        },
        {"area_id": "demolished", "motion_sensors": ["binary_sensor.kitchen_motion"]},
        {"area_id": "kitchen", "door_sensors": "binary_sensor.kitchen_motion"},
        {"motion_sensors": ["binary_sensor.kitchen_motion"]},
        "kitchen",
    ],
    "people": [{"person_entity": "person.anna", "sleep_area_id": "bedroom"}],
    "sleep_start": "22:00:00",
}
OFFICE = {
    "motion": ["binary_sensor.office_motion"],
    "presence": ["binary_sensor.radar"],
    "generic": ["switch.printer"],
    "light": ["light.desk"],
    "co2": ["sensor.office_co2"],
}


@pytest.fixture
def home(hass: HomeAssistant, office: ar.AreaEntry, kitchen: ar.AreaEntry) -> None:
    """Fill the two areas with what an export names."""
    add_entity(hass, "binary_sensor.radar", area_id=office.id, state="off", original_device_class="occupancy")
    add_entity(hass, "switch.printer", area_id=office.id, state="off")
    add_entity(hass, "light.desk", area_id=office.id, state="off")


def offer_export(hass: HomeAssistant, given: dict[str, Any] | None) -> None:
    """Register the action of Area Occupancy Detection; None lets it fail."""

    async def export(_: ServiceCall) -> dict[str, Any]:
        """Answer as it does."""
        if given is None:
            raise HomeAssistantError("Failed to export config")
        return given

    hass.services.async_register("area_occupancy", "export_config", export, supports_response=SupportsResponse.ONLY)


@pytest.mark.usefixtures("home")
async def test_rooms_of_area_occupancy(hass: HomeAssistant) -> None:
    """Ask first, then list its rooms ticked with the roles they had, and the home's others unticked."""
    offer_export(hass, EXPORT)
    menu = await start(hass)
    assert (menu["type"], menu["menu_options"]) == (FlowResultType.MENU, ["areas", "area_occupancy"])
    step = await answer(hass, menu, {"next_step_id": "area_occupancy"})
    assert rows(step) == ["Office: Motion, Presence, Light, CO₂, Other", "Kitchen: Motion, Light"]
    assert suggested(step, "rooms") == ["office"]
    assert step["description_placeholders"] is not None
    assert step["description_placeholders"]["note"] == "Rooms taken over: 1. Each has the sensors it had there."
    made = await answer(hass, step, {"rooms": ["office"], "watch_everything": False})
    assert {title: item.data["signals"] for title, item in subentries(made).items()} == {"Office": OFFICE}
    await settle(hass)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump, lambda data: json.dumps(data, indent="\t")])
async def test_pasted_answer(hass: HomeAssistant, write: Any) -> None:  # noqa: ANN401 - a function
    """Read what was pasted, show it, and add it with the next press."""
    step = await start(hass)
    step = await answer(hass, step, {"watch_everything": False, "import": {"pasted": f"\n{write(EXPORT)}\n"}})
    assert (step["type"], step["errors"]) == (FlowResultType.FORM, {})
    assert suggested(step, "rooms") == ["office"]
    assert suggested(step, "pasted", "import") == ""
    made = await answer(hass, step, {"rooms": ["office"], "watch_everything": False})
    assert {title: item.data["signals"] for title, item in subentries(made).items()} == {"Office": OFFICE}
    await settle(hass)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("areas: [", "import_unreadable"),
        ("just words", "import_unreadable"),
        ("areas: {kitchen: {}}", "import_unreadable"),
        ("[1, 2]", "import_unreadable"),
        ("[" * 100_000, "import_unreadable"),
        ("- " * 90_000, "import_unreadable"),
        ("a: &a [1]\nareas: [*a, *a]", "import_unreadable"),
        ("areas: !!python/object/apply:os.getcwd []", "import_unreadable"),
        (f"areas: []\nnote: {'x' * 200_000}", "import_unreadable"),
        ("areas: []", "import_empty"),
        ("areas: [{area_id: office, motion_sensors: [binary_sensor.gone, 7]}]", "import_empty"),
        ("areas: [{area_id: [office]}, {area_id: moon, motion_sensors: [light.desk]}]", "import_empty"),
    ],
)
async def test_bad_text_is_refused_in_a_sentence(hass: HomeAssistant, text: str, error: str) -> None:
    """Say why, keep what was typed and ticked, and let the user go on without it."""
    step = await start(hass)
    given = {"rooms": ["kitchen"], "watch_everything": False}
    refused = await answer(hass, step, {**given, "import": {"pasted": text}})
    assert refused["errors"] == {"base": error}
    assert suggested(refused, "rooms") == ["kitchen"]
    assert suggested(refused, "pasted", "import") == text.strip()
    assert form_of(refused)["import"].options == {"collapsed": False}
    assert set(subentries(await answer(hass, refused, given))) == {"Kitchen"}
    await settle(hass)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("export", "error"), [(None, "import_failed"), ({"areas": []}, "import_empty")])
async def test_action_that_says_nothing(hass: HomeAssistant, export: dict[str, Any] | None, error: str) -> None:
    """Fall back to the home's own areas when the other integration cannot tell its rooms."""
    offer_export(hass, export)
    step = await answer(hass, await start(hass), {"next_step_id": "area_occupancy"})
    assert step["errors"] == {"base": error}
    assert suggested(step, "rooms") == ["office", "kitchen"]


def helper_entry(hass: HomeAssistant, name: str, *observations: dict[str, Any]) -> MockConfigEntry:
    """Add a Bayesian helper with its observations."""
    made = MockConfigEntry(
        domain="bayesian",
        title=name,
        options={"name": name, "probability_threshold": 0.5, "prior": 0.2, "device_class": "occupancy"},
        subentries_data=[
            ConfigSubentryData(
                data=MappingProxyType({"name": "a", "prob_given_true": 0.8, "prob_given_false": 0.1, **data}),
                subentry_type="observation",
                title="a",
                unique_id=None,
            )
            for data in observations
        ],
    )
    made.add_to_hass(hass)
    return made


@pytest.mark.usefixtures("home")
async def test_rooms_of_bayesian_helpers(hass: HomeAssistant, kitchen: ar.AreaEntry) -> None:
    """Take what helpers observe for the sensors of the area that the helper, or most of them, stand in."""
    template = "{{ is_state('switch.printer', 'on') and states.sensor is defined }}"
    helper_entry(
        hass,
        "Office used",
        {"platform": "state", "entity_id": "binary_sensor.office_motion", "to_state": "on"},
        {"platform": "numeric_state", "entity_id": "sensor.office_co2", "above": 800},
        {"platform": "template", "value_template": template},
        {"platform": "state", "entity_id": 7, "to_state": "on"},
    )
    lit = helper_entry(hass, "Kitchen used", {"platform": "state", "entity_id": "light.desk", "to_state": "on"})
    own = er.async_get(hass).async_get_or_create("binary_sensor", "bayesian", "own", config_entry=lit)
    er.async_get(hass).async_update_entity(own.entity_id, area_id=kitchen.id)
    helper_entry(hass, "Nowhere", {"platform": "state", "entity_id": "sun.sun", "to_state": "above_horizon"})
    menu = await start(hass)
    assert menu["menu_options"] == ["areas", "bayesian"]
    step = await answer(hass, menu, {"next_step_id": "bayesian"})
    assert rows(step) == ["Office: Motion, CO₂, Other", "Kitchen: Light"]
    made = await answer(hass, step, {"rooms": ["kitchen"], "watch_everything": False})
    kitchen_room = subentries(made)["Kitchen"].data
    assert (kitchen_room["signals"], kitchen_room["outside"]) == ({"light": ["light.desk"]}, ["light.desk"])
    await settle(hass)


@pytest.mark.usefixtures("home")
async def test_the_menu_leads_to_the_home_s_own_areas(hass: HomeAssistant) -> None:
    """Let the user pass the import by."""
    helper_entry(hass, "Nothing observed")
    step = await answer(hass, await start(hass), {"next_step_id": "areas"})
    assert suggested(step, "rooms") == ["office", "kitchen"]
