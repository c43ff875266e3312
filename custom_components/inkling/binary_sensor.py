"""Occupancy of each room, and of the home."""

from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .core.verdict import Verdict
from .data import InklingConfigEntry
from .entity import InklingRoomEntity, is_answerable
from .fault_binary import FAULT, InklingFault
from .rooms import monitors_of

# Verdicts are pushed; nothing is polled.
PARALLEL_UPDATES = 0

OCCUPANCY = BinarySensorEntityDescription(
    key="occupancy",
    translation_key="occupancy",
    device_class=BinarySensorDeviceClass.OCCUPANCY,
)

ANYBODY_HOME = BinarySensorEntityDescription(
    key="occupancy",
    translation_key="anybody_home",
    device_class=BinarySensorDeviceClass.OCCUPANCY,
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - the platform's signature
    entry: InklingConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add each room's occupancy, the home's, and whether each device fails."""
    runtime = entry.runtime_data
    for monitor in monitors_of(entry):
        row = ANYBODY_HOME if monitor.subentry_id is None else OCCUPANCY
        async_add_entities([InklingOccupancy(runtime, monitor, row)], config_subentry_id=monitor.subentry_id)
    for device in runtime.faults.monitors.values():
        async_add_entities([InklingFault(runtime, device, FAULT)], config_subentry_id=device.id)


class InklingOccupancy(InklingRoomEntity, BinarySensorEntity):
    """Whether somebody is in the room, or in the home at all."""

    @override
    def _take(self, verdict: Verdict | None) -> bool:
        """Take over the decision."""
        shown = (is_answerable(verdict), None if verdict is None else verdict.decision.occupied)
        if shown == (self._attr_available, self._attr_is_on):
            return False
        self._attr_available, self._attr_is_on = shown
        return True

    @property
    @override
    def available(self) -> bool:
        """Return whether the room's sensors let anything be said."""
        return self._attr_available
