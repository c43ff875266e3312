"""Write a trace's events as they come, in time order, without holding them."""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import lru_cache
import gzip
import io
from pathlib import Path
from types import TracebackType
from typing import Self

from .trace import EVENT_COLUMNS, TraceError

_MINUTE_MICROSECONDS = 60_000_000
# Level 4 writes twice as fast as the usual 6 and one part in ten larger.
_GZIP_LEVEL = 4
_LINES_A_WRITE = 16_384


@lru_cache(maxsize=65_536)
def csv_cell(text: str) -> str:
    """Return a CSV cell, quoted where it must be."""
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in ',"\r\n') else text


class EventWriter:
    """`events.csv.gz` under a temporary name; it takes its own name only when all went well."""

    def __init__(self, folder: Path, zone: tzinfo) -> None:
        """Open the file; `zone` is that of the times to be written."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "events.csv.gz"
        self._part = folder / "events.csv.gz.part"
        self._raw = self._part.open("wb")
        # No name and a fixed time in the header: the same events give the same bytes.
        self._gzip = gzip.GzipFile("", "wb", _GZIP_LEVEL, self._raw, mtime=0)
        self._buffer = io.BufferedWriter(self._gzip, 1 << 20)
        self._zone = zone
        self._minute = -1
        self._before = self._after = ""
        self._lines = [",".join(EVENT_COLUMNS) + "\n"]
        self.count = 0

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file, or drop it when something failed."""
        if kind is None:
            self._flush()
        self._buffer.close()
        self._raw.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink()

    def write(self, t: float, signal_cell: str, state: str) -> None:
        """Add one event: epoch seconds, the signal's id as a CSV cell, the state's text."""
        minute, rest = divmod(round(t * 1e6), _MINUTE_MICROSECONDS)
        if minute != self._minute:
            self._turn_to(minute)
        second, micro = divmod(rest, 1_000_000)
        self._lines.append(f"{self._before}{second:02}.{micro:06}{self._after},{signal_cell},{csv_cell(state)}\n")
        self.count += 1
        if len(self._lines) >= _LINES_A_WRITE:
            self._flush()

    def _turn_to(self, minute: int) -> None:
        """Remember how a minute's times begin and end: dates and zones are slow, and many events share theirs."""
        self._minute = minute
        try:
            text = datetime.fromtimestamp(minute * 60, self._zone).isoformat()
        except (ValueError, OverflowError, OSError) as err:
            raise TraceError(f"a state is dated {minute * 60} seconds after 1970, which no calendar has") from err
        self._before, self._after = text[:17], text[19:]

    def _flush(self) -> None:
        """Write the lines that wait."""
        self._buffer.write("".join(self._lines).encode())
        self._lines.clear()
