"""Which kind of failure the pattern of scores tells of: rules, in the order in which one explains the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..units import ROLE_SPECS, Role
from .bank import BINS, EXPECTED, HOURS, Bank
from .classes import FaultClass, WatchedSignal
from .intake import BIN_SECONDS, Field
from .table import GRAIN, SCORES, Score

Floats = NDArray[np.float32]
# An earlier one explains a later one: a sensor that is silent is also steady, one that spikes is also restless.
_FIRST = (Score.BAD, Score.GONE, Score.SILENCE, Score.OUTAGES)
_NUMBERS = frozenset({Score.RUN, Score.SPIKE, Score.SPIKES, Score.NOISE, Score.NOISE_LONG, Score.JUMP, Score.BIAS})
_LEVELS = frozenset({Score.JUMP, Score.BIAS})
_RESTLESS = (Score.SPIKES, Score.NOISE, Score.NOISE_LONG)
_STEPPED = frozenset({Score.RUN, Score.NOISE, Score.NOISE_LONG})
_GRIDDED = _NUMBERS - {Score.BIAS}
_ZERO_IS_NORMAL = frozenset({Role.POWER, Role.ILLUMINANCE, Role.GENERIC})
# What thermometers and converters say when they mean that they failed.
_ERROR_CODES = frozenset({85.0, -127.0, 65_535.0})
_OUTAGES_BEFORE = 2
# A ghost lets go now and then.
_HELD_BINS = 60
# One that sees every fifth would hardly miss so many in a row.
_STUCK_UNSEEN = 8.0
_UNIT_ERROR, _FAR_GRAINS = 0.04, 3.0
# Where a level that jumped was before: the jump stays in its score for half an hour.
JUMP_BINS_AGO = 18
_LARGE_SHARE, _SPIKY_SHARE = 0.25, 0.6
_SPARSE_SPIKY_SHARE = 0.35
_DENSE_REPORTS = 1.5
_COARSE_FACTOR, _STEP_ERROR, _GRID_ERROR = 2.5, 0.1, 0.01
_GRIDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_GRID_BINS, _GRID_SHARE = 12, 0.2
_SUDDEN_SHARE = 0.6
_FAST_HOURS, _FAST_DAYS = 6, 7
_SLOW_HOURS, _SLOW_DAYS = 24, 14
_GAIN_RATIO = 0.19


@dataclass(frozen=True, slots=True)
class Suspect:
    """A signal whose scores fired, and what naming the failure needs to know."""

    bank: Bank
    row: int
    signal: WatchedSignal
    step: float
    """Its usual resolution, in the role's unit."""


def name_fault(suspect: Suspect, fired: Sequence[Score], excess: Floats) -> tuple[FaultClass, Score]:
    """Return the class and the score that says it, of the scores that fired for one signal; excess (scores,)."""
    for score in _FIRST:
        if score in fired:
            return name_absence(suspect, score), score
    score = max(fired, key=lambda item: float(excess[item]))
    if score in _LEVELS and max(float(excess[item]) for item in _RESTLESS) >= 1.0:
        # Spikes pull the level along; a level that is wrong throws none.
        return FaultClass.SPIKE if is_spiky(suspect.bank, suspect.row) else FaultClass.NOISE, score
    if score in _NUMBERS and _is_at_rail(suspect):
        return FaultClass.CLIPPING, score
    if Score.COARSE in fired or (score in _STEPPED and is_coarse(suspect, 3)):
        return FaultClass.QUANTISATION, Score.COARSE if Score.COARSE in fired else score
    if score in _GRIDDED and is_on_grid(suspect):
        return FaultClass.QUANTISATION, score
    return _name_other(suspect, score), score


def _name_other(suspect: Suspect, score: Score) -> FaultClass:
    """Return the class of a score that tells of more than one."""
    bank, row = suspect.bank, suspect.row
    if score in (Score.SPIKE, Score.SPIKES, Score.NOISE, Score.NOISE_LONG):
        return FaultClass.SPIKE if is_spiky(bank, row) else FaultClass.NOISE
    if score in (Score.JUMP, Score.BIAS, Score.DRIFT):
        return _name_level(suspect, score)
    if score is Score.FEWER and _unseen_since(bank, row) >= _STUCK_UNSEEN:
        return FaultClass.STUCK_OFF
    if score in (Score.ALONE, Score.APART) and bool(np.all(bank.last(Field.MEAN, _HELD_BINS)[row] == 1.0)):
        return FaultClass.STUCK_ON
    return SCORES[score].fault


def _unseen_since(bank: Bank, row: int) -> float:
    """Return how often its neighbours foretold a signal since it last saw anybody."""
    seen = np.flatnonzero(bank.fine[Field.HIGH, row] > 0.0)
    since = int(seen[-1]) + 1 if len(seen) else 0
    return float(np.nansum(bank.fine[EXPECTED, row, since:]))


def name_absence(suspect: Suspect, score: Score) -> FaultClass:
    """Return what readings that are missing or cannot be true tell of."""
    bank, row = suspect.bank, suspect.row
    if score is Score.BAD:
        bad = bank.fine[Field.BAD_VALUE, row]
        value, before = float(bad[~np.isnan(bad)][-1]), float(bank.value[row])
        is_code = value in _ERROR_CODES
        return FaultClass.GAIN if not is_code and _is_unit(suspect.signal.role, before, value) else FaultClass.PHYSICS
    if score is Score.GONE and float(bank.fine[Field.DROPS, row].sum()) >= _OUTAGES_BEFORE:
        return FaultClass.INTERMITTENT
    return SCORES[score].fault


def _is_at_rail(suspect: Suspect) -> bool:
    """Return whether a number has rested for an hour, but for one move, at an end of what its sensor can say."""
    bank, row = suspect.bank, suspect.row
    spec, value = ROLE_SPECS[suspect.signal.role], float(bank.value[row])
    if suspect.signal.role in _ZERO_IS_NORMAL or value not in (spec.low, spec.high, 0.0):
        return False
    return bool(np.all(bank.last(Field.LAST, 6)[row] == value))


def is_coarse(suspect: Suspect, changes: int) -> bool:
    """Return whether so many of the newest changes of the last day are multiples of too large a step."""
    step = suspect.bank.fine[Field.STEP, suspect.row]
    newest = step[np.isfinite(step)][-changes:]
    if len(newest) < changes or float(newest.min()) < _COARSE_FACTOR * suspect.step:
        return False
    steps = newest / newest.min()
    return bool(np.all(np.abs(steps - np.round(steps)) < _STEP_ERROR))


def is_on_grid(suspect: Suspect) -> bool:
    """Return whether all of the last hour are multiples of a step of which before next to none were."""
    values = suspect.bank.fine[Field.LAST, suspect.row].astype(np.float64)
    still = int(suspect.bank.number + 1 - suspect.bank.changed[suspect.row] // BIN_SECONDS)
    newest = max(0, BINS - max(_GRID_BINS, still))
    for grid in _GRIDS:
        steps = values / grid
        is_even = np.abs(steps - np.round(steps)) < _GRID_ERROR
        if is_even[newest:].all() and newest and float(is_even[:newest].mean()) < _GRID_SHARE:
            return True
    return False


def is_spiky(bank: Bank, row: int) -> bool:
    """Return whether the movement of the last bins is a few large moves rather than many."""
    is_dense = float(bank.last(Field.COUNT, 8)[row].mean()) > _DENSE_REPORTS
    back = bank.last(Field.BACK_MAX, 4 if is_dense else 8)[row]
    share = float(np.mean(back > _LARGE_SHARE * back.max()))
    return share <= (_SPIKY_SHARE if is_dense else _SPARSE_SPIKY_SHARE)


def _name_level(suspect: Suspect, score: Score) -> FaultClass:
    """Return what a wrong level is: another unit or scale, a slow drift, or a step."""
    bank, row = suspect.bank, suspect.row
    before, after = level_change(bank, row, score)
    if _is_scale(suspect.signal.role, before, after):
        return FaultClass.GAIN
    hours, days = (_SLOW_HOURS, _SLOW_DAYS) if score is Score.DRIFT else (_FAST_HOURS, _FAST_DAYS)
    if score is Score.JUMP or is_sudden(bank, row, hours, days):
        return FaultClass.BIAS
    return FaultClass.DRIFT


def level_change(bank: Bank, row: int, score: Score) -> tuple[float, float]:
    """Return the level that was to be expected and the one that is seen."""
    if score is Score.JUMP:
        return float(bank.at(Field.LAST, JUMP_BINS_AGO)[row]), float(np.median(bank.last(Field.LAST, 12)[row]))
    return _mean_known(bank.last(EXPECTED, 6)[row]), _mean_known(bank.last(Field.MEAN, 6)[row])


def _mean_known(values: Floats) -> float:
    """Return the mean of what is known, NaN of nothing."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _is_unit(role: Role, before: float, after: float) -> bool:
    """Return whether a level is what another unit would make of the one before."""
    units = [before * 1e3, before * 1e-3]
    if role is Role.TEMPERATURE:
        units += [before * 1.8 + 32.0, (before - 32.0) / 1.8, before + 273.15]
    grain = GRAIN.get(role, 0.1)
    return any(
        abs(after - unit) <= max(_UNIT_ERROR * abs(unit), grain) and abs(unit - before) > _FAR_GRAINS * grain
        for unit in units
    )


def _is_scale(role: Role, before: float, after: float) -> bool:
    """Return whether a level is what another unit, or a wrong factor, would make of the one before."""
    if _is_unit(role, before, after):
        return True
    # A level that has no natural zero nearby is shifted; one that counts from zero is scaled.
    return role not in (Role.HUMIDITY, Role.SOUND, Role.GENERIC) and abs(after - before) >= _GAIN_RATIO * abs(before)


def is_sudden(bank: Bank, row: int, width: int = 6, days: int = 7) -> bool:
    """Return whether the distance from the peers of the last days came within `width` hours."""
    rest = bank.hour_rest[row, HOURS - 24 * days :]
    known = rest[~np.isnan(rest)]
    if len(known) < 3 * width:
        return True
    sums = np.concatenate(((0.0,), np.cumsum(known)))
    means = (sums[width:] - sums[:-width]) / width
    steps = means[width:] - means[:-width]
    whole = float(means[-1] - np.median(known[: len(known) // 2]))
    return float(np.max(np.abs(steps))) >= _SUDDEN_SHARE * abs(whole)
