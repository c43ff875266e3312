"""The areas that can become rooms: what stands in each, what is enough, and how it is put to the user."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar

from .core.units import Role
from .roles import ROOM_ROLES
from .rooms import RoleEntities
from .suggest import suggested_by_area

# People set them off by being there.
_DIRECT = frozenset({Role.MOTION, Role.PRESENCE, Role.VIBRATION})
# People change them, but each alone says little: a lamp stays on, a door closes behind whoever left.
_INDIRECT = frozenset({Role.DOOR, Role.LIGHT, Role.MEDIA, Role.POWER, Role.CO2, Role.SOUND})
_INDIRECT_NEEDED = 2
TELLING = _DIRECT | _INDIRECT
"""Roles that count towards what is enough."""


@dataclass(frozen=True, slots=True)
class FoundRoom:
    """An area and the entities that would be its room's, by role."""

    area_id: str
    name: str
    roles: RoleEntities

    @property
    def is_enough(self) -> bool:
        """Return whether a room of these would be right on its first day."""
        return is_enough(self.roles)


def is_enough(roles: Iterable[Role]) -> bool:
    """Return whether these roles tell people: one that people set off, or two kinds that they change."""
    present = set(roles)
    return bool(present & _DIRECT) or len(present & _INDIRECT) >= _INDIRECT_NEEDED


@callback
def found_rooms(hass: HomeAssistant) -> list[FoundRoom]:
    """Return every area with usable entities, as the home orders its areas."""
    by_area = suggested_by_area(hass)
    areas = ar.async_get(hass).async_list_areas()
    return [FoundRoom(area.id, area.name, by_area[area.id]) for area in areas if area.id in by_area]


def described(roles: RoleEntities, phrases: Mapping[str, str]) -> str:
    """Return what was found, role by role; counted so that no language needs a plural."""
    return ", ".join(_counted(role, len(roles[role]), phrases) for role in ROOM_ROLES if roles.get(role))


def _counted(role: Role, count: int, phrases: Mapping[str, str]) -> str:
    """Return one role and how often it was found, if more than once."""
    name = phrases[f"found_{role}"]
    return name if count == 1 else phrases["found_several"].replace("{name}", name).replace("{count}", str(count))


def label(room: FoundRoom, phrases: Mapping[str, str]) -> str:
    """Return a room's row in the list."""
    return f"{room.name}: {described(room.roles, phrases)}"
