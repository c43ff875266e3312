"""The hub and one service device for each room."""

from collections.abc import Iterable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.device_registry import AnyDeviceEntry, DeviceEntryType

from .const import DOMAIN
from .rooms import RoomConfig


@callback
def ensure_hub(hass: HomeAssistant, entry: ConfigEntry) -> str:
    """Return the registry id of the device that the rooms hang on, made when it is not there."""
    hub = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        name=entry.title,
        manufacturer="Inkling",
        entry_type=DeviceEntryType.SERVICE,
    )
    return hub.id


@callback
def ensure_rooms(hass: HomeAssistant, entry: ConfigEntry, hub_id: str, rooms: Iterable[RoomConfig]) -> list[RoomConfig]:
    """Make the rooms' devices; return the rooms whose device is new."""
    registry = dr.async_get(hass)
    new = []
    for room in rooms:
        identifier = (DOMAIN, room.id)
        if registry.async_get_device_by_identifier(identifier, entry.entry_id) is None:
            new.append(room)
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=room.id,
            identifiers={identifier},
            name=room.title,
            manufacturer="Inkling",
            model="Room",
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=hub_id,
        )
    return new


@callback
def move_room(hass: HomeAssistant, entry: ConfigEntry, room_id: str, area_id: str) -> None:
    """Put a room's device into an area, if that still exists."""
    registry = dr.async_get(hass)
    if ar.async_get(hass).async_get_area(area_id) is None:
        return
    if (device := registry.async_get_device_by_identifier((DOMAIN, room_id), entry.entry_id)) is not None:
        registry.async_update_device(device.id, area_id=area_id)


@callback
def is_stale(entry: ConfigEntry, device: AnyDeviceEntry) -> bool:
    """Return whether a device belongs to nothing any more, so that the user may delete it."""
    living = {(DOMAIN, entry.entry_id), *((DOMAIN, subentry_id) for subentry_id in entry.subentries)}
    return not living & device.identifiers
