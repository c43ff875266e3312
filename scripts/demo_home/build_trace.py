"""Make the demo's trace: an office from the UCI Room Occupancy Estimation data (CC BY 4.0), the rest simulated.

`python -m scripts.demo_home.build_trace DIR` rewrites `scripts/demo_home/trace`; DIR holds Occupancy_Estimation.csv.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
import datetime as dt
from pathlib import Path
import sys
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.inkling.core.units import Role
from training.sources import uci_room_occupancy as uci
from training.trace import DeviceInfo, LabelSpan, Readings, RoomInfo, SignalInfo, Trace, TraceError, write_trace

from .simulated import LICENCE, simulated_flat

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


OFFICE = RoomInfo("office", "Office", "Office")


def midnight(date: dt.date) -> float:
    """Return the epoch seconds at which a date begins where the recording was made."""
    return dt.datetime.combine(date, dt.time(), ZoneInfo(uci.ZONE)).timestamp()


def recorded_readings(source: Trace, name: str, begin: float) -> Readings:
    """Return a signal's readings of the demo's day, thinned."""
    readings = source.readings[name]
    first, stop = np.searchsorted(readings.times, (begin, begin + DAY_SECONDS))
    # What was last said the day before still stands at midnight.
    pairs = [(begin, readings.states[first - 1])] if first > 0 else []
    pairs += [(float(readings.times[index]), readings.states[index]) for index in range(first, stop)]
    kept = list(thinned(pairs))
    return Readings(np.array([t for t, _ in kept]), tuple(state for _, state in kept))


def thinned(pairs: list[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """Yield the changes, and sparse reports of what stands still."""
    last: tuple[float, str] | None = None
    for t, state in pairs:
        if last is None or state != last[1] or t - last[0] >= REPORT_SECONDS:
            yield t, state
            last = (t, state)


def recorded_labels(source: Trace, begin: float) -> Iterator[LabelSpan]:
    """Yield what is known of the office on the demo's day."""
    for span in source.labels:
        start, end = max(span.start, begin), min(span.end, begin + DAY_SECONDS)
        if start < end:
            yield replace(span, start=start, end=end, target=OFFICE.id)


def demo_trace(source: Trace) -> Trace:
    """Return the demo's home: the recorded office in a simulated flat."""
    kinds = {signal.id: signal for signal in source.signals}
    begin = midnight(DEMO_DAY)
    flat = simulated_flat(begin)
    signals, readings = [], {}
    for name, (signal, device) in PLACES.items():
        old, new_id = kinds[name], f"{OFFICE.id}_{signal}"
        signals.append(SignalInfo(new_id, old.role, old.unit, OFFICE.id, f"{OFFICE.id}_{device}"))
        readings[new_id] = recorded_readings(source, name, begin)
    # The recorded room's lamps have no switch to read: one that nobody touches, for automations to show what they do.
    signals.append(SignalInfo("office_light", Role.LIGHT, "", OFFICE.id, "office_light"))
    readings["office_light"] = Readings(np.array([begin]), ("off",))
    signals += flat.signals
    devices = dict.fromkeys((signal.device, signal.room) for signal in signals)
    return Trace(
        name="Demo home: a flat with an office",
        source=f"office: {source.source}; other rooms: simulated by this project",
        licence=f"office {source.licence}, other rooms {LICENCE}",
        timezone=source.timezone,
        rooms=(OFFICE, *flat.rooms),
        signals=tuple(signals),
        readings=readings | flat.readings,
        labels=(*recorded_labels(source, begin), *flat.labels),
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
