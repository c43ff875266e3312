"""Who stands near whom: what one cause explains, who contradicts a signal, whom the evidence is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..units import Role
from .bank import Bank
from .classes import Scope, WatchedSignal
from .table import GRAIN, Score

Floats = NDArray[np.float32]
# Two thirds of the way to a threshold at the same time is no chance.
_ALSO_EXCESS = 0.6
_COMMON_SHARE = 0.34
_JUMP_EXCESS = 0.8
_AIRY = [Score.SPIKES, Score.NOISE, Score.NOISE_LONG]
# Beyond that a device whose sensors all go wild is no draught.
_OWN_EXCESS = 2.0
_COMMON_LEAST = 2
_AIRED_SECONDS, _COOLED_SECONDS = 3 * 3600.0, 6 * 3600.0
_LIT_SECONDS = 3 * 3600.0
_LEVELS = frozenset({Role.TEMPERATURE, Role.HUMIDITY, Role.CO2})
_HUB_SHARE = 0.8
_HUB_LEAST_DEVICES = 2
_WITNESS_EXCESS = 0.5
_MOST_WITNESSES = 5
_MOST_RESPONSIBLE = 3


class Homes:
    """The neighbourhood of each signal."""

    def __init__(self, signals: Sequence[WatchedSignal]) -> None:
        """Work out who shares a role, a room and a device."""
        self._signals = signals
        self.grain = np.array([GRAIN.get(signal.role, 1.0) for signal in signals], dtype=np.float32)
        self._same = [
            np.array([n for n, other in enumerate(signals) if _is_alike(signal, other) and n != row], dtype=np.int64)
            for row, signal in enumerate(signals)
        ]
        self._beside = [
            np.array([n for n, other in enumerate(signals) if _is_beside(signal, other)], dtype=np.int64)
            for signal in signals
        ]
        self._air = [
            np.array([n for n, other in enumerate(signals) if _shares_air(signal, other)], dtype=np.int64)
            for signal in signals
        ]
        self._levels = [
            np.array(
                [n for n, other in enumerate(signals) if _shares_air(signal, other) and other.role in _LEVELS]
            ).astype(np.int64)
            for signal in signals
        ]
        self._all_levels = np.array([n for n, item in enumerate(signals) if item.role in _LEVELS], dtype=np.int64)
        self._lamps = [
            np.array([n for n, other in enumerate(signals) if _is_lamp_of(signal, other)], dtype=np.int64)
            for signal in signals
        ]
        self._windows = [
            np.array([n for n, other in enumerate(signals) if _is_window_of(signal, other)], dtype=np.int64)
            for signal in signals
        ]
        self.kin = [frozenset(signals[n].id for n in same.tolist()) for same in self._same]

    def is_common(self, row: int, score: Score, excess: Floats) -> bool:
        """Return whether others show the same at the same time, so that it is the weather or the room, not a sensor."""
        same, beside = self._same[row], self._beside[row]
        alike = int(np.sum(excess[same, score] >= _ALSO_EXCESS))
        if alike >= max(_COMMON_LEAST, _COMMON_SHARE * len(same)) or (
            alike == len(same) == 1 and score is not Score.RUN
        ):
            return True
        if score is Score.RUN:
            return False
        if score is Score.JUMP:
            # A draught reaches every quantity of a room; two more jumps in other rooms are the house, or its clock.
            jumps = int(np.sum(excess[self._all_levels, score] >= _JUMP_EXCESS)) - 1
            return bool(np.any(excess[self._levels[row], score] >= _ALSO_EXCESS)) or jumps >= _COMMON_LEAST
        if score in _AIRY and excess[row, score] < _OWN_EXCESS:
            air = excess[self._air[row]][:, _AIRY]
            if bool(np.any(air >= _ALSO_EXCESS)):
                return True
        return int(np.sum(excess[beside, score] >= _ALSO_EXCESS)) >= _COMMON_LEAST

    def is_outdone(self, row: int, score: Score, excess: Floats) -> bool:
        """Return whether another of the same role is further from its peers: what pulls this one's away."""
        return bool(np.any(excess[self._same[row], score] > excess[row, score]))

    def is_aired(self, row: int, score: Score, bank: Bank, now: float) -> bool:
        """Return whether a window of the room was moved lately or, as far as that matters, is open."""
        windows = self._windows[row]
        # A room takes longer to be warm again than its air to be calm.
        seconds = _COOLED_SECONDS if score is Score.BIAS else _AIRED_SECONDS
        is_open = (bank.value[windows] == 1.0) & (score is not Score.JUMP)
        return bool(np.any((now - bank.changed[windows] < seconds) | is_open))

    def is_lit(self, row: int, changed: NDArray[np.float64], now: float) -> bool:
        """Return whether a lamp of the room of a light sensor was switched lately."""
        return bool(np.any(now - changed[self._lamps[row]] < _LIT_SECONDS))

    def witnesses(self, row: int, excess: Floats) -> tuple[str, ...]:
        """Return signals of the same role that are themselves as usual, those of the room first."""
        same = self._same[row]
        calm = [int(n) for n in same if float(excess[n].max()) < _WITNESS_EXCESS]
        here = self._signals[row].room
        calm.sort(key=lambda n: self._signals[n].room != here)
        return tuple(self._signals[n].id for n in calm[:_MOST_WITNESSES])

    def responsible(self, row: int, score: Score, excess: Floats) -> tuple[tuple[str, float], ...]:
        """Return the signals by their share of the evidence, this one and those that show the same."""
        near = [row, *self._same[row].tolist()]
        shares = [(self._signals[n].id, float(excess[n, score]) + (n == row)) for n in near]
        total = sum(share for _, share in shares)
        ranked = sorted(((name, share / total) for name, share in shares if share > 0.0), key=lambda pair: -pair[1])
        return tuple(ranked[:_MOST_RESPONSIBLE])


def _is_lamp_of(signal: WatchedSignal, other: WatchedSignal) -> bool:
    """Return whether a signal is a lamp, or a blind's switch, of a light sensor's room."""
    return (
        signal.role is Role.ILLUMINANCE and other.role is Role.LIGHT and bool(signal.room) and signal.room == other.room
    )


def _is_window_of(signal: WatchedSignal, other: WatchedSignal) -> bool:
    """Return whether a signal is a window of another one's room."""
    return other.role is Role.WINDOW and bool(signal.room) and signal.room == other.room


def _shares_air(signal: WatchedSignal, other: WatchedSignal) -> bool:
    """Return whether what stirs the air of a signal's room is felt by another quantity."""
    return signal.role is not other.role and not other.is_binary and bool(signal.room) and signal.room == other.room


def _is_alike(signal: WatchedSignal, other: WatchedSignal) -> bool:
    """Return whether two signals measure the same quantity and are not parts of one device."""
    return signal.role is other.role and not (signal.device and signal.device == other.device)


def _is_beside(signal: WatchedSignal, other: WatchedSignal) -> bool:
    """Return whether another quantity of the same room is measured by another device."""
    is_other = signal.role is not other.role and not other.is_binary
    return (
        is_other
        and bool(signal.room)
        and signal.room == other.room
        and (not signal.device or signal.device != other.device)
    )


def silent_groups(
    signals: Sequence[WatchedSignal], fired: NDArray[np.bool_], almost: NDArray[np.bool_]
) -> Iterator[tuple[Scope, str, NDArray[np.int64]]]:
    """Yield hubs, then devices, then lone signals that are gone; fired and almost (signals,)."""
    taken = np.zeros(len(signals), dtype=bool)
    for hub, rows in _groups(signals, [signal.hub for signal in signals]):
        devices = {signals[n].device or signals[n].id for n in rows}
        dead = {signals[n].device or signals[n].id for n in rows if almost[n]}
        if len(devices) >= _HUB_LEAST_DEVICES and len(dead) >= _HUB_SHARE * len(devices) and fired[rows].any():
            taken[rows] = True
            yield Scope.HUB, hub, np.array(rows)
    for device, rows in _groups(signals, [signal.device for signal in signals]):
        if len(rows) > 1 and almost[rows].all() and fired[rows].any() and not taken[rows].any():
            taken[rows] = True
            yield Scope.DEVICE, device, np.array(rows)
    for row in np.flatnonzero(fired & ~taken).tolist():
        yield Scope.SIGNAL, signals[row].id, np.array([row])


def _groups(signals: Sequence[WatchedSignal], names: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield the rows of each name that is not empty."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names[: len(signals)]):
        if name:
            found[name].append(row)
    yield from found.items()
