"""What the watch has learned, on the disk: bytes that are whole or not there; every call blocks."""

import os
from pathlib import Path

# Five thousand signals, the most a state may hold, take less.
_FILE_LIMIT = 1 << 29


class FaultFile:
    """One file, replaced as a whole."""

    def __init__(self, path: Path) -> None:
        """Know where it lies; nothing is read yet."""
        self._path = path

    def read(self) -> bytes | None:
        """Return what was written, None when nothing was; raise OSError where the disk fails."""
        try:
            with self._path.open("rb") as stream:
                if os.fstat(stream.fileno()).st_size > _FILE_LIMIT:
                    return b""
                return stream.read()
        except FileNotFoundError:
            return None

    def write(self, data: bytes) -> None:
        """Write under another name, then rename: a kill leaves the old file or the new one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{self._path.name}.tmp")
        with beside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(self._path)

    def set_aside(self) -> None:
        """Keep a file that is refused, since whoever looks for the reason needs it."""
        self._path.replace(self._path.with_name(f"{self._path.name}.damaged"))

    def remove(self) -> None:
        """Delete all of it."""
        for suffix in ("", ".tmp", ".damaged"):
            self._path.with_name(f"{self._path.name}{suffix}").unlink(missing_ok=True)
