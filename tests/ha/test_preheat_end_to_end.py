"""From a motion sensor to the thermostat: Inkling with both shipped models, eight learned weeks, and the blueprint."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.model_files import load_model

from .blueprints import NEXT, OCCUPANCY, THERMOSTAT, add_thermostat, automate, end, install, set_point
from .conftest import room_id, set_up, settle
from .weeks import FIRST_DAY, PAST_WEEKS, TIME_ZONE, Foresight, usual_days


@pytest.fixture
async def evening(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry, tmp_path: Path
) -> AsyncGenerator[None]:
    """Set up Inkling and the thermostat on a Monday afternoon; somebody usually comes at half past five."""
    await hass.config.async_set_time_zone(TIME_ZONE)
    start = dt_util.start_of_local_day(FIRST_DAY + timedelta(weeks=PAST_WEEKS)) + timedelta(hours=14)
    freezer.move_to(start)
    install(hass, tmp_path)
    for state in hass.states.async_all():
        # The sensors told of themselves before the clock was set back.
        hass.states.async_set(state.entity_id, state.state, state.attributes, force_update=True)
    await add_thermostat(hass, 18.0, target_temp=17.0, initial_hvac_mode="heat")
    with patch("custom_components.inkling.forecast_setup.load_model", side_effect=load_model):
        await set_up(hass, entry)
    spans = [span for span in usual_days(PAST_WEEKS * 7 + 1, 4) if span[0] < start.timestamp()]
    foresight = Foresight()
    foresight.learn(spans, spans[0][0] - 3600.0, start.timestamp())
    past = foresight.history.view(start.timestamp())
    entry.runtime_data.forecasting.store.merge(room_id(entry, "Office"), past.first, past.shares)
    await automate(hass, "preheat", thermostat=THERMOSTAT, occupancy=OCCUPANCY, next_occupied=NEXT)
    yield
    await end(hass)
    await hass.config_entries.async_unload(entry.entry_id)


async def wait(hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int) -> None:
    """Let minutes pass one by one, with the jobs that come due."""
    for _ in range(minutes):
        freezer.tick(60.0)
        async_fire_time_changed(hass)
        await settle(hass)


@pytest.mark.usefixtures("evening")
async def test_warm_when_they_come(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Stay set back in the afternoon, warm up before five, and stay warm when the sensor sees somebody."""
    await wait(hass, freezer, 90)
    assert hass.states.is_state(OCCUPANCY, "off")
    assert set_point(hass) == 17.0
    await wait(hass, freezer, 75)
    assert set_point(hass) == 21.0
    await wait(hass, freezer, 40)
    hass.states.async_set("binary_sensor.office_motion", "on")
    await wait(hass, freezer, 5)
    assert hass.states.is_state(OCCUPANCY, "on")
    assert set_point(hass) == 21.0
