"""Public data is fetched whole and verified, or not at all: from a web server of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
import functools
import hashlib
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
import threading

import pytest

from training.__main__ import main
from training.sources import SOURCES, download, obtain, read_source
from training.sources.download import Download, fetch
from training.splits import Library
from training.trace import TraceError

MOTES = b"reading,mote_id,indoor,humidity,temperature,label\n1,1,1,45.9,27.9,0\n2,1,1,45.9,27.9,0\n"
DIGEST = hashlib.sha256(MOTES).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    """Serve a folder without a word."""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture(name="served")
def served_fixture(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Serve a folder on loopback; give the folder and its address."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "data.csv").write_bytes(MOTES)
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_set_is_fetched_once_and_read(
    tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fetch two files into the data set's folder, read them, and fetch nothing the second time."""
    folder, base = served
    source = SOURCES["suthaharan"]
    downloads = tuple(Download(name, f"{base}/data.csv", DIGEST) for name in source.files)
    monkeypatch.setitem(SOURCES, "suthaharan", replace(source, downloads=downloads))
    data = tmp_path / "data"
    assert main(["import", "suthaharan", "--data", str(data), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "suthaharan_wsn_multi" / "trace.toml").is_file()
    assert sorted(path.name for path in (data / "suthaharan_wsn").iterdir()) == ["multihop.csv", "singlehop.csv"]
    (folder / "data.csv").unlink()
    assert obtain("suthaharan", data) == data / "suthaharan_wsn"
    assert len(read_source("suthaharan", data)["multi"].devices) == 1


def test_what_a_recipe_names_is_fetched_and_found_wherever_it_lies(
    tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fetch for `make` as for `import`; find a set in its folder, and beside others, not in an empty one."""
    source = SOURCES["suthaharan"]
    downloads = tuple(Download(name, f"{served[1]}/data.csv", DIGEST) for name in source.files)
    monkeypatch.setitem(SOURCES, "suthaharan", replace(source, downloads=downloads))
    (tmp_path / source.folder).mkdir()
    library = Library(tmp_path)
    assert not library.has("suthaharan")
    assert library.trace("suthaharan", "multi").devices
    assert library.has("suthaharan")
    assert Library(tmp_path / source.folder).has("suthaharan")
    assert not library.has("no such source")


@pytest.mark.parametrize(
    ("name", "sha256", "said"),
    [("data.csv", "0" * 64, "is not the file that was measured"), ("absent.csv", DIGEST, "cannot be fetched")],
)
def test_a_file_that_is_another_or_not_there_leaves_nothing(
    tmp_path: Path, served: tuple[Path, str], name: str, sha256: str, said: str
) -> None:
    """Refuse in one sentence, and keep no part of it."""
    target = tmp_path / "target"
    with pytest.raises(TraceError, match=said):
        fetch([Download("data.csv", f"{served[1]}/{name}", sha256)], target)
    assert list(target.iterdir()) == []


def test_a_server_that_sends_without_end_is_left(
    tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stop at the limit."""
    monkeypatch.setattr(download, "_MAX_BYTES", 10)
    with pytest.raises(TraceError, match="it is not the data set"):
        fetch([Download("data.csv", f"{served[1]}/data.csv", DIGEST)], tmp_path / "target")


def test_only_the_web_is_fetched_from(tmp_path: Path) -> None:
    """Refuse an address that is a file of this machine."""
    secret = tmp_path / "secret"
    secret.write_bytes(MOTES)
    with pytest.raises(TraceError, match="is no web address"):
        fetch([Download("data.csv", secret.as_uri(), DIGEST)], tmp_path / "target")


def test_an_alternative_file_is_as_good(tmp_path: Path) -> None:
    """Fetch nothing where the file that stands in for it lies."""
    (tmp_path / "other.csv").write_bytes(MOTES)
    fetch([Download("data.csv", "http://127.0.0.1:9/data.csv", DIGEST, instead="other.csv")], tmp_path)
    assert not (tmp_path / "data.csv").exists()


def test_every_public_address_is_pinned() -> None:
    """Hold each download to https and a whole sha256, and each GitHub address to a commit."""
    downloads = [item for source in SOURCES.values() for item in source.downloads]
    assert len(downloads) == 9
    for item in downloads:
        assert item.address.startswith("https://")
        assert len(item.sha256) == 64
        assert any(len(part.removesuffix(".tar.gz")) == 40 for part in item.address.split("/"))
        int(item.sha256, 16)
