"""Forecasts against what came: the model and the rules beside it on the same instants, by room and horizon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.forecast import BASELINES, Forecast, forecast_batch
from custom_components.inkling.core.pipeline import Model
from custom_components.inkling.core.tally import CERTAIN_BRIER

from .draw import Recorded
from .homes import HOME, STEP_SECONDS, simulate_household
from .routine import STEPS_PER_DAY

HORIZONS_MINUTES = (15, 30, 60, 120, 180, 360)
MODEL = "model"
ALL, HOMES, ROOMS = "all rooms", "homes", "rooms"
PRIOR_QUANTILE = 0.25
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScoredRoom:
    """One room's forecasts: truths and what each said, of shape (instants, horizons); NaN where nothing is known."""

    home: str
    room: str
    truths: Array
    said: Mapping[str, Array]

    def brier(self, name: str) -> Array:
        """Return the Brier score of the model or a rule by horizon, shape (horizons,)."""
        return np.asarray(np.nanmean((self.said[name] - self.truths) ** 2, axis=0))


def at_horizons(forecast: Forecast) -> dict[str, Array]:
    """Return what the model and each rule say at the horizons, each of shape (horizons,)."""
    wanted = forecast.made_at + 60.0 * np.array(HORIZONS_MINUTES)
    every = {MODEL: forecast.probabilities, **forecast.baselines}
    return {name: np.interp(wanted, forecast.moments, values) for name, values in every.items()}


def score_household(model: Model, seed: int, days: int, every_steps: int, from_day: int = 0) -> list[ScoredRoom]:
    """Return a simulated home's rooms, forecast every so often from a day on with all of the past kept."""
    rng = np.random.default_rng([seed, 99])
    recorded = Recorded(simulate_household(seed, days), rng)
    steps = np.arange(from_day * STEPS_PER_DAY, (days - 1) * STEPS_PER_DAY, every_steps)
    rows = range(len(recorded.names))
    found = []
    for step in steps.tolist():
        requests = [recorded.request(row, step, 0, rng) for row in rows]
        made = forecast_batch(model, recorded.home.calendar, recorded.time_of(step), requests)
        found.append([at_horizons(made[name]) for name in recorded.names])
    ahead = [int(minutes * 60 / STEP_SECONDS) for minutes in HORIZONS_MINUTES]
    return [
        ScoredRoom(
            f"{seed} {recorded.home.kind}",
            recorded.names[row],
            np.array([[recorded.state(row, step + lag) for lag in ahead] for step in steps.tolist()], np.float64),
            {name: np.array([at[row][name] for at in found]) for name in (MODEL, *BASELINES)},
        )
        for row in rows
    ]


def pooled(rooms: Sequence[ScoredRoom]) -> dict[str, Array]:
    """Return the mean over rooms of the Brier scores of the model and each rule, each of shape (horizons,)."""
    return {name: np.asarray(np.nanmean([room.brier(name) for room in rooms], axis=0)) for name in rooms[0].said}


def skill(rooms: Sequence[ScoredRoom]) -> Array:
    """Return the Brier skill of pooled scores against the best rule of each horizon, shape (horizons,)."""
    scores = pooled(rooms)
    return np.asarray(1.0 - scores[MODEL] / np.maximum(_best(scores), 1e-12))


def _best(scores: Mapping[str, Array]) -> Array:
    """Return the best rule's score of each horizon, shape (horizons,)."""
    return np.asarray(np.min([scores[name] for name in scores if name != MODEL], axis=0))


def score_households(model: Model, seeds: Iterable[int], days: int, every_steps: int) -> Iterator[ScoredRoom]:
    """Yield the rooms of several simulated homes."""
    for seed in seeds:
        yield from score_household(model, seed, days, every_steps)


def sorts_of(rooms: Sequence[ScoredRoom]) -> dict[str, list[ScoredRoom]]:
    """Return the rooms by sort: all, homes, rooms, and the rooms of each name; none that is empty."""
    sorts = {ALL: list(rooms)}
    sorts[HOMES] = [room for room in rooms if room.room == HOME]
    sorts[ROOMS] = [room for room in rooms if room.room != HOME]
    for name in dict.fromkeys(room.room for room in rooms if room.room != HOME):
        sorts[name] = [room for room in rooms if room.room == name]
    return {name: chosen for name, chosen in sorts.items() if chosen}


def horizons_of(rooms: Sequence[ScoredRoom], quantile: float = PRIOR_QUANTILE) -> dict[str, dict[str, float | str]]:
    """Return the scores a home's own begin with, by minutes ahead: all rooms' level, the skill of a hard sort of room.

    Of the sorts in order of their skill it is the one at the quantile. All rooms together would promise a kitchen what
    a bedroom reaches; sorts the forecast is as good as sure of say nothing of skill.
    """
    sorts = {name: pooled(chosen) for name, chosen in sorts_of(rooms).items()}
    hard = [_at_quantile(sorts, at, quantile) for at in range(len(HORIZONS_MINUTES))]
    levels = _best(sorts[ALL]).tolist()
    return {
        str(minutes): {
            "brier": round(min(1.0, (1.0 - found) * level), 5),
            "baseline_brier": round(level, 5),
            "of": name,
        }
        for minutes, (found, name), level in zip(HORIZONS_MINUTES, hard, levels, strict=True)
    }


def _at_quantile(sorts: Mapping[str, Mapping[str, Array]], at: int, quantile: float) -> tuple[float, str]:
    """Return the skill at a horizon of the sort of room that stands at a quantile of it, and the sort."""
    found = sorted(
        (float(1.0 - briers[MODEL][at] / max(_best(briers)[at], 1e-12)), name)
        for name, briers in sorts.items()
        if name not in (ALL, ROOMS) and briers[MODEL][at] >= CERTAIN_BRIER
    )
    if not found:
        raise ValueError("no sort of room is left to begin a home's scores with; score more households")
    return found[round(quantile * (len(found) - 1))]


def by_sort(rooms: Sequence[ScoredRoom]) -> dict[str, dict[str, Any]]:
    """Return Brier scores by horizon of the model and the rules: all, homes, rooms, and each sort of room."""
    return {
        name: {
            "count": len(chosen),
            "skill": _skills(chosen),
            "brier": {rule: _list(values) for rule, values in pooled(chosen).items()},
        }
        for name, chosen in sorts_of(rooms).items()
    }


def _skills(rooms: Sequence[ScoredRoom]) -> list[float | None]:
    """Return the skill by horizon for JSON, None where the forecast is as good as sure, which a home shows as such."""
    is_sure = pooled(rooms)[MODEL] < CERTAIN_BRIER
    return [None if sure else value for sure, value in zip(is_sure.tolist(), _list(skill(rooms)), strict=True)]


def _list(values: Array) -> list[float]:
    """Return figures for JSON."""
    return [round(float(value), 4) for value in values]
