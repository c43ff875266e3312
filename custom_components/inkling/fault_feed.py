"""State changes and reports of what is watched -> the open bins; runs on the event loop and computes nothing."""

from collections.abc import Callable, Mapping
import math
import time

from homeassistant.const import ATTR_RESTORED, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event, async_track_state_report_event

from .core.faults.intake import Batch, Intake, raw_value
from .core.units import Role
from .fault_config import WatchPlan
from .ingest import standing_state
from .timing import Timings

_DAY_SECONDS = 86_400.0


class FaultFeed:
    """The loop's half of the watch, fed from the bus."""

    def __init__(
        self,
        hass: HomeAssistant,
        plan: WatchPlan,
        timings: Timings,
        perf_counter: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Prepare empty bins for a plan."""
        self._hass = hass
        self._timings = timings
        self._perf_counter = perf_counter
        self._intake = Intake(plan.signals)
        self._parts = {
            entity_id: (index, signal.role)
            for index, (entity_id, signal) in enumerate(zip(plan.entities, plan.signals, strict=True))
        }
        # Units that nobody converts are remembered, since another one is another sensor.
        self._units: dict[str, str | None] = {}
        self._unheard = set(plan.entities)
        self._began_at = math.inf
        self.changed_units: set[str] = set()
        """Entities whose unit is another one now than at first."""

    @callback
    def start(self, now: float) -> CALLBACK_TYPE:
        """Take the states that stand, follow all that come, and return what ends it; `now` in epoch seconds."""
        self._began_at = now
        stops = [
            async_track_state_change_event(self._hass, list(self._parts), self._handle_change),
            async_track_state_report_event(self._hass, list(self._parts), self._handle_report),
        ]
        for entity_id in self._parts:
            self._seed(entity_id, now)

        @callback
        def stop() -> None:
            """Stop listening."""
            for unsubscribe in stops:
                unsubscribe()

        return stop

    def _seed(self, entity_id: str, latest: float) -> None:
        """Append a state that stands, as of when it began and as of when it was last confirmed."""
        state = standing_state(self._hass, entity_id)
        # A placeholder of the registry at start-up is no reading.
        if state is None or state.attributes.get(ATTR_RESTORED):
            return
        began = min(state.last_changed_timestamp, latest)
        self._append(entity_id, state, began)
        if state.last_reported_timestamp > began:
            self._append(entity_id, state, min(state.last_reported_timestamp, latest))

    @callback
    def _handle_change(self, event: Event[EventStateChangedData]) -> None:
        """Append a changed state; it is dispatched late, so the event's own state counts, not the newest."""
        start = self._perf_counter()
        new = event.data["new_state"]
        t = event.time_fired_timestamp if new is None else new.last_updated_timestamp
        self._append(event.data["entity_id"], new, t)
        self._timings.add("loop_fault_event", self._perf_counter() - start)

    @callback
    def _handle_report(self, event: Event[EventStateReportedData]) -> None:
        """Append a repeated reading: that it was repeated is what tells a steady sensor from a dead one."""
        start = self._perf_counter()
        state = event.data["new_state"]
        self._append(state.entity_id, state, event.data["last_reported"].timestamp())
        self._timings.add("loop_fault_event", self._perf_counter() - start)

    def _append(self, entity_id: str, state: State | None, t: float) -> None:
        """Append one state; None stands for a state that is gone."""
        index, role = self._parts[entity_id]
        if state is None:
            self._intake.append(index, t, math.nan)
            return
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        value = raw_value(role, state.state, unit)
        if value is None:
            return
        self._intake.append(index, t, value)
        if value == value:  # noqa: PLR0124 - not NaN; a call would cost more
            self._unheard.discard(entity_id)
            if role is Role.GENERIC and self._units.setdefault(entity_id, unit) != unit:
                self._units[entity_id] = unit
                self.changed_units.add(entity_id)

    @callback
    def recall(self, heads: Mapping[str, tuple[float, float]]) -> None:
        """Say what was last known, (epoch seconds, value), of entities that are not heard of since the start.

        A sensor may take hours to come back after a restart; one with an alarm, or silent for a day, is not coming.
        """
        for entity_id, (t, value) in heads.items():
            if entity_id in self._unheard:
                self._unheard.discard(entity_id)
                index, _ = self._parts[entity_id]
                self._intake.append(index, t, value)
                self._intake.append(index, self._began_at, math.nan)

    def is_overdue(self, now: float) -> bool:
        """Return whether something is not heard of for a day since the start, at `now` (epoch seconds)."""
        return bool(self._unheard) and now - self._began_at >= _DAY_SECONDS

    @callback
    def drain(self, now: float) -> Batch:
        """Return what the worker has not seen yet, at `now` (epoch seconds)."""
        return self._intake.drain(now)
