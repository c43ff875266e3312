"""The home's flows: adding Inkling, which leads straight to the first room, and its options."""

from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from .const import (
    CONF_BACKEND,
    CONF_EXIT_DOORS,
    CONF_OFF_DELAY_SECONDS,
    CONF_PEOPLE,
    CONF_REGISTRY_IDS,
    CONF_SENSITIVITY,
    DOMAIN,
    OFF_DELAY_LIMIT_SECONDS,
    SUBENTRY_DEVICE,
    SUBENTRY_EVERYTHING,
    SUBENTRY_ROOM,
    Sensitivity,
)
from .core.backends import BackendKind, available
from .core.units import Role
from .device_flow import DeviceSubentryFlow
from .everything_flow import EverythingSubentryFlow
from .forecast_options import SECTION, forecast_refusal, forecast_schema
from .forms import home_schema, refusal
from .ingest import says_something
from .phrases import async_load_phrases, refusal_placeholders
from .renames import registry_ids
from .room_flow import RoomSubentryFlow
from .suggest import suggested_exit_doors, suggested_people


class InklingConfigFlow(ConfigFlow, domain=DOMAIN):
    """Add the home: who lives there and which doors lead out, both optional."""

    VERSION = 1
    MINOR_VERSION = 1

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for people and exit doors, with what the registries suggest filled in."""
        errors, placeholders = {}, {}
        doors = suggested_exit_doors(self.hass)
        # A person without a tracker stays unknown for ever.
        people = [entity_id for entity_id in suggested_people(self.hass) if says_something(self.hass, entity_id)]
        if user_input is not None:
            doors, people = user_input.get(CONF_EXIT_DOORS, []), user_input.get(CONF_PEOPLE, [])
            if (found := refusal(self.hass, {Role.PERSON: people, Role.DOOR: doors})) is None:
                options: dict[str, Any] = {CONF_EXIT_DOORS: doors, CONF_PEOPLE: people}
                options[CONF_REGISTRY_IDS] = registry_ids(self.hass, [*doors, *people])
                return self.async_create_entry(title="Inkling", data={}, options=options)
            errors["base"] = found.error
            placeholders = refusal_placeholders(await async_load_phrases(self.hass), found)
        return self.async_show_form(
            step_id="user",
            data_schema=vol.Schema(home_schema(self.hass, doors, people)),
            errors=errors,
            description_placeholders=placeholders,
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on to the first room, without which nothing is judged."""
        room = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_ROOM), context=SubentryFlowContext(source=SOURCE_USER)
        )
        # A home without usable sensors has no first room yet, and a flow that ended cannot be gone on with.
        if room["type"] is FlowResultType.FORM:
            result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, room["flow_id"])
        return result

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow of the home's options."""
        return InklingOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added to a home."""
        return {
            SUBENTRY_ROOM: RoomSubentryFlow,
            SUBENTRY_DEVICE: DeviceSubentryFlow,
            SUBENTRY_EVERYTHING: EverythingSubentryFlow,
        }


class InklingOptionsFlow(OptionsFlow):
    """Change what holds for the whole home."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show and take the options."""
        options = dict(self.config_entry.options)
        errors, placeholders = {}, {}
        if user_input is not None:
            # A field that was emptied is not sent: without its key the default holds again.
            answers = dict(user_input)
            options = {CONF_EXIT_DOORS: [], CONF_PEOPLE: [], **answers.pop(SECTION), **answers}
            chosen = {Role.PERSON: options[CONF_PEOPLE], Role.DOOR: options[CONF_EXIT_DOORS]}
            found = refusal(self.hass, chosen) or forecast_refusal(self.hass, options)
            if found is None:
                options[CONF_REGISTRY_IDS] = registry_ids(self.hass, [*chosen[Role.DOOR], *chosen[Role.PERSON]])
                return self.async_create_entry(data=options)
            errors["base"] = found.error
            placeholders = refusal_placeholders(await async_load_phrases(self.hass), found)
        return self.async_show_form(
            step_id="init",
            data_schema=await self._async_schema(options),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _async_schema(self, options: dict[str, Any]) -> vol.Schema:
        """Return the form; a backend that cannot run here is not offered."""
        fields = home_schema(self.hass, options.get(CONF_EXIT_DOORS, []), options.get(CONF_PEOPLE, []))
        sensitivity = vol.Required(CONF_SENSITIVITY, default=options.get(CONF_SENSITIVITY, Sensitivity.BALANCED))
        fields[sensitivity] = _choice(CONF_SENSITIVITY, list(Sensitivity))
        delay = {"suggested_value": options.get(CONF_OFF_DELAY_SECONDS)}
        fields[vol.Optional(CONF_OFF_DELAY_SECONDS, description=delay)] = NumberSelector(
            NumberSelectorConfig(
                min=0, max=OFF_DELAY_LIMIT_SECONDS, step=1, unit_of_measurement="s", mode=NumberSelectorMode.BOX
            )
        )
        fields[vol.Required(SECTION, default=dict)] = section(forecast_schema(options), {"collapsed": True})
        chosen = options.get(CONF_BACKEND, BackendKind.PORTABLE)
        # The probe starts a process, since a bad build of LiteRT kills the one it is loaded into.
        if await self.hass.async_add_executor_job(available, BackendKind.LITERT) or chosen != BackendKind.PORTABLE:
            fields[vol.Required(CONF_BACKEND, default=chosen)] = _choice(CONF_BACKEND, list(BackendKind))
        return vol.Schema(fields)


def _choice(key: str, values: list[str]) -> SelectSelector:
    """Return a selector of a few translated values."""
    return SelectSelector(SelectSelectorConfig(options=values, translation_key=key, mode=SelectSelectorMode.LIST))
