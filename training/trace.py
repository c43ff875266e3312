"""A recorded home in files: the one format for training, evaluation, replay and export (docs/traces.md)."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
import gzip
import io
from pathlib import Path
import tomllib
from typing import Any
import zlib
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.units import Role

OCCUPIED, VACANT = "occupied", "vacant"
EVENT_COLUMNS = ("time", "signal", "state")
_LABEL_COLUMNS = ("start", "end", "target", "label")
# A trace may be a stranger's: no file of it may cost more memory than the machine has.
_MAX_HEAD_BYTES = 16 * 2**20
_MAX_LINE_CHARS = 65_536
MAX_ROWS = 100_000_000


class TraceError(ValueError):
    """Say in one sentence what is wrong with a trace and what to do about it."""


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """A room of the home."""

    id: str
    name: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device; `room` is empty for one of the home as a whole."""

    id: str
    kind: str
    room: str = ""


@dataclass(frozen=True, slots=True)
class SignalInfo:
    """One entity; `room` is empty for people and exit doors, which belong to the home as a whole."""

    id: str
    role: Role
    unit: str = ""
    room: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Readings:
    """One entity's states as Home Assistant wrote them: times (n,) in epoch seconds rising, one text each."""

    times: NDArray[np.float64]
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelSpan:
    """What is known of a target from `start` up to, not including, `end` (epoch seconds)."""

    start: float
    end: float
    target: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A recorded home."""

    name: str
    source: str
    licence: str
    timezone: str
    rooms: tuple[RoomInfo, ...]
    signals: tuple[SignalInfo, ...]
    readings: Mapping[str, Readings]
    labels: tuple[LabelSpan, ...] = ()
    devices: tuple[DeviceInfo, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    """What a reader had to make of a signal, by its id."""


def zone_of(trace: Trace) -> tzinfo:
    """Return the home's time zone."""
    return UTC if trace.timezone == "UTC" else ZoneInfo(trace.timezone)


def read_trace(folder: Path) -> Trace:
    """Return the checked trace in a folder; raise TraceError naming the first thing that does not fit."""
    head = _read_head(folder)
    about = head.get("trace")
    if not isinstance(about, dict):
        raise TraceError(f"{folder / 'trace.toml'} has no [trace] table: add one with name, source, licence, timezone")
    rooms = tuple(RoomInfo(*_texts("room", row, ("id", "name"), ("area",))) for row in _tables(head, "room"))
    devices = tuple(DeviceInfo(*_texts("device", row, ("id", "kind"), ("room",))) for row in _tables(head, "device"))
    notes: dict[str, str] = {}
    signals = tuple(_signal(row, {room.id for room in rooms}, notes) for row in _tables(head, "signal"))
    for what, ids in (("room", [room.id for room in rooms]), ("signal", [signal.id for signal in signals])):
        _refuse_twins(what, ids)
    if not signals:
        raise TraceError(f"{folder / 'trace.toml'} has no [[signal]]: list at least one")
    name, source, licence, zone = _texts("trace", about, ("name",), ("source", "licence", "timezone"))
    targets = {"home"} | {item.id for group in (rooms, devices, signals) for item in group}
    return Trace(
        name=name,
        source=source,
        licence=licence,
        timezone=_known_zone(zone),
        rooms=rooms,
        signals=signals,
        readings=_read_events(folder, [signal.id for signal in signals]),
        labels=tuple(_read_labels(folder, targets)),
        devices=devices,
        notes=notes,
    )


def _read_head(folder: Path) -> dict[str, Any]:
    """Return what trace.toml says."""
    path = folder / "trace.toml"
    if not path.is_file():
        raise TraceError(f"{folder} is no trace: it must hold trace.toml, events.csv (or .csv.gz) and maybe labels.csv")
    try:
        if path.stat().st_size > _MAX_HEAD_BYTES:
            raise TraceError(f"{path} is larger than {_MAX_HEAD_BYTES >> 20} MiB: it is no head of a trace")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError, OSError) as err:
        if isinstance(err, TraceError):
            raise
        raise TraceError(f"{path} is not valid TOML: {_short(err)}") from err


def _short(what: object) -> str:
    """Return a text of at most one line and 200 characters, for a sentence."""
    return " ".join(str(what).split())[:200]


def _named(what: str) -> str:
    """Return a stranger's text quoted, short enough for a sentence."""
    return repr(what[:100])


def _tables(head: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return an array of tables."""
    tables = head.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise TraceError(f"trace.toml must write each {key} as [[{key}]]")
    return tables


def _texts(what: str, table: dict[str, Any], needed: tuple[str, ...], maybe: tuple[str, ...]) -> list[str]:
    """Return texts of a table, the optional ones empty when absent."""
    found = [table.get(key) for key in needed] + [table.get(key, "") for key in maybe]
    for key, value in zip(needed + maybe, found, strict=True):
        if not isinstance(value, str) or (key in needed and not value):
            raise TraceError(
                f"a [[{what}]] of trace.toml ({_short(table.get('id', 'without id'))}) needs the text {key!r}"
            )
    return [str(value) for value in found]


def _signal(table: dict[str, Any], rooms: set[str], notes: dict[str, str]) -> SignalInfo:
    """Return a signal whose room exists; a role nobody knows is read as a generic one, and noted."""
    name, role, unit, room, device = _texts("signal", table, ("id", "role"), ("unit", "room", "device"))
    role = role.strip().lower()
    if role not in {member.value for member in Role}:
        notes[name] = (
            f"signal {_named(name)} has the role {_named(role)}, which is read as generic: none of {', '.join(Role)}"
        )
        role = Role.GENERIC
    if room and room not in rooms:
        raise TraceError(f"signal {_named(name)} is in the room {_named(room)}, which has no [[room]] in trace.toml")
    return SignalInfo(name, Role(role), unit, room, device)


def _refuse_twins(what: str, ids: list[str]) -> None:
    """Refuse an id that is used twice."""
    twins = [name for name, times in Counter(ids).items() if times > 1]
    if twins:
        raise TraceError(f"trace.toml names the {what} {_named(min(twins))} twice")


def _known_zone(name: str) -> str:
    """Return a time zone's name, UTC when none is given."""
    try:
        return "UTC" if name in ("", "UTC") else ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise TraceError(f"trace.toml names the time zone {_named(name)}, which does not exist") from err


def _read_events(folder: Path, signals: list[str]) -> dict[str, Readings]:
    """Return every signal's readings in time order; at equal times the later line stands."""
    times = {name: array("d") for name in signals}
    states: dict[str, list[str]] = {name: [] for name in signals}
    # Ten million rows hold few different states: each is kept once.
    known: dict[str, str] = {}
    for where, (stamp, name, state) in _rows(folder, "events", EVENT_COLUMNS):
        if name not in times:
            raise TraceError(f"{where} is of the signal {_named(name)}, which trace.toml does not list")
        times[name].append(_epoch(where, stamp))
        states[name].append(known.setdefault(state, state))
    return {name: _in_order(times.pop(name), states.pop(name)) for name in signals}


def _in_order(times: array[float], states: list[str]) -> Readings:
    """Return readings sorted by time, with strictly rising times."""
    stamps = np.frombuffer(times, dtype=np.float64) if len(times) else np.empty(0)
    if bool(np.all(np.diff(stamps) > 0.0)):
        return Readings(stamps, tuple(states))
    order = np.argsort(stamps, kind="stable")
    stamps = stamps[order]
    keep = np.append(np.diff(stamps) > 0.0, True)
    return Readings(stamps[keep], tuple(states[index] for index in order[keep].tolist()))


def read_labels_of(folder: Path, trace: Trace, how: str) -> tuple[LabelSpan, ...]:
    """Return the labels a machine made, beside those of people; () where there are none."""
    targets = {"home"} | {item.id for group in (trace.rooms, trace.devices, trace.signals) for item in group}
    return tuple(_read_labels(folder, targets, f"labels.{how}"))


def _read_labels(folder: Path, targets: set[str], stem: str = "labels") -> Iterator[LabelSpan]:
    """Yield the labels; a trace may have none."""
    if not any((folder / f"{stem}.csv{end}").is_file() for end in ("", ".gz")):
        return
    for where, (start, end, target, label) in _rows(folder, stem, _LABEL_COLUMNS):
        if target not in targets:
            raise TraceError(f"{where} labels {_named(target)}, which is no room, device or signal of trace.toml")
        if label not in (OCCUPIED, VACANT, "normal") and not label.startswith("fault:"):
            raise TraceError(f"{where} has the label {_named(label)}: use occupied, vacant, normal or fault:<type>")
        span = LabelSpan(_epoch(where, start), _epoch(where, end), target, label)
        if span.end <= span.start:
            raise TraceError(f"{where} ends at or before its start")
        yield span


@dataclass(slots=True)
class _Place:
    """Where a table is being read; its text is made only when something is wrong there."""

    name: str
    line: int = 1

    def __str__(self) -> str:
        """Return the file's name and the line."""
        return f"{self.name} line {self.line}"


def _rows(folder: Path, stem: str, columns: tuple[str, ...]) -> Iterator[tuple[_Place, list[str]]]:
    """Yield where each row of a table stands, and its cells."""
    packed = folder / f"{stem}.csv.gz"
    path = packed if packed.is_file() else folder / f"{stem}.csv"
    if not path.is_file():
        raise TraceError(f"{folder} has neither {stem}.csv nor {stem}.csv.gz")
    place = _Place(path.name)
    try:
        with _open_text(path) as stream:
            reader = csv.reader(_lines(stream, place))
            if tuple(next(reader, ())) != columns:
                raise TraceError(f"{path} must begin with the line {','.join(columns)}")
            for count, row in enumerate(filter(None, reader)):
                if len(row) != len(columns):
                    raise TraceError(f"{place} has {len(row)} cells instead of {len(columns)}")
                if count >= MAX_ROWS:
                    raise TraceError(f"{path} has more than {MAX_ROWS} rows: cut it into several traces")
                yield place, row
    except (OSError, EOFError, zlib.error, csv.Error, UnicodeDecodeError) as err:
        raise TraceError(f"{path} cannot be read: {_short(err)}") from err


def _lines(stream: io.TextIOWrapper, place: _Place) -> Iterator[str]:
    """Yield lines and count them; a line that never ends is refused before it fills the memory."""
    place.line = 0
    while line := stream.readline(_MAX_LINE_CHARS):
        place.line += 1
        if len(line) == _MAX_LINE_CHARS:
            raise TraceError(f"{place} is longer than {_MAX_LINE_CHARS} characters: it is no line of a trace")
        yield line


def _open_text(path: Path) -> io.TextIOWrapper:
    """Open a plain or gzipped text file; spreadsheets put a mark before the first letter."""
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.GzipFile(path), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _epoch(where: _Place, text: str) -> float:
    """Return epoch seconds of an ISO 8601 time with offset."""
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        stamp = None
    if stamp is None or stamp.tzinfo is None:
        raise TraceError(f"{where} has the time {text[:40]!r}: write ISO 8601 with an offset")
    return stamp.timestamp()


def write_trace(trace: Trace, folder: Path) -> None:
    """Write a trace folder, each file to a temporary name first; the same trace gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    zone = zone_of(trace)
    replace_file(folder / "trace.toml", head_text(trace).encode())
    merged = sorted((t, name, state) for name, item in trace.readings.items() for t, state in _pairs(item))
    events = [(_iso(t, zone), name, state) for t, name, state in merged]
    # A fixed time in the gzip header keeps the bytes the same from run to run.
    replace_file(folder / "events.csv.gz", gzip.compress(_table(EVENT_COLUMNS, events), 6, mtime=0))
    write_labels(folder / "labels.csv", trace.labels, zone)


def write_labels(path: Path, labels: Sequence[LabelSpan], zone: tzinfo) -> None:
    """Write label spans as a table, whole or not at all."""
    rows = [(_iso(span.start, zone), _iso(span.end, zone), span.target, span.label) for span in labels]
    replace_file(path, _table(_LABEL_COLUMNS, rows))


def _pairs(readings: Readings) -> Iterator[tuple[float, str]]:
    """Yield each reading's time and state."""
    return zip(readings.times.tolist(), readings.states, strict=True)


def _iso(t: float, zone: tzinfo) -> str:
    """Return a time as ISO 8601 in the home's zone."""
    return datetime.fromtimestamp(t, zone).isoformat()


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> bytes:
    """Return CSV bytes."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue().encode()


def head_text(trace: Trace) -> str:
    """Return trace.toml."""
    blocks = [_block("[trace]", name=trace.name, source=trace.source, licence=trace.licence, timezone=trace.timezone)]
    blocks += [_block("[[room]]", id=room.id, name=room.name, area=room.area) for room in trace.rooms]
    blocks += [_block("[[device]]", id=item.id, kind=item.kind, room=item.room) for item in trace.devices]
    blocks += [
        _block("[[signal]]", id=item.id, role=item.role, unit=item.unit, room=item.room, device=item.device)
        for item in trace.signals
    ]
    return "\n".join(blocks)


def _block(title: str, **texts: str) -> str:
    """Return one TOML table of texts."""
    return f"{title}\n" + "".join(f"{key} = {_quoted(value)}\n" for key, value in texts.items())


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in escaped) + '"'


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f"{path.name}.part")
    temporary.write_bytes(content)
    temporary.replace(path)
