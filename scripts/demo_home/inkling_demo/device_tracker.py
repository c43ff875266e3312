"""Phones of the people of the demo home."""

from typing import override

from homeassistant.components.device_tracker import SourceType, TrackerEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoConfigEntry
from .entity import ReplayedEntity, add_planned


async def async_setup_entry(
    _hass: HomeAssistant, entry: DemoConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the recorded phones."""
    add_planned(entry.runtime_data, "device_tracker", ReplayedPhone, async_add_entities)


class ReplayedPhone(ReplayedEntity, TrackerEntity):
    """A recorded place of a person's phone."""

    _attr_source_type = SourceType.GPS

    @override
    def set_recorded_state(self, state: str | None) -> None:
        """Take the name of the place."""
        self._attr_location_name = state
