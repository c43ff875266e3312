"""What an area's entities are taken for."""

from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling.core.roles import SUGGESTED
from custom_components.inkling.core.units import Role
from custom_components.inkling.roles import ROOM_ROLES, readable_domains
from custom_components.inkling.suggest import (
    role_of,
    suggested_exit_doors,
    suggested_people,
    suggested_roles,
    usable_areas,
)

from .conftest import add_entity


@pytest.mark.parametrize(
    ("entity_id", "device_class", "unit", "role"),
    [
        ("binary_sensor.a", "motion", None, Role.MOTION),
        ("binary_sensor.a", "moving", None, Role.MOTION),
        ("binary_sensor.a", "occupancy", None, Role.PRESENCE),
        ("binary_sensor.a", "presence", None, Role.PRESENCE),
        ("binary_sensor.a", "door", None, Role.DOOR),
        ("binary_sensor.a", "garage_door", None, Role.DOOR),
        ("binary_sensor.a", "opening", None, Role.DOOR),
        ("binary_sensor.a", "window", None, Role.WINDOW),
        ("binary_sensor.a", "light", None, Role.LIGHT),
        ("binary_sensor.a", "sound", None, Role.GENERIC),
        ("binary_sensor.a", "vibration", None, Role.VIBRATION),
        ("binary_sensor.a", "smoke", None, None),
        ("binary_sensor.a", None, None, None),
        ("light.a", None, None, Role.LIGHT),
        ("media_player.a", "tv", None, Role.MEDIA),
        ("sensor.a", "carbon_dioxide", "ppm", Role.CO2),
        ("sensor.a", "illuminance", "lx", Role.ILLUMINANCE),
        ("sensor.a", "temperature", "°F", Role.TEMPERATURE),
        ("sensor.a", "humidity", "%", Role.HUMIDITY),
        ("sensor.a", "power", "kW", Role.POWER),
        ("sensor.a", "power", "bananas", None),
        ("sensor.a", "sound_pressure", "dB", Role.SOUND),
        ("sensor.a", "battery", "%", None),
        ("switch.a", None, None, None),
    ],
)
async def test_role(
    hass: HomeAssistant, entity_id: str, device_class: str | None, unit: str | None, role: Role | None
) -> None:
    """Tell an entity's role by its domain, class and unit."""
    entry = add_entity(hass, entity_id, original_device_class=device_class, unit_of_measurement=unit)
    assert role_of(entry) is role


@pytest.mark.parametrize(
    "changes",
    [
        {"disabled_by": er.RegistryEntryDisabler.USER},
        {"hidden_by": er.RegistryEntryHider.USER},
        {"entity_category": EntityCategory.DIAGNOSTIC},
        {"entity_category": EntityCategory.CONFIG},
    ],
)
async def test_not_suggested(hass: HomeAssistant, changes: dict[str, Any]) -> None:
    """Leave out what is off, hidden, or about a device itself."""
    assert role_of(add_entity(hass, "sensor.a", original_device_class="temperature", **changes)) is None


@pytest.mark.parametrize("platform", ["inkling", "area_occupancy", "bayesian", "magic_areas"])
async def test_conclusions_are_never_suggested(hass: HomeAssistant, platform: str) -> None:
    """Keep predictions from feeding on themselves, and on what others concluded from the same sensors."""
    entry = er.async_get(hass).async_get_or_create("binary_sensor", platform, "own", original_device_class="occupancy")
    assert role_of(entry) is None


async def test_user_class_wins(hass: HomeAssistant) -> None:
    """Believe what the user says an entity is."""
    entry = add_entity(hass, "binary_sensor.a", original_device_class="door")
    entry = er.async_get(hass).async_update_entity(entry.entity_id, device_class="window")
    assert role_of(entry) is Role.WINDOW


async def test_area_by_device_and_child(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Find entities that stand in an area by their device, or by its parent."""
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    devices = dr.async_get(hass)
    device = devices.async_get_or_create(config_entry_id=owner.entry_id, identifiers={("test", "a")})
    devices.async_update_device(device.id, area_id=office.id)
    child = devices.async_get_or_create_child(
        config_entry_id=owner.entry_id, parent_device_id=device.id, identifiers={("test", "b")}, name="Child"
    )
    for name, device_id in (("by_device", device.id), ("by_child", child.id)):
        add_entity(hass, f"binary_sensor.{name}", original_device_class="motion", device_id=device_id)
    found = suggested_roles(hass, office.id)[Role.MOTION]
    assert found == ["binary_sensor.by_child", "binary_sensor.by_device", "binary_sensor.office_motion"]


async def test_usable_areas(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Offer only areas in which something can be read."""
    empty = ar.async_get(hass).async_create("Empty")
    add_entity(hass, "switch.pump", area_id=empty.id)
    assert usable_areas(hass) == [office.id]


async def test_exit_doors_and_people(hass: HomeAssistant) -> None:
    """Find the doors that lead out by their names, and people that are not hidden."""
    add_entity(hass, "binary_sensor.d1", original_device_class="door", original_name="Haustür")
    add_entity(hass, "binary_sensor.garage", original_device_class="garage_door")
    add_entity(hass, "binary_sensor.bedroom", original_device_class="door")
    add_entity(hass, "binary_sensor.front_window", original_device_class="window")
    add_entity(hass, "person.anna")
    add_entity(hass, "person.hidden", hidden_by=er.RegistryEntryHider.USER)
    assert suggested_exit_doors(hass) == ["binary_sensor.d1", "binary_sensor.garage"]
    assert suggested_people(hass) == ["person.anna"]


def test_every_role_has_domains() -> None:
    """Let every role of a room be filled by something."""
    assert set(ROOM_ROLES) | {Role.PERSON} == set(Role)
    assert all(readable_domains(role) for role in Role)


def test_every_class_is_one_of_home_assistants() -> None:
    """Hold the texts that core keeps for itself to Home Assistant's own device classes."""
    classes: dict[str, set[str]] = {
        "binary_sensor": {item.value for item in BinarySensorDeviceClass},
        "sensor": {item.value for item in SensorDeviceClass},
    }
    for domain, device_class in SUGGESTED:
        assert device_class is None or device_class in classes[domain]
