"""What watching for faults needs at set-up; what keeps it in step with the registries; and its first lesson."""

from collections.abc import Mapping
import logging
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .appliance_config import appliances_of
from .appliance_days import Watched
from .appliance_watch import TAUGHT, ApplianceWatch
from .const import BACKTEST_DAYS
from .coordinator import InklingCoordinator
from .fault_backtest import async_backtest
from .fault_config import WatchPlan, plan_of
from .fault_feed import FaultFeed
from .fault_learned import LearnedWatch
from .fault_notes import FaultNotes
from .fault_phrases import Speaker
from .fault_watch import APPLIANCES, SENSORS, FaultWatch
from .ingest import Ingest
from .renames import follow

if TYPE_CHECKING:
    from .data import InklingConfigEntry

_LOGGER = logging.getLogger(__name__)
_DAY_SECONDS = 86_400.0
# A new integration adds its entities in a burst.
_SETTLE_SECONDS = 30.0


async def async_make_faults(
    hass: HomeAssistant,
    entry: InklingConfigEntry,
    ingest: Ingest,
    coordinator: InklingCoordinator,
    phrases: Mapping[str, str],
) -> FaultWatch:
    """Return what watches an entry's devices, with all that was learned before."""
    plan = plan_of(hass, entry)
    notes = FaultNotes(hass, entry.entry_id)
    learned = LearnedWatch(hass, entry.entry_id, plan)
    appliances = ApplianceWatch(hass, entry.entry_id, plan)

    @callback
    def handle_suspects(entity_ids: frozenset[str]) -> None:
        """Let rooms do without what is not to be believed."""
        if rooms := ingest.mask(entity_ids, dt_util.utcnow().timestamp()):
            coordinator.explain_anew(rooms)

    faults = FaultWatch(
        hass,
        entry,
        plan=plan,
        feed=FaultFeed(hass, plan, coordinator.timings),
        learned=learned,
        appliances=appliances,
        notes=notes,
        speaker=speaker_of(plan, phrases, ingest),
        on_suspects=handle_suspects,
    )
    if plan.signals:
        await notes.async_load()
        faults.restore(SENSORS, await learned.async_load())
        faults.restore(APPLIANCES, await appliances.async_load(dt_util.utcnow().timestamp()))
    return faults


def speaker_of(plan: WatchPlan, phrases: Mapping[str, str], ingest: Ingest) -> Speaker:
    """Return what puts alarms of a plan into words."""
    return Speaker(
        phrases=phrases,
        entity_of={signal.id: entity_id for signal, entity_id in zip(plan.signals, plan.entities, strict=True)},
        role_of={signal.id: signal.role for signal in plan.signals},
        name_of=ingest.name_of,
        titles={signal: item.title for signal, item in appliances_of(plan).items()},
    )


async def async_learn_past(hass: HomeAssistant, faults: FaultWatch) -> None:
    """Learn the normal of what is new from the recorder, which knows the first days already."""
    now = dt_util.utcnow().timestamp()
    lessons: dict[str, Watched] = {}
    try:
        lessons = await _async_lessons(hass, faults, now)
    finally:
        # Whatever the past has to say, what happens from now on is judged.
        await faults.appliances.async_catch_up(now, lessons)


async def _async_lessons(hass: HomeAssistant, faults: FaultWatch, now: float) -> dict[str, Watched]:
    """Let the recorder teach the signals that are new; return the appliances that are, with what was learned."""
    new = faults.learned.unknown - faults.notes.taught
    blank = {f"{TAUGHT}{signal}": signal for signal in faults.appliances.blank}
    blank = {name: signal for name, signal in blank.items() if name not in faults.notes.taught}
    if not new and not blank:
        return {}
    work = await async_backtest(hass, faults.plan, now - BACKTEST_DAYS * _DAY_SECONDS, now)
    if work is None:
        return {}
    faults.notes.teach({*new, *blank})
    if work.first is None:
        return {}
    if new:
        await faults.learned.async_adopt(work.watch, new)
    _LOGGER.debug("The normal of %s signals was learned from %.1f days of history", len(new), work.days)
    return {signal: work.appliances[signal] for signal in blank.values()}


async def async_forget_faults(hass: HomeAssistant, entry: InklingConfigEntry) -> None:
    """Delete what was learned of devices and what users said about them."""
    await FaultNotes(hass, entry.entry_id).async_remove()
    nothing = WatchPlan(monitors={}, signals=(), entities=())
    await LearnedWatch(hass, entry.entry_id, nothing).async_remove()
    await ApplianceWatch(hass, entry.entry_id, nothing).async_remove()


@callback
def follow_registry(hass: HomeAssistant, entry: InklingConfigEntry, faults: FaultWatch) -> CALLBACK_TYPE:
    """Keep what is watched in step: renames, and sensors that come and go; return what ends it."""
    has_everything = any(item.is_everything for item in faults.monitors.values())
    timer: list[CALLBACK_TYPE] = []

    @callback
    def look_again(_: object) -> None:
        """Begin anew when another set of signals is to be watched now."""
        timer.clear()
        if plan_of(hass, entry).entities != faults.plan.entities:
            hass.config_entries.async_schedule_reload(entry.entry_id)

    @callback
    def handle(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Follow a rename at once, and look at the whole when a burst is over."""
        data = event.data
        if data["action"] == "update" and "old_entity_id" in data:
            follow(hass, entry, data["old_entity_id"], data["entity_id"])
        if has_everything and not timer:
            timer.append(async_call_later(hass, _SETTLE_SECONDS, look_again))

    stop_listening = hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, handle)

    @callback
    def stop() -> None:
        """Stop following."""
        stop_listening()
        for cancel in timer:
            cancel()

    return stop
