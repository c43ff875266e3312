"""Motion, presence, doors and windows of the demo home."""

from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass, BinarySensorEntity
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoConfigEntry
from .entity import ReplayedEntity, add_planned
from .replay import Replay


async def async_setup_entry(
    _hass: HomeAssistant, entry: DemoConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the recorded binary sensors."""
    add_planned(entry.runtime_data, "binary_sensor", ReplayedBinarySensor, async_add_entities)


class ReplayedBinarySensor(ReplayedEntity, BinarySensorEntity):
    """A recorded on or off."""

    def __init__(self, replay: Replay, index: int, planned: dict[str, Any]) -> None:
        """Take the device class."""
        super().__init__(replay, index, planned)
        self._attr_device_class = BinarySensorDeviceClass(planned["device_class"])

    @override
    def set_recorded_state(self, state: str | None) -> None:
        """Take on or off."""
        self._attr_is_on = None if state is None else state == STATE_ON
