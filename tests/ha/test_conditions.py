"""Conditions over our entities: Home Assistant's own, and ours."""

from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, condition
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
import voluptuous as vol

from custom_components.inkling.core.faults.classes import Severity

from .automate import foresee, is_met, offered
from .conftest import device_of, room_id, set_up
from .faults import EVENT, FAULT, alarm_of, tell, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")
OFFICE, KITCHEN = "binary_sensor.office_occupancy", "binary_sensor.kitchen_occupancy"
EXPECTED, HAS_FAULT = "inkling.is_expected_occupied", "inkling.has_fault"


@pytest.fixture
async def home(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """Return a home of two empty rooms at noon, with somebody expected in the office in half an hour."""
    freezer.move_to(datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC))
    await set_up(hass, entry)
    foresee(entry, "Office", {30: 0.8})
    foresee(entry, "Kitchen", {})
    return entry


def targets(hass: HomeAssistant, home: MockConfigEntry) -> list[dict[str, Any]]:
    """Return the office as entity, device and area."""
    device = device_of(hass, home, room_id(home, "Office"))
    area = ar.async_get(hass).async_get_area_by_name("Office")
    assert device is not None
    assert area is not None
    return [{"entity_id": OFFICE}, {"device_id": device.id}, {"area_id": area.id}]


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_own_conditions_work(hass: HomeAssistant, home: MockConfigEntry, which: int) -> None:
    """Let Home Assistant's own condition pass by entity, device and area."""
    target = targets(hass, home)[which]
    assert not await is_met(hass, "occupancy.is_detected", target)
    assert await is_met(hass, "occupancy.is_not_detected", target)


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_expected(hass: HomeAssistant, home: MockConfigEntry, which: int) -> None:
    """Pass when somebody is expected in time with enough chance."""
    target = targets(hass, home)[which]
    assert await is_met(hass, EXPECTED, target, lead_time="00:45:00", probability=80)
    assert not await is_met(hass, EXPECTED, target, lead_time="00:45:00", probability=81)
    assert not await is_met(hass, EXPECTED, target, lead_time="00:29:00", probability=80)


@pytest.mark.parametrize(("behavior", "expected"), [("any", True), ("all", False)])
async def test_behaviors(hass: HomeAssistant, home: MockConfigEntry, behavior: str, expected: bool) -> None:  # noqa: FBT001
    """Ask for one room or for all of them."""
    both = {"entity_id": [OFFICE, KITCHEN]}
    assert await is_met(hass, EXPECTED, both, lead_time="01:00:00", behavior=behavior) is expected


async def test_hidden_is_not_expected(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Expect nobody without a forecast that is shown, nor of a room of which nothing is known."""
    foresee(home, "Office", {0: 0.9, 30: 0.9}, is_shown=False)
    assert not await is_met(hass, EXPECTED, {"entity_id": OFFICE}, lead_time="01:00:00")
    hass.states.async_set(OFFICE, "unavailable", {"device_class": "occupancy"})
    assert not await is_met(hass, EXPECTED, {"entity_id": OFFICE}, behavior="all")


async def test_asked_anew(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Tell Home Assistant that the answer changes while states stand."""
    config: Any = {"condition": EXPECTED, "target": {"entity_id": OFFICE}, "options": {}}
    checker = await condition.async_from_config(hass, await condition.async_validate_condition_config(hass, config))
    assert checker.needs_polling
    checker.async_unload()


async def test_others_are_not_ours(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Leave out occupancy that others tell."""
    hass.states.async_set("binary_sensor.other", "on", {"device_class": "occupancy"})
    assert not await is_met(hass, EXPECTED, {"entity_id": "binary_sensor.other"})


@pytest.mark.parametrize(
    ("severity", "passing"),
    [(Severity.INFO, {"info"}), (Severity.WARNING, {"info", "warning"}), (Severity.CRITICAL, set(Severity))],
)
async def test_has_fault(hass: HomeAssistant, severity: Severity, passing: set[str]) -> None:
    """Pass while something stands that is so bad or worse."""
    entry = await watch_fridge(hass)
    assert not await is_met(hass, HAS_FAULT, {"entity_id": FAULT}, severity="info")
    await tell(hass, entry, alarm_of(hass, severity=severity))
    found = {least for least in Severity if await is_met(hass, HAS_FAULT, {"entity_id": FAULT}, severity=least)}
    assert found == passing
    await tell(hass, entry)
    assert not await is_met(hass, HAS_FAULT, {"entity_id": FAULT}, severity="info")


async def test_nothing_runs(hass: HomeAssistant) -> None:
    """Pass nothing while Inkling is not loaded."""
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass))
    await hass.config_entries.async_unload(entry.entry_id)
    assert not await is_met(hass, HAS_FAULT, {"entity_id": FAULT})


async def test_offered(
    hass: HomeAssistant, home: MockConfigEntry, hass_ws_client: WebSocketGenerator, socket_enabled: None
) -> None:
    """Offer for a room's area what fits it."""
    found = await offered(hass, hass_ws_client, "conditions", targets(hass, home)[2])
    assert {"occupancy.is_detected", EXPECTED} <= found
    assert HAS_FAULT not in found


@pytest.mark.parametrize(
    ("key", "options", "sentence"),
    [
        (EXPECTED, {"lead_time": "00:00:10"}, "lead_time must be a duration"),
        (EXPECTED, {"probability": 4}, "probability must be a number of percent"),
        (HAS_FAULT, {"severity": 3}, "severity must be one of info, warning, critical"),
    ],
)
async def test_refusals(hass: HomeAssistant, key: str, options: dict[str, Any], sentence: str) -> None:
    """Say in one sentence what an option must be."""
    await watch_fridge(hass)
    with pytest.raises(vol.Invalid, match=sentence):
        await is_met(hass, key, {"entity_id": EVENT}, **options)
