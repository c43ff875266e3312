"""Triggers over our entities: Home Assistant's own, and ours."""

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import (
    area_registry as ar,
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.trigger import async_validate_trigger_config
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
import voluptuous as vol

from custom_components.inkling.core.faults.classes import Severity
from custom_components.inkling.expected import Crossing, expected_within
from custom_components.inkling.outlook import NOTHING

from .automate import end, foresee, offered, on_trigger
from .conftest import device_of, room_id, set_up, settle
from .faults import EVENT, FRIDGE, alarm_of, tell, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")
START = datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC)
OFFICE, KITCHEN = "binary_sensor.office_occupancy", "binary_sensor.kitchen_occupancy"
type Target = Callable[[HomeAssistant, MockConfigEntry], dict[str, Any]]


def by_entity(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return the office as its entity."""
    return {"entity_id": OFFICE}


def by_device(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return the office as its device."""
    device = device_of(hass, entry, room_id(entry, "Office"))
    assert device is not None
    return {"device_id": device.id}


def by_area(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return the office as its area."""
    area = ar.async_get(hass).async_get_area_by_name("Office")
    assert area is not None
    return {"area_id": area.id}


BOTH = {"entity_id": [OFFICE, KITCHEN]}


@pytest.fixture
async def home(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """Return a home of two empty rooms at noon."""
    freezer.move_to(START)
    await set_up(hass, entry)
    return entry


@pytest.fixture(autouse=True)
async def _ended(hass: HomeAssistant) -> AsyncGenerator[None]:
    """End the automation with its test."""
    yield
    await end(hass)


async def move(hass: HomeAssistant, freezer: FrozenDateTimeFactory, room: str, state: str) -> None:
    """Let a room's motion sensor say something for a minute."""
    hass.states.async_set(f"binary_sensor.{room}_motion", state)
    freezer.tick(timedelta(minutes=1))
    async_fire_time_changed(hass)
    await settle(hass)


async def pass_minutes(hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int) -> None:
    """Let minutes pass one by one."""
    for _ in range(minutes):
        freezer.tick(timedelta(minutes=1))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()


def told(calls: list[ServiceCall]) -> list[str]:
    """Return the entities that triggered, in turn."""
    return [call.data["entity_id"] for call in calls]


@pytest.mark.parametrize("target", [by_entity, by_device, by_area])
async def test_own_triggers_work(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory, target: Target
) -> None:
    """Let Home Assistant's own trigger fire by entity, device and area."""
    calls = await on_trigger(hass, "occupancy.detected", target(hass, home))
    await move(hass, freezer, "kitchen", "on")
    assert told(calls) == []
    await move(hass, freezer, "office", "on")
    assert told(calls) == [OFFICE]


@pytest.mark.parametrize(
    ("behavior", "expected"), [("each", [OFFICE, KITCHEN]), ("first", [OFFICE]), ("all", [KITCHEN])]
)
async def test_behaviors(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory, behavior: str, expected: list[str]
) -> None:
    """Tell each room, the first of them, or the one that completes them."""
    calls = await on_trigger(hass, "occupancy.detected", BOTH, behavior=behavior)
    await move(hass, freezer, "office", "on")
    await move(hass, freezer, "kitchen", "on")
    assert told(calls) == expected


async def test_for(hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Wait until a room was empty for so long."""
    await move(hass, freezer, "office", "on")
    calls = await on_trigger(hass, "occupancy.cleared", by_entity(hass, home), **{"for": {"minutes": 5}})
    await move(hass, freezer, "office", "off")
    await pass_minutes(hass, freezer, 3)
    assert hass.states.is_state(OFFICE, "off")
    assert told(calls) == []
    await pass_minutes(hass, freezer, 6)
    assert told(calls) == [OFFICE]


async def fridge_targets(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return the fridge's event as entity, device and area."""
    device_id = getattr(er.async_get(hass).async_get(EVENT), "device_id", None)
    assert device_id is not None
    area = ar.async_get(hass).async_get_area_by_name("Cellar")
    assert area is not None
    dr.async_get(hass).async_update_device(device_id, area_id=area.id)
    return [{"entity_id": EVENT}, {"device_id": device_id}, {"area_id": area.id}]


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize(
    ("trigger", "options"), [("event.received", {"event_type": ["onset"]}), ("inkling.fault_detected", {})]
)
async def test_faults(hass: HomeAssistant, which: int, trigger: str, options: dict[str, Any]) -> None:
    """Fire at a fault's onset and not at its end, by entity, device and area."""
    entry = await watch_fridge(hass)
    calls = await on_trigger(hass, trigger, (await fridge_targets(hass))[which], **options)
    await tell(hass, entry, alarm_of(hass))
    assert told(calls) == [EVENT]
    await tell(hass, entry)
    assert told(calls) == [EVENT]


async def test_fault_variables(hass: HomeAssistant) -> None:
    """Hand on what fails, how, how bad it is and by what evidence."""
    entry = await watch_fridge(hass)
    calls = await on_trigger(hass, "inkling.fault_detected", {"entity_id": EVENT})
    await tell(hass, entry, alarm_of(hass))
    found = calls[0].data
    assert (found["type"], found["severity"], found["entity"]) == ("bias", "warning", FRIDGE)
    assert "reads 9.5 °C" in found["evidence"]


@pytest.mark.parametrize(("least", "count"), [("info", 1), ("warning", 1), ("critical", 0)])
async def test_severity(hass: HomeAssistant, least: str, count: int) -> None:
    """Leave out what is less bad than asked for."""
    entry = await watch_fridge(hass)
    calls = await on_trigger(hass, "inkling.fault_detected", {"entity_id": EVENT}, severity=least)
    await tell(hass, entry, alarm_of(hass, severity=Severity.WARNING))
    assert len(calls) == count


async def test_others_events_are_not_ours(hass: HomeAssistant) -> None:
    """Leave out an event of others that looks like ours."""
    await watch_fridge(hass)
    calls = await on_trigger(hass, "inkling.fault_detected", {"entity_id": "event.other"})
    for moment in ("2026-11-21T12:00:00.000+00:00", "2026-11-21T12:01:00.000+00:00"):
        hass.states.async_set("event.other", moment, {"event_type": "onset", "severity": "critical"})
        await hass.async_block_till_done()
    assert calls == []


@pytest.mark.parametrize("target", [by_entity, by_device, by_area])
async def test_expected_once(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory, target: Target
) -> None:
    """Fire once, when what is expected comes within the lead time."""
    foresee(home, "Office", {30: 0.8, 45: 0.9})
    calls = await on_trigger(
        hass, "inkling.occupancy_expected", target(hass, home), lead_time="00:20:00", probability=60
    )
    await pass_minutes(hass, freezer, 9)
    assert calls == []
    await pass_minutes(hass, freezer, 2)
    assert told(calls) == [OFFICE]
    found = calls[0].data
    assert found["probability"] == 80
    assert datetime.fromisoformat(found["expected_at"]) == START + timedelta(minutes=30, seconds=-5)
    await pass_minutes(hass, freezer, 2)
    assert len(calls) == 1


async def expect_after(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory, *chances: float | None
) -> int:
    """Return how often the trigger fires while the chance of the office goes this way, None while it is hidden."""
    foresee(home, "Office", {0: chances[0] or 0.0})
    calls = await on_trigger(hass, "inkling.occupancy_expected", {"entity_id": OFFICE})
    for chance in chances[1:]:
        foresee(home, "Office", {0: chance or 0.9, 15: chance or 0.9}, is_shown=chance is not None)
        await pass_minutes(hass, freezer, 1)
    return len(calls)


@pytest.mark.parametrize(
    ("chances", "count"),
    [
        ((0.1, 0.6), 1),
        ((0.6, 0.6), 0),
        ((0.1, 0.6, 0.45, 0.6), 1),
        ((0.1, 0.6, 0.35, 0.6), 2),
        ((0.1, None, None), 0),
        ((0.1, None, 0.6), 1),
        ((0.1, 0.6, None, 0.6), 1),
        ((0.1, 0.49), 0),
    ],
)
async def test_crossings(
    hass: HomeAssistant,
    home: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    chances: tuple[float | None, ...],
    count: int,
) -> None:
    """Fire once a crossing, with hysteresis, never while hidden, and remember the side meanwhile."""
    assert await expect_after(hass, home, freezer, *chances) == count


async def test_unknown_at_first(hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Take the first forecast after a start for no crossing."""
    office = room_id(home, "Office")
    home.runtime_data.forecasting.outlooks[office] = NOTHING
    calls = await on_trigger(hass, "inkling.occupancy_expected", {"entity_id": OFFICE})
    foresee(home, "Office", {0: 0.9})
    await pass_minutes(hass, freezer, 2)
    assert calls == []


async def test_somebody_is_there(hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Call nobody expected who is there already, nor when they come back at once."""
    calls = await on_trigger(hass, "inkling.occupancy_expected", {"entity_id": OFFICE})
    await move(hass, freezer, "office", "on")
    foresee(home, "Office", dict.fromkeys((0, 15, 30), 0.9))
    await pass_minutes(hass, freezer, 1)
    await move(hass, freezer, "office", "off")
    foresee(home, "Office", dict.fromkeys((0, 15, 30), 0.9))
    await pass_minutes(hass, freezer, 3)
    assert hass.states.is_state(OFFICE, "off")
    assert calls == []


async def test_low_limits_rest_again() -> None:
    """Be ready again below a limit that is lower than the hysteresis itself."""
    crossing = Crossing(0.05)
    assert [crossing.step(chance) for chance in (0.0, 0.06, 0.03, 0.06, 0.02, 0.06)] == [0, 1, 0, 0, 0, 1]


async def test_nothing_runs(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Know nothing while Inkling is not loaded, nor of what is not ours or not forecast."""
    now = START.timestamp()
    assert expected_within(hass, OFFICE, now, 1800.0) is not None
    assert expected_within(hass, "binary_sensor.office_motion", now, 1800.0) is None
    home.runtime_data.forecasting.outlooks.pop(room_id(home, "Office"))
    assert expected_within(hass, OFFICE, now, 1800.0) is None
    await hass.config_entries.async_unload(home.entry_id)
    assert expected_within(hass, OFFICE, now, 1800.0) is None


async def test_offered_for_a_room(
    hass: HomeAssistant, home: MockConfigEntry, hass_ws_client: WebSocketGenerator, socket_enabled: None
) -> None:
    """Offer for a room's area what fits it."""
    found = await offered(hass, hass_ws_client, "triggers", by_area(hass, home))
    assert {"occupancy.detected", "occupancy.cleared", "inkling.occupancy_expected"} <= found
    assert "inkling.fault_detected" not in found


async def test_offered_for_a_device(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, socket_enabled: None
) -> None:
    """Offer for a watched device what fits it."""
    await watch_fridge(hass)
    found = await offered(hass, hass_ws_client, "triggers", (await fridge_targets(hass))[1])
    assert {"event.received", "inkling.fault_detected"} <= found
    assert "inkling.occupancy_expected" not in found


@pytest.mark.parametrize(
    ("trigger", "options", "sentence"),
    [
        ("occupancy_expected", {"lead_time": "03:00:00"}, "lead_time must be a duration from 00:01:00 to 2:00:00"),
        ("occupancy_expected", {"lead_time": "soon"}, "lead_time must be a duration"),
        ("occupancy_expected", {"probability": 100}, "probability must be a number of percent from 5 to 95"),
        ("occupancy_expected", {"probability": True}, "probability must be a number"),
        ("occupancy_expected", {"probability": "half"}, "probability must be a number"),
        ("fault_detected", {"severity": "bad"}, "severity must be one of info, warning, critical"),
        ("fault_detected", {"severity": ["info"]}, "severity must be one of"),
    ],
)
async def test_refusals(hass: HomeAssistant, trigger: str, options: dict[str, Any], sentence: str) -> None:
    """Say in one sentence what an option must be."""
    await watch_fridge(hass)
    config = {"trigger": f"inkling.{trigger}", "target": {"entity_id": EVENT}, "options": options}
    with pytest.raises(vol.Invalid, match=sentence):
        await async_validate_trigger_config(hass, cv.TRIGGER_SCHEMA([config]))
