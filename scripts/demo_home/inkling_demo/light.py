"""Lamps of the demo home; a hand on the switch counts until the recording speaks again."""

from typing import Any, override

from homeassistant.components.light import ColorMode, LightEntity
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoConfigEntry
from .entity import ReplayedEntity, add_planned


async def async_setup_entry(
    _hass: HomeAssistant, entry: DemoConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the recorded lamps."""
    add_planned(entry.runtime_data, "light", ReplayedLight, async_add_entities)


class ReplayedLight(ReplayedEntity, LightEntity):
    """A recorded lamp."""

    _attr_color_mode = ColorMode.ONOFF
    _attr_supported_color_modes = {ColorMode.ONOFF}  # noqa: RUF012 - the base class declares it so

    @override
    def set_recorded_state(self, state: str | None) -> None:
        """Take on or off."""
        self._attr_is_on = None if state is None else state == STATE_ON

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch the lamp on by hand."""
        self._hear("on")

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch the lamp off by hand."""
        self._hear("off")
