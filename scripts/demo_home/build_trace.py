"""Make the demo's trace from the UCI Room Occupancy Estimation data (CC BY 4.0).

`python -m scripts.demo_home.build_trace DIR` rewrites `scripts/demo_home/trace`; DIR holds Occupancy_Estimation.csv.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
import datetime as dt
from itertools import pairwise
from pathlib import Path
import sys
from zoneinfo import ZoneInfo

import numpy as np

from training.sources import uci_room_occupancy as uci
from training.trace import DeviceInfo, LabelSpan, Readings, RoomInfo, SignalInfo, Trace, TraceError, write_trace

DEMO_DAY = dt.date(2017, 12, 23)
DAY_SECONDS = 86_400.0
# A level that does not move is told again this often, as a polled sensor would.
REPORT_SECONDS = 600.0
# The recording's sensors as an installer would place them: signal -> (name in the demo, device).
PLACES = {
    "motion_6": ("motion_1", "motion_1"),
    "motion_7": ("motion_2", "motion_2"),
    "co2": ("co2", "air"),
    **{
        f"{kind}_{node}": (f"{kind}_{node}", f"node_{node}")
        for node in range(1, 5)
        for kind in ("temperature", "illuminance", "sound")
    },
}


@dataclass(frozen=True, slots=True)
class DemoRoom:
    """One room of the demo, and the dates whose readings it gets."""

    id: str
    name: str
    dates: tuple[dt.date, ...]


ROOMS = (
    DemoRoom("office", "Office", (DEMO_DAY,)),
    # 22 December starts at 10:49; the empty morning before it is that of 11 January.
    DemoRoom("meeting", "Meeting room", (dt.date(2018, 1, 11), dt.date(2017, 12, 22))),
)


def midnight(date: dt.date) -> float:
    """Return the epoch seconds at which a date begins where the recording was made."""
    return dt.datetime.combine(date, dt.time(), ZoneInfo(uci.ZONE)).timestamp()


def moved_readings(source: Trace, room: DemoRoom, name: str) -> Readings:
    """Return a signal's readings of the room's dates, moved to the demo's day and thinned."""
    readings = source.readings[name]
    pairs: list[tuple[float, str]] = []
    for date in room.dates:
        begin = midnight(date)
        first, stop = np.searchsorted(readings.times, (begin, begin + DAY_SECONDS))
        shift = midnight(DEMO_DAY) - begin
        if first > 0:
            # What was last said the day before still stands at midnight.
            pairs.append((begin + shift, readings.states[first - 1]))
        pairs += [(readings.times[index] + shift, readings.states[index]) for index in range(first, stop)]
    if any(after[0] <= before[0] for before, after in pairwise(pairs)):
        raise TraceError(f"the dates of the room {room.id} overlap: give it dates that follow each other in the day")
    kept = list(thinned(pairs))
    return Readings(np.array([t for t, _ in kept]), tuple(state for _, state in kept))


def thinned(pairs: list[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """Yield the changes, and sparse reports of what stands still."""
    last: tuple[float, str] | None = None
    for t, state in pairs:
        if last is None or state != last[1] or t - last[0] >= REPORT_SECONDS:
            yield t, state
            last = (t, state)


def moved_labels(source: Trace, room: DemoRoom) -> Iterator[LabelSpan]:
    """Yield what is known of the room's dates, moved to the demo's day."""
    for date in room.dates:
        begin = midnight(date)
        shift = midnight(DEMO_DAY) - begin
        for span in source.labels:
            start, end = max(span.start, begin), min(span.end, begin + DAY_SECONDS)
            if start < end:
                yield replace(span, start=start + shift, end=end + shift, target=room.id)


def demo_trace(source: Trace) -> Trace:
    """Return the demo's home: the recorded room twice, on different dates."""
    kinds = {signal.id: signal for signal in source.signals}
    signals, readings = [], {}
    for room in ROOMS:
        for name, (signal, device) in PLACES.items():
            old, new_id = kinds[name], f"{room.id}_{signal}"
            signals.append(SignalInfo(new_id, old.role, old.unit, room.id, f"{room.id}_{device}"))
            readings[new_id] = moved_readings(source, room, name)
    devices = dict.fromkeys((signal.device, signal.room) for signal in signals)
    return Trace(
        name="Demo home: an office and a meeting room",
        source=source.source,
        licence=source.licence,
        timezone=source.timezone,
        rooms=tuple(RoomInfo(room.id, room.name, room.name) for room in ROOMS),
        signals=tuple(signals),
        readings=readings,
        labels=tuple(span for room in ROOMS for span in moved_labels(source, room)),
        devices=tuple(DeviceInfo(name, "sensor", room) for name, room in devices),
    )


def main() -> int:
    """Build the demo's trace from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="folder of UCI data set 864, unpacked")
    parser.add_argument("--target", type=Path, default=Path(__file__).parent / "trace")
    options = parser.parse_args()
    try:
        trace = demo_trace(uci.read(options.source)["all"])
    except TraceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    write_trace(trace, options.target)
    print(f"{sum(len(item.states) for item in trace.readings.values())} events in {options.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
