"""The home at a glance: what a user may read, sent when it changes, a few parts at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.inkling import overview as overview_module
from custom_components.inkling.const import DOMAIN, OVERVIEW_PARTS_AT_ONCE, OVERVIEW_SECONDS
from custom_components.inkling.core.faults.classes import Severity
from custom_components.inkling.fault_status import FaultStatus
from custom_components.inkling.outlook import Outlook
from custom_components.inkling.overview import Viewer, keys_of, part_of
from custom_components.inkling.ws_panel import OverviewStream

from .conftest import room_data, room_id, set_up, settle
from .faults import FRIDGE, alarm_of, faults_of, tell, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")

type Messages = list[tuple[dict[str, Any], int]]


@pytest.fixture
def admin(hass: HomeAssistant) -> User:
    """Return an administrator."""
    found: User = MockUser(is_owner=True).add_to_hass(hass)
    return found


def guest(hass: HomeAssistant, *entity_ids: str) -> User:
    """Return a user who may read these entities and nothing else."""
    user = MockUser()
    found: User = user.add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": dict.fromkeys(entity_ids, True)}})
    return found


def seconds_of(text: str) -> float:
    """Return an instant of a part in epoch seconds."""
    return datetime.fromisoformat(text).timestamp()


def parts_for(hass: HomeAssistant, user: User, entry: MockConfigEntry) -> dict[str, Any]:
    """Return every part that a user may read."""
    viewer = Viewer(hass, user)
    return {key: part for key in keys_of(entry) if (part := part_of(viewer, entry, key)) is not None}


async def pass_time(hass: HomeAssistant, seconds: float = OVERVIEW_SECONDS) -> None:
    """Let timers run."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done()


@pytest.fixture
def messages() -> Messages:
    """Return where a stream's messages go."""
    return []


@pytest.fixture
def follow(hass: HomeAssistant, messages: Messages) -> Callable[[User], OverviewStream]:
    """Return a way to follow the home."""

    def begin(user: User) -> OverviewStream:
        """Begin to follow."""
        stream = OverviewStream(hass, user, lambda parts, waiting: messages.append((dict(parts), waiting)))
        stream.start()
        return stream

    return begin


async def test_a_room_and_the_home(hass: HomeAssistant, entry: MockConfigEntry, admin: User) -> None:
    """Tell what a room is, how sure that is, why, and what comes next."""
    hass.states.async_set("binary_sensor.office_motion", "on")
    await set_up(hass, entry)
    office = parts_for(hass, admin, entry)[f"room/{room_id(entry, 'Office')}"]
    assert (office["title"], office["area"], office["area_id"], office["icon"]) == ("Office", "Office", "office", None)
    assert office["entities"] == {
        "occupancy": "binary_sensor.office_occupancy",
        "probability": "sensor.office_occupancy_probability",
        "reason": "sensor.office_reason",
        "next_occupied": "sensor.office_next_occupied",
        "next_vacant": "sensor.office_next_vacant",
    }
    assert office["state"] == "occupied"
    assert office["probability"] > 90
    assert dt_util.parse_datetime(office["since"]) is not None
    assert "office motion" in office["reason"]
    assert office["next"]["state"] == "vacant"
    assert office["unknown"] is None
    home = parts_for(hass, admin, entry)["home"]
    assert (home["title"], home["state"]) == ("Inkling", "occupied")
    assert parts_for(hass, admin, entry)["status"] == {"is_running": True, "rooms": 2, "devices": 0}


@pytest.mark.parametrize(
    ("outlook", "told"),
    [
        (Outlook(made_at=0.0, start=0.0), {"state": "occupied", "at": None, "unknown": "not_within_a_day"}),
        (Outlook(made_at=0.0, start=0.0, next_occupied=900.0), {"state": "occupied", "at": None, "unknown": "hidden"}),
    ],
)
async def test_what_comes_next_is_not_told(
    hass: HomeAssistant, entry: MockConfigEntry, admin: User, outlook: Outlook, told: dict[str, Any]
) -> None:
    """Say why: nothing is expected, or a simple rule knows better."""
    await set_up(hass, entry)
    office = room_id(entry, "Office")
    entry.runtime_data.forecasting.outlooks[office] = outlook
    assert parts_for(hass, admin, entry)[f"room/{office}"]["next"] == told


async def test_what_comes_next_is_told(hass: HomeAssistant, entry: MockConfigEntry, admin: User) -> None:
    """Say when, on the clock of the wall."""
    await set_up(hass, entry)
    office = room_id(entry, "Office")
    outlooks = entry.runtime_data.forecasting.outlooks
    moment = dt_util.utcnow().timestamp() + 900.0
    outlooks[office] = Outlook(
        made_at=outlooks[office].made_at, start=0.0, next_occupied=moment, horizons=outlooks[office].horizons
    )
    told = parts_for(hass, admin, entry)[f"room/{office}"]["next"]
    assert told["unknown"] is None
    assert seconds_of(told["at"]) == pytest.approx(moment, abs=1.0)


async def test_before_anything_is_known(hass: HomeAssistant, entry: MockConfigEntry, admin: User) -> None:
    """Tell that nothing is known yet, and name no area that is gone."""
    await set_up(hass, entry)
    office = room_id(entry, "Office")
    entry.runtime_data.coordinator.data = {}
    entry.runtime_data.forecasting.outlooks.clear()
    ar.async_get(hass).async_delete("office")
    found = parts_for(hass, admin, entry)[f"room/{office}"]
    assert [found[key] for key in ("area", "state", "since", "unknown", "probability")] == [None] * 5
    assert "reason" not in found
    assert "next" not in found


async def test_the_models_and_what_needs_care(hass: HomeAssistant, entry: MockConfigEntry, admin: User) -> None:
    """Name the models; count the repairs for administrators only."""
    await set_up(hass, entry)
    ir.async_create_issue(
        hass, DOMAIN, "x", is_fixable=False, severity=ir.IssueSeverity.WARNING, translation_key="backend_missing"
    )
    parts = parts_for(hass, admin, entry)
    assert parts["models"]["occupancy"] == {
        "name": "hand",
        "version": "1",
        "origin": "shipped",
        "backend": "by hand",
        "refused": 0,
    }
    assert parts["care"]["repairs"] == len(ir.async_get(hass).issues)
    assert parts["care"]["history_days"] is None
    ir.async_ignore_issue(hass, DOMAIN, "x", ignore=True)
    assert parts_for(hass, admin, entry)["care"]["repairs"] == parts["care"]["repairs"] - 1
    assert "care" not in parts_for(hass, guest(hass), entry)


async def test_the_days_that_the_recorder_keeps(hass: HomeAssistant, entry: MockConfigEntry, admin: User) -> None:
    """Tell how long a trace can be."""
    await set_up(hass, entry)
    with (
        patch.object(overview_module, "has_recorder", return_value=True),
        patch.object(overview_module, "get_instance") as instance,
    ):
        instance.return_value.keep_days = 12
        assert parts_for(hass, admin, entry)["care"]["history_days"] == 12


async def test_a_guest_sees_what_a_guest_may_read(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Tell a state to whom may read only that, and nothing of the other rooms."""
    await set_up(hass, entry)
    office = room_id(entry, "Office")
    parts = parts_for(hass, guest(hass, "binary_sensor.office_occupancy"), entry)
    assert set(parts) == {"status", "models", f"room/{office}"}
    assert parts[f"room/{office}"]["entities"] == {"occupancy": "binary_sensor.office_occupancy"}
    assert {"probability", "reason", "next"}.isdisjoint(parts[f"room/{office}"])
    er.async_get(hass).async_remove("binary_sensor.office_occupancy")
    assert f"room/{office}" not in parts_for(hass, guest(hass, "binary_sensor.office_occupancy"), entry)


async def test_a_device_that_fails(hass: HomeAssistant, admin: User) -> None:
    """Tell what fails, how sure that is, by which evidence, and what can be targeted."""
    entry = await watch_fridge(hass)
    monitor = next(iter(faults_of(entry).monitors))
    await tell(hass, entry)
    before = parts_for(hass, admin, entry)[f"device/{monitor}"]
    assert (before["state"], before["is_faulty"], before["alarms"]) == ("ok", False, [])
    assert (before["title"], before["signals"], before["score"]) == ("Fridge", 2, 12)
    assert (before["history_days"], before["learning_days"]) == (9.2, 7.0)
    await tell(hass, entry, alarm_of(hass, severity=Severity.CRITICAL))
    after = parts_for(hass, admin, entry)[f"device/{monitor}"]
    assert (after["state"], after["is_faulty"]) == ("fault", True)
    assert (after["alarms"][0]["entity"], after["alarms"][0]["type"]) == (FRIDGE, "bias")
    assert "reads 9.5 °C" in after["alarms"][0]["evidence"]
    some = parts_for(hass, guest(hass, "binary_sensor.fridge_fault"), entry)[f"device/{monitor}"]
    assert "score" not in some
    assert f"device/{monitor}" not in parts_for(hass, guest(hass, FRIDGE), entry)


async def test_a_device_that_rests(hass: HomeAssistant, admin: User) -> None:
    """Tell until when; for one that rests until somebody ends it, tell no time. Nothing is known at first."""
    entry = await watch_fridge(hass)
    faults = faults_of(entry)
    monitor = next(iter(faults.monitors))
    found = []
    for status in (FaultStatus(), FaultStatus(snoozed_until=float("inf")), FaultStatus(snoozed_until=1e9)):
        faults.statuses[monitor] = status
        found.append(parts_for(hass, admin, entry)[f"device/{monitor}"])
    assert (found[0]["state"], found[0]["score"], found[0]["history_days"]) == (None, None, None)
    assert [item["snoozed_until"] for item in found[:2]] == [None, None]
    assert seconds_of(found[2]["snoozed_until"]) == 1e9


async def test_parts_that_are_gone(hass: HomeAssistant, entry: MockConfigEntry, admin: User) -> None:
    """Tell nothing of a room or a device that was deleted, nor of anything while Inkling does not run."""
    await set_up(hass, entry)
    viewer = Viewer(hass, admin)
    for key in ("room/none", "device/none"):
        assert part_of(viewer, entry, key) is None
        assert part_of(viewer, None, key) is None
    assert part_of(viewer, None, "status") == {"is_running": False, "rooms": 0, "devices": 0}
    assert keys_of(None) == ["status", "care"]


async def test_only_changes_are_sent(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    admin: User,
    follow: Callable[[User], OverviewStream],
    messages: Messages,
) -> None:
    """Send everything once, then a room when it changes, and nothing when nothing does."""
    await set_up(hass, entry)
    stream = follow(admin)
    assert set(messages[0][0]) == set(keys_of(entry))
    assert messages[0][1] == 0
    messages.clear()
    hass.states.async_set("binary_sensor.office_motion", "on")
    await settle(hass)
    await pass_time(hass)
    office = f"room/{room_id(entry, 'Office')}"
    assert messages
    changed = {key: part for parts, _ in messages for key, part in parts.items()}
    assert changed[office]["state"] == "occupied"
    assert "models" not in changed
    messages.clear()
    er.async_get(hass).async_update_entity("binary_sensor.office_motion", name="Eye")
    await pass_time(hass)
    assert all(set(parts) <= set(keys_of(entry)) for parts, _ in messages)
    messages.clear()
    stream._mark([office])
    await pass_time(hass)
    assert messages == []
    stream._mark([office])
    stream.stop()
    hass.states.async_set("binary_sensor.office_motion", "off")
    await settle(hass)
    await pass_time(hass)
    assert messages == []


async def test_a_fault_is_sent(
    hass: HomeAssistant, admin: User, follow: Callable[[User], OverviewStream], messages: Messages
) -> None:
    """Send a device when it fails, and the count of repairs with it; other integrations' repairs are no news."""
    entry = await watch_fridge(hass)
    await tell(hass, entry)
    stream = follow(admin)
    messages.clear()
    ir.async_create_issue(
        hass, "test", "x", is_fixable=False, severity=ir.IssueSeverity.WARNING, translation_key="backend_missing"
    )
    hass.config_entries.async_update_entry(hass.config_entries.async_entries("test")[0], title="Sockets")
    await pass_time(hass)
    assert messages == []
    await tell(hass, entry, alarm_of(hass))
    await pass_time(hass)
    changed = {key: part for parts, _ in messages for key, part in parts.items()}
    assert changed["care"]["repairs"] >= 1
    assert changed[f"device/{next(iter(faults_of(entry).monitors))}"]["is_faulty"]
    stream.stop()


async def test_a_reload_is_hardly_seen(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    admin: User,
    follow: Callable[[User], OverviewStream],
    messages: Messages,
) -> None:
    """Go on with what was loaded anew, take out a room that was deleted, and say when Inkling is gone."""
    await set_up(hass, entry)
    stream = follow(admin)
    messages.clear()
    entry.mock_state(hass, ConfigEntryState.UNLOAD_IN_PROGRESS)
    await pass_time(hass)
    assert messages == []
    entry.mock_state(hass, ConfigEntryState.LOADED)
    kitchen = room_id(entry, "Kitchen")
    hass.config_entries.async_remove_subentry(entry, kitchen)
    await settle(hass)
    await pass_time(hass)
    changed = {key: part for parts, _ in messages for key, part in parts.items()}
    assert changed[f"room/{kitchen}"] is None
    assert changed["status"] == {"is_running": True, "rooms": 1, "devices": 0}
    messages.clear()
    await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass)
    changed = {key: part for parts, _ in messages for key, part in parts.items()}
    assert changed["status"]["is_running"] is False
    assert changed[f"room/{room_id(entry, 'Office')}"] is None
    stream.stop()


async def test_a_large_home_comes_in_pieces(
    hass: HomeAssistant, admin: User, follow: Callable[[User], OverviewStream], messages: Messages
) -> None:
    """Hold the loop for a few rooms at a time, and say how many are still to come."""
    rooms = [
        room_data(f"Room {number}", f"area_{number}", {"motion": [f"binary_sensor.motion_{number}"]})
        for number in range(2 * OVERVIEW_PARTS_AT_ONCE)
    ]
    entry = MockConfigEntry(
        domain=DOMAIN, title="Inkling", subentries_data=rooms, options={"exit_doors": [], "people": []}
    )
    entry.add_to_hass(hass)
    await set_up(hass, entry)
    stream = follow(admin)
    assert messages[0][1] == 4 + len(rooms) - OVERVIEW_PARTS_AT_ONCE
    for _ in range(3):
        await pass_time(hass)
    assert messages[-1][1] == 0
    assert {key for parts, _ in messages for key in parts} == set(keys_of(entry))
    # The last piece may hold no news, and still ends the waiting.
    messages.clear()
    stream._sent.pop("status")
    stream._mark(keys_of(entry))
    for _ in range(4):
        await pass_time(hass)
    assert [waiting for _, waiting in messages][-1] == 0
    stream.stop()


async def test_over_the_socket(hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> None:
    """Answer once, or whenever something changes, until the page is closed."""
    await set_up(hass, entry)
    assert await async_setup_component(hass, "websocket_api", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "inkling/overview"})
    answer = (await client.receive_json())["result"]["parts"]
    assert set(answer) == set(keys_of(entry))
    await client.send_json_auto_id({"type": "inkling/subscribe_overview"})
    assert (await client.receive_json())["success"]
    event = (await client.receive_json())["event"]
    assert event["parts"] == answer
    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": 2})
    assert (await client.receive_json())["success"]
