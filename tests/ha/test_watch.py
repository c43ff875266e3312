"""Entities that are renamed, removed, disabled and moved."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.renames import registry_ids

from .conftest import add_entity, issue_ids, room_id, set_up, settle, state_of

pytestmark = pytest.mark.usefixtures("hand_loaded")


@pytest.fixture
def look(hass: HomeAssistant) -> Callable[[], Awaitable[None]]:
    """Return a way to let the debounced check run."""

    async def _look() -> None:
        """Let two seconds pass."""
        await settle(hass)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2))
        await settle(hass)

    return _look


async def test_rename_is_followed(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Write the new id into rooms and options, and go on reading."""
    hass.config_entries.async_update_entry(entry, options={"exit_doors": ["binary_sensor.door"], "people": []})
    add_entity(hass, "binary_sensor.door", state="off", original_device_class="door")
    await set_up(hass, entry)
    registry = er.async_get(hass)
    registry.async_update_entity("binary_sensor.office_motion", new_entity_id="binary_sensor.desk_motion")
    registry.async_update_entity("binary_sensor.door", new_entity_id="binary_sensor.street_door")
    await settle(hass)
    hass.config_entries.async_update_entry(entry, options={"exit_doors": ["binary_sensor.street_door"]})
    await settle(hass)
    registry.async_update_entity("binary_sensor.street_door", new_entity_id="binary_sensor.main_door")
    await settle(hass)
    assert entry.subentries[room_id(entry, "Office")].data["signals"]["motion"] == ["binary_sensor.desk_motion"]
    assert entry.options == {"exit_doors": ["binary_sensor.main_door"]}
    hass.states.async_set("binary_sensor.desk_motion", "on")
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"


async def test_rename_that_nobody_heard(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Notice at the next set-up what was renamed while the entry was not set up."""
    office = entry.subentries[room_id(entry, "Office")]
    ids = registry_ids(hass, ["binary_sensor.office_motion", "sensor.office_co2", "sensor.unregistered"])
    assert set(ids) == {"binary_sensor.office_motion", "sensor.office_co2"}
    hass.config_entries.async_update_subentry(entry, office, data={**office.data, "registry_ids": ids})
    registry = er.async_get(hass)
    registry.async_update_entity("binary_sensor.office_motion", new_entity_id="binary_sensor.desk_motion")
    registry.async_remove("sensor.office_co2")
    await set_up(hass, entry)
    data = entry.subentries[room_id(entry, "Office")].data
    assert data["signals"] == {"motion": ["binary_sensor.desk_motion"], "co2": ["sensor.office_co2"]}
    assert data["registry_ids"]["binary_sensor.desk_motion"] == ids["binary_sensor.office_motion"]


async def test_removed_entity(hass: HomeAssistant, entry: MockConfigEntry, look: Callable[[], Awaitable[None]]) -> None:
    """Count a removed entity as missing, say so in a repair, and take it back when it returns."""
    await set_up(hass, entry)
    issue = f"missing_entities_{room_id(entry, 'Office')}"
    er.async_get(hass).async_remove("sensor.office_co2")
    hass.states.async_remove("sensor.office_co2")
    await look()
    assert issue_ids(hass) == {issue}
    assert entry.runtime_data.ingest.readable_share(room_id(entry, "Office")) == 0.5
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"
    hass.states.async_set("sensor.office_co2", "450", {"unit_of_measurement": "ppm"})
    await look()
    assert not issue_ids(hass)


async def test_disabled_entity(
    hass: HomeAssistant, entry: MockConfigEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Treat a disabled entity as one that is gone."""
    await set_up(hass, entry)
    er.async_get(hass).async_update_entity("light.kitchen", disabled_by=er.RegistryEntryDisabler.USER)
    hass.states.async_remove("light.kitchen")
    await look()
    assert issue_ids(hass) == {f"missing_entities_{room_id(entry, 'Kitchen')}"}


async def test_home_entity_missing(
    hass: HomeAssistant, entry: MockConfigEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Watch people and exit doors too."""
    hass.config_entries.async_update_entry(entry, options={"exit_doors": [], "people": ["person.gone"]})
    await set_up(hass, entry)
    await look()
    assert issue_ids(hass) == {"missing_entities_home"}


async def test_unavailable_is_not_missing(
    hass: HomeAssistant, entry: MockConfigEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Raise no repair for a sensor that is only off the air."""
    await set_up(hass, entry)
    hass.states.async_set("sensor.office_co2", "unavailable")
    await look()
    assert not issue_ids(hass)


async def test_nothing_is_missing_while_starting(
    hass: HomeAssistant, entry: MockConfigEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Wait until everything is loaded before missing anything."""
    hass.states.async_remove("sensor.office_co2")
    er.async_get(hass).async_remove("sensor.office_co2")
    hass.set_state(CoreState.starting)
    await set_up(hass, entry)
    hass.states.async_remove("light.kitchen")
    await look()
    assert not issue_ids(hass)
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await look()
    assert issue_ids(hass) == {f"missing_entities_{room_id(entry, 'Office')}"}


async def test_entity_moved_to_another_area(
    hass: HomeAssistant, entry: MockConfigEntry, kitchen: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Ask when a sensor was carried to another room, until it is back."""
    await set_up(hass, entry)
    registry = er.async_get(hass)
    office = registry.async_get("binary_sensor.office_motion")
    assert office is not None
    registry.async_update_entity("binary_sensor.office_motion", area_id=kitchen.id)
    await look()
    assert issue_ids(hass) == {f"moved_entities_{room_id(entry, 'Office')}"}
    registry.async_update_entity("binary_sensor.office_motion", area_id=office.area_id)
    await look()
    assert not issue_ids(hass)


async def test_device_moved_to_another_area(
    hass: HomeAssistant, entry: MockConfigEntry, kitchen: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Notice a move of the device that a sensor belongs to."""
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    devices = dr.async_get(hass)
    device = devices.async_get_or_create(config_entry_id=owner.entry_id, identifiers={("test", "a")})
    registry = er.async_get(hass)
    registry.async_update_entity("sensor.office_co2", device_id=device.id, area_id=None)
    await set_up(hass, entry)
    await look()
    assert not issue_ids(hass)
    devices.async_update_device(device.id, name_by_user="Sensor")
    devices.async_update_device(device.id, area_id=kitchen.id)
    await look()
    assert issue_ids(hass) == {f"moved_entities_{room_id(entry, 'Office')}"}


async def test_confirmed_outsider_is_no_news(
    hass: HomeAssistant, entry: MockConfigEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Accept a sensor of another area that the user chose on purpose; of an area that is gone ask only that."""
    kitchen = entry.subentries[room_id(entry, "Kitchen")]
    data = {**kitchen.data, "signals": {"motion": ["binary_sensor.office_motion"]}}
    hass.config_entries.async_update_subentry(entry, kitchen, data={**data, "outside": ["binary_sensor.office_motion"]})
    await set_up(hass, entry)
    await look()
    assert not issue_ids(hass)
    hass.config_entries.async_update_subentry(entry, kitchen, data={**data, "area_id": "gone"})
    await look()
    assert issue_ids(hass) == {f"area_gone_{kitchen.subentry_id}"}
