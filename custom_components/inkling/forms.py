"""The forms of the flows: their fields, what is prefilled, and what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    AreaSelector,
    AreaSelectorConfig,
    EntityFilterSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)
import voluptuous as vol

from .const import CONF_AREA_ID, CONF_EXIT_DOORS, CONF_PEOPLE, DOMAIN
from .core.roles import SUGGESTED
from .core.units import Role, is_readable_unit
from .ingest import has_state, unit_of
from .roles import ROOM_ROLES, SECTIONS, UNITS, readable_domains
from .rooms import RoleEntities


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a chosen entity is refused: an error key, and what its sentence names."""

    error: str
    entity_id: str = ""
    role: Role | None = None


def _filters(role: Role) -> list[EntityWithDeviceFilterSelectorConfig]:
    """Return what a role's picker offers: readable domains, for numbers of the right kind or unit only."""
    domains = list(readable_domains(role))
    classes = [device_class for (domain, device_class), found in SUGGESTED.items() if found is role and device_class]
    if role in UNITS:
        return [
            {"domain": domains, "device_class": classes},
            {"domain": domains, "unit_of_measurement": [*UNITS[role]]},
        ]
    if role is Role.HUMIDITY:
        # Its unit is everything's, from batteries to probabilities.
        return [{"domain": domains, "device_class": classes}]
    return [{"domain": domains}]


@callback
def _picker(hass: HomeAssistant, role: Role) -> EntitySelector:
    """Return the multiple picker of a role; what Inkling itself says is never offered."""
    own = [entry.entity_id for entry in er.async_get(hass).entities.values() if entry.platform == DOMAIN]
    return EntitySelector(EntitySelectorConfig(multiple=True, filter=_filters(role), exclude_entities=own))


def _field(key: str, suggested: object) -> vol.Optional:
    """Return an optional field with a value filled in."""
    return vol.Optional(key, description={"suggested_value": suggested})


@callback
def home_schema(hass: HomeAssistant, doors: list[str], people: list[str]) -> dict[vol.Marker, Any]:
    """Return the fields about the home as a whole."""
    return {
        _field(CONF_PEOPLE, people): _picker(hass, Role.PERSON),
        _field(CONF_EXIT_DOORS, doors): _picker(hass, Role.DOOR),
    }


def area_schema(area_id: str | None) -> vol.Schema:
    """Return the form that asks for an area with sensors in it."""
    domains: list[EntityFilterSelectorConfig] = [
        {"domain": domain} if device_class is None else {"domain": domain, "device_class": device_class}
        for domain, device_class in SUGGESTED
    ]
    selector = AreaSelector(AreaSelectorConfig(entity=domains))
    return vol.Schema({vol.Required(CONF_AREA_ID, description={"suggested_value": area_id}): selector})


@callback
def roles_schema(hass: HomeAssistant, chosen: RoleEntities) -> vol.Schema:
    """Return the form with a picker for each role; a section is open when it is the main one or holds something."""
    fields = {}
    for group in SECTIONS:
        pickers = vol.Schema({_field(role, list(chosen.get(role, ()))): _picker(hass, role) for role in group.roles})
        is_open = group.main or any(chosen.get(role) for role in group.roles)
        fields[vol.Required(group.key)] = section(pickers, {"collapsed": not is_open})
    return vol.Schema(fields)


def chosen_roles(user_input: Mapping[str, Any]) -> dict[Role, list[str]]:
    """Return the entities of each role out of the form's answer, without empty roles."""
    answers = {role: user_input.get(group.key, {}).get(role, []) for group in SECTIONS for role in group.roles}
    return {role: list(dict.fromkeys(answers[role])) for role in ROOM_ROLES if answers[role]}


@callback
def refusal(hass: HomeAssistant, roles: RoleEntities) -> Refusal | None:
    """Return the first reason not to accept these entities, None when all can be read.

    The picker's filter only guides the eye; what arrives is checked here.
    """
    for role, entity_ids in roles.items():
        for entity_id in entity_ids:
            if (error := _entity_error(hass, role, entity_id)) is not None:
                return Refusal(error, entity_id, role)
    return None


@callback
def _entity_error(hass: HomeAssistant, role: Role, entity_id: str) -> str | None:
    """Return why one entity cannot be read in a role."""
    entry = er.async_get(hass).async_get(entity_id)
    if entry is None and not has_state(hass, entity_id):
        return "entity_not_found"
    if entry is not None and entry.platform == DOMAIN:
        return "own_entity"
    if entry is not None and entry.disabled_by is not None:
        return "entity_disabled"
    if entity_id.split(".", 1)[0] not in readable_domains(role):
        return "wrong_domain"
    unit = unit_of(hass, entity_id)
    if unit is None and entry is not None:
        unit = entry.unit_of_measurement
    return None if is_readable_unit(role, unit) else "wrong_unit"
