"""A simulated week with the blueprint that makes a room ready on arrival, by what the shipped model foresees."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from .blueprints import (
    HEATER,
    NEXT,
    OCCUPANCY,
    THERMOSTAT,
    add_thermostat,
    automate,
    end,
    install,
    publish,
    set_point,
    show_temperature,
    turn,
)
from .weeks import (
    FIRST_DAY,
    PAST_WEEKS,
    STEP_SECONDS,
    TIME_ZONE,
    Foresight,
    Span,
    ThermalRoom,
    heat_by,
    heat_by_oracle,
    is_in,
    usual_days,
)

SEED = 4
WEEK_SECONDS = 7 * 86_400.0
INPUTS = {
    "thermostat": THERMOSTAT,
    "occupancy": OCCUPANCY,
    "next_occupied": NEXT,
}


@dataclass(slots=True)
class Week:
    """What a week came to."""

    heating_minutes: float = 0.0
    switches: int = 0
    on_arrival: dict[float, float] = field(default_factory=dict)
    """The temperature at each arrival, by its moment."""
    later: dict[float, float] = field(default_factory=dict)
    """The temperature an hour and a half after it."""


@pytest.fixture
async def start(hass: HomeAssistant, freezer: FrozenDateTimeFactory, tmp_path: Path) -> AsyncGenerator[float]:
    """Go to the Monday after eight weeks, with the room as it is on a Monday night, and return the moment."""
    await hass.config.async_set_time_zone(TIME_ZONE)
    moment = dt_util.start_of_local_day(FIRST_DAY + timedelta(weeks=PAST_WEEKS))
    freezer.move_to(moment)
    install(hass, tmp_path)
    hass.states.async_set(OCCUPANCY, "off")
    hass.states.async_set(NEXT, "unknown")
    await add_thermostat(hass, 19.0, target_temp=17.0, initial_hvac_mode="heat")
    await automate(hass, "preheat", **INPUTS)
    yield moment.timestamp()
    await end(hass)


def people(start: float) -> tuple[list[Span], float]:
    """Return nine weeks of usual days, and a moment on the last Wednesday when somebody came whom no habit told of."""
    surprise = start + 2 * 86_400.0 + 11.0 * 3600.0
    return sorted([*usual_days((PAST_WEEKS + 1) * 7, SEED), (surprise, surprise + 3.0 * 3600.0)]), surprise


async def live(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, start: float, spans: Sequence[Span], *, is_shown: bool = True
) -> Week:
    """Live a week: people, the room's physics, the forecast each quarter of an hour, and the clock in steps."""
    week, room, foresight = Week(), ThermalRoom(), Foresight()
    foresight.learn([span for span in spans if span[0] < start], spans[0][0] - 3600.0, start)
    arrivals = {begin for begin, _ in spans if begin >= start}
    before = set_point(hass)
    for moment in np.arange(start, start + WEEK_SECONDS, STEP_SECONDS).tolist():
        freezer.move_to(dt_util.utc_from_timestamp(moment))
        occupied = is_in(spans, moment)
        week.on_arrival |= dict.fromkeys(arrivals & {moment}, room.temperature)
        week.later |= dict.fromkeys(arrivals & {moment - 5400.0}, room.temperature)
        if moment % 900.0 == 0.0 or hass.states.is_state(OCCUPANCY, "off" if occupied else "on"):
            publish(hass, foresight.see(moment, occupied=occupied, is_shown=is_shown))
        hass.states.async_set(OCCUPANCY, "on" if occupied else "off")
        show_temperature(hass, room.temperature)
        async_fire_time_changed(hass)
        await turn(hass)
        week.switches += set_point(hass) != before
        before = set_point(hass)
        room.step(STEP_SECONDS, is_heating=hass.states.is_state(HEATER, "on"))
        foresight.history.observe(occupied=occupied, start=moment, end=moment + STEP_SECONDS)
    week.heating_minutes = room.heating_seconds / 60.0
    return week


@pytest.mark.slow
async def test_week(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    start: float,
    record_property: Callable[[str, object], None],
) -> None:
    """Find the room warm at every usual arrival, for hardly more heat than who knows them all to the minute."""
    spans, surprise = people(start)
    week = await live(hass, freezer, start, spans)
    assert len(week.on_arrival) == 15
    assert {at: warm for at, warm in week.on_arrival.items() if warm < 20.5} == {surprise: week.on_arrival[surprise]}
    assert week.later[surprise] > 20.5
    oracle = heat_by_oracle(start, start + WEEK_SECONDS, spans)
    always = heat_by(start, start + WEEK_SECONDS, lambda _room, _moment: True)
    record_property("heating_minutes", {"preheat": week.heating_minutes, "oracle": oracle, "always": always})
    assert week.heating_minutes < 1.05 * oracle
    assert week.heating_minutes < 0.93 * always
    # Warm before each arrival and back after it, and little else.
    assert week.switches <= 2 * len(week.on_arrival) + 4


@pytest.mark.slow
async def test_week_without_forecast(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    start: float,
    record_property: Callable[[str, object], None],
) -> None:
    """Heat by who is there alone where the forecast is hidden: cold at every arrival after hours, warm later."""
    spans, _ = people(start)
    week = await live(hass, freezer, start, spans, is_shown=False)
    record_property("heating_minutes", week.heating_minutes)
    assert all(warm < 20.0 for warm in week.on_arrival.values())
    assert all(warm > 20.5 for warm in week.later.values())
