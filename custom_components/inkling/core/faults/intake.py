"""The half that lives on the event loop: each reading is added to its signal's open bin, nothing is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
import math

import numpy as np
from numpy.typing import NDArray

from ..sample import read_value
from ..units import ROLE_SPECS, Role, convert
from .classes import WatchedSignal

BIN_SECONDS = 300
# A worker that is late takes what was kept; a home that was not looked at for a day begins anew.
MAX_CLOSED_BINS = 288
_MAX_GAP_FOR_DIFFERENCE_SECONDS = 7200.0
# Air anywhere holds 420 ppm; the role's limit is wide because a reading beyond it is dropped.
_LOWEST = {Role.CO2: 300.0}
_GONE = frozenset({"unavailable", "unknown", "none", ""})


class Field(IntEnum):
    """The columns of a bin."""

    COUNT = 0
    MEAN = 1
    """Mean of the readings; of a binary signal the share of the bin that it was on."""
    LOW = 2
    HIGH = 3
    LAST = 4
    CHANGES = 5
    BACK = 6
    """Sum of there-and-back movement: what a reading stands out of the two around it."""
    BACK_MAX = 7
    JUMP = 8
    """The largest single change, with its sign."""
    STEP = 9
    """The smallest change that is not zero; infinite without one."""
    DROPS = 10
    """Times it became unavailable."""
    BAD = 11
    """Readings that cannot be true."""
    BAD_VALUE = 12
    """The last of those."""


FIELDS = len(Field)
Row = tuple[int, int, tuple[float, ...]]
"""Signal, number of the bin since 1970, its columns."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What the loop hands the worker: closed bins, and each signal's newest state, shapes (signals,)."""

    now: float
    rows: tuple[Row, ...]
    reported: NDArray[np.float64]
    """When it last reported anything but its absence; NaN when never."""
    changed: NDArray[np.float64]
    """When its value last changed."""
    value: NDArray[np.float64]
    """Its newest value, NaN while it is unavailable."""


def raw_value(role: Role, text: str, unit: str | None = None) -> float | None:
    """Return a state's number in the role's unit even where it cannot be true, NaN when gone, None for no news."""
    value = read_value(role, text, unit)
    if value is not None:
        return value
    word = text.strip().lower()
    if word in _GONE:
        return math.nan
    try:
        number = float(word)
    except ValueError:
        return None
    # What is not finite in a state is no number that a sensor measured.
    return convert(role, number, unit) if math.isfinite(number) else math.nan


def limits(signal: WatchedSignal) -> tuple[float, float]:
    """Return between which values a reading of a signal may be true."""
    spec = ROLE_SPECS[signal.role]
    return _LOWEST.get(signal.role, spec.low), spec.high


class _Pen:
    """One signal's open bin; plain attributes, because this runs at every reading."""

    __slots__ = (
        "back",
        "back_max",
        "bad",
        "bad_value",
        "before",
        "bin",
        "changed",
        "changes",
        "count",
        "drops",
        "high",
        "is_binary",
        "jump",
        "last",
        "low",
        "max_value",
        "min_value",
        "reported",
        "step",
        "total",
        "turned",
    )

    def __init__(self, signal: WatchedSignal) -> None:
        """Begin with nothing known."""
        self.is_binary = signal.is_binary
        self.min_value, self.max_value = limits(signal)
        self.bin = -1
        self.last = self.before = self.reported = self.changed = math.nan
        self.clear(0.0)

    def clear(self, start: float) -> None:
        """Empty the bin that begins at `start` (epoch seconds)."""
        self.count = self.changes = self.drops = self.bad = 0
        self.total = self.back = self.back_max = self.jump = 0.0
        self.low = self.step = math.inf
        self.high = -math.inf
        self.bad_value = math.nan
        self.turned = start

    def row(self, end: float) -> tuple[float, ...]:
        """Return the bin's columns as of its end (epoch seconds)."""
        if self.is_binary:
            share = (self.total + (end - self.turned) * (self.last == 1.0)) / BIN_SECONDS
            mean, low, high = share, float(share >= 1.0), float(share > 0.0)
        else:
            mean = self.total / self.count if self.count else self.last
            low, high = (self.low, self.high) if self.count else (self.last, self.last)
        return (
            self.count, mean, low, high, self.last, self.changes, self.back, self.back_max,
            self.jump, self.step, self.drops, self.bad, self.bad_value,
        )  # fmt: skip

    def add(self, t: float, value: float) -> None:
        """Add a reading at `t` (epoch seconds)."""
        if value != value:  # noqa: PLR0124 - NaN; a call would cost more than all the rest
            self._lose(t)
        elif self.min_value <= value <= self.max_value:
            self._take(t, value)
        else:
            self.bad += 1
            self.bad_value = value
            self.reported = t

    def _lose(self, t: float) -> None:
        """Note that the signal became unavailable; nothing is compared across the gap."""
        if self.last == self.last:
            self.drops += 1
            if self.is_binary:
                self.total += (t - self.turned) * self.last
                self.turned = t
            self.last = self.before = math.nan

    def _take(self, t: float, value: float) -> None:
        """Add a reading that may be true."""
        last = self.last
        if t - self.reported > _MAX_GAP_FOR_DIFFERENCE_SECONDS:
            self.before = math.nan
        self.reported = t
        self.count += 1
        if self.is_binary:
            self.total += (t - self.turned) * (last == 1.0)
            self.turned = t
            if value != last:
                # What is back from an outage did not turn on.
                self.changes += last == last  # noqa: PLR0124
                self.last, self.changed = value, t
            return
        self.total += value
        self.low = min(self.low, value)
        self.high = max(self.high, value)
        if value != last:
            self._move(t, value, last)
        self.before, self.last = last, value

    def _move(self, t: float, value: float, last: float) -> None:
        """Note a change of a number."""
        self.changed = t
        self.changes += 1
        difference = value - last
        size = abs(difference)
        # Comparisons with NaN are false: nothing is noted where there was nothing before.
        if size > abs(self.jump):
            self.jump = difference
        self.step = min(self.step, size) if size == size else self.step  # noqa: PLR0124
        earlier = last - self.before
        if earlier * difference < 0.0:
            back = min(abs(earlier), size)
            self.back += back
            self.back_max = max(self.back_max, back)


class Intake:
    """Takes the readings of all watched signals on the loop; `index` is a signal's place among them."""

    def __init__(self, signals: Sequence[WatchedSignal]) -> None:
        """Begin with empty bins."""
        self._pens = [_Pen(signal) for signal in signals]
        self._closed: list[Row] = []
        self._most_rows = MAX_CLOSED_BINS * max(len(signals), 1)

    def append(self, index: int, t: float, value: float) -> None:
        """Add a reading: epoch seconds, a number in the role's unit or NaN while unavailable; O(1)."""
        pen = self._pens[index]
        number = int(t // BIN_SECONDS)
        if number > pen.bin:
            self._close(index, pen, number)
        # A clock that was set back fills the open bin; a reading is never lost to it.
        pen.add(t, value)

    def _close(self, index: int, pen: _Pen, number: int) -> None:
        """Hand on a bin that ended and open the one with this number."""
        if pen.bin >= 0 and (pen.count or pen.drops or pen.bad):
            end = float((pen.bin + 1) * BIN_SECONDS)
            self._closed.append((index, pen.bin, pen.row(end)))
            if len(self._closed) > self._most_rows:
                del self._closed[: self._most_rows // 2]
        pen.bin = number
        pen.clear(float(number * BIN_SECONDS))

    def drain(self, now: float) -> Batch:
        """Return what closed since the last call and where every signal stands at `now` (epoch seconds)."""
        number = int(now // BIN_SECONDS)
        for index, pen in enumerate(self._pens):
            if pen.bin < number:
                self._close(index, pen, number)
        rows, self._closed = tuple(self._closed), []
        heads = np.array([(pen.reported, pen.changed, pen.last) for pen in self._pens], dtype=np.float64).reshape(-1, 3)
        return Batch(now, rows, heads[:, 0], heads[:, 1], heads[:, 2])
