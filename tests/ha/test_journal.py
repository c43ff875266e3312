"""A snapshot and its lines, with every file that can be torn, false, missing or of another time."""

from collections.abc import Callable
from contextlib import nullcontext
import json
import os
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from custom_components.inkling import journal as journal_module
from custom_components.inkling.journal import Damage, FalseContentError, Journal, NewerVersionError


class Reader:
    """Takes snapshots and lines as they are, but for those that say they are false."""

    def __init__(self) -> None:
        """Know nothing."""
        self.read: list[Any] = []

    def take_snapshot(self, content: bytes) -> None:
        """Begin with a snapshot."""
        if content == b"false":
            raise FalseContentError
        self.read = json.loads(content)

    def take_line(self, content: object) -> None:
        """Add a line."""
        if content == "false":
            raise FalseContentError
        self.read.append(content)


def load(path: Path) -> tuple[Journal, list[Any]]:
    """Return a journal and what it reads."""
    journal, reader = Journal(path), Reader()
    journal.load(reader.take_snapshot, reader.take_line)
    return journal, reader.read


def write(path: Path, *batches: int) -> Journal:
    """Write numbers from 0 on: after each batch a snapshot of all before the last batch, whose lines stay."""
    journal, _ = load(path)
    journal.compact(b"[]")
    numbers: list[int] = []
    for batch in batches:
        if numbers:
            journal.compact(json.dumps(numbers).encode())
        for _ in range(batch):
            numbers.append(len(numbers))
            journal.append(numbers[-1])
    return journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a store's files lie."""
    return tmp_path / "folder" / "learned"


def beside(path: Path, suffix: str) -> Path:
    """Return a file beside the snapshot."""
    return path.with_name(f"{path.name}.{suffix}")


def test_empty_store_begins(path: Path) -> None:
    """Find nothing, ask for a first snapshot, and find no damage in that."""
    journal, read = load(path)
    assert (read, journal.must_compact, journal.damage) == ([], True, set())
    write(path, 3)
    journal, read = load(path)
    assert (read, journal.number, journal.lines, journal.must_compact) == ([0, 1, 2], 3, 3, False)


def test_snapshot_and_lines(path: Path) -> None:
    """Read the newest snapshot and only the lines after it."""
    write(path, 2, 3, 2)
    journal, read = load(path)
    assert read == list(range(7))
    assert (journal.number, journal.lines) == (7, 2)
    assert journal.journal_bytes == beside(path, "journal").stat().st_size


def test_torn_line_is_left(path: Path) -> None:
    """Drop the half of a line that a kill leaves, call it no damage, and write nothing behind it."""
    write(path, 3)
    lines = beside(path, "journal")
    whole = lines.read_bytes()
    for size in range(len(whole) - 1, whole[:-1].rindex(b"\n") + 1, -1):
        lines.write_bytes(whole[:size])
        journal, read = load(path)
        assert (read, journal.must_compact, journal.damage) == ([0, 1], True, set())
    journal.compact(b"[0, 1]")
    journal.append("behind")
    assert load(path)[1] == [0, 1, "behind"]


@pytest.mark.parametrize(
    "line",
    [
        b"\0\0\0\n",
        b"2 00000000 1\n",
        b"2 zz 1\n",
        b"x\n",
        b"\xff\n",
        b"2 %08x [\n" % crc32(b"2 ["),
        b"3 %08x 1\n" % crc32(b"3 1"),
        b'2 %08x "false"\n' % crc32(b'2 "false"'),
    ],
)
def test_false_line_ends_reading(path: Path, line: bytes) -> None:
    """Read up to a false line, say that lines were lost, and go on with a fresh snapshot."""
    write(path, 3)
    lines = beside(path, "journal")
    first, _, third = lines.read_bytes().splitlines(keepends=True)
    lines.write_bytes(first + line + third)
    journal, read = load(path)
    assert read == [0]
    assert journal.damage == {Damage.LINES}
    assert journal.must_compact
    journal.compact(b'["fresh"]')
    journal.append("on")
    journal, read = load(path)
    assert (read, journal.damage) == (["fresh", "on"], set())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda _: b"",
        lambda content: b"[]\n" + content,
        lambda content: content.replace(b"[0", b"[8"),
        lambda content: content.replace(b'"number": 2', b'"number": "2"'),
        lambda content: (
            content.split(b"\n")[0]
            .replace(str(crc32(b"[0, 1]")).encode(), str(crc32(b"false")).encode())
            .replace(b'"size": 6', b'"size": 5')
            + b"\nfalse"
        ),
    ],
)
def test_damaged_snapshot_falls_back(path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """Read the snapshot before, and all lines since, so that nothing is lost; keep the damaged file aside."""
    write(path, 2, 3)
    path.write_bytes(spoil(path.read_bytes()))
    journal, read = load(path)
    assert read == list(range(5))
    assert journal.damage == {Damage.SNAPSHOT}
    assert beside(path, "damaged").exists()
    journal.compact(json.dumps(read).encode())
    journal.append(5)
    journal, read = load(path)
    assert (read, journal.damage) == (list(range(6)), set())


def test_lost_snapshots_leave_the_lines(path: Path) -> None:
    """Read the lines that are left where both snapshots are damaged, and say that it is not all."""
    write(path, 2, 3, 2)
    path.write_bytes(b"")
    beside(path, "bak").write_bytes(b"")
    journal, read = load(path)
    assert read == [2, 3, 4, 5, 6]
    assert journal.damage == {Damage.EVERYTHING}


def test_too_long_files_are_none_of_ours(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read no file into memory that is longer than any we write."""
    write(path, 2, 3)
    monkeypatch.setattr(journal_module, "_FILE_LIMIT", 20)
    journal, read = load(path)
    assert (read, journal.damage) == ([], {Damage.EVERYTHING, Damage.LINES})


def test_newer_version_stays_as_it_is(path: Path) -> None:
    """Refuse a later version's files with one sentence, and leave every byte."""
    write(path, 2, 3)
    path.write_bytes(path.read_bytes().replace(b'"version": 1', b'"version": 2'))
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    with pytest.raises(NewerVersionError, match=r"later Inkling \(version 2, known 1\); update Inkling"):
        load(path)
    assert before == {file.name: file.read_bytes() for file in path.parent.iterdir()}


class Broken:
    """Lets some calls to the disk through, then none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
        """Put itself between the journal and the disk."""
        self.steps = steps
        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "mkdir")):
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a call that fails when the steps are used up."""

        def counted(*args: object, **kwargs: object) -> object:
            """Count, then call or fail."""
            self.steps -= 1
            if self.steps < 0:
                raise OSError("no space left")
            return call(*args, **kwargs)

        return counted


@pytest.mark.parametrize("steps", range(8))
def test_every_step_of_a_snapshot_may_be_the_last(path: Path, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Stop after each call to the disk: what is there reads as all of it, now and after the next snapshot."""
    journal = write(path, 2, 3)
    with monkeypatch.context() as patched:
        broken = Broken(patched, steps)
        with nullcontext() if steps >= 7 else pytest.raises(OSError, match="cannot be written"):
            journal.compact(b"[0, 1, 2, 3, 4]")
        assert journal.must_compact == (steps < 7)
        assert (broken.steps >= 0) == (steps >= 7)
    found, read = load(path)
    assert (read, found.damage) == ([0, 1, 2, 3, 4], set())
    journal.compact(b"[0, 1, 2, 3, 4]")
    journal.append(5)
    path.write_bytes(b"")
    assert load(path)[1] == [0, 1, 2, 3, 4, 5]


def test_line_that_fails_is_told_by_the_next_snapshot(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write no line behind one that may be torn."""
    journal = write(path, 2)
    with monkeypatch.context() as patched:
        Broken(patched, 0)
        with pytest.raises(OSError, match="no space"):
            journal.append(2)
    assert journal.must_compact
    journal.compact(b"[0, 1, 2]")
    journal.append(3, sync=False)
    assert load(path)[1] == [0, 1, 2, 3]


def test_unproven_snapshot_replaces_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the old snapshot where the new one does not read back."""
    journal = write(path, 2)
    with monkeypatch.context() as patched:
        patched.setattr(journal_module, "crc32", lambda _: -1)
        patched.setattr(journal_module, "_write_snapshot", lambda file, _: file.write_bytes(b"{}"))
        with pytest.raises(OSError, match="cannot be written"):
            journal.compact(b"[0, 1]")
    assert load(path)[1] == [0, 1]


def test_remove_leaves_nothing(path: Path) -> None:
    """Delete every file of the store and no other."""
    write(path, 2, 3)
    path.write_bytes(b"")
    load(path)
    (path.parent / "stranger").write_text("stays")
    Journal(path).remove()
    assert [file.name for file in path.parent.iterdir()] == ["stranger"]
