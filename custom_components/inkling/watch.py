"""Entities that are renamed, removed, disabled or moved: the configuration follows, or the user is told."""

import logging
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.event import (
    EventStateChangedData,
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
)
from homeassistant.helpers.start import async_at_started

from .const import CONF_OUTSIDE
from .ingest import Ingest, has_state
from .issues import HOME_SCOPE, MISSING, MOVED, forget_other_rooms, sync_entity_issue
from .renames import follow
from .rooms import home_roles, rooms_of
from .suggest import area_of

if TYPE_CHECKING:
    from .data import InklingConfigEntry

_LOGGER = logging.getLogger(__name__)
# Registries change in bursts when an integration is removed or a device moves.
_CHECK_SECONDS = 1.0


class RegistryWatch:
    """Keeps one entry's entities in step with the registries."""

    def __init__(self, hass: HomeAssistant, entry: InklingConfigEntry, ingest: Ingest) -> None:
        """Prepare; nothing is followed before `start`."""
        self._hass = hass
        self._entry = entry
        self._ingest = ingest
        self._debouncer = Debouncer(
            hass, _LOGGER, cooldown=_CHECK_SECONDS, immediate=False, function=self.check, background=True
        )

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Follow the registries; return what ends it."""
        hass, entity_ids = self._hass, list(self._ingest.entity_ids)
        forget_other_rooms(hass, [HOME_SCOPE, *rooms_of(self._entry)])
        stops = [
            async_track_entity_registry_updated_event(hass, entity_ids, self._handle_entity),
            hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, self._handle_device),
            async_track_state_change_event(hass, entity_ids, self._handle_state),
            # Before everything is loaded, an entity that is not there yet is no news.
            async_at_started(hass, self._handle_started),
            self._debouncer.async_shutdown,
        ]

        @callback
        def stop() -> None:
            """Stop following."""
            for unsubscribe in stops:
                unsubscribe()

        return stop

    @callback
    def _handle_started(self, _: HomeAssistant) -> None:
        """Look once when everything is loaded."""
        self._debouncer.async_schedule_call()

    @callback
    def _handle_device(self, event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        """Look again when a device may have moved."""
        if event.data["action"] == "update" and "area_id" in event.data["changes"]:
            self._debouncer.async_schedule_call()

    @callback
    def _handle_state(self, event: Event[EventStateChangedData]) -> None:
        """Look again when an entity came or went."""
        if event.data["old_state"] is None or event.data["new_state"] is None:
            self._debouncer.async_schedule_call()

    @callback
    def _handle_entity(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Follow a rename; look again at anything else."""
        data = event.data
        if data["action"] == "update" and "old_entity_id" in data:
            follow(self._hass, self._entry, data["old_entity_id"], data["entity_id"])
            return
        self._debouncer.async_schedule_call()

    @callback
    def check(self) -> None:
        """Compare the configuration with what exists, and raise or clear repairs."""
        if self._entry.state is not ConfigEntryState.LOADED or self._hass.state is not CoreState.running:
            return
        registry = er.async_get(self._hass)
        home = {entity_id for entity_ids in home_roles(self._entry).values() for entity_id in entity_ids}
        gone = {entity_id for entity_id in home if self._is_gone(registry, entity_id)}
        data = {"entry_id": self._entry.entry_id}
        sync_entity_issue(self._hass, MISSING, HOME_SCOPE, self._entry.title, gone, data)
        for room in rooms_of(self._entry).values():
            data = {"entry_id": self._entry.entry_id, "subentry_id": room.id}
            gone = {entity_id for entity_id in room.entity_ids if self._is_gone(registry, entity_id)}
            sync_entity_issue(self._hass, MISSING, room.id, room.title, gone, data)
            moved = self._moved(registry, room.id, room.area_id, room.entity_ids - gone)
            sync_entity_issue(self._hass, MOVED, room.id, room.title, moved, data)

    def _is_gone(self, registry: er.EntityRegistry, entity_id: str) -> bool:
        """Return whether an entity no longer exists or is disabled; one that is only unavailable does exist."""
        entry = registry.async_get(entity_id)
        if entry is None:
            return not has_state(self._hass, entity_id)
        return entry.disabled_by is not None

    def _moved(self, registry: er.EntityRegistry, room: str, area_id: str, entity_ids: frozenset[str]) -> set[str]:
        """Return the entities that now stand in another area than when the user chose them for this room."""
        if ar.async_get(self._hass).async_get_area(area_id) is None:
            return set()
        confirmed = self._entry.subentries[room].data.get(CONF_OUTSIDE, ())
        found = set()
        for entity_id in entity_ids.difference(confirmed):
            entry = registry.async_get(entity_id)
            area = None if entry is None else area_of(self._hass, entry)
            if area is not None and area != area_id:
                found.add(entity_id)
        return found
