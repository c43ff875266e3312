"""Turn a trace into what the demo's component replays: entities, a looped timeline and the moment it starts at."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
import json
import math
from pathlib import Path
import re

from custom_components.inkling.core.units import Role
from training.trace import OCCUPIED, RoomInfo, SignalInfo, Trace, TraceError

from .files import write_whole
from .roles import APPEARANCES

PLAN_FILE = "inkling_demo.json"
DAY_SECONDS = 86_400.0
# Without labels, a room that saw no motion for this long is taken to be empty.
QUIET_SECONDS = 1_800.0


@dataclass(frozen=True, slots=True)
class PlannedEntity:
    """One entity of the demo home."""

    unique_id: str
    entity_id: str
    platform: str
    role: str
    device_class: str | None
    unit: str
    name: str | None
    device_id: str
    device_name: str
    area: str | None


@dataclass(frozen=True, slots=True)
class Anchor:
    """The instant at which the timeline stood at a position, and how fast it moves from then on."""

    wall_seconds: float
    position_seconds: float
    speed: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The replay: `timeline` holds (position, index of the entity, state) within one period, in order."""

    created_seconds: float
    trace: str
    credit: str
    rooms: tuple[str, ...]
    entities: tuple[PlannedEntity, ...]
    timeline: tuple[tuple[float, int, str], ...]
    period_seconds: float
    arrivals: tuple[float, ...]
    departures: tuple[float, ...]
    anchor: Anchor

    def entity_of(self, room: str, role: str) -> list[PlannedEntity]:
        """Return a room's entities of one role."""
        return [entity for entity in self.entities if entity.area == room and entity.role == role]


def make_plan(trace: Trace, wall_seconds: float, lead_seconds: float, speed: float) -> Plan:
    """Lay the trace out so that somebody comes `lead_seconds` of wall time after `wall_seconds`."""
    entities = tuple(_entities(trace))
    events = _events(trace)
    first, last = events[0][0], events[-1][0]
    # Whole days keep the hour of the day the same from loop to loop.
    period_seconds = max(1, math.ceil((last - first) / DAY_SECONDS)) * DAY_SECONDS
    spans = [(start - first, end - first) for start, end in _occupied_spans(trace)]
    arrival = spans[0][0] if spans else 0.0
    return Plan(
        created_seconds=wall_seconds,
        trace=trace.name,
        credit=f"{trace.source} ({trace.licence})",
        rooms=tuple(room.area or room.name for room in trace.rooms),
        entities=entities,
        timeline=tuple((t - first, index, state) for t, index, state in events),
        period_seconds=period_seconds,
        arrivals=tuple(start for start, _ in spans),
        departures=tuple(end for _, end in spans),
        anchor=Anchor(wall_seconds, arrival - lead_seconds * speed, speed),
    )


def _events(trace: Trace) -> list[tuple[float, int, str]]:
    """Return all readings in order: epoch seconds, index of the entity, state."""
    events = [
        (t, index, state)
        for index, signal in enumerate(trace.signals)
        for t, state in zip(trace.readings[signal.id].times.tolist(), trace.readings[signal.id].states, strict=True)
    ]
    if not events or not trace.rooms:
        raise TraceError(f"the trace {trace.name!r} has no events or no room: there is nothing to replay")
    return sorted(events)


def _entities(trace: Trace) -> Iterator[PlannedEntity]:
    """Yield one entity a signal, named as an installer would name it."""
    rooms = {room.id: room for room in trace.rooms}
    names: dict[str, int] = {}
    for signal in trace.signals:
        appearance = APPEARANCES[signal.role]
        device_id = signal.device or signal.id
        device_name = _device_name(device_id, rooms.get(signal.room))
        # A device named for what it measures needs no second name.
        name = None if appearance.label.lower() in device_name.lower() else appearance.label
        base = f"{appearance.platform}.{_slug(f'{device_name} {name or ""}')}"
        names[base] = names.get(base, 0) + 1
        yield PlannedEntity(
            unique_id=signal.id,
            entity_id=base if names[base] == 1 else f"{base}_{names[base]}",
            platform=appearance.platform,
            role=signal.role,
            device_class=appearance.device_class,
            unit=_unit(signal),
            name=name,
            device_id=device_id,
            device_name=device_name,
            area=_area(rooms.get(signal.room)),
        )


def _area(room: RoomInfo | None) -> str | None:
    """Return the area of a room, None for what belongs to the home as a whole."""
    return None if room is None else room.area or room.name


def _unit(signal: SignalInfo) -> str:
    """Return the unit Home Assistant shows; only sensors have one."""
    return signal.unit if APPEARANCES[signal.role].platform == "sensor" else ""


def _device_name(device_id: str, room: RoomInfo | None) -> str:
    """Return a device's name with its room in front, once."""
    if room is None:
        return device_id.replace("_", " ").capitalize()
    rest = device_id.removeprefix(room.id).strip("_-. ").replace("_", " ")
    return f"{room.name} {rest}".strip()


def _slug(text: str) -> str:
    """Return text as Home Assistant spells it in an entity's id."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _occupied_spans(trace: Trace) -> list[tuple[float, float]]:
    """Return when somebody is in the first room: by its labels, else by its motion."""
    room = trace.rooms[0].id
    spans = [(span.start, span.end) for span in trace.labels if (span.target, span.label) == (room, OCCUPIED)]
    return sorted(spans) or _motion_spans(trace, room)


def _motion_spans(trace: Trace, room: str) -> list[tuple[float, float]]:
    """Return the spans in which motion followed motion without a long quiet."""
    moved: list[float] = []
    for signal in trace.signals:
        if signal.room == room and signal.role in (Role.MOTION, Role.PRESENCE):
            readings = trace.readings[signal.id]
            moved += [t for t, state in zip(readings.times.tolist(), readings.states, strict=True) if state == "on"]
    spans: list[tuple[float, float]] = []
    for t in sorted(moved):
        if spans and t - spans[-1][1] < QUIET_SECONDS:
            spans[-1] = (spans[-1][0], t)
        else:
            spans.append((t, t))
    return spans


def rename_entities(plan: Plan, entity_ids: dict[str, str]) -> Plan:
    """Return the plan with the entity ids that the user has chosen since, by unique id."""
    renamed = (
        replace(entity, entity_id=entity_ids.get(entity.unique_id, entity.entity_id)) for entity in plan.entities
    )
    return replace(plan, entities=tuple(renamed))


def past_events(plan: Plan, span_seconds: float) -> Iterator[tuple[float, int, str]]:
    """Yield (wall time, entity, state) of the span before the plan's start, which ran at the trace's own speed."""
    anchor = plan.anchor
    start = anchor.position_seconds - span_seconds
    for index, state in enumerate(states_at(plan, start)):
        if state is not None:
            yield anchor.wall_seconds - span_seconds, index, state
    loop = math.floor(start / plan.period_seconds)
    while loop * plan.period_seconds < anchor.position_seconds:
        for position, index, state in plan.timeline:
            unrolled = position + loop * plan.period_seconds
            if start < unrolled <= anchor.position_seconds:
                yield anchor.wall_seconds + unrolled - anchor.position_seconds, index, state
        loop += 1


def states_at(plan: Plan, position_seconds: float) -> list[str | None]:
    """Return each entity's state at a position; before its first event, the state that the last loop left."""
    states: list[str | None] = [None] * len(plan.entities)
    cut = bisect_right(plan.timeline, position_seconds % plan.period_seconds, key=lambda event: event[0])
    for _, index, state in (*plan.timeline[cut:], *plan.timeline[:cut]):
        states[index] = state
    return states


def write_plan(plan: Plan, config: Path) -> None:
    """Write the plan where the component reads it."""
    write_whole(config / PLAN_FILE, json.dumps(asdict(plan)))
