"""What all replayed entities share: their device, their area and their place in the trace."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, override

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .replay import Replay


class ReplayedEntity(Entity):
    """An entity that says what was recorded."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, replay: Replay, index: int, planned: dict[str, Any]) -> None:
        """Take the name, device and area from the plan."""
        self._replay = replay
        self._index = index
        self.entity_id = planned["entity_id"]
        self._attr_unique_id = planned["unique_id"]
        self._attr_name = planned["name"]
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, planned["device_id"])},
            name=planned["device_name"],
            suggested_area=planned["area"],
            manufacturer="Replayed recording",
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Take the state of now and listen for the next."""
        if (state := self._replay.state_of(self._index)) is not None:
            self._take(state)
        self.async_on_remove(self._replay.async_listen(self._index, self._hear))

    @callback
    def _hear(self, state: str) -> None:
        """Take and show a state; an equal one counts as a report."""
        self._take(state)
        self.async_write_ha_state()

    def _take(self, state: str) -> None:
        """Take a state as it was recorded."""
        self._attr_available = state != STATE_UNAVAILABLE
        self.set_recorded_state(None if state in (STATE_UNAVAILABLE, STATE_UNKNOWN) else state)

    @abstractmethod
    def set_recorded_state(self, state: str | None) -> None:
        """Take a readable state, None when it was unknown."""


@callback
def add_planned(
    replay: Replay,
    platform: str,
    make: Callable[[Replay, int, dict[str, Any]], Entity],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the plan's entities of one platform."""
    async_add_entities(
        make(replay, index, planned) for index, planned in enumerate(replay.entities) if planned["platform"] == platform
    )
