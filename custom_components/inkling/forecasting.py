"""The forecast's own tick: learn from decisions, forecast all due rooms in one job, publish, and score what was said.

Nothing here is on the way from a sensor's edge to its room's answer.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
import logging
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.event import async_track_utc_time_change
from homeassistant.util import dt as dt_util

from .const import (
    DOMAIN,
    FAILURES_LIMIT,
    FORECAST_COALESCE_SECONDS,
    FORECAST_ROOMS_AT_ONCE,
    LEARN_SECONDS,
)
from .coordinator import InklingCoordinator
from .core.forecast import ForecastRequest
from .core.pipeline import Model
from .core.slots import SLOT_SECONDS, SlotHistory
from .day_kinds import DayKinds
from .forecast_job import Foreseen, foresee
from .issues import clear_forecast_issue, raise_forecast_issue
from .outlook import NOTHING, HorizonOutlook, NoForecast, Outlook
from .rooms import Monitor
from .slot_store import LearnedStore

if TYPE_CHECKING:
    from .data import InklingConfigEntry

_LOGGER = logging.getLogger(__name__)
_NO_HISTORY = SlotHistory()


def _now() -> float:
    """Return the time in epoch seconds."""
    return dt_util.utcnow().timestamp()


@dataclass(slots=True)
class _Told:
    """What a monitor's newest decision was, since when, and up to when it is learned; epoch seconds."""

    occupied: bool | None
    since: float | None
    until: float


class Forecasting:
    """Lives on the event loop; workers get copies and return values."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: InklingConfigEntry,
        *,
        coordinator: InklingCoordinator,
        monitors: Sequence[Monitor],
        store: LearnedStore,
        days: DayKinds,
        model: Model | None,
        people: Callable[[], float | None],
    ) -> None:
        """Prepare; nothing is learned or said before `start`."""
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._people = people
        self.store = store
        self.days = days
        self.options = days.options
        self._model = model
        self._calendar = days.calendar()
        self.failures = 0
        self.outlooks: dict[str, Outlook] = {monitor.id: NOTHING for monitor in monitors}
        self._told: dict[str, _Told] = {}
        self._due: set[str] = set()
        self._slot: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._job: asyncio.Task[None] | None = None
        self._is_running = False
        self._stops: list[CALLBACK_TYPE] = []
        self._timings = coordinator.timings

    @callback
    def async_listen(self, monitor: str, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener whenever a monitor's outlook is new, reloads included; return what ends it."""
        return async_dispatcher_connect(self._hass, f"{DOMAIN}_forecast_{monitor}", listener)

    @callback
    def start(self) -> None:
        """Begin to learn and to forecast."""
        now = _now()
        self._is_running = True
        stops = self._stops
        for monitor in self.outlooks:
            occupied, since = self._decision(monitor)
            self._told[monitor] = _Told(occupied, since, now)
            stops.append(self._coordinator.async_add_listener(self._follow(monitor), monitor))
        stops.append(async_track_utc_time_change(self._hass, self._handle_learning, second=f"/{LEARN_SECONDS}"))
        self._slot = int(now // SLOT_SECONDS)
        self.mark_due(self.outlooks)

    @callback
    def stop(self) -> None:
        """Stop, with what was seen up to now learned; harmless when it never began."""
        self._is_running = False
        while self._stops:
            self._stops.pop()()
        if self._timer is not None:
            self._timer.cancel()
        now = _now()
        for monitor in self._told:
            self._record(monitor, now)

    def _decision(self, monitor: str) -> tuple[bool | None, float | None]:
        """Return a monitor's decision and since when it stands."""
        verdict = self._coordinator.data.get(monitor)
        return (None, None) if verdict is None else (verdict.decision.occupied, verdict.decision.since)

    def _follow(self, monitor: str) -> CALLBACK_TYPE:
        """Return what looks at a monitor's new verdicts."""

        @callback
        def update() -> None:
            """Learn how long the last decision stood, and forecast anew, when it changed."""
            occupied, since = self._decision(monitor)
            if occupied is self._told[monitor].occupied:
                return
            now = _now()
            self._record(monitor, now)
            self._told[monitor] = _Told(occupied, since, now)
            self.mark_due([monitor])

        return update

    def _record(self, monitor: str, now: float) -> None:
        """Learn what a monitor was since it was last learned."""
        told = self._told[monitor]
        self.store.record(monitor, told.occupied, told.until, now)
        told.until = now

    @callback
    def _handle_learning(self, _: datetime) -> None:
        """Learn the half minute that is over, away from the timer since it concerns every room."""
        self._entry.async_create_background_task(
            self._hass, self._async_learn(_now()), "Inkling learning", eager_start=False
        )

    async def _async_learn(self, now: float) -> None:
        """Learn and score, some rooms at a time; a new quarter of an hour wants new forecasts."""
        for some in batched(list(self._told), FORECAST_ROOMS_AT_ONCE, strict=False):
            with self._timings.measure("loop_learn"):
                for monitor in some:
                    self._record(monitor, now)
                    self.store.settle(monitor, now, self._told[monitor].occupied)
            await asyncio.sleep(0)
        if self._slot != (slot := int(now // SLOT_SECONDS)):
            self._slot = slot
            self.mark_due(self.outlooks)

    @callback
    def use(self, model: Model | None) -> None:
        """Forecast by another model from now on; what was learned stays."""
        self._model = model
        self.failures = 0
        self.mark_due(self.outlooks)

    @callback
    def use_calendar(self) -> None:
        """Take over the days as they are known now."""
        self._calendar = self.days.calendar()
        self.mark_due(self.outlooks)

    @callback
    def mark_due(self, monitors: Iterable[str]) -> None:
        """Forecast these in a moment, all in one job."""
        self._due |= set(monitors)
        if self._is_running and self._due and self._job is None and self._timer is None:
            self._timer = self._hass.loop.call_later(FORECAST_COALESCE_SECONDS, self._handle_timer)

    @callback
    def _handle_timer(self) -> None:
        """Start the job."""
        self._timer = None
        due, self._due = self._due, set()
        self._job = self._entry.async_create_background_task(
            self._hass, self._async_forecast(due), "Inkling forecast", eager_start=False
        )

    async def _async_forecast(self, due: set[str]) -> None:
        """Forecast what is due and publish it; never two at a time."""
        try:
            now = _now()
            foreseen = await self._async_foresee(now, due)
            for monitor in sorted(due):
                # A monitor has up to ten entities, whose states take the better part of a millisecond.
                with self._timings.measure("loop_foreseen"):
                    self._publish(monitor, now, foreseen)
                await asyncio.sleep(0)
        finally:
            self._job = None
            self.mark_due(())

    async def _async_foresee(self, now: float, due: Iterable[str]) -> Mapping[str, Foreseen] | NoForecast:
        """Return forecasts from one executor job, or why there are none."""
        if self._model is None:
            return NoForecast.NO_MODEL
        if self.failures >= FAILURES_LIMIT:
            return NoForecast.MODEL_FAILED
        requests: list[ForecastRequest] = []
        for some in batched(sorted(due), FORECAST_ROOMS_AT_ONCE, strict=False):
            with self._timings.measure("loop_forecast"):
                requests += [self._request(monitor, now) for monitor in some]
            await asyncio.sleep(0)
        try:
            found, seconds = await self._hass.async_add_executor_job(
                foresee, self._model, self._calendar, now, requests, self.options.threshold
            )
        except Exception:
            # Whatever a model does, its forecasts say unknown and Home Assistant goes on.
            _LOGGER.exception("Inkling's forecast model failed")
            self._count_failure(self._model)
            return NoForecast.MODEL_FAILED
        self._timings.add("forecast", seconds)
        if self.failures:
            clear_forecast_issue(self._hass)
        self.failures = 0
        return found

    def _request(self, monitor: str, now: float) -> ForecastRequest:
        """Return how a monitor stands, with a copy of its past."""
        verdict = self._coordinator.data.get(monitor)
        occupied, since = self._decision(monitor)
        return ForecastRequest(
            room=monitor,
            history=self.store.histories.get(monitor, _NO_HISTORY).view(now),
            probability=None if verdict is None else verdict.score.probability,
            occupied=occupied,
            since=since,
            people_home=self._people(),
            is_home=monitor == self._entry.entry_id,
        )

    def _count_failure(self, model: Model) -> None:
        """Count failures in a row and raise a repair when the model is given up."""
        self.failures += 1
        if self.failures == FAILURES_LIMIT:
            raise_forecast_issue(self._hass, model.manifest.name, self.failures)

    def _publish(self, monitor: str, now: float, foreseen: Mapping[str, Foreseen] | NoForecast) -> None:
        """Note a forecast for its score, take over what may be shown, and tell whoever shows it."""
        if isinstance(foreseen, NoForecast):
            self.outlooks[monitor] = Outlook(made_at=now, start=now, unknown=foreseen)
        else:
            found = foreseen[monitor]
            for minutes, probability in found.at.items():
                self.store.note(monitor, minutes, now, probability, found.baselines[minutes])
            self.outlooks[monitor] = Outlook(
                made_at=now,
                start=found.start,
                times=found.times,
                probabilities=found.probabilities,
                horizons={minutes: self._horizon(monitor, minutes, chance) for minutes, chance in found.at.items()},
                next_occupied=found.next_occupied,
                next_vacant=found.next_vacant,
            )
        async_dispatcher_send(self._hass, f"{DOMAIN}_forecast_{monitor}")

    def _horizon(self, monitor: str, minutes: int, probability: float) -> HorizonOutlook:
        """Return what may be shown of a horizon: nothing where a simple rule does better here."""
        skill = self.store.skill.skill(monitor, minutes)
        return HorizonOutlook(probability if skill.shown else None, str(skill.reason))
