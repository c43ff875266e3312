"""Read a trace folder (trace.toml, events.csv or events.csv.gz, labels.csv) and refuse a bad one in one sentence."""

from collections.abc import Iterator
import csv
from dataclasses import dataclass
import datetime as dt
import gzip
from pathlib import Path
import tomllib
from typing import Any
import zlib

from .roles import PLATFORM_OF_ROLE

OCCUPIED = "occupied"


class TraceError(ValueError):
    """Say in one sentence what is wrong with a trace and what to do."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room of the recorded home."""

    id: str
    name: str
    area: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One entity's readings."""

    id: str
    role: str
    unit: str
    room: str
    device: str


@dataclass(frozen=True, slots=True)
class Event:
    """One change or report: seconds since the epoch, the signal and the state as Home Assistant wrote it."""

    epoch_seconds: float
    signal: str
    state: str


@dataclass(frozen=True, slots=True)
class Label:
    """What is known to be true of a room, a device or a signal in a span."""

    start_seconds: float
    end_seconds: float
    target: str
    label: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A recorded home."""

    name: str
    source: str
    licence: str
    timezone: str
    rooms: tuple[Room, ...]
    signals: tuple[Signal, ...]
    events: tuple[Event, ...]
    labels: tuple[Label, ...]


def read(folder: Path) -> Trace:
    """Read and check a whole trace; raise TraceError."""
    head = _read_head(folder)
    about = _table(head, "trace")
    rooms = tuple(Room(*_texts("room", row, "id", "name", "area")) for row in _tables(head, "room"))
    signals = tuple(_read_signal(row, {room.id for room in rooms}) for row in _tables(head, "signal"))
    _refuse_twins("room", [room.id for room in rooms])
    _refuse_twins("signal", [signal.id for signal in signals])
    if not rooms or not signals:
        raise TraceError(f"{folder / 'trace.toml'} needs at least one [[room]] and one [[signal]]")
    events = sorted(_read_events(folder, {signal.id for signal in signals}), key=lambda event: event.epoch_seconds)
    if not events:
        raise TraceError(f"the events of {folder} are empty: there is nothing to replay")
    name, source, licence, timezone = _texts("trace", about, "name", "source", "licence", "timezone")
    return Trace(name, source, licence, timezone, rooms, signals, tuple(events), tuple(_read_labels(folder)))


def _read_head(folder: Path) -> dict[str, Any]:
    """Return what trace.toml holds."""
    path = folder / "trace.toml"
    if not path.is_file():
        raise TraceError(f"{folder} is not a trace: give a folder that holds trace.toml, events.csv.gz and labels.csv")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TraceError(f"{path} is not valid TOML: {error}") from error


def _table(head: dict[str, Any], key: str) -> dict[str, Any]:
    """Return one table of trace.toml."""
    table = head.get(key)
    if not isinstance(table, dict):
        raise TraceError(f"trace.toml needs a [{key}] table")
    return table


def _tables(head: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return one array of tables of trace.toml."""
    tables = head.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise TraceError(f"in trace.toml write each {key} as [[{key}]]")
    return tables


def _texts(what: str, table: dict[str, Any], *keys: str) -> tuple[str, ...]:
    """Return the named texts of a table."""
    for key in keys:
        if not isinstance(table.get(key), str):
            raise TraceError(f'a {what} of trace.toml ({table.get("id", "without id")}) needs {key} = "..."')
    return tuple(table[key] for key in keys)


def _read_signal(table: dict[str, Any], rooms: set[str]) -> Signal:
    """Return one signal whose role and room are known."""
    signal = Signal(*_texts("signal", {"unit": "", "device": "", **table}, "id", "role", "unit", "room", "device"))
    if signal.role not in PLATFORM_OF_ROLE:
        raise TraceError(
            f"signal {signal.id} has the unknown role {signal.role!r}: use one of {', '.join(PLATFORM_OF_ROLE)}"
        )
    if signal.room not in rooms:
        raise TraceError(f"signal {signal.id} is in the room {signal.room!r}, which trace.toml does not declare")
    return signal


def _refuse_twins(what: str, ids: list[str]) -> None:
    """Refuse an id that is used twice."""
    twins = sorted({name for name in ids if ids.count(name) > 1})
    if twins:
        raise TraceError(f"trace.toml declares the {what} {twins[0]!r} more than once")


def _read_events(folder: Path, signals: set[str]) -> Iterator[Event]:
    """Yield the checked events of events.csv.gz or events.csv."""
    for where, row in _read_table(folder, "events", ("time", "signal", "state")):
        if row["signal"] not in signals:
            raise TraceError(f"{where}: the signal {row['signal']!r} is not declared in trace.toml")
        yield Event(_epoch_seconds(where, row["time"]), row["signal"], row["state"])


def _read_labels(folder: Path) -> Iterator[Label]:
    """Yield the checked labels; a trace may have none."""
    if not (folder / "labels.csv").is_file() and not (folder / "labels.csv.gz").is_file():
        return
    for where, row in _read_table(folder, "labels", ("start", "end", "target", "label")):
        start, end = _epoch_seconds(where, row["start"]), _epoch_seconds(where, row["end"])
        yield Label(start, end, row["target"], row["label"])


def _read_table(folder: Path, stem: str, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each row of a plain or gzipped CSV with the words that say where it stands."""
    plain, packed = folder / f"{stem}.csv", folder / f"{stem}.csv.gz"
    path = packed if packed.is_file() else plain
    if not path.is_file():
        raise TraceError(f"{folder} holds neither {plain.name} nor {packed.name}")
    opener = gzip.open if path == packed else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != columns:
                raise TraceError(f"{path} must start with the line {','.join(columns)}")
            for row in reader:
                where = f"{path} line {reader.line_num}"
                if None in row or None in row.values():
                    raise TraceError(f"{where} needs {len(columns)} cells")
                yield where, row
    except (OSError, EOFError, zlib.error, csv.Error, UnicodeDecodeError) as error:
        raise TraceError(f"{path} cannot be read: {error}") from error


def _epoch_seconds(where: str, text: str) -> float:
    """Return an ISO 8601 time with offset as seconds since the epoch."""
    try:
        stamp = dt.datetime.fromisoformat(text)
    except ValueError:
        stamp = None
    if stamp is None or stamp.tzinfo is None:
        raise TraceError(f"{where}: write {text!r} as ISO 8601 with an offset, such as 2026-01-31T07:30:00+01:00")
    return stamp.timestamp()
