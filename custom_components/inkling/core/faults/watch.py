"""The worker's half: closed bins in, alarms out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import math

import numpy as np
from numpy.typing import NDArray

from .bank import ALIKE, BINS, BINS_AN_HOUR, EXPECTED, SILENT, Bank, apart
from .classes import Alarm, Context, Learning, Report, Scope, Settings, SignalHealth, WatchedSignal
from .intake import BIN_SECONDS, Batch, Field
from .judge import Judge
from .peers import Company, NumericPeers
from .scores import Scorer
from .table import SCORES, Score, measure_of
from .tail import BLOCK_HOURS, BLOCKS_A_DAY, Tail

Floats = NDArray[np.float32]
# Peers are chosen anew while they are still being learned, then seldom: a baseline that follows a drift hides it.
_LEARN_AT_HOURS = (24, 36, 48, 60, 72, 120, 168, 240, 336, 504)
_LEARN_EVERY_HOURS = 672
_OUTAGE_MINUTES = 12.0
_OUTAGE_FACTOR = 1.4
_REGULAR_LN_MINUTES = math.log(120.0)
_STATES = (Learning.LEARNING, Learning.OK, Learning.FAULT)
_MEASURES = tuple(measure_of(score) for score in Score)


class Watch:
    """Judges all watched signals of a home; lives in the worker and shares nothing."""

    def __init__(self, signals: Sequence[WatchedSignal], settings: Settings) -> None:
        """Begin with nothing known."""
        self.signals = tuple(signals)
        self.settings = settings
        self.row_of = {signal.id: row for row, signal in enumerate(self.signals)}
        self.bank = Bank(self.signals)
        self.peers = NumericPeers(self.signals)
        self.company = Company(self.signals)
        self.scorer = Scorer(self.signals)
        self.tail = Tail(
            [signal.role for signal in self.signals],
            settings.false_alarms_per_year,
            [signal.share for signal in self.signals],
        )
        self.judge = Judge(self.signals)
        self.hours = 0
        """Hours seen in all."""
        self.was_ill = np.zeros(len(self.signals), dtype=bool)
        """Who was in alarm, or not judged, at any time of the open block."""
        self.excess = np.zeros((len(self.signals), len(SCORES)), dtype=np.float32)

    def tick(self, batch: Batch, context: Context, *, with_health: bool = True) -> Report:
        """Judge every bin that closed since the last tick; without one the alarms stand as they are."""
        if not self.signals:
            return Report(context.now)
        newest = int(batch.now // BIN_SECONDS) - 1
        self.bank.take_heads(batch)
        opened: list[Alarm] = []
        closed: list[Alarm] = []
        first = newest if self.bank.number < 0 else max(self.bank.number + 1, newest - BINS + 1)
        for number in range(first, newest + 1):
            end = float((number + 1) * BIN_SECONDS)
            began, ended = self._bin(batch, number, replace(context, now=min(end, context.now)))
            opened += began
            closed += ended
        return Report(
            context.now, tuple(opened), tuple(closed), self.judge.active, self._health() if with_health else ()
        )

    def _bin(self, batch: Batch, number: int, context: Context) -> tuple[tuple[Alarm, ...], tuple[Alarm, ...]]:
        """Take in one bin and judge it."""
        bank, end = self.bank, float((number + 1) * BIN_SECONDS)
        bank.advance(batch, number)
        self._expect(end)
        scores = self.scorer.all(bank, end)
        self.excess = self._judged(self.tail.excess(scores), scores, context)
        began, ended = self.judge.step(bank, self.excess, (self.tail.blocks / BLOCKS_A_DAY).astype(np.float32), context)
        self.was_ill |= self.judge.in_alarm | context.is_starting | self._rows(context.paused)
        self.tail.note(scores)
        if (number + 1) % BINS_AN_HOUR == 0:
            self._hour((number + 1) // BINS_AN_HOUR)
        return began, ended

    def _rows(self, names: frozenset[str]) -> NDArray[np.bool_]:
        """Return which signals are named, shape (signals,)."""
        found = np.zeros(len(self.signals), dtype=bool)
        found[[self.row_of[name] for name in names if name in self.row_of]] = True
        return found

    def _expect(self, end: float) -> None:
        """Fill in what the peers say of the newest bin, and whose device has been silent for too long."""
        bank, rows = self.bank, self.company.rows
        told, bank.at(ALIKE, 0)[:] = self.peers.expected(bank.at(Field.MEAN, 0))
        # Whoever moved a bin ago was to be seen within it, or by now; what merely stays on tells nothing new.
        active = np.any(bank.last(Field.HIGH, 2)[rows] > 0.0, axis=1)
        near = bank.at(Field.CHANGES, 1)[rows] > 0.0
        chance = self.company.foretell(near)
        told[rows] = chance
        bank.at(EXPECTED, 0)[:] = told
        is_well = ~self.judge.in_alarm[rows]
        self.company.learn(active, near, chance, is_well)
        with np.errstate(invalid="ignore", over="ignore"):
            silence = (end - self.scorer.device_reported(bank.reported)) / 60.0
            # Who is not known yet compares with NaN, and is not silent.
            longest = _OUTAGE_FACTOR * np.exp(self.tail.usual[:, Score.SILENCE])
            bank.at(SILENT, 0)[:] = silence > np.maximum(longest, _OUTAGE_MINUTES)

    def _judged(self, excess: Floats, scores: Floats, context: Context) -> Floats:
        """Return the excesses that may be judged: all where the normal is known, plain physics elsewhere."""
        is_known = self.tail.blocks >= self.settings.learning_days * BLOCKS_A_DAY
        found = np.where(is_known[:, None], excess, 0.0).astype(np.float32)
        found[:, Score.BAD] = np.maximum(found[:, Score.BAD], np.where(is_known, 0.0, scores[:, Score.BAD] / 2.0))
        # A door that nobody used for a day is not gone; one that always reported within hours is.
        is_irregular = self.scorer.only_switches & ~(self.tail.highest[:, Score.SILENCE] < _REGULAR_LN_MINUTES)
        found[is_irregular, Score.SILENCE] = 0.0
        if context.is_starting:
            found[:, Score.JUMP] = 0.0
        found[self._rows(context.paused)] = 0.0
        return found

    def _hour(self, number: int) -> None:
        """Close an hour, and with it maybe a block; `number` counts hours from 1970."""
        self.bank.close_hour(self.peers.expected_of_days)
        self.bank.forget_hours(self.judge.in_alarm, 1)
        self.hours += 1
        if self.hours in _LEARN_AT_HOURS or self.hours % _LEARN_EVERY_HOURS == 0:
            self._learn_peers()
        if number % BLOCK_HOURS == 0:
            self.tail.learn_cadence(self.bank.last(Field.COUNT, BINS).mean(axis=1))
            self.tail.close_block(~self.was_ill)
            self.was_ill[:] = False
            self.scorer.learn_resolution(self.tail.usual[:, Score.COARSE])
            self.judge.resolution = self.scorer.step

    def _learn_peers(self) -> None:
        """Choose the peers anew, and say of all hours how far each was from what these would have told."""
        bank = self.bank
        self.peers.learn(bank.hour_mean)
        by_line, in_full = self.peers.expected_of_days(bank.hour_mean.T)
        # Old distances from other peers would look like a step.
        bank.hour_rest[:] = apart(bank.hour_mean.T - by_line, bank.hour_mean.T - in_full).T

    def _health(self) -> tuple[SignalHealth, ...]:
        """Return what is known of every signal."""
        nearest = self.excess.argmax(axis=1)
        score = np.clip(100.0 * self.excess[np.arange(len(self.signals)), nearest], 0.0, 100.0)
        days = self.tail.blocks / BLOCKS_A_DAY
        state = np.where(days >= self.settings.learning_days, 1, 0)
        state[self.judge.in_alarm] = 2
        return tuple(
            SignalHealth(signal.id, _STATES[now], history, worst, _MEASURES[which])
            for signal, now, history, worst, which in zip(
                self.signals, state.tolist(), days.tolist(), score.tolist(), nearest.tolist(), strict=True
            )
        )

    def refresh(self) -> None:
        """Draw thresholds, peers and resolutions from a history that was loaded."""
        self.tail.draw()
        self._learn_peers()
        self.scorer.learn_resolution(self.tail.usual[:, Score.COARSE])
        self.judge.resolution = self.scorer.step

    def adopt(self, alarm: Alarm, score: Score) -> None:
        """Take up an alarm that stood, if its signal is still watched."""
        rows = {
            Scope.SIGNAL: [row for row, item in enumerate(self.signals) if item.id == alarm.signal],
            Scope.DEVICE: [row for row, item in enumerate(self.signals) if item.device == alarm.target],
            Scope.HUB: [row for row, item in enumerate(self.signals) if item.hub == alarm.target],
        }[alarm.scope]
        if rows and alarm.signal in self.row_of:
            self.judge.adopt(alarm, tuple(rows), score)

    def false_alarm(self, alarm: Alarm) -> None:
        """Raise the threshold that an alarm crossed, for its signal, and drop the alarm."""
        if (row := self.row_of.get(alarm.signal)) is not None:
            for score in Score:
                if measure_of(score) == alarm.measure:
                    self.tail.raise_threshold(row, score)
        self.judge.drop(alarm.signal)

    def serviced(self, signal: str) -> None:
        """Begin a signal's normal anew: it was repaired, moved or replaced."""
        if (row := self.row_of.get(signal)) is not None:
            self.tail.forget(row)
            self.bank.hour_mean[row] = np.nan
            self.bank.hour_rest[row] = np.nan
            self.hours = 0
        self.judge.drop(signal)
