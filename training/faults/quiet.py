"""Homes without a failure, but with what makes others cry: a holiday, a puppy, a heat wave, a change of the clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import zlib

import numpy as np

from custom_components.inkling.core.faults.classes import Alarm, Settings, Severity, WatchedSignal
from custom_components.inkling.core.units import ROLE_SPECS, Role

from ..simulate import simulate_home
from .replay import Home, Series, all_series, watched

_DAY, _HOUR = 86_400.0, 3_600.0
_AIR = {Role.TEMPERATURE: 6.0, Role.HUMIDITY: -12.0}
_NIGHT_HOURS = (2.0, 5.0)
_SMOOTH_READINGS = 12
_WHOLE = 1e-6
# No household of the simulator sits still for that long.
_HELD_SECONDS = 12.0 * _HOUR
_PUPPY_SPELLS_A_DAY = 25


@dataclass(frozen=True, slots=True)
class Calendar:
    """When what happens, in days from the beginning."""

    holiday: tuple[float, float] = (24.05, 38.05)
    puppy: float = 42.0
    heat: tuple[float, float] = (46.0, 51.0)
    clocks: float = 55.0


@dataclass(frozen=True, slots=True)
class Quiet:
    """What was said of a home in which nothing failed."""

    seed: int
    alarms: tuple[Alarm, ...]
    signal_days: float
    held: int = 0
    """How many of the alarms are about a presence sensor that the simulator's fan or curtain held on."""


def quiet_home(seed: int, days: int, settings: Settings, calendar: Calendar | None = None) -> Quiet:
    """Return what a watch says of a simulated home without a failure, from its first day on."""
    trace = simulate_home(seed, days)
    signals, series = watched(trace), all_series(trace)
    start = min(float(item.times[0]) for item in series.values() if len(item.times))
    rng = np.random.default_rng(seed)
    calendar = calendar or Calendar()
    lived = disturbed(signals, series, start, calendar, rng)
    away = (start + calendar.holiday[0] * _DAY, start + calendar.holiday[1] * _DAY)
    radars = {item.id for item in signals if item.role is Role.PRESENCE}
    home = Home(signals, lived, settings, away)
    alarms = tuple(alarm for alarm in home.walk(home.end) if alarm.severity is not Severity.INFO)
    # The days of learning are no days of silence: nothing was judged.
    judged = max(0.0, (home.end - start) / _DAY - settings.learning_days)
    held = sum(_is_held(lived[alarm.signal], alarm.raised) for alarm in alarms if alarm.signal in radars)
    return Quiet(seed, alarms, len(signals) * judged, held)


def _is_held(series: Series, now: float) -> bool:
    """Return whether a presence sensor was on for half a day without a break within the day before, as it reads."""
    edges = np.append(series.times, np.inf)
    begins, ends = np.maximum(edges[:-1], now - _DAY), np.minimum(edges[1:], now)
    spells = np.where(series.values == 1.0, ends - begins, 0.0)
    return bool(np.max(spells, initial=0.0) >= _HELD_SECONDS)


def disturbed(
    signals: tuple[WatchedSignal, ...],
    series: Mapping[str, Series],
    start: float,
    calendar: Calendar,
    rng: np.random.Generator,
) -> dict[str, Series]:
    """Return the readings with everything the calendar says; `start` in epoch seconds."""
    found = {}
    end = max(float(item.times[-1]) for item in series.values() if len(item.times))
    for signal in signals:
        item = series[signal.id]
        away = (start + calendar.holiday[0] * _DAY, start + calendar.holiday[1] * _DAY)
        item = _away(item, away, rng, is_lively=signal.is_binary)
        item = Series(item.times, np.clip(item.values, ROLE_SPECS[signal.role].low, ROLE_SPECS[signal.role].high))
        if signal.role in (Role.MOTION, Role.PRESENCE):
            # Both sensors of a room see the same dog.
            walks = np.random.default_rng(zlib.crc32(signal.room.encode()))
            item = _with_puppy(item, (start + calendar.puppy * _DAY, end), walks)
        if signal.role in _AIR:
            hot = (start + calendar.heat[0] * _DAY, start + calendar.heat[1] * _DAY)
            item = _hot(item, hot, _AIR[signal.role] * float(rng.uniform(0.85, 1.15)))
        found[signal.id] = _clocks_changed(item, start + calendar.clocks * _DAY)
    return found


def _away(series: Series, away: tuple[float, float], rng: np.random.Generator, *, is_lively: bool) -> Series:
    """Return readings of a home that nobody is in: no movement, and the air of its nights."""
    inside = (series.times >= away[0]) & (series.times < away[1])
    if is_lively:
        keep = ~inside
        times = np.concatenate((series.times[keep], [away[0]]))
        values = np.concatenate((series.values[keep], [0.0]))
        order = np.argsort(times, kind="stable")
        return Series(times[order], values[order])
    hours = series.times % _DAY / _HOUR
    at_night = inside & (hours >= _NIGHT_HOURS[0]) & (hours < _NIGHT_HOURS[1])
    values = series.values.copy()
    if at_night.sum() < 2 * _SMOOTH_READINGS:
        return series
    nights = series.values[at_night]
    level = np.convolve(nights, np.full(_SMOOTH_READINGS, 1.0 / _SMOOTH_READINGS), "valid")
    centre = series.times[at_night][_SMOOTH_READINGS // 2 :][: len(level)]
    # Who sleeps in a room moves its air slowly; what is left from reading to reading is the sensor's own noise.
    noise = float(np.median(np.abs(np.diff(nights)))) / 2.0
    calm = np.interp(series.times[inside], centre, level) + rng.normal(0.0, noise, int(inside.sum()))
    decimals = 1 if np.any(np.abs(series.values % 1.0) > _WHOLE) else 0
    values[inside] = np.round(calm, decimals)
    return Series(series.times, values)


def _with_puppy(series: Series, days: tuple[float, float], rng: np.random.Generator) -> Series:
    """Return a motion sensor that also sees a dog, from the first instant to the last."""
    since, last = days[0], max(days)
    count = rng.poisson(_PUPPY_SPELLS_A_DAY * max(last - since, 0.0) / _DAY)
    spells = [(t, t + float(rng.uniform(20.0, 120.0))) for t in rng.uniform(since, last, count).tolist()]
    places = np.searchsorted(series.times, [start for start, _ in spells], side="right") - 1
    # A dog beside a person adds nothing that the sensor would not say anyhow.
    free = [
        spell
        for spell, place in zip(spells, places.tolist(), strict=True)
        if series.values[place] == 0.0 and (place + 1 == len(series.times) or series.times[place + 1] > spell[1])
    ]
    times = np.concatenate((series.times, np.array(free).ravel()))
    values = np.concatenate((series.values, np.tile((1.0, 0.0), len(free))))
    order = np.argsort(times, kind="stable")
    return Series(times[order], values[order])


def _hot(series: Series, hot: tuple[float, float], rise: float) -> Series:
    """Return air that is warmer, or drier, by up to `rise` in the middle of some days."""
    share = np.clip((series.times - hot[0]) / (hot[1] - hot[0]), 0.0, 1.0)
    return Series(series.times, np.round(series.values + rise * np.sin(np.pi * share) ** 2, 1))


def _clocks_changed(series: Series, at: float) -> Series:
    """Return a home whose people do everything an hour earlier from an instant on."""
    keep = (series.times < at) | (series.times >= at + _HOUR)
    times = series.times[keep]
    return Series(np.where(times >= at, times - _HOUR, times), series.values[keep])
