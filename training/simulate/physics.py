"""Physical constants and laws of a room, each with its source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# CO2 outdoors, ppm (NOAA Global Monitoring Laboratory, annual mean 2023-2024).
OUTDOOR_CO2_PPM = 421.0
# CO2 breathed out by one adult, litres a second, at 1.2 met and asleep (Persily and de Jonge 2017, Indoor Air 27).
CO2_LITRES_PER_SECOND_AWAKE = 0.0050
CO2_LITRES_PER_SECOND_ASLEEP = 0.0037
# Heat of one seated adult, watts (ASHRAE Fundamentals, chapter 18: sensible 70-75 W, latent 45 W).
SENSIBLE_WATTS = 72.0
# Water vapour of one seated adult, grams a second: 45 W latent over 2.43 kJ/g.
MOISTURE_GRAMS_PER_SECOND = 0.0185
# Effective heat capacity of a furnished room per cubic metre of air, J/K (ISO 52016-1, light to medium class).
HEAT_CAPACITY_PER_M3 = 40_000.0
# Magnus formula (Alduchov and Eskridge 1996, J. Appl. Meteor. 35).
_MAGNUS_HPA, _MAGNUS_A, _MAGNUS_B = 6.1094, 17.625, 243.04
# Specific gas constant of water vapour, J/(g K).
_VAPOUR_GAS_CONSTANT = 0.4615
# Direct sunlight above the air, lux, and its optical depth in clear air (IES Lighting Handbook).
_SUN_LUX, _OPTICAL_DEPTH = 128_000.0, 0.21
_ZERO_CELSIUS_KELVIN = 273.15


def saturation_grams_per_m3(celsius: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the water vapour that air can hold, g/m3, any shape."""
    pascal = 100.0 * _MAGNUS_HPA * np.exp(_MAGNUS_A * celsius / (celsius + _MAGNUS_B))
    return np.asarray(pascal / (_VAPOUR_GAS_CONSTANT * (celsius + _ZERO_CELSIUS_KELVIN)))


def relative_humidity(grams_per_m3: NDArray[np.float64], celsius: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return relative humidity in percent, any shape."""
    return np.asarray(np.clip(100.0 * grams_per_m3 / saturation_grams_per_m3(celsius), 1.0, 100.0))


def co2_equilibrium_ppm(
    litres_per_second: NDArray[np.float64], air_changes_per_hour: NDArray[np.float64], volume_m3: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the CO2 a source settles at in a ventilated room: outdoor level plus source over air flow."""
    flow_litres_per_second = air_changes_per_hour * volume_m3 * 1000.0 / 3600.0
    return np.asarray(OUTDOOR_CO2_PPM + 1e6 * litres_per_second / flow_litres_per_second)


def outdoor_lux(
    day_of_year: NDArray[np.float64], solar_hour: NDArray[np.float64], latitude: float
) -> NDArray[np.float64]:
    """Return clear-sky illuminance on level ground, any shape (declination: Cooper 1969, Solar Energy 12)."""
    declination = np.radians(23.45) * np.sin(2.0 * np.pi * (284.0 + day_of_year) / 365.0)
    hour_angle = np.radians(15.0) * (solar_hour - 12.0)
    phi = np.radians(latitude)
    sine = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle)
    up = np.maximum(sine, 1e-3)
    return np.asarray(np.where(sine > 0.0, _SUN_LUX * np.exp(-_OPTICAL_DEPTH / up) * up + 8_000.0 * up, 0.0))
