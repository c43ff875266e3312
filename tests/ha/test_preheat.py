"""The blueprint that makes a room ready on arrival, one rule at a time, on Home Assistant's own thermostat."""

from collections.abc import AsyncGenerator
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from .blueprints import (
    NEXT,
    OCCUPANCY,
    THERMOMETER,
    THERMOSTAT,
    WINDOW,
    add_thermostat,
    automate,
    call,
    change,
    end,
    expect,
    install,
    pass_time,
    set_point,
    show_temperature,
    turn,
)

INPUTS = {"thermostat": THERMOSTAT, "occupancy": OCCUPANCY, "next_occupied": NEXT, "windows": [WINDOW]}


@pytest.fixture
async def house(hass: HomeAssistant, freezer: FrozenDateTimeFactory, tmp_path: Path) -> AsyncGenerator[None]:
    """Set up an empty room with its blueprints, where nobody is expected."""
    freezer.move_to("2026-11-16T12:00:00+00:00")
    install(hass, tmp_path)
    hass.states.async_set(OCCUPANCY, "off")
    hass.states.async_set(WINDOW, "off")
    expect(hass, None)
    yield
    await end(hass)


@pytest.fixture
async def office(hass: HomeAssistant, house: None) -> None:
    """Set the room's thermostat back, at 18 degrees."""
    await add_thermostat(hass, 18.0, target_temp=17.0, initial_hvac_mode="heat")


@pytest.mark.usefixtures("office")
async def test_warms_in_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin three degrees of twenty minutes and ten minutes to spare before somebody comes, not earlier."""
    await automate(hass, "preheat", **INPUTS)
    expect(hass, 105)
    await pass_time(hass, freezer, 25)
    assert set_point(hass) == 17.0
    await pass_time(hass, freezer, 10)
    assert set_point(hass) == 21.0


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("inputs", "outdoor", "begins"),
    [
        ({}, "7", 70),
        ({"comfort": 20}, "7", 50),
        ({"minutes_per_degree": 40}, "7", 130),
        ({"ready_before": 30}, "7", 90),
        ({"longest_lead": 45}, "7", 45),
        ({"outdoor_temperature": "sensor.outdoor"}, "-3", 88),
        ({"outdoor_temperature": "sensor.outdoor"}, "20", 70),
        ({"outdoor_temperature": "sensor.outdoor"}, "unavailable", 70),
        ({"outdoor_temperature": "sensor.outdoor", "outdoor_usual": 2, "outdoor_slowdown": 10}, "-3", 100),
        ({"room_temperature": "sensor.better"}, "7", 50),
    ],
)
async def test_lead(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, inputs: dict[str, object], outdoor: str, begins: int
) -> None:
    """Begin as early as the missing degrees, the room's speed, the weather and the limits make it."""
    hass.states.async_set("sensor.outdoor", outdoor)
    hass.states.async_set("sensor.better", "19")
    await automate(hass, "preheat", **INPUTS, **inputs)
    expect(hass, 150)
    # The clock ticks in fives and Inkling's curve in quarters of an hour that begin on them.
    await pass_time(hass, freezer, 150 - begins - 5)
    assert set_point(hass) == 17.0
    await pass_time(hass, freezer, 5 + begins % 5)
    assert set_point(hass) == inputs.get("comfort", 21.0)


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("chance", [0.3, 0.35])
async def test_chance(hass: HomeAssistant, freezer: FrozenDateTimeFactory, chance: float) -> None:
    """Act on the chance the user chose: what is too unlikely is not heated for, unless it has begun."""
    await automate(hass, "preheat", **INPUTS)
    expect(hass, 30, chance=chance)
    await pass_time(hass, freezer, 5)
    assert set_point(hass) == 17.0
    expect(hass, 30, chance=0.45)
    await pass_time(hass, freezer, 5)
    assert set_point(hass) == 21.0
    expect(hass, 30, chance=chance)
    await pass_time(hass, freezer, 30)
    assert set_point(hass) == 21.0
    expect(hass, 30, chance=0.25)
    await pass_time(hass, freezer, 15)
    assert set_point(hass) == 17.0


@pytest.mark.usefixtures("office")
async def test_chosen_chance(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Heat for what is unlikely where the user wants it warm more often."""
    await automate(hass, "preheat", **INPUTS, chance=20)
    expect(hass, 30, chance=0.3)
    await pass_time(hass, freezer, 5)
    assert set_point(hass) == 21.0


@pytest.mark.usefixtures("office")
async def test_moment_without_curve(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Use the moment where the curve was left out, for half an hour after it too, and nothing that is no moment."""
    await automate(hass, "preheat", **INPUTS)
    await change(hass, NEXT, "2026-11-16T14:00:00+00:00")
    await pass_time(hass, freezer, 40)
    assert set_point(hass) == 17.0
    await pass_time(hass, freezer, 100)
    assert set_point(hass) == 21.0
    await pass_time(hass, freezer, 15)
    assert set_point(hass) == 17.0
    await change(hass, NEXT, "soon")
    await pass_time(hass, freezer, 15)
    assert set_point(hass) == 17.0


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("how", ["hidden", "unknown", "unavailable"])
async def test_unknown_forecast(hass: HomeAssistant, freezer: FrozenDateTimeFactory, how: str) -> None:
    """Heat by who is there alone where Inkling says nothing, and set back after they left."""
    await automate(hass, "preheat", **INPUTS)
    expect(hass, 30, is_shown=False)
    if how != "hidden":
        await change(hass, NEXT, how)
    await pass_time(hass, freezer, 20)
    assert set_point(hass) == 17.0
    await change(hass, OCCUPANCY, "on")
    assert set_point(hass) == 21.0
    await pass_time(hass, freezer, 30)
    await change(hass, OCCUPANCY, "off")
    await pass_time(hass, freezer, 10)
    assert set_point(hass) == 21.0
    await pass_time(hass, freezer, 10)
    assert set_point(hass) == 17.0


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("lost", ["unknown", "unavailable"])
async def test_unknown_occupancy(hass: HomeAssistant, freezer: FrozenDateTimeFactory, lost: str) -> None:
    """Change nothing while nobody knows whether somebody is there."""
    await automate(hass, "preheat", **INPUTS)
    await change(hass, OCCUPANCY, "on")
    await change(hass, OCCUPANCY, lost)
    await pass_time(hass, freezer, 120)
    assert set_point(hass) == 21.0


@pytest.mark.usefixtures("office")
async def test_short_absence(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Keep a room warm that could not cool and be ready again in time."""
    await automate(hass, "preheat", **INPUTS)
    await change(hass, OCCUPANCY, "on")
    show_temperature(hass, 21.0)
    await pass_time(hass, freezer, 60)
    await change(hass, OCCUPANCY, "off")
    expect(hass, 90)
    await pass_time(hass, freezer, 60)
    assert set_point(hass) == 21.0


@pytest.mark.usefixtures("office")
async def test_empty_minutes_and_shortest(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Set back at once where the user wants it, but never change more often than allowed."""
    await automate(hass, "preheat", **INPUTS, empty_minutes=0, shortest_minutes=45)
    await change(hass, OCCUPANCY, "on")
    assert set_point(hass) == 21.0
    await change(hass, OCCUPANCY, "off")
    await pass_time(hass, freezer, 40)
    assert set_point(hass) == 21.0
    await pass_time(hass, freezer, 5)
    assert set_point(hass) == 17.0


@pytest.mark.usefixtures("office")
async def test_window(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Stop at once while a window is open, whoever is there, and go on when it is closed."""
    await automate(hass, "preheat", **INPUTS)
    await change(hass, OCCUPANCY, "on")
    await change(hass, WINDOW, "on")
    assert set_point(hass) == 7.0
    await pass_time(hass, freezer, 30)
    assert set_point(hass) == 7.0
    await change(hass, WINDOW, "off")
    assert set_point(hass) == 21.0


@pytest.mark.usefixtures("office")
async def test_by_hand(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave alone what somebody set, whoever comes, for the hours chosen after the last change."""
    await automate(hass, "preheat", **INPUTS, by_hand_hours=2)
    await call(hass, "climate.set_temperature", temperature=23.0)
    await pass_time(hass, freezer, 60)
    await change(hass, OCCUPANCY, "on")
    await call(hass, "climate.set_temperature", temperature=19.0)
    await pass_time(hass, freezer, 115)
    assert set_point(hass) == 19.0
    await pass_time(hass, freezer, 10)
    assert set_point(hass) == 21.0


@pytest.mark.usefixtures("office")
async def test_comfort_by_hand(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave comfort alone that somebody wished for in an empty room."""
    await automate(hass, "preheat", **INPUTS)
    await call(hass, "climate.set_temperature", temperature=21.0)
    await pass_time(hass, freezer, 200)
    assert set_point(hass) == 21.0
    await pass_time(hass, freezer, 45)
    assert set_point(hass) == 17.0


@pytest.mark.usefixtures("office")
async def test_by_hand_is_taken_back(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Set what is right at the next look where the user wants no patience."""
    await automate(hass, "preheat", **INPUTS, by_hand_hours=0)
    await call(hass, "climate.set_temperature", temperature=23.0)
    await pass_time(hass, freezer, 5)
    assert set_point(hass) == 17.0


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(("found", "later"), [(23.0, 23.0), (21.0, 17.0)])
async def test_restart(hass: HomeAssistant, freezer: FrozenDateTimeFactory, found: float, later: float) -> None:
    """Take up work at a start, but leave alone what cannot have been set by the automation."""
    await call(hass, "climate.set_temperature", temperature=found)
    hass.set_state(CoreState.starting)
    await automate(hass, "preheat", **INPUTS)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    hass.set_state(CoreState.running)
    await turn(hass)
    await pass_time(hass, freezer, 30)
    assert set_point(hass) == later
    await pass_time(hass, freezer, 240)
    assert set_point(hass) == 17.0


@pytest.mark.usefixtures("house")
async def test_thermostat_comes_late(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave alone what a thermostat was set to that comes after the start, or comes back."""
    await automate(hass, "preheat", **INPUTS)
    await pass_time(hass, freezer, 10)
    await add_thermostat(hass, 18.0, target_temp=23.5, initial_hvac_mode="heat")
    await pass_time(hass, freezer, 230)
    assert set_point(hass) == 23.5
    await pass_time(hass, freezer, 15)
    assert set_point(hass) == 17.0


@pytest.mark.usefixtures("office")
async def test_off_stays_off(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave a thermostat alone that somebody switched off, and take it up when it is on again."""
    await automate(hass, "preheat", **INPUTS)
    await call(hass, "climate.set_hvac_mode", hvac_mode="off")
    await change(hass, OCCUPANCY, "on")
    await pass_time(hass, freezer, 30)
    assert (hass.states.is_state(THERMOSTAT, "off"), set_point(hass)) == (True, 17.0)
    await call(hass, "climate.set_hvac_mode", hvac_mode="heat")
    assert set_point(hass) == 21.0


@pytest.mark.usefixtures("house")
async def test_cools(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Cool a hot room in time, later on a mild day, and stop it at an open window."""
    hass.states.async_set("sensor.outdoor", "33")
    await add_thermostat(hass, 27.0, ac_mode=True, target_temp=29.0, initial_hvac_mode="cool")
    summer = {"direction": "cool", "comfort": 24, "set_back": 29, "minutes_per_degree": 10}
    weather = {"outdoor_temperature": "sensor.outdoor", "outdoor_usual": 28, "outdoor_slowdown": 10}
    await automate(hass, "preheat", **INPUTS, **summer, **weather)
    expect(hass, 105)
    await pass_time(hass, freezer, 45)
    assert set_point(hass) == 29.0
    await pass_time(hass, freezer, 5)
    assert set_point(hass) == 24.0
    await change(hass, WINDOW, "on")
    assert set_point(hass) == 35.0


@pytest.mark.usefixtures("office")
async def test_other_direction(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Do nothing with a thermostat that heats when told to cool."""
    await automate(hass, "preheat", **INPUTS, direction="cool")
    await change(hass, OCCUPANCY, "on")
    await pass_time(hass, freezer, 15)
    assert set_point(hass) == 17.0


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(("direction", "comfort", "told"), [("heat", 21, (21, 26)), ("cool", 24, (17, 24))])
async def test_range(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    direction: str,
    comfort: float,
    told: tuple[float, float],
) -> None:
    """Change one of the two temperatures of a thermostat that heats and cools, and keep the other."""
    calls = async_mock_service(hass, "climate", "set_temperature")
    state = {"target_temp_low": 17, "target_temp_high": 26, "current_temperature": 18, "temperature": None}
    hass.states.async_set(THERMOSTAT, "heat_cool", state)
    await automate(hass, "preheat", **INPUTS, direction=direction, comfort=comfort, set_back=17)
    await change(hass, OCCUPANCY, "on")
    assert [(found.data["target_temp_low"], found.data["target_temp_high"]) for found in calls] == [told]


@pytest.mark.usefixtures("house")
async def test_one_temperature_for_both(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave heat/cool with one temperature alone: its set-back would cool the room."""
    calls = async_mock_service(hass, "climate", "set_temperature")
    hass.states.async_set(THERMOSTAT, "heat_cool", {"temperature": 22, "current_temperature": 21})
    await automate(hass, "preheat", **INPUTS)
    await pass_time(hass, freezer, 30)
    assert calls == []


@pytest.mark.usefixtures("house")
async def test_slow_thermostat(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Know its own change when the thermostat tells of it half a minute later, though somebody came and went."""
    calls = async_mock_service(hass, "climate", "set_temperature")
    hass.states.async_set(THERMOSTAT, "heat", {"temperature": 17, "current_temperature": 18})
    await automate(hass, "preheat", **INPUTS, shortest_minutes=0, empty_minutes=0)
    await change(hass, OCCUPANCY, "on")
    await pass_time(hass, freezer, 0.5)
    hass.states.async_set(OCCUPANCY, "off")
    await change(hass, THERMOSTAT, "heat", {"temperature": 21, "current_temperature": 18})
    await pass_time(hass, freezer, 10)
    assert [found.data["temperature"] for found in (calls[0], calls[-1])] == [21, 17]


@pytest.mark.usefixtures("office")
async def test_thermometer_is_silent(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Count on the whole way from the set-back where nobody knows how warm it is."""
    await automate(hass, "preheat", **INPUTS, room_temperature=THERMOMETER)
    await change(hass, THERMOMETER, "unavailable")
    expect(hass, 120)
    await pass_time(hass, freezer, 25)
    assert set_point(hass) == 17.0
    await pass_time(hass, freezer, 5)
    assert set_point(hass) == 21.0
