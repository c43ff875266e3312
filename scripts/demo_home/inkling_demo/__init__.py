"""The rooms of the demo: devices that replay a recorded home, written by the demo's launcher."""

from homeassistant.config_entries import SOURCE_IMPORT, ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .const import ATTR_IN_SECONDS, ATTR_TO, DOMAIN, SERVICE_SKIP, Occasion
from .replay import Replay, load_replay

CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.DEVICE_TRACKER,
    Platform.LIGHT,
    Platform.MEDIA_PLAYER,
    Platform.SENSOR,
]
SKIP_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_TO): vol.In([occasion.value for occasion in Occasion]),
        vol.Optional(ATTR_IN_SECONDS, default=10.0): vol.All(vol.Coerce(float), vol.Range(min=0.0, max=3600.0)),
    }
)

type DemoConfigEntry = ConfigEntry[Replay]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Add the home's config entry when the configuration asks for it, and offer the skip action."""

    async def handle_skip(call: ServiceCall) -> None:
        """Move the trace to shortly before somebody comes or leaves."""
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await entry.runtime_data.async_skip(Occasion(call.data[ATTR_TO]), call.data[ATTR_IN_SECONDS])

    hass.services.async_register(DOMAIN, SERVICE_SKIP, handle_skip, schema=SKIP_SCHEMA)
    if DOMAIN in config:
        hass.async_create_task(hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_IMPORT}, data={}))
    return True


async def async_setup_entry(hass: HomeAssistant, entry: DemoConfigEntry) -> bool:
    """Read the plan and start the replay once every entity listens."""
    entry.runtime_data = await load_replay(hass)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.runtime_data.async_start()
    entry.async_on_unload(entry.runtime_data.async_stop)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: DemoConfigEntry) -> bool:
    """Take the entities away."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
