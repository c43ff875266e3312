"""Each fault as it begins and ends, with its evidence: what blueprints and automations listen to."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import InklingConfigEntry
from .fault_entity import InklingFaultEntity, alarm_attributes
from .fault_watch import News

# Alarms are pushed; nothing is polled.
PARALLEL_UPDATES = 0

FAULT_EVENT = EventEntityDescription(key="fault_event", translation_key="fault", event_types=["onset", "clear"])


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - the platform's signature
    entry: InklingConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add each device monitor's event."""
    runtime = entry.runtime_data
    for monitor in runtime.faults.monitors.values():
        entity = InklingFaultEvent(runtime, monitor, FAULT_EVENT)
        async_add_entities([entity], config_subentry_id=monitor.id)


class InklingFaultEvent(InklingFaultEntity, EventEntity):
    """Onset and clear of a device's faults."""

    @callback
    @override
    def _handle(self, news: tuple[News, ...]) -> None:
        """Tell each of several things that came at once by itself."""
        for what, alarm in news:
            self._trigger_event(what, alarm_attributes(alarm, self._faults.speaker))
            self.async_write_ha_state()

    @override
    def _take(self, news: tuple[News, ...]) -> bool:
        """Show nothing of a status: an event is only what happens."""
        return False
