"""Who agrees with whom: other signals of the same role that tell what a signal should say now."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..units import Role
from .classes import WatchedSignal
from .table import GRAIN

PEERS = 4
# A peer that leaves more than this share of the signal's spread unexplained tells nothing of an hour.
_LARGEST_REST_SHARE = 0.6
_LEAST_HOURS = 20
# A chair that nobody sat in is no fault; a room that everybody walked through is seen.
SEEING = frozenset({Role.MOTION, Role.PRESENCE})
_PRIOR_GRAINS = 3.0
_LEAST_SHARE = 0.4
_CO_DECAY_PER_BIN = 0.5 ** (1.0 / (14 * 288))
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


class NumericPeers:
    """For each signal up to four others, each with the line that leads from its value to this one's."""

    def __init__(self, signals: Sequence[WatchedSignal]) -> None:
        """Begin without a peer."""
        count = len(signals)
        self.index = np.full((count, PEERS), -1, dtype=np.int64)
        self.gain = np.zeros((count, PEERS), dtype=np.float32)
        self.offset = np.full((count, PEERS), np.nan, dtype=np.float32)
        self.apart = np.full((count, PEERS), np.nan, dtype=np.float32)
        """How far each is above each of its peers, on the mean."""
        self.is_near = np.zeros((count, PEERS), dtype=bool)
        """Who tells of an hour; the others share the weather, and tell of days."""
        roles = sorted({signal.role for signal in signals if not signal.is_binary})
        self._groups = [
            (np.array([i for i, signal in enumerate(signals) if signal.role is role]), role) for role in roles
        ]
        self._home = [(signal.room, signal.device) for signal in signals]

    def learn(self, hours: Floats) -> None:
        """Choose peers and lines anew from hourly means, shape (signals, hours)."""
        self.index[:] = -1
        self.is_near[:] = False
        self.offset[:] = np.nan
        self.apart[:] = np.nan
        for members, role in self._groups:
            if len(members) > 1:
                self._learn_group(members, hours[members].astype(np.float64), role)

    def _learn_group(self, members: NDArray[np.int64], values: Doubles, role: Role) -> None:
        """Choose among the signals of one role; values (n, hours)."""
        grain, shares_air = GRAIN.get(role, 0.1), role is Role.TEMPERATURE
        known = ~np.isnan(values)
        centre = np.nanmean(np.where(known.any(axis=1, keepdims=True), values, 0.0), axis=1, keepdims=True)
        filled, mask = np.where(known, values - centre, 0.0), known.astype(np.float64)
        shared = np.maximum(mask @ mask.T, 1.0)
        mine, theirs = (filled @ mask.T) / shared, (mask @ filled.T) / shared
        both = (filled @ filled.T) / shared - mine * theirs
        own = (filled**2 @ mask.T) / shared - mine**2
        other = (mask @ (filled**2).T) / shared - theirs**2
        # Two thermometers of a home move alike until history says by how much.
        prior = (_PRIOR_GRAINS * grain) ** 2
        gain = (both + prior) / (other + prior)
        rest = own - 2.0 * gain * both + gain**2 * other
        is_useful = (rest < _LARGEST_REST_SHARE * own) | (rest < prior)
        rest = np.where((is_useful | shares_air) & (mask @ mask.T >= _LEAST_HOURS), rest, np.inf)
        np.fill_diagonal(rest, np.inf)
        order = np.argsort(rest, axis=1, kind="stable")[:, :PEERS]
        width = order.shape[1]
        row = np.arange(len(members))[:, None]
        is_peer = np.isfinite(rest[row, order])
        self.is_near[members, :width] = is_useful[row, order] & is_peer
        slope = gain[row, order]
        level = mine[row, order] + centre - slope * (theirs[row, order] + centre[order][:, :, 0])
        self.index[members, :width] = np.where(is_peer, members[order], -1)
        self.gain[members, :width] = slope
        self.offset[members, :width] = np.where(is_peer, level, np.nan)
        apart = mine[row, order] + centre - (theirs[row, order] + centre[order][:, :, 0])
        self.apart[members, :width] = np.where(is_peer, apart, np.nan)

    def expected(self, values: Floats) -> tuple[Floats, Floats]:
        """Return what the near peers say each signal should be, from values (..., signals): by line, and in full.

        A week of spring does not tell how much of a heat wave reaches a room: both may be right.
        """
        return self._told(np.where(self.is_near, values[..., self.index], np.float32(np.nan)))

    def expected_of_days(self, values: Floats) -> tuple[Floats, Floats]:
        """Return what all peers say, as `expected` does."""
        return self._told(values[..., self.index])

    def _told(self, told: Floats) -> tuple[Floats, Floats]:
        """Return the medians of what peers say, shape (..., signals, PEERS): by line, and in full."""
        return median_known(told * self.gain + self.offset), median_known(told + self.apart)


def median_known(told: Floats) -> Floats:
    """Return the median over the last axis of what is not NaN; NaN where nothing is known."""
    ordered = np.sort(told, axis=-1)
    known = np.count_nonzero(~np.isnan(ordered), axis=-1)
    flat, count = ordered.reshape(-1, told.shape[-1]), known.reshape(-1)
    row = np.arange(len(flat))
    low, high = flat[row, np.maximum(count - 1, 0) // 2], flat[row, np.minimum(count // 2, told.shape[-1] - 1)]
    found: Floats = (0.5 * (low + high)).reshape(known.shape)
    return found


class Company:
    """How often each on/off signal is active when another one is: what movement nearby lets expect."""

    def __init__(self, signals: Sequence[WatchedSignal]) -> None:
        """Begin with nothing known of the signals that are on or off."""
        self.rows = np.array([row for row, signal in enumerate(signals) if signal.is_binary], dtype=np.int64)
        count = len(self.rows)
        seeing = [signal.room if signal.role in SEEING else "" for signal in signals if signal.is_binary]
        rooms = np.array(seeing, dtype=np.str_)
        beside = (rooms[:, None] == rooms[None, :]) & (rooms != "")[:, None]
        np.fill_diagonal(beside, val=False)
        # Who shares the room knows best; only a room with one sensor is judged by the rest of the home.
        self._may_tell = np.where(beside.any(axis=1, keepdims=True), beside, ~np.eye(count, dtype=bool))
        self.together = np.zeros((count, count))
        self.alone = np.full(count, 1e-9)
        self.gain = np.ones(count)
        self.seen = np.full(count, 1.0)
        self.foretold = np.full(count, 1.0)

    def foretell(self, near: NDArray[np.bool_]) -> Doubles:
        """Return the chance that each is active, from who changed in this bin or the one before, (binaries,) each."""
        share = self.together / self.alone
        # Who is seldom there at the same time says nothing of a day without.
        share[(share < _LEAST_SHARE) | ~self._may_tell] = 0.0
        found: Doubles = (share * near).max(axis=1, initial=0.0) * self.seen / self.foretold
        return np.minimum(found, 1.0)

    def learn(
        self, active: NDArray[np.bool_], near: NDArray[np.bool_], chance: Doubles, is_well: NDArray[np.bool_]
    ) -> None:
        """Count a bin, of the signals that are well only; shapes (binaries,)."""
        kept = np.where(is_well, _CO_DECAY_PER_BIN, 1.0)
        self.together *= kept[:, None]
        self.together += np.outer(active & is_well, near)
        # The share is of the bins in which the one judged was well, so the count of the others is per pair.
        self.alone = np.maximum(self.alone * _CO_DECAY_PER_BIN + near, 1e-9)
        plain = chance * self.foretold / self.seen
        self.seen = np.where(is_well, self.seen * _CO_DECAY_PER_BIN + (active & (chance > 0.0)), self.seen)
        self.foretold = np.where(is_well, self.foretold * _CO_DECAY_PER_BIN + plain, self.foretold)
