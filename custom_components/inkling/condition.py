"""Conditions that Home Assistant's own do not offer: somebody is expected, and a fault of some severity stands."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import CONF_OPTIONS, CONF_TARGET, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ATTR_BEHAVIOR,
    BEHAVIOR_ALL,
    BEHAVIOR_ANY,
    Condition,
    ConditionConfig,
    EntityConditionBase,
)
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .expected import CONF_LEAD_TIME, CONF_PROBABILITY, EXPECTED_OPTIONS, expected_within
from .faulty import CONF_SEVERITY, SEVERITY_OPTIONS, is_at_least, ours, status_of_entity


def _schema(options: VolDictType) -> vol.Schema:
    """Return the schema of a condition with options of its own."""
    behavior = {vol.Required(ATTR_BEHAVIOR, default=BEHAVIOR_ANY): vol.In([BEHAVIOR_ANY, BEHAVIOR_ALL])}
    return vol.Schema(
        {vol.Required(CONF_TARGET): cv.TARGET_FIELDS, vol.Required(CONF_OPTIONS, default={}): {**behavior, **options}}
    )


class InklingCondition(EntityConditionBase):
    """A condition over what Inkling knows beyond an entity's state."""

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Keep the options."""
        super().__init__(hass, config)
        self._options: Mapping[str, Any] = config.options or {}

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Leave out what others tell."""
        return ours(self._hass, super().entity_filter(entities))

    @property
    @override
    def needs_polling(self) -> bool:
        """Return that the answer changes while states stand."""
        return True

    @override
    def _should_include(self, _state: State) -> bool:
        """Count what is unknown as well: of all rooms, one of which nothing is known fails."""
        return True


class IsExpectedOccupied(InklingCondition):
    """Passes while somebody is there or expected within a lead time."""

    _domain_specs: Mapping[str, DomainSpec] = {
        Platform.BINARY_SENSOR: DomainSpec(device_class=BinarySensorDeviceClass.OCCUPANCY)
    }
    _schema = _schema(EXPECTED_OPTIONS)

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Return whether the chance is high enough; an unknown one is not."""
        now, lead = dt_util.utcnow().timestamp(), self._options[CONF_LEAD_TIME].total_seconds()
        chance = expected_within(self._hass, entity_state.entity_id, now, lead)
        return chance is not None and chance.probability >= self._options[CONF_PROBABILITY] / 100.0


class HasFault(InklingCondition):
    """Passes while a fault stands that is bad enough."""

    _domain_specs: Mapping[str, DomainSpec] = {
        Platform.BINARY_SENSOR: DomainSpec(device_class=BinarySensorDeviceClass.PROBLEM)
    }
    _schema = _schema(SEVERITY_OPTIONS)

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Return whether the worst that stands is bad enough."""
        status = status_of_entity(self._hass, entity_state.entity_id)
        worst = None if status is None else status.worst
        return worst is not None and is_at_least(worst.severity, self._options[CONF_SEVERITY])


CONDITIONS: dict[str, type[Condition]] = {"has_fault": HasFault, "is_expected_occupied": IsExpectedOccupied}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:  # noqa: ARG001 - the platform's signature
    """Return our conditions."""
    return CONDITIONS
