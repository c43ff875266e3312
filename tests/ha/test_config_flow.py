"""Adding the home, and its options."""

from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling.const import DOMAIN

from .conftest import add_entity, set_up, settle

pytestmark = pytest.mark.usefixtures("hand_loaded")


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the form that adds Inkling."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


def suggested(step: ConfigFlowResult, key: str) -> object:
    """Return what a form fills in."""
    schema = step["data_schema"]
    assert schema is not None
    marker = next(marker for marker in schema.schema if marker == key)
    return marker.description["suggested_value"]


async def test_home_leads_to_its_first_room(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Add the home with what is suggested, and land in the form of a room."""
    add_entity(hass, "person.anna", state="home")
    add_entity(hass, "person.untracked", state="unknown")
    add_entity(hass, "binary_sensor.front_door", state="off", original_device_class="door")
    add_entity(hass, "binary_sensor.bathroom_door", state="off", original_device_class="door")
    step = await start(hass)
    assert step["type"] is FlowResultType.FORM
    assert suggested(step, "people") == ["person.anna"]
    assert suggested(step, "exit_doors") == ["binary_sensor.front_door"]
    answer = {"people": ["person.anna"], "exit_doors": ["binary_sensor.front_door"]}
    made = await hass.config_entries.flow.async_configure(step["flow_id"], answer)
    assert made["type"] is FlowResultType.CREATE_ENTRY
    assert made["title"] == "Inkling"
    doors = {key: value for key, value in made["result"].options.items() if key != "registry_ids"}
    assert doors == answer
    assert set(made["result"].options["registry_ids"]) == {"person.anna", "binary_sensor.front_door"}
    kind, flow_id = made["next_flow"]
    assert kind == "config_subentries_flow"
    assert hass.config_entries.subentries.async_get(flow_id)["step_id"] == "user"
    await settle(hass)


async def test_home_needs_nothing(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Add the home without people and doors."""
    step = await start(hass)
    made = await hass.config_entries.flow.async_configure(step["flow_id"], {})
    assert made["type"] is FlowResultType.CREATE_ENTRY
    assert made["options"] == {"people": [], "exit_doors": [], "registry_ids": {}}
    await settle(hass)


async def test_home_without_sensors(hass: HomeAssistant) -> None:
    """Add a home in which no room can be set up yet, without going on to one."""
    step = await start(hass)
    made = await hass.config_entries.flow.async_configure(step["flow_id"], {})
    assert made["type"] is FlowResultType.CREATE_ENTRY
    assert "next_flow" not in made
    await settle(hass)


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
    """Say which entity cannot be read as what, then accept a better answer."""
    add_entity(hass, "binary_sensor.off_door", disabled_by=er.RegistryEntryDisabler.USER)
    step = await start(hass)
    refused = await hass.config_entries.flow.async_configure(step["flow_id"], {field: [entity_id]})
    assert refused["type"] is FlowResultType.FORM
    assert refused["errors"] == {"base": error}
    assert refused["description_placeholders"] == {"entity": entity_id, "role": role}
    assert suggested(refused, field) == [entity_id]
    made = await hass.config_entries.flow.async_configure(refused["flow_id"], {})
    assert made["type"] is FlowResultType.CREATE_ENTRY
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
