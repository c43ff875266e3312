"""The demo home sets itself up from the configuration file."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult

from .const import DOMAIN


class DemoConfigFlow(ConfigFlow, domain=DOMAIN):
    """Make the one entry of the demo home."""

    async def async_step_import(self, import_data: dict[str, Any]) -> ConfigFlowResult:
        """Make the entry without a question."""
        return self.async_create_entry(title="Demo home", data=import_data)

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Make the entry again after a user deleted it."""
        return self.async_create_entry(title="Demo home", data=user_input or {})
