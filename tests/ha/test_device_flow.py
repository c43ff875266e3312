"""Adding and changing what is watched for faults."""

import asyncio
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling import device_flow
from custom_components.inkling.const import DOMAIN

from .conftest import add_entity, set_up, settle, state_of
from .faults import CELLAR, FAULT, FRIDGE, POWER, add_fridge, everything_data, faults_of, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")
EMPTY: dict[str, Any] = {"movement": {}, "use": {}, "air": {}, "other": {}}
ANSWER: dict[str, Any] = {
    **EMPTY,
    "kind": "fridge",
    "false_alarms_per_year": 4,
    "peers": [CELLAR],
    "use": {"power": [POWER]},
    "air": {"temperature": [FRIDGE]},
}


@pytest.fixture
async def entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return a home that watches nothing yet, with a fridge in it."""
    options: dict[str, list[str]] = {"exit_doors": [], "people": []}
    found = MockConfigEntry(domain=DOMAIN, title="Inkling", options=options)
    found.add_to_hass(hass)
    await set_up(hass, found)
    return found


async def start(hass: HomeAssistant, entry: MockConfigEntry, kind: str = "device") -> SubentryFlowResult:
    """Open a form that adds something."""
    return await hass.config_entries.subentries.async_init((entry.entry_id, kind), context={"source": SOURCE_USER})


async def answer(hass: HomeAssistant, step: SubentryFlowResult, given: dict[str, Any]) -> SubentryFlowResult:
    """Answer a form."""
    return await hass.config_entries.subentries.async_configure(step["flow_id"], given)


def filled_in(step: SubentryFlowResult) -> dict[str, Any]:
    """Return what the fields outside of the sections are filled with."""
    assert step["data_schema"] is not None
    fields = {str(key): key for key in step["data_schema"].schema}
    return {
        "kind": fields["kind"].default(),
        "false_alarms_per_year": fields["false_alarms_per_year"].default(),
        "peers": fields["peers"].description["suggested_value"],
    }


async def test_device_is_added(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Walk from a device to its fault entities, with everything guessed right on the way."""
    fridge = add_fridge(hass)
    step = await start(hass, entry)
    assert step["step_id"] == "user"
    step = await answer(hass, step, {"device_id": fridge.id})
    assert step["step_id"] == "signals"
    assert step["description_placeholders"] == {"device": "Fridge"}
    assert filled_in(step) == {"kind": "fridge", "false_alarms_per_year": 2.0, "peers": [CELLAR]}
    step = await answer(hass, step, ANSWER)
    assert step["step_id"] == "preview"
    assert step["description_placeholders"] is not None
    assert "recorder is off" in step["description_placeholders"]["summary"]
    done = await answer(hass, step, {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert (done["title"], done["unique_id"]) == ("Fridge", fridge.id)
    await settle(hass)
    assert state_of(hass, FAULT) == "unknown"
    plan = faults_of(entry).plan
    assert set(plan.entities) == {FRIDGE, POWER, CELLAR}
    assert plan.settings.false_alarms_per_year == pytest.approx(4.0)
    assert {signal.weight for signal in plan.signals} == {2.0}


async def test_device_is_watched_once(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Refuse a device that is watched already."""
    fridge = add_fridge(hass)
    step = await answer(hass, await start(hass, entry), {"device_id": fridge.id})
    await answer(hass, await answer(hass, step, ANSWER), {})
    await settle(hass)
    again = await answer(hass, await start(hass, entry), {"device_id": fridge.id})
    assert (again["type"], again["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_entities_without_a_device(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Watch chosen entities on a device of our own, named after the first."""
    add_fridge(hass)
    hass.states.async_set("sensor.well", "3", {"friendly_name": "Well level"})
    step = await answer(hass, await start(hass, entry), {"entities": ["sensor.well"]})
    assert filled_in(step)["peers"] == []
    given = {**EMPTY, "kind": "pump", "false_alarms_per_year": 1, "other": {"generic": ["sensor.well"]}}
    done = await answer(hass, await answer(hass, step, given), {})
    assert (done["title"], done["unique_id"]) == ("Well level", None)
    await settle(hass)
    assert state_of(hass, "binary_sensor.well_level_fault") == "unknown"
    found = er.async_get(hass).async_get("binary_sensor.well_level_fault")
    assert found is not None
    assert found.device_id is not None
    device = dr.async_get(hass).async_get(found.device_id)
    assert device is not None
    assert device.name == "Well level"


async def test_what_cannot_be_watched(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say what is wrong with a choice, and go on with a better one."""
    fridge = add_fridge(hass)
    step = await answer(hass, await start(hass, entry), {})
    assert step["errors"] == {"base": "nothing_to_watch"}
    step = await answer(hass, step, {"device_id": fridge.id})
    step = await answer(hass, step, {**ANSWER, "use": {}, "air": {}})
    assert step["errors"] == {"base": "nothing_chosen"}
    step = await answer(hass, step, {**ANSWER, "air": {"co2": [FRIDGE]}})
    assert step["errors"] == {"base": "wrong_unit"}
    step = await answer(hass, step, {**ANSWER, "peers": []})
    assert step["step_id"] == "preview"


async def test_device_is_changed(hass: HomeAssistant) -> None:
    """Change signals, kind and sensitivity of a device that is watched."""
    entry = await watch_fridge(hass)
    subentry = next(iter(entry.subentries.values()))
    step = await entry.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    assert filled_in(step) == {"kind": "fridge", "false_alarms_per_year": 2.0, "peers": [CELLAR]}
    step = await answer(hass, step, {**ANSWER, "kind": "freezer", "use": {}})
    done = await answer(hass, step, {})
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await settle(hass)
    data = next(iter(entry.subentries.values())).data
    assert (data["kind"], data["false_alarms_per_year"], data["signals"]) == (
        "freezer",
        4.0,
        {"temperature": [FRIDGE]},
    )
    await hass.config_entries.async_unload(entry.entry_id)
    closed = await entry.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    assert closed["reason"] == "entry_not_loaded"


async def test_slow_backtest_shows_progress(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Show a spinner while the past is judged, then what it came to."""
    fridge = add_fridge(hass)
    gate = asyncio.Event()

    async def slow(*_: object) -> None:
        """Judge nothing until it is let."""
        await gate.wait()

    step = await answer(hass, await start(hass, entry), {"device_id": fridge.id})
    with patch.object(device_flow, "async_backtest", slow), patch.object(device_flow, "_PATIENCE_SECONDS", 0.0):
        step = await answer(hass, step, ANSWER)
        assert (step["type"], step["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "judging")
        gate.set()
        await hass.async_block_till_done()
        step = await hass.config_entries.subentries.async_configure(step["flow_id"])
    assert step["step_id"] == "preview"


async def test_closed_home(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Add nothing to a home that does not run."""
    await hass.config_entries.async_unload(entry.entry_id)
    for kind in ("device", "everything"):
        assert (await start(hass, entry, kind))["reason"] == "entry_not_loaded"


async def test_everything(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Watch every sensor with one click, once, and leave out what its user does not want."""
    assert (await start(hass, entry, "everything"))["reason"] == "no_sensors"
    add_fridge(hass)
    add_entity(hass, "light.hall", state="on")
    step = await start(hass, entry, "everything")
    assert step["description_placeholders"] == {"count": "3"}
    done = await answer(hass, step, {})
    assert (done["title"], done["unique_id"]) == ("Every sensor", "everything")
    await settle(hass)
    assert set(faults_of(entry).plan.entities) == {FRIDGE, POWER, CELLAR}
    assert faults_of(entry).plan.settings.false_alarms_per_year == pytest.approx(1.0)
    assert state_of(hass, "binary_sensor.every_sensor_fault") == "unknown"
    assert (await start(hass, entry, "everything"))["reason"] == "already_configured"
    subentry = next(iter(entry.subentries.values()))
    step = await entry.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    done = await answer(hass, step, {"excluded": [CELLAR]})
    assert done["reason"] == "reconfigure_successful"
    await settle(hass)
    assert set(faults_of(entry).plan.entities) == {FRIDGE, POWER}


async def test_share_of_the_own_choice_wins(hass: HomeAssistant) -> None:
    """Judge what was chosen by its own sensitivity, the rest by the strictest."""
    entry = await watch_fridge(hass, everything_data(), false_alarms_per_year=12.0, peers={})
    shares = {entity_id: signal.share for entity_id, signal in _pairs(entry)}
    assert shares == {FRIDGE: 4.0, POWER: 4.0, CELLAR: pytest.approx(1 / 3)}


def _pairs(entry: MockConfigEntry) -> list[tuple[str, Any]]:
    """Return each entity with its signal."""
    plan = faults_of(entry).plan
    return list(zip(plan.entities, plan.signals, strict=True))


async def test_outdoor_temperature(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Ask appliances for the outdoors, suggest the weather, refuse what tells no temperature, and follow renames."""
    fridge = add_fridge(hass)
    hass.states.async_set("weather.home", "sunny", {"temperature": 12.0})
    step = await answer(hass, await start(hass, entry), {"device_id": fridge.id})
    assert step["data_schema"] is not None
    fields = {str(key): key for key in step["data_schema"].schema}
    assert fields["outdoor"].description["suggested_value"] == "weather.home"
    step = await answer(hass, step, {**ANSWER, "outdoor": POWER})
    assert step["errors"] == {"base": "wrong_unit"}
    step = await answer(hass, step, {**ANSWER, "outdoor": "weather.home"})
    assert step["step_id"] == "preview"
    done = await answer(hass, step, {})
    assert done["data"]["outdoor"] == ["weather.home"]
    await settle(hass)
    (subentry,) = entry.subentries.values()
    assert next(iter(faults_of(entry).appliances.configs.values())).outdoor == "weather.home"
    again = await entry.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    step = await answer(hass, again, {**ANSWER, "outdoor": CELLAR})
    await answer(hass, step, {})
    await settle(hass)
    er.async_get(hass).async_update_entity(CELLAR, new_entity_id="sensor.garden")
    await settle(hass)
    (subentry,) = entry.subentries.values()
    assert subentry.data["outdoor"] == ["sensor.garden"]
