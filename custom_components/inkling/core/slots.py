"""A room's past in quarters of an hour of UTC, and the days of the home's calendar."""

from __future__ import annotations

from dataclasses import dataclass
import math
import struct
from typing import TYPE_CHECKING
import zlib

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLOT_SECONDS = 900.0
SLOTS_PER_DAY = 96
WEEKS_KEPT = 20

_KEPT = WEEKS_KEPT * 7 * SLOTS_PER_DAY
_WIDTH = int(SLOT_SECONDS)
_FULL = 250
"""The byte of a slot that was occupied throughout; what lies between it and `_UNKNOWN` is never written."""
_UNKNOWN = 255
_OPEN_LIMIT = 8
"""So many slots are kept by the second: what comes late by less than two hours still finds its place."""
_LATEST_SECONDS = 253_402_300_800
"""The end of the year 9999: no clock that says more is believed."""
_LATEST = _LATEST_SECONDS // _WIDTH
_DAY_SECONDS = 86_400.0
# Nearly everywhere clocks change at two o'clock or within the hour after it.
_CHANGE_SECONDS = 7_200.0

_VERSION = 1
_HEAD = struct.Struct("<BqHB")
_SECONDS_BYTES = -(-_WIDTH // 8)
_OPEN = struct.Struct(f"<q{_SECONDS_BYTES}s{_SECONDS_BYTES}s")
_SIZE_LIMIT = _HEAD.size + _KEPT + _OPEN_LIMIT * _OPEN.size


class SlotError(ValueError):
    """Kept slots that cannot be read, in one sentence."""


@dataclass(frozen=True, slots=True)
class SlotView:
    """A copy of a room's past up to the last complete slot, which is the last element; it may be empty."""

    first: int
    """Number of the first slot: epoch seconds divided by 900, rounded down."""
    shares: NDArray[np.float32]
    """Occupied share of each slot, shape (n,), 0 to 1, NaN unknown."""


class SlotHistory:
    """What one room was in the last twenty weeks.

    The newest slots are kept by the second, so that a span that is told twice, late or by a clock that was set back
    counts once: each second holds what was said of it last. A slot that leaves them becomes a byte, if half was seen.
    """

    __slots__ = ("_bytes", "_last", "_open")

    def __init__(self) -> None:
        """Know nothing yet."""
        self._bytes = np.full(_KEPT, _UNKNOWN, np.uint8)
        self._last: int | None = None
        self._open: dict[int, tuple[int, int]] = {}
        """By slot, least recently touched first: which seconds are known and which occupied, a bit each."""

    def observe(self, occupied: bool | None, start: float, end: float) -> None:  # noqa: FBT001 - three-valued state
        """Add that a room was in a state from `start` to `end` (epoch seconds); an unknown state adds nothing."""
        if occupied is None or not 0.0 <= start < end <= _LATEST_SECONDS:
            return
        stop = round(end)
        # A machine may start with a clock of years ago: what is said of then must not push out what is open now.
        newest = stop // _WIDTH if self._last is None else max(stop // _WIDTH, self._last)
        begin = max(round(start), (newest - _KEPT + 1) * _WIDTH)
        for slot in range(begin // _WIDTH, -(-stop // _WIDTH)):
            origin = slot * _WIDTH
            self._add(slot, max(begin - origin, 0), min(stop - origin, _WIDTH), occupied=occupied)

    def _add(self, slot: int, begin: int, stop: int, *, occupied: bool) -> None:
        """Set some seconds of a slot, and close the slot that was not touched for longest."""
        known, busy = self._open.pop(slot, (0, 0))
        seconds = (1 << stop) - (1 << begin)
        self._open[slot] = known | seconds, (busy | seconds) if occupied else (busy & ~seconds)
        if len(self._open) > _OPEN_LIMIT:
            oldest = next(iter(self._open))
            value = _byte(*self._open.pop(oldest))
            # What lies ahead of the present was told by a clock that has been set back since.
            if oldest < slot and value != _UNKNOWN:
                self._write(oldest, value)

    def _write(self, slot: int, value: int) -> None:
        """Keep a slot's byte, and let go of what is twenty weeks older."""
        if self._last is None or slot - self._last >= _KEPT:
            self._bytes[:] = _UNKNOWN
            self._last = slot
        elif slot > self._last:
            self._bytes[np.arange(self._last + 1, slot + 1) % _KEPT] = _UNKNOWN
            self._last = slot
        if slot > self._last - _KEPT:
            self._bytes[slot % _KEPT] = value

    def merge(self, first: int, shares: NDArray[np.floating]) -> None:
        """Fill in slots from `first` on with shares of another source, shape (n,), where nothing was observed."""
        limited = np.clip(np.nan_to_num(shares, nan=-1.0), -1.0, 1.0)
        for slot, share in enumerate(limited[-_KEPT:].tolist(), first + max(len(limited) - _KEPT, 0)):
            if share >= 0.0 and 0 <= slot < _LATEST and self._byte_at(slot) == _UNKNOWN:
                self._write(slot, round(share * _FULL))

    def _byte_at(self, slot: int) -> int:
        """Return a slot's byte among the closed ones."""
        if self._last is None or not self._last - _KEPT < slot <= self._last:
            return _UNKNOWN
        return int(self._bytes[slot % _KEPT])

    def view(self, now: float) -> SlotView:
        """Return a copy of what is known of the slots that are complete at `now` (epoch seconds)."""
        stop = math.floor(now / SLOT_SECONDS)
        values = self._closed(stop)
        for slot, seconds in self._open.items():
            value = _byte(*seconds)
            if stop - _KEPT <= slot < stop and value != _UNKNOWN:
                values[slot - stop] = value
        kept = _from_first_known(values)
        shares = np.divide(kept, _FULL, dtype=np.float32)
        shares[kept == _UNKNOWN] = np.nan
        return SlotView(stop - len(kept), shares)

    def _closed(self, stop: int) -> NDArray[np.uint8]:
        """Return the bytes of the closed slots before `stop`, oldest first, shape (slots of twenty weeks,)."""
        values = np.full(_KEPT, _UNKNOWN, np.uint8)
        if self._last is None:
            return values
        # By slices, since this runs on the event loop: an index for each slot takes ten times as long.
        cut = (self._last + 1) % _KEPT
        ordered = np.concatenate((self._bytes[cut:], self._bytes[:cut]))
        ahead = min(max(stop - self._last - 1, -_KEPT), _KEPT)
        values[max(-ahead, 0) : _KEPT - max(ahead, 0)] = ordered[max(ahead, 0) : _KEPT - max(-ahead, 0)]
        return values

    def to_bytes(self) -> bytes:
        """Return all of it packed, the slots that are not complete included."""
        last = -1 if self._last is None else self._last
        kept = _from_first_known(self._closed(last + 1))
        parts = [_HEAD.pack(_VERSION, last, len(kept), len(self._open)), kept.tobytes()]
        for slot, seconds in self._open.items():
            parts.append(_OPEN.pack(slot, *(flags.to_bytes(_SECONDS_BYTES, "little") for flags in seconds)))
        return zlib.compress(b"".join(parts), 9)

    @classmethod
    def from_bytes(cls, packed: bytes) -> SlotHistory:
        """Return what `to_bytes` packed; raise SlotError where it is anything else."""
        plain = _unpacked(packed)
        version, last, count, opened = _HEAD.unpack_from(plain)
        if version != _VERSION:
            raise SlotError(f"the kept slots are of version {version}, not {_VERSION}; update Inkling or forget them")
        if len(plain) != _HEAD.size + count + opened * _OPEN.size or not -1 <= last < _LATEST:
            raise SlotError("the kept slots do not have the size they say they have; forget them or restore a backup")
        found = cls()
        found._take(last, np.frombuffer(plain, np.uint8, count, _HEAD.size))
        for item in _OPEN.iter_unpack(plain[_HEAD.size + count :]):
            found._take_open(*item)
        return found

    def _take(self, last: int, kept: NDArray[np.uint8]) -> None:
        """Take over packed bytes, the newest of them the slot `last`."""
        if np.any((kept > _FULL) & (kept != _UNKNOWN)) or len(kept) > (_KEPT if last >= 0 else 0):
            raise SlotError("the kept slots hold what no room can have been; forget them or restore a backup")
        self._last = last if last >= 0 else None
        self._bytes[np.arange(last - len(kept) + 1, last + 1) % _KEPT] = kept

    def _take_open(self, slot: int, known: bytes, busy: bytes) -> None:
        """Take over a packed slot that is kept by the second."""
        seconds = int.from_bytes(known, "little"), int.from_bytes(busy, "little")
        is_sound = 0 <= slot < _LATEST and seconds[0] >> _WIDTH == 0 and not seconds[1] & ~seconds[0]
        if not is_sound or slot in self._open or len(self._open) == _OPEN_LIMIT:
            raise SlotError("a kept slot holds seconds that cannot be; forget the slots or restore a backup")
        self._open[slot] = seconds


def _byte(known: int, busy: int) -> int:
    """Return the byte for a slot's known and occupied seconds."""
    seconds = known.bit_count()
    return round(busy.bit_count() / seconds * _FULL) if 2 * seconds >= _WIDTH else _UNKNOWN


def _from_first_known(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return bytes without the unknown ones at the front."""
    known = values != _UNKNOWN
    first = int(known.argmax())
    return values[first:] if known[first] else values[:0]


def _unpacked(packed: bytes) -> bytes:
    """Return what was compressed, never more than a history can be; raise SlotError where it is something else."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(packed, _SIZE_LIMIT)
    except zlib.error as error:
        raise SlotError(f"the kept slots cannot be unpacked ({error}); forget them or restore a backup") from error
    if not unpacker.eof or unpacker.unused_data or len(plain) < _HEAD.size:
        raise SlotError("the kept slots are not of a size that Inkling writes; forget them or restore a backup")
    return plain


@dataclass(frozen=True, slots=True)
class Calendar:
    """The home's days: from at least twenty weeks back to two days ahead. Times beyond count to the nearest day."""

    midnights: NDArray[np.float64]
    """Local midnights in epoch seconds, rising, shape (days + 1,)."""
    free: NDArray[np.float32]
    """1 on a free day, 0 on a work day, NaN where nobody knows, shape (days,)."""
    weekdays: NDArray[np.int8]
    """0 on a Monday, shape (days,)."""

    def __post_init__(self) -> None:
        """Refuse days that do not follow each other."""
        days = len(self.midnights) - 1
        if days < 1 or self.free.shape != (days,) or self.weekdays.shape != (days,):
            raise ValueError("a calendar needs one midnight more than it has days, and a kind and a weekday for each")
        if not np.all(np.diff(self.midnights) > 0.0):
            raise ValueError("the midnights of a calendar must rise")

    def day_of(self, times: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the day each time lies in, same shape; times are epoch seconds."""
        found = self.midnights.searchsorted(times, side="right") - 1
        return np.asarray(np.clip(found, 0, len(self.free) - 1), np.int64)

    def slot_of(self, times: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the slot of the local day each time lies in by the clock on the wall, same shape, 0 to 95.

        A day of 23 or 25 hours loses or repeats the hour after two o'clock: that is when clocks change.
        """
        days = self.day_of(times)
        passed = times - self.midnights[days]
        change = _DAY_SECONDS - (self.midnights[days + 1] - self.midnights[days])
        shown = np.where(passed >= _CHANGE_SECONDS, passed + change, passed)
        return np.asarray(np.clip(np.floor(shown / SLOT_SECONDS), 0, SLOTS_PER_DAY - 1), np.int64)
