"""The fix of sensors that came later: the room's own form with them filled in, or that of a new room."""

from homeassistant.components.repairs import RepairsFlow
from homeassistant.components.repairs.const import FlowType
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntryState, SubentryFlowContext
from homeassistant.helpers import issue_registry as ir

from .area_issues import NEWS
from .area_news import AreaNews, news_of
from .const import CONF_AREA_ID, CONF_SIGNALS, DOMAIN, SUBENTRY_ROOM


class NewSensorsFlow(RepairsFlow):
    """Say what came, then open the form in which it is taken or left."""

    def __init__(self, data: dict[str, str]) -> None:
        """Keep which area, and what the sentence names."""
        self._target = data

    async def async_step_init(
        self,
        user_input: dict[str, str] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> RepairsFlowResult:
        """Say what came; whoever wants to be left alone must be able to say so here, since a fix hides Ignore."""
        names = {key: self._target[key] for key in ("area", "entities")}
        return self.async_show_menu(step_id="init", menu_options=["form", "ignore"], description_placeholders=names)

    async def async_step_ignore(
        self,
        user_input: dict[str, str] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> RepairsFlowResult:
        """Never ask about this area again."""
        ir.async_ignore_issue(self.hass, DOMAIN, f"{NEWS}{self._target['area_id']}", ignore=True)
        return self.async_abort(reason="issue_ignored")

    async def async_step_form(
        self,
        user_input: dict[str, str] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> RepairsFlowResult:
        """Open the form of the room."""
        entry = self.hass.config_entries.async_get_entry(self._target["entry_id"])
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_running")
        area_id = self._target["area_id"]
        news = next((item for item in news_of(self.hass, entry) if item.area_id == area_id), None)
        if news is None:
            return self.async_abort(reason="no_news")
        return self.async_create_entry(data={}, next_flow=await self._async_next(entry.entry_id, news))

    async def _async_next(self, entry_id: str, news: AreaNews) -> tuple[FlowType, str]:
        """Start the flow of the area's room, or of a new one."""
        if news.room is None:
            context = SubentryFlowContext(source=SOURCE_USER)
        else:
            context = SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=news.room.id)
        form = await self.hass.config_entries.subentries.async_init(
            (entry_id, SUBENTRY_ROOM),
            context=context,
            data={CONF_AREA_ID: news.area_id, CONF_SIGNALS: news.roles},
        )
        return FlowType.CONFIG_SUBENTRIES_FLOW, form["flow_id"]
