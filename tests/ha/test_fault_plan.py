"""What is suggested, what is watched, what follows renames, and the words for it."""

from datetime import timedelta
import math
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.core.faults.classes import Alarm, Scope
from custom_components.inkling.core.units import Role
from custom_components.inkling.fault_config import DeviceConfig, plan_for
from custom_components.inkling.fault_file import FaultFile
from custom_components.inkling.fault_notes import FaultNotes, Mode
from custom_components.inkling.fault_phrases import Speaker
from custom_components.inkling.fault_status import FaultStatus, MonitorState, covered, status_of
from custom_components.inkling.fault_suggest import (
    chosen_peers,
    roles_of_entities,
    suggested_kind,
    suggested_peers,
    watch_role,
)

from .conftest import add_entity, settle, state_of
from .faults import (
    CELLAR,
    FAULT,
    FRIDGE,
    POWER,
    add_fridge,
    alarm_of,
    everything_data,
    faults_of,
    signal_of,
    watch_fridge,
)


@pytest.mark.parametrize(
    ("entity_id", "device_class", "role"),
    [
        ("sensor.a", "temperature", Role.TEMPERATURE),
        ("sensor.a", "atmospheric_pressure", Role.GENERIC),
        ("binary_sensor.a", "moisture", Role.GENERIC),
        ("binary_sensor.a", "connectivity", None),
        ("sensor.a", "monetary", None),
        ("light.a", None, None),
        ("media_player.a", None, None),
    ],
)
def test_watch_role(hass: HomeAssistant, entity_id: str, device_class: str | None, role: Role | None) -> None:
    """Watch what measures, and leave alone what people switch."""
    entry = add_entity(hass, entity_id, original_device_class=device_class)
    assert watch_role(entry) is role
    registry = er.async_get(hass)
    disabled = registry.async_update_entity(entry.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    assert watch_role(disabled) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Gefrierschrank", "freezer"),
        ("Kitchen refrigerator", "fridge"),
        ("Lave-vaisselle", "dishwasher"),
        ("Waschmaschine", "washing_machine"),
        ("Tumble dryer", "dryer"),
        ("Wärmepumpe", "heat_pump"),
        ("Boiler", "water_heater"),
        ("Sump pump", "pump"),
        ("Bathroom radiator", "heating_zone"),
        ("Hall", "sensor"),
    ],
)
def test_kind_is_guessed(hass: HomeAssistant, text: str, kind: str) -> None:
    """Guess what a device is by its name."""
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("test", "a")}, name=text
    )
    assert suggested_kind(hass, device.id, {}) == kind
    assert suggested_kind(hass, None, {Role.POWER: ["sensor.freezer_power"]}) == "freezer"


def test_peers(hass: HomeAssistant) -> None:
    """Compare with what measures the same on another device, in the same area first."""
    add_fridge(hass)
    attic = ar.async_get(hass).async_create("Attic")
    for entity_id in ("sensor.attic_temperature", "sensor.another"):
        add_entity(hass, entity_id, area_id=attic.id, original_device_class="temperature", unit_of_measurement="°C")
    roles = {Role.TEMPERATURE: [FRIDGE], Role.GENERIC: ["sensor.well"]}
    assert suggested_peers(hass, roles) == [CELLAR, "sensor.another", "sensor.attic_temperature"]
    assert chosen_peers(hass, [CELLAR, POWER], roles) == {Role.TEMPERATURE: [CELLAR]}
    assert roles_of_entities(hass, ["sensor.well", CELLAR]) == {
        Role.GENERIC: ["sensor.well"],
        Role.TEMPERATURE: [CELLAR],
    }


def test_plan_knows_rooms_devices_and_hubs(hass: HomeAssistant) -> None:
    """Tell the watch what hangs together: by room, device, and bridge or integration."""
    fridge = add_fridge(hass)
    owner = fridge.config_entry_id
    bridge = dr.async_get(hass).async_get_or_create(config_entry_id=owner, identifiers={("test", "bridge")})
    dr.async_get(hass).async_get_or_create(
        config_entry_id=owner, identifiers={("test", "fridge")}, via_device_id=bridge.id
    )
    roles = {Role.TEMPERATURE: [FRIDGE, CELLAR], Role.GENERIC: ["binary_sensor.leak"]}
    monitor = DeviceConfig(id="a", title="A", roles=roles)
    plan = plan_for(hass, {"a": monitor}, {FRIDGE: "kitchen", "binary_sensor.leak": "bath"})
    found = dict(zip(plan.entities, plan.signals, strict=True))
    assert (found[FRIDGE].room, found[FRIDGE].device, found[FRIDGE].hub) == ("kitchen", fridge.id, bridge.id)
    assert (found[CELLAR].room, found[CELLAR].device, found[CELLAR].hub) == ("cellar", "", "")
    leak = found["binary_sensor.leak"]
    assert (leak.id, leak.room, leak.on_off) == ("binary_sensor.leak", "bath", True)


@pytest.mark.usefixtures("hand_loaded")
async def test_rename_is_followed(hass: HomeAssistant) -> None:
    """Go on with an entity that is called otherwise, with all that was learned of it."""
    entry = await watch_fridge(hass, peers={"temperature": [CELLAR]})
    signal = signal_of(hass, FRIDGE)
    watch = faults_of(entry).learned._watch
    watch.tail.blocks[watch.row_of[signal]] = 40
    er.async_get(hass).async_update_entity(FRIDGE, new_entity_id="sensor.cold")
    hass.states.async_set("sensor.cold", "5", {"unit_of_measurement": "°C"})
    await settle(hass)
    data = next(iter(entry.subentries.values())).data
    assert data["signals"]["temperature"] == ["sensor.cold"]
    watch = faults_of(entry).learned._watch
    assert watch.tail.blocks[watch.row_of[signal]] == 40
    assert faults_of(entry).speaker.entity_of[signal] == "sensor.cold"
    er.async_get(hass).async_update_entity(CELLAR, new_entity_id="sensor.deep")
    await settle(hass)
    assert next(iter(entry.subentries.values())).data["peers"] == {"temperature": ["sensor.deep"]}


@pytest.mark.usefixtures("hand_loaded")
async def test_everything_follows_the_registry(hass: HomeAssistant) -> None:
    """Watch a new sensor by itself, half a minute after it came, and nothing that is none."""
    entry = await watch_fridge(hass, everything_data())
    faults = faults_of(entry)
    add_entity(hass, "light.hall", state="on")
    await later(hass, 40)
    assert faults_of(entry) is faults
    add_entity(hass, "sensor.attic", state="9", original_device_class="temperature", unit_of_measurement="°C")
    add_entity(hass, "sensor.roof", state="9", original_device_class="temperature", unit_of_measurement="°C")
    await later(hass, 40)
    assert {"sensor.attic", "sensor.roof"} <= set(faults_of(entry).plan.entities)
    add_entity(hass, "sensor.pond", state="9", original_device_class="temperature", unit_of_measurement="°C")
    await hass.async_block_till_done()
    # A look that waits ends with the entry.
    await hass.config_entries.async_unload(entry.entry_id)
    await later(hass, 40)


async def later(hass: HomeAssistant, seconds: float) -> None:
    """Let some time pass."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.usefixtures("hand_loaded")
async def test_device_that_is_gone(hass: HomeAssistant) -> None:
    """Show faults on a device of our own when the user's is gone."""
    entry = await watch_fridge(hass)
    found = er.async_get(hass).async_get(FRIDGE)
    assert found is not None
    assert found.device_id is not None
    dr.async_get(hass).async_remove_device(found.device_id)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, FAULT) in ("on", "off", "unknown")


def speaker(phrases: dict[str, str], **roles: Role) -> Speaker:
    """Return what speaks with these phrases."""
    base = {"fault_unlike": "{name} is odd ({type}).", "fault_confidence": "{percent}%.", "fault_type_bias": "off"}
    base |= {f"duration_{unit}": f"{{count}} {unit}" for unit in ("minutes", "hours", "days")}
    return Speaker({**base, "fault_witnesses": "Not: {witnesses}.", **phrases}, {"a": "sensor.a"}, roles, str.upper)


def alarm(hass: HomeAssistant, **changes: Any) -> Alarm:  # noqa: ANN401 - handed on
    """Return an alarm of a signal named a."""
    return alarm_of(hass, **{"signal": "a", "witnesses": (), **changes})


@pytest.mark.parametrize(
    ("measure", "seen", "text"),
    [
        ("gone", 90.0, "SENSOR.A silent for 90 minutes."),
        ("gone", 600.0, "SENSOR.A silent for 10 hours."),
        ("gone", 8640.0, "SENSOR.A silent for 6 days."),
        ("gone", math.nan, "SENSOR.A is odd (off)."),
        ("level", 21.25, "SENSOR.A at 21.25 °C."),
        ("fewer", 3.0, "SENSOR.A saw 3."),
        ("of an appliance", 3.0, "SENSOR.A is odd (off)."),
    ],
)
def test_evidence(hass: HomeAssistant, measure: str, seen: float, text: str) -> None:
    """Say numbers in the unit a person reads, and none that nobody knows."""
    phrases = {
        "fault_scope_hub": "All of it.",
        "fault_gone": "{name} silent for {seen}.",
        "fault_level": "{name} at {seen}.",
        "fault_fewer": "{name} saw {seen}.",
    }
    found = speaker(phrases, a=Role.TEMPERATURE)
    assert found.evidence(alarm(hass, measure=measure, seen=seen)) == f"{text} 87%."
    told = found.evidence(alarm(hass, measure=measure, seen=seen, witnesses=("b", "c", "d", "e")))
    assert told == f"{text} Not: B, C, D. 87%."
    told = found.evidence(alarm(hass, measure=measure, seen=seen, scope=Scope.HUB))
    assert told == f"{text} All of it. 87%."
    unitless = speaker({"fault_level": "{seen}."}).evidence(alarm(hass, measure="level", seen=21.25))
    assert unitless == "21.25. 87%."
    assert found.known(math.nan) is None


def test_status_of_nothing(hass: HomeAssistant) -> None:
    """Say nothing before anything is known."""
    assert status_of([], [], {}, {}) == FaultStatus()
    assert covered(alarm(hass, scope=Scope.DEVICE), []) == frozenset()
    assert MonitorState.LEARNING in set(MonitorState)


async def test_notes_survive_nonsense(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    """Leave out of a stored file what cannot be true."""
    hass_storage["inkling.e.faults"] = {
        "version": 1,
        "data": {
            "mode": "party",
            "snoozed": {"a": 5.0, "b": "late", "c": True},
            "false_alarms": [1],
            "heard": {"sensor.a": 1.0, "sensor.b": 2.0},
            "values": {"sensor.a": 3.0},
            "taught": ["a"],
        },
    }
    notes = FaultNotes(hass, "e")
    await notes.async_load()
    assert (notes.mode, notes.snoozed, notes.false_alarms) == (Mode.NORMAL, {"a": 5.0}, {})
    assert notes.heads == {"sensor.a": (1.0, 3.0)}
    assert notes.taught == {"a"}


def test_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace a file as a whole, and read none that is longer than it can be."""
    file = FaultFile(tmp_path / "deep" / "a.watch")
    assert file.read() is None
    file.write(b"first")
    file.write(b"second")
    assert file.read() == b"second"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.watch"]
    monkeypatch.setattr("custom_components.inkling.fault_file._FILE_LIMIT", 3)
    assert file.read() == b""
    file.set_aside()
    assert file.read() is None
    file.remove()
    assert list((tmp_path / "deep").iterdir()) == []
