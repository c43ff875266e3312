"""What is usual in the home now: the one thing about faults that only people know."""

from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .data import InklingConfigEntry, RuntimeData
from .fault_notes import Mode

PARALLEL_UPDATES = 0

MODE = SelectEntityDescription(key="mode", translation_key="mode", options=list(Mode))


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - the platform's signature
    entry: InklingConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's mode where anything is watched for faults."""
    if entry.runtime_data.faults.monitors:
        async_add_entities([InklingMode(entry.runtime_data, entry.entry_id)])


class InklingMode(SelectEntity):
    """Normal, vacation, guests or maintenance; kept over restarts with what users said about faults."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, runtime: RuntimeData, entry_id: str) -> None:
        """Attach to the home's device."""
        self.entity_description = MODE
        self._faults = runtime.faults
        self._attr_unique_id = f"{entry_id}_{MODE.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry_id)})

    @property
    @override
    def current_option(self) -> str:
        """Return the mode."""
        return str(self._faults.notes.mode)

    @override
    async def async_select_option(self, option: str) -> None:
        """Change the mode; what is judged changes with it at once."""
        self._faults.set_mode(Mode(option))
        self.async_write_ha_state()
