"""The blueprint that watches over an empty home, with Inkling, people and doors, over a day of work."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events, async_fire_time_changed

from .automate import foresee_for
from .blueprints import automate, end, install, turn
from .conftest import set_up

HOME, ANNA, DOOR = "binary_sensor.inkling_anybody_home", "person.anna", "binary_sensor.front_door"
MOTION = "binary_sensor.hall_motion"
SAID = "said"


def say(word: str, **data: str) -> list[dict[str, object]]:
    """Return what an automation does: fire an event with a word."""
    return [{"event": SAID, "event_data": {"word": word, **data}}]


class Day:
    """A home whose time passes, and what the automation said when."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry) -> None:
        """Listen."""
        self.hass, self._freezer, self.entry = hass, freezer, entry
        self._events = async_capture_events(hass, SAID)

    @property
    def said(self) -> list[str]:
        """Return the words so far."""
        return [event.data["word"] for event in self._events]

    @property
    def what(self) -> list[str]:
        """Return the sensors that were warned of."""
        return [event.data["what"] for event in self._events if event.data["word"] == "alert"]

    async def pass_minutes(self, minutes: int) -> None:
        """Let minutes pass one by one."""
        for _ in range(minutes):
            self._freezer.tick(timedelta(minutes=1))
            async_fire_time_changed(self.hass)
            await turn(self.hass)

    async def see(self, entity_id: str) -> None:
        """Let a sensor see something for a minute."""
        self.hass.states.async_set(entity_id, "on", {"friendly_name": entity_id})
        await self.pass_minutes(1)
        self.hass.states.async_set(entity_id, "off", {"friendly_name": entity_id})
        await turn(self.hass)

    async def show(self, state: str) -> None:
        """Let Inkling say whether anybody is home."""
        self.hass.states.async_set(HOME, state, {"device_class": "occupancy"})
        await turn(self.hass)

    async def move(self, where: str) -> None:
        """Let the person's phone be somewhere."""
        self.hass.states.async_set(ANNA, where)
        await turn(self.hass)

    async def leave(self) -> None:
        """Let the person leave by the door; some minutes later Inkling is sure."""
        await self.see(MOTION)
        await self.see(DOOR)
        await self.move("not_home")
        await self.pass_minutes(3)
        await self.show("off")


@pytest.fixture
async def day(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry, tmp_path: Path, hand_loaded: None
) -> AsyncGenerator[Day]:
    """Return a home at eight in the morning, with somebody in it."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-11-09T08:00:05+00:00")
    install(hass, tmp_path)
    for told in hass.states.async_all():
        # The sensors told of themselves before the clock was set back.
        hass.states.async_set(told.entity_id, told.state, told.attributes, force_update=True)
    hass.loop.slow_callback_duration = float("inf")
    await set_up(hass, entry)
    for entity_id, state in ((DOOR, "off"), (MOTION, "off"), (ANNA, "home")):
        hass.states.async_set(entity_id, state)
    inputs = {"on_away": say("away"), "on_alert": say("alert", what="{{ what }}"), "on_return": say("return")}
    await automate(hass, "away", home=HOME, people=[ANNA], sensors=[DOOR, MOTION], **inputs)
    found = Day(hass, freezer, entry)
    await found.show("on")
    yield found
    await end(hass)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_day_of_work(day: Day) -> None:
    """Arm when everybody has left, say nothing of a quiet day, and disarm for who comes home by the door."""
    await day.see(MOTION)
    await day.pass_minutes(30)
    assert day.said == []
    await day.leave()
    await day.pass_minutes(9)
    assert day.said == []
    await day.pass_minutes(8)
    assert day.said == ["away"]
    await day.pass_minutes(180)
    assert day.said == ["away"]
    await day.see(DOOR)
    await day.show("on")
    await day.move("home")
    await day.see(MOTION)
    assert day.said == ["away", "return"]
    await day.pass_minutes(30)
    assert day.said == ["away", "return"]


async def test_a_burglar(day: Day) -> None:
    """Warn of what moves while nobody is home, not with every step, and take up the day when somebody is back."""
    await day.leave()
    await day.pass_minutes(60)
    await day.see(DOOR)
    assert day.said == ["away"]
    await day.see(MOTION)
    await day.pass_minutes(1)
    assert day.said == ["away", "alert"]
    assert day.what == [DOOR]
    for _ in range(5):
        await day.see(MOTION)
        await day.pass_minutes(1)
    assert day.said == ["away", "alert"]
    await day.pass_minutes(15)
    await day.see(MOTION)
    await day.pass_minutes(3)
    assert day.what == [DOOR, MOTION]
    await day.move("home")
    assert day.said == ["away", "alert", "alert", "return"]


async def test_back_before_it_warns_again(day: Day) -> None:
    """Notice who comes home while a warning is still fresh."""
    await day.leave()
    await day.pass_minutes(30)
    await day.see(MOTION)
    await day.pass_minutes(3)
    await day.move("home")
    assert day.said == ["away", "alert", "return"]


async def test_somebody_without_motion(day: Day) -> None:
    """Take nobody for gone whose phone is home."""
    await day.show("off")
    await day.pass_minutes(60)
    assert day.said == []


async def test_expected_back(day: Day) -> None:
    """Wait while somebody is expected back in a moment."""
    await day.leave()
    # What is published by hand would be replaced with the next quarter of an hour.
    day.entry.runtime_data.forecasting.stop()
    for _ in range(15):
        foresee_for(day.entry, day.entry.entry_id, {0: 0.9, 15: 0.9})
        await day.pass_minutes(1)
    assert day.said == []
    foresee_for(day.entry, day.entry.entry_id, {})
    await day.pass_minutes(5)
    assert day.said == ["away"]


async def test_a_door_that_comes_back(day: Day) -> None:
    """Take no sensor that was lost for one that saw something."""
    await day.leave()
    await day.pass_minutes(30)
    day.hass.states.async_set(DOOR, "unavailable")
    await day.pass_minutes(1)
    day.hass.states.async_set(DOOR, "on")
    await day.pass_minutes(5)
    assert day.said == ["away"]
