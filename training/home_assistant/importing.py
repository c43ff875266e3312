"""A recorder database and its registries -> a trace folder, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import heapq
from pathlib import Path

from custom_components.inkling.core.units import ROLE_SPECS, Kind

from ..event_writer import EventWriter, csv_cell
from ..progress import progress
from ..trace import SignalInfo, Trace, TraceError, head_text, replace_file, zone_of
from .recorder import Recorder, open_recorder
from .registries import Home, read_home

_DAY_SECONDS = 86_400.0
FOLDER = "home_assistant"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote: the folder, how much, and what it left out."""

    folder: Path
    rooms: int
    signals: int
    events: int
    left_out: int


def import_recorder(address: str, storage: Path, out: Path, days: float | None = None) -> Imported:
    """Write the trace of a recorder's states, all or those of the last `days`, in constant memory."""
    with open_recorder(address) as recorder:
        home = read_home(storage)
        ids = recorder.ids()
        signals = tuple(signal for signal in home.signals if signal.id in ids)
        span = recorder.span()
        if span is None or not signals:
            raise TraceError("the database holds no state of a usable entity: is it the database of this home?")
        start = span[0] if days is None else max(span[0], span[1] - days * _DAY_SECONDS)
        trace = _head(home, signals)
        folder = out / FOLDER
        with EventWriter(folder, zone_of(trace)) as writer:
            for t, cell, state in _events(recorder, {ids[item.id]: item for item in signals}, start, span[1]):
                writer.write(t, cell, state)
        # Last: a folder with trace.toml is a whole trace.
        replace_file(folder / "trace.toml", head_text(trace).encode())
    return Imported(folder, len(home.rooms), len(signals), writer.count, home.left_out)


def _head(home: Home, signals: tuple[SignalInfo, ...]) -> Trace:
    """Return the trace without its events."""
    return Trace(
        name="home assistant",
        source="a Home Assistant recorder database",
        licence="this home's own: keep it to yourself",
        timezone=home.timezone,
        rooms=home.rooms,
        signals=signals,
        readings={},
    )


def _events(
    recorder: Recorder, signals: dict[int, SignalInfo], start: float, end: float
) -> Iterator[tuple[float, str, str]]:
    """Yield time, signal cell and state in time order: what stood at the start, each state, each last repetition."""
    cells = {key: csv_cell(item.id) for key, item in signals.items()}
    # A meter that repeats its value is alive, which matters; a repeated "off" says nothing new.
    repeating = {key for key, item in signals.items() if ROLE_SPECS[item.role].kind is Kind.NUMERIC}
    for key, stood in recorder.standing_at(list(signals), start).items():
        yield start, cells[key], stood
    waiting: list[tuple[float, int, str]] = []
    with progress("reading the recorder", max(end - start, 1.0)) as move:
        for rows in recorder.slices(list(signals), start, end):
            for t, reported, key, state in rows:
                while waiting and waiting[0][0] <= t:
                    at, which, told = heapq.heappop(waiting)
                    yield at, cells[which], told
                # The recorder writes no text when an entity is taken away.
                said = "unavailable" if state is None else state
                yield t, cells[key], said
                if reported is not None and reported > t and key in repeating:
                    heapq.heappush(waiting, (reported, key, said))
            move(rows[-1][0] - start)
    for at, which, told in sorted(waiting):
        yield at, cells[which], told
