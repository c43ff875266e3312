"""Meters and thermometers of appliances -> readings that wait for the worker; on the event loop, computes nothing."""

from collections.abc import Mapping
import math

from homeassistant.const import ATTR_RESTORED, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event, async_track_state_report_event

from .appliance_config import ApplianceConfig
from .appliance_days import Readings
from .core.faults.intake import raw_value
from .core.units import Role
from .ingest import standing_state

# What a worker that is stuck leaves behind must not fill the memory.
_MOST_WAITING = 50_000


class ApplianceFeed:
    """Readings by entity, taken by the worker once a minute."""

    def __init__(self, hass: HomeAssistant, configs: Mapping[str, ApplianceConfig]) -> None:
        """Know which entities are read, and as what."""
        self._hass = hass
        self._roles = {item.entity_id: Role.POWER for item in configs.values()}
        self._roles |= {item.inside: Role.TEMPERATURE for item in configs.values() if item.inside is not None}
        self._waiting: dict[str, Readings] = {entity_id: [] for entity_id in self._roles}

    @callback
    def start(self, now: float) -> CALLBACK_TYPE:
        """Take the states that stand, follow all that come, and return what ends it; `now` in epoch seconds."""
        stops = [
            async_track_state_change_event(self._hass, list(self._roles), self._handle_change),
            async_track_state_report_event(self._hass, list(self._roles), self._handle_report),
        ]
        for entity_id in self._roles:
            state = standing_state(self._hass, entity_id)
            if state is not None and not state.attributes.get(ATTR_RESTORED):
                self._append(entity_id, state, now)

        @callback
        def stop() -> None:
            """Stop listening."""
            for unsubscribe in stops:
                unsubscribe()

        return stop

    @callback
    def _handle_change(self, event: Event[EventStateChangedData]) -> None:
        """Append a changed state."""
        new = event.data["new_state"]
        t = event.time_fired_timestamp if new is None else new.last_updated_timestamp
        self._append(event.data["entity_id"], new, t)

    @callback
    def _handle_report(self, event: Event[EventStateReportedData]) -> None:
        """Append a repeated reading: a meter that repeats itself is not a dead one."""
        state = event.data["new_state"]
        self._append(state.entity_id, state, event.data["last_reported"].timestamp())

    def _append(self, entity_id: str, state: State | None, t: float) -> None:
        """Append one state; None stands for a state that is gone."""
        value: float | None = math.nan
        if state is not None:
            value = raw_value(self._roles[entity_id], state.state, state.attributes.get(ATTR_UNIT_OF_MEASUREMENT))
        found = self._waiting[entity_id]
        if value is not None and len(found) < _MOST_WAITING:
            found.append((t, value))

    @callback
    def drain(self) -> dict[str, Readings]:
        """Return what came since the last time, by entity."""
        found, self._waiting = self._waiting, {entity_id: [] for entity_id in self._roles}
        return found
