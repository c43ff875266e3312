"""Repairs about what Inkling rests on: the recorder, and the files of what it learned."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from homeassistant.components.repairs import ConfirmRepairFlow
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.recorder import get_instance

from .const import DOMAIN
from .data import InklingConfigEntry
from .history import has_recorder
from .slot_store import StoreProblem

RECORDER_OFF = "recorder_off"
RECORDER_SHORT = "recorder_short"
UNRECORDED = "unrecorded_entities"
LEARNED = "learned_"
LABELS_NEWER = "labels_newer"
NEWER = f"{LEARNED}{StoreProblem.NEWER_VERSION}"
ISSUES = frozenset(
    {RECORDER_OFF, RECORDER_SHORT, UNRECORDED, LABELS_NEWER, *(f"{LEARNED}{problem}" for problem in StoreProblem)}
)

HISTORY_WANTED_DAYS = 3
"""Less than this and a new room begins with habits of a day or two, which a single odd day turns over."""
_LISTED_LIMIT = 20
_LOOK_EVERY = timedelta(minutes=5)

type Placeholders = Mapping[str, str]


@callback
def follow_health(hass: HomeAssistant, entry: InklingConfigEntry) -> CALLBACK_TYPE:
    """Look now and every few minutes: a disk fills up, and works again, without telling anybody."""

    @callback
    def look(_: datetime | None = None) -> None:
        """Look once."""
        sync_health_issues(hass, entry)

    look()
    return async_track_time_interval(hass, look, _LOOK_EVERY, cancel_on_shutdown=True, name="Inkling health")


@callback
def sync_health_issues(hass: HomeAssistant, entry: InklingConfigEntry) -> None:
    """Raise what holds now and clear what does not; an ignored repair that still holds stays ignored."""
    wanted = {**_recorder_issues(hass, entry), **_learned_issues(entry)}
    for issue_id in ISSUES - set(wanted):
        ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, placeholders in wanted.items():
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=issue_id == NEWER,
            severity=ir.IssueSeverity.WARNING,
            translation_key=issue_id,
            translation_placeholders=dict(placeholders),
            data={"entry_id": entry.entry_id},
        )


@callback
def _recorder_issues(hass: HomeAssistant, entry: InklingConfigEntry) -> dict[str, Placeholders]:
    """Return what is wrong with the history, by repair."""
    if not has_recorder(hass):
        return {RECORDER_OFF: {}}
    recorder = get_instance(hass)
    found: dict[str, Placeholders] = {}
    if recorder.auto_purge and recorder.keep_days < HISTORY_WANTED_DAYS:
        found[RECORDER_SHORT] = {"days": str(recorder.keep_days), "wanted": str(HISTORY_WANTED_DAYS)}
    is_recorded = recorder.entity_filter
    entity_ids = {binding.entity_id for binding in entry.runtime_data.ingest.bindings}
    left_out = [] if is_recorded is None else sorted(name for name in entity_ids if not is_recorded(name))
    if left_out:
        listed = [f"- `{entity_id}`" for entity_id in left_out[:_LISTED_LIMIT]]
        more = ["- ..."] if len(left_out) > _LISTED_LIMIT else []
        found[UNRECORDED] = {"entities": "\n".join([*listed, *more])}
    return found


@callback
def _learned_issues(entry: InklingConfigEntry) -> dict[str, Placeholders]:
    """Return what is wrong with the files of what was learned, by repair."""
    problem = entry.runtime_data.forecasting.store.problem
    found: dict[str, Placeholders] = {} if problem is None else {f"{LEARNED}{problem}": {}}
    if not entry.runtime_data.labelling.are_kept:
        found[LABELS_NEWER] = {}
    return found


class BeginAnewFlow(ConfirmRepairFlow):
    """Move learned data that a newer Inkling wrote out of the way, and learn anew."""

    def __init__(self, entry_id: str) -> None:
        """Know whose data it is."""
        self._entry_id = entry_id

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask, then rename the files and load the entry again."""
        if user_input is None:
            return await super().async_step_confirm(user_input)
        entry: InklingConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None:
            return self.async_abort(reason="home_gone")
        await entry.runtime_data.forecasting.store.async_set_aside()
        await self.hass.config_entries.async_reload(self._entry_id)
        return self.async_create_entry(data={})
