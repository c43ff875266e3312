"""The tick: copy what is due on the loop, judge it in one batch off the loop, publish verdicts on the loop."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import batched
import logging
import time
from typing import TYPE_CHECKING, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .clock import utc_offset_seconds
from .const import (
    COALESCE_SECONDS,
    DOMAIN,
    FAILURES_LIMIT,
    FOLLOW_SECONDS,
    RESTLESS_SECONDS,
    START_GRACE_SECONDS,
    TICK_INTERVAL,
)
from .core.decide import DecisionParameters
from .core.pipeline import Model, Request, score_batch
from .core.verdict import Score, UnknownReason, Verdict
from .core.window import HomeSnapshot
from .home_monitor import HomeMonitor
from .ingest import Ingest
from .issues import clear_runtime_issue, raise_runtime_issue
from .room import Room
from .store import DecisionStore
from .timing import Timings

if TYPE_CHECKING:
    from .data import InklingConfigEntry

_LOGGER = logging.getLogger(__name__)
# A clock set back by less than this is a correction, not a jump.
_CLOCK_SLACK_SECONDS = 2.0
# Writing the states of this many rooms takes well under a millisecond.
_ROOMS_AT_ONCE = 4


def _now() -> float:
    """Return the time in epoch seconds."""
    return dt_util.utcnow().timestamp()


def _timed_scores(model: Model, snapshot: HomeSnapshot, requests: Sequence[Request]) -> tuple[dict[str, Score], float]:
    """Return scores and the seconds they took; runs in a worker and touches nothing but its arguments."""
    start = time.perf_counter()
    scores = score_batch(model, snapshot, requests)
    return scores, time.perf_counter() - start


class InklingCoordinator(DataUpdateCoordinator[Mapping[str, Verdict]]):
    """Pushes verdicts by room id."""

    config_entry: InklingConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: InklingConfigEntry,
        *,
        ingest: Ingest,
        model: Model | None,
        rooms: Sequence[Room],
        home: HomeMonitor,
        store: DecisionStore,
        timings: Timings,
    ) -> None:
        """Start from what was restored."""
        super().__init__(hass, _LOGGER, config_entry=entry, name=DOMAIN, always_update=True)
        self._ingest = ingest
        self._model = model
        self._rooms = {room.id: room for room in rooms}
        self._home = home
        self._store = store
        self.timings = timings
        self.failures = 0
        self.unexplained: frozenset[str] = frozenset()
        """Rooms whose explanation is older than what it should explain, and on its way."""
        self._changed: frozenset[str] = frozenset()
        self._due: set[str] = set()
        self._job: asyncio.Task[None] | None = None
        self._judging = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._restless: dict[str, float] = {}
        self._restless_timer: asyncio.TimerHandle | None = None
        self._decision_timer: asyncio.TimerHandle | None = None
        self._last_start = -float("inf")
        self._last_end = -float("inf")
        self._settled_at = float("inf")
        self._is_running = False
        self._on_clock_back: Callable[[], None] = lambda: None
        self.data = self._verdicts()

    def _verdicts(self) -> dict[str, Verdict]:
        """Return the newest verdict of every room that has one, and of the home."""
        found = {room.id: room.verdict for room in self._rooms.values() if room.verdict is not None}
        return found if self._home.verdict is None else {**found, self._home.id: self._home.verdict}

    def _deciders(self) -> list[Room | HomeMonitor]:
        """Return everything that decides: the rooms and the home."""
        return [*self._rooms.values(), self._home]

    @callback
    def start(self, on_clock_back: Callable[[], None]) -> CALLBACK_TYPE:
        """Begin ticking, every room at once first; return what ends it."""
        self._is_running = True
        self._on_clock_back = on_clock_back
        self._settled_at = _now() + START_GRACE_SECONDS
        stop_minutes = async_track_time_interval(
            self.hass, self._handle_minute, TICK_INTERVAL, name="Inkling tick", cancel_on_shutdown=True
        )
        self.mark_due(self._rooms)

        @callback
        def stop() -> None:
            """Stop ticking."""
            self._is_running = False
            stop_minutes()
            for timer in (self._timer, self._decision_timer, self._restless_timer):
                if timer is not None:
                    timer.cancel()

        return stop

    @callback
    def _handle_minute(self, _: object) -> None:
        """Judge every room again, since time alone changes what a silence means."""
        if _now() >= self._settled_at:
            self._settled_at = -float("inf")
            self._ingest.settle(_now())
        self.mark_due(self._rooms)

    @callback
    def handle_edge(self, rooms: Iterable[str | None]) -> None:
        """Judge rooms at once, and every few seconds until the edge has been seen for a whole step."""
        wanted = self._expanded(rooms)
        until = self.hass.loop.time() + RESTLESS_SECONDS
        self._restless.update(dict.fromkeys(wanted, until))
        if self._is_running and self._restless_timer is None:
            self._restless_timer = self.hass.loop.call_later(FOLLOW_SECONDS, self._handle_restless)
        self.mark_due(wanted)

    @callback
    def _handle_restless(self) -> None:
        """Judge again where something happened a short while ago."""
        self._restless_timer = None
        now = self.hass.loop.time()
        self._restless = {room: until for room, until in self._restless.items() if until > now}
        if self._restless:
            self._restless_timer = self.hass.loop.call_later(FOLLOW_SECONDS, self._handle_restless)
            self.mark_due(self._restless)

    def _expanded(self, rooms: Iterable[str | None]) -> set[str]:
        """Return rooms, all of them when the home is among them."""
        wanted = set(rooms)
        return set(self._rooms) if None in wanted else {room for room in wanted if room is not None}

    @callback
    def mark_due(self, rooms: Iterable[str | None]) -> None:
        """Judge these rooms as soon as may be; None stands for the home, which concerns every room."""
        self._due |= self._expanded(rooms)
        self._pull()

    @callback
    def explain_anew(self, rooms: Iterable[str]) -> None:
        """Judge rooms and say why, since what they may rest on has changed."""
        for room_id in rooms:
            self._rooms[room_id].forget_explanation()
        self.mark_due(rooms)

    @callback
    def say(self, monitor: str, *, occupied: bool) -> None:
        """Let a room, or the home, be what a user says from this very moment, and judge it again."""
        told = self._home.room if monitor == self._home.id else self._rooms[monitor]
        told.say(_now(), occupied=occupied)
        self._changed = frozenset({monitor})
        self._store.keep(told.verdict)
        self.async_set_updated_data(self._verdicts())
        self.mark_due([None if monitor == self._home.id else monitor])

    @callback
    def _pull(self) -> None:
        """Start a job when none runs: at once after a quiet moment, else when the coalescing time is over."""
        if not self._is_running or self._job is not None or self._timer is not None or not self._due:
            return
        wait_seconds = self._last_start + COALESCE_SECONDS - self.hass.loop.time()
        if wait_seconds > 0.0:
            self._timer = self.hass.loop.call_later(wait_seconds, self._handle_timer)
            return
        self._begin()

    @callback
    def _handle_timer(self) -> None:
        """Go on after the coalescing time."""
        self._timer = None
        self._begin()

    @callback
    def _begin(self) -> None:
        """Start a job for all that is due."""
        due, self._due = self._due, set()
        self._last_start = self.hass.loop.time()
        self._job = self.config_entry.async_create_background_task(
            self.hass, self._async_tick(due), "Inkling tick", eager_start=False
        )

    async def _async_tick(self, due: set[str]) -> None:
        """Judge some rooms and publish; never two at a time."""
        try:
            async with self._judging:
                await self._async_judge(due)
        finally:
            self._job = None
            self._pull()

    async def async_swap_model(self, model: Model | None, parameters: DecisionParameters | None) -> None:
        """Judge by another model from now on, every room at once; what the windows hold stays."""
        # A tick that runs ends with the model it began with, else its verdicts would name the other.
        async with self._judging:
            self._model = model
            self.failures = 0
            for room in self._deciders():
                room.use(parameters)
        self.mark_due(self._rooms)

    async def _async_judge(self, due: set[str]) -> None:
        """Score the due rooms in one batch, then ask again for those whose explanation no longer fits."""
        with self.timings.measure("loop_snapshot"):
            end = _now()
            if end < self._last_end - _CLOCK_SLACK_SECONDS:
                self._begin_anew(end)
            self._last_end = end
            snapshot = self._ingest.window.snapshot(end, due, utc_offset_seconds(end))
        requests = [Request(room_id, explain=self._rooms[room_id].is_unexplained) for room_id in sorted(due)]
        scores = await self._async_scores(snapshot, requests)
        await self._async_publish(scores, self._apply)
        if self.unexplained:
            wanted = [Request(room_id, explain=True) for room_id in sorted(self.unexplained)]
            await self._async_publish(await self._async_scores(snapshot, wanted), self._explain)

    async def _async_publish(
        self, scores: Mapping[str, Score], take_over: Callable[[Iterable[tuple[str, Score]]], None]
    ) -> None:
        """Take over scores and tell their entities, a few rooms at a time so that the loop is never held for long."""
        for some in batched(scores.items(), _ROOMS_AT_ONCE, strict=False):
            with self.timings.measure("loop_publish"):
                take_over(some)
                self._changed = frozenset(room_id for room_id, _ in some)
                self.async_set_updated_data(self._verdicts())
            await asyncio.sleep(0)
        # After all its rooms, and once: between two of them it would be judged by what is not true any more.
        with self.timings.measure("loop_publish"):
            if self._home.judge(self._rooms.values(), self._last_end):
                self._changed = frozenset({self._home.id})
                self._store.keep(self._home.verdict)
                self.async_set_updated_data(self._verdicts())
        self._await_decisions()

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Tell the entities of the rooms that changed; asking those of every room would take too long."""
        for update, room_id in list(self._listeners.values()):
            if room_id in self._changed:
                update()

    def _begin_anew(self, now: float) -> None:
        """Drop readings of a time that has not come yet, and read the history up to the time that is."""
        _LOGGER.info("The clock was set back; reading the history again")
        self._ingest.reset(now)
        self._on_clock_back()

    async def _async_scores(self, snapshot: HomeSnapshot, requests: Sequence[Request]) -> dict[str, Score]:
        """Return scores from one executor job; a model that is missing or fails gives scores that say so."""
        if self._model is None:
            return self._unknown(snapshot, requests, UnknownReason.NO_MODEL)
        if self.failures >= FAILURES_LIMIT:
            return self._unknown(snapshot, requests, UnknownReason.MODEL_FAILED)
        try:
            scores, seconds = await self.hass.async_add_executor_job(_timed_scores, self._model, snapshot, requests)
        except Exception:
            # Whatever a model does, its rooms say unknown and Home Assistant goes on.
            _LOGGER.exception("Inkling's model failed")
            scores = self._unknown(snapshot, requests, UnknownReason.MODEL_FAILED)
        else:
            self.timings.add("inference", seconds)
        self._count_failure(scores)
        return scores

    def _count_failure(self, scores: Mapping[str, Score]) -> None:
        """Count failures in a row and raise a repair when the model is given up."""
        if not any(score.unknown is UnknownReason.MODEL_FAILED for score in scores.values()):
            if self.failures:
                clear_runtime_issue(self.hass)
            self.failures = 0
            return
        self.failures += 1
        if self.failures == FAILURES_LIMIT and self._model is not None:
            raise_runtime_issue(self.hass, self._model.manifest.name, self.failures)

    def _unknown(self, snapshot: HomeSnapshot, requests: Sequence[Request], reason: UnknownReason) -> dict[str, Score]:
        """Return scores without a probability, with the share of sensors that can be read all the same."""
        return {
            request.room: Score(
                room=request.room,
                end=snapshot.end,
                probability=None,
                coverage=self._ingest.readable_share(request.room),
                history=0.0,
                unknown=reason,
            )
            for request in requests
        }

    def _apply(self, scores: Iterable[tuple[str, Score]]) -> None:
        """Take over scores, and note which rooms want to be explained."""
        model = None if self._model is None else f"{self._model.manifest.name} {self._model.manifest.version}"
        backend = None if self._model is None else self._model.backend.name
        is_settled = self._settled_at < 0.0
        for room_id, score in scores:
            room = self._rooms[room_id]
            if room.apply(score, model, backend, is_settled=is_settled):
                self.unexplained |= {room_id}
            self._store.keep(room.verdict)

    def _explain(self, scores: Iterable[tuple[str, Score]]) -> None:
        """Add explanations to the verdicts they belong to."""
        for room_id, score in scores:
            self._rooms[room_id].explain(score)
            self.unexplained -= {room_id}

    def _await_decisions(self) -> None:
        """Wake up when the next pending decision takes effect."""
        if self._decision_timer is not None:
            self._decision_timer.cancel()
            self._decision_timer = None
        moments = [moment for room in self._deciders() if (moment := room.due_at()) is not None]
        if moments:
            wait_seconds = max(0.0, min(moments) - _now()) + COALESCE_SECONDS
            self._decision_timer = self.hass.loop.call_later(wait_seconds, self._handle_decision)

    @callback
    def _handle_decision(self) -> None:
        """Judge again the rooms whose pending change is due."""
        self._decision_timer = None
        now = _now()
        due = {room.id for room in self._deciders() if (moment := room.due_at()) and moment <= now}
        # The home is judged by its rooms.
        self.mark_due(None if monitor == self._home.id else monitor for monitor in due)
