"""The actions and commands about forecasts: who is meant, what is answered, and what is refused in words."""

from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers.dispatcher import async_dispatcher_send
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.inkling.const import HORIZONS_MINUTES
from custom_components.inkling.model_files import FoundModel

from .conftest import device_of, room_id, set_up, settle

pytestmark = pytest.mark.usefixtures("hand_loaded")
OFFICE, KITCHEN, HOME = (
    "binary_sensor.office_occupancy",
    "binary_sensor.kitchen_occupancy",
    "binary_sensor.inkling_anybody_home",
)


async def ask(hass: HomeAssistant, action: str, target: dict[str, Any], context: Context | None = None) -> Any:  # noqa: ANN401 - JSON
    """Return what an action answers."""
    return await hass.services.async_call(
        "inkling", action, target, blocking=True, return_response=True, context=context
    )


async def test_the_whole_day(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Answer for every room and the home with 96 quarters of an hour in Home Assistant's shape."""
    await set_up(hass, entry)
    answer = await ask(hass, "forecast", {})
    assert set(answer) == {OFFICE, KITCHEN, HOME}
    day = answer[OFFICE]
    assert len(day["forecast"]) == 96
    assert set(day["forecast"][0]) == {"datetime", "probability", "is_occupied", "is_shown"}
    assert day["forecast"][1]["probability"] == pytest.approx(4.9, abs=0.2)
    assert (day["forecast"][1]["is_occupied"], day["forecast"][1]["is_shown"]) == (False, True)
    assert (day["unknown"], day["next_occupied"]) == (None, None)
    assert day["made_at"] is not None


async def test_targets(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Answer for an entity by its name, for a device or area by its occupancy."""
    await set_up(hass, entry)
    named = "sensor.office_occupancy_in_30_min"
    assert set(await ask(hass, "forecast", {"entity_id": named})) == {named}
    device = device_of(hass, entry, room_id(entry, "Kitchen"))
    assert device is not None
    assert set(await ask(hass, "forecast", {"device_id": device.id})) == {KITCHEN}
    area = str(entry.subentries[room_id(entry, "Office")].unique_id)
    assert set(await ask(hass, "forecast", {"area_id": area})) == {OFFICE}


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ({"entity_id": "binary_sensor.office_motion"}, "not_an_entity"),
        ({"entity_id": "light.nowhere"}, "not_an_entity"),
        ({"area_id": "cellar"}, "nothing_targeted"),
    ],
)
async def test_what_is_not_ours(hass: HomeAssistant, entry: MockConfigEntry, target: dict[str, str], key: str) -> None:
    """Say what to do about a target without any room of ours."""
    await set_up(hass, entry)
    with pytest.raises(ServiceValidationError) as caught:
        await ask(hass, "forecast", target)
    assert caught.value.translation_key == key


async def test_nothing_loaded(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say in words that Inkling does not run."""
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    for action in ("forecast", "report_card"):
        with pytest.raises(ServiceValidationError) as caught:
            await ask(hass, action, {})
        assert caught.value.translation_key == "not_loaded"


async def test_report_card(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Tell the scores of each horizon with the best rule's, and since when the room is known."""
    await set_up(hass, entry)
    store = entry.runtime_data.forecasting.store
    office = room_id(entry, "Office")
    store.record(office, occupied=True, start=900_000.0, end=901_800.0)
    store.note(office, 30, 900_000.0, 0.9, {"same": 0.5, "profile": 0.4})
    store.settle(office, 901_800.0, occupied=True)
    answer = await ask(hass, "report_card", {})
    card = answer[OFFICE]
    assert set(card["horizons"]) == {str(minutes) for minutes in HORIZONS_MINUTES}
    half = card["horizons"]["30"]
    assert (half["count"], half["brier"], half["baseline"], half["baseline_brier"]) == (1, 0.01, "same", 0.25)
    assert (half["shown"], half["reason"], card["truth"]) == (True, "learning_prior", "own_decision")
    assert answer[KITCHEN]["horizons"]["30"]["brier"] is None
    assert answer[KITCHEN]["since"] is None


async def test_users_read_what_they_may(
    hass: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """Answer a user who may read, and refuse one who may not."""
    await set_up(hass, entry)
    reader = Context(user_id=hass_read_only_user.id)
    assert await ask(hass, "forecast", {"entity_id": OFFICE}, reader)
    hass_read_only_user.groups = []
    hass_read_only_user.invalidate_cache()
    with pytest.raises(Unauthorized):
        await ask(hass, "forecast", {"entity_id": OFFICE}, reader)


async def test_a_card_subscribes(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """Send the forecast at once and with each change, over a reload, until nobody listens any more."""
    await set_up(hass, entry)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "inkling/forecast", "entity_id": OFFICE})
    once = await client.receive_json()
    assert len(once["result"]["forecast"]) == 96
    await client.send_json_auto_id({"type": "inkling/subscribe_forecast", "entity_id": OFFICE})
    subscribed = await client.receive_json()
    assert subscribed["success"]
    assert (await client.receive_json())["event"] == once["result"]
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    event = (await client.receive_json())["event"]
    assert len(event["forecast"]) == 96
    await hass.config_entries.async_unload(entry.entry_id)
    # Nobody forecasts now, so nothing is sent.
    async_dispatcher_send(hass, f"inkling_forecast_{room_id(entry, 'Office')}")
    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": subscribed["id"]})
    assert (await client.receive_json())["success"]


async def test_a_card_that_asks_for_nothing_of_ours(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser
) -> None:
    """Refuse entities that are not ours, and those the user may not read."""
    await set_up(hass, entry)
    client = await hass_ws_client(hass)
    for command in ("inkling/forecast", "inkling/subscribe_forecast"):
        await client.send_json_auto_id({"type": command, "entity_id": "light.kitchen"})
        assert (await client.receive_json())["error"]["code"] == "not_found"
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    await client.send_json_auto_id({"type": "inkling/forecast", "entity_id": OFFICE})
    assert (await client.receive_json())["error"]["code"] == "unauthorized"


async def test_report_card_of_labels(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Tell what users said, how good the room was on it before and after, and what it learned."""
    await set_up(hass, entry)
    before = (await ask(hass, "report_card", {"entity_id": OFFICE}))[OFFICE]["feedback"]
    assert (before["labels"], before["scored"], before["held"]) == (0, 0, None)
    assert (before["accuracy"], before["shift_log_odds"]) == ({"before": None, "after": None}, 0.0)
    for _ in range(2):
        await hass.services.async_call("inkling", "label", {"label": "occupied", "entity_id": OFFICE}, blocking=True)
        await settle(hass)
    # The second label replaced the first, and is scored by what that had taught.
    found = (await ask(hass, "report_card", {"entity_id": OFFICE}))[OFFICE]["feedback"]
    assert (found["labels"], found["scored"]) == (1, 1)
    assert found["accuracy"] == {"before": 0.0, "after": 0.0}
    assert found["brier"]["after"] < found["brier"]["before"]
    low, high = found["shift_limits"]
    assert low < 0.0 < found["shift_log_odds"] <= high <= 0.5
    assert found["held"]["occupied"] is True
    assert (await ask(hass, "report_card", {}))[KITCHEN]["feedback"]["labels"] == 0


async def test_report_card_without_a_model(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Count labels though there is nothing to score by them."""
    with patch("custom_components.inkling.load_model", return_value=FoundModel(None, None)):
        await set_up(hass, entry)
    await hass.services.async_call("inkling", "label", {"label": "vacant", "entity_id": OFFICE}, blocking=True)
    await settle(hass)
    found = (await ask(hass, "report_card", {"entity_id": OFFICE}))[OFFICE]["feedback"]
    assert (found["labels"], found["scored"]) == (1, 0)
    assert hass.states.is_state(OFFICE, "unknown")
