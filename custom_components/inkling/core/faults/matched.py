"""Like with like: what an appliance's own past foretells under the same conditions, and how far is too far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LEAST_VALUES = 4
_LEAST_T = 4.0
"""Student's t that a condition's slope must reach; cycles of one day are alike, so that 2 would be luck."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A value's usual level, and its slope along one condition."""

    level: float
    centre: float = 0.0
    slope: float = 0.0

    def of(self, condition: Floats) -> Floats:
        """Return what is expected under conditions (n,); where one is not known, the usual."""
        return self.level + self.slope * np.nan_to_num(condition - self.centre, nan=0.0)


def expect(values: Floats, condition: Floats) -> Expectation:
    """Learn values (n,) along a condition (n,), the slope only where it is there beyond doubt."""
    level = float(np.mean(values))
    known = np.isfinite(condition)
    count = int(known.sum())
    plain = Expectation(level)
    if count <= _LEAST_VALUES or np.ptp(condition[known]) <= 0.0 or np.ptp(values[known]) <= 0.0:
        return plain
    centre = float(np.mean(condition[known]))
    x, y = condition[known] - centre, values[known] - float(np.mean(values[known]))
    r = float(x @ y / np.sqrt((x @ x) * (y @ y)))
    if abs(r) * np.sqrt(count - 2) <= _LEAST_T * np.sqrt(max(1.0 - r * r, 0.0)):
        return plain
    return Expectation(level, centre, float(x @ y) / (float(x @ x) * (1.0 + 1.0 / count)))


FULL_DAYS = 28
"""As many days as an appliance's normal is learned from, and as a margin is stated for."""
_FEW_POWER = 0.7


@dataclass(frozen=True, slots=True)
class Band:
    """What is usual, and how far on either side it ends."""

    usual: float
    below: float
    above: float

    def excess(self, value: float) -> float:
        """Return how far a value lies towards the end of its side: 0 is usual, 1 is the end, whatever the side."""
        gap = value - self.usual
        return gap / self.above if gap >= 0.0 else -gap / self.below


def band(values: Floats, margin: float, least: float, least_below: float | None = None) -> Band:
    """Draw the band of healthy values (n,): the furthest seen and `margin` spreads, never under the least.

    The furthest of few is nearer than that of many, so that few take a wider margin for the same false alarms.
    """
    reach = margin * max(1.0, FULL_DAYS / len(values)) ** _FEW_POWER
    usual = float(np.median(values))
    away = values - usual
    # Both sides lend each other their spread: nine days are few.
    spread = float(np.mean(np.abs(away))) * len(values) / max(len(values) - 1, 1)
    above, below = float(np.max(away)), float(np.max(-away))
    floor = least if least_below is None else least_below
    return Band(usual, max(below + reach * spread, floor), max(above + reach * spread, least))
