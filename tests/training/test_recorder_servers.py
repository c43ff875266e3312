"""The same home in MariaDB and in PostgreSQL: real servers from Debian's packages, started by the test on loopback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
import os
from pathlib import Path
import shutil
import socket
import subprocess
import tempfile
import time

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from training.home_assistant.importing import import_recorder
from training.home_assistant.recorder import open_recorder
from training.trace import TraceError, read_trace

from .recorder_home import EVENTS, fill, registries
from .test_recorder_import import events_of

_STARTS_WITHIN_SECONDS = 60.0


def find(program: str) -> str | None:
    """Return a server's program, also where Debian keeps it out of the path."""
    places = [Path("/usr/sbin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = [str(place / program) for place in places if (place / program).is_file()]
    return found[0] if found else shutil.which(program)


needs_mariadb = pytest.mark.skipif(
    not (find("mariadbd") and find("mariadb-install-db")), reason="Debian's package mariadb-server is not installed"
)
needs_postgresql = pytest.mark.skipif(
    not (find("postgres") and find("initdb")), reason="Debian's package postgresql is not installed"
)


def free_port() -> int:
    """Return a port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server_folder(user: str) -> Iterator[Path]:
    """Make a folder that a server's own user may write to, when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="inkling-db-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_user(user: str, command: Sequence[str]) -> list[str]:
    """Return a command that runs as a server's own user: as root, servers refuse to."""
    return ["runuser", "-u", user, "--", *command] if os.geteuid() == 0 else list(command)


@contextmanager
def running(command: Sequence[str], address: str) -> Iterator[str]:
    """Run a server until the test is over; yield its address once it answers."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            engine = create_engine(address)
            until = time.monotonic() + _STARTS_WITHIN_SECONDS
            while time.monotonic() < until and server.poll() is None:
                with suppress(SQLAlchemyError):
                    engine.connect().close()
                    break
                time.sleep(0.2)
            else:
                pytest.fail(f"{command[-1]}: the server did not start")
            engine.dispose()
            yield address
        finally:
            server.terminate()


@pytest.fixture(name="mariadb")
def mariadb_fixture() -> Iterator[str]:
    """Start MariaDB with an empty database."""
    with server_folder("mysql") as folder:
        common = [f"--datadir={folder / 'data'}", "--no-defaults"]
        install = [str(find("mariadb-install-db")), common[1], common[0], "--auth-root-authentication-method=normal"]
        subprocess.run(as_user("mysql", install), check=True, capture_output=True)
        port = free_port()
        serve = [
            str(find("mariadbd")),
            *reversed(common),
            "--bind-address=127.0.0.1",
            f"--port={port}",
            f"--socket={folder / 'socket'}",
            f"--pid-file={folder / 'pid'}",
        ]
        address = f"mysql+pymysql://root@127.0.0.1:{port}/"
        with running(as_user("mysql", serve), address):
            engine = create_engine(address)
            with engine.begin() as connection:
                connection.execute(text("CREATE DATABASE homeassistant CHARACTER SET utf8mb4"))
            engine.dispose()
            # As Home Assistant's documents write it, without a driver.
            yield f"mysql://root@127.0.0.1:{port}/homeassistant?charset=utf8mb4"


@pytest.fixture(name="postgresql")
def postgresql_fixture() -> Iterator[str]:
    """Start PostgreSQL with an empty database."""
    with server_folder("postgres") as folder:
        data = str(folder / "data")
        init = [str(find("initdb")), "-D", data, "-U", "ha", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(as_user("postgres", init), check=True, capture_output=True, cwd=folder)
        port = free_port()
        serve = [str(find("postgres")), "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-F"]
        address = f"postgresql+psycopg://ha@127.0.0.1:{port}/postgres"
        with running(as_user("postgres", serve), address):
            yield f"postgresql://ha@127.0.0.1:{port}/postgres"


@needs_mariadb
def test_a_home_in_mariadb_becomes_the_same_trace(mariadb: str, tmp_path: Path) -> None:
    """Import from a running MariaDB, and find it read-only."""
    check(mariadb, make_url(mariadb).set(drivername="mysql+pymysql").render_as_string(hide_password=False), tmp_path)


@needs_postgresql
def test_a_home_in_postgresql_becomes_the_same_trace(postgresql: str, tmp_path: Path) -> None:
    """Import from a running PostgreSQL, and find it read-only."""
    check(postgresql, postgresql.replace("postgresql://", "postgresql+psycopg://"), tmp_path)


def check(address: str, writable: str, folder: Path) -> None:
    """Fill a server, import from it whole and its last minute, and fail to write to it."""
    engine = create_engine(writable)
    fill(engine)
    engine.dispose()
    storage = registries(folder / ".storage")
    done = import_recorder(address, storage, folder / "out")
    assert events_of(done.folder) == EVENTS
    assert read_trace(done.folder).timezone == "Europe/Vienna"
    late = import_recorder(address, storage, folder / "late", days=51.0 / 86_400.0)
    assert events_of(late.folder)[3:] == EVENTS[5:]
    with open_recorder(address) as opened, pytest.raises(TraceError, match=r"(?i)read.only"):
        opened._run(text("DELETE FROM states"))
