"""Buttons that move the demo to the next moment worth seeing."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoConfigEntry
from .const import DOMAIN, Occasion
from .replay import Replay

# Long enough to look at the empty room: motion comes half a minute before the recorded head count rises.
LEAD_SECONDS = 45.0
NAMES = {Occasion.ARRIVAL: "Skip to the next arrival", Occasion.DEPARTURE: "Skip to the next departure"}


async def async_setup_entry(
    _hass: HomeAssistant, entry: DemoConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add one button an occasion."""
    async_add_entities(SkipButton(entry.runtime_data, occasion) for occasion in Occasion)


class SkipButton(ButtonEntity):
    """Skip the hours in which nothing happens."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, replay: Replay, occasion: Occasion) -> None:
        """Belong to the recording itself."""
        self._replay = replay
        self._occasion = occasion
        self._attr_name = NAMES[occasion]
        self._attr_unique_id = f"skip_{occasion}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, "recording")}, name="Demo recording")

    @override
    async def async_press(self) -> None:
        """Go there."""
        await self._replay.async_skip(self._occasion, LEAD_SECONDS)
