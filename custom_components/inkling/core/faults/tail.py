"""Thresholds: the tail of a score's own history, extrapolated to the false alarms that were asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..units import Role
from .table import SCORES, Score

BLOCK_HOURS = 6
BLOCKS = 112
BLOCKS_A_DAY = 24 // BLOCK_HOURS
# A home whose every block was scored at random would still see this: dwell and witnesses make most crossings harmless.
_HARMLESS_SHARE = 5.0
_PRIOR_BLOCKS = 6.0
# People make these as they please: tomorrow's kettle is no fault of the plug.
RESTLESS = {Role.ILLUMINANCE: 2.0, Role.SOUND: 2.0, Role.CO2: 1.4}
_LIVELY = (Score.SPIKE, Score.SPIKES, Score.NOISE, Score.NOISE_LONG, Score.JUMP)
_DOUBT_BLOCKS = 2.0
_LIFT_AT_FALSE_ALARM = 1.6
Floats = NDArray[np.float32]


class Tail:
    """The largest value of each score in each six hours, and the thresholds drawn from them."""

    def __init__(self, roles: Sequence[Role], false_alarms_per_year: float, shares: Sequence[float]) -> None:
        """Begin with nothing known of signals of these roles; shares (signals,) divide the false alarms among them."""
        count = len(roles)
        factor = np.array([RESTLESS.get(role, 1.0) for role in roles]).reshape(count, 1)
        self._restless = np.where(np.isin(list(Score), _LIVELY), factor, 1.0)
        shape = (count, len(SCORES))
        self.maxima = np.full((*shape, BLOCKS), np.nan, dtype=np.float32)
        self.current = np.full(shape, np.nan, dtype=np.float32)
        self.lift = np.ones(shape, dtype=np.float32)
        """How much further than usual a threshold stands: what users called false alarms."""
        self.usual = np.full(shape, np.nan, dtype=np.float32)
        self.reach = np.full(shape, np.inf, dtype=np.float32)
        """How far from `usual` the threshold stands."""
        self.blocks = np.zeros(count, dtype=np.int64)
        own = false_alarms_per_year * np.array(shares, dtype=np.float64) / max(sum(shares), 1e-9)
        blocks_a_year = 365.0 * BLOCKS_A_DAY * len(SCORES)
        self._chance = np.clip(_HARMLESS_SHARE * own / blocks_a_year, 1e-12, 0.2)[:, None]
        self._floor = np.array([score.floor for score in SCORES], dtype=np.float32)
        self._least = np.array([score.least for score in SCORES], dtype=np.float32)
        self._most = np.array([score.most for score in SCORES], dtype=np.float32)
        self._spread = np.array([score.spread for score in SCORES], dtype=np.float32)

    def note(self, scores: Floats) -> None:
        """Take scores (signals, scores) into the open block."""
        np.fmax(self.current, scores, out=self.current)

    def close_block(self, is_clean: NDArray[np.bool_]) -> None:
        """End the block: only signals that are well (signals,) add to their history; then draw the thresholds."""
        self.maxima[is_clean, :, :-1] = self.maxima[is_clean, :, 1:]
        self.maxima[is_clean, :, -1] = self.current[is_clean]
        self.blocks = np.minimum(self.blocks + (is_clean & ~np.all(np.isnan(self.current), axis=1)), BLOCKS)
        self.current[:] = np.nan
        self.draw()

    def draw(self) -> None:
        """Draw every threshold from what is kept."""
        ordered = np.sort(self.maxima, axis=2)
        known = np.sum(~np.isnan(ordered), axis=2)
        middle = np.maximum(known - 1, 0) // 2
        self.usual = np.take_along_axis(ordered, middle[:, :, None], axis=2)[:, :, 0]
        above = np.where(ordered > self.usual[:, :, None], ordered - self.usual[:, :, None], 0.0)
        upper = np.maximum(known - 1 - middle, 0)
        spread = (above.sum(axis=2) + _PRIOR_BLOCKS * self._spread) / (upper + _PRIOR_BLOCKS)
        top = np.take_along_axis(ordered, np.maximum(known - 1, 0)[:, :, None], axis=2)[:, :, 0] - self.usual
        # A handful of blocks has not seen what is usual, whatever its spread.
        doubt = 1.0 + _DOUBT_BLOCKS / np.maximum(known, 1)
        reach = np.minimum(spread * -np.log(self._chance), top + self._most) * doubt
        reach = np.maximum(reach, top + spread)
        reach = np.maximum(reach, self._floor)
        reach = np.maximum(reach, self._least - self.usual)
        self.reach = np.where(known > 0, reach * self.lift * self._restless, np.inf).astype(np.float32)

    def excess(self, scores: Floats) -> Floats:
        """Return how far scores (signals, scores) are from usual in units of their thresholds: 1 is at it."""
        with np.errstate(invalid="ignore"):
            found = (scores - self.usual) / self.reach
        return np.where(np.isfinite(found), found, np.float32(0.0))

    def raise_threshold(self, row: int, score: int) -> None:
        """Remember that an alarm was false."""
        self.lift[row, score] *= _LIFT_AT_FALSE_ALARM
        self.draw()

    def forget(self, row: int) -> None:
        """Begin a signal's normal anew, as after a repair."""
        self.maxima[row] = np.nan
        self.current[row] = np.nan
        self.lift[row] = 1.0
        self.blocks[row] = 0
        self.draw()
