"""The home as one more room: anybody in it, by its rooms, its people and its doors."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.core.decide import DecisionParameters
from custom_components.inkling.home_monitor import HomeMonitor
from custom_components.inkling.ingest import Ingest
from custom_components.inkling.room import Room
from custom_components.inkling.rooms import bindings_of
from custom_components.inkling.timing import Timings

from .conftest import set_up, settle, state_of

pytestmark = pytest.mark.usefixtures("hand_loaded")
HOME, PROBABILITY = "binary_sensor.inkling_anybody_home", "sensor.inkling_occupancy_probability"


async def pass_minute(hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int = 1) -> None:
    """Let a minute pass, or more in one go, and its tick happen."""
    freezer.tick(timedelta(minutes=minutes))
    async_fire_time_changed(hass)
    await settle(hass)


async def test_any_room_makes_the_home_occupied(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Follow a room that is used, and be unavailable when no room can be read."""
    freezer.move_to(datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC))
    await set_up(hass, entry)
    assert state_of(hass, HOME) == "off"
    hass.states.async_set("binary_sensor.kitchen_motion", "on")
    await pass_minute(hass, freezer)
    assert state_of(hass, HOME) == "on"
    assert int(state_of(hass, PROBABILITY)) > 95
    for entity_id in ("binary_sensor.office_motion", "sensor.office_co2", "binary_sensor.kitchen_motion"):
        hass.states.async_set(entity_id, "unavailable")
    hass.states.async_set("light.kitchen", "unavailable")
    await pass_minute(hass, freezer)
    assert state_of(hass, HOME) == "unavailable"
    assert state_of(hass, PROBABILITY) == "unavailable"


async def test_a_home_that_was_left(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Believe the less that anybody is there when all are away, nothing moves and the door has."""
    freezer.move_to(datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC))
    options = {"people": ["person.anna", "person.ben"], "exit_doors": ["binary_sensor.door"]}
    hass.config_entries.async_update_entry(entry, options=options)
    hass.states.async_set("binary_sensor.door", "off")
    await set_up(hass, entry)
    home = entry.runtime_data.coordinator._home
    assert home.people_home() is None
    hass.states.async_set("person.anna", "home")
    hass.states.async_set("person.ben", "not_home")
    await pass_minute(hass, freezer)
    assert home.people_home() == 0.5
    somebody = entry.runtime_data.coordinator.data[entry.entry_id].score.probability
    hass.states.async_set("binary_sensor.door", "on")
    hass.states.async_set("person.anna", "not_home")
    await pass_minute(hass, freezer)
    leaving = entry.runtime_data.coordinator.data[entry.entry_id].score.probability
    await pass_minute(hass, freezer, 10)
    left = entry.runtime_data.coordinator.data[entry.entry_id].score.probability
    assert left < leaving < somebody
    assert home.people_home() == 0.0


async def test_the_home_is_restored(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Show what was known of the home before a restart until the first verdict."""
    await set_up(hass, entry)
    hass.states.async_set("binary_sensor.office_motion", "on")
    await settle(hass)
    assert state_of(hass, HOME) == "on"
    await hass.config_entries.async_reload(entry.entry_id)
    assert state_of(hass, HOME) == "on"
    await settle(hass)


async def test_nothing_judged_yet(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say nothing before any room does, and decide with a delay of its own when it has one."""
    parameters = DecisionParameters(on_threshold=0.6, off_threshold=0.4)
    home = HomeMonitor(Room("home", parameters, None), Ingest(hass, bindings_of(entry), Timings()))
    assert not home.judge([Room("a", parameters, None)], 0.0)
    assert home.verdict is None
    assert home.due_at() is None
