"""Fetch a public data set from its address; a file counts only when its sha256 is the pinned one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import hashlib
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from ..progress import progress
from ..trace import TraceError

_CHUNK_BYTES = 2**18
_TIMEOUT_SECONDS = 60.0
# The largest set is 20 MB; a server that sends without end must not fill the disk.
_MAX_BYTES = 2**28


def file_digest(path: Path) -> str:
    """Return a file's sha256."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Download:
    """A file of a data set: its name here, where it lies, and the pinned digest of what `digest` looks at."""

    name: str
    address: str
    sha256: str
    digest: Callable[[Path], str] = file_digest
    instead: str = ""
    """Another file that holds as much."""

    def is_in(self, folder: Path) -> bool:
        """Return whether a folder has the file, or what stands in for it."""
        return any((folder / name).is_file() for name in (self.name, self.instead) if name)


def fetch(downloads: Iterable[Download], folder: Path) -> None:
    """Fetch what is not there yet into a folder, each file whole and verified or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for item in downloads:
        if not item.is_in(folder):
            _fetch_one(item, folder / item.name)


def _fetch_one(item: Download, path: Path) -> None:
    """Fetch one file under a temporary name, verify it, and give it its name."""
    temporary = path.with_name(f"{path.name}.part")
    try:
        _stream(item.address, temporary)
        found = item.digest(temporary)
        if found != item.sha256:
            raise TraceError(
                f"{item.address} is not the file that was measured (sha256 {found}, not {item.sha256}): "
                f"get the original and put it at {path}"
            )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _stream(address: str, path: Path) -> None:
    """Write what an address serves to a file, with a bar."""
    if urlsplit(address).scheme not in ("http", "https"):
        raise TraceError(f"{address} is no web address")
    done = 0
    try:
        with urlopen(address, timeout=_TIMEOUT_SECONDS) as answer, path.open("wb") as target:  # noqa: S310 - checked above
            length = answer.headers.get("Content-Length", "")
            with progress(f"fetching {path.name[:-5]}", float(length) if length.isdecimal() else None) as move:
                while chunk := answer.read(_CHUNK_BYTES):
                    done += len(chunk)
                    if done > _MAX_BYTES:
                        raise TraceError(f"{address} sends more than {_MAX_BYTES >> 20} MiB: it is not the data set")
                    target.write(chunk)
                    move(done)
    except (OSError, HTTPException) as err:
        raise TraceError(f"{address} cannot be fetched ({err}): get it by hand and put it at {path.parent}") from err
