"""An area's entities, sorted into roles by what the registries say of them."""

from collections import defaultdict

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, entity_registry as er

from .const import DOMAIN
from .core.roles import leads_out, suggested_role
from .core.units import Role

# What they say was itself concluded from the room's sensors, ours included: as evidence it would count them twice.
_CONCLUDING = frozenset({DOMAIN, "area_occupancy", "bayesian", "magic_areas"})


@callback
def role_of(entry: er.RegistryEntry) -> Role | None:
    """Return the role an entity suggests itself for, None for one that should not be suggested."""
    if entry.platform in _CONCLUDING or entry.disabled_by or entry.hidden_by or entry.entity_category:
        # What a device tells about itself (its chip's temperature, its settings) is no sensor of the room.
        return None
    device_class = entry.device_class or entry.original_device_class
    return suggested_role(entry.domain, device_class, entry.unit_of_measurement)


@callback
def entries_of_area(hass: HomeAssistant, area_id: str) -> list[er.RegistryEntry]:
    """Return the entities that stand in an area, by themselves or by their device or its parent."""
    registry = er.async_get(hass)
    return [entry for entry in registry.entities.values() if area_of(hass, entry) == area_id]


@callback
def area_of(hass: HomeAssistant, entry: er.RegistryEntry) -> str | None:
    """Return the area an entity stands in, None when it has none."""
    return er.async_get_effective_area_id(hass, entry)


@callback
def suggested_roles(hass: HomeAssistant, area_id: str) -> dict[Role, list[str]]:
    """Return an area's usable entities by role, each list sorted."""
    found: defaultdict[Role, list[str]] = defaultdict(list)
    for entry in entries_of_area(hass, area_id):
        if (role := role_of(entry)) is not None:
            found[role].append(entry.entity_id)
    return {role: sorted(entity_ids) for role, entity_ids in found.items()}


@callback
def suggested_by_area(hass: HomeAssistant) -> dict[str, dict[Role, list[str]]]:
    """Return the usable entities of every area by role, each list sorted, in one walk through the registry."""
    found: defaultdict[str, defaultdict[Role, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entry in er.async_get(hass).entities.values():
        # The role first: it is cheap, and leaves a tenth of the entities to look up an area for.
        if (role := role_of(entry)) is not None and (area_id := area_of(hass, entry)) is not None:
            found[area_id][role].append(entry.entity_id)
    return {area_id: {role: sorted(ids) for role, ids in roles.items()} for area_id, roles in found.items()}


@callback
def usable_areas(hass: HomeAssistant) -> list[str]:
    """Return the ids of the areas that hold at least one usable entity."""
    registry = er.async_get(hass)
    usable = {area_of(hass, entry) for entry in registry.entities.values() if role_of(entry) is not None}
    return [area.id for area in ar.async_get(hass).async_list_areas() if area.id in usable]


@callback
def suggested_people(hass: HomeAssistant) -> list[str]:
    """Return the home's people: persons with a way to be tracked say more than devices."""
    registry = er.async_get(hass)
    return sorted(
        entry.entity_id
        for entry in registry.entities.values()
        if entry.domain == "person" and not entry.disabled_by and not entry.hidden_by
    )


@callback
def suggested_exit_doors(hass: HomeAssistant) -> list[str]:
    """Return the doors whose names say that they lead out of the home."""
    return sorted(
        entry.entity_id
        for entry in er.async_get(hass).entities.values()
        if role_of(entry) is Role.DOOR and leads_out(entry.entity_id, entry.name or entry.original_name or "")
    )
