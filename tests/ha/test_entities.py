"""What the entities show."""

from collections.abc import Mapping

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.inkling.const import DOMAIN
from custom_components.inkling.core.verdict import Contribution, Decision, Score, UnknownReason, Verdict
from custom_components.inkling.phrases import Phrases, async_load_phrases, contributions_by_entity, reason

from .conftest import room_id, set_up, settle, state_of

# What is another in every run.
MOVING = ("contributions", "forecast")


@pytest.mark.usefixtures("hand_loaded")
async def test_motion_makes_a_room_occupied(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Follow one motion event to occupancy, probability and reason, and back when it ends."""
    await set_up(hass, entry)
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"
    assert state_of(hass, "sensor.office_reason") == "No clear sign of anybody."
    hass.states.async_set("binary_sensor.office_motion", "on", {"friendly_name": "Desk motion"})
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    assert state_of(hass, "sensor.office_occupancy_probability") == "98"
    state = hass.states.get("sensor.office_reason")
    assert state is not None
    assert state.state == "For somebody: Desk motion."
    assert state.attributes["contributions"]["binary_sensor.office_motion"] == 6.0
    assert state.attributes["coverage"] == 100


@pytest.mark.usefixtures("hand_loaded")
async def test_movement_elsewhere_speaks_against(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Name the rest of the home where it decided."""
    await set_up(hass, entry)
    freezer.tick(1.0)
    hass.states.async_set("binary_sensor.kitchen_motion", "on")
    freezer.tick(1.0)
    entry.runtime_data.coordinator.mark_due([None])
    await settle(hass)
    assert state_of(hass, "sensor.office_occupancy_probability") == "5"


@pytest.mark.usefixtures("hand_loaded")
async def test_all_sensors_gone(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Make predictions unavailable while nothing can be read, with the reason said, and come back."""
    await set_up(hass, entry)
    for entity_id in ("binary_sensor.office_motion", "sensor.office_co2"):
        hass.states.async_set(entity_id, "unavailable")
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "unavailable"
    assert state_of(hass, "sensor.office_occupancy_probability") == "unavailable"
    assert state_of(hass, "sensor.office_reason") == "No sensor of this room can be read."
    assert state_of(hass, "binary_sensor.kitchen_occupancy") == "off"
    hass.states.async_set("binary_sensor.office_motion", "on")
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    assert state_of(hass, "sensor.office_occupancy_probability") == "98"


@pytest.mark.usefixtures("hand_loaded")
async def test_restored_until_the_first_verdict(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, object]
) -> None:
    """Show what was known before the restart while the sensors are not back yet."""
    now = dt_util.utcnow().timestamp()
    kept = {"end": now - 60.0, "probability": 0.9, "coverage": 1.0, "occupied": True, "since": now - 600.0}
    old = {**kept, "end": now - 7200.0}
    rooms = {room_id(entry, "Office"): kept, room_id(entry, "Kitchen"): old, "a room of old": kept}
    hass_storage[f"{DOMAIN}.{entry.entry_id}"] = {"version": 1, "minor_version": 1, "data": {"rooms": rooms}}
    for entity_id in ("binary_sensor.office_motion", "sensor.office_co2", "binary_sensor.kitchen_motion"):
        hass.states.async_set(entity_id, "unavailable", {"restored": True})
    await set_up(hass, entry)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    assert state_of(hass, "sensor.office_occupancy_probability") == "90"
    assert state_of(hass, "sensor.office_reason") == "Kept from before the restart."
    assert state_of(hass, "binary_sensor.kitchen_occupancy") == "off"


@pytest.mark.usefixtures("hand_loaded")
@pytest.mark.parametrize("platform", [Platform.BINARY_SENSOR, Platform.SENSOR])
async def test_entities(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
    platform: Platform,
) -> None:
    """Compare every entity of a platform with what was agreed."""
    monkeypatch.setattr("custom_components.inkling.PLATFORMS", [platform])
    monkeypatch.setattr("homeassistant.helpers.entity.Entity.entity_registry_enabled_default", True)
    monkeypatch.setattr("custom_components.inkling.sensor._inference_ms", lambda *_: 1.0)
    names: dict[str | None, str] = {room.subentry_id: room.title.lower() for room in entry.subentries.values()}
    names[None] = "home"
    await set_up(hass, entry)
    registry = er.async_get(hass)
    found = er.async_entries_for_config_entry(registry, entry.entry_id)
    assert found
    for item in found:
        key = str(item.unique_id).removeprefix(f"{item.config_subentry_id or entry.entry_id}_")
        state = hass.states.get(item.entity_id)
        assert state is not None
        shown = "measured" if key == "inference" else state.state
        assert {
            "key": key,
            "room": names[item.config_subentry_id],
            "state": shown,
            "attributes": {name: value for name, value in state.attributes.items() if name not in MOVING},
            "category": item.entity_category,
            "class": item.original_device_class,
            "translation_key": item.translation_key,
        } == snapshot(name=item.entity_id)


@pytest.mark.usefixtures("hand_loaded")
async def test_diagnostic_sensors_are_off_by_default(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Show predictions only, none of them in a category that triggers would skip."""
    await set_up(hass, entry)
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    shown = {item.entity_id for item in found if item.disabled_by is None}
    assert len(found) == 40
    assert {entity_id for entity_id in shown if "office" in entity_id} == {
        "binary_sensor.office_occupancy",
        "sensor.office_occupancy_probability",
        "sensor.office_reason",
        "sensor.office_occupancy_in_30_min",
        "sensor.office_occupancy_in_1_h",
        "sensor.office_next_occupied",
        "sensor.office_next_vacant",
    }
    assert {entity_id for entity_id in shown if "inkling" in entity_id} == {
        "binary_sensor.inkling_anybody_home",
        "sensor.inkling_occupancy_probability",
        "sensor.inkling_occupancy_in_30_min",
        "sensor.inkling_occupancy_in_1_h",
        "sensor.inkling_next_arrival",
        "sensor.inkling_next_departure",
    }
    assert all(item.entity_category is None for item in found if item.entity_id in shown)


def verdict(*contributions: tuple[str, float], probability: float = 0.9, score: Score | None = None) -> Verdict:
    """Return a verdict with an explanation."""
    return Verdict(
        score=score or Score(room="a", end=0.0, probability=probability, coverage=1.0, history=1.0),
        decision=Decision(occupied=True, since=0.0),
        contributions=tuple(Contribution(*item) for item in contributions),
        model="m",
        backend="b",
    )


@pytest.mark.parametrize(
    ("contributions", "probability", "text"),
    [
        ([("a/motion/x", 3.0), ("a/co2/y", 0.5)], 0.9, "For somebody: X, Y."),
        ([("a/motion/x", 3.0), ("a/co2/y", -0.5)], 0.9, "For somebody: X. Against: Y."),
        ([("a/motion/x", -3.0), ("a/co2/y", 0.5)], 0.1, "Against: X. For somebody: Y."),
        ([("elsewhere", -3.0), ("home", -0.5)], 0.1, "Against: movement elsewhere in the home, people and exit doors."),
        ([("a/motion/x", 0.05)], 0.1, "No clear sign of anybody."),
        ([("a/co2/y", 0.5)], 0.0, "No clear sign of anybody. For somebody: Y."),
        ([], 0.9, "Probably somebody, without one clear sign."),
        ([("a/motion/x", 3.0), ("a/generic/x", 1.0)], 0.9, "For somebody: X."),
    ],
)
async def test_reasons(
    hass: HomeAssistant, contributions: list[tuple[str, float]], probability: float, text: str
) -> None:
    """Name the side that won first, then the strongest word against it."""
    phrases = await async_load_phrases(hass)
    assert reason(verdict(*contributions, probability=probability), phrases, str.upper) == text


async def test_reason_is_never_too_long(hass: HomeAssistant) -> None:
    """Stay within what a state may hold."""
    phrases = await async_load_phrases(hass)
    text = reason(verdict(*[(f"a/motion/{'x' * 200}{n}", 3.0) for n in range(3)]), phrases, str)
    assert len(text) == 255
    assert text.endswith("…")


@pytest.mark.parametrize("unknown", list(UnknownReason))
async def test_every_unknown_has_a_reason(hass: HomeAssistant, unknown: UnknownReason) -> None:
    """Have a sentence for each way of knowing nothing."""
    phrases: Mapping[str, str] = await async_load_phrases(hass)
    score = Score(room="a", end=0.0, probability=None, coverage=0.0, history=0.0, unknown=unknown)
    assert reason(verdict(score=score), phrases, str).endswith(".")
    assert Phrases()["lacking"] == "lacking"


def test_contributions_of_an_entity_are_summed() -> None:
    """Add up the roles of one entity."""
    found = contributions_by_entity(verdict(("a/motion/x", 1.234), ("a/generic/x", 1.0), ("elsewhere", -0.5)))
    assert found == {"x": 2.23, "elsewhere": -0.5}


@pytest.mark.usefixtures("hand_loaded")
async def test_occupancy_trigger_fires(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Start an automation by Home Assistant's own trigger for occupancy, by area."""
    from homeassistant.setup import async_setup_component  # noqa: PLC0415 - only this test sets a component up

    await set_up(hass, entry)
    area_id = entry.subentries[room_id(entry, "Office")].unique_id
    for component in ("occupancy", "automation"):
        assert await async_setup_component(
            hass,
            component,
            {
                "automation": {
                    "alias": "Somebody came",
                    "triggers": {"trigger": "occupancy.detected", "target": {"area_id": area_id}},
                    "actions": {"event": "somebody_came"},
                }
            },
        )
    came: list[object] = []
    hass.bus.async_listen("somebody_came", came.append)
    hass.states.async_set("binary_sensor.office_motion", "on")
    await settle(hass)
    assert len(came) == 1
