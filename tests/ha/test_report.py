"""The report card: each model's own figures, live scores of what a user may read, and no stranger's nonsense."""

from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.inkling.model_files import FoundModel
from custom_components.inkling.overview import Viewer
from custom_components.inkling.report import async_report

from .conftest import hand_forecast_model, hand_model, set_up

pytestmark = pytest.mark.usefixtures("hand_loaded")


async def models_for(hass: HomeAssistant, user: User, entry: MockConfigEntry) -> Any:  # noqa: ANN401 - JSON
    """Return the models of the report."""
    return (await async_report(Viewer(hass, user), entry))["models"]


@pytest.fixture
def admin(hass: HomeAssistant) -> User:
    """Return an administrator."""
    found: User = MockUser(is_owner=True).add_to_hass(hass)
    return found


async def test_the_report(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_user: MockUser,
    hass_read_only_access_token: str,
) -> None:
    """Answer with each model's own figures and the live scores of what the user may read."""
    await set_up(hass, entry)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "inkling/report"})
    answer = (await client.receive_json())["result"]
    assert [item["title"] for item in answer["monitors"]] == ["Office", "Kitchen", "Inkling"]
    assert [item["is_home"] for item in answer["monitors"]] == [False, False, True]
    assert answer["monitors"][0]["horizons"]["15"]["shown"] is True
    assert answer["monitors"][0]["feedback"]["labels"] == 0
    assert answer["models"]["forecast"]["horizons"][0] == {"minutes": 15, "brier": 0.02, "baseline_brier": 0.1}
    hass_read_only_user.mock_policy({"entities": {"entity_ids": {"binary_sensor.office_occupancy": True}}})
    resident = await hass_ws_client(hass, hass_read_only_access_token)
    await resident.send_json_auto_id({"type": "inkling/report"})
    assert [item["title"] for item in (await resident.receive_json())["result"]["monitors"]] == ["Office"]
    await hass.config_entries.async_unload(entry.entry_id)
    await client.send_json_auto_id({"type": "inkling/report"})
    assert (await client.receive_json())["error"]["code"] == "not_found"


async def test_the_figures_of_a_strangers_model(hass: HomeAssistant, entry: MockConfigEntry, admin: User) -> None:
    """Send the tables that are tables, and nothing of what is not."""
    await set_up(hass, entry)
    evaluation = {
        "my home": {"instants": 10, "results": {"model": {"accuracy": 0.9, "f1": True, "brier": "low"}, "x": 1}},
        "empty": {"results": {}},
        "text": "good",
        "no results": {"instants": 1},
    }
    model = hand_model()
    object.__setattr__(model.manifest, "evaluation", evaluation)
    forecast = hand_forecast_model(
        evaluation={"horizons": {"15": {"brier": 0.1}, "soon": {"brier": 0.1, "baseline_brier": 0.2}, "30": 1}}
    )
    runtime = entry.runtime_data
    object.__setattr__(runtime, "found", FoundModel(model, runtime.found.origin))
    object.__setattr__(runtime, "found_forecast", FoundModel(forecast, runtime.found.origin))
    models = await models_for(hass, admin, entry)
    row = {"name": "model", "accuracy": 0.9, "f1": None, "brier": None, "false_offs_per_occupied_day": None}
    assert models["occupancy"]["tables"] == [{"name": "my home", "instants": 10, "rows": [row]}]
    assert models["forecast"]["horizons"] == []
    object.__setattr__(runtime, "found", FoundModel(None, None))
    nothing = (await models_for(hass, admin, entry))["occupancy"]
    assert (nothing["name"], nothing["origin"], nothing["tables"]) == (None, None, [])
