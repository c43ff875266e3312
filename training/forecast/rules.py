"""The rules a forecast is compared with, on a grid of whole days: only past days are looked at, and today so far.

PreHeat: Scott et al. (2011), PreHeat: controlling home heating using occupancy prediction, UbiComp.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from custom_components.inkling.core.slots import SLOTS_PER_DAY

Array = NDArray[np.float64]
_NEAREST = 5
_SHIFT = 2
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class DayGrid:
    """Occupied (1) or vacant (0) in the middle of each slot, shape (days, 96), and each day's weekday."""

    states: Array
    weekdays: NDArray[np.int64]

    def same_class(self, day: int) -> NDArray[np.int64]:
        """Return the past days that are work days as this one, or weekends as this one."""
        is_weekend = self.weekdays > 4  # noqa: PLR2004 - Saturday and Sunday
        return np.flatnonzero(is_weekend[:day] == is_weekend[day])


Rule = Callable[[DayGrid, int, int], Array]
"""From a day and a lag in slots: what is said at every slot of the day whose target is in the same day."""


def always(grid: DayGrid, day: int, lag: int) -> Array:
    """Say occupied."""
    del day
    return np.ones(grid.states.shape[1] - lag)


def persistence(grid: DayGrid, day: int, lag: int) -> Array:
    """Say what is now."""
    return grid.states[day, : SLOTS_PER_DAY - lag]


def weekday_profile(grid: DayGrid, day: int, lag: int) -> Array:
    """Say the mean of past same weekdays at the target's slot."""
    past = np.flatnonzero(grid.weekdays[:day] == grid.weekdays[day])
    return np.asarray(grid.states[past, lag:].mean(axis=0))


def markov(grid: DayGrid, day: int, lag: int) -> Array:
    """Say how past days of this kind went on that stood the same within two slots of now."""
    past = grid.states[grid.same_class(day)]
    count = SLOTS_PER_DAY - lag
    hits, total = np.zeros(count), np.zeros(count)
    now = grid.states[day, :count]
    for shift in range(-_SHIFT, _SHIFT + 1):
        at = np.arange(count) + shift
        valid = (at >= 0) & (at < count)
        same = (past[:, np.clip(at, 0, count - 1)] == now) & valid
        hits += (same * past[:, np.clip(at + lag, 0, SLOTS_PER_DAY - 1)]).sum(axis=0)
        total += same.sum(axis=0)
    return np.asarray((hits + 0.5) / (total + 1.0))


def preheat(grid: DayGrid, day: int, lag: int) -> Array:
    """Say the mean of the five past days of this kind that were most like today so far."""
    # The newest first: of two days as near as each other it is the later one that counts.
    past, today = grid.states[grid.same_class(day)[::-1]], grid.states[day]
    found = []
    for slot in range(SLOTS_PER_DAY - lag):
        distance = np.abs(past[:, :slot] - today[:slot]).sum(axis=1)
        nearest = np.argsort(distance, kind="stable")[:_NEAREST]
        found.append(past[nearest, slot + lag].mean())
    return np.array(found)


RULES: Mapping[str, Rule] = {
    "always occupied": always,
    "persistence": persistence,
    "weekday profile": weekday_profile,
    "slot x state Markov": markov,
    "PreHeat k = 5": preheat,
}


def boosted(grid: DayGrid, warm_up_days: int, lag: int) -> list[Array]:
    """Return gradient boosting's answers for every day after the warm-up, trained anew each week on all days before."""
    features = _boosting_features(grid, lag)
    targets = grid.states[:, lag:]
    found: list[Array] = []
    for first in range(warm_up_days, len(grid.states), _WEEK_DAYS):
        chosen = slice(_WEEK_DAYS, first)
        truth = targets[chosen].reshape(-1)
        days = range(first, min(first + _WEEK_DAYS, len(grid.states)))
        if truth.min() == truth.max():
            found += [np.full(targets.shape[1], truth[0]) for _ in days]
            continue
        learner = HistGradientBoostingClassifier(
            learning_rate=0.06,
            max_iter=120,
            max_leaf_nodes=15,
            min_samples_leaf=60,
            l2_regularization=1.0,
            random_state=0,
        )
        learner.fit(features[chosen].reshape(len(truth), -1), truth > 0.5)  # noqa: PLR2004 - 0 or 1
        found += [learner.predict_proba(features[day])[:, 1] for day in days]
    return found


def _boosting_features(grid: DayGrid, lag: int) -> Array:
    """Return what boosting is told at every slot, shape (days, slots, features): all of it is past."""
    days, count = len(grid.states), SLOTS_PER_DAY - lag
    line = grid.states.reshape(-1)
    starts = np.append(True, line[1:] != line[:-1])
    run = np.arange(len(line)) - np.maximum.accumulate(np.where(starts, np.arange(len(line)), 0))
    hour = np.convolve(line, np.ones(4) / 4.0)[: len(line)]
    whole_day = np.convolve(line, np.ones(SLOTS_PER_DAY) / SLOTS_PER_DAY)[: len(line)]
    columns: list[NDArray[np.floating]] = [part.reshape(days, -1)[:, :count] for part in (line, run, hour, whole_day)]
    slot = np.broadcast_to(np.arange(count, dtype=np.float64), (days, count))
    columns += [slot, np.repeat(grid.weekdays[:, None], count, axis=1)]
    columns += [_of_past(grid, days, lag, same) for same in (True, False)]
    before = np.vstack([np.full((1, count), np.nan), grid.states[:-1, lag:]])
    week = np.vstack([np.full((_WEEK_DAYS, count), np.nan), grid.states[:-_WEEK_DAYS, lag:]])
    return np.stack([*columns, before, week], axis=2)


def _of_past(grid: DayGrid, days: int, lag: int, same_weekday: bool) -> Array:  # noqa: FBT001 - which of two
    """Return the mean of past days at the target's slot: of the same weekday or of all, NaN where there are none."""
    found = np.full((days, SLOTS_PER_DAY - lag), np.nan)
    for day in range(days):
        past = grid.weekdays[:day] == grid.weekdays[day] if same_weekday else np.ones(day, np.bool_)
        if past.any():
            found[day] = grid.states[:day][past][:, lag:].mean(axis=0)
    return found


def said_by(rule: Rule, grid: DayGrid, days: Sequence[int], lag: int) -> list[Array]:
    """Return a rule's answers for each of some days."""
    return [rule(grid, day, lag) for day in days]
