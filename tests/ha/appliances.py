"""Appliances that are lived through: plugs that report as plugs do, days that pass in hours, and what was said."""

from collections.abc import Iterator
from datetime import date, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from .faults import POWER

WATTS = {"unit_of_measurement": "W"}
DAY = 86_400.0
FIRST = date(2026, 9, 1)

type Readings = Iterator[tuple[float, float]]
"""Epoch seconds and watts."""


def midnight(day: int) -> float:
    """Return when a local day of the story begins."""
    return dt_util.start_of_local_day(FIRST + timedelta(days=day)).timestamp()


def fridge_day(day: int, *, longer: float = 1.0) -> Readings:
    """Yield a fridge's day: it works for longer after a long rest, and for longer when it labours."""
    rng = np.random.default_rng(day)
    t, end = midnight(day) + 60.0, midnight(day + 1) - 1800.0
    while t < end:
        rest, work = rng.uniform(18.0, 26.0) * 60.0, 0.0
        work = longer * (420.0 / (rest / 60.0) + rng.normal(0.0, 0.4)) * 60.0
        for place in map(float, np.arange(0.0, work, 300.0)):
            yield t + place, 80.0 + rng.integers(0, 4)
        yield t + work, 1.0
        t += work + rest


def laundry_day(day: int) -> Readings:
    """Yield a washing machine's day: nothing, or a programme or two that somebody chose, hot or cold, short or long."""
    rng = np.random.default_rng(1000 + day)
    yield midnight(day) + 60.0, 1.0
    t = midnight(day) + rng.uniform(7.0, 10.0) * 3600.0
    for _ in range(int(rng.choice([0, 0, 1, 1, 2, 4]))):
        yield from _programme(t, rng)
        t += 3.2 * 3600.0


def _programme(t: float, rng: np.random.Generator) -> Readings:
    """Yield one programme: heat, tumble with pauses, spin."""
    heat = float(rng.choice([6.0, 12.0, 20.0, 35.0])) * rng.uniform(0.85, 1.15)
    tumble = float(rng.choice([20.0, 45.0, 80.0])) * rng.uniform(0.9, 1.1)
    for minute in range(round(heat)):
        yield t + 60.0 * minute, 2050.0 + rng.integers(-20, 20)
    t += 60.0 * round(heat)
    for minute in range(round(tumble)):
        yield t + 60.0 * minute, float(rng.choice([15.0, 180.0, 240.0]))
    t += 60.0 * round(tumble)
    for minute in range(round(rng.uniform(6.0, 12.0))):
        yield t + 60.0 * minute, 420.0 + rng.integers(-60, 60)
    yield t + 720.0, 2.0
    yield t + 900.0, 1.0


async def live(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, readings: Readings, until: float, hours: float = 2.0
) -> None:
    """Let readings come at their time, and look every few hours and at the end, three minutes later."""
    hass.loop.slow_callback_duration = float("inf")
    next_look = dt_util.utcnow().timestamp() + 3600.0 * hours
    for t, watts in readings:
        while next_look < t:
            await look(hass, freezer, next_look)
            next_look += 3600.0 * hours
        freezer.move_to(dt_util.utc_from_timestamp(t))
        hass.states.async_set(POWER, f"{watts:.0f}", WATTS, force_update=True)
    while next_look < until:
        await look(hass, freezer, next_look)
        next_look += 3600.0 * hours
    await look(hass, freezer, until + 180.0)


async def look(hass: HomeAssistant, freezer: FrozenDateTimeFactory, t: float) -> None:
    """Let an instant come, and all that waits for it."""
    # A jump of the clock may fire a timer by itself, and a minute that is still judged is not begun again: so twice.
    for seconds in (0.0, 61.0):
        freezer.move_to(dt_util.utc_from_timestamp(t + seconds))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
