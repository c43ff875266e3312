"""Faults while Home Assistant runs: one job a minute, and what it found told to entities, repairs and rooms."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
import logging
from typing import TYPE_CHECKING

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .appliance_watch import ApplianceWatch
from .const import FAULT_SAVE_SECONDS, START_GRACE_SECONDS, TICK_INTERVAL
from .core.faults.appliance_alarm import ApplianceAlarm
from .core.faults.classes import Alarm, Context, Report, SignalHealth
from .core.faults.intake import Batch
from .core.units import Role
from .fault_config import DeviceConfig, WatchPlan
from .fault_feed import FaultFeed
from .fault_issues import sync_fault_issues
from .fault_learned import LearnedWatch
from .fault_notes import FaultNotes, Mode
from .fault_phrases import Speaker
from .fault_status import FaultStatus, covered, is_serious, status_of

if TYPE_CHECKING:
    from .data import InklingConfigEntry

_LOGGER = logging.getLogger(__name__)
SENSORS = "sensors"
APPLIANCES = "appliances"
"""The judges of signals and of how appliances work; each tells its reports under its own name."""
# Guests sleep in the study and cook at midnight: what tells of people is not what it was.
_PEOPLE = frozenset({Role.MOTION, Role.PRESENCE, Role.VIBRATION, Role.DOOR, Role.WINDOW, Role.LIGHT, Role.MEDIA})
_FOREVER = float("inf")

type News = tuple[str, Alarm]
"""`onset` or `clear`, and the alarm."""
type Listener = Callable[[tuple[News, ...]], None]


def _now() -> float:
    """Return the time in epoch seconds."""
    return dt_util.utcnow().timestamp()


class FaultWatch:
    """Lives on the event loop; entities listen to it by monitor."""

    def __init__(  # noqa: PLR0913 - the parts of one home, each named
        self,
        hass: HomeAssistant,
        entry: InklingConfigEntry,
        *,
        plan: WatchPlan,
        feed: FaultFeed,
        learned: LearnedWatch,
        appliances: ApplianceWatch,
        notes: FaultNotes,
        speaker: Speaker,
        on_suspects: Callable[[frozenset[str]], None],
    ) -> None:
        """Prepare; nothing is judged before `start`."""
        self._hass = hass
        self._entry = entry
        self.plan = plan
        self._feed = feed
        self.learned = learned
        self.appliances = appliances
        self.notes = notes
        self.speaker = speaker
        self._on_suspects = on_suspects
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)
        self._active: dict[str, tuple[Alarm, ...]] = {}
        self._health: dict[str, tuple[SignalHealth, ...]] = {}
        self._reported: dict[str, float] = {}
        self._latest: dict[str, Alarm] = {}
        self._ids = {
            monitor_id: frozenset(
                signal.id
                for entity_id, signal in zip(plan.entities, plan.signals, strict=True)
                if entity_id in monitor.entity_ids
            )
            for monitor_id, monitor in plan.monitors.items()
        }
        entities = dict(zip(plan.entities, plan.signals, strict=True))
        # The appliance is this monitor's; its meter may be one of every sensor, too.
        self._meters = {
            monitor_id: frozenset(entities[name].id for name in monitor.meters)
            for monitor_id, monitor in plan.monitors.items()
        }
        self.statuses: dict[str, FaultStatus] = {monitor_id: FaultStatus() for monitor_id in plan.monitors}
        self._job: asyncio.Task[None] | None = None
        self._settled_at = float("inf")
        self._saved_at = -float("inf")

    @property
    def monitors(self) -> Mapping[str, DeviceConfig]:
        """Return every device monitor by its id."""
        return self.plan.monitors

    def signals_of(self, monitor_id: str) -> frozenset[str]:
        """Return the signals a monitor watches."""
        return self._ids[monitor_id]

    @property
    def active(self) -> tuple[Alarm, ...]:
        """Return every alarm that stands and that somebody asked for."""
        watched = frozenset[str]().union(*self._ids.values())
        found = [alarm for alarms in self._active.values() for alarm in alarms]
        return tuple(alarm for alarm in found if covered(alarm, self.plan.signals) & watched)

    @callback
    def listen(self, monitor_id: str, listener: Listener) -> CALLBACK_TYPE:
        """Tell somebody what is new of a monitor; return what ends it."""
        self._listeners[monitor_id].append(listener)
        return lambda: self._listeners[monitor_id].remove(listener)

    @callback
    def restore(self, source: str, alarms: tuple[Alarm, ...]) -> None:
        """Begin with the alarms of a judge that stood before a restart; they are no news."""
        self._active[source] = alarms
        self._latest |= {alarm.signal: alarm for alarm in alarms}
        self._publish({})

    def _feed_heads(self, entities: Collection[str]) -> None:
        """Tell the feed what was known of some entities before the restart."""
        self._feed.recall({name: head for name, head in self.notes.heads.items() if name in entities})

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Follow what is watched and judge it every minute; return what ends it."""
        now = _now()
        self._settled_at, self._saved_at = now + START_GRACE_SECONDS, now
        stops = [
            self._feed.start(now),
            self.appliances.start(now),
            async_track_time_interval(
                self._hass, self._handle_minute, TICK_INTERVAL, name="Inkling faults", cancel_on_shutdown=True
            ),
            self._hass.bus.async_listen(EVENT_HOMEASSISTANT_FINAL_WRITE, self._async_final_write),
        ]

        # Only now: what is heard of at once needs nobody's memory.
        self._feed_heads(self._entities_of(self._active.get(SENSORS, ())))

        @callback
        def stop() -> None:
            """Stop judging."""
            for unsubscribe in stops:
                unsubscribe()

        return stop

    @callback
    def _handle_minute(self, _: object) -> None:
        """Judge, unless the minute before is still being judged."""
        if self._job is None and self.plan.signals:
            self._job = self._entry.async_create_background_task(
                self._hass, self._async_tick(), "Inkling faults", eager_start=False
            )

    async def _async_tick(self) -> None:
        """Judge what came since the last minute."""
        try:
            await self._async_judge(_now())
        except Exception:
            # Whatever a judge does, the home goes on, and the next minute is tried.
            _LOGGER.exception("Faults could not be judged")
        finally:
            self._job = None

    async def _async_judge(self, now: float) -> None:
        """Let the worker judge, then say what it found, and save now and then."""
        self.notes.wake(now)
        if self._feed.is_overdue(now):
            self._feed_heads(self.plan.entities)
        if self._feed.changed_units:
            changed, self._feed.changed_units = self._feed.changed_units, set()
            await self.learned.async_serviced(self.speaker.signals(changed))
        batch = self._feed.drain(now)
        report = await self.learned.async_tick(batch, self.context(now))
        self._note_reported(batch)
        self.take(SENSORS, report)
        told = await self.appliances.async_tick(now, self.paused, self.notes.mode)
        if told is not None:
            self.take(APPLIANCES, told)
        if now - self._saved_at >= FAULT_SAVE_SECONDS:
            await self.async_save()

    def _note_reported(self, batch: Batch) -> None:
        """Keep when each signal was last heard of."""
        pairs = zip(self.plan.signals, batch.reported.tolist(), batch.value.tolist(), strict=True)
        for signal, reported, value in pairs:
            if reported == reported:  # noqa: PLR0124 - not NaN
                self._reported[signal.id] = reported
                if value == value:  # noqa: PLR0124 - the same
                    self.notes.heads[self.speaker.entity_of[signal.id]] = (reported, value)

    def context(self, now: float) -> Context:
        """Return what makes silence or stillness normal now (epoch seconds)."""
        return Context(
            now=now,
            is_away=self.notes.mode is Mode.VACATION,
            paused=frozenset(self.paused),
            is_starting=now < self._settled_at,
        )

    @property
    def paused(self) -> dict[str, float]:
        """Return until when each signal is left alone, in epoch seconds."""
        found = dict(self.notes.snoozed)
        if self.notes.mode is Mode.MAINTENANCE:
            found |= {signal.id: _FOREVER for signal in self.plan.signals}
        if self.notes.mode is Mode.GUEST:
            found |= {signal.id: _FOREVER for signal in self.plan.signals if signal.role in _PEOPLE}
        return found

    @callback
    def take(self, source: str, report: Report) -> None:
        """Take over what a judge found, and tell whom it concerns."""
        stood, self._active[source] = self._active.get(source, ()), report.active
        self._health[source] = report.health
        self._latest |= {alarm.signal: alarm for alarm in report.opened}
        news: defaultdict[str, list[News]] = defaultdict(list)
        # What a user ended was told when they did.
        closed = [alarm for alarm in report.closed if alarm in stood]
        for what, alarms in (("onset", report.opened), ("clear", closed)):
            for alarm in alarms:
                for monitor_id in self._concerned(alarm):
                    news[monitor_id].append((what, alarm))
        self._publish(news)

    def _concerned(self, alarm: Alarm) -> list[str]:
        """Return the monitors that watch what an alarm is about."""
        about = covered(alarm, self.plan.signals)
        return [monitor_id for monitor_id, signals in self._ids.items() if signals & about]

    @callback
    def _publish(self, news: Mapping[str, Iterable[News]]) -> None:
        """Work out every monitor's status, and tell entities, repairs and rooms."""
        paused, alarms = self.paused, self.active
        by_monitor: defaultdict[str, list[Alarm]] = defaultdict(list)
        for alarm in alarms:
            for monitor_id in self._concerned(alarm):
                by_monitor[monitor_id].append(alarm)
        for monitor_id, signals in self._ids.items():
            own = [item for item in self._health.get(SENSORS, ()) if item.signal in signals]
            works = [item for item in self._health.get(APPLIANCES, ()) if item.signal in self._meters[monitor_id]]
            status = status_of(by_monitor[monitor_id], own, self._reported, paused, works)
            told = tuple(news.get(monitor_id, ()))
            if told or status != self.statuses[monitor_id]:
                self.statuses[monitor_id] = status
                for listener in list(self._listeners[monitor_id]):
                    listener(told)
        sync_fault_issues(self._hass, self._entry.entry_id, self.speaker, alarms)
        # A fridge that labours has a meter that is right.
        suspects = [alarm for alarm in alarms if is_serious(alarm) and not isinstance(alarm, ApplianceAlarm)]
        self._on_suspects(self._entities_of(suspects))

    def _entities_of(self, alarms: Iterable[Alarm]) -> frozenset[str]:
        """Return the entities that alarms are about."""
        about = [covered(alarm, self.plan.signals) for alarm in alarms]
        known = self.speaker.entity_of
        return frozenset(known[signal] for signals in about for signal in signals if signal in known)

    async def async_save(self) -> None:
        """Write what was learned, and when everything was last heard of."""
        self._saved_at = _now()
        kept = {name: head for name, head in self.notes.heads.items() if name in self.plan.entities}
        self.notes.keep_heads(kept, self._saved_at)
        await self.learned.async_save()
        await self.appliances.async_save()

    async def _async_final_write(self, _: Event) -> None:
        """Write everything before Home Assistant stops."""
        await self.async_close()

    async def async_close(self) -> None:
        """Write everything."""
        if self.plan.signals:
            await self.appliances.async_close(_now(), self.paused, self.notes.mode)
            await self.async_save()
            await self.notes.async_close()

    @callback
    def set_mode(self, mode: Mode) -> None:
        """Change what is usual in the home now."""
        self.notes.set_mode(mode)
        self._publish({})

    @callback
    def snooze(self, signals: Iterable[str], until: float) -> None:
        """Leave some signals alone until then (epoch seconds): their alarms end, and no new ones begin."""
        names = frozenset(signals)
        self.notes.snooze(names, until)
        self._drop(names)

    async def async_false_alarm(self, signals: Collection[str]) -> int:
        """Raise what the newest alarms of some signals crossed; return how many alarms were called false."""
        found = {signal: alarm for signal, alarm in self._latest.items() if signal in signals}
        for alarm in self.active:
            if covered(alarm, self.plan.signals) & frozenset(signals):
                found[alarm.signal] = alarm
        for signal, alarm in found.items():
            if isinstance(alarm, ApplianceAlarm):
                await self.appliances.async_false_alarm(alarm)
            else:
                await self.learned.async_false_alarm(alarm)
            self.notes.count_false_alarm(signal)
            self._latest.pop(signal, None)
        self._drop(frozenset(found))
        await self.learned.async_save()
        await self.appliances.async_save()
        return len(found)

    async def async_serviced(self, signals: Iterable[str]) -> None:
        """Begin the normal of some signals anew."""
        names = frozenset(signals)
        await self.learned.async_serviced(sorted(names))
        await self.appliances.async_serviced(names)
        self._drop(names)
        await self.learned.async_save()
        await self.appliances.async_save()

    @callback
    def _drop(self, signals: frozenset[str]) -> None:
        """End what is said about some signals: their user knows better."""
        gone = [alarm for alarm in self.active if covered(alarm, self.plan.signals) & signals]
        for source, alarms in self._active.items():
            self._active[source] = tuple(alarm for alarm in alarms if alarm not in gone)
        news: defaultdict[str, list[News]] = defaultdict(list)
        for alarm in gone:
            for monitor_id in self._concerned(alarm):
                news[monitor_id].append(("clear", alarm))
        self._publish(news)
