"""What can be taken over in this home: Area Occupancy Detection, and core's Bayesian helpers."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
import re

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback, valid_entity_id
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .const import ASK_TIMEOUT_SECONDS
from .core.units import Role
from .import_rooms import ImportRefusedError, rooms_of_entities, rooms_of_export
from .ingest import has_state
from .setup_areas import FoundRoom
from .suggest import area_of

AREA_OCCUPANCY = "area_occupancy"
_EXPORT = "export_config"
BAYESIAN = "bayesian"
_ENTITY_ID = re.compile(r"\b[a-z_]+\.[a-z0-9_]+\b")


@callback
def importable(hass: HomeAssistant) -> list[str]:
    """Return the integrations whose rooms can be taken over."""
    found = [AREA_OCCUPANCY] if hass.services.has_service(AREA_OCCUPANCY, _EXPORT) else []
    return [*found, BAYESIAN] if hass.config_entries.async_entries(BAYESIAN) else found


async def async_rooms_of_area_occupancy(hass: HomeAssistant) -> list[FoundRoom]:
    """Return the rooms that Area Occupancy Detection tells of by its own action; raise ImportRefusedError."""
    try:
        async with asyncio.timeout(ASK_TIMEOUT_SECONDS):
            answer = await hass.services.async_call(AREA_OCCUPANCY, _EXPORT, blocking=True, return_response=True)
    except (HomeAssistantError, TimeoutError) as error:
        raise ImportRefusedError("import_failed") from error
    return rooms_of_export(hass, answer)


async def async_rooms_of_bayesian(hass: HomeAssistant) -> list[FoundRoom]:
    """Return a room for each area that Bayesian helpers observe; raise ImportRefusedError."""
    found: defaultdict[str, list[tuple[str, Role]]] = defaultdict(list)
    for entry in hass.config_entries.async_entries(BAYESIAN):
        observed = sorted(set(_observed(hass, entry)))
        if (area_id := _area_of_helper(hass, entry, observed)) is not None:
            found[area_id] += [(entity_id, Role.GENERIC) for entity_id in observed]
    return rooms_of_entities(hass, found)


@callback
def _observed(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[str]:
    """Yield the entities a helper observes, by themselves or in templates."""
    for observation in entry.subentries.values():
        named = [observation.data.get("entity_id"), *_ENTITY_ID.findall(str(observation.data.get("value_template")))]
        for entity_id in named:
            # A template holds more with a dot in it than entities.
            if isinstance(entity_id, str) and valid_entity_id(entity_id) and has_state(hass, entity_id):
                yield entity_id


@callback
def _area_of_helper(hass: HomeAssistant, entry: ConfigEntry, observed: list[str]) -> str | None:
    """Return the area of a helper: its own, else the one most of what it observes stands in."""
    registry = er.async_get(hass)
    own = [area_of(hass, item) for item in er.async_entries_for_config_entry(registry, entry.entry_id)]
    entries = [registry.async_get(entity_id) for entity_id in observed]
    areas = [*filter(None, own)] or [area for item in entries if item and (area := area_of(hass, item)) is not None]
    return Counter(areas).most_common(1)[0][0] if areas else None
