"""Which sensors the user has been shown, area by area, so that only what came later is offered."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import CONF_AREA_ID, CONF_OFFERED, SUBENTRY_ROOM
from .suggest import suggested_by_area

type IdsByArea = Mapping[str, list[str]]

ENTRY_VERSION = 1
# 1: released without knowing what was offered. 2: knows it.
ENTRY_MINOR_VERSION = 2


@callback
def usable_ids(hass: HomeAssistant) -> dict[str, list[str]]:
    """Return the registry's lasting ids of what can be used, by area."""
    registry = er.async_get(hass)
    return {
        area_id: sorted(registry.entities[entity_id].id for ids in roles.values() for entity_id in ids)
        for area_id, roles in suggested_by_area(hass).items()
    }


@callback
def offered_of(entry: ConfigEntry) -> dict[str, frozenset[str]]:
    """Return what the user has been shown, by area: at set-up, and in the form of each room."""
    found = {area_id: frozenset(ids) for area_id, ids in entry.data.get(CONF_OFFERED, {}).items()}
    for room in entry.get_subentries_of_type(SUBENTRY_ROOM):
        area_id = room.data[CONF_AREA_ID]
        found[area_id] = found.get(area_id, frozenset()).union(room.data.get(CONF_OFFERED, ()))
    return found


@callback
def gather_offered(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Keep what rooms know in the entry too: a room that is removed must not be offered again at once."""
    gathered = {area_id: sorted(ids) for area_id, ids in offered_of(entry).items() if ids}
    if gathered != entry.data.get(CONF_OFFERED):
        hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_OFFERED: gathered})


@callback
def migrate(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take an older entry to have been offered all there is: its rooms were made with it in sight."""
    if entry.minor_version < ENTRY_MINOR_VERSION:
        data = {**entry.data, CONF_OFFERED: usable_ids(hass)}
        hass.config_entries.async_update_entry(entry, data=data, minor_version=ENTRY_MINOR_VERSION)
