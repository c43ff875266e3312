"""Walk along a recorded timeline and tell each entity its state when its moment comes."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
import json
import math
from pathlib import Path
import time
from typing import Any, TypedDict

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store

from .const import DOMAIN, PLAN_FILE, Occasion

STORE_VERSION = 1


class Where(TypedDict):
    """The position of the timeline at an instant; kept so that a restart of Home Assistant goes on from there."""

    created_seconds: float
    wall_seconds: float
    position_seconds: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """One loop of the recorded home: (position, index of the entity, state) in order, counted on through all loops."""

    events: list[tuple[float, int, str]]
    period_seconds: float

    def cursor_at(self, position_seconds: float) -> int:
        """Return the number of the first event later than an unrolled position."""
        loop, within_seconds = divmod(position_seconds, self.period_seconds)
        within = bisect_right(self.events, within_seconds, key=lambda event: event[0])
        return int(loop) * len(self.events) + within

    def position_of(self, cursor: int) -> float:
        """Return the unrolled position of an event."""
        loop, within = divmod(cursor, len(self.events))
        return loop * self.period_seconds + self.events[within][0]

    def state_before(self, cursor: int, index: int) -> str | None:
        """Return the state an entity was last told; at the first events, what the last loop left."""
        for back in range(1, len(self.events) + 1):
            _, other, state = self.events[(cursor - back) % len(self.events)]
            if other == index:
                return state
        return None

    def next_of(self, positions: list[float], now_seconds: float) -> float | None:
        """Return the next of some positions in the loop, unrolled to lie after now."""
        loop_seconds = math.floor(now_seconds / self.period_seconds) * self.period_seconds
        later = (loop_seconds + extra + position for extra in (0.0, self.period_seconds) for position in positions)
        return min((position for position in later if position > now_seconds), default=None)


class Replay:
    """The moving position, and the entities that hear of it."""

    def __init__(self, hass: HomeAssistant, plan: dict[str, Any], store: Store[Where], where: Where) -> None:
        """Take a plan and the place it has reached."""
        self.entities: list[dict[str, Any]] = plan["entities"]
        self._hass = hass
        self._arrivals: list[float] = plan["arrivals"]
        self._departures: list[float] = plan["departures"]
        self._speed: float = plan["anchor"]["speed"]
        self._store = store
        self._where = where
        self._timeline = Timeline([tuple(event) for event in plan["timeline"]], plan["period_seconds"])
        self._listeners: dict[int, Callable[[str], None]] = {}
        self._cursor = self._timeline.cursor_at(self.position_seconds)
        self._cancel: CALLBACK_TYPE | None = None

    @property
    def position_seconds(self) -> float:
        """Return where the timeline stands now, unrolled over its loops."""
        passed_seconds = time.time() - self._where["wall_seconds"]
        return self._where["position_seconds"] + passed_seconds * self._speed

    def state_of(self, index: int) -> str | None:
        """Return what an entity says at the position reached."""
        return self._timeline.state_before(self._cursor, index)

    @callback
    def async_listen(self, index: int, listener: Callable[[str], None]) -> CALLBACK_TYPE:
        """Tell a listener every event of one entity."""
        self._listeners[index] = listener
        return lambda: self._listeners.pop(index, None) and None

    @callback
    def async_start(self) -> None:
        """Go on from the position that the clock says."""
        self._cursor = self._timeline.cursor_at(self.position_seconds)
        self._tell_all()
        self._wait()

    @callback
    def async_stop(self) -> None:
        """Stop moving."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    async def async_skip(self, to: Occasion, in_seconds: float) -> None:
        """Jump so that the next arrival or departure comes in so many seconds."""
        occasions = self._arrivals if to is Occasion.ARRIVAL else self._departures
        target = self._timeline.next_of(occasions, self.position_seconds)
        if target is None:
            return
        self.async_stop()
        lead_seconds = in_seconds * self._speed
        self._where = Where(
            created_seconds=self._where["created_seconds"],
            wall_seconds=time.time(),
            position_seconds=target - lead_seconds,
        )
        self.async_start()
        await self._store.async_save(self._where)

    @callback
    def _tell_all(self) -> None:
        """Bring every entity to the position reached."""
        for index, listener in list(self._listeners.items()):
            if (state := self.state_of(index)) is not None:
                listener(state)

    @callback
    def _wait(self) -> None:
        """Wait for the next moment at which something happens."""
        ahead_seconds = self._timeline.position_of(self._cursor) - self.position_seconds
        delay_seconds = max(0.0, ahead_seconds / self._speed)
        self._cancel = async_call_later(self._hass, delay_seconds, self._advance)

    @callback
    def _advance(self, _now: datetime) -> None:
        """Tell all events up to now, in order, then wait again."""
        now_seconds = self.position_seconds
        while self._timeline.position_of(self._cursor) <= now_seconds:
            _, index, state = self._timeline.events[self._cursor % len(self._timeline.events)]
            self._cursor += 1
            if (listener := self._listeners.get(index)) is not None:
                listener(state)
        self._wait()


async def load_replay(hass: HomeAssistant) -> Replay:
    """Read the launcher's plan, and go on where an earlier run of the same plan was."""
    path = Path(hass.config.path(PLAN_FILE))
    plan = await hass.async_add_executor_job(lambda: json.loads(path.read_text(encoding="utf-8")))
    store: Store[Where] = Store(hass, STORE_VERSION, DOMAIN)
    where = await store.async_load()
    if where is None or where["created_seconds"] != plan["created_seconds"]:
        anchor = plan["anchor"]
        where = Where(
            created_seconds=plan["created_seconds"],
            wall_seconds=anchor["wall_seconds"],
            position_seconds=anchor["position_seconds"],
        )
    return Replay(hass, plan, store, where)
