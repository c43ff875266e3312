"""A recorder's SQLite file and its registries become a trace: read-only, in slices, in time order."""

from __future__ import annotations

import csv
from datetime import datetime
import gzip
import json
from pathlib import Path
import sqlite3

import pytest
from sqlalchemy import TextClause, create_engine, text

from custom_components.inkling.core.units import Role
from training.__main__ import main
from training.home_assistant import recorder
from training.home_assistant.importing import import_recorder
from training.home_assistant.recorder import open_recorder
from training.trace import TraceError, read_trace

from .recorder_home import ANNA, DOOR, EVENTS, IDS, MOTION, T0, WARMTH, entity, fill, registries


@pytest.fixture(name="config")
def config_fixture(tmp_path: Path) -> Path:
    """Return a configuration folder with a database and registries."""
    engine = create_engine(f"sqlite:///{tmp_path / 'home-assistant_v2.db'}")
    fill(engine)
    engine.dispose()
    registries(tmp_path / ".storage")
    return tmp_path


def events_of(folder: Path) -> list[tuple[float, str, str]]:
    """Return a trace's lines as they stand in the file, seconds from T0."""
    with gzip.open(folder / "events.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    return [(datetime.fromisoformat(stamp).timestamp() - T0, name, state) for stamp, name, state in rows]


@pytest.mark.parametrize("slice_rows", [1, 2, 3, 7, 20_000])
def test_a_home_becomes_a_trace(config: Path, monkeypatch: pytest.MonkeyPatch, slice_rows: int) -> None:
    """Write every state in time order, whatever the slices; the last repetition of a meter; what was taken away."""
    monkeypatch.setattr(recorder, "SLICE_ROWS", slice_rows)
    done = import_recorder(str(config / "home-assistant_v2.db"), config / ".storage", config / "out")
    assert events_of(done.folder) == EVENTS
    assert (done.rooms, done.signals, done.events, done.left_out) == (2, 4, len(EVENTS), 1)
    trace = read_trace(done.folder)
    assert trace.timezone == "Europe/Vienna"
    assert {room.id: room.name for room in trace.rooms} == {"hall": "Hall", "office": "Büro"}
    assert {item.id: (item.role, item.room, item.unit) for item in trace.signals} == {
        MOTION: (Role.MOTION, "hall", ""),
        WARMTH: (Role.TEMPERATURE, "office", "°F"),
        DOOR: (Role.DOOR, "", ""),
        ANNA: (Role.PERSON, "", ""),
    }


def test_slices_grow_over_silence_and_shrink_in_a_burst(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cross a year of silence in few queries, and miss nothing of a burst of equal and close times."""
    monkeypatch.setattr(recorder, "SLICE_ROWS", 10)
    burst = [(MOTION, 3.0e7 + index // 3 * 0.01, f"{index}", None) for index in range(500)]
    engine = create_engine(f"sqlite:///{tmp_path / 'home.db'}")
    fill(engine, [(MOTION, 0.0, "off", None), *burst])
    engine.dispose()
    queries = []
    run = recorder.Recorder._run

    def counted(self: recorder.Recorder, query: TextClause, **values: object) -> object:
        """Count the queries."""
        queries.append(values)
        return run(self, query, **values)

    monkeypatch.setattr(recorder.Recorder, "_run", counted)
    with open_recorder(str(tmp_path / "home.db")) as opened:
        found = [row[3] for rows in opened.slices([IDS[MOTION]], T0, T0 + 4.0e7) for row in rows]
    assert found == ["off", *(state for _, _, state, _ in burst)]
    assert len(queries) < 120


def test_the_last_days_begin_with_what_stood_then(config: Path) -> None:
    """Carry each entity's state in at the start, and leave out what lies before."""
    done = import_recorder(
        str(config / "home-assistant_v2.db"), config / ".storage", config / "out", days=51.0 / 86_400.0
    )
    found = events_of(done.folder)
    assert sorted(found[:3]) == sorted([(40.0, MOTION, "on"), (40.0, WARMTH, "68.5"), (40.0, ANNA, "home")])
    assert found[3:] == EVENTS[5:]


def test_the_command_line_finds_the_registries_beside_the_file(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Import by path and by URL."""
    path = str(config / "home-assistant_v2.db")
    for database in (path, f"sqlite:///{path}"):
        assert main(["import", "home-assistant", database, "--out", str(config / "out")]) == 0
    said = capsys.readouterr().out
    assert "2 rooms, 4 signals, 9 events; keep it to yourself" in said
    assert "1 usable entities stand in no area" in said


def test_the_database_is_only_read(config: Path) -> None:
    """Leave the file's bytes as they are, and refuse to write."""
    path = config / "home-assistant_v2.db"
    before = path.read_bytes()
    import_recorder(str(path), config / ".storage", config / "out")
    assert path.read_bytes() == before
    with open_recorder(str(path)) as opened, pytest.raises(TraceError, match="readonly"):
        opened._run(text("DELETE FROM states"))


def test_it_reads_while_home_assistant_writes(config: Path) -> None:
    """Read a database in write-ahead mode with an open transaction, without its uncommitted rows."""
    path = config / "home-assistant_v2.db"
    writer = sqlite3.connect(path, isolation_level=None)
    try:
        writer.execute("PRAGMA journal_mode=WAL")
        write = "INSERT INTO states (state, last_updated_ts, metadata_id) VALUES ('on', ?, ?)"
        writer.execute(write, (T0 + 100.0, IDS[MOTION]))
        writer.execute("BEGIN IMMEDIATE")
        writer.execute(write, (T0 + 200.0, IDS[MOTION]))
        done = import_recorder(str(path), config / ".storage", config / "out")
        assert events_of(done.folder) == [*EVENTS, (100.0, MOTION, "on")]
        writer.execute("COMMIT")
    finally:
        writer.close()


def test_a_copy_on_a_read_only_medium_can_be_read(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the file as unchanging where the folder refuses the write-ahead log's own files and nobody writes."""
    connect = sqlite3.connect

    def refusing(address: str, **options: object) -> sqlite3.Connection:
        """Refuse what needs to write beside the file, as SQLite does on a read-only medium."""
        if "immutable" not in address:
            address = (config / "absent" / "file").as_uri() + "?mode=ro"
        return connect(address, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(recorder, "_connect", refusing)
    done = import_recorder(str(config / "home-assistant_v2.db"), config / ".storage", config / "out")
    assert done.events == len(EVENTS)


def test_an_import_that_fails_leaves_no_half_trace(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Break the database after the first slice."""
    monkeypatch.setattr(recorder, "SLICE_ROWS", 2)
    run = recorder.Recorder._run
    calls = []

    def broken(self: recorder.Recorder, *query: object, **values: object) -> object:
        """Fail at the fifth query."""
        calls.append(query)
        if len(calls) == 5:
            raise TraceError("gone")
        return run(self, *query, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(recorder.Recorder, "_run", broken)
    with pytest.raises(TraceError, match="gone"):
        import_recorder(str(config / "home-assistant_v2.db"), config / ".storage", config / "out")
    assert list((config / "out" / "home_assistant").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.db"], "none.db is not there"),
        (["oracle://host/db", "--storage", "."], "not oracle"),
        (["://", "--storage", "."], "is no database URL"),
        (["mysql://host/db"], "give --storage"),
        (["mysql://user:secret@127.0.0.1:1/db", "--storage", "."], "cannot be opened"),
        (["postgresql://user:secret@127.0.0.1:1/db", "--storage", "."], "cannot be opened"),
        ([__file__, "--storage", "."], "is no SQLite database"),
        ([__file__, "--days", "0"], "more than 0"),
    ],
)
def test_bad_input_gets_one_sentence(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Say what is wrong, and never a password."""
    assert main(["import", "home-assistant", *arguments]) == 2
    spoken = capsys.readouterr().err
    assert said in spoken
    assert "secret" not in spoken
    assert len(spoken.strip().splitlines()) == 1


def test_a_database_of_something_else_is_refused(config: Path) -> None:
    """Say that the tables are not the recorder's, and that a home without states has none."""
    with sqlite3.connect(config / "other.db") as other:
        other.execute("CREATE TABLE t (x)")
    with pytest.raises(TraceError, match="cannot be read as Home Assistant's recorder: no such table"):
        import_recorder(str(config / "other.db"), config / ".storage", config / "out")
    with sqlite3.connect(config / "home-assistant_v2.db") as database:
        database.execute("DELETE FROM states")
    with pytest.raises(TraceError, match="holds no state of a usable entity"):
        import_recorder(str(config / "home-assistant_v2.db"), config / ".storage", config / "out")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("core.entity_registry", None, "is not there"),
        ("core.entity_registry", "{", "copy it again"),
        ("core.entity_registry", "[" * 100_000, "copy it again"),
        ("core.entity_registry", '{"data": []}', "copy it again"),
        ("core.area_registry", '{"data": {"areas": [7]}}', "is no registry"),
        ("core.area_registry", '{"data": {}}', "is no registry"),
        ("core.entity_registry", json.dumps({"data": {"entities": [entity("light.a")]}}), "no area with a usable"),
    ],
)
def test_broken_registries_are_named(config: Path, name: str, text: str | None, said: str) -> None:
    """Refuse each by its name."""
    path = config / ".storage" / name
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(TraceError, match=said):
        import_recorder(str(config / "home-assistant_v2.db"), config / ".storage", config / "out")
