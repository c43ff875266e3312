"""The air of every room by mass and heat balance, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import physics

Array = NDArray[np.float64]
STEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class AirSpec:
    """The rooms' air, arrays of shape (rooms,) unless said otherwise."""

    volume_m3: Array
    leak_per_hour: Array
    """Air changes with the window shut."""
    open_per_hour: Array
    """Air changes with the window open."""
    mixing_per_hour: float
    """Air exchanged with the other rooms: 0.1 through a shut door's gaps, 3 to 9 through an open one
    (100 to 300 m3/h; ASHRAE Fundamentals, chapter 16)."""
    heat_loss_per_hour: Array
    setpoint_celsius: float
    heating_per_hour: float


@dataclass(frozen=True, slots=True)
class Air:
    """What the sensors could read, shape (minutes, rooms) each."""

    co2_ppm: Array
    celsius: Array
    humidity_percent: Array


def breathe(spec: AirSpec, people: Array, asleep: Array, steam: Array, window: Array, outdoor_celsius: Array) -> Air:
    """Return the air over time from people awake and asleep, steam (g/s) and open windows, (minutes, rooms) each."""
    litres = people * physics.CO2_LITRES_PER_SECOND_AWAKE + asleep * physics.CO2_LITRES_PER_SECOND_ASLEEP
    grams = (people + asleep) * physics.MOISTURE_GRAMS_PER_SECOND + steam
    watts = (people + asleep) * physics.SENSIBLE_WATTS + steam * 800.0
    changes = np.where(window > 0.0, spec.open_per_hour, spec.leak_per_hour)
    outside_vapour = 0.75 * physics.saturation_grams_per_m3(outdoor_celsius)[:, None]
    targets = np.stack(
        (
            physics.co2_equilibrium_ppm(litres, changes, spec.volume_m3),
            outside_vapour + grams / (changes * spec.volume_m3 / 3600.0),
        ),
        axis=1,
    )
    stays = np.exp(-changes * STEP_SECONDS / 3600.0)[:, None, :]
    celsius = _celsius(spec, watts, changes, outdoor_celsius)
    first = 0.45 * physics.saturation_grams_per_m3(np.full(people.shape[1], spec.setpoint_celsius))
    levels = np.stack((np.full(people.shape[1], physics.OUTDOOR_CO2_PPM + 150.0), first))
    found = np.empty_like(targets)
    parts, share = _mixing(spec)
    for minute in range(len(people)):
        # The exact solution of a level that relaxes to its target; then the rooms mix.
        levels = targets[minute] + (levels - targets[minute]) * stays[minute]
        levels = levels + share * ((levels @ parts)[:, None] - levels)
        found[minute] = levels
    return Air(found[:, 0], celsius, physics.relative_humidity(found[:, 1], celsius))


def _celsius(spec: AirSpec, watts: Array, changes: Array, outdoors: Array) -> Array:
    """Return the temperature over time: people, heating towards the set point, losses through walls and air."""
    hours = STEP_SECONDS / 3600.0
    gain = watts / (spec.volume_m3 * physics.HEAT_CAPACITY_PER_M3) * STEP_SECONDS
    loss = (spec.heat_loss_per_hour + 0.03 * changes) * hours
    heating = spec.heating_per_hour * hours
    parts, share = _mixing(spec)
    # A house that is warm outside is warm inside when the record begins.
    level = np.full(watts.shape[1], max(spec.setpoint_celsius, float(outdoors.mean())))
    found = np.empty_like(watts)
    for minute in range(len(watts)):
        heated = heating * np.maximum(spec.setpoint_celsius - level, 0.0)
        level = level + gain[minute] + heated - loss[minute] * (level - outdoors[minute])
        level = level + share * (level @ parts - level)
        found[minute] = level
    return found


def _mixing(spec: AirSpec) -> tuple[Array, float]:
    """Return each room's part of the home's air, and how far a step draws levels towards the home's mean."""
    share = 1.0 - np.exp(-spec.mixing_per_hour * STEP_SECONDS / 3600.0)
    return spec.volume_m3 / spec.volume_m3.sum(), float(share)
