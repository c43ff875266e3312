"""What an area has that the user was never shown: sensors for its room, or enough for a new one."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, entity_registry as er

from .offered import offered_of
from .rooms import RoleEntities, RoomConfig, rooms_of
from .setup_areas import TELLING, is_enough
from .suggest import suggested_by_area


@dataclass(frozen=True, slots=True)
class AreaNews:
    """New sensors of one area, by role, and the room they would belong to, None where there is none yet."""

    area_id: str
    name: str
    roles: RoleEntities
    room: RoomConfig | None

    @property
    def entity_ids(self) -> list[str]:
        """Return the new sensors."""
        return sorted(entity_id for entity_ids in self.roles.values() for entity_id in entity_ids)


@callback
def news_of(hass: HomeAssistant, entry: ConfigEntry) -> list[AreaNews]:
    """Return the areas with sensors that came after the user last looked, one walk through the registry."""
    registry, areas = er.async_get(hass), ar.async_get(hass)
    offered = offered_of(entry)
    rooms = {room.area_id: room for room in rooms_of(entry).values()}
    # A sensor that a room reads is no news wherever it stands now; that it was moved is told elsewhere.
    chosen = {entity_id for room in rooms.values() for entity_id in room.entity_ids}
    found = []
    for area_id, roles in suggested_by_area(hass).items():
        known = offered.get(area_id, frozenset())
        new = {
            role: fresh
            for role, entity_ids in roles.items()
            if (fresh := [e for e in entity_ids if e not in chosen and registry.entities[e].id not in known])
        }
        area, room = areas.async_get_area(area_id), rooms.get(area_id)
        # An area that was left out stays out until something telling comes to it.
        if new and area is not None and (room is not None or (is_enough(roles) and TELLING.intersection(new))):
            found.append(AreaNews(area_id, area.name, new, room))
    return found


@callback
def rooms_without_area(hass: HomeAssistant, entry: ConfigEntry) -> list[RoomConfig]:
    """Return the rooms whose area was deleted."""
    areas = ar.async_get(hass)
    return [room for room in rooms_of(entry).values() if areas.async_get_area(room.area_id) is None]
