"""Make the demo's trace from the UCI Room Occupancy Estimation data (CC BY 4.0).

`python -m scripts.demo_home.build_trace Occupancy_Estimation.csv` rewrites `scripts/demo_home/trace`.
"""

import argparse
from collections.abc import Iterator
import csv
from dataclasses import dataclass
import datetime as dt
import gzip
import math
from pathlib import Path
import sys

from .files import write_whole

DEMO_DAY = dt.date(2017, 12, 23)
# The data says no time zone; the authors' laboratory is in Hyderabad.
ZONE = dt.timezone(dt.timedelta(hours=5, minutes=30))
# A level that does not move is told again this often, as a polled sensor would.
REPORT_SECONDS = 600.0
SOUND_FLOOR_VOLTS = 0.05
SOUND_FLOOR_DB = 40.0
SOURCE = (
    "Singh, A.P. and Chaudhari, S. (2018). Room Occupancy Estimation. "
    "UCI Machine Learning Repository, https://doi.org/10.24432/C5P605"
)
COUNT_COLUMN = "Room_Occupancy_Count"
MAX_ROW_GAP_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the CSV as a signal of one device."""

    name: str
    signal: str
    device: str
    role: str
    unit: str


@dataclass(frozen=True, slots=True)
class DemoRoom:
    """One room of the demo, and the dates whose readings it gets."""

    id: str
    name: str
    dates: tuple[dt.date, ...]


COLUMNS = (
    Column("S6_PIR", "motion_1", "motion_1", "motion", ""),
    Column("S7_PIR", "motion_2", "motion_2", "motion", ""),
    Column("S5_CO2", "co2", "air", "co2", "ppm"),
    *(
        Column(f"S{index}_{column}", f"{role}_{index}", f"node_{index}", role, unit)
        for index in range(1, 5)
        for column, role, unit in (
            ("Temp", "temperature", "°C"),
            ("Light", "illuminance", "lx"),
            ("Sound", "sound", "dB"),
        )
    ),
)
ROOMS = (
    DemoRoom("office", "Office", (DEMO_DAY,)),
    # 22 December starts at 10:49; the empty morning before it is that of 11 January.
    DemoRoom("meeting", "Meeting room", (dt.date(2018, 1, 11), dt.date(2017, 12, 22))),
)

type Row = tuple[dt.datetime, dict[str, str]]
type Event = tuple[dt.datetime, str, str]


def read_rows(path: Path) -> list[Row]:
    """Read the CSV in time order, each row with its time stamp."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(_stamp(row), row) for row in csv.DictReader(file)]


def _stamp(row: dict[str, str]) -> dt.datetime:
    """Return the row's time with its zone."""
    stamp = dt.datetime.strptime(f"{row['Date']} {row['Time']}", "%Y/%m/%d %H:%M:%S")  # noqa: DTZ007
    return stamp.replace(tzinfo=ZONE)


def state_of(column: Column, text: str) -> str:
    """Turn one cell into the state string Home Assistant would show."""
    if column.role == "motion":
        return "on" if text == "1" else "off"
    if column.role == "sound":
        return f"{sound_level_db(float(text)):.1f}"
    return text


def sound_level_db(amplifier_volts: float) -> float:
    """Return an uncalibrated level in dB for the volts of the uncalibrated amplifier."""
    return SOUND_FLOOR_DB + 20.0 * math.log10(max(amplifier_volts, SOUND_FLOOR_VOLTS) / SOUND_FLOOR_VOLTS)


def room_rows(rows: list[Row], room: DemoRoom) -> list[Row]:
    """Return the rows of the room's dates, all moved to the demo's day."""
    moved = [
        (dt.datetime.combine(DEMO_DAY, stamp.time(), ZONE), row)
        for date in room.dates
        for stamp, row in rows
        if stamp.date() == date
    ]
    if moved != sorted(moved, key=lambda item: item[0]):
        raise ValueError(f"the dates of room {room.id} overlap")
    return moved


def events_of(rows: list[Row], room: DemoRoom, column: Column) -> Iterator[Event]:
    """Yield the column's changes, and sparse reports of a level that stands still."""
    last_state, last_stamp = None, None
    for stamp, row in rows:
        state = state_of(column, row[column.name])
        repeats = state == last_state and last_stamp is not None
        due = last_stamp is None or (stamp - last_stamp).total_seconds() >= REPORT_SECONDS
        if repeats and (column.role == "motion" or not due):
            continue
        yield stamp, signal_id(room, column), state
        last_state, last_stamp = state, stamp


def signal_id(room: DemoRoom, column: Column) -> str:
    """Return the trace's name of one column in one room."""
    return f"{room.id}_{column.signal}"


def labels_of(rows: list[Row], room: DemoRoom) -> Iterator[tuple[str, str, str, str]]:
    """Yield the spans in which somebody or nobody was counted; a gap in the data is unlabelled."""
    start = previous = rows[0][0]
    label = _label(rows[0][1])
    for stamp, row in rows[1:]:
        gap = (stamp - previous).total_seconds() > MAX_ROW_GAP_SECONDS
        if gap or _label(row) != label:
            yield start.isoformat(), (previous if gap else stamp).isoformat(), room.id, label
            start, label = stamp, _label(row)
        previous = stamp
    yield start.isoformat(), previous.isoformat(), room.id, label


def _label(row: dict[str, str]) -> str:
    """Return the label of one counted row."""
    return "occupied" if int(row[COUNT_COLUMN]) > 0 else "vacant"


def header() -> str:
    """Return trace.toml."""
    lines = [
        "# Made by `python -m scripts.demo_home.build_trace`; see README.md here for what was changed.",
        "[trace]",
        'name = "Demo home: an office and a meeting room"',
        f'source = "{SOURCE}"',
        'licence = "CC BY 4.0"',
        'timezone = "Asia/Kolkata"',
    ]
    for room in ROOMS:
        lines += ["", "[[room]]", f'id = "{room.id}"', f'name = "{room.name}"', f'area = "{room.name}"']
    for room in ROOMS:
        for device in dict.fromkeys(column.device for column in COLUMNS):
            lines += ["", "[[device]]", f'id = "{room.id}_{device}"', 'kind = "sensor"', f'room = "{room.id}"']
    for room in ROOMS:
        for column in COLUMNS:
            lines += [
                "",
                "[[signal]]",
                f'id = "{signal_id(room, column)}"',
                f'role = "{column.role}"',
                f'unit = "{column.unit}"',
                f'room = "{room.id}"',
                f'device = "{room.id}_{column.device}"',
            ]
    return "\n".join(lines) + "\n"


def build(source: Path, target: Path) -> int:
    """Write the trace folder; return the number of events."""
    rows = read_rows(source)
    events: list[Event] = []
    labels: list[tuple[str, str, str, str]] = []
    for room in ROOMS:
        own = room_rows(rows, room)
        labels += labels_of(own, room)
        for column in COLUMNS:
            events += events_of(own, room, column)
    events.sort(key=lambda event: event[0])
    table = "time,signal,state\n" + "".join(f"{t.isoformat()},{signal},{state}\n" for t, signal, state in events)
    target.mkdir(parents=True, exist_ok=True)
    write_whole(target / "trace.toml", header())
    # A fixed time in the gzip header keeps the file the same from run to run.
    write_whole(target / "events.csv.gz", gzip.compress(table.encode(), 9, mtime=0))
    write_whole(
        target / "labels.csv", ("start,end,target,label\n" + "".join(f"{','.join(x)}\n" for x in labels)).encode()
    )
    return len(events)


def main() -> int:
    """Build the demo's trace from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="Occupancy_Estimation.csv of UCI data set 864")
    parser.add_argument("--target", type=Path, default=Path(__file__).parent / "trace")
    options = parser.parse_args()
    if not options.source.is_file():
        print(f"{options.source} is not there; download UCI data set 864 and give its CSV", file=sys.stderr)
        return 2
    print(f"{build(options.source, options.target)} events in {options.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
