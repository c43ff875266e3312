"""What every entity of a room, or of the home, shares: its device, and writing only what changed."""

from abc import abstractmethod
from typing import override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import InklingCoordinator
from .core.verdict import UnknownReason, Verdict
from .data import RuntimeData
from .rooms import Monitor


def device_info(runtime: RuntimeData, monitor: Monitor) -> DeviceInfo:
    """Return the device a monitor's entities hang on."""
    found = DeviceInfo(identifiers={(DOMAIN, monitor.id)}, name=monitor.title, entry_type=DeviceEntryType.SERVICE)
    if monitor.subentry_id is not None:
        found["via_device_id"] = runtime.hub_id
    return found


class InklingRoomEntity(CoordinatorEntity[InklingCoordinator]):
    """One row of a description table, over one monitor's verdict."""

    _attr_has_entity_name = True

    def __init__(self, runtime: RuntimeData, monitor: Monitor, description: EntityDescription) -> None:
        """Attach to the room's device, or to the home's."""
        super().__init__(runtime.coordinator, context=monitor.id)
        self.entity_description = description
        self._runtime = runtime
        self._room_id = monitor.id
        self._attr_unique_id = f"{monitor.id}_{description.key}"
        self._attr_device_info = device_info(runtime, monitor)
        self._take(self._verdict)

    @property
    def _verdict(self) -> Verdict | None:
        """Return the room's newest verdict."""
        return self.coordinator.data.get(self._room_id)

    @abstractmethod
    def _take(self, verdict: Verdict | None) -> bool:
        """Take over a verdict and return whether what is shown changed; nothing is shown before the first."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state when the room's verdict changed what is shown."""
        if self._take(self._verdict):
            self.async_write_ha_state()


def is_answerable(verdict: Verdict | None) -> bool:
    """Return whether a prediction is available: not when every sensor of the room is gone."""
    return verdict is None or verdict.score.unknown is not UnknownReason.NO_SIGNALS
