"""The verb `import`: a data set, a home's own recorder, or an exported archive, each into trace folders."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .archive import import_archive
from .sources import SOURCES, obtain, read_source
from .trace import TraceError, write_trace


def add_import_verb(verbs: Any) -> None:  # noqa: ANN401 - argparse keeps the type of its verbs to itself
    """Add `import` with one word for each kind of source."""
    verb = verbs.add_parser("import", help="turn a data set, a home's own recorder or an exported zip into traces")
    words = verb.add_subparsers(required=True, metavar="SOURCE")
    for name, source in sorted(SOURCES.items()):
        how = "fetched if absent" if source.downloads else f"get it from {source.address}"
        word = words.add_parser(name, help=f"{source.credit} ({how})", description=f"{source.credit}. {source.licence}")
        word.add_argument("--data", type=Path, required=True, help="folder that holds the data sets, or is to")
        word.add_argument("--out", type=Path, required=True, help="folder to make the trace folders in")
        word.set_defaults(run=_data_set, source=name)

    word = words.add_parser("home-assistant", help="the recorder's database of a home, read-only")
    word.add_argument("database", help="path of home-assistant_v2.db, or a URL as in the recorder's db_url")
    word.add_argument("--storage", type=Path, help="the configuration's .storage folder (default: beside the file)")
    word.add_argument("--out", type=Path, default=Path("traces"), help="folder to make the trace folder in")
    word.add_argument("--days", type=float, help="only the last so many days (default: all)")
    word.set_defaults(run=_home_assistant)

    word = words.add_parser("trace-zip", help="what Inkling's action export_trace wrote")
    word.add_argument("file", type=Path)
    word.add_argument("--out", type=Path, default=Path("traces"), help="folder to make the trace folder in")
    word.set_defaults(run=_trace_zip)


def _data_set(options: argparse.Namespace) -> int:
    """Write a data set's traces."""
    source = SOURCES[options.source]
    obtain(options.source, options.data)
    for name, trace in read_source(options.source, options.data).items():
        folder = options.out / f"{source.folder}_{name}"
        write_trace(trace, folder)
        count = sum(len(item.times) for item in trace.readings.values())
        if not source.may_train:
            print(f"{source.licence}: keep {folder} to yourself")
        print(f"{folder}: {len(trace.rooms)} rooms, {len(trace.signals)} signals, {count} events")
    return 0


def _home_assistant(options: argparse.Namespace) -> int:
    """Write the trace of a recorder database."""
    from .home_assistant.importing import import_recorder  # noqa: PLC0415 - SQLAlchemy, for this word only

    if options.days is not None and not options.days > 0.0:
        raise TraceError("--days must be more than 0")
    storage = options.storage or _storage_beside(options.database)
    done = import_recorder(options.database, storage, options.out, options.days)
    print(f"{done.folder}: {done.rooms} rooms, {done.signals} signals, {done.events} events; keep it to yourself")
    if done.left_out:
        print(f"{done.left_out} usable entities stand in no area and were left out: assign them in Home Assistant")
    return 0


def _storage_beside(database: str) -> Path:
    """Return the .storage folder beside a database's file."""
    kind, mark, path = database.partition("sqlite:///")
    if mark and not kind:
        return Path(path).parent / ".storage"
    if "://" in database:
        raise TraceError("give --storage, the .storage folder of Home Assistant's configuration: it names the rooms")
    return Path(database).parent / ".storage"


def _trace_zip(options: argparse.Namespace) -> int:
    """Unpack and check an exported trace."""
    folder, trace = import_archive(options.file, options.out)
    count = sum(len(item.times) for item in trace.readings.values())
    print(
        f"{folder}: {len(trace.rooms)} rooms, {len(trace.signals)} signals, {len(trace.labels)} labels, {count} events"
    )
    return 0
