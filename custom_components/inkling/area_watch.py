"""Areas that gain sensors or are deleted: the user is told, and nothing is added without them."""

import logging
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.start import async_at_started

from .area_issues import sync_area_issues
from .area_news import news_of, rooms_without_area

if TYPE_CHECKING:
    from .data import InklingConfigEntry

_LOGGER = logging.getLogger(__name__)
# A new device brings its entities in a burst, and its user is still naming it and choosing its area.
_SETTLE_SECONDS = 30.0
# What else changes of an entity says nothing about what it is or where it stands.
_TELLING_CHANGES = frozenset(
    {
        "area_id",
        "device_class",
        "device_id",
        "disabled_by",
        "entity_category",
        "entity_id",
        "hidden_by",
        "original_device_class",
        "unit_of_measurement",
    }
)


class AreaWatch:
    """Looks at an entry's areas again some time after a registry changed."""

    def __init__(self, hass: HomeAssistant, entry: InklingConfigEntry) -> None:
        """Prepare; nothing is followed before `start`."""
        self._hass = hass
        self._entry = entry
        self._debouncer = Debouncer(
            hass, _LOGGER, cooldown=_SETTLE_SECONDS, immediate=False, function=self.check, background=True
        )

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Follow the registries; return what ends it."""
        bus = self._hass.bus
        stops = [
            bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._handle_entity),
            bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, self._handle_device),
            bus.async_listen(ar.EVENT_AREA_REGISTRY_UPDATED, self._handle_area),
            async_at_started(self._hass, self._handle_started),
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
        """Look as soon as the entry is loaded: what the form of a room has settled should not be asked again."""
        self._entry.async_create_task(self._hass, self._async_check(), "Inkling areas", eager_start=False)

    async def _async_check(self) -> None:
        """Look now."""
        self.check()

    @callback
    def _handle_entity(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Look again when an entity came, went, or is something else now."""
        data = event.data
        if data["action"] != "update" or not _TELLING_CHANGES.isdisjoint(data["changes"]):
            self._debouncer.async_schedule_call()

    @callback
    def _handle_device(self, event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        """Look again when a device was put somewhere else."""
        if event.data["action"] == "update" and "area_id" in event.data["changes"]:
            self._debouncer.async_schedule_call()

    @callback
    def _handle_area(self, _: Event[ar.EventAreaRegistryUpdatedData]) -> None:
        """Look again when an area came, went or is called something else."""
        self._debouncer.async_schedule_call()

    @callback
    def check(self) -> None:
        """Compare what stands in the areas with what the user was shown."""
        if self._entry.state is not ConfigEntryState.LOADED or self._hass.state is not CoreState.running:
            return
        sync_area_issues(
            self._hass,
            self._entry.entry_id,
            news_of(self._hass, self._entry),
            rooms_without_area(self._hass, self._entry),
            self._entry.runtime_data.name_of,
        )
