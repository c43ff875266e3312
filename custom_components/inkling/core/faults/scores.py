"""How unlike itself each signal is: every score of every signal in one pass over the arrays."""

from __future__ import annotations

from collections.abc import Sequence
import math

import numpy as np
from numpy.typing import NDArray

from ..units import Role
from .bank import ALIKE, ALONE, APART, BINS, EXPECTED, HOURS, SILENT, Bank, apart
from .classes import WatchedSignal
from .intake import BIN_SECONDS, Field
from .peers import SEEING, median_known
from .table import GRAIN, SCORES, Score

Floats = NDArray[np.float32]
# A silence beyond this many times the longest usual one is an outage.
_HOUR, _HALF_HOUR = 12, 6
_RECENT_HOURS, _OLD_HOURS = 24, 120
_LEAST_OLD_HOURS = 72
_FIRST_PACE, _RESTING_PACE, _PACE_STEP, _LEAST_EXPECTED = 0.5, 0.05, 1.0 / 36.0, 0.3
_LEAST_CHANGES = 4
_SPIKES = 4
_JUMP_BINS = 6
_DRIFT_DAYS = 4
_FINEST_GRAINS = 0.2
_LEAST_STEPS = 1.5
# A family that lives otherwise sees half of what it did; a blind sensor next to nothing.
_FEW_SHARE = 0.45
_LIVELY = frozenset({Role.MOTION, Role.PRESENCE, Role.VIBRATION})
# What is alike in neighbouring rooms; light and power are what each room's people make of them.
_LEVELS = frozenset({Role.TEMPERATURE, Role.HUMIDITY, Role.CO2, Role.GENERIC})
# A plug moves as its appliance does: only physics says that it cannot be.
_USE = np.isin(list(Score), [Score.SPIKE, Score.SPIKES, Score.NOISE, Score.NOISE_LONG, Score.JUMP, Score.RUN])[None, :]
_LEVEL_SCORES = (Score.JUMP, Score.BIAS, Score.DRIFT)
_DOORS = frozenset({Role.DOOR, Role.WINDOW})
# Darkness, and a plug that is off, last for as long as people please.
_RESTING = frozenset({Role.ILLUMINANCE, Role.POWER})


class Scorer:
    """Computes the scores; keeps what a score must remember between bins."""

    def __init__(self, signals: Sequence[WatchedSignal]) -> None:
        """Prepare for the signals."""
        self._is_binary = np.array([signal.is_binary for signal in signals], dtype=bool)
        self.grain = np.array([GRAIN.get(signal.role, 1.0) for signal in signals], dtype=np.float32)
        self.step = self.grain.copy()
        """The grain, or the sensor's own resolution where that is coarser, in the role's unit."""
        self._is_lively = np.array([signal.role in _LIVELY for signal in signals], dtype=bool)
        # Light, power and decibels have no even steps: what is one lamp by night is nothing by day.
        self._is_even = ~self._is_binary & np.array([signal.role in _LEVELS for signal in signals], dtype=bool)
        self._is_seeing = np.array([signal.role in SEEING for signal in signals], dtype=bool)
        self._is_used = np.array([signal.role is Role.POWER for signal in signals], dtype=bool)
        self._is_level = np.array([signal.role in _LEVELS for signal in signals], dtype=bool)
        self._moves = self._is_lively | np.array([signal.role in _DOORS for signal in signals], dtype=bool)
        names = [signal.device or signal.id for signal in signals]
        self.device = np.unique(names, return_inverse=True)[1].reshape(len(signals))
        self._by_device = np.argsort(self.device, kind="stable")
        self._device_starts = np.flatnonzero(np.diff(self.device[self._by_device], prepend=-1))
        numbers = np.bincount(self.device, ~self._is_binary, minlength=len(signals))
        self.only_switches = numbers[self.device] == 0.0
        """Of whose device nothing is a number."""
        self.missed = np.zeros(len(signals))
        self.still = np.zeros(len(signals))
        """Changes that were to be expected of each since it last changed."""
        self.pace = np.full((len(signals), 2, 24), _FIRST_PACE)
        """The share of the bins of each hour of the day in which each changes: while it moves, and while it rests."""
        self.pace[:, 1] = _RESTING_PACE
        self._may_rest = np.array([signal.role in _RESTING for signal in signals], dtype=bool)
        self._mates = _mates(signals, names)
        self._row = np.arange(len(signals))
        self._drift: Floats | None = None
        # What moves the rest of a home a few minutes later is no sensor's own jump.
        self._jumps = np.zeros((_JUMP_BINS, int((~self._is_binary).sum())))
        self._siblings = _siblings(signals, names)

    def learn_resolution(self, usual: Floats) -> None:
        """Take over the usual smallest change, ln of the role's unit, shape (signals,)."""
        self.step = np.fmax(_FINEST_GRAINS * self.grain, np.exp(usual)).astype(np.float32)

    def device_reported(self, reported: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return when any signal of the same device reported last, shape (signals,)."""
        newest: NDArray[np.float64] = np.fmax.reduceat(reported[self._by_device], self._device_starts)
        return newest[self.device]

    def all(self, bank: Bank, end: float) -> Floats:
        """Return the scores (signals, scores) as of the end of the newest bin; NaN where one does not apply."""
        found = np.full((bank.count, len(SCORES)), np.nan, dtype=np.float32)
        with np.errstate(invalid="ignore", divide="ignore"):
            self._liveness(found, bank, end)
            self._numbers(found, bank)
            self._levels(found, bank)
            self._switches(found, bank, end)
            found[:, _LEVEL_SCORES] = np.where(self._is_level[:, None], found[:, _LEVEL_SCORES], np.nan)
        return found

    def _liveness(self, found: Floats, bank: Bank, end: float) -> None:
        """Fill what tells whether a signal and its device are there."""
        is_gone = np.isnan(bank.value)
        was_there = ~np.isnan(bank.reported)
        own = np.maximum((end - bank.reported) / 60.0, 1.0)
        found[:, Score.BAD] = bank.last(Field.BAD, 6 * _HOUR).sum(axis=1)
        found[:, Score.GONE] = np.where(was_there, np.where(is_gone, np.log(own), 0.0), np.nan)
        silence = end - self.device_reported(bank.reported)
        found[:, Score.SILENCE] = np.log(np.maximum(silence / 60.0, 1.0))
        silent = bank.fine[SILENT]
        starts = (silent[:, 1:] > silent[:, :-1]).sum(axis=1)
        # A door that nobody used is not out of order; it says so when it is gone.
        found[:, Score.OUTAGES] = np.maximum(bank.fine[Field.DROPS].sum(axis=1), np.where(self._is_binary, 0, starts))
        is_steady = ~self._is_binary & ~is_gone & (silence < 4 * 3600.0)
        self._wait(bank, is_gone, end)
        found[:, Score.RUN] = np.where(is_steady, np.log1p(self.still), np.nan)

    def _wait(self, bank: Bank, is_gone: NDArray[np.bool_], end: float) -> None:
        """Count the changes that were to be expected in the newest bin, and learn from those that came."""
        hour = int(end - 1.0) // 3600 % 24
        moved = bank.at(Field.CHANGES, 0) > 0.0
        rests = (self._may_rest & (bank.at(Field.LAST, 1) == 0.0)).astype(np.int64)
        usual = self.pace[self._row, rests, hour]
        # A room whose other sensors rest as well is at rest itself.
        seen, expected = self._siblings @ moved, self._siblings @ usual
        share = np.where(expected >= _LEAST_EXPECTED, np.minimum(seen / np.maximum(expected, 1e-9), 1.0), 1.0)
        self.still = np.where(moved | is_gone, 0.0, self.still + usual * share)
        self.pace[self._row, rests, hour] += np.where(is_gone, 0.0, _PACE_STEP * (moved - usual))

    def _numbers(self, found: Floats, bank: Bank) -> None:
        """Fill what tells of the movement of numbers."""
        numeric = ~self._is_binary
        grain = self.step[numeric]
        largest = np.sort(bank.last(Field.BACK_MAX, 2 * _HOUR)[numeric], axis=1)
        found[numeric, Score.SPIKE] = np.log(2.0 * grain + bank.last(Field.BACK_MAX, _HALF_HOUR)[numeric].max(axis=1))
        found[numeric, Score.SPIKES] = np.log(2.0 * grain + largest[:, -_SPIKES])
        back = bank.last(Field.BACK, 6 * _HOUR)[numeric]
        found[numeric, Score.NOISE] = np.log(4.0 * grain + steady_movement(back[:, -2 * _HOUR :], 4))
        found[numeric, Score.NOISE_LONG] = np.log(12.0 * grain + steady_movement(back, 12))
        self._jumps = np.concatenate((self._jumps[1:], self._jump(bank)[None, numeric]))
        found[numeric, Score.JUMP] = np.log(2.0 * grain + self._jumps.max(axis=0))
        found[:, Score.COARSE] = np.where(self._is_even, self._coarse(bank), np.nan)
        found[self._is_used[:, None] & _USE] = np.nan

    @staticmethod
    def _jump(bank: Bank) -> NDArray[np.float64]:
        """Return the size of a change an hour ago that stayed, shape (signals,)."""
        jump = bank.at(Field.JUMP, _HOUR).astype(np.float64)
        # The last of one bin may be the very spike that the next one comes back from.
        before = middle_of(bank.last(Field.LAST, _HOUR + 4)[:, :3])
        after = bank.last(Field.LAST, _HOUR)
        early, late = middle_of(after[:, : _HOUR // 2]), middle_of(after[:, _HOUR // 2 :])
        sign = np.sign(jump)
        stayed = np.minimum((early - before) * sign, (late - before) * sign)
        # Readings are compared with the one before: what came over an outage is no jump.
        size = np.minimum(np.abs(jump), stayed)
        return np.where(size > 0.0, size, 0.0)

    def _coarse(self, bank: Bank) -> Floats:
        """Return the ln of the smallest change of six hours, NaN where too little changed to tell, shape (signals,)."""
        bins = 6 * _HOUR
        smallest = bank.last(Field.STEP, bins).min(axis=1)
        span = np.fmax.reduce(bank.last(Field.HIGH, bins), axis=1, initial=-np.inf)
        span -= np.fmin.reduce(bank.last(Field.LOW, bins), axis=1, initial=np.inf)
        # Two values that take turns are told apart by any resolution.
        is_graded = (bank.last(Field.CHANGES, bins).sum(axis=1) >= _LEAST_CHANGES) & (span >= _LEAST_STEPS * smallest)
        found: Floats = np.where(is_graded, np.log(np.maximum(smallest, 0.01 * self.grain)), np.nan)
        return found

    def _levels(self, found: Floats, bank: Bank) -> None:
        """Fill the distances from the peers."""
        numeric = ~self._is_binary
        grain = self.grain[numeric]
        level = bank.last(Field.MEAN, 2 * _HOUR)[numeric]
        by_line = median_of(level - bank.last(EXPECTED, 2 * _HOUR)[numeric], _HOUR)
        in_full = median_of(level - bank.last(ALIKE, 2 * _HOUR)[numeric], _HOUR)
        found[numeric, Score.BIAS] = np.abs(apart(by_line, in_full)) / grain
        # Hours close after the last bin of each was judged.
        if self._drift is None or bank.number % _HOUR == 0:
            self._drift = lasting_change(bank.hour_rest) / self.grain
        found[numeric, Score.DRIFT] = self._drift[numeric]

    def _switches(self, found: Floats, bank: Bank, end: float) -> None:
        """Fill what tells of signals that are on or off."""
        binary = self._is_binary
        is_on = binary & (bank.value == 1.0)
        minutes = np.maximum((end - bank.changed) / 60.0, 1.0)
        found[:, Score.ON] = np.where(is_on, np.log(minutes), np.where(binary, 0.0, np.nan))
        active = bank.last(Field.HIGH, BINS) > 0.0
        was_active = np.concatenate((active[:, :1], active[:, :-1]), axis=1)
        self._loneliness(bank, np.any(active[:, -_HALF_HOUR:], axis=1))
        newest = bank.at(EXPECTED, 0)
        self.missed = np.where(active[:, -1], 0.0, self.missed + np.where(np.isnan(newest), 0.0, newest))
        seeing = self._is_seeing
        found[seeing, Score.MISSED] = self.missed[seeing]
        told = bank.fine[EXPECTED, seeing]
        # Only where the neighbours foretold somebody was it to be seen.
        found[seeing, Score.FEWER] = too_few(
            ((active | was_active)[seeing] & (told > 0.0)).sum(axis=1), np.nansum(told, axis=1, dtype=np.float32)
        )
        lively, has_mates = self._is_lively, self._mates.any(axis=1)
        hours = BIN_SECONDS / 3600.0
        found[lively, Score.ALONE] = bank.fine[ALONE, lively].sum(axis=1) * hours
        found[has_mates, Score.APART] = bank.fine[APART, has_mates].sum(axis=1) * hours
        changes = bank.last(Field.CHANGES, _HALF_HOUR).sum(axis=1)
        found[binary, Score.CHATTER] = np.log1p(changes[binary])

    def _loneliness(self, bank: Bank, was_active: NDArray[np.bool_]) -> None:
        """Fill for which share of the newest bin each was on while no other device of the home, of the room, moved."""
        moved = was_active & self._moves
        devices = np.logical_or.reduceat(moved[self._by_device], self._device_starts)
        others = devices.sum() - devices[self.device]
        on = np.where(self._is_binary, np.nan_to_num(bank.at(Field.MEAN, 0)), 0.0)
        bank.at(ALONE, 0)[:] = np.where(others == 0, on, 0.0)
        bank.at(APART, 0)[:] = np.where(self._mates @ was_active.astype(np.float64) == 0.0, on, 0.0)


def _mates(signals: Sequence[WatchedSignal], names: Sequence[str]) -> NDArray[np.float64]:
    """Return which other devices of its room see people as each does, 1 or 0, shape (signals, signals)."""
    sees = np.array([signal.role in SEEING and bool(signal.room) for signal in signals], dtype=bool)
    room = np.array([signal.room for signal in signals], dtype=np.str_)
    device = np.array(names, dtype=np.str_)
    near = (room[:, None] == room[None, :]) & (device[:, None] != device[None, :]) & sees[:, None] & sees[None, :]
    return np.asarray(near, dtype=np.float64)


def _siblings(signals: Sequence[WatchedSignal], names: Sequence[str]) -> NDArray[np.float64]:
    """Return which numbers share a room or a device with each, 1 or 0, shape (signals, signals)."""
    room = np.array([signal.room or f"-{n}" for n, signal in enumerate(signals)], dtype=np.str_)
    device = np.array(names, dtype=np.str_)
    near = (room[:, None] == room[None, :]) | (device[:, None] == device[None, :])
    near &= ~np.array([signal.is_binary for signal in signals], dtype=bool)[None, :]
    np.fill_diagonal(near, val=False)
    return np.asarray(near, dtype=np.float64)


def middle_of(values: Floats) -> Floats:
    """Return the median over the last axis, NaN where anything is."""
    ordered = np.sort(values, axis=1)
    count = ordered.shape[1]
    found: Floats = 0.5 * (ordered[:, (count - 1) // 2] + ordered[:, count // 2])
    return np.where(np.isnan(ordered[:, -1]), np.float32(np.nan), found)


def steady_movement(back: Floats, parts: int) -> Floats:
    """Return the movement of a stretch were all of it like the calmer half of its parts, from bins (n, bins)."""
    # People breathe on a sensor, or switch lamps, now and then; a sensor that is noisy is noisy all the time.
    sums = np.sort(back.reshape(len(back), parts, -1).sum(axis=2), axis=1)
    found: Floats = sums[:, (parts - 1) // 2] * parts
    return found


def too_few(seen: NDArray[np.int64], expected: Floats) -> Floats:
    """Return the Poisson log-likelihood ratio of `seen` against `expected`, 0 where it is not far fewer; (n,) each."""
    count = seen.astype(np.float64)
    ratio = expected - count + count * np.log(np.maximum(count, 1e-9) / np.maximum(expected, 1e-9))
    return np.where(count < _FEW_SHARE * expected, ratio, 0.0).astype(np.float32)


def median_of(values: Floats, least: int) -> Floats:
    """Return the median over the last axis of what is known, which no spike moves; NaN where fewer than `least` are."""
    found: Floats = np.where((~np.isnan(values)).sum(axis=1) >= least, median_known(values), np.nan)
    return found


def lasting_change(rest: Floats) -> Floats:
    """Return how far the distance from the peers has been from what it was, on each of the last days; shape (n,)."""
    old = mean_known(rest[:, : HOURS - _OLD_HOURS], _LEAST_OLD_HOURS)
    stops = [HOURS - _RECENT_HOURS * day for day in range(_DRIFT_DAYS)]
    days = [mean_known(rest[:, stop - _RECENT_HOURS : stop], _RECENT_HOURS // 2) - old for stop in stops]
    # A heat wave comes and goes; a sensor that drifts does not come back.
    far = np.min(np.abs(days), axis=0)
    is_one_way = np.abs(np.sum(np.sign(days), axis=0)) == _DRIFT_DAYS
    found: Floats = np.where(is_one_way | np.isnan(far), far, np.float32(0.0))
    return found


def mean_known(values: Floats, least: int) -> Floats:
    """Return the mean over the last axis of what is known, NaN where fewer than `least` are."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    mean = np.where(known, values, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.where(count >= least, mean, math.nan).astype(np.float32)
