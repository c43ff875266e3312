"""Entities that get another id: the configuration follows, live and at the next set-up."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import (
    CONF_EXCLUDED,
    CONF_EXIT_DOORS,
    CONF_OUTDOOR,
    CONF_OUTSIDE,
    CONF_PEERS,
    CONF_PEOPLE,
    CONF_REGISTRY_IDS,
    CONF_SIGNALS,
)


@callback
def registry_ids(hass: HomeAssistant, entity_ids: Iterable[str]) -> dict[str, str]:
    """Return the ids under which the registry keeps entities whatever they are called."""
    registry = er.async_get(hass)
    found = {entity_id: registry.async_get(entity_id) for entity_id in sorted(entity_ids)}
    return {entity_id: entry.id for entity_id, entry in found.items() if entry is not None}


@callback
def follow_missed(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take over the renames that happened while the entry was not set up, or was being reloaded."""
    known = dict(entry.options.get(CONF_REGISTRY_IDS, {}))
    for subentry in entry.subentries.values():
        known |= subentry.data.get(CONF_REGISTRY_IDS, {})
    registry = er.async_get(hass)
    for old, registry_id in known.items():
        found = registry.entities.get_entry(registry_id)
        if found is not None and found.entity_id != old:
            follow(hass, entry, old, found.entity_id)


@callback
def follow(hass: HomeAssistant, entry: ConfigEntry, old: str, new: str) -> None:
    """Write the new id wherever the old one stood; the update listener, if there is one, reloads the entry."""
    manager = hass.config_entries
    for subentry in list(entry.subentries.values()):
        data = dict(subentry.data)
        for key in (CONF_SIGNALS, CONF_PEERS):
            roles: Mapping[str, Any] = data.get(key, {})
            data |= {key: {role: _renamed(found, old, new) for role, found in roles.items()}} if roles else {}
        lists = (CONF_OUTSIDE, CONF_EXCLUDED, CONF_OUTDOOR)
        manager.async_update_subentry(entry, subentry, data=_renamed_lists(data, lists, old, new))
    options = _renamed_lists(dict(entry.options), (CONF_EXIT_DOORS, CONF_PEOPLE), old, new)
    manager.async_update_entry(entry, options=options)


def _renamed_lists(data: dict[str, Any], keys: Iterable[str], old: str, new: str) -> dict[str, Any]:
    """Return stored data with one entity id replaced in its lists and in what it knows of the registry."""
    renamed: dict[str, Any] = {key: _renamed(data[key], old, new) for key in keys if key in data}
    if CONF_REGISTRY_IDS in data:
        ids = data[CONF_REGISTRY_IDS].items()
        renamed[CONF_REGISTRY_IDS] = {new if entity_id == old else entity_id: found for entity_id, found in ids}
    return {**data, **renamed}


def _renamed(entity_ids: Iterable[str], old: str, new: str) -> list[str]:
    """Return a list of entity ids with one replaced."""
    return [new if entity_id == old else entity_id for entity_id in entity_ids]
