"""The action `export_trace`: what the recorder knows of the home's signals, as a trace to train on elsewhere."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
import math
from operator import itemgetter
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonArrayType, JsonObjectType
import voluptuous as vol

from .const import DOMAIN
from .data import InklingConfigEntry
from .export_labels import lasting_unit, with_labels
from .history import Row, Slice, async_flush, async_rows, has_recorder
from .roles import STANDING_ROLES
from .rooms import bindings_of, rooms_of
from .trace_file import Event, TraceFile, TraceHead, TraceRoom, TraceSignal, TraceZip

ATTR_DAYS: Final = "days"
ATTR_ROOMS: Final = "rooms"
ATTR_START: Final = "start"
ATTR_END: Final = "end"
STAMP: Final = "%Y-%m-%d_%H%M%S"
MOST_DAYS: Final = 366
SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_DAYS): vol.All(vol.Coerce(int), vol.Range(min=1, max=MOST_DAYS)),
        vol.Optional(ATTR_ROOMS): vol.All(cv.ensure_list, [cv.string]),
    }
)
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class _Span:
    """What is read at once: a day, or what is left of it; epoch seconds, `end` not included."""

    start: float
    end: float
    is_first: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checked export: rooms and signals, and from when to when (epoch seconds, `end` not included)."""

    head: TraceHead
    start: float
    end: float


async def async_wanted(hass: HomeAssistant, entry: InklingConfigEntry, data: Mapping[str, object]) -> Wanted:
    """Return what an export is to hold, with everything recorded; raise ServiceValidationError where it cannot be."""
    if not has_recorder(hass):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_recorder")
    head = _head(hass, entry, data.get(ATTR_ROOMS))
    await async_flush(hass)
    now = dt_util.utcnow()
    end, start = data.get(ATTR_END), data.get(ATTR_START)
    # The recorder's newest row may be of this very instant, and a span ends before its end.
    last = math.nextafter(min(end, now).timestamp() if isinstance(end, datetime) else now.timestamp(), math.inf)
    days = float(str(data.get(ATTR_DAYS) or get_instance(hass).keep_days))
    first = start.timestamp() if isinstance(start, datetime) else last - days * _DAY_SECONDS
    if not 0.0 < last - first <= max(days, MOST_DAYS + 1.0) * _DAY_SECONDS:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_such_export")
    return Wanted(with_labels(hass, entry, head, first, last), first, last)


async def async_export(hass: HomeAssistant, entry: InklingConfigEntry, data: Mapping[str, object]) -> JsonObjectType:
    """Write the zip and return where it lies and what is in it; raise when it cannot be made."""
    wanted = await async_wanted(hass, entry, data)
    folder, stamp = Path(hass.config.path(DOMAIN, "traces")), dt_util.now().strftime(STAMP)
    try:
        file = await hass.async_add_executor_job(TraceFile.begin, folder, stamp, dt_util.get_default_time_zone())
        try:
            counts = await async_write(hass, file, wanted)
            path = await hass.async_add_executor_job(file.finish, wanted.head)
        except BaseException:
            await hass.async_add_executor_job(file.discard)
            raise
    except OSError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="export_not_written",
            translation_placeholders={"error": str(err)},
        ) from err
    silent: JsonArrayType = list({item.entity_id: None for item in wanted.head.signals if not counts.get(item.id)})
    return {
        "path": str(path),
        "days": round((wanted.end - wanted.start) / _DAY_SECONDS),
        "rooms": len(wanted.head.rooms),
        "signals": len(wanted.head.signals),
        "events": sum(counts.values()),
        "labels": len(wanted.head.labels),
        "without_history": silent,
    }


def _head(hass: HomeAssistant, entry: InklingConfigEntry, wanted: object) -> TraceHead:
    """Return the rooms that are wanted (None: all) and their signals, with those of the home."""
    rooms = {room.id: TraceRoom(room.area_id, room.title) for room in rooms_of(entry).values()}
    if isinstance(wanted, list):
        if unknown := set(wanted) - {room.id for room in rooms.values()}:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="no_such_room",
                translation_placeholders={"areas": ", ".join(sorted(unknown))},
            )
        rooms = {key: room for key, room in rooms.items() if room.id in wanted}
    if not rooms:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_rooms")
    signals: list[TraceSignal] = []
    taken: set[str] = set()
    for binding in bindings_of(entry):
        if (room := binding.signal.room) is not None and room not in rooms:
            continue
        area = "" if room is None else rooms[room].id
        # An entity that plays two parts is two signals, and only one of them can have its name.
        name = (
            binding.entity_id if binding.entity_id not in taken else f"{binding.signal.role} {area} {binding.entity_id}"
        )
        taken.add(name)
        signals.append(
            TraceSignal(name, binding.entity_id, binding.signal.role, lasting_unit(hass, binding.entity_id), area)
        )
    return TraceHead(hass.config.time_zone, tuple(rooms.values()), tuple(signals))


async def _nobody() -> None:
    """Tell nobody that a day is written."""


async def async_write(
    hass: HomeAssistant, file: TraceZip, wanted: Wanted, on_day: Callable[[], Awaitable[None]] = _nobody
) -> dict[str, int]:
    """Write the events day by day, and say so after each; return how many each signal has."""
    counts: dict[str, int] = {}
    late: list[Event] = []
    t, end = wanted.start, wanted.end
    while t < end:
        span = _Span(t, min(t + _DAY_SECONDS, end), t == wanted.start)
        events = late
        for item in wanted.head.signals:
            rows = await async_rows(hass, Slice(item.entity_id, frozenset(), span.start, span.end, None))
            if rows is None:
                raise HomeAssistantError(translation_domain=DOMAIN, translation_key="history_not_read")
            found = _events(item, rows, span, end)
            counts[item.id] = counts.get(item.id, 0) + len(found)
            events += found
        # A repetition may come a day after the change that it repeats.
        late = await hass.async_add_executor_job(partial(_write_until, file, events, span.end))
        await on_day()
        t = span.end
    await hass.async_add_executor_job(partial(_write_until, file, late, float("inf")))
    return counts


def _write_until(file: TraceZip, events: list[Event], end: float) -> list[Event]:
    """Write what happened before `end`, in order; return the rest."""
    events.sort(key=itemgetter(0))
    file.write(event for event in events if event[0] < end)
    return [event for event in events if event[0] >= end]


def _events(item: TraceSignal, rows: Sequence[Row], span: _Span, end: float) -> list[Event]:
    """Return a signal's events of a span: what stood when the first began, each change, a meter's last repetition."""
    found: list[Event] = []
    for state, updated, reported in rows:
        if updated >= span.end or (updated < span.start and not span.is_first):
            continue
        # The recorder writes no text when an entity is taken away.
        said = "unavailable" if state is None else state
        found.append((max(updated, span.start), item.id, said))
        if reported is not None and max(updated, span.start) < reported <= end and item.role not in STANDING_ROLES:
            found.append((reported, item.id, said))
    return found
