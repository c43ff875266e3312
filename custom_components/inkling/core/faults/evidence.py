"""The two numbers of an alarm: what was to be expected and what is seen, in a unit a person reads."""

from __future__ import annotations

import math

import numpy as np

from .bank import EXPECTED, Bank
from .intake import BIN_SECONDS, Field
from .naming import level_change
from .table import Score


def expected_and_seen(bank: Bank, row: int, score: Score) -> tuple[float, float]:
    """Return what a score compares: minutes, counts, hours or the role's unit, as its name says; NaN where unknown."""
    if score in (Score.JUMP, Score.BIAS, Score.DRIFT):
        return level_change(bank, row, score)
    if score is Score.BAD:
        bad = bank.fine[Field.BAD_VALUE, row]
        known = bad[~np.isnan(bad)]
        return float(bank.value[row]), float(known[-1]) if len(known) else math.nan
    if score in (Score.MISSED, Score.FEWER):
        return float(np.nansum(bank.fine[EXPECTED, row])), float((bank.fine[Field.HIGH, row] > 0.0).sum())
    if score in (Score.GONE, Score.SILENCE, Score.RUN, Score.ON):
        since = bank.reported[row] if score in (Score.GONE, Score.SILENCE) else bank.changed[row]
        return math.nan, float(((bank.number + 1) * BIN_SECONDS - since) / 60.0)
    return math.nan, math.nan
