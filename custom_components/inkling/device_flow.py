"""A device's flow: the device, its signals and peers, what kind it is, and what would have been said of its past."""

import asyncio
from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.selector import (
    DeviceSelector,
    DeviceSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .appliance_config import WEATHER, suggested_outdoor
from .const import (
    BACKTEST_DAYS,
    CONF_DEVICE_ID,
    CONF_ENTITIES,
    CONF_FALSE_ALARMS,
    CONF_KIND,
    CONF_OUTDOOR,
    CONF_PEERS,
    CONF_REGISTRY_IDS,
    CONF_SIGNALS,
    DEFAULT_FALSE_ALARMS,
    DOMAIN,
    MOST_FALSE_ALARMS,
    STRICTEST_FALSE_ALARMS,
)
from .core.units import Role
from .fault_backtest import Backtest, async_backtest
from .fault_config import DeviceConfig, DeviceKind, device_of, plan_for
from .fault_preview import preview_text
from .fault_setup import speaker_of
from .fault_suggest import chosen_peers, roles_of_device, roles_of_entities, suggested_kind, suggested_peers
from .forms import Refusal, chosen_roles, refusal, roles_schema
from .phrases import async_load_phrases, refusal_placeholders
from .renames import registry_ids
from .rooms import RoleEntities

# What is ready by then needs no spinner in between.
_PATIENCE_SECONDS = 2.0
_DAY_SECONDS = 86_400.0
_NEW = "new"


@callback
def device_schema(hass: HomeAssistant, device_id: str | None, entity_ids: list[str]) -> vol.Schema:
    """Return the form that asks what is to be watched."""
    own = [entry.entity_id for entry in er.async_get(hass).entities.values() if entry.platform == DOMAIN]
    entities = EntitySelector(EntitySelectorConfig(multiple=True, exclude_entities=own))
    return vol.Schema(
        {
            vol.Optional(CONF_DEVICE_ID, description={"suggested_value": device_id}): DeviceSelector(
                DeviceSelectorConfig()
            ),
            vol.Optional(CONF_ENTITIES, description={"suggested_value": entity_ids}): entities,
        }
    )


@callback
def signals_schema(hass: HomeAssistant, chosen: DeviceConfig) -> vol.Schema:
    """Return the form with every role's signals, and what they belong to."""
    kinds = SelectSelectorConfig(options=list(DeviceKind), translation_key=CONF_KIND, mode=SelectSelectorMode.DROPDOWN)
    alarms = NumberSelectorConfig(
        min=STRICTEST_FALSE_ALARMS, max=MOST_FALSE_ALARMS, step=1, mode=NumberSelectorMode.SLIDER
    )
    peers = [entity_id for found in chosen.peers.values() for entity_id in found]
    own = [entry.entity_id for entry in er.async_get(hass).entities.values() if entry.platform == DOMAIN]
    fields: dict[vol.Marker, Any] = {
        vol.Required(CONF_KIND, default=chosen.kind): SelectSelector(kinds),
        vol.Required(CONF_FALSE_ALARMS, default=chosen.false_alarms_per_year): NumberSelector(alarms),
        vol.Optional(CONF_PEERS, description={"suggested_value": peers}): EntitySelector(
            EntitySelectorConfig(multiple=True, exclude_entities=own)
        ),
    }
    if Role.POWER in chosen.roles:
        # A meter makes it an appliance, if its kind says so; and warm days make a fridge work.
        outdoors = EntitySelectorConfig(
            filter=[{"domain": WEATHER}, {"domain": "sensor", "device_class": "temperature"}], exclude_entities=own
        )
        suggested = {"suggested_value": chosen.outdoor}
        fields[vol.Optional(CONF_OUTDOOR, description=suggested)] = EntitySelector(outdoors)
    return vol.Schema({**fields, **roles_schema(hass, chosen.roles).schema})


class DeviceSubentryFlow(ConfigSubentryFlow):
    """Add or change a device that is watched for faults."""

    _chosen: DeviceConfig
    _device_id: str | None = None
    _task: asyncio.Task[Backtest | None] | None = None

    @property
    def _is_new(self) -> bool:
        """Return whether a device is being added."""
        return self.source == SOURCE_USER

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which device, or which entities."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        errors = {}
        if user_input is not None:
            self._device_id = user_input.get(CONF_DEVICE_ID)
            if self._device_id is not None and self._is_taken(self._device_id):
                return self.async_abort(reason="already_configured")
            roles = self._roles(user_input.get(CONF_ENTITIES, []))
            if roles:
                self._suggest(roles)
                return await self.async_step_signals()
            errors["base"] = "nothing_to_watch"
        return self.async_show_form(step_id="user", data_schema=device_schema(self.hass, None, []), errors=errors)

    def _is_taken(self, device_id: str) -> bool:
        """Return whether a device is watched already."""
        return any(item.unique_id == device_id for item in self._get_entry().subentries.values())

    def _roles(self, entity_ids: list[str]) -> dict[Role, list[str]]:
        """Return the device's sensors and the chosen entities by role."""
        found: dict[Role, list[str]] = {}
        of_device = {} if self._device_id is None else roles_of_device(self.hass, self._device_id)
        for roles in (of_device, roles_of_entities(self.hass, entity_ids)):
            for role, names in roles.items():
                found[role] = list(dict.fromkeys([*found.get(role, []), *names]))
        return found

    def _suggest(self, roles: RoleEntities) -> None:
        """Fill in what the registries let one guess."""
        peers = suggested_peers(self.hass, roles)
        self._chosen = DeviceConfig(
            id=_NEW,
            title=self._title(roles),
            roles=roles,
            peers=chosen_peers(self.hass, peers, roles),
            kind=DeviceKind(suggested_kind(self.hass, self._device_id, roles)),
            false_alarms_per_year=DEFAULT_FALSE_ALARMS,
            outdoor=suggested_outdoor(self.hass, (item.data for item in self._get_entry().subentries.values())),
        )

    def _title(self, roles: RoleEntities) -> str:
        """Return the device's name, or the first entity's."""
        device = None if self._device_id is None else dr.async_get(self.hass).async_get(self._device_id)
        if device is not None and (name := device.name_by_user or device.name):
            return name
        first = next(entity_id for found in roles.values() for entity_id in found)
        name_of: str = self._get_entry().runtime_data.name_of(first)
        return name_of

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change the signals of a device."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        subentry = self._get_reconfigure_subentry()
        self._device_id = subentry.data[CONF_DEVICE_ID]
        self._chosen = device_of(self.hass, subentry)
        return await self.async_step_signals(user_input)

    async def async_step_signals(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the device's signals by role, its peers and its kind, all changeable."""
        errors: dict[str, str] = {}
        placeholders = {"device": self._chosen.title}
        if user_input is not None:
            found = self._take(user_input)
            if found is None:
                return await self._async_start_preview()
            errors["base"] = found.error
            placeholders |= refusal_placeholders(await async_load_phrases(self.hass), found)
        return self.async_show_form(
            step_id="signals",
            data_schema=signals_schema(self.hass, self._chosen),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _take(self, user_input: Mapping[str, Any]) -> Refusal | None:
        """Take over the answers; return why they are refused."""
        roles = chosen_roles(user_input)
        peers = chosen_peers(self.hass, user_input.get(CONF_PEERS, []), roles)
        self._chosen = DeviceConfig(
            id=self._chosen.id,
            title=self._chosen.title,
            roles=roles,
            peers=peers,
            kind=DeviceKind(user_input[CONF_KIND]),
            false_alarms_per_year=float(user_input[CONF_FALSE_ALARMS]),
            outdoor=user_input.get(CONF_OUTDOOR),
        )
        if not roles:
            return Refusal("nothing_chosen")
        return refusal(self.hass, roles) or refusal(self.hass, peers) or self._refused_outdoor()

    def _refused_outdoor(self) -> Refusal | None:
        """Return why what was chosen for the outdoors tells no temperature."""
        outdoor = self._chosen.outdoor
        if outdoor is None or outdoor.split(".", 1)[0] == WEATHER:
            return None
        return refusal(self.hass, {Role.TEMPERATURE: [outdoor]})

    async def _async_start_preview(self) -> SubentryFlowResult:
        """Begin to judge the last month; show that it takes time only when it does."""
        now = dt_util.utcnow().timestamp()
        plan = plan_for(self.hass, {_NEW: self._chosen}, {})
        self._task = self.hass.async_create_task(
            async_backtest(self.hass, plan, now - BACKTEST_DAYS * _DAY_SECONDS, now, self.async_update_progress),
            "Inkling backtest",
        )
        await asyncio.wait([self._task], timeout=_PATIENCE_SECONDS)
        return await (self.async_step_preview() if self._task.done() else self.async_step_judging())

    async def async_step_judging(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> SubentryFlowResult:
        """Wait for the backtest."""
        if self._task is not None and not self._task.done():
            return self.async_show_progress(
                step_id="judging",
                progress_action="judging",
                progress_task=self._task,
                description_placeholders={"device": self._chosen.title},
            )
        return self.async_show_progress_done(next_step_id="preview")

    async def async_step_preview(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what would have been said, then finish."""
        if user_input is not None:
            return self._finish()
        work = await self._task if self._task is not None else None
        phrases = await async_load_phrases(self.hass)
        plan = plan_for(self.hass, {_NEW: self._chosen}, {})
        speaker = speaker_of(plan, phrases, self._get_entry().runtime_data.ingest)
        own = {signal.id for signal, name in zip(plan.signals, plan.entities, strict=True) if name in self._watched}
        return self.async_show_form(
            step_id="preview",
            data_schema=vol.Schema({}),
            description_placeholders={"device": self._chosen.title, "summary": preview_text(work, own, speaker)},
            last_step=True,
        )

    @property
    def _watched(self) -> frozenset[str]:
        """Return every chosen entity."""
        return self._chosen.entity_ids

    def _finish(self) -> SubentryFlowResult:
        """Add the device, or take over its changes."""
        chosen = self._chosen
        outdoor = [] if chosen.outdoor is None else [chosen.outdoor]
        names = {*chosen.entity_ids, *(name for found in chosen.peers.values() for name in found), *outdoor}
        data = {
            CONF_DEVICE_ID: self._device_id,
            CONF_SIGNALS: {str(role): list(found) for role, found in chosen.roles.items()},
            CONF_PEERS: {str(role): list(found) for role, found in chosen.peers.items()},
            CONF_KIND: str(chosen.kind),
            CONF_OUTDOOR: outdoor,
            CONF_FALSE_ALARMS: chosen.false_alarms_per_year,
            CONF_REGISTRY_IDS: registry_ids(self.hass, names),
        }
        if self._is_new:
            return self.async_create_entry(title=chosen.title, data=data, unique_id=self._device_id)
        return self.async_update_and_abort(self._get_entry(), self._get_reconfigure_subentry(), data=data)
