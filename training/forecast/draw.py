"""Simulated households at random instants, asked about as the integration would: what training and scores need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.forecast import FORECAST_CHANNELS, ForecastRequest, forecast_inputs
from custom_components.inkling.core.slots import SLOT_SECONDS, SLOTS_PER_DAY, SlotView

from .homes import HOME, ORIGIN, STEP_SECONDS, STEPS_PER_SLOT, SimulatedHome, simulate_household
from .routine import STEPS_PER_DAY, chance

Array = NDArray[np.float32]
FIRST_SLOT = int(ORIGIN // SLOT_SECONDS)
_HISTORY_DAYS = 140
_ROOMS_AT_ONCE = 4
_NEAR_ROWS, _ALL_ROWS = 10, 12
_NEAR_SLOTS = 12


@dataclass(frozen=True, slots=True)
class Rows:
    """What the network learns from: inputs (n, channels), occupied shares (n,)."""

    inputs: Array
    targets: Array


class Recorded:
    """A simulated home with what a home would have kept of it."""

    def __init__(self, home: SimulatedHome, rng: np.random.Generator) -> None:
        """Sum up slots, find runs, and lose some time for all rooms at once."""
        self.home = home
        self.names = list(home.rooms)
        self._states = np.stack(list(home.rooms.values()))
        self._shares = self._states.reshape(len(self.names), -1, STEPS_PER_SLOT).mean(axis=2).astype(np.float32)
        for _ in range(rng.poisson(1.0)):
            start = int(rng.integers(self._shares.shape[1]))
            self._shares[:, start : start + int(rng.lognormal(np.log(20.0), 1.2))] = np.nan
        changed = np.ones(self._states.shape, np.bool_)
        changed[:, 1:] = self._states[:, 1:] != self._states[:, :-1]
        self._since = np.maximum.accumulate(np.where(changed, np.arange(self._states.shape[1]), 0), axis=1)

    def time_of(self, step: int) -> float:
        """Return a step's epoch seconds."""
        return ORIGIN + step * STEP_SECONDS

    def state(self, row: int, step: int) -> bool:
        """Return whether a room is occupied at a step."""
        return bool(self._states[row, step])

    def request(self, row: int, step: int, first_slot: int, rng: np.random.Generator) -> ForecastRequest:
        """Return a room as it stands at a step, its past kept from a slot on."""
        state = self.state(row, step)
        slot = step // STEPS_PER_SLOT
        first_slot = min(max(first_slot, slot - _HISTORY_DAYS * SLOTS_PER_DAY), slot)
        since = self.time_of(max(int(self._since[row, step]), first_slot * STEPS_PER_SLOT))
        sure = rng.normal(3.5, 1.0) if chance(rng, 0.93) else rng.normal(0.0, 0.7)
        known = chance(rng, 0.98)
        return ForecastRequest(
            room=self.names[row],
            history=SlotView(FIRST_SLOT + first_slot, self._shares[row, first_slot:slot]),
            probability=float(1.0 / (1.0 + np.exp(-sure if state else sure))) if known else None,
            occupied=state if known else None,
            since=since - rng.uniform(0.0, STEP_SECONDS) if known and chance(rng, 0.95) else None,
            people_home=float(self.home.people[:, step].mean()) if self.home.tracked else None,
            is_home=self.names[row] == HOME,
        )

    def shares_ahead(self, row: int, step: int) -> Array:
        """Return the occupied shares of the 96 slots from a step on, the first from the step to its end."""
        start = step // STEPS_PER_SLOT * STEPS_PER_SLOT
        ahead = self._states[row, start : start + SLOTS_PER_DAY * STEPS_PER_SLOT].reshape(-1, STEPS_PER_SLOT)
        found = ahead.mean(axis=1)
        found[0] = self._states[row, step : start + STEPS_PER_SLOT].mean()
        return np.asarray(found, np.float32)


def draw_rows(seeds: Sequence[int], days: int, instants: int) -> Rows:
    """Return rows of many households at random instants and ages of their history."""
    inputs, targets = [], []
    for seed in seeds:
        rng = np.random.default_rng([seed, 815])
        recorded = Recorded(simulate_household(seed, days), rng)
        for _ in range(instants):
            part, truth = _at_instant(recorded, rng, days)
            inputs.append(part)
            targets.append(truth)
    return Rows(np.concatenate(inputs), np.concatenate(targets))


def draw_first_slot(step: int, rng: np.random.Generator) -> int:
    """Return since when a home keeps its past at a step: for hours, weeks or months."""
    age_days = rng.choice(
        [rng.uniform(0.0, 7.0), rng.uniform(7.0, 42.0), rng.uniform(42.0, 140.0)], p=[0.2, 0.35, 0.45]
    )
    return max(0, step // STEPS_PER_SLOT - int(age_days * SLOTS_PER_DAY))


def _at_instant(recorded: Recorded, rng: np.random.Generator, days: int) -> tuple[Array, Array]:
    """Return the rows of the home and some rooms at one random instant."""
    step = int(rng.integers((days - 1) * STEPS_PER_DAY))
    first = draw_first_slot(step, rng)
    others = 1 + rng.choice(len(recorded.names) - 1, _ROOMS_AT_ONCE, replace=False)
    # The home twice: it is asked about in every home, each room only where there is one.
    rows = [0, 0, *others.tolist()]
    requests = [recorded.request(row, step, first, rng) for row in rows]
    values = forecast_inputs(recorded.home.calendar, recorded.time_of(step), requests).values
    truth = np.stack([recorded.shares_ahead(row, step) for row in rows])
    near = rng.integers(_NEAR_SLOTS, size=(len(rows), _NEAR_ROWS))
    chosen = np.concatenate([near, rng.integers(SLOTS_PER_DAY, size=(len(rows), _ALL_ROWS))], axis=1)
    places = np.arange(len(rows))[:, None]
    return values[places, chosen].reshape(-1, len(FORECAST_CHANNELS)), truth[places, chosen].reshape(-1)
