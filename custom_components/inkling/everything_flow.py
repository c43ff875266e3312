"""Watch everything: one click that watches every sensor of the home, and later what is to be left out."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig
import voluptuous as vol

from .const import CONF_EXCLUDED, CONF_SIGNALS, SUBENTRY_EVERYTHING
from .fault_suggest import watchable_roles
from .phrases import async_load_phrases


@callback
def everything_schema(hass: HomeAssistant, excluded: list[str]) -> vol.Schema:
    """Return the form; it can be sent as it is."""
    offered = sorted(entity_id for found in watchable_roles(hass).values() for entity_id in found)
    entities = EntitySelector(EntitySelectorConfig(multiple=True, include_entities=offered))
    return vol.Schema({vol.Optional(CONF_EXCLUDED, description={"suggested_value": excluded}): entities})


class EverythingSubentryFlow(ConfigSubentryFlow):
    """Watch every sensor, or change which are left out."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Say how many sensors there are, and begin."""
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        is_new = self.source == SOURCE_USER
        if is_new and any(True for _ in entry.get_subentries_of_type(SUBENTRY_EVERYTHING)):
            return self.async_abort(reason="already_configured")
        count = sum(len(found) for found in watchable_roles(self.hass).values())
        if not count:
            return self.async_abort(reason="no_sensors")
        if user_input is None:
            excluded = [] if is_new else list(self._get_reconfigure_subentry().data[CONF_EXCLUDED])
            return self.async_show_form(
                step_id="user",
                data_schema=everything_schema(self.hass, excluded),
                description_placeholders={"count": str(count)},
                last_step=True,
            )
        data = {CONF_SIGNALS: {}, CONF_EXCLUDED: user_input.get(CONF_EXCLUDED, [])}
        if is_new:
            title = (await async_load_phrases(self.hass))["everything_title"]
            return self.async_create_entry(title=title, data=data, unique_id=SUBENTRY_EVERYTHING)
        return self.async_update_and_abort(entry, self._get_reconfigure_subentry(), data=data)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change what is left out."""
        return await self.async_step_user(user_input)
