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
    rooms = people.shape[1]
    co2 = np.full(rooms, physics.OUTDOOR_CO2_PPM + 150.0)
    celsius = np.full(rooms, spec.setpoint_celsius)
    vapour = 0.45 * physics.saturation_grams_per_m3(celsius)
    found = [np.empty_like(people) for _ in range(3)]
    litres = people * physics.CO2_LITRES_PER_SECOND_AWAKE + asleep * physics.CO2_LITRES_PER_SECOND_ASLEEP
    grams = (people + asleep) * physics.MOISTURE_GRAMS_PER_SECOND + steam
    watts = (people + asleep) * physics.SENSIBLE_WATTS + steam * 800.0
    for minute in range(len(people)):
        changes = np.where(window[minute] > 0.0, spec.open_per_hour, spec.leak_per_hour)
        outdoors = outdoor_celsius[minute]
        co2_target = physics.co2_equilibrium_ppm(litres[minute], changes, spec.volume_m3)
        co2 = physics.relax(co2, co2_target, changes, STEP_SECONDS)
        outside_vapour = 0.75 * physics.saturation_grams_per_m3(np.array(outdoors))
        vapour_target = outside_vapour + grams[minute] / (changes * spec.volume_m3 / 3600.0)
        vapour = physics.relax(vapour, vapour_target, changes, STEP_SECONDS)
        celsius = celsius + _warming(spec, celsius, watts[minute], changes, outdoors)
        co2, vapour, celsius = (_mixed(level, spec) for level in (co2, vapour, celsius))
        found[0][minute], found[1][minute] = co2, celsius
        found[2][minute] = physics.relative_humidity(vapour, celsius)
    return Air(*found)


def _warming(spec: AirSpec, celsius: Array, watts: Array, changes: Array, outdoors: float) -> Array:
    """Return one step's rise in temperature: people, heating towards the set point, losses through walls and air."""
    capacity = spec.volume_m3 * physics.HEAT_CAPACITY_PER_M3
    heated = np.maximum(spec.setpoint_celsius - celsius, 0.0) * spec.heating_per_hour
    air_share = 0.03 * changes
    lost = (spec.heat_loss_per_hour + air_share) * (celsius - outdoors)
    return np.asarray(watts / capacity * STEP_SECONDS + (heated - lost) * STEP_SECONDS / 3600.0)


def _mixed(level: Array, spec: AirSpec) -> Array:
    """Return levels drawn towards the home's mean by the air that passes between rooms."""
    share = 1.0 - np.exp(-spec.mixing_per_hour * STEP_SECONDS / 3600.0)
    mean = float(np.sum(level * spec.volume_m3) / np.sum(spec.volume_m3))
    return np.asarray(level + share * (mean - level))
