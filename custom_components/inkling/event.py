"""Each fault as it begins and ends, with its evidence: what blueprints and automations listen to."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import ATTR_ENTITY_ID, ATTR_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import ATTR_MESSAGE, EVENT_FAULT
from .data import InklingConfigEntry
from .fault_entity import LIVE_ATTRIBUTES, InklingFaultEntity, alarm_attributes
from .fault_watch import News

# Alarms are pushed; nothing is polled.
PARALLEL_UPDATES = 0

ONSET, CLEAR = "onset", "clear"
ATTR_WHAT = "event_type"
FAULT_EVENT = EventEntityDescription(key="fault_event", translation_key="fault", event_types=[ONSET, CLEAR])


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

    _unrecorded_attributes = LIVE_ATTRIBUTES

    @callback
    @override
    def _handle(self, news: tuple[News, ...]) -> None:
        """Tell each of several things that came at once by itself."""
        for what, alarm in news:
            attributes = alarm_attributes(alarm, self._faults.speaker)
            self._trigger_event(what, attributes)
            self.async_write_ha_state()
            self._tell(what, attributes)

    @callback
    def _tell(self, what: str, attributes: Mapping[str, Any]) -> None:
        """Fire the event that the logbook shows with its evidence."""
        speaker = self._faults.speaker
        told = {
            ATTR_ENTITY_ID: self.entity_id,
            ATTR_NAME: speaker.name_of(attributes["entity"]),
            ATTR_MESSAGE: speaker.phrases[f"logbook_{what}"].replace("{evidence}", attributes["evidence"]),
        }
        self.hass.bus.async_fire(EVENT_FAULT, {**attributes, **told, ATTR_WHAT: what}, context=self._context)

    @override
    def _take(self, news: tuple[News, ...]) -> bool:
        """Show nothing of a status: an event is only what happens."""
        return False
