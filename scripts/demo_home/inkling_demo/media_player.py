"""Televisions and radios of the demo home."""

from contextlib import suppress
from typing import override

from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoConfigEntry
from .entity import ReplayedEntity, add_planned


async def async_setup_entry(
    _hass: HomeAssistant, entry: DemoConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the recorded players."""
    add_planned(entry.runtime_data, "media_player", ReplayedMediaPlayer, async_add_entities)


class ReplayedMediaPlayer(ReplayedEntity, MediaPlayerEntity):
    """A recorded player."""

    @override
    def set_recorded_state(self, state: str | None) -> None:
        """Take the player's state; one that Home Assistant does not know is unknown."""
        self._attr_state = None
        with suppress(ValueError):
            self._attr_state = None if state is None else MediaPlayerState(state)
