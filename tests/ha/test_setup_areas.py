"""What an area must hold to become a room, and how that is put."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
import pytest

from custom_components.inkling.core.units import Role
from custom_components.inkling.phrases import async_load_phrases
from custom_components.inkling.roles import ROOM_ROLES
from custom_components.inkling.setup_areas import described, found_rooms, is_enough

from .conftest import add_entity


@pytest.mark.parametrize(
    ("roles", "enough"),
    [
        ({Role.MOTION}, True),
        ({Role.PRESENCE}, True),
        ({Role.VIBRATION}, True),
        ({Role.DOOR, Role.LIGHT}, True),
        ({Role.CO2, Role.DOOR}, True),
        ({Role.MEDIA, Role.POWER}, True),
        ({Role.SOUND, Role.LIGHT, Role.TEMPERATURE}, True),
        ({Role.LIGHT}, False),
        ({Role.DOOR}, False),
        ({Role.CO2, Role.TEMPERATURE, Role.HUMIDITY, Role.ILLUMINANCE}, False),
        ({Role.LIGHT, Role.WINDOW, Role.GENERIC}, False),
        (set(), False),
    ],
)
def test_enough(roles: set[Role], enough: bool) -> None:  # noqa: FBT001
    """Ask for one sensor that people set off, or two kinds of things that they change."""
    assert is_enough(roles) is enough


async def test_two_of_one_kind_are_one_kind(hass: HomeAssistant) -> None:
    """Take a room full of lamps for what it is: lamps."""
    attic = ar.async_get(hass).async_create("Attic")
    for name in ("a", "b"):
        add_entity(hass, f"light.{name}", area_id=attic.id)
    (room,) = found_rooms(hass)
    assert (room.area_id, room.name, room.is_enough) == (attic.id, "Attic", False)
    assert room.roles == {Role.LIGHT: ["light.a", "light.b"]}


async def test_everything_can_be_named(hass: HomeAssistant) -> None:
    """Have a word for each role a room can have, in the order of the forms."""
    phrases = await async_load_phrases(hass)
    roles: dict[Role, list[str]] = {role: ["a"] for role in reversed(ROOM_ROLES)}
    names = described(roles, phrases).split(", ")
    assert len(set(names)) == len(ROOM_ROLES)
    assert names[:3] == ["Motion", "Presence", "Door"]
    assert not any("found_" in name for name in names)


async def test_areas_without_anything_are_no_rooms(hass: HomeAssistant, office: ar.AreaEntry) -> None:
    """Pass over what cannot be used, and what stands nowhere."""
    ar.async_get(hass).async_create("Empty")
    add_entity(hass, "binary_sensor.nowhere", original_device_class="motion")
    assert [room.area_id for room in found_rooms(hass)] == [office.id]
