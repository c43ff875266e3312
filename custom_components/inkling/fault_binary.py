"""Whether a device is failing: on at a warning or worse."""

from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)

from .fault_entity import LIVE_ATTRIBUTES, InklingFaultEntity, alarm_attributes
from .fault_watch import News

FAULT = BinarySensorEntityDescription(
    key="fault", translation_key="fault", device_class=BinarySensorDeviceClass.PROBLEM
)


class InklingFault(InklingFaultEntity, BinarySensorEntity):
    """The problem that automations look at."""

    _unrecorded_attributes = LIVE_ATTRIBUTES
    _attr_extra_state_attributes: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed

    @override
    def _take(self, news: tuple[News, ...]) -> bool:
        """Take over whether anything serious stands, and all that is known of the worst of it."""
        status = self._status
        worst = status.worst if status.is_faulty else None
        attributes = {} if worst is None else alarm_attributes(worst, self._faults.speaker)
        is_on = None if status.state is None and worst is None else worst is not None
        if (is_on, attributes) == (self._attr_is_on, self._attr_extra_state_attributes):
            return False
        self._attr_is_on, self._attr_extra_state_attributes = is_on, attributes
        return True
