"""Set up, unload, reload and remove: everything comes, and nothing stays."""

from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, flush_store

from custom_components.inkling import async_remove_config_entry_device, async_unload_entry
from custom_components.inkling.const import DOMAIN
from custom_components.inkling.devices import move_room

from .conftest import device_of, issue_ids, room_id, set_up, settle, state_of

pytestmark = pytest.mark.usefixtures("hand_loaded")


async def test_devices(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Give the home a hub and each room a service device in its area."""
    await set_up(hass, entry)
    hub = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, entry.entry_id), entry.entry_id)
    assert hub is not None
    for subentry_id, room in entry.subentries.items():
        device = device_of(hass, entry, subentry_id)
        assert device is not None
        assert device.name == room.title
        assert device.area_id == room.unique_id
        assert device.via_device_id == hub.id
        assert device.entry_type is dr.DeviceEntryType.SERVICE


async def test_area_is_given_once(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Leave a device where the user moved it, over reloads."""
    await set_up(hass, entry)
    office = device_of(hass, entry, room_id(entry, "Office"))
    assert office is not None
    dr.async_get(hass).async_update_device(office.id, area_id=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    office = device_of(hass, entry, room_id(entry, "Office"))
    assert office is not None
    assert office.area_id is None


async def test_area_that_is_gone(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set up a room whose area was deleted, without one."""
    room = entry.subentries[room_id(entry, "Office")]
    hass.config_entries.async_update_subentry(entry, room, data={**room.data, "area_id": "gone"})
    await set_up(hass, entry)
    device = device_of(hass, entry, room.subentry_id)
    assert device is not None
    assert device.area_id is None
    move_room(hass, entry, "a room of old", str(entry.subentries[room_id(entry, "Kitchen")].unique_id))


async def test_unload_and_reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Stop every listener, timer and task at unloading, and come back."""
    await set_up(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.NOT_LOADED
    # What Home Assistant's own platforms listen to stays after the first time; ours would add up.
    unloaded = dict(hass.bus.async_listeners())
    assert not {"state_changed", "state_reported"} & set(unloaded)
    assert state_of(hass, "binary_sensor.office_occupancy") == "unavailable"
    hass.states.async_set("binary_sensor.office_motion", "on")
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "unavailable"
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    assert await hass.config_entries.async_unload(entry.entry_id)
    await settle(hass)
    assert dict(hass.bus.async_listeners()) == unloaded


async def test_remove_leaves_nothing(hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]) -> None:
    """Delete devices, entities, repairs and the file of decisions with the entry."""
    await set_up(hass, entry)
    await flush_store(entry.runtime_data.store._store)
    key = f"{DOMAIN}.{entry.entry_id}"
    assert key in hass_storage
    ir.async_create_issue(
        hass, DOMAIN, "left", is_fixable=False, severity=ir.IssueSeverity.WARNING, translation_key="runtime_failed"
    )
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert key not in hass_storage
    assert not issue_ids(hass)
    assert not dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert not er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert DOMAIN not in hass.data


async def test_disabling_takes_repairs_back(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Do not complain on behalf of a home that is switched off."""
    await set_up(hass, entry)
    ir.async_create_issue(
        hass, DOMAIN, "left", is_fixable=False, severity=ir.IssueSeverity.WARNING, translation_key="runtime_failed"
    )
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    await settle(hass)
    assert not issue_ids(hass)


async def test_deleting_a_room(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Delete a room's device, entities and repairs with it; the other room goes on."""
    await set_up(hass, entry)
    office = room_id(entry, "Office")
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"missing_entities_{office}",
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="missing_entities",
    )
    hass.config_entries.async_remove_subentry(entry, office)
    await settle(hass)
    assert device_of(hass, entry, office) is None
    assert hass.states.get("binary_sensor.office_occupancy") is None
    assert not issue_ids(hass)
    assert state_of(hass, "binary_sensor.kitchen_occupancy") == "off"


async def test_only_stale_devices_may_be_deleted(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Keep the hub and the rooms; let go of what belongs to nothing."""
    await set_up(hass, entry)
    stale = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "a room of old")}
    )
    office = device_of(hass, entry, room_id(entry, "Office"))
    assert office is not None
    assert await async_remove_config_entry_device(hass, entry, stale)
    assert not await async_remove_config_entry_device(hass, entry, office)


async def test_a_home_without_rooms(hass: HomeAssistant) -> None:
    """Set up with nothing to do."""
    entry = MockConfigEntry(domain=DOMAIN, title="Inkling")
    entry.add_to_hass(hass)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert not [state for state in hass.states.async_all() if "occupancy" in state.entity_id]


async def test_unload_that_fails(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say so when a platform does not unload."""
    await set_up(hass, entry)
    with patch.object(hass.config_entries, "async_unload_platforms", return_value=False):
        assert not await async_unload_entry(hass, entry)
