"""Diagnostics and system information."""

import json

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info

from custom_components.inkling.const import DOMAIN
from custom_components.inkling.diagnostics import async_get_config_entry_diagnostics
from custom_components.inkling.model_files import FoundModel, Origin, Problem

from .conftest import set_up, settle
from .faults import alarm_of, tell, watch_fridge


@pytest.mark.usefixtures("hand_loaded")
async def test_diagnostics_of_what_is_watched(hass: HomeAssistant) -> None:
    """Say what fails and how, without saying what it is."""
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass))
    found = (await async_get_config_entry_diagnostics(hass, entry))["faults"]
    assert "fridge_temperature" not in json.dumps(found)
    assert (found["mode"], found["snoozed"]) == ("normal", 0)
    assert [(item["kind"], item["signals"], item["state"]) for item in found["monitors"]] == [("fridge", 2, "fault")]
    (alarm,) = found["active"]
    assert (alarm["type"], alarm["severity"], alarm["witnesses"]) == ("bias", "warning", 1)
    assert alarm["entity"].startswith("sensor.")


@pytest.mark.usefixtures("hand_loaded")
async def test_diagnostics_tell_nothing_private(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Replace entities and rooms by numbers, the same one everywhere."""
    hass.states.async_set("person.anna", "home")
    hass.config_entries.async_update_entry(
        entry, options={"people": ["person.anna"], "exit_doors": [], "sensitivity": "eager"}
    )
    await set_up(hass, entry)
    hass.states.async_set("binary_sensor.office_motion", "on")
    await settle(hass)
    found = await async_get_config_entry_diagnostics(hass, entry)
    text = json.dumps(found)
    for private in ("office", "Office", "Kitchen", "kitchen", "anna", entry.entry_id):
        assert private not in text
    assert found["options"] == {"sensitivity": "eager"}
    assert found["model"]["name"] == "hand"
    assert found["model"]["origin"] == Origin.SHIPPED
    assert set(found["rooms"]) == {"room 1", "room 2"}
    assert found["rooms"]["room 1"]["occupied"] is True
    sources = {item["source"] for item in found["rooms"]["room 1"]["contributions"]}
    motion = next(item["entity"] for item in found["signals"] if item["role"] == "motion" and item["room"] == "room 1")
    assert motion in sources
    assert next(item for item in found["signals"] if item["role"] == "person")["room"] == "home"
    assert found["timings"]["loop_event"]["count"] >= 1
    assert found["failures_in_a_row"] == 0
    assert found["labels"]["are_kept"] is True
    assert (found["labels"]["rooms"]["room 1"]["labels"], found["labels"]["home"]["labels"]) == (0, 0)
    assert found["home"]["occupied"] is True
    learned = found["forecast"]
    assert learned["model"]["name"] == "hand_forecast"
    assert (learned["failures_in_a_row"], learned["store_problem"], learned["free_days_known"]) == (0, None, 0)
    assert learned["rooms"]["room 1"]["unknown"] is None
    assert learned["home"]["scores"]["30"]["shown"] is True


async def test_diagnostics_of_a_home_in_trouble(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Say what was refused, without a model and without verdicts."""
    refused = Problem("truncated", Origin.SHIPPED, "occupancy.tflite", "it ends at byte 12")
    monkeypatch.setattr("custom_components.inkling.load_model", lambda *_: FoundModel(None, None, (refused,)))
    await set_up(hass, entry)
    entry.runtime_data.coordinator.data = {}
    entry.runtime_data.forecasting.outlooks.clear()
    found = await async_get_config_entry_diagnostics(hass, entry)
    assert found["model"]["name"] is None
    assert found["model"]["refused"][0]["fault"] == "truncated"
    assert found["rooms"] == {"room 1": None, "room 2": None}


@pytest.mark.usefixtures("hand_loaded")
async def test_system_information(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Give a few lines, also before anything is set up."""
    assert await async_setup_component(hass, "system_health", {})
    await set_up(hass, entry)
    found = await get_system_health_info(hass, DOMAIN)
    assert found["rooms"] == 2
    assert found["signals"] == 4
    assert (found["model"], found["backend"]) == ("hand 1", "by hand")
    assert found["inference"].endswith(" ms")
    entry.runtime_data.coordinator.timings._records.clear()
    assert (await get_system_health_info(hass, DOMAIN))["inference"] == "never"
    await hass.config_entries.async_unload(entry.entry_id)
    assert await get_system_health_info(hass, DOMAIN) == {"rooms": 0}


async def test_system_information_without_a_model(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Say that there is none."""
    monkeypatch.setattr("custom_components.inkling.load_model", lambda *_: FoundModel(None, None))
    assert await async_setup_component(hass, "system_health", {})
    await set_up(hass, entry)
    found = await get_system_health_info(hass, DOMAIN)
    assert (found["model"], found["backend"]) == ("none", "none")
