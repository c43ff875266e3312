"""Exports of this home that lie in its folder, read to learn from what the recorder has long forgotten; untrusted."""

from collections.abc import Collection, Iterator, Sequence
import csv
from dataclasses import dataclass
from datetime import datetime
import io
import logging
from pathlib import Path
import tomllib
from typing import IO, Any
import zipfile
import zlib

import numpy as np
from numpy.typing import NDArray

from .bootstrap_day import DAY_SECONDS
from .const import HISTORY_SECONDS
from .core.sample import parse_sample
from .core.slots import SLOT_SECONDS
from .core.window import Track
from .rooms import Binding

_LOGGER = logging.getLogger(__name__)
EVENTS_LIMIT_BYTES = 1 << 27
"""Half a year of a large home; a file that unpacks to more is none of ours."""
_HEAD_LIMIT_BYTES = 1 << 20
_FILES_LIMIT = 8
_ERRORS = (csv.Error, zipfile.BadZipFile, zlib.error, ArithmeticError, EOFError, LookupError, OSError, RuntimeError)


class TraceRefusedError(ValueError):
    """A file that cannot be learned from, in one sentence."""


@dataclass(frozen=True, slots=True)
class _Past:
    """One entity's readings: rising times (n,) in epoch seconds, the states as they were written, and their unit."""

    times: NDArray[np.float64]
    states: Sequence[str]
    unit: str | None


@dataclass(frozen=True, slots=True)
class TracePast:
    """What one export tells of the home's entities."""

    start: float
    end: float
    entities: dict[str, _Past]

    def days(self) -> Iterator[tuple[float, float]]:
        """Yield the stretches to learn, a day or less each, on the slots' borders; epoch seconds."""
        first, last = -(-self.start // SLOT_SECONDS) * SLOT_SECONDS, self.end // SLOT_SECONDS * SLOT_SECONDS
        while first < last:
            stop = min((first // DAY_SECONDS + 1) * DAY_SECONDS, last)
            yield first, stop
            first = stop

    def tracks(self, bindings: Sequence[Binding], start: float, end: float) -> list[Track]:
        """Return what some bindings read from a day before `start` to `end`."""
        return [self._track(binding, start - HISTORY_SECONDS, end) for binding in bindings]

    def _track(self, binding: Binding, start: float, end: float) -> Track:
        """Return what one binding read."""
        past = self.entities.get(binding.entity_id)
        if past is None:
            return Track(binding.signal, np.empty(0), np.empty(0, np.float32))
        first, last = past.times.searchsorted((start, end))
        # What stood before still stands.
        first = max(first - 1, 0)
        role, states = binding.signal.role, past.states[first:last]
        known = {state: parse_sample(role, 0.0, state, past.unit).value for state in set(states)}
        return Track(binding.signal, past.times[first:last], np.array([known[state] for state in states], np.float32))


def traces_in(folder: Path) -> list[Path]:
    """Return the newest exports in a folder by name, none where there is no such folder."""
    return sorted(folder.glob("*.zip"))[-_FILES_LIMIT:]


def read_past(path: Path, wanted: Collection[str], oldest: float, newest: float) -> TracePast | None:
    """Return what an export tells of some entities between two instants, None for nothing; a bad file is logged."""
    try:
        return _read(path, wanted, oldest, newest)
    except (*_ERRORS, TypeError, ValueError) as error:
        _LOGGER.warning("Nothing is learned from %s, which is no export of Inkling: %s", path, error)
        return None


def _read(path: Path, wanted: Collection[str], oldest: float, newest: float) -> TracePast | None:
    """Read one export."""
    times: dict[str, list[float]] = {}
    states: dict[str, list[str]] = {}
    with zipfile.ZipFile(path) as packed:
        units = _entities(packed)
        names = {name: entity_id for name, (entity_id, _) in units.items() if entity_id in wanted}
        same: dict[str, str] = {}
        with _open(packed, "events.csv", EVENTS_LIMIT_BYTES) as stream:
            rows = csv.reader(io.TextIOWrapper(stream, encoding="utf-8", newline=""))
            next(rows, None)
            for time, name, state in rows:
                t = datetime.fromisoformat(time).timestamp()
                if name not in names or not oldest <= t <= newest:
                    continue
                times.setdefault(name, []).append(t)
                # Few different texts stand in millions of rows.
                states.setdefault(name, []).append(same.setdefault(state, state))
    if not times:
        return None
    found = {names[name]: _past(told, states[name], units[name][1]) for name, told in times.items()}
    return TracePast(min(map(min, times.values())), max(map(max, times.values())), found)


def _open(packed: zipfile.ZipFile, name: str, limit: int) -> IO[bytes]:
    """Open a part of an export that is of a size we write."""
    # A zip that lies about the size is cut off there by the reader.
    if (size := packed.getinfo(name).file_size) > limit:
        raise TraceRefusedError(f"its {name} unpacks to {size} bytes, more than {limit}")
    return packed.open(name)


def _entities(packed: zipfile.ZipFile) -> dict[str, tuple[str, str | None]]:
    """Return the entity and the unit behind each signal."""
    with _open(packed, "trace.toml", _HEAD_LIMIT_BYTES) as stream:
        head: dict[str, Any] = tomllib.load(stream)
    # A second part of an entity is named after role and room first.
    units = {str(item["id"]): str(item.get("unit", "")) or None for item in head["signal"]}
    return {name: (name.rsplit(" ", 1)[-1], unit) for name, unit in units.items()}


def _past(times: list[float], states: list[str], unit: str | None) -> _Past:
    """Return readings in their order, of two at one time the later in the file."""
    told = np.array(times, np.float64)
    order = np.argsort(told, kind="stable")
    kept = order[np.append(np.diff(told[order]) > 0.0, True)]
    return _Past(told[kept], [states[place] for place in kept.tolist()], unit)
