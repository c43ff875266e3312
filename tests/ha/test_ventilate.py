"""The blueprint that airs a room before people come, one rule at a time and over a simulated week."""

from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed, async_mock_service

from .blueprints import NEXT, OCCUPANCY, WINDOW, automate, change, end, expect, install, pass_time, publish, turn
from .weeks import FIRST_DAY, PAST_WEEKS, STEP_SECONDS, TIME_ZONE, Foresight, is_in, usual_days

# A switch of Home Assistant's own that really switches, by the blueprint's generic action.
FAN, CO2 = "input_boolean.fan", "sensor.office_co2"
INPUTS = {"fan": FAN, "occupancy": OCCUPANCY, "next_occupied": NEXT, "windows": [WINDOW]}


@pytest.fixture
async def office(hass: HomeAssistant, freezer: FrozenDateTimeFactory, tmp_path: Path) -> AsyncGenerator[None]:
    """Set up an empty room with a fan, at noon, where nobody is expected."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-11-02T12:00:00+00:00")
    install(hass, tmp_path)
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"fan": None}})
    hass.states.async_set(OCCUPANCY, "off")
    hass.states.async_set(WINDOW, "off")
    hass.states.async_set(CO2, "800")
    expect(hass, None)
    yield
    await end(hass)


def is_on(hass: HomeAssistant) -> bool:
    """Return whether the fan runs."""
    return hass.states.is_state(FAN, "on")


async def switch(hass: HomeAssistant, action: str) -> None:
    """Switch the fan as a person does."""
    await hass.services.async_call("input_boolean", action, {"entity_id": FAN}, blocking=True)
    await turn(hass)


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(("minutes_before", "begins"), [(20, 40), (45, 15)])
async def test_airs_in_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes_before: int, begins: int
) -> None:
    """Begin so long before people come, and end when they are there."""
    await automate(hass, "ventilate", **INPUTS, minutes_before=minutes_before)
    expect(hass, 60)
    await pass_time(hass, freezer, begins - 5)
    assert not is_on(hass)
    await pass_time(hass, freezer, 5)
    assert is_on(hass)
    await pass_time(hass, freezer, minutes_before)
    await change(hass, OCCUPANCY, "on")
    assert not is_on(hass)


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("chance", [0.3, 0.5])
async def test_chance(hass: HomeAssistant, freezer: FrozenDateTimeFactory, chance: float) -> None:
    """Air for those who are likely enough by the user's own measure."""
    await automate(hass, "ventilate", **INPUTS, chance=45)
    expect(hass, 20, chance=chance)
    await pass_time(hass, freezer, 5)
    assert is_on(hass) is (chance > 0.45)


@pytest.mark.usefixtures("office")
async def test_nobody_comes(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Stop when nobody is expected any more, and not for a forecast that is hidden or gone."""
    await automate(hass, "ventilate", **INPUTS)
    expect(hass, 20, is_shown=False)
    await pass_time(hass, freezer, 10)
    assert not is_on(hass)
    expect(hass, 20)
    await pass_time(hass, freezer, 10)
    assert is_on(hass)
    await change(hass, NEXT, "unavailable")
    await pass_time(hass, freezer, 10)
    assert not is_on(hass)
    await change(hass, NEXT, (dt_util.utcnow() + timedelta(minutes=30)).isoformat())
    await pass_time(hass, freezer, 10)
    assert is_on(hass)


@pytest.mark.usefixtures("office")
async def test_bad_air(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Run while somebody is there and the air is bad, until it is clearly better; nobody needs it in an empty room."""
    await automate(hass, "ventilate", **INPUTS, co2=CO2, co2_limit=900)
    await change(hass, CO2, "950")
    assert not is_on(hass)
    await change(hass, OCCUPANCY, "on")
    assert is_on(hass)
    await pass_time(hass, freezer, 15)
    await change(hass, CO2, "800")
    assert is_on(hass)
    await change(hass, CO2, "740")
    assert not is_on(hass)
    await pass_time(hass, freezer, 15)
    await change(hass, CO2, "1000")
    await pass_time(hass, freezer, 15)
    await change(hass, OCCUPANCY, "off")
    assert not is_on(hass)


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(("ppm", "runs"), [("500", False), ("700", True), ("unavailable", True)])
async def test_fresh_air(hass: HomeAssistant, freezer: FrozenDateTimeFactory, ppm: str, *, runs: bool) -> None:
    """Change no air that is fresh; a sensor that is silent does not hold it up."""
    await automate(hass, "ventilate", **INPUTS, co2=CO2, co2_fresh=600)
    await change(hass, CO2, ppm)
    expect(hass, 20)
    await pass_time(hass, freezer, 5)
    assert is_on(hass) is runs


@pytest.mark.usefixtures("office")
async def test_window(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Stop at once when a window is opened, and go on some minutes after it is closed."""
    await automate(hass, "ventilate", **INPUTS)
    expect(hass, 20)
    assert not is_on(hass)
    await turn(hass)
    assert is_on(hass)
    await change(hass, WINDOW, "on")
    assert not is_on(hass)
    await change(hass, WINDOW, "off")
    await pass_time(hass, freezer, 10)
    assert is_on(hass)


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "runs"),
    [("11:00:00", "14:00:00", False), ("22:00:00", "12:30:00", False), ("12:30:00", "12:30:00", True)],
)
async def test_quiet_hours(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, quiet_from: str, quiet_until: str, *, runs: bool
) -> None:
    """Stay off in quiet hours, over midnight too, and know none where both times are one."""
    await automate(hass, "ventilate", **INPUTS, quiet_from=quiet_from, quiet_until=quiet_until)
    expect(hass, 20)
    await pass_time(hass, freezer, 5)
    assert is_on(hass) is runs


@pytest.mark.usefixtures("office")
async def test_quiet_hours_begin(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Stop to the minute when quiet hours begin."""
    await automate(hass, "ventilate", **INPUTS, quiet_from="12:07:00", quiet_until="13:00:00")
    expect(hass, 20)
    await turn(hass)
    assert is_on(hass)
    await pass_time(hass, freezer, 7)
    assert not is_on(hass)


@pytest.mark.usefixtures("office")
async def test_by_hand(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave alone what somebody switched, for the hours chosen after the last change."""
    await automate(hass, "ventilate", **INPUTS, by_hand_hours=1)
    await switch(hass, "turn_on")
    await pass_time(hass, freezer, 55)
    assert is_on(hass)
    await switch(hass, "turn_off")
    expect(hass, 20)
    await pass_time(hass, freezer, 55)
    assert not is_on(hass)
    expect(hass, 10)
    await pass_time(hass, freezer, 15)
    assert is_on(hass)


@pytest.mark.usefixtures("office")
async def test_no_patience(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Switch back what was switched by hand where the user wants it, after the shortest time."""
    await automate(hass, "ventilate", **INPUTS, by_hand_hours=0, shortest_minutes=30)
    expect(hass, 5)
    await turn(hass)
    assert is_on(hass)
    await switch(hass, "turn_off")
    await pass_time(hass, freezer, 25)
    assert not is_on(hass)
    await pass_time(hass, freezer, 5)
    assert is_on(hass)


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("lost", ["unknown", "unavailable"])
async def test_fan_is_lost(hass: HomeAssistant, freezer: FrozenDateTimeFactory, lost: str) -> None:
    """Do nothing with a fan that cannot be reached, and take it up when it is back."""
    await automate(hass, "ventilate", **INPUTS)
    await change(hass, FAN, lost)
    expect(hass, 20)
    await pass_time(hass, freezer, 10)
    assert hass.states.is_state(FAN, lost)
    await change(hass, FAN, "off")
    assert is_on(hass)


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(("speed", "told"), [(40, {"percentage": 40}), (0, {})])
async def test_speed(hass: HomeAssistant, freezer: FrozenDateTimeFactory, speed: int, told: dict[str, int]) -> None:
    """Run a fan at the speed chosen, or as it is."""
    calls = async_mock_service(hass, "fan", "turn_on")
    hass.states.async_set("fan.office", "off")
    await automate(hass, "ventilate", **{**INPUTS, "fan": "fan.office"}, speed=speed)
    expect(hass, 10)
    await pass_time(hass, freezer, 5)
    assert [{key: found.data[key] for key in found.data if key != "entity_id"} for found in calls] == [told]


@pytest.mark.slow
@pytest.mark.usefixtures("office")
async def test_week(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, record_property: Callable[[str, object], None]
) -> None:
    """Air before every usual arrival outside quiet hours, by the shipped model's forecast, and for little longer."""
    await hass.config.async_set_time_zone(TIME_ZONE)
    moment = dt_util.start_of_local_day(FIRST_DAY + timedelta(weeks=PAST_WEEKS))
    start, spans, foresight = moment.timestamp(), usual_days((PAST_WEEKS + 1) * 7, 4), Foresight()
    foresight.learn([span for span in spans if span[0] < start], spans[0][0] - 3600.0, start)
    freezer.move_to(moment)
    await automate(hass, "ventilate", **INPUTS)
    arrivals = {begin for begin, _ in spans if begin >= start}
    aired: dict[float, bool] = {}
    ran, together = 0.0, 0.0
    for now in np.arange(start, start + 7 * 86_400.0, STEP_SECONDS).tolist():
        freezer.move_to(dt_util.utc_from_timestamp(now))
        aired |= dict.fromkeys(arrivals & {now}, is_on(hass))
        occupied = is_in(spans, now)
        if now % 900.0 == 0.0 or hass.states.is_state(OCCUPANCY, "off" if occupied else "on"):
            publish(hass, foresight.see(now, occupied=occupied))
        hass.states.async_set(OCCUPANCY, "on" if occupied else "off")
        async_fire_time_changed(hass)
        await turn(hass)
        together += STEP_SECONDS / 60.0 if is_on(hass) and occupied else 0.0
        ran += STEP_SECONDS / 60.0 if is_on(hass) else 0.0
        foresight.history.observe(occupied=occupied, start=now, end=now + STEP_SECONDS)
    record_property("fan_minutes", ran)
    assert list(aired.values()) == [True] * 14
    assert ran < 14 * 30.0
    assert together <= 30.0
