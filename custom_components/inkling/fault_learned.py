"""The worker's half of the watch with what it learned: loaded, judged by, taught and saved, one call at a time."""

import asyncio
from collections.abc import Callable, Iterable
import logging
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR

from .const import DOMAIN
from .core.faults.classes import Alarm, Context, Report
from .core.faults.intake import Batch
from .core.faults.state import StateError, dump, load
from .core.faults.watch import Watch
from .fault_config import WatchPlan
from .fault_file import FaultFile

_LOGGER = logging.getLogger(__name__)


class LearnedWatch:
    """Everything blocking runs in a worker; the lock keeps the watch to one of them at a time."""

    def __init__(self, hass: HomeAssistant, entry_id: str, plan: WatchPlan) -> None:
        """Know the signals; nothing is read yet."""
        self._hass = hass
        self._plan = plan
        self._file = FaultFile(Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.watch")))
        self._watch = Watch(plan.signals, plan.settings)
        self._busy = asyncio.Lock()
        self._is_kept = True

    async def async_load(self) -> tuple[Alarm, ...]:
        """Take over what was learned and return the alarms that stood; what is refused is learned anew."""
        try:
            self._watch = await self._hass.async_add_executor_job(self._read)
        except StateError as error:
            _LOGGER.warning("Faults are judged without what was learned: %s", error)
            await self._hass.async_add_executor_job(self._file.set_aside)
        except OSError as error:
            # A disk that fails to read may yet hold the weeks that were learned: they are not written over.
            self._is_kept = False
            _LOGGER.warning("What is learned about faults from now on is not kept: %s", error)
        return self._watch.judge.active

    def _read(self) -> Watch:
        """Return the watch of the file, or one that knows nothing."""
        data = self._file.read()
        if data is None:
            return Watch(self._plan.signals, self._plan.settings)
        return load(data, self._plan.signals, self._plan.settings)

    @property
    def unknown(self) -> frozenset[str]:
        """Return the signals nothing was learned of."""
        pairs = zip(self._plan.signals, self._watch.tail.blocks.tolist(), strict=True)
        return frozenset(signal.id for signal, blocks in pairs if not blocks)

    async def _async_run[Answer](self, work: Callable[[], Answer]) -> Answer:
        """Let a worker do something with the watch."""
        async with self._busy:
            return await self._hass.async_add_executor_job(work)

    async def async_tick(self, batch: Batch, context: Context) -> Report:
        """Judge what closed."""
        return await self._async_run(lambda: self._watch.tick(batch, context))

    async def async_false_alarm(self, alarm: Alarm) -> tuple[Alarm, ...]:
        """Raise the threshold that an alarm crossed; return the alarms that stand."""

        def work() -> tuple[Alarm, ...]:
            """Teach and look."""
            self._watch.false_alarm(alarm)
            return self._watch.judge.active

        return await self._async_run(work)

    async def async_serviced(self, signals: Iterable[str]) -> tuple[Alarm, ...]:
        """Begin the normal of some signals anew; return the alarms that stand."""

        def work() -> tuple[Alarm, ...]:
            """Forget and look."""
            for signal in signals:
                self._watch.serviced(signal)
            return self._watch.judge.active

        return await self._async_run(work)

    async def async_adopt(self, other: Watch, signals: frozenset[str]) -> None:
        """Take over what another watch of the same plan learned of some signals."""

        def work() -> None:
            """Copy rows, then draw what follows from them; who moves together is known of a whole home only."""
            mine = self._watch
            if signals == frozenset(mine.row_of):
                self._watch = other
                return
            rows = [mine.row_of[signal] for signal in sorted(signals)]
            mine.bank.hour_mean[rows] = other.bank.hour_mean[rows]
            mine.bank.hour_rest[rows] = other.bank.hour_rest[rows]
            mine.tail.maxima[rows] = other.tail.maxima[rows]
            mine.tail.blocks[rows] = other.tail.blocks[rows]
            mine.hours = max(mine.hours, other.hours)
            mine.refresh()

        await self._async_run(work)

    async def async_save(self) -> None:
        """Write what was learned."""
        if not self._is_kept or not self._plan.signals:
            return
        try:
            await self._async_run(lambda: self._file.write(dump(self._watch)))
        except OSError as error:
            _LOGGER.warning("What was learned about faults cannot be written, which is tried again: %s", error)

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._hass.async_add_executor_job(self._file.remove)
