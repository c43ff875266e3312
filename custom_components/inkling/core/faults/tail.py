"""Thresholds: the tail of a score's own history, extrapolated to the false alarms that were asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..units import Role
from .peers import SEEING
from .table import SCORES, Score

BLOCK_HOURS = 6
BLOCKS = 112
BLOCKS_A_DAY = 24 // BLOCK_HOURS
# A home whose every block was scored at random would still see this: dwell and witnesses make most crossings harmless.
_HARMLESS_SHARE = 5.0
_PRIOR_BLOCKS = 6.0
# Who opens a door, or breathes on it, moves carbon dioxide at once, and no other room's tells of it.
_BREATH = {Score.JUMP: 1.4, Score.BIAS: 3.0, Score.DRIFT: 3.0}
_BASE_SHARE = 0.25
_COUNTED = (Score.SPIKES, Score.NOISE, Score.NOISE_LONG)
MOST_SCARCITY = 3.0
# From then on what is beyond a threshold, but not told, moves it by no more than to where it stands.
_SETTLED_BLOCKS = 28
# What comes over hours or days must not teach that it is normal while it comes.
_DOUBTED_BLOCKS, _DOUBTED_PART = 8, 4
_GRADUAL = (Score.ON, Score.MISSED, Score.FEWER, Score.ALONE, Score.APART, Score.DRIFT)
_DOUBT_BLOCKS = 2.0
_LIFT_AT_FALSE_ALARM = 1.6
Floats = NDArray[np.float32]


class Tail:
    """The largest value of each score in each six hours, and the thresholds drawn from them."""

    def __init__(self, roles: Sequence[Role], false_alarms_per_year: float, shares: Sequence[float]) -> None:
        """Begin with nothing known of signals of these roles; shares (signals,) divide the false alarms among them."""
        count = len(roles)
        breathes = np.array([role is Role.CO2 for role in roles], dtype=bool).reshape(count, 1)
        factors = np.array([_BREATH.get(score, 1.0) for score in Score])
        self._restless = np.where(breathes, factors, 1.0)
        shape = (count, len(SCORES))
        self.maxima = np.full((*shape, BLOCKS), np.nan, dtype=np.float32)
        self.current = np.full(shape, np.nan, dtype=np.float32)
        self.lift = np.ones(shape, dtype=np.float32)
        """How much further than usual a threshold stands: what users called false alarms."""
        self.usual = np.full(shape, np.nan, dtype=np.float32)
        self.highest = np.full(shape, np.nan, dtype=np.float32)
        self.reach = np.full(shape, np.inf, dtype=np.float32)
        """How far from `usual` the threshold stands."""
        self.blocks = np.zeros(count, dtype=np.int64)
        self.scarcity = np.ones((count, 1))
        """How much less a count of few readings tells, 1 for a reading each five minutes or more."""
        self._gradual = np.array(sorted(_GRADUAL))
        self._is_gradual = np.isin(list(Score), self._gradual)
        self._is_slow = np.arange(len(SCORES)) == Score.DRIFT
        self._is_counted = np.isin(list(Score), _COUNTED)
        own = false_alarms_per_year * np.array(shares, dtype=np.float64) / max(sum(shares), 1e-9)
        blocks_a_year = 365.0 * BLOCKS_A_DAY * len(SCORES)
        self._chance = np.clip(_HARMLESS_SHARE * own / blocks_a_year, 1e-12, 0.2)[:, None]
        self._floor = np.array([score.floor for score in SCORES], dtype=np.float32)
        self._least = np.array([score.least for score in SCORES], dtype=np.float32)
        self._most = np.array([score.most for score in SCORES], dtype=np.float32)
        sees = np.array([role in SEEING for role in roles]).reshape(count, 1)
        self._enough = np.where(
            sees, np.array([score.enough for score in SCORES], dtype=np.float32), np.float32(np.inf)
        )
        self._spread = np.array([score.spread for score in SCORES], dtype=np.float32)

    def note(self, scores: Floats) -> None:
        """Take scores (signals, scores) into the open block."""
        np.fmax(self.current, scores, out=self.current)

    def close_block(self, is_clean: NDArray[np.bool_]) -> None:
        """End the block: only signals that are well (signals,) add to their history; then draw the thresholds."""
        settled = np.sum(~np.isnan(self.maxima), axis=2) >= _SETTLED_BLOCKS
        limit = np.where(self._is_slow, self.highest, self.usual + self.reach)
        self.current = np.where(settled & (self.current > limit), limit, self.current)
        # Who turns out to be ill was so for a while.
        ill = np.flatnonzero(~is_clean)
        self.maxima[ill[:, None], self._gradual, -_DOUBTED_BLOCKS:] = np.nan
        self.maxima[is_clean, :, :-1] = self.maxima[is_clean, :, 1:]
        self.maxima[is_clean, :, -1] = self.current[is_clean]
        self.blocks = np.minimum(self.blocks + (is_clean & ~np.all(np.isnan(self.current), axis=1)), BLOCKS)
        self.current[:] = np.nan
        self.draw()

    def learn_cadence(self, a_bin: Floats) -> None:
        """Take over how many readings of each signal (signals,) come in five minutes."""
        self.scarcity[:, 0] = np.clip(1.0 / np.sqrt(np.maximum(a_bin, 1e-9)), 1.0, MOST_SCARCITY)

    def draw(self) -> None:
        """Draw every threshold from what is kept."""
        doubted = np.minimum(_DOUBTED_BLOCKS, self.blocks // _DOUBTED_PART)
        is_new = np.arange(BLOCKS) >= BLOCKS - doubted[:, None]
        is_new = is_new[:, None, :] & self._is_gradual[:, None]
        ordered = np.sort(np.where(is_new, np.float32(np.nan), self.maxima), axis=2)
        known = np.sum(~np.isnan(ordered), axis=2)
        last = np.maximum(known - 1, 0)
        self.usual, base, self.highest = (_at(ordered, place) for place in (last // 2, 3 * last // 4, last))
        # Nights and days are two normals: only what lies beyond most of both tells how far the tail goes.
        above = np.where(ordered > base[:, :, None], ordered - base[:, :, None], 0.0)
        scarce = np.where(self._is_counted, self.scarcity, 1.0)
        prior = _PRIOR_BLOCKS * self._spread * scarce
        spread = (above.sum(axis=2) + prior) / (last - 3 * last // 4 + _PRIOR_BLOCKS)
        top = self.highest - self.usual
        # A handful of blocks has not seen what is usual, whatever its spread.
        doubt = 1.0 + _DOUBT_BLOCKS / np.maximum(known, 1)
        reach = base - self.usual + spread * np.log(_BASE_SHARE / self._chance) * doubt
        reach = np.maximum(np.minimum(reach, top + self._most * doubt * scarce), top + spread * scarce)
        reach = np.maximum(reach, self._floor * scarce)
        reach = np.minimum(reach, np.maximum(top + self._floor, self._enough - self.usual))
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


def _at(ordered: Floats, place: NDArray[np.int64]) -> Floats:
    """Return the value at a place of each history, shape (signals, scores)."""
    found: Floats = np.take_along_axis(ordered, place[:, :, None], axis=2)[:, :, 0]
    return found
