"""Fix flows: a repair about entities opens the form in which they were chosen."""

from homeassistant.components.repairs import RepairsFlow
from homeassistant.components.repairs.const import FlowType
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowContext
from homeassistant.core import HomeAssistant
import voluptuous as vol

from .area_issues import NEWS
from .area_repairs import NewSensorsFlow
from .const import SUBENTRY_ROOM
from .fault_issues import FAULT
from .fault_repairs import FaultFlow
from .health_issues import NEWER, BeginAnewFlow


class ChooseAgainFlow(RepairsFlow):
    """Say what is wrong, then go on to the room's own form, or the home's options."""

    def __init__(self, data: dict[str, str]) -> None:
        """Keep which room, and what the sentence names."""
        self._target = data

    async def async_step_init(
        self,
        user_input: dict[str, str] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> RepairsFlowResult:
        """Begin with the sentence."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Show the sentence, then open the form."""
        if user_input is None:
            names = {key: self._target.get(key, "") for key in ("room", "entities")}
            return self.async_show_form(step_id="confirm", data_schema=vol.Schema({}), description_placeholders=names)
        entry = self.hass.config_entries.async_get_entry(self._target["entry_id"])
        room_id = self._target.get("subentry_id")
        if entry is None or (room_id is not None and room_id not in entry.subentries):
            # The room went away in the meantime, and its repair with it.
            return self.async_abort(reason="room_gone")
        return self.async_create_entry(data={}, next_flow=await self._async_next(room_id))

    async def _async_next(self, room_id: str | None) -> tuple[FlowType, str]:
        """Start the flow that lets the user choose again."""
        entry_id = self._target["entry_id"]
        if room_id is None:
            options = await self.hass.config_entries.options.async_init(entry_id)
            return FlowType.OPTIONS_FLOW, options["flow_id"]
        room = await self.hass.config_entries.subentries.async_init(
            (entry_id, SUBENTRY_ROOM),
            context=SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=room_id),
        )
        return FlowType.CONFIG_SUBENTRIES_FLOW, room["flow_id"]


async def async_create_fix_flow(
    hass: HomeAssistant,  # noqa: ARG001 - the platform's signature
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow of a fixable repair."""
    known = {key: str(value) for key, value in (data or {}).items()}
    if issue_id == NEWER:
        return BeginAnewFlow(known["entry_id"])
    if issue_id.startswith(NEWS):
        return NewSensorsFlow(known)
    return FaultFlow(known) if issue_id.startswith(FAULT) else ChooseAgainFlow(known)
