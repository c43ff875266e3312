"""What the card is served and told: its modules, its room, and the day before there was an Inkling."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import frontend, websocket_api
from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.inkling.cards import CARD, FOLDER, STATIC_URL, async_setup_cards, content_hash

from .conftest import room_id, set_up

pytestmark = pytest.mark.usefixtures("hand_loaded", "socket_enabled")
OFFICE, HOME = "binary_sensor.office_occupancy", "binary_sensor.inkling_anybody_home"


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


async def ask(hass: HomeAssistant, connect: WebSocketGenerator, command: str, entity_id: str) -> dict[str, Any]:
    """Return what a command about an entity answers."""
    client = await connect(hass)
    await client.send_json_auto_id({"type": command, "entity_id": entity_id})
    return dict(await client.receive_json())


async def test_modules_are_served_for_ever(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Serve every module under a name of its contents, to be kept, and load the card on every page."""
    for component in ("http", "auth", "websocket_api"):
        assert await async_setup_component(hass, component, {})
    hass.config.components.add("frontend")
    with patch.object(frontend, "add_extra_js_url") as added:
        await set_up(hass, entry)
    url = f"{STATIC_URL}/{content_hash(FOLDER)}"
    added.assert_called_once_with(hass, f"{url}/{CARD}")
    client = await hass_client()
    for module in FOLDER.glob("*.js"):
        answer = await client.get(f"{url}/{module.name}")
        assert answer.status == HTTPStatus.OK
        assert "javascript" in answer.headers["Content-Type"]
        assert "max-age" in answer.headers["Cache-Control"]
        assert await answer.text() == module.read_text(encoding="utf-8")


async def test_web_server_without_pages(hass: HomeAssistant) -> None:
    """Serve the modules, and load them nowhere, where Home Assistant has no pages of its own."""
    assert await async_setup_component(hass, "http", {})
    with patch.object(frontend, "add_extra_js_url") as added:
        assert await async_setup_cards(hass) == f"{STATIC_URL}/{content_hash(FOLDER)}"
    added.assert_not_called()


async def test_without_web_server(hass: HomeAssistant) -> None:
    """Serve nothing in a home without a web server."""
    with patch.object(websocket_api, "async_register_command") as registered:
        assert await async_setup_cards(hass) is None
    assert registered.call_count == 2


def test_hash_is_of_names_and_contents(tmp_path: Path) -> None:
    """Name a folder anew when a file changes or is renamed, and only then."""
    (tmp_path / "a.js").write_text("1", encoding="utf-8")
    first = content_hash(tmp_path)
    assert content_hash(tmp_path) == first
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    second = content_hash(tmp_path)
    (tmp_path / "b.js").write_text("2", encoding="utf-8")
    assert len({first, second, content_hash(tmp_path)}) == 3


async def test_room(hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> None:
    """Name a room's own entities by what they say, and its sensors by role; leave out what is disabled."""
    await set_up(hass, entry)
    room = (await ask(hass, hass_ws_client, "inkling/room", "sensor.office_reason"))["result"]
    assert (room["id"], room["kind"], room["name"]) == (room_id(entry, "Office"), "room", "Office")
    assert room["entities"]["occupancy"] == OFFICE
    assert room["entities"]["probability"] == "sensor.office_occupancy_probability"
    assert "model" not in room["entities"]
    assert room["signals"] == [
        {"entity_id": "binary_sensor.office_motion", "name": "office motion", "role": "motion"},
        {"entity_id": "sensor.office_co2", "name": "office co2", "role": "co2"},
    ]


async def test_home(hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> None:
    """Tell of the home as a whole with what belongs to no room; no day is judged afterwards for it."""
    hass.config_entries.async_update_entry(entry, options={"exit_doors": ["binary_sensor.front"], "people": []})
    await set_up(hass, entry)
    home = (await ask(hass, hass_ws_client, "inkling/room", HOME))["result"]
    assert (home["kind"], home["name"]) == ("home", "Inkling")
    assert [row["role"] for row in home["signals"]] == ["door"]
    past = (await ask(hass, hass_ws_client, "inkling/past", HOME))["result"]
    assert past == {"times": [], "percents": [], "occupied": []}


@pytest.mark.parametrize("command", ["inkling/room", "inkling/past"])
async def test_refusals(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
    command: str,
) -> None:
    """Refuse what is not ours, what does not run, and what a user may not read."""
    await set_up(hass, entry)
    assert (await ask(hass, hass_ws_client, command, "binary_sensor.office_motion"))["error"]["code"] == "not_found"
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    assert (await ask(hass, hass_ws_client, command, OFFICE))["error"]["code"] == "not_found"
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({"entities": {"entity_ids": {HOME: True}}})
    assert (await ask(hass, hass_ws_client, command, OFFICE))["error"]["code"] == "unauthorized"


async def test_signals_that_may_not_be_read(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser
) -> None:
    """Leave out sensors that the user may not read."""
    await set_up(hass, entry)
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({"entities": {"entity_ids": {OFFICE: True, "sensor.office_co2": True}}})
    room = (await ask(hass, hass_ws_client, "inkling/room", OFFICE))["result"]
    assert [row["entity_id"] for row in room["signals"]] == ["sensor.office_co2"]


async def test_past(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Judge afterwards what the sensors had recorded before Inkling was there."""
    hass.states.async_set("binary_sensor.office_motion", "on")
    await async_wait_recording_done(hass)
    freezer.tick(timedelta(minutes=10))
    hass.states.async_set("binary_sensor.office_motion", "off")
    await async_wait_recording_done(hass)
    freezer.tick(timedelta(minutes=10))
    await set_up(hass, entry)
    past = (await ask(hass, hass_ws_client, "inkling/past", OFFICE))["result"]
    assert len(past["times"]) == len(past["percents"]) == len(past["occupied"]) == 289
    known = {percent for percent in past["percents"][-5:] if percent is not None}
    assert max(known) > 90
    assert min(known) < 20
    assert True in past["occupied"]
    assert past["occupied"][-1] is False
