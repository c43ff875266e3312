"""Forecasts against what came: the model and the rules beside it on the same instants, by room and horizon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.forecast import BASELINES, Forecast, forecast_batch
from custom_components.inkling.core.pipeline import Model

from .draw import Recorded
from .homes import HOME, STEP_SECONDS, simulate_household
from .routine import STEPS_PER_DAY

HORIZONS_MINUTES = (15, 30, 60, 120, 180, 360)
MODEL = "model"
ALL, HOMES, ROOMS = "all rooms", "homes", "rooms"
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
    best = np.min([scores[name] for name in scores if name != MODEL], axis=0)
    return np.asarray(1.0 - scores[MODEL] / np.maximum(best, 1e-12))


def score_households(model: Model, seeds: Iterable[int], days: int, every_steps: int) -> Iterator[ScoredRoom]:
    """Yield the rooms of several simulated homes."""
    for seed in seeds:
        yield from score_household(model, seed, days, every_steps)


def horizons_of(rooms: Sequence[ScoredRoom]) -> dict[str, dict[str, float]]:
    """Return the model's and the best rule's Brier score by minutes ahead: what a home's own scores begin with."""
    scores = pooled(rooms)
    best = np.min([scores[name] for name in scores if name != MODEL], axis=0)
    return {
        str(minutes): {"brier": round(float(scores[MODEL][at]), 5), "baseline_brier": round(float(best[at]), 5)}
        for at, minutes in enumerate(HORIZONS_MINUTES)
    }


def by_sort(rooms: Sequence[ScoredRoom]) -> dict[str, dict[str, Any]]:
    """Return Brier scores by horizon of the model and the rules: all, homes, rooms, and each sort of room."""
    sorts = {ALL: list(rooms)}
    sorts[HOMES] = [room for room in rooms if room.room == HOME]
    sorts[ROOMS] = [room for room in rooms if room.room != HOME]
    for name in dict.fromkeys(room.room for room in rooms if room.room != HOME):
        sorts[name] = [room for room in rooms if room.room == name]
    return {
        name: {
            "count": len(chosen),
            "skill": _list(skill(chosen)),
            "brier": {rule: _list(values) for rule, values in pooled(chosen).items()},
        }
        for name, chosen in sorts.items()
        if chosen
    }


def _list(values: Array) -> list[float]:
    """Return figures for JSON."""
    return [round(float(value), 4) for value in values]
