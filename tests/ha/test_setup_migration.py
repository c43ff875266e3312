"""Entries of earlier and later versions."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling.config_flow import InklingConfigFlow
from custom_components.inkling.const import DOMAIN

from .conftest import add_entity, issue_ids, room_data, room_id, set_up, settle, state_of

pytestmark = pytest.mark.usefixtures("hand_loaded")


def registry_id(hass: HomeAssistant, entity_id: str) -> str:
    """Return the lasting id of an entity."""
    found = er.async_get(hass).async_get(entity_id)
    assert found is not None
    return found.id


async def test_released_entry_goes_on(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Load an entry of version 1.1 as it was released, with its room, and take what exists to have been offered."""
    add_entity(hass, "light.office_left_out", area_id=office.id, state="off")
    room = room_data("Office", office.id, {"motion": ["binary_sensor.office_motion"], "co2": ["sensor.office_co2"]})
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Inkling",
        version=1,
        minor_version=1,
        data={},
        options={"exit_doors": [], "people": [], "registry_ids": {}},
        subentries_data=[room],
    )
    entry.add_to_hass(hass)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.version, entry.minor_version) == (InklingConfigFlow.VERSION, InklingConfigFlow.MINOR_VERSION)
    names = ("binary_sensor.office_motion", "sensor.office_co2", "light.office_left_out")
    assert entry.data == {"offered": {office.id: sorted(registry_id(hass, name) for name in names)}}
    assert dict(next(iter(entry.subentries.values())).data) == room["data"]
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"
    assert not issue_ids(hass)


async def test_entry_of_a_later_version_is_left_alone(hass: HomeAssistant) -> None:
    """Refuse to guess what a later Inkling wrote."""
    entry = MockConfigEntry(domain=DOMAIN, version=2, minor_version=1)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR


async def test_entry_of_a_later_minor_version_goes_on(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Load what a later Inkling wrote and this one can still read, changing nothing of it."""
    entry = MockConfigEntry(domain=DOMAIN, version=1, minor_version=99, data={"offered": {}})
    entry.add_to_hass(hass)
    await set_up(hass, entry)
    assert (entry.state, entry.minor_version, entry.data) == (ConfigEntryState.LOADED, 99, {"offered": {}})


async def test_what_a_removed_room_knew_is_kept(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Gather what a room's form offered in the entry, so that it outlives the room."""
    await set_up(hass, entry)
    office = entry.subentries[room_id(entry, "Office")]
    changed = {**office.data, "offered": [*entry.data["offered"]["office"], "later"]}
    hass.config_entries.async_update_subentry(entry, office, data=changed)
    await settle(hass)
    assert "later" in entry.data["offered"]["office"]
    hass.config_entries.async_remove_subentry(entry, office.subentry_id)
    await settle(hass)
    assert "later" in entry.data["offered"]["office"]
