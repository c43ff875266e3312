"""Levels of the demo home: CO2, light, sound, temperature and whatever else a trace measures."""

import math
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoConfigEntry
from .entity import ReplayedEntity, add_planned
from .replay import Replay


async def async_setup_entry(
    _hass: HomeAssistant, entry: DemoConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the recorded sensors."""
    add_planned(entry.runtime_data, "sensor", ReplayedSensor, async_add_entities)


class ReplayedSensor(ReplayedEntity, SensorEntity):
    """A recorded number."""

    _attr_state_class = SensorStateClass.MEASUREMENT

    def __init__(self, replay: Replay, index: int, planned: dict[str, Any]) -> None:
        """Take the device class and the unit."""
        super().__init__(replay, index, planned)
        if planned["device_class"] is not None:
            self._attr_device_class = SensorDeviceClass(planned["device_class"])
        self._attr_native_unit_of_measurement = planned["unit"] or None

    @override
    def set_recorded_state(self, state: str | None) -> None:
        """Take a number as it was written, digits and all; what is no number is unknown."""
        self._attr_native_value = state if _is_number(state) else None


def _is_number(state: str | None) -> bool:
    """Tell whether a state can be read as a finite number."""
    try:
        return state is not None and math.isfinite(float(state))
    except ValueError:
        return False
