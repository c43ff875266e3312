"""What every entity of a room shares: its device, and writing only what changed."""

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
from .rooms import RoomConfig


class InklingRoomEntity(CoordinatorEntity[InklingCoordinator]):
    """One row of a description table, over one room's verdict."""

    _attr_has_entity_name = True

    def __init__(self, runtime: RuntimeData, room: RoomConfig, description: EntityDescription) -> None:
        """Attach to the room's device."""
        super().__init__(runtime.coordinator, context=room.id)
        self.entity_description = description
        self._runtime = runtime
        self._room_id = room.id
        self._attr_unique_id = f"{room.id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, room.id)},
            name=room.title,
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=runtime.hub_id,
        )
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
