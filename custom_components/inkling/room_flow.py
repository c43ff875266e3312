"""A room's flow: its area, its sensors by role, and what the model makes of their last day."""

import asyncio
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.helpers import area_registry as ar
import voluptuous as vol

from .const import CONF_AREA_ID, CONF_SIGNALS
from .devices import move_room
from .forms import Refusal, area_schema, chosen_roles, refusal, roles_schema
from .phrases import async_load_phrases, refusal_placeholders
from .preview import Preview, async_preview, chart_placeholders
from .roles import ROOM_ROLES
from .rooms import RoleEntities, room_of
from .setup_rooms import room_data
from .suggest import suggested_roles, usable_areas

# A chart that is ready by then needs no spinner in between.
_PATIENCE_SECONDS = 2.0


class RoomSubentryFlow(ConfigSubentryFlow):
    """Add or change a room."""

    _area_id: str
    _roles: RoleEntities
    _task: asyncio.Task[Preview] | None = None

    @property
    def _is_new(self) -> bool:
        """Return whether a room is being added."""
        return self.source == SOURCE_USER

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which area the room is."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        if self._is_new and user_input is None and not usable_areas(self.hass):
            return self.async_abort(reason="no_areas")
        errors = {}
        if user_input is not None:
            area_id = user_input[CONF_AREA_ID]
            if self._is_taken(area_id):
                return self.async_abort(reason="already_configured")
            if ar.async_get(self.hass).async_get_area(area_id) is not None:
                # Only a repair names sensors here: the form itself has no such field.
                return await self._async_choose(area_id, user_input.get(CONF_SIGNALS, {}))
            errors[CONF_AREA_ID] = "area_not_found"
        chosen = None if self._is_new else self._get_reconfigure_subentry().data[CONF_AREA_ID]
        return self.async_show_form(step_id="user", data_schema=area_schema(chosen), errors=errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change a room in the steps it was made in."""
        return await self.async_step_user(user_input)

    def _is_taken(self, area_id: str) -> bool:
        """Return whether another room has the area."""
        own = None if self._is_new else self._get_reconfigure_subentry().subentry_id
        rooms = self._get_entry().subentries.values()
        return any(room.unique_id == area_id and room.subentry_id != own for room in rooms)

    async def _async_choose(self, area_id: str, new: RoleEntities) -> SubentryFlowResult:
        """Go on with an area: what it suggests, or what was chosen for it before and what has come since."""
        self._area_id = area_id
        self._roles = suggested_roles(self.hass, area_id)
        if not self._is_new and self._get_reconfigure_subentry().data[CONF_AREA_ID] == area_id:
            chosen = room_of(self._get_reconfigure_subentry()).roles
            self._roles = {
                role: [*chosen.get(role, ()), *new.get(role, ())]
                for role in ROOM_ROLES
                if role in chosen or role in new
            }
        return await self.async_step_roles()

    async def async_step_roles(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the room's sensors sorted into roles, all changeable."""
        errors: dict[str, str] = {}
        placeholders = {"room": self._area_name()}
        if user_input is not None:
            self._roles = chosen_roles(user_input)
            found = refusal(self.hass, self._roles) if self._roles else Refusal("nothing_chosen")
            if found is None:
                return await self._async_start_preview()
            errors["base"] = found.error
            placeholders |= refusal_placeholders(await async_load_phrases(self.hass), found)
        return self.async_show_form(
            step_id="roles",
            data_schema=roles_schema(self.hass, self._roles),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _async_start_preview(self) -> SubentryFlowResult:
        """Begin to judge the last day; show that it takes time only when it does."""
        room_id = None if self._is_new else self._get_reconfigure_subentry().subentry_id
        self._task = self.hass.async_create_task(
            async_preview(self.hass, self._get_entry(), room_id, self._roles), "Inkling preview"
        )
        await asyncio.wait([self._task], timeout=_PATIENCE_SECONDS)
        return await (self.async_step_preview() if self._task.done() else self.async_step_judging())

    async def async_step_judging(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> SubentryFlowResult:
        """Wait for the chart."""
        if self._task is not None and not self._task.done():
            return self.async_show_progress(
                step_id="judging",
                progress_action="judging",
                progress_task=self._task,
                description_placeholders={"room": self._area_name()},
            )
        return self.async_show_progress_done(next_step_id="preview")

    async def async_step_preview(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what the model says about the last day, then finish."""
        if user_input is not None:
            return self._finish()
        preview = await self._task if self._task is not None else None
        phrases = await async_load_phrases(self.hass)
        return self.async_show_form(
            step_id="preview",
            data_schema=vol.Schema({}),
            description_placeholders={"room": self._area_name(), **chart_placeholders(preview, phrases)},
            last_step=True,
        )

    def _finish(self) -> SubentryFlowResult:
        """Add the room, or take over its changes."""
        title = self._area_name()
        data = room_data(self.hass, self._area_id, self._roles)
        if self._is_new:
            return self.async_create_entry(title=title, data=data, unique_id=self._area_id)
        entry, subentry = self._get_entry(), self._get_reconfigure_subentry()
        if subentry.data[CONF_AREA_ID] == self._area_id:
            # The user may have given it a name of its own.
            title = subentry.title
        else:
            move_room(self.hass, entry, subentry.subentry_id, self._area_id)
        return self.async_update_and_abort(entry, subentry, title=title, data=data, unique_id=self._area_id)

    def _area_name(self) -> str:
        """Return the name of the chosen area."""
        area = ar.async_get(self.hass).async_get_area(self._area_id)
        return self._area_id if area is None else area.name
