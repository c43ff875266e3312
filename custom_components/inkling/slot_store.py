"""What was learned in this home, for the loop: changes happen at once and are on the disk a second later."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import partial
import logging
from pathlib import Path
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, Event as BusEvent, HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR
import numpy as np
from numpy.typing import NDArray

from .const import DOMAIN
from .core.learned import Event, Learned, merge_event
from .core.skill import HorizonPrior, SkillBook
from .core.slots import SlotHistory
from .journal import NewerVersionError
from .learned_file import LearnedFile

_LOGGER = logging.getLogger(__name__)
FLUSH_SECONDS = 1.0
"""All rooms of a tick share a line, which then outlives a killed Home Assistant."""
SYNC_SECONDS = 50.0
"""A power cut costs this and half a minute; more often would wear out a memory card."""
SPAN_LIMIT_SECONDS = 3_600.0
"""Nobody looked for longer than this without a tick: the clock has leapt, or the machine slept."""
_CHANCE_DIGITS = 4


class StoreProblem(StrEnum):
    """Why what is learned is not kept, or not all of it."""

    NEWER_VERSION = "newer_version"
    """A later version wrote the files: they stay as they are, and what is learned now is lost at the next stop."""
    UNREADABLE = "unreadable"
    """The disk failed to read them: the same."""
    UNWRITABLE = "unwritable"
    """The disk is full or broken; writing is tried again with every change."""
    DAMAGED = "damaged"
    """The files were damaged; what could be read is used, and nothing is wrong from now on."""


class LearnedStore:
    """Lives on the loop; only `LearnedFile` touches the disk, in a worker. Call `record` twice a minute or oftener."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the files after the entry; nothing is read yet."""
        self._hass = hass
        self._file = LearnedFile(Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.learned")))
        self._learned = Learned()
        self._events: list[Event] = []
        self._timer: asyncio.TimerHandle | None = None
        self._last_sync = -float("inf")
        self._writing = asyncio.Lock()
        self._is_kept = False
        self._stop_listening: CALLBACK_TYPE | None = None
        self.problem: StoreProblem | None = None

    @property
    def histories(self) -> Mapping[str, SlotHistory]:
        """Return each room's past; only this store changes it."""
        return self._learned.histories

    @property
    def skill(self) -> SkillBook:
        """Return the scores; read them here, change them with `note` and `settle`."""
        return self._learned.skill

    @property
    def extras(self) -> Mapping[str, Any]:
        """Return what else is kept, by name."""
        return self._learned.extras

    async def async_load(self, rooms: Iterable[str]) -> None:
        """Read what was kept, and forget rooms that are no more; without readable files begin anew."""
        try:
            self._learned = await self._hass.async_add_executor_job(self._file.load)
        except (NewerVersionError, OSError) as error:
            is_newer = isinstance(error, NewerVersionError)
            self.problem = StoreProblem.NEWER_VERSION if is_newer else StoreProblem.UNREADABLE
            _LOGGER.warning("What is learned from now on is not kept: %s", error)
            return
        self._is_kept = True
        if self._file.damage:
            self.problem = StoreProblem.DAMAGED
            _LOGGER.warning("The files of what was learned are damaged (%s)", ", ".join(sorted(self._file.damage)))
        self._stop_listening = self._hass.bus.async_listen_once(
            EVENT_HOMEASSISTANT_FINAL_WRITE, self._async_final_write
        )
        for room in set(self.histories) - set(rooms):
            self.forget(room)

    @callback
    def record(self, room: str, occupied: bool | None, start: float, end: float) -> None:  # noqa: FBT001 - three-valued state
        """Add that a room was in a state from `start` to `end` (epoch seconds)."""
        if occupied is None or not 0.0 < end - start <= SPAN_LIMIT_SECONDS:
            return
        number, begin, stop = self._number(room), round(start), round(end)
        numbers = ([number], []) if occupied else ([], [number])
        self._happen(["s", begin, stop, *numbers])

    @callback
    def note(
        self, room: str, horizon_minutes: int, made_at: float, probability: float, baselines: Mapping[str, float]
    ) -> None:
        """Keep a forecast until it can be scored; one in a quarter of an hour is."""
        rules = {name: round(float(chance), _CHANCE_DIGITS) for name, chance in baselines.items()}
        chance = round(float(probability), _CHANCE_DIGITS)
        self._happen(["n", self._number(room), horizon_minutes, made_at, chance, rules])

    @callback
    def settle(self, room: str, now: float, occupied: bool | None) -> None:  # noqa: FBT001 - three-valued state
        """Score the forecasts that are due by the state at `now`; None drops them."""
        self._happen(["t", self._number(room), now, occupied])

    @callback
    def merge(self, room: str, first: int, shares: NDArray[np.floating]) -> None:
        """Fill in a room's slots from `first` on from another source, shape (n,), where nothing was observed."""
        self._happen(merge_event(self._number(room), first, shares))

    @callback
    def use(self, priors: Mapping[int, HorizonPrior]) -> None:
        """Judge by what was measured of the model in use before shipping, by minutes ahead."""
        measured = {str(minutes): [prior.brier, prior.baseline_brier] for minutes, prior in priors.items()}
        self._happen(["p", measured])

    @callback
    def keep(self, name: str, value: Any) -> None:  # noqa: ANN401 - whatever its owner makes of it
        """Keep something in JSON's types by name; None lets go of it."""
        self._happen(["x", name, value])

    @callback
    def forget(self, room: str) -> None:
        """Forget all of a room."""
        if (number := self._learned.number_of(room)) is not None:
            self._happen(["f", number])

    def _number(self, room: str) -> int:
        """Return a room's number, giving it one with its first event."""
        if (number := self._learned.number_of(room)) is None:
            self._happen(["r", room])
            number = self._number(room)
        return number

    @callback
    def _happen(self, event: Event) -> None:
        """Let an event happen, and write it in a moment if it changed anything."""
        if not self._learned.apply(event) or not self._is_kept:
            return
        if not (self._events and _joined(self._events[-1], event)):
            self._events.append(event)
        if self._timer is None:
            self._timer = self._hass.loop.call_later(FLUSH_SECONDS, self._handle_timer)

    @callback
    def _handle_timer(self) -> None:
        """Write what has come together."""
        self._timer = None
        # A task that shutdown waits for: half a write is whole at the next start, but the events would be missing.
        self._hass.async_create_task(self.async_flush(), "Inkling learned flush", eager_start=False)

    async def async_flush(self) -> None:
        """Write now what is waiting; never two at a time, since a room's number must come before what is told of it."""
        async with self._writing:
            events, self._events = self._events, []
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            now = self._hass.loop.time()
            is_due = now - self._last_sync >= SYNC_SECONDS
            self._last_sync = now if is_due else self._last_sync
            if events:
                await self._async_write(partial(self._file.write, events, sync=is_due))

    async def _async_write(self, write: Callable[[], None]) -> None:
        """Write in a worker; a disk that fails is told once, until it works again."""
        try:
            await self._hass.async_add_executor_job(write)
        except OSError as error:
            if self.problem is not StoreProblem.UNWRITABLE:
                _LOGGER.warning("What is learned cannot be written, which is tried again every minute: %s", error)
            self.problem = StoreProblem.UNWRITABLE
        else:
            self.problem = None if self.problem is StoreProblem.UNWRITABLE else self.problem

    async def _async_final_write(self, _: BusEvent) -> None:
        """Write everything before Home Assistant stops."""
        self._stop_listening = None
        await self.async_close()

    async def async_close(self) -> None:
        """Write everything into one snapshot; what is learned afterwards is not kept."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        await self.async_flush()
        if self._is_kept:
            self._is_kept = False
            # What happened during the first flush would else wait for a timer that outlives the entry.
            await self.async_flush()
            await self._async_write(self._file.close)

    async def async_set_aside(self) -> None:
        """Rename files that this version cannot read."""
        await self._hass.async_add_executor_job(self._file.set_aside)

    async def async_remove(self) -> None:
        """Delete the files."""
        await self._hass.async_add_executor_job(self._file.remove)


def _joined(last: Event, event: Event) -> bool:
    """Add a room's span to the last event where that is another room's for the same time; return whether it was."""
    is_same = last[0] == event[0] == "s" and last[1:3] == event[1:3]
    if not is_same or {*event[3], *event[4]} & {*last[3], *last[4]}:
        return False
    last[3].extend(event[3])
    last[4].extend(event[4])
    return True
