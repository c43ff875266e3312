"""Rooms out of what other integrations say of theirs; all of it is untrusted and checked before it is used."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
import json
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, entity_registry as er
import yaml

from .core.units import Role
from .forms import refusal
from .roles import ROOM_ROLES
from .setup_areas import FoundRoom
from .suggest import role_of

# A hundred areas with every sensor named are a tenth of this.
_LONGEST_TEXT = 200_000
_MOST_AREAS = 500
_MOST_ENTITIES = 500
# An area's lists in Area Occupancy Detection's exported configuration, but for those that say nothing of people.
_LISTS = {
    "motion_sensors": Role.MOTION,
    "media_devices": Role.MEDIA,
    "appliances": Role.GENERIC,
    "cover_sensors": Role.GENERIC,
    "door_sensors": Role.DOOR,
    "window_sensors": Role.WINDOW,
    "power_sensors": Role.POWER,
    "illuminance_sensors": Role.ILLUMINANCE,
    "humidity_sensors": Role.HUMIDITY,
    "temperature_sensors": Role.TEMPERATURE,
    "co2_sensors": Role.CO2,
    "sound_pressure_sensors": Role.SOUND,
}
# Lists that take all sorts: there the registry knows better what an entity is.
_MIXED = frozenset({Role.MOTION, Role.GENERIC})


class ImportRefusedError(ValueError):
    """Says by its text, an error's key, why nothing can be taken over."""


class _PlainLoader(yaml.SafeLoader):
    """Reads YAML without aliases, by which a short text could grow beyond all memory."""

    @override
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse an alias, read anything else."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError
        return super().compose_node(parent, index)


def parse_text(text: str) -> object:
    """Return what a pasted text holds; slow on long ones, so not for the event loop. Raise ImportRefusedError."""
    if len(text) > _LONGEST_TEXT:
        raise ImportRefusedError("import_unreadable")
    try:
        return json.loads(text)
    except ValueError, RecursionError:
        pass
    try:
        # It builds plain values only, as the safe loader it is made from.
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ImportRefusedError("import_unreadable") from error


@callback
def rooms_of_export(hass: HomeAssistant, export: object) -> list[FoundRoom]:
    """Return the rooms of Area Occupancy Detection's exported configuration; raise ImportRefusedError."""
    areas = export.get("areas") if isinstance(export, Mapping) else None
    if not isinstance(areas, list):
        raise ImportRefusedError("import_unreadable")
    found: defaultdict[str, list[tuple[str, Role]]] = defaultdict(list)
    for area in areas[:_MOST_AREAS]:
        if isinstance(area, Mapping) and isinstance(area_id := area.get("area_id"), str):
            found[area_id] += _listed(area)
    return rooms_of_entities(hass, found)


def _listed(area: Mapping[Any, Any]) -> Iterable[tuple[str, Role]]:
    """Yield what an area's lists name, each with the role of its list."""
    for key, role in _LISTS.items():
        entities = area.get(key)
        for entity_id in entities[:_MOST_ENTITIES] if isinstance(entities, list) else []:
            if isinstance(entity_id, str):
                yield entity_id, role


@callback
def rooms_of_entities(hass: HomeAssistant, found: Mapping[str, Iterable[tuple[str, Role]]]) -> list[FoundRoom]:
    """Return rooms of the entities that can be read, in the areas that exist; raise ImportRefusedError without any."""
    rooms = []
    for area in ar.async_get(hass).async_list_areas():
        placed: dict[str, Role] = {}
        for entity_id, listed in found.get(area.id, ()):
            if entity_id not in placed and (role := _role(hass, entity_id, listed)) is not None:
                placed[entity_id] = role
        if placed:
            rooms.append(FoundRoom(area.id, area.name, _by_role(placed)))
    if not rooms:
        raise ImportRefusedError("import_empty")
    return rooms


def _by_role(placed: Mapping[str, Role]) -> dict[Role, list[str]]:
    """Return entities by role, in the order of a room's form, each list sorted."""
    used = set(placed.values())
    return {role: sorted(name for name in placed if placed[name] is role) for role in ROOM_ROLES if role in used}


@callback
def _role(hass: HomeAssistant, entity_id: str, listed: Role) -> Role | None:
    """Return the role an imported entity gets, None when it cannot be read in any."""
    entry = er.async_get(hass).async_get(entity_id)
    suggested = None if entry is None else role_of(entry)
    role = suggested if suggested is not None and listed in _MIXED else listed
    return role if refusal(hass, {role: [entity_id]}) is None else None
