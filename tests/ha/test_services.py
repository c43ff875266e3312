"""The actions: models are read again while everything else goes on."""

import asyncio
from collections.abc import Generator
import json
from pathlib import Path
import shutil
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.inkling import model_files
from custom_components.inkling.const import DOMAIN
from custom_components.inkling.coordinator import InklingCoordinator

from .conftest import HandBackend, hand_model, issue_ids, room_id, set_up, settle, state_of

SHIPPED = Path(__file__).parents[2] / "models"


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Generator[Path]:
    """Return the folder of the home's own models, in a configuration of its own."""
    with patch.object(hass.config, "config_dir", str(tmp_path)):
        found = tmp_path / "inkling" / "models"
        found.mkdir(parents=True)
        yield found


def put_home_model(folder: Path, **changes: object) -> None:
    """Put the shipped model into the home's folder under another name and thresholds."""
    shutil.copy(SHIPPED / "occupancy.tflite", folder)
    source = json.loads((SHIPPED / "occupancy.json").read_text())
    (folder / "occupancy.json").write_text(json.dumps({**source, "name": "home", "version": "7", **changes}))


async def reload_models(hass: HomeAssistant) -> dict[str, Any]:
    """Call the action and return its response."""
    answer = await hass.services.async_call(DOMAIN, "reload_models", blocking=True, return_response=True)
    await settle(hass)
    assert answer is not None
    return dict(answer)


async def test_a_home_model_is_taken_up_in_place(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Judge by the new model at once, with the same coordinator, windows and entities."""
    await set_up(hass, entry)
    coordinator, window = entry.runtime_data.coordinator, entry.runtime_data.ingest.window
    put_home_model(folder)
    answer = await reload_models(hass)
    assert answer == {
        "loaded": {"name": "home", "version": "7", "origin": "home", "backend": answer["loaded"]["backend"]},
        "refused": [],
        "forecast": {
            "loaded": {"name": "hand_forecast", "version": "1", "origin": "shipped", "backend": "by hand"},
            "refused": [],
        },
    }
    assert entry.runtime_data.coordinator is coordinator
    assert entry.runtime_data.ingest.window is window
    assert entry.runtime_data.found.model.manifest.name == "home"
    assert {verdict.model for verdict in coordinator.data.values()} == {"home 7"}
    assert not issue_ids(hass)


async def test_the_decision_follows_the_new_thresholds(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path
) -> None:
    """Call a quiet room occupied by a model whose thresholds are next to nothing."""
    await set_up(hass, entry)
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"
    low = {"on_threshold": 1e-9, "off_threshold": 1e-10, "on_delay_seconds": 0.0, "off_delay_seconds": 0.0}
    put_home_model(folder, decision=low)
    await reload_models(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"


async def test_a_model_that_does_not_fit_is_refused(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Go on with the shipped model, say why in the response and in a repair, and clear it when it is put right."""
    await set_up(hass, entry)
    put_home_model(folder, features_version=999)
    answer = await reload_models(hass)
    assert answer["loaded"]["origin"] == "shipped"
    (refused,) = answer["refused"]
    assert (refused["fault"], refused["origin"]) == ("manifest_misfit", "home")
    assert "999" in refused["detail"]
    assert issue_ids(hass) == {"model_home_manifest_misfit"}
    put_home_model(folder)
    assert (await reload_models(hass))["loaded"]["origin"] == "home"
    assert not issue_ids(hass)


async def test_no_model_is_left(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Say unknown when there is no model any more, and come back with the next one."""
    await set_up(hass, entry)
    with patch.object(model_files, "shipped_folders", return_value=()):
        assert (await reload_models(hass))["loaded"] is None
    assert state_of(hass, "binary_sensor.office_occupancy") == "unknown"
    await hass.services.async_call(DOMAIN, "reload_models", blocking=True)
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


async def test_a_running_tick_ends_with_its_own_model(
    hass: HomeAssistant, entry: MockConfigEntry, hand_loaded: None
) -> None:
    """Wait for the tick that runs, and forget the failures of the model that goes."""
    await set_up(hass, entry)
    coordinator: InklingCoordinator = entry.runtime_data.coordinator
    coordinator.failures = 3
    async with coordinator._judging:
        swap = hass.async_create_task(coordinator.async_swap_model(hand_model(HandBackend()), None))
        await asyncio.sleep(0)
        assert not swap.done()
        assert coordinator.failures == 3
    await swap
    assert coordinator.failures == 0
    await settle(hass)
    assert coordinator.data[room_id(entry, "Office")].decision.occupied is None


async def test_nothing_to_reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say in words that Inkling is not loaded."""
    await set_up(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(DOMAIN, "reload_models", blocking=True)
    assert caught.value.translation_key == "not_loaded"


async def test_only_an_administrator_may(
    hass: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """Refuse users who may not change the home."""
    await set_up(hass, entry)
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(DOMAIN, "reload_models", blocking=True, context=context)
