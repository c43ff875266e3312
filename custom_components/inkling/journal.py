"""A snapshot and the numbered lines since: killed at any moment, it is read back up to the last whole line.

    NAME           the snapshot: a header in JSON (format, version, number, size, crc32), a line feed, the content
    NAME.bak       the snapshot before it
    NAME.journal   lines `number crc32 json`, one for each batch of changes
    NAME.old       the lines between the two snapshots: with them the older one tells as much as the newer

A line of a number that a snapshot already holds is skipped, so no moment between writing the snapshot and beginning a
new journal is unsafe. Only the standard library, every call blocks, one thread at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
import json
import os
from pathlib import Path
from typing import Any
from zlib import crc32

_FORMAT = "inkling-learned"
_VERSION = 1
_HEADER_LIMIT = 1024
_FILE_LIMIT = 1 << 26
"""No file of this store comes near; one that is larger is none of ours."""


class Damage(StrEnum):
    """What was wrong with the files that were read."""

    SNAPSHOT = "snapshot"
    """The newest snapshot could not be read: the one before it was, with the lines since."""
    EVERYTHING = "everything"
    """No snapshot could be read though there was one."""
    LINES = "lines"
    """Lines after a false one were lost; one torn at the very end is no damage but how a kill looks."""


class NewerVersionError(Exception):
    """The files are of a later version and stay as they are, in one sentence."""


class FalseContentError(ValueError):
    """Raised by a reader whose snapshot or line cannot be what was written."""


class _TornError(Exception):
    """A file or a line is not whole."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What a snapshot's file holds."""

    number: int
    content: bytes


@dataclass(slots=True)
class Journal:
    """The files of one store."""

    path: Path
    number: int = 0
    """The number of the last line, written or read."""
    journal_bytes: int = 0
    lines: int = 0
    """How many lines the journal holds, and how long they are."""
    must_compact: bool = False
    """The journal's end may be torn: nothing may be written behind it."""
    damage: set[Damage] = field(default_factory=set)

    def load(self, take_snapshot: Callable[[bytes], None], take_line: Callable[[Any], None]) -> None:
        """Hand over the newest snapshot that can be read, if any, then every line since.

        Both raise FalseContentError where what they get cannot be; `take_snapshot` is then called with an older one.
        Raise NewerVersionError where a later version wrote the snapshot, OSError where the disk fails.
        """
        base = self._load_snapshot(take_snapshot)
        self.number = 0 if base is None else base
        expected = None if base is None else base + 1
        # All that is in the older one of them is in the newest snapshot.
        for suffix in ("old", "journal") if self.must_compact else ("journal",):
            expected = self._load_lines(suffix, expected, take_line)

    def _load_snapshot(self, take: Callable[[bytes], None]) -> int | None:
        """Hand over a snapshot and return its number, None where none can be read."""
        for path in (self.path, self._beside("bak")):
            try:
                found = _read_snapshot(path)
                take(found.content)
            except FileNotFoundError:
                # A kill between two renames leaves it to the one before.
                self.must_compact |= path == self.path
            except _TornError, FalseContentError:
                self.damage.add(Damage.SNAPSHOT)
                self.must_compact = True
                # Else it would take the place of the good one at the next rename.
                path.replace(path.with_name(f"{path.name}.damaged"))
            else:
                return found.number
        if Damage.SNAPSHOT in self.damage:
            self.damage = {Damage.EVERYTHING}
        return None

    def _load_lines(self, suffix: str, expected: int | None, take: Callable[[Any], None]) -> int | None:
        """Hand over a file's lines from the expected number on; return the number expected next."""
        self.lines, self.journal_bytes = 0, 0
        try:
            for number, size, content in _read_lines(self._beside(suffix)):
                self.number = max(self.number, number)
                self.lines += 1
                self.journal_bytes += size
                if _is_next(number, expected):
                    take(content)
                    expected = number + 1
        except FileNotFoundError:
            pass
        except _TornError:
            self.must_compact = True
        except FalseContentError:
            self.must_compact = True
            self.damage.add(Damage.LINES)
        return expected

    def append(self, content: object, *, sync: bool = True) -> None:
        """Write a line that outlives this process and, with `sync`, the machine.

        After an OSError write a snapshot before the next line.
        """
        self.number += 1
        line = _line(self.number, content)
        path = self._beside("journal")
        is_new = not self.lines
        try:
            with path.open("ab") as stream:
                stream.write(line)
                stream.flush()
                if sync:
                    os.fsync(stream.fileno())
            if is_new:
                _sync_folder(path.parent)
        except OSError:
            self.must_compact = True
            raise
        self.lines += 1
        self.journal_bytes += len(line)

    def compact(self, content: bytes) -> None:
        """Write a snapshot of everything up to the last line, keep the one before, and begin a new journal."""
        temporary = self._beside("tmp")
        try:
            temporary.parent.mkdir(parents=True, exist_ok=True)
            _write_snapshot(temporary, _Snapshot(self.number, content))
            # Proven by reading before the older one moves.
            _read_snapshot(temporary)
            if self.path.exists():
                self.path.replace(self._beside("bak"))
            temporary.replace(self.path)
            _sync_folder(self.path.parent)
            if self._beside("journal").exists():
                self._beside("journal").replace(self._beside("old"))
            _sync_folder(self.path.parent)
        except (OSError, _TornError) as error:
            self.must_compact = True
            raise OSError(f"what was learned cannot be written to {self.path.parent}: {error}") from error
        self.lines, self.journal_bytes, self.must_compact = 0, 0, False

    def set_aside(self) -> None:
        """Rename every file of the store, so that the next load begins anew and a later version may yet have them."""
        for path in (self.path, *map(self._beside, ("bak", "journal", "old"))):
            if path.exists():
                path.replace(path.with_name(f"{path.name}.newer"))

    def remove(self) -> None:
        """Delete every file of the store."""
        self.path.unlink(missing_ok=True)
        aside = ("newer", "bak.newer", "journal.newer", "old.newer")
        for suffix in ("bak", "journal", "old", "tmp", "damaged", "bak.damaged", *aside):
            self._beside(suffix).unlink(missing_ok=True)

    def _beside(self, suffix: str) -> Path:
        """Return the path of a file beside the snapshot."""
        return self.path.with_name(f"{self.path.name}.{suffix}")


def _is_next(number: int, expected: int | None) -> bool:
    """Tell whether a line is the next one and no older; any may be the first where nothing else could be read."""
    if expected is not None and number > expected:
        raise FalseContentError(f"the lines from {expected} to {number} are missing")
    return expected is None or number == expected


def _line(number: int, content: object) -> bytes:
    """Return a numbered line with its checksum."""
    text = json.dumps(content, separators=(",", ":"))
    return f"{number} {crc32(f'{number} {text}'.encode()):08x} {text}\n".encode()


def _read_lines(path: Path) -> Iterator[tuple[int, int, Any]]:
    """Yield each line's number, size and content; raise _TornError at the end of the last whole one.

    What follows a false line in the middle was not torn by a kill: FalseContentError.
    """
    with path.open("rb") as stream:
        if os.fstat(stream.fileno()).st_size > _FILE_LIMIT:
            raise FalseContentError(f"{path} is longer than a journal gets")
        for line in stream:
            try:
                told, checksum, text = line.decode().removesuffix("\n").split(" ", 2)
                is_whole = line.endswith(b"\n") and int(checksum, 16) == crc32(f"{told} {text}".encode())
                number, content = int(told), json.loads(text) if is_whole else None
            except ValueError, RecursionError:
                is_whole = False
            if not is_whole:
                raise FalseContentError("a line is false") if stream.read(1) else _TornError
            yield number, len(line), content


def _read_snapshot(path: Path) -> _Snapshot:
    """Return what a snapshot holds; raise _TornError where it is not what was written."""
    with path.open("rb") as stream:
        try:
            header = json.loads(stream.readline(_HEADER_LIMIT))
            if header["format"] == _FORMAT and header["version"] > _VERSION:
                raise NewerVersionError(
                    f"{path} was written by a later Inkling (version {header['version']}, known {_VERSION}); "
                    "update Inkling, or move the file away to begin anew"
                )
            sizes = header["number"], header["size"], header["crc32"]
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise _TornError from error
        if os.fstat(stream.fileno()).st_size > _FILE_LIMIT:
            raise _TornError
        content = stream.read()
    if sizes[1:] != (len(content), crc32(content)) or not isinstance(sizes[0], int):
        raise _TornError
    return _Snapshot(sizes[0], content)


def _write_snapshot(path: Path, snapshot: _Snapshot) -> None:
    """Write a file that lasts."""
    header = {
        "format": _FORMAT,
        "version": _VERSION,
        "number": snapshot.number,
        "size": len(snapshot.content),
        "crc32": crc32(snapshot.content),
    }
    with path.open("wb") as stream:
        stream.write(json.dumps(header).encode() + b"\n" + snapshot.content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Make renames and new files in a folder last."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
