"""A home's trace as a zip, written bit by bit: the format of docs/traces.md, to be trained on elsewhere.

In the syntax of Python 3.11, since the trainer's tests make models from what this writes.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
import csv
from dataclasses import dataclass
from datetime import datetime, tzinfo
import io
import json
from pathlib import Path
from threading import Lock
from typing import Protocol, Self
import zipfile

from .core.units import Role

Event = tuple[float, str, str]
"""Epoch seconds, the signal's id, the state as Home Assistant wrote it."""

_SUFFIX = ".part"


class Sink(Protocol):
    """Where the bytes of a zip go when they go to no file; it need not be seekable."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes and return how many."""

    def flush(self) -> None:
        """Take what is waiting."""

    def close(self) -> None:
        """Take no more."""


@dataclass(frozen=True, slots=True)
class TraceRoom:
    """A room; its area's id is also its own, so that labels fit every export of the home."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class TraceSignal:
    """An entity in one role; `room` is empty for what belongs to the home."""

    id: str
    entity_id: str
    role: Role
    unit: str
    room: str


@dataclass(frozen=True, slots=True)
class TraceLabel:
    """What somebody said of a target from `start` up to `end` (epoch seconds)."""

    start: float
    end: float
    target: str
    label: str


@dataclass(frozen=True, slots=True)
class TraceHead:
    """All of a trace but its events."""

    timezone: str
    rooms: Sequence[TraceRoom]
    signals: Sequence[TraceSignal]
    labels: Sequence[TraceLabel] = ()


class TraceZip:
    """A trace on its way into a file or over the wire; every method blocks, so none of them belongs on the loop."""

    def __init__(self, archive: zipfile.ZipFile, zone: tzinfo) -> None:
        """Begin in an empty zip; `zone` is that of the times to be written."""
        # Who gives up may do so while a worker is still writing.
        self._writing = Lock()
        self._zone = zone
        self._zip = archive
        self._text = io.TextIOWrapper(self._zip.open("events.csv", "w", force_zip64=True), encoding="utf-8", newline="")
        self._rows = csv.writer(self._text, lineterminator="\n")
        self._rows.writerow(("time", "signal", "state"))

    def write(self, events: Iterable[Event]) -> None:
        """Add events."""
        zone = self._zone
        with self._writing:
            self._rows.writerows(
                (datetime.fromtimestamp(t, zone).isoformat(), name, state) for t, name, state in events
            )

    def close(self, head: TraceHead) -> None:
        """Add the rest."""
        with self._writing:
            self._text.close()
            self._zip.writestr("labels.csv", _labels(head.labels, self._zone))
            self._zip.writestr("trace.toml", _toml(head))
            self._zip.close()

    def discard(self) -> None:
        """Give up."""
        with self._writing:
            # A full disk refuses what still waits to be written, here once more.
            with suppress(OSError, ValueError):
                self._text.close()
            with suppress(OSError, ValueError):
                self._zip.close()


def trace_into(sink: Sink, zone: tzinfo) -> TraceZip:
    """Begin a trace whose bytes go elsewhere; `zone` is that of the times to be written."""
    return TraceZip(zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED), zone)


class TraceFile(TraceZip):
    """A trace in a file that gets its name only when it is whole."""

    def __init__(self, path: Path, zone: tzinfo) -> None:
        """Begin the file; `zone` is that of the times to be written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # What a crash left behind is of no use to anybody.
        for rest in path.parent.glob(f"*{_SUFFIX}"):
            rest.unlink(missing_ok=True)
        self._path, self._part = path, path.with_name(path.name + _SUFFIX)
        # It tells when who was where: for the owner's eyes only.
        self._part.touch(mode=0o600)
        super().__init__(zipfile.ZipFile(self._part, "w", zipfile.ZIP_DEFLATED), zone)

    @classmethod
    def begin(cls, folder: Path, stamp: str, zone: tzinfo) -> Self:
        """Begin a file named after the time, or with a number after it where that name is taken."""
        path, count = folder / f"{stamp}.zip", 1
        while path.exists():
            count += 1
            path = folder / f"{stamp}-{count}.zip"
        return cls(path, zone)

    def finish(self, head: TraceHead) -> Path:
        """Add the rest, give the file its name and return it."""
        self.close(head)
        return self._part.replace(self._path)

    def discard(self) -> None:
        """Leave nothing behind."""
        super().discard()
        self._part.unlink(missing_ok=True)


def _labels(labels: Iterable[TraceLabel], zone: tzinfo) -> str:
    """Return labels.csv; `zone` is that of the times to be written."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("start", "end", "target", "label"))
    for item in labels:
        start, end = (datetime.fromtimestamp(t, zone).isoformat() for t in (item.start, item.end))
        rows.writerow((start, end, item.target, item.label))
    return text.getvalue()


def _toml(head: TraceHead) -> str:
    """Return trace.toml."""
    about = {
        "name": "home assistant",
        "source": "Inkling's action export_trace",
        "licence": "this home's own: keep it to yourself",
        "timezone": head.timezone,
    }
    blocks = [_block("[trace]", about)]
    blocks += [_block("[[room]]", {"id": room.id, "name": room.name, "area": room.id}) for room in head.rooms]
    blocks += [
        _block("[[signal]]", {"id": item.id, "role": item.role, "unit": item.unit, "room": item.room})
        for item in head.signals
    ]
    return "\n".join(blocks)


def _block(title: str, texts: dict[str, str]) -> str:
    """Return one table of texts; JSON's strings are TOML's, but for a control character that JSON leaves as it is."""
    lines = (f"{key} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in texts.items())
    return f"{title}\n{''.join(lines)}".replace("\x7f", "\\u007f")
