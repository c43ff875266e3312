"""Measure how fast a recorder database becomes a trace, and how much memory that takes.

training/.venv/bin/python -m scripts.bench.recorder_import --rows 10000000
makes an SQLite database of Home Assistant's schema in a temporary folder, imports it and reads the trace back.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
import json
from pathlib import Path
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time

from training.home_assistant.importing import import_recorder
from training.trace import read_trace

_START = 1_760_000_000.0
_ENTITIES = 200
_SCHEMA = """
CREATE TABLE states_meta (metadata_id INTEGER PRIMARY KEY, entity_id VARCHAR(255));
CREATE TABLE states (
  state_id INTEGER PRIMARY KEY, entity_id CHAR(0), state VARCHAR(255), attributes CHAR(0), event_id SMALLINT,
  last_changed CHAR(0), last_changed_ts FLOAT, last_reported_ts FLOAT, last_updated CHAR(0), last_updated_ts FLOAT,
  old_state_id INTEGER, attributes_id INTEGER, context_id CHAR(0), context_user_id CHAR(0), context_parent_id CHAR(0),
  origin_idx SMALLINT, context_id_bin BLOB, context_user_id_bin BLOB, context_parent_id_bin BLOB, metadata_id INTEGER
);
"""
_INDEXES = """
CREATE INDEX ix_states_metadata_id_last_updated_ts ON states (metadata_id, last_updated_ts);
CREATE INDEX ix_states_last_updated_ts ON states (last_updated_ts);
"""
_INSERT = (
    "INSERT INTO states (state, last_reported_ts, last_updated_ts, attributes_id, origin_idx, context_id_bin,"
    " metadata_id) VALUES (?, ?, ?, 1, 0, ?, ?)"
)


def make_database(path: Path, rows: int) -> None:
    """Write a database of so many states of 200 entities, every other one a meter."""
    database = sqlite3.connect(path)
    database.executescript(_SCHEMA)
    database.executemany("INSERT INTO states_meta VALUES (?, ?)", enumerate(map(_entity_id, range(_ENTITIES)), 1))
    database.executemany(_INSERT, _states(rows))
    database.executescript(_INDEXES)
    database.commit()
    database.close()


def _entity_id(index: int) -> str:
    """Return an entity's id: meters are even."""
    return f"{'binary_sensor' if index % 2 else 'sensor'}.room_{index // 4}_signal_{index}"


def _states(rows: int) -> Iterator[tuple[object, ...]]:
    """Yield states in time order."""
    draw = random.Random(0)  # noqa: S311 - made rows, no secret
    t = _START
    for _ in range(rows):
        t += draw.random() * 0.1
        index = draw.randrange(_ENTITIES)
        state = draw.choice(("on", "off")) if index % 2 else f"{draw.uniform(15.0, 30.0):.1f}"
        reported = t + 5.0 if draw.random() < 0.2 else None  # noqa: PLR2004 - a fifth is repeated
        yield state, reported, t, draw.randbytes(16), index + 1


def make_registries(folder: Path) -> None:
    """Write the registries that place the entities in 50 areas."""
    folder.mkdir()
    areas = [{"id": f"room_{number}", "name": f"Room {number}"} for number in range(_ENTITIES // 4)]
    entities = [
        {
            "entity_id": _entity_id(index),
            "platform": "made",
            "original_device_class": "motion" if index % 2 else "temperature",
            "unit_of_measurement": None if index % 2 else "°C",
            "area_id": f"room_{index // 4}",
        }
        for index in range(_ENTITIES)
    ]
    for name, data in (
        ("area_registry", {"areas": areas}),
        ("device_registry", {"devices": []}),
        ("entity_registry", {"entities": entities}),
    ):
        (folder / f"core.{name}").write_text(json.dumps({"version": 1, "data": data}), encoding="utf-8")


def _megabytes() -> float:
    """Return the most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def _import(folder: Path) -> None:
    """Import in this process and say how it went."""
    before, began, worked = _megabytes(), time.monotonic(), time.process_time()
    done = import_recorder(str(folder / "home-assistant_v2.db"), folder / ".storage", folder)
    seconds, cpu = time.monotonic() - began, time.process_time() - worked
    print(
        f"import: {done.events} events in {seconds:.1f} s ({cpu:.1f} s of processor time), "
        f"{done.events / seconds:,.0f} a second, at most {_megabytes():.0f} MB ({before:.0f} MB before it began)"
    )


def _read(folder: Path) -> None:
    """Read the trace back in this process and say how it went."""
    began = time.monotonic()
    trace = read_trace(folder / "home_assistant")
    seconds = time.monotonic() - began
    count = sum(len(item.times) for item in trace.readings.values())
    print(f"read_trace: {count} events in {seconds:.1f} s, at most {_megabytes():.0f} MB")


def main() -> int:
    """Make a database, then measure each step in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--step", choices=("import", "read"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        (_import if options.step == "import" else _read)(options.folder)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_database(folder / "home-assistant_v2.db", options.rows)
        make_registries(folder / ".storage")
        for step in ("import", "read"):
            command = [sys.executable, "-m", "scripts.bench.recorder_import", "--step", step, "--folder", name]
            subprocess.run(command, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
