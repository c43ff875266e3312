"""What cards and the panel ask about labels, and what becomes of labels over restarts."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from .conftest import room_id, set_up, settle, state_of
from .faults import FRIDGE, watch_fridge
from .test_labels import KITCHEN, OFFICE, labelling_of, say

pytestmark = pytest.mark.usefixtures("hand_loaded")


async def ask(hass: HomeAssistant, hass_ws_client: WebSocketGenerator, command: str, **data: object) -> dict[str, Any]:
    """Return what a command answers."""
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": f"inkling/{command}", **data})
    found: dict[str, Any] = await client.receive_json()
    return found


async def test_list(hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> None:
    """Answer with every room and the home, each with its labels and the word that stands."""
    await set_up(hass, entry)
    await say(hass, "occupied")
    found = (await ask(hass, hass_ws_client, "labels"))["result"]["targets"]
    assert [(item["kind"], item["name"]) for item in found] == [
        ("room", "Office"),
        ("room", "Kitchen"),
        ("home", "Inkling"),
    ]
    assert found[0]["entity_id"] == OFFICE
    assert [label["label"] for label in found[0]["labels"]] == ["occupied"]
    assert found[0]["held"]["occupied"] is True
    assert found[1]["held"] is None
    one = (await ask(hass, hass_ws_client, "labels", entity_id="sensor.office_occupancy_probability"))["result"]
    assert one["targets"] == found[:1]


async def test_list_of_what_is_watched(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    """Answer with labelled sensors too, by their own entity."""
    await watch_fridge(hass)
    await say(hass, "fault", FRIDGE, fault_type="stuck")
    found = (await ask(hass, hass_ws_client, "labels", entity_id=FRIDGE))["result"]["targets"]
    assert [(item["kind"], item["entity_id"], item["held"]) for item in found] == [("signal", FRIDGE, None)]
    assert [label["label"] for label in found[0]["labels"]] == ["fault:stuck"]


async def test_delete(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser
) -> None:
    """Forget a label, the word that stands by it, and what it taught; only administrators may."""
    await set_up(hass, entry)
    label = await say(hass, "occupied")
    feedback = labelling_of(entry).feedback_of(room_id(entry, "Office"))
    assert feedback.shift > 0.0
    answer = await ask(hass, hass_ws_client, "label_delete", label_id=label["id"])
    assert answer["success"]
    await settle(hass)
    assert state_of(hass, OFFICE) == "off"
    assert (feedback.shift, feedback.hold, labelling_of(entry).labels) == (0.0, None, ())
    assert (await ask(hass, hass_ws_client, "label_delete", label_id=label["id"]))["error"]["code"] == "not_found"
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    assert (await ask(hass, hass_ws_client, "label_delete", label_id="x"))["error"]["code"] == "unauthorized"


async def test_what_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser
) -> None:
    """Refuse entities that are not ours, those the user may not read, and everything while nothing runs."""
    await set_up(hass, entry)
    assert (await ask(hass, hass_ws_client, "labels", entity_id="light.kitchen"))["error"]["code"] == "not_found"
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    assert (await ask(hass, hass_ws_client, "labels", entity_id=KITCHEN))["error"]["code"] == "unauthorized"
    assert (await ask(hass, hass_ws_client, "labels"))["result"]["targets"] == []
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await ask(hass, hass_ws_client, "labels"))["error"]["code"] == "not_found"


async def test_nothing_is_deleted_while_nothing_runs(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """Say that there is no Inkling."""
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await ask(hass, hass_ws_client, "label_delete", label_id="1"))["error"]["code"] == "not_found"
