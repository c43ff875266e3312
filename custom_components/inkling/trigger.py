"""Triggers that Home Assistant's own do not offer: somebody is expected, and a fault of some severity began."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import CONF_OPTIONS, CONF_TARGET, Platform
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, State, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.event import async_track_utc_time_change
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.trigger import (
    EntityTriggerBase,
    StatelessEntityTriggerBase,
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
)
from homeassistant.helpers.trigger.entity_trigger import NotTriggeredReasonReporter
from homeassistant.helpers.trigger.models import TriggerNotTriggeredReporter
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .core.faults.classes import Severity
from .expected import CONF_LEAD_TIME, CONF_PROBABILITY, EXPECTED_OPTIONS, Crossing, expected_within, is_occupied
from .faulty import CONF_SEVERITY, SEVERITY_OPTIONS, is_at_least, ours

# Forecasts are made anew in the first seconds of a quarter of an hour.
_SECOND = 5
_TOLD = ("type", "severity", "entity", "evidence")


class OccupancyExpectedTrigger(EntityTriggerBase):
    """Triggers when an empty room's forecast comes up to a chance within a lead time."""

    _domain_specs: Mapping[str, DomainSpec] = {
        Platform.BINARY_SENSOR: DomainSpec(device_class=BinarySensorDeviceClass.OCCUPANCY)
    }
    _schema = vol.Schema(
        {vol.Required(CONF_TARGET): cv.TARGET_FIELDS, vol.Required(CONF_OPTIONS, default={}): EXPECTED_OPTIONS}
    )

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take over the options."""
        super().__init__(hass, config)
        self._lead_seconds = self._options[CONF_LEAD_TIME].total_seconds()
        self._limit = self._options[CONF_PROBABILITY] / 100.0
        self._selection = TargetSelection(self._target)

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Leave out occupancy that others tell."""
        return ours(self._hass, super().entity_filter(entities))

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Look once a minute: the lead time moves on while a forecast stands."""
        crossings: dict[str, Crossing] = {}

        @callback
        def look(moment: datetime) -> None:
            """Tell of each room that has just become expected."""
            for entity_id in self._entities():
                crossing = crossings.setdefault(entity_id, Crossing(self._limit))
                self._step(entity_id, crossing, moment, run_action)

        look(dt_util.utcnow())
        stop: CALLBACK_TYPE = async_track_utc_time_change(self._hass, look, second=_SECOND)
        return stop

    def _entities(self) -> list[str]:
        """Return what is targeted now: rooms come and go."""
        found = async_extract_referenced_entity_ids(self._hass, self._selection, primary_entities_only=True)
        return sorted(self.entity_filter(found.referenced | found.indirectly_referenced))

    def _step(self, entity_id: str, crossing: Crossing, moment: datetime, run_action: TriggerActionRunner) -> None:
        """Look at one room."""
        chance = expected_within(self._hass, entity_id, moment.timestamp(), self._lead_seconds)
        if not crossing.step(None if chance is None else chance.probability) or chance is None:
            return
        # Who is there already was not expected, and is none when they come back at once.
        if is_occupied(self._hass, entity_id):
            return
        expected_at = dt_util.as_local(dt_util.utc_from_timestamp(chance.moment))
        payload = {
            "entity_id": entity_id,
            "probability": round(chance.probability * 100.0),
            "expected_at": expected_at.isoformat(timespec="seconds"),
        }
        run_action(payload, f"somebody expected by {entity_id}")


class FaultDetectedTrigger(StatelessEntityTriggerBase):
    """Triggers when a fault begins that is bad enough."""

    _domain_specs: Mapping[str, DomainSpec] = {Platform.EVENT: DomainSpec()}
    _schema = vol.Schema(
        {vol.Required(CONF_TARGET): cv.TARGET_FIELDS, vol.Required(CONF_OPTIONS, default={}): SEVERITY_OPTIONS}
    )

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Leave out what others tell."""
        return ours(self._hass, super().entity_filter(entities))

    @override
    def is_valid_state(self, state: State, report_not_triggered: NotTriggeredReasonReporter) -> bool:
        """Return whether an event is the onset of what is bad enough."""
        severity, least = state.attributes.get(CONF_SEVERITY), Severity(self._options[CONF_SEVERITY])
        if state.attributes.get("event_type") != "onset":
            return False
        if not is_at_least(severity, least):
            report_not_triggered("not_severe_enough", severity=severity)
            return False
        return True

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Hand on what the event tells, so that templates need not look for it."""

        @callback
        def run(
            extra_trigger_payload: dict[str, Any], description: str, context: Context | None = None
        ) -> asyncio.Task[Any]:
            """Run with the fault as variables of the trigger."""
            attributes = extra_trigger_payload["to_state"].attributes
            told = {key: attributes.get(key) for key in _TOLD}
            return run_action({**extra_trigger_payload, **told}, description, context)

        return await super().async_attach_runner(run, did_not_trigger)


TRIGGERS: dict[str, type[Trigger]] = {
    "fault_detected": FaultDetectedTrigger,
    "occupancy_expected": OccupancyExpectedTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:  # noqa: ARG001 - the platform's signature
    """Return our triggers."""
    return TRIGGERS
