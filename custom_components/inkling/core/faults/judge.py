"""From scores to alarms: dwell, witnesses, one alarm a cause, and when an alarm is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from ..units import Role
from .bank import BINS, EXPECTED, Bank
from .causes import Homes, silent_groups
from .classes import Alarm, Context, FaultClass, Scope, Severity, WatchedSignal
from .evidence import expected_and_seen
from .intake import BIN_SECONDS, Field
from .naming import JUMP_BINS_AGO, Suspect, is_coarse, name_absence, name_fault
from .table import SCORES, Score, measure_of

Floats = NDArray[np.float32]
_WELL_EXCESS = 0.5
# What comes and goes within a day is one failure, not one each day; who is back is back.
_WELL_BINS, _BACK_BINS = 288, 24
# What cannot be true is counted for hours, and over as soon as no more comes.
_LATELY_BINS = 6
_SILENT = [Score.GONE, Score.SILENCE]
_ABSENCES = frozenset({Score.GONE, Score.SILENCE, Score.OUTAGES})
_SHARED = frozenset({Score.SPIKE, Score.SPIKES, Score.NOISE, Score.NOISE_LONG, Score.JUMP, Score.RUN})
_LEVELS = frozenset({Score.BIAS, Score.DRIFT})
_AIR = frozenset({Score.SPIKES, Score.NOISE, Score.NOISE_LONG, Score.JUMP, Score.BIAS})
# Where no other sensor could have said otherwise, more is asked of what the air itself may do.
_SECONDED = frozenset({Score.SPIKES, Score.NOISE, Score.NOISE_LONG, Score.JUMP})
_ALONE_SURE = 1.4
# Steam stays in a bathroom for hours after a shower; a hygrometer that is wrong is so all day.
_STEAM_BINS = 36
_STEADY_STEPS = 3.0
_STEPS_ALIKE = 3
_WARNING_CONFIDENCE = 0.5
_CRITICAL_WEIGHT = 1.5
_CRITICAL = frozenset({FaultClass.DROPOUT, FaultClass.STUCK, FaultClass.PHYSICS})


@dataclass(slots=True)
class _Open:
    """An alarm that stands, and for how long its signal has been well again."""

    alarm: Alarm
    rows: tuple[int, ...]
    score: Score
    well_bins: int = 0


class Judge:
    """Turns excesses into alarms; one per signal, device or hub at a time."""

    def __init__(self, signals: Sequence[WatchedSignal]) -> None:
        """Begin without an alarm."""
        self._signals = signals
        self._homes = Homes(signals)
        self._streak = np.zeros((len(signals), len(SCORES)), dtype=np.int64)
        self._dwell = np.array([score.dwell_bins for score in SCORES])
        alone = np.array([not kin for kin in self._homes.kin], dtype=bool).reshape(len(signals), 1)
        unseconded = alone & np.isin(list(Score), sorted(_SECONDED))
        self._sure = np.array([score.sure for score in SCORES], dtype=np.float32) * np.where(
            unseconded, _ALONE_SURE, 1.0
        )
        humid = np.array([signal.role is Role.HUMIDITY for signal in signals], dtype=bool)
        self._sure_dwell = np.tile(self._dwell, (len(signals), 1))
        self._sure_dwell[humid, Score.BIAS] = _STEAM_BINS
        self._sure_streak = np.zeros_like(self._streak)
        self.resolution = self._homes.grain.copy()
        """The usual resolution of each signal, in its role's unit."""
        self.open: dict[str, _Open] = {}

    @property
    def in_alarm(self) -> NDArray[np.bool_]:
        """Return which signals an alarm at warning or above is about, shape (signals,)."""
        found = np.zeros(len(self._signals), dtype=bool)
        for item in self.open.values():
            found[list(item.rows)] |= item.alarm.severity is not Severity.INFO
        return found

    def _held(self, *, told: bool) -> NDArray[np.bool_]:
        """Return which signals an alarm of that kind is about that is not fading yet, shape (signals,)."""
        found = np.zeros(len(self._signals), dtype=bool)
        for item in self.open.values():
            is_info = item.alarm.severity is Severity.INFO
            found[list(item.rows)] |= item.well_bins < _BACK_BINS and is_info is told
        return found

    @property
    def active(self) -> tuple[Alarm, ...]:
        """Return the alarms that stand."""
        return tuple(item.alarm for item in self.open.values())

    def step(
        self, bank: Bank, excess: Floats, history_days: Floats, context: Context
    ) -> tuple[tuple[Alarm, ...], tuple[Alarm, ...]]:
        """Return the alarms that begin and end with this bin; excess (signals, scores)."""
        self._streak = np.where(excess >= 1.0, self._streak + 1, 0)
        self._sure_streak = np.where(excess >= self._sure, self._sure_streak + 1, 0)
        if context.is_starting:
            self._streak[:, sorted(_ABSENCES)] = 0
        closed = self._close(bank, excess, context)
        held = self._held(told=False)
        fired = (self._streak >= self._dwell) & ~held[:, None]
        # What was but a line in a log is told again when it is sure.
        fired &= (self._sure_streak >= self._sure_dwell) | ~self._held(told=True)[:, None]
        # What cannot be true speaks over all else that is wrong with a signal.
        fired[:, Score.BAD] |= held & (self._streak[:, Score.BAD] == self._dwell[Score.BAD])
        fired[:, Score.BAD] &= bank.last(Field.BAD, _LATELY_BINS).any(axis=1)
        # One stray reading is told as it comes; it stands in the way of nothing that follows.
        fired[:, Score.SPIKE] &= self._streak[:, Score.SPIKE] == self._dwell[Score.SPIKE]
        opened: list[Alarm] = []
        if fired.any():
            opened = self._raise(bank, fired, excess, history_days, context)
        return tuple(opened), closed

    def _close(self, bank: Bank, excess: Floats, context: Context) -> tuple[Alarm, ...]:
        """End the alarms whose signals have been well for long enough, or whose signals are looked after."""
        ended = []
        for target, item in list(self.open.items()):
            rows = list(item.rows)
            # What lasts longer than its first sign is the same failure still.
            is_ill = float(excess[rows, item.score].max()) > _WELL_EXCESS or float(excess[rows].max()) >= 1.0
            if item.score is Score.RUN:
                is_ill = not float(bank.changed[item.rows[0]]) > item.alarm.raised
            if item.score is Score.BAD:
                is_ill = float(bank.last(Field.BAD, _LATELY_BINS)[rows].sum()) > 0.0
            item.well_bins = 0 if is_ill else item.well_bins + 1
            if (
                item.well_bins >= (_BACK_BINS if item.score in _ABSENCES else _WELL_BINS)
                or item.alarm.signal in context.paused
            ):
                ended.append(self.open.pop(target).alarm)
        return tuple(ended)

    def _raise(
        self, bank: Bank, fired: NDArray[np.bool_], excess: Floats, history_days: Floats, context: Context
    ) -> list[Alarm]:
        """Raise what fired: hubs and devices that are silent first, then signals, the clearest first."""
        found = []
        silent = np.asarray(fired[:, _SILENT].any(axis=1))
        almost = np.asarray((excess[:, _SILENT] >= 1.0).any(axis=1))
        taken = np.zeros(len(self._signals), dtype=bool)
        for scope, target, rows in silent_groups(self._signals, silent, almost):
            score = Score.GONE if excess[rows, Score.GONE].max() >= 1.0 else Score.SILENCE
            lead = int(rows[np.argmax(excess[rows, score])])
            fault = name_absence(self._suspect(bank, lead), score)
            found.append(self._open(bank, lead, rows, (fault, score, scope, target), excess, history_days, context))
            taken[rows] = True
        order = np.argsort(-np.where(fired, excess, 0.0).max(axis=1), kind="stable")
        for row in order[fired[order].any(axis=1)].tolist():
            if taken[row] or self._signals[row].id in context.paused or self._goes_on(row, fired[row]):
                continue
            scores = [Score(int(score)) for score in np.flatnonzero(fired[row])]
            scores = [score for score in scores if self._stands(bank, row, score, excess, context)]
            if not scores or self._is_spoken_for(row, scores):
                continue
            fault, score = name_fault(self._suspect(bank, row), scores, excess[row])
            what = (fault, score, Scope.SIGNAL, self._signals[row].id)
            found.append(self._open(bank, row, np.array([row]), what, excess, history_days, context))
        return found

    def _goes_on(self, row: int, fired: NDArray[np.bool_]) -> bool:
        """Return whether a fading alarm of this signal is back: the same failure, not another."""
        item = self.open.get(self._signals[row].id)
        if (
            item is None
            or item.alarm.severity is Severity.INFO
            or not any(measure_of(Score(int(score))) == item.alarm.measure for score in np.flatnonzero(fired))
        ):
            return False
        item.well_bins = 0
        return True

    def _suspect(self, bank: Bank, row: int) -> Suspect:
        """Return what naming a failure needs to know of a signal."""
        return Suspect(bank, row, self._signals[row], float(self.resolution[row]))

    def _stands(self, bank: Bank, row: int, score: Score, excess: Floats, context: Context) -> bool:
        """Return whether nothing but a fault explains a score."""
        if self._is_weather(bank, row, score, excess, context):
            return False
        if score is Score.COARSE and not is_coarse(self._suspect(bank, row), _STEPS_ALIKE):
            return False
        # In an empty home there is little to see for anybody, and nobody heats, airs or shades as before.
        if score in (Score.DRIFT, Score.RUN) and context.is_away:
            return False
        if score is Score.RUN:
            told = bank.last(EXPECTED, BINS)[row]
            bins = min(BINS, max(1, int(bank.number + 1 - bank.changed[row] / BIN_SECONDS)))
            known = told[-bins:][~np.isnan(told[-bins:])]
            # Peers that stand still too say that there is nothing to see.
            return len(known) == 0 or float(np.ptp(known)) >= _STEADY_STEPS * self.resolution[row]
        return True

    def _is_weather(self, bank: Bank, row: int, score: Score, excess: Floats, context: Context) -> bool:
        """Return whether the home, the room or its people explain a score."""
        homes = self._homes
        if score in _SHARED and homes.is_common(row, score, excess):
            return True
        if score in _LEVELS and homes.is_outdone(row, score, excess):
            return True
        return score in _AIR and (
            homes.is_aired(row, score, bank, context.now) or homes.is_lit(row, bank.changed, context.now)
        )

    def _is_spoken_for(self, row: int, scores: list[Score]) -> bool:
        """Return whether an alarm about a peer or a sibling already explains this one."""
        device = self._signals[row].device
        for item in self.open.values():
            is_told = item.alarm.severity is not Severity.INFO and item.well_bins < _BACK_BINS
            if item.alarm.signal == self._signals[row].id or not is_told:
                continue
            if device and item.alarm.device == device:
                return True
            if item.alarm.signal in self._homes.kin[row] and set(scores) <= _LEVELS:
                return True
        return False

    def _open(
        self,
        bank: Bank,
        row: int,
        rows: NDArray[np.int64],
        what: tuple[FaultClass, Score, Scope, str],
        excess: Floats,
        history_days: Floats,
        context: Context,
    ) -> Alarm:
        """Open an alarm about `rows`, for which `row` answers first."""
        fault, score, scope, target = what
        signal = self._signals[row]
        witnesses = self._homes.witnesses(row, excess)
        confidence = _confidence(float(excess[row, score]), float(history_days[row]), len(witnesses))
        expected, seen = expected_and_seen(bank, row, score)
        alarm = Alarm(
            target=target, scope=scope, signal=signal.id, device=signal.device, fault=fault,
            severity=_severity(fault, score, confidence, signal.weight) if self._is_sure(row, score) else Severity.INFO,
            since=self._since(bank, row, score, context), raised=context.now, measure=measure_of(score),
            expected=expected, seen=seen, confidence=confidence, witnesses=witnesses,
            responsible=self._homes.responsible(row, score, excess),
        )  # fmt: skip
        if score is not Score.SPIKE:
            self.open[target] = _Open(alarm, tuple(int(item) for item in rows), score)
        return alarm

    def _is_sure(self, row: int, score: Score) -> bool:
        """Return whether a score is so far beyond its threshold, for so long, that somebody should know."""
        return bool(self._sure_streak[row, score] >= self._sure_dwell[row, score])

    def _since(self, bank: Bank, row: int, score: Score, context: Context) -> float:
        """Return when the failure began, as far as its score tells."""
        if score in (Score.GONE, Score.SILENCE):
            began = bank.reported[row]
        elif score in (Score.RUN, Score.ON, Score.MISSED):
            began = bank.changed[row]
        else:
            began = context.now - BIN_SECONDS * (
                float(JUMP_BINS_AGO) if score is Score.JUMP else float(self._streak[row, score])
            )
        return float(began) if math.isfinite(began) else context.now

    def drop(self, signal: str) -> tuple[Alarm, ...]:
        """End what is said about a signal at once: its user knows better."""
        gone = [target for target, item in self.open.items() if item.alarm.signal == signal]
        return tuple(self.open.pop(target).alarm for target in gone)

    def adopt(self, alarm: Alarm, rows: tuple[int, ...], score: Score) -> None:
        """Take up an alarm that stood when the state was written."""
        self.open[alarm.target] = _Open(alarm, rows, score)


def _confidence(excess: float, history_days: float, witnesses: int) -> float:
    """Return how sure an alarm is: how far beyond the threshold, on how much history, with whom."""
    distance = 1.0 - 0.5 / max(excess, 1.0)
    history = history_days / (history_days + 1.0)
    return min(0.99, distance * (0.7 + 0.3 * history) + 0.1 * min(witnesses, 3) + 0.1)


def _severity(fault: FaultClass, score: Score, confidence: float, weight: float) -> Severity:
    """Return consequence times confidence as one of three words."""
    # One stray reading is worth a line in a log, not anybody's evening.
    if score is Score.SPIKE or weight * confidence < _WARNING_CONFIDENCE * 0.9:
        return Severity.INFO
    is_critical = fault in _CRITICAL and weight >= _CRITICAL_WEIGHT and confidence >= _WARNING_CONFIDENCE
    return Severity.CRITICAL if is_critical else Severity.WARNING
