"""The blueprint of the light that stays on for who sits still, with a real light of Home Assistant."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from .blueprints import OCCUPANCY, add_lamp, automate, change, end, install, pass_time

LIGHT, LUX = "light.office_lamp", "sensor.office_light"
NOON = datetime(2026, 11, 9, 12, tzinfo=dt_util.get_time_zone("Europe/Berlin"))


@pytest.fixture
async def lamp(hass: HomeAssistant, freezer: FrozenDateTimeFactory, tmp_path: Path) -> AsyncGenerator[None]:
    """Return an empty room with a lamp that is off, at noon."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to(NOON)
    install(hass, tmp_path)
    await add_lamp(hass)
    await show(hass, "off")
    yield
    await end(hass)


async def show(hass: HomeAssistant, state: str) -> None:
    """Let Inkling say whether somebody is there."""
    await change(hass, OCCUPANCY, state, {"device_class": "occupancy"})


async def start(hass: HomeAssistant, **inputs: object) -> None:
    """Make the automation for the room's lamp."""
    await automate(hass, "light", **{"occupancy": OCCUPANCY, "lights": [LIGHT], "off_after": 1, **inputs})


async def by_hand(hass: HomeAssistant, action: str) -> None:
    """Use the lamp's own switch."""
    await hass.services.async_call("light", action, {"entity_id": LIGHT}, blocking=True)
    await change(hass, "sensor.other", action)


def is_lit(hass: HomeAssistant) -> bool:
    """Return whether the lamp is on."""
    return hass.states.is_state(LIGHT, "on")


def brightness(hass: HomeAssistant) -> int | None:
    """Return how bright the lamp is, 1 to 255."""
    state = hass.states.get(LIGHT)
    return None if state is None else state.attributes.get("brightness")


@pytest.mark.usefixtures("lamp")
async def test_comes_and_goes(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Switch on when somebody comes, and off when they have been gone for a minute."""
    await start(hass)
    await show(hass, "on")
    assert is_lit(hass)
    await pass_time(hass, freezer, 60)
    assert is_lit(hass)
    await show(hass, "off")
    assert is_lit(hass)
    await pass_time(hass, freezer, 1.1)
    assert not is_lit(hass)


@pytest.mark.usefixtures("lamp")
async def test_short_absence(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave it on for who comes back in time."""
    await start(hass, off_after=5)
    await show(hass, "on")
    await show(hass, "off")
    await pass_time(hass, freezer, 4)
    await show(hass, "on")
    await pass_time(hass, freezer, 10)
    assert is_lit(hass)


@pytest.mark.usefixtures("lamp")
async def test_unknown_changes_nothing(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave the light as it is while nobody knows, and put it out when it turns out that they left."""
    await start(hass)
    await show(hass, "on")
    await show(hass, "unavailable")
    await pass_time(hass, freezer, 30)
    assert is_lit(hass)
    await show(hass, "off")
    await pass_time(hass, freezer, 1.1)
    assert not is_lit(hass)


@pytest.mark.usefixtures("lamp")
async def test_back_and_still_there(hass: HomeAssistant) -> None:
    """Take the end of an outage for nobody's coming."""
    await start(hass)
    await show(hass, "unavailable")
    await show(hass, "on")
    assert not is_lit(hass)


@pytest.mark.usefixtures("lamp")
async def test_on_by_hand_in_an_empty_room(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave alone what somebody switched on from elsewhere."""
    await start(hass)
    await by_hand(hass, "turn_on")
    await pass_time(hass, freezer, 30)
    assert is_lit(hass)


@pytest.mark.usefixtures("lamp")
async def test_only_in_the_dark(hass: HomeAssistant) -> None:
    """Come on when it is dark, or when it gets dark while somebody is there."""
    await change(hass, LUX, "300")
    await start(hass, illuminance=LUX)
    await show(hass, "on")
    assert not is_lit(hass)
    await change(hass, LUX, "40")
    assert is_lit(hass)


@pytest.mark.usefixtures("lamp")
async def test_blind_light_sensor(hass: HomeAssistant) -> None:
    """Leave nobody in the dark because a sensor is silent."""
    await change(hass, LUX, "unavailable")
    await start(hass, illuminance=LUX)
    await show(hass, "on")
    assert is_lit(hass)


@pytest.mark.usefixtures("lamp")
async def test_off_by_hand(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Stay off until the room was empty when somebody wanted it off, even though it gets darker."""
    await change(hass, LUX, "30")
    await start(hass, illuminance=LUX)
    await show(hass, "on")
    assert is_lit(hass)
    await pass_time(hass, freezer, 5)
    await by_hand(hass, "turn_off")
    await change(hass, LUX, "60")
    await change(hass, LUX, "10")
    assert not is_lit(hass)
    await show(hass, "off")
    await pass_time(hass, freezer, 5)
    await show(hass, "on")
    assert is_lit(hass)


@pytest.mark.usefixtures("lamp")
async def test_stay_dark(hass: HomeAssistant) -> None:
    """Wake nobody who sleeps."""
    await change(hass, "binary_sensor.bed", "on")
    await start(hass, stay_dark=["binary_sensor.bed"])
    await show(hass, "on")
    assert not is_lit(hass)


@pytest.mark.parametrize(("hour", "expected"), [(12, 153), (23, 51), (5, 51), (6, 153)])
@pytest.mark.usefixtures("lamp")
async def test_brightness(hass: HomeAssistant, freezer: FrozenDateTimeFactory, hour: int, expected: int) -> None:
    """Be dimmer at night."""
    freezer.move_to(NOON + timedelta(hours=hour - 12))
    await start(hass, day_brightness=60, night_brightness=20)
    await show(hass, "on")
    assert brightness(hass) == expected


@pytest.mark.usefixtures("lamp")
async def test_keeps_a_brightness(hass: HomeAssistant) -> None:
    """Leave a light that is on as somebody set it."""
    await start(hass, day_brightness=60)
    await hass.services.async_call("light", "turn_on", {"entity_id": LIGHT, "brightness_pct": 10}, blocking=True)
    await show(hass, "on")
    assert brightness(hass) == 26
