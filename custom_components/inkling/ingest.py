"""State changes and state reports -> samples -> the home's window. The only reader of State."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
import math
import time

from homeassistant.const import ATTR_RESTORED, ATTR_UNIT_OF_MEASUREMENT, STATE_UNAVAILABLE, STATE_UNKNOWN
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

from .core.sample import parse_sample
from .core.window import HomeWindow
from .roles import EDGE_ROLES, STANDING_ROLES
from .rooms import Binding
from .timing import Timings

type EdgeHandler = Callable[[Iterable[str | None]], None]


@callback
def unit_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the unit an entity reports in now, None when it says none."""
    state = hass.states.get(entity_id)
    unit: str | None = None if state is None else state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    return unit


@callback
def standing_state(hass: HomeAssistant, entity_id: str) -> State | None:
    """Return the state an entity stands in, None when it has none."""
    return hass.states.get(entity_id)


@callback
def standing_of(hass: HomeAssistant, domain: str) -> list[str]:
    """Return the entities of a domain that have a state, sorted."""
    return sorted(hass.states.async_entity_ids(domain))


@callback
def says_something(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity has a state that means something now."""
    state = hass.states.get(entity_id)
    return state is not None and state.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN)


@callback
def has_state(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity has any state at all."""
    return hass.states.get(entity_id) is not None


class Ingest:
    """Feeds one home's window from the bus; everything here runs on the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        bindings: Sequence[Binding],
        timings: Timings,
        perf_counter: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Prepare an empty window for the bindings."""
        self._hass = hass
        self._timings = timings
        self._perf_counter = perf_counter
        self._on_edge: EdgeHandler | None = None
        self._by_entity: defaultdict[str, list[Binding]] = defaultdict(list)
        for binding in bindings:
            self._by_entity[binding.entity_id].append(binding)
        # Meters repeat themselves, and that they still do is what tells a steady one from a dead one.
        self._meters = {
            entity_id: metered
            for entity_id, found in self._by_entity.items()
            if (metered := [binding for binding in found if binding.signal.role not in STANDING_ROLES])
        }
        self.bindings = tuple(bindings)
        self.entity_of_signal = {binding.signal.id: binding.entity_id for binding in bindings}
        self.window = HomeWindow(binding.signal for binding in bindings)
        self.masked: frozenset[str] = frozenset()
        """Entities that are not to be believed now: they count as missing."""

    @property
    def entity_ids(self) -> frozenset[str]:
        """Return every entity that is read."""
        return frozenset(self._by_entity)

    def bindings_of(self, entity_id: str) -> Sequence[Binding]:
        """Return every part an entity plays."""
        return tuple(self._by_entity[entity_id])

    @callback
    def start(self, on_edge: EdgeHandler) -> CALLBACK_TYPE:
        """Take the states that stand, follow all that come, and return what ends it."""
        self._on_edge = on_edge
        stops = [
            async_track_state_change_event(self._hass, list(self._by_entity), self._handle_change),
            async_track_state_report_event(self._hass, list(self._meters), self._handle_report),
        ]
        self._seed()

        @callback
        def stop() -> None:
            """Stop listening."""
            for unsubscribe in stops:
                unsubscribe()

        return stop

    @callback
    def reset(self, now: float) -> None:
        """Begin the window anew, for a clock that was set back: `now` (epoch seconds) is earlier than what it holds."""
        self.window = HomeWindow(binding.signal for binding in self.bindings)
        self._seed(now)

    @callback
    def _seed(self, latest: float = float("inf")) -> None:
        """Append the states that stand, as of when they began and as of when they were last confirmed."""
        for entity_id, bindings in self._by_entity.items():
            state = self._hass.states.get(entity_id)
            # A placeholder of the registry at start-up is no reading; the recorder knows what was before.
            if state is None or state.attributes.get(ATTR_RESTORED):
                continue
            if entity_id in self.masked:
                continue
            began, confirmed = state.last_updated_timestamp, state.last_reported_timestamp
            self._append(bindings, state, min(began, latest))
            if confirmed > began:
                self._append(self._meters.get(entity_id, ()), state, min(confirmed, latest))

    @callback
    def mask(self, entity_ids: frozenset[str], now: float) -> frozenset[str]:
        """Take entities for missing from `now` (epoch seconds) on, believe all others; return the rooms changed."""
        wanted = entity_ids & self.entity_ids
        changed = wanted ^ self.masked
        self.masked = wanted
        for entity_id in changed:
            state = None if entity_id in wanted else self._hass.states.get(entity_id)
            self._append(self._by_entity[entity_id], state, now)
        return frozenset(
            binding.signal.room
            for entity_id in changed
            for binding in self._by_entity[entity_id]
            if binding.signal.room is not None
        )

    def masked_in(self, room: str) -> list[str]:
        """Return a room's entities that are not believed now."""
        return sorted({item.entity_id for item in self.bindings if item.signal.room == room} & self.masked)

    @callback
    def settle(self, now: float) -> None:
        """Mark as missing, at `now` (epoch seconds), what is still not there once the start-up is over."""
        for entity_id, bindings in self._by_entity.items():
            state = self._hass.states.get(entity_id)
            if state is None or state.state == STATE_UNAVAILABLE:
                self._append(bindings, None, now)

    @callback
    def _handle_change(self, event: Event[EventStateChangedData]) -> None:
        """Append a changed state; it is dispatched late, so the event's own state counts, not the newest."""
        start = self._perf_counter()
        old, new = event.data["old_state"], event.data["new_state"]
        entity_id = event.data["entity_id"]
        if entity_id in self.masked:
            return
        is_news = old is None or new is None or old.state != new.state
        # A lamp that only changes its colour is no news, and must not push news out of its ring.
        bindings = self._by_entity[entity_id] if is_news else self._meters.get(entity_id, ())
        t = event.time_fired_timestamp if new is None else new.last_updated_timestamp
        self._append(bindings, new, t)
        edges = {binding.signal.room for binding in bindings if binding.signal.role in EDGE_ROLES}
        self._timings.add("loop_event", self._perf_counter() - start)
        if edges and self._on_edge is not None:
            self._on_edge(edges)

    @callback
    def _handle_report(self, event: Event[EventStateReportedData]) -> None:
        """Append a repeated reading at the time it was repeated."""
        start = self._perf_counter()
        state = event.data["new_state"]
        if state.entity_id in self.masked:
            return
        self._append(self._meters[state.entity_id], state, event.data["last_reported"].timestamp())
        self._timings.add("loop_event", self._perf_counter() - start)

    @callback
    def _append(self, bindings: Sequence[Binding], state: State | None, t: float) -> None:
        """Append one state to every signal it feeds; None stands for a state that is gone."""
        text, unit = (STATE_UNAVAILABLE, None)
        if state is not None:
            text, unit = state.state, state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        for binding in bindings:
            self.window.append(binding.signal.id, parse_sample(binding.signal.role, t, text, unit))

    @callback
    def name_of(self, entity_id: str) -> str:
        """Return the name a user knows an entity by."""
        state = self._hass.states.get(entity_id)
        return entity_id if state is None else state.name

    def readable_share(self, room: str) -> float:
        """Return the share of a room's signals whose newest reading says something."""
        newest = [self.window.last_reading(item.signal.id) for item in self.bindings if item.signal.room == room]
        readable = [reading for reading in newest if reading is not None and not math.isnan(reading[1])]
        return len(readable) / len(newest) if newest else 0.0
