"""Appliances while Home Assistant runs: readings to the worker each minute, and a day judged at midnight."""

import asyncio
from collections.abc import Callable, Collection, Mapping
import logging
import math
from pathlib import Path

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR

from .appliance_config import ApplianceConfig, appliances_of, outdoor_celsius
from .appliance_days import Readings, Watched, watched
from .appliance_feed import ApplianceFeed
from .appliance_learned import is_current, read_appliances, write_appliances
from .appliance_past import async_replay
from .const import DOMAIN
from .core.faults.appliance_alarm import ApplianceAlarm
from .core.faults.classes import Learning, Report, SignalHealth
from .fault_config import WatchPlan
from .fault_file import FaultFile
from .fault_notes import Mode
from .ingest import standing_state

_LOGGER = logging.getLogger(__name__)
TAUGHT = "appliance "
"""Before a signal's name in the notes: what was learned of an appliance's past, beside its meter's own."""


class ApplianceWatch:
    """Lives on the event loop; whatever blocks or computes runs in a worker, one at a time."""

    def __init__(self, hass: HomeAssistant, entry_id: str, plan: WatchPlan) -> None:
        """Know the appliances; nothing is read yet."""
        self._hass = hass
        self.configs: Mapping[str, ApplianceConfig] = appliances_of(plan)
        self._file = FaultFile(Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.appliances")))
        self._feed = ApplianceFeed(hass, self.configs)
        self._busy = asyncio.Lock()
        self._units: dict[str, Watched] = {}
        self._told: dict[str, ApplianceAlarm] = {}
        self._paused: frozenset[str] = frozenset()
        self._is_kept = self._is_news = True
        self._began_at = float("inf")
        self.is_caught_up = False
        """Whether the time since the last start is known; until then readings wait."""

    async def async_load(self, now: float) -> tuple[ApplianceAlarm, ...]:
        """Take over what was learned and return the alarms that stood; what is refused is learned anew."""
        if not self.configs:
            return ()
        try:
            found = await self._hass.async_add_executor_job(read_appliances, self._file, self.configs, now)
            self._units = {key: item for key, item in found.items() if is_current(item, now)}
        except (ValueError, KeyError, TypeError) as error:
            _LOGGER.warning("Appliances are judged without what was learned: %s", error)
            await self._hass.async_add_executor_job(self._file.set_aside)
        except OSError as error:
            # A disk that fails to read may yet hold the weeks that were learned: they are not written over.
            self._is_kept = False
            _LOGGER.warning("What is learned about appliances from now on is not kept: %s", error)
        self._units |= {key: watched(item, now) for key, item in self.configs.items() if key not in self._units}
        self._told = self._standing()
        return tuple(self._told.values())

    def _standing(self) -> dict[str, ApplianceAlarm]:
        """Return the alarms that stand."""
        alarms = {signal: item.unit.alarm for signal, item in self._units.items() if signal not in self._paused}
        return {signal: alarm for signal, alarm in alarms.items() if alarm is not None}

    @property
    def blank(self) -> frozenset[str]:
        """Return the appliances that nothing is known of."""
        return frozenset(signal for signal, item in self._units.items() if item.unit.is_blank)

    @callback
    def start(self, now: float) -> CALLBACK_TYPE:
        """Follow the meters; return what ends it; `now` in epoch seconds."""
        self._began_at = now
        return self._feed.start(now)

    async def _async_run[Answer](self, work: Callable[[], Answer]) -> Answer:
        """Let a worker do something with the appliances."""
        async with self._busy:
            return await self._hass.async_add_executor_job(work)

    async def async_catch_up(self, now: float, lessons: Mapping[str, Watched]) -> None:
        """Begin with what the recorder taught of new appliances, and with what it holds of the others since."""
        async with self._busy:
            for key, item in self._units.items():
                if key not in lessons and not math.isnan(item.heard):
                    await self._async_catch_up(key, item, now)
            self._units |= lessons
            for item in lessons.values():
                item.known_until = now
        self._is_news = self.is_caught_up = True

    async def _async_catch_up(self, key: str, item: Watched, now: float) -> None:
        """Take in what the recorder holds of one appliance since it was last heard of."""
        first = await async_replay(self._hass, {key: item}, item.heard, now, gap_at=self._began_at)
        if first is None:
            # Nobody knows what it did since; what comes is judged by what is known.
            item.unit.lose(item.heard)
        else:
            item.known_until = now

    async def async_tick(self, now: float, paused: Collection[str], mode: Mode) -> Report | None:
        """Hand over what came, close a day that is over; return a report when something is new."""
        if not self.configs or not self.is_caught_up:
            return None
        readings = self._feed.drain()
        mine = frozenset(paused) & frozenset(self._units)
        self._is_news = self._is_news or mine != self._paused
        self._paused = mine
        for signal, item in self._units.items():
            outdoor = item.config.outdoor
            celsius = outdoor_celsius(None if outdoor is None else standing_state(self._hass, outdoor))
            # Guests open a fridge more often than anybody knows; a technician does worse.
            is_usual = mode in (Mode.NORMAL, Mode.VACATION) and signal not in mine
            item.open.note(celsius, is_usual=is_usual, is_away=mode is Mode.VACATION)
        if await self._async_run(lambda: self._take(readings, now)):
            await self.async_save()
            self._is_news = True
        return self._report(now) if self._is_news else None

    def _take(self, readings: Mapping[str, Readings], now: float) -> bool:
        """Hand readings to every appliance; return whether a day was closed; runs in a worker."""
        closed = []
        for item in self._units.values():
            entities = (item.config.entity_id, item.config.inside)
            power, inside = (
                [row for row in readings.get(name or "", []) if row[0] > item.known_until] for name in entities
            )
            closed.append(item.take(power, inside, now))
        return any(closed)

    def _report(self, now: float) -> Report:
        """Return what stands, what is new, and how much is known."""
        stood, self._told, self._is_news = self._told, self._standing(), False
        return Report(
            now,
            opened=tuple(alarm for alarm in self._told.values() if alarm not in stood.values()),
            closed=tuple(alarm for alarm in stood.values() if alarm not in self._told.values()),
            active=tuple(self._told.values()),
            health=tuple(self._health(signal, item) for signal, item in self._units.items()),
        )

    def _health(self, signal: str, item: Watched) -> SignalHealth:
        """Return what is known of one appliance."""
        unit = item.unit
        state = Learning.OK if unit.alarm is None else Learning.FAULT
        known = Learning.LEARNING if unit.is_learning else state
        return SignalHealth(signal, known, float(unit.days_learned), unit.score, unit.measure or "")

    async def async_false_alarm(self, alarm: ApplianceAlarm) -> None:
        """Widen what an alarm crossed."""
        item = self._units[alarm.signal]
        await self._async_run(lambda: item.unit.false_alarm(alarm.measure))
        self._forget(alarm.signal)

    async def async_serviced(self, signals: Collection[str]) -> None:
        """Begin the normal of some appliances anew."""
        for signal in signals:
            if (item := self._units.get(signal)) is not None:
                await self._async_run(item.unit.serviced)
                self._forget(signal)

    def _forget(self, signal: str) -> None:
        """Know that its alarm was ended by a user, who is not told so again."""
        self._told.pop(signal, None)
        self._is_news = True

    async def async_save(self) -> None:
        """Write what was learned, and the day that is under way."""
        if not self._is_kept or not self._units:
            return
        try:
            await self._async_run(lambda: write_appliances(self._file, self._units))
        except OSError as error:
            _LOGGER.warning("What was learned about appliances cannot be written, which is tried again: %s", error)

    async def async_close(self, now: float, paused: Collection[str], mode: Mode) -> None:
        """Take what came last, and write everything."""
        await self.async_tick(now, paused, mode)
        await self.async_save()

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._hass.async_add_executor_job(self._file.remove)
