"""What is stored of a room, and the subentries of a home that is set up in one go."""

from collections.abc import Iterable
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import (
    CONF_AREA_ID,
    CONF_EXCLUDED,
    CONF_OFFERED,
    CONF_OUTSIDE,
    CONF_REGISTRY_IDS,
    CONF_SIGNALS,
    SUBENTRY_EVERYTHING,
    SUBENTRY_ROOM,
)
from .offered import usable_ids
from .renames import registry_ids
from .rooms import RoleEntities
from .setup_areas import FoundRoom
from .suggest import area_of


@callback
def room_data(hass: HomeAssistant, area_id: str, roles: RoleEntities) -> dict[str, Any]:
    """Return what is stored of a room; what the area holds besides was seen and left out."""
    chosen = {entity_id for entity_ids in roles.values() for entity_id in entity_ids}
    return {
        CONF_AREA_ID: area_id,
        CONF_SIGNALS: {str(role): list(entity_ids) for role, entity_ids in roles.items()},
        CONF_OUTSIDE: _outside(hass, area_id, chosen),
        CONF_REGISTRY_IDS: registry_ids(hass, chosen),
        CONF_OFFERED: usable_ids(hass).get(area_id, []),
    }


@callback
def _outside(hass: HomeAssistant, area_id: str, chosen: set[str]) -> list[str]:
    """Return the chosen entities that stand in another area, which the user has now seen."""
    registry = er.async_get(hass)
    found = {entity_id: registry.async_get(entity_id) for entity_id in chosen}
    return sorted(
        entity_id
        for entity_id, entry in found.items()
        if entry is not None and area_of(hass, entry) not in (None, area_id)
    )


@callback
def room_subentries(hass: HomeAssistant, rooms: Iterable[FoundRoom]) -> list[ConfigSubentryData]:
    """Return the subentries of rooms, each as its own form would have made it."""
    return [
        ConfigSubentryData(
            data=room_data(hass, room.area_id, room.roles),
            subentry_type=SUBENTRY_ROOM,
            title=room.name,
            unique_id=room.area_id,
        )
        for room in rooms
    ]


def everything_subentry(title: str) -> ConfigSubentryData:
    """Return the subentry that watches every sensor for faults."""
    return ConfigSubentryData(
        data={CONF_SIGNALS: {}, CONF_EXCLUDED: []},
        subentry_type=SUBENTRY_EVERYTHING,
        title=title,
        unique_id=SUBENTRY_EVERYTHING,
    )
