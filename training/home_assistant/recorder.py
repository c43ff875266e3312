"""A recorder's database, read-only and in slices: SQLite, MariaDB, MySQL and PostgreSQL through SQLAlchemy."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from operator import itemgetter
from pathlib import Path
import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, bindparam, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ..trace import TraceError

SLICE_ROWS = 20_000
_FIRST_SECONDS, _LEAST_SECONDS = 3600.0, 0.001
# Home Assistant's documents give URLs of drivers written in C; ours install everywhere.
_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mysql+pymysql", "postgresql": "postgresql+psycopg"}
_READ_ONLY = {
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
}

StateRow = tuple[float, float | None, int, str | None]
"""last_updated_ts, last_reported_ts, metadata_id, state."""

_NEWEST = text(
    "SELECT s.metadata_id, s.state FROM states s JOIN ("
    "SELECT metadata_id, MAX(last_updated_ts) AS t FROM states"
    " WHERE last_updated_ts < :start AND metadata_id IN :ids GROUP BY metadata_id"
    ") n ON s.metadata_id = n.metadata_id AND s.last_updated_ts = n.t ORDER BY s.state_id"
).bindparams(bindparam("ids", expanding=True))
# The unary plus keeps databases from leaving the index of times for that of entities, and sorting it all.
_SLICE = text(
    "SELECT last_updated_ts, last_reported_ts, metadata_id, state FROM states"
    " WHERE last_updated_ts >= :t AND last_updated_ts < :until"
    " AND +metadata_id IN :ids ORDER BY last_updated_ts, state_id LIMIT :rows"
).bindparams(bindparam("ids", expanding=True))


class Recorder:
    """An open database; every slice is a short transaction of its own, so that Home Assistant is never held up."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection that can only read."""
        self._connection = connection

    def ids(self) -> dict[str, int]:
        """Return every entity's id in the database."""
        rows = self._run(text("SELECT entity_id, metadata_id FROM states_meta"))
        return {str(entity_id): int(metadata_id) for entity_id, metadata_id in rows}

    def span(self) -> tuple[float, float] | None:
        """Return the first and the last time of all states, epoch seconds; None when there are none."""
        first, last = self._run(text("SELECT MIN(last_updated_ts), MAX(last_updated_ts) FROM states"))[0]
        return None if first is None else (float(first), float(last))

    def standing_at(self, ids: Sequence[int], start: float) -> dict[int, str]:
        """Return the state that each entity had when the time `start` came."""
        rows = self._run(_NEWEST, start=start, ids=list(ids))
        return {int(key): str(state) for key, state in rows if state is not None}

    def slices(self, ids: Sequence[int], start: float, end: float) -> Iterator[Sequence[StateRow]]:
        """Yield the states of entities from `start` to `end` in time order, about SLICE_ROWS at a time."""
        # A stretch of time and not only a limit: PostgreSQL reads and sorts the whole table for each limit.
        t, width, most = start, _FIRST_SECONDS, SLICE_ROWS
        while t <= end:
            rows = self._run(_SLICE, t=t, until=t + width, ids=list(ids), rows=most)
            if len(rows) < most:
                t += width
                width *= 2.0 if len(rows) < SLICE_ROWS // 2 else 1.0
            # The states of the last moment may go on beyond the limit: the next slice begins with all of them.
            elif whole := bisect_left(rows, rows[-1][0], key=itemgetter(0)):
                t, width = rows[-1][0], max(width / 2.0, _LEAST_SECONDS)
                rows = rows[:whole]
            else:
                most *= 2
                continue
            most = SLICE_ROWS
            if rows:
                yield rows

    def _run(self, query: TextClause, **values: object) -> Sequence[Any]:
        """Run one query in a transaction of its own."""
        try:
            with self._connection.begin():
                return self._connection.execute(query, values).all()
        except SQLAlchemyError as err:
            raise TraceError(f"the database cannot be read as Home Assistant's recorder: {_reason(err)}") from err


@contextmanager
def open_recorder(address: str) -> Iterator[Recorder]:
    """Open a database by its URL or the path of an SQLite file."""
    url = _url(address)
    engine = _sqlite(Path(url.database or "")) if url.get_backend_name() == "sqlite" else _server(url)
    try:
        with _connected(engine, url) as connection:
            yield Recorder(connection)
    finally:
        engine.dispose()


@contextmanager
def _connected(engine: Engine, url: URL) -> Iterator[Connection]:
    """Connect, and give up the right to write."""
    try:
        connection = engine.connect()
        if command := _READ_ONLY.get(engine.dialect.name):
            with connection.begin():
                connection.execute(text(command))
    except SQLAlchemyError as err:
        raise TraceError(f"{url.render_as_string()} cannot be opened: {_reason(err)}") from err
    with connection:
        yield connection


def _url(address: str) -> URL:
    """Return the URL of what the user named."""
    if "://" not in address:
        return URL.create("sqlite", database=address)
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as err:
        raise TraceError(
            f"{address.partition('://')[0]}://... is no database URL: write it as in Home Assistant's recorder db_url"
        ) from err
    backend = url.get_backend_name()
    if backend != "sqlite" and backend not in _DRIVERS:
        raise TraceError(f"a recorder's database is SQLite, MariaDB, MySQL or PostgreSQL, not {backend}")
    return url if backend == "sqlite" else url.set(drivername=_DRIVERS[backend])


def _sqlite(path: Path) -> Engine:
    """Return an engine for a file that is opened read-only, also while Home Assistant writes to it."""
    if not path.is_file():
        raise TraceError(f"{path} is not there: give the path of home-assistant_v2.db, or a database URL")
    address = f"{path.absolute().as_uri()}?mode=ro"
    log = path.with_name(f"{path.name}-wal")
    if not _can_read(path, address) and not (log.is_file() and log.stat().st_size):
        # Nobody writes, and a folder that cannot be written to refuses the log's own files.
        address += "&immutable=1"
    return create_engine("sqlite://", creator=lambda: _connect(address, uri=True, timeout=30.0), poolclass=NullPool)


def _connect(address: str, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - sqlite3's own
    """Open a database file."""
    connection: sqlite3.Connection = sqlite3.connect(address, **options)
    return connection


def _can_read(path: Path, address: str) -> bool:
    """Return whether a file can be read as it is; refuse one that is no database."""
    try:
        with closing(_connect(address, uri=True)) as probe:
            probe.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError as err:
        raise TraceError(f"{path} is no SQLite database: {err}") from err
    return True


def _server(url: URL) -> Engine:
    """Return an engine for a database server."""
    try:
        return create_engine(url, poolclass=NullPool)
    except ModuleNotFoundError as err:
        raise TraceError(
            f"{err.name} is not installed: run scripts/setup --training, or uv sync --group databases in training/"
        ) from err


def _reason(err: SQLAlchemyError) -> str:
    """Return the first line of what a database said."""
    return str(getattr(err, "orig", None) or err).strip().splitlines()[0][:200]
