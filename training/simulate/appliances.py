"""What people switch on: lamps, screens and plugs, with what they forget; and the light and sound of a room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..trace import Readings
from .people import Stay

Array = NDArray[np.float64]
# People are not heard every minute.
_HEARD_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Habits:
    """How a household uses switches."""

    forgets_light: float
    """Share of leavings with the lamp left on."""
    wants_light_below_lux: float
    forgets_screen: float


def switched(times: Array, wanted: Array, occupied: Array, forgets: float, rng: np.random.Generator) -> Array:
    """Return an on/off state per step (n,): on when wanted by somebody there, off on leaving unless forgotten."""
    state = np.zeros(len(times))
    on = False
    for step in range(len(times)):
        here = occupied[step] > 0.0
        if here and wanted[step] > 0.0:
            on = True
        elif on and here and wanted[step] <= 0.0:
            on = bool(rng.random() < 0.93)  # noqa: PLR2004 - who needs it no more switches it off within minutes
        elif on and not here:
            left_now = step > 0 and occupied[step - 1] > 0.0
            if left_now:
                on = bool(rng.random() < forgets)
            elif rng.random() < 1.0 / 400.0:
                # Somebody notices hours later.
                on = False
        state[step] = float(on)
    return state


def lamp_wanted(stays: Sequence[Stay], times: Array, daylight: Array, habits: Habits) -> Array:
    """Return 1 where somebody awake in the room wants its lamp on, shape of `times`."""
    awake = occupied_at([stay for stay in stays if stay.activity.name != "sleep"], times)
    return np.where((awake > 0.0) & (daylight < habits.wants_light_below_lux), 1.0, 0.0)


def occupied_at(stays: Sequence[Stay], times: Array) -> Array:
    """Return how many of the stays cover each time, shape of `times` (rising)."""
    change = np.zeros(len(times) + 1)
    for stay in stays:
        first, last = np.searchsorted(times, (stay.start, stay.end), side="left")
        change[first] += 1.0
        change[last] -= 1.0
    return np.cumsum(change)[:-1]


def sound_level(occupied: Array, loud: Array, floor_db: float, rng: np.random.Generator) -> Array:
    """Return dB per step: the floor, voices and steps of people, loud activities, and the street's noise."""
    heard = (occupied > 0.0) & (rng.random(len(occupied)) < _HEARD_SHARE)
    level = floor_db + np.where(heard, rng.exponential(5.0, len(occupied)), 0.0)
    level = np.maximum(level, np.where(loud > 0.0, floor_db + rng.uniform(8.0, 30.0, len(loud)), 0.0))
    street = rng.random(len(occupied)) < 0.01  # noqa: PLR2004 - once in a hundred minutes
    return np.asarray(level + street * rng.uniform(5.0, 20.0, len(occupied)) + rng.normal(0.0, 0.7, len(occupied)))


def reported(times: Array, values: Array, delta: float, most_seconds: float, decimals: int) -> Readings:
    """Return a meter's reports: when the value moved by `delta`, and at the latest after `most_seconds`."""
    rounded = np.round(values, decimals)
    chosen: list[int] = []
    last_value, last_time = np.inf, -np.inf
    for step, (t, value) in enumerate(zip(times.tolist(), rounded.tolist(), strict=True)):
        if abs(value - last_value) >= delta or t - last_time >= most_seconds:
            chosen.append(step)
            last_value, last_time = value, t
    return Readings(times[chosen], tuple(f"{rounded[step]:.{decimals}f}" for step in chosen))


def edges(times: Array, state: Array) -> Readings:
    """Return an on/off state per step as changes, the first one told too."""
    changed = np.flatnonzero(np.diff(state, prepend=state[0] - 1.0))
    return Readings(times[changed], tuple("on" if state[step] > 0.0 else "off" for step in changed))
