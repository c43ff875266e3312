"""What was learned, on the disk: a second copy, which only the worker knows, follows the same events and is written."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from .core.learned import Event, Learned, LearnedError
from .journal import Damage, FalseContentError, Journal

LINES_LIMIT = 1440
"""Half a day of half minutes: a snapshot twice a day costs less than the lines between."""
JOURNAL_BYTES_LIMIT = 1 << 20


class LearnedFile:
    """Blocking calls for a worker, one at a time whoever asks."""

    def __init__(self, path: Path, journal: type[Journal] = Journal) -> None:
        """Know where the files lie; nothing is read yet."""
        self._journal = journal(path)
        self._kept = Learned()
        self._lock = Lock()

    @property
    def damage(self) -> frozenset[Damage]:
        """Return what was wrong with the files when they were read."""
        return frozenset(self._journal.damage)

    def load(self) -> Learned:
        """Read everything and return a copy for the loop.

        Raise NewerVersionError where a later version wrote it, OSError where the disk fails.
        """
        with self._lock:
            self._journal.load(self._take_snapshot, self._take_line)
            return Learned.from_bytes(self._kept.to_bytes())

    def _take_snapshot(self, content: bytes) -> None:
        """Begin with what a snapshot holds."""
        try:
            self._kept = Learned.from_bytes(content)
        except LearnedError as error:
            raise FalseContentError from error

    def _take_line(self, content: Any) -> None:  # noqa: ANN401 - whatever a file held
        """Let the events of a line happen."""
        if not isinstance(content, list):
            raise FalseContentError
        try:
            for event in content:
                self._kept.apply(event)
        except (LearnedError, TypeError) as error:
            raise FalseContentError from error

    def write(self, events: Sequence[Event], *, sync: bool = True) -> None:
        """Make events outlive this process and, with `sync`, the machine; after an OSError the next call does."""
        with self._lock:
            for event in events:
                self._kept.apply(event)
            journal = self._journal
            if journal.must_compact or journal.lines >= LINES_LIMIT or journal.journal_bytes >= JOURNAL_BYTES_LIMIT:
                journal.compact(self._kept.to_bytes())
            else:
                journal.append(events, sync=sync)

    def close(self) -> None:
        """Write one snapshot of everything, so that the next start has no lines to read."""
        with self._lock:
            if self._journal.lines or self._journal.must_compact:
                self._journal.compact(self._kept.to_bytes())

    def set_aside(self) -> None:
        """Rename the files."""
        with self._lock:
            self._journal.set_aside()

    def remove(self) -> None:
        """Delete the files."""
        with self._lock:
            self._journal.remove()
