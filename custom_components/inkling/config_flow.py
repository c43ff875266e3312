"""The home's flows: adding Inkling with all its rooms, and its options."""

from collections.abc import Awaitable, Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigFlowResult, ConfigSubentryFlow, OptionsFlow
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers import area_registry as ar
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
    CONF_OFFERED,
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
from .forecast_options import SECTION, forecast_refusal, forecast_schema, kept_forecast
from .forms import Refusal, home_schema, refusal
from .import_found import async_rooms_of_area_occupancy, async_rooms_of_bayesian, importable
from .import_rooms import ImportRefusedError, parse_text, rooms_of_export
from .offered import ENTRY_MINOR_VERSION, ENTRY_VERSION, usable_ids
from .phrases import async_load_phrases, refusal_placeholders
from .renames import registry_ids
from .room_flow import RoomSubentryFlow
from .setup_areas import FoundRoom
from .setup_form import Draft, new_draft, note, setup_schema
from .setup_rooms import everything_subentry, room_subentries


class InklingConfigFlow(ConfigFlow, domain=DOMAIN):
    """Add the home with all its rooms in one step."""

    VERSION = ENTRY_VERSION
    MINOR_VERSION = ENTRY_MINOR_VERSION
    _draft: Draft | None = None

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go to the list of rooms, or ask first where they are to come from."""
        if found := importable(self.hass):
            return self.async_show_menu(step_id="user", menu_options=["areas", *found])
        return await self.async_step_areas()

    async def async_step_areas(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """List the rooms that can be made, all ticked, and make them."""
        draft = self._draft = self._draft or new_draft(self.hass)
        if user_input is None:
            return await self._async_show(draft)
        draft.take_answer(user_input)
        if draft.pasted:
            return await self._async_import(draft, self._async_pasted(draft.pasted))
        if (found := refusal(self.hass, draft.home_roles)) is not None:
            return await self._async_show(draft, found)
        return self._finish(draft, await async_load_phrases(self.hass))

    async def async_step_area_occupancy(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> ConfigFlowResult:
        """List the rooms of Area Occupancy Detection."""
        return await self._async_import(new_draft(self.hass), async_rooms_of_area_occupancy(self.hass))

    async def async_step_bayesian(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> ConfigFlowResult:
        """List the rooms that Bayesian helpers observe."""
        return await self._async_import(new_draft(self.hass), async_rooms_of_bayesian(self.hass))

    async def _async_pasted(self, text: str) -> list[FoundRoom]:
        """Return the rooms of a pasted answer."""
        return rooms_of_export(self.hass, await self.hass.async_add_executor_job(parse_text, text))

    async def _async_import(self, draft: Draft, rooms: Awaitable[list[FoundRoom]]) -> ConfigFlowResult:
        """Show the rooms that are to be taken over, or say why none can be."""
        self._draft, refused = draft, None
        try:
            draft.take_imported(await rooms)
        except ImportRefusedError as error:
            refused = Refusal(str(error))
        return await self._async_show(draft, refused)

    async def _async_show(self, draft: Draft, refused: Refusal | None = None) -> ConfigFlowResult:
        """Show the form with what it was filled with before."""
        phrases = await async_load_phrases(self.hass)
        names = {} if refused is None else refusal_placeholders(phrases, refused)
        return self.async_show_form(
            step_id="areas",
            data_schema=setup_schema(self.hass, draft, phrases),
            errors={} if refused is None else {"base": refused.error},
            description_placeholders={"note": note(draft, phrases), **names},
            last_step=True,
        )

    def _finish(self, draft: Draft, phrases: Mapping[str, str]) -> ConfigFlowResult:
        """Make the entry with all its rooms."""
        areas = ar.async_get(self.hass).areas
        subentries = room_subentries(self.hass, (room for room in draft.chosen if room.area_id in areas))
        if draft.watch_everything:
            subentries.append(everything_subentry(phrases["everything_title"]))
        options: dict[str, Any] = {CONF_EXIT_DOORS: draft.exit_doors, CONF_PEOPLE: draft.people}
        options[CONF_REGISTRY_IDS] = registry_ids(self.hass, [*draft.exit_doors, *draft.people])
        data = {CONF_OFFERED: usable_ids(self.hass)}
        return self.async_create_entry(title="Inkling", data=data, options=options, subentries=subentries)

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
            forecast = answers.pop(SECTION, None) or kept_forecast(options)
            options = {CONF_EXIT_DOORS: [], CONF_PEOPLE: [], **forecast, **answers}
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
        # With a default of its own the page would show the section empty, and clear what was chosen in it.
        fields[vol.Optional(SECTION)] = section(forecast_schema(options), {"collapsed": True})
        chosen = options.get(CONF_BACKEND, BackendKind.PORTABLE)
        # The probe starts a process, since a bad build of LiteRT kills the one it is loaded into.
        if await self.hass.async_add_executor_job(available, BackendKind.LITERT) or chosen != BackendKind.PORTABLE:
            fields[vol.Required(CONF_BACKEND, default=chosen)] = _choice(CONF_BACKEND, list(BackendKind))
        return vol.Schema(fields)


def _choice(key: str, values: list[str]) -> SelectSelector:
    """Return a selector of a few translated values."""
    return SelectSelector(SelectSelectorConfig(options=values, translation_key=key, mode=SelectSelectorMode.LIST))
