"""From a plug's watts to an alarm in words: weeks of a fridge and of a washing machine, in a home that runs."""

from collections.abc import Iterator
import json
import math
from pathlib import Path
import re
from unittest.mock import patch
import zlib

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.inkling import appliance_watch, fault_learned
from custom_components.inkling.appliance_watch import ApplianceWatch
from custom_components.inkling.core.faults.appliance_alarm import ApplianceAlarm
from custom_components.inkling.fault_file import FaultFile

from .appliances import fridge_day, laundry_day, live, look, midnight
from .blueprints import automate, end, install
from .conftest import settle, state_of
from .faults import EVENT, FAULT, POWER, TYPE, faults_of, signal_of, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")
METER = {"signals": {"power": [POWER]}, "peers": {}}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path) -> Iterator[None]:
    """Keep what is learned in a folder of this test's own."""
    folder = str(tmp_path / "watch")
    with patch.object(fault_learned, "STORAGE_DIR", folder), patch.object(appliance_watch, "STORAGE_DIR", folder):
        yield


def works(entry: MockConfigEntry) -> ApplianceWatch:
    """Return what judges the appliances."""
    found: ApplianceWatch = faults_of(entry).appliances
    return found


def alarms(entry: MockConfigEntry) -> list[ApplianceAlarm]:
    """Return what stands about how an appliance works."""
    return [alarm for alarm in faults_of(entry).active if isinstance(alarm, ApplianceAlarm)]


async def begin(hass: HomeAssistant, freezer: FrozenDateTimeFactory, kind: str = "fridge") -> MockConfigEntry:
    """Return a home that watches a plug from the first midnight on."""
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    freezer.move_to(dt_util.utc_from_timestamp(midnight(0) + 1.0))
    entry = await watch_fridge(hass, kind=kind, **METER)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert works(entry).is_caught_up
    return entry


async def pass_days(hass: HomeAssistant, freezer: FrozenDateTimeFactory, days: range, longer: float = 1.0) -> None:
    """Let a fridge live these days."""
    for day in days:
        await live(hass, freezer, fridge_day(day, longer=longer), midnight(day + 1))


async def test_compressor_that_labours(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Learn a fridge for a week, tell in words and with a repair that it labours, and that it is well again."""
    entry = await begin(hass, freezer)
    await pass_days(hass, freezer, range(4))
    assert state_of(hass, "sensor.fridge_fault_watch") == "learning"
    assert state_of(hass, "sensor.fridge_learned_history") == "4.0"
    await pass_days(hass, freezer, range(4, 10))
    assert state_of(hass, "sensor.fridge_fault_watch") == "ok"
    assert state_of(hass, FAULT) == "off"
    await pass_days(hass, freezer, range(10, 11), longer=1.5)
    assert [str(alarm.fault) for alarm in alarms(entry)] == ["degradation"]
    assert (state_of(hass, FAULT), state_of(hass, TYPE)) == ("on", "degradation")
    state = hass.states.get(FAULT)
    assert state is not None
    told = {key: state.attributes[key] for key in ("entity", "severity", "unit")}
    assert told == {"entity": POWER, "severity": "warning", "unit": "min"}
    assert state.attributes["usual_low"] < state.attributes["expected"] < state.attributes["usual_high"]
    assert re.fullmatch(
        r"Fridge runs \d\d min a cycle; usual is \d\d min \(\d\d to \d\d\)\. Sure to \d\d%\.",
        state.attributes["evidence"],
    )
    # The meter is right: nothing is masked, and the issue names the fridge.
    assert not entry.runtime_data.ingest.masked
    issues = [key for key in ir.async_get(hass).issues if key[1].startswith("fault_")]
    assert len(issues) == 1
    placeholders = ir.async_get(hass).issues[issues[0]].translation_placeholders
    assert placeholders is not None
    assert placeholders["name"] == "Fridge"
    event = hass.states.get(EVENT)
    assert event is not None
    assert event.attributes["event_type"] == "onset"
    await pass_days(hass, freezer, range(11, 14))
    assert (state_of(hass, FAULT), alarms(entry)) == ("off", [])
    event = hass.states.get(EVENT)
    assert event is not None
    assert event.attributes["event_type"] == "clear"


async def test_washing_machine_is_left_alone(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Say nothing for weeks about a machine that people use as they please."""
    entry = await begin(hass, freezer, kind="washing_machine")
    said = []
    for day in range(30):
        await live(hass, freezer, laundry_day(day), midnight(day + 1), hours=12.0)
        said += alarms(entry)
    assert not said
    assert works(entry)._units[signal_of(hass, POWER)].unit.days_learned > 20


@pytest.fixture
async def grown(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """Return a home whose fridge is known, by having lived its days beforehand."""
    entry = await begin(hass, freezer)
    item = works(entry)._units[signal_of(hass, POWER)]
    for day in range(10):
        item.take(list(fridge_day(day)), [], midnight(day + 1))
    freezer.move_to(dt_util.utc_from_timestamp(midnight(10) + 60.0))
    return entry


async def labour(hass: HomeAssistant, freezer: FrozenDateTimeFactory, *days: int) -> None:
    """Let the fridge labour these days."""
    for day in days or (10,):
        await live(hass, freezer, fridge_day(day, longer=1.5), midnight(day + 1), hours=12.0)


async def test_restart(hass: HomeAssistant, freezer: FrozenDateTimeFactory, grown: MockConfigEntry) -> None:
    """Know after a restart what stood, what was learned and what the morning was like; say nothing twice."""
    await labour(hass, freezer)
    told, (alarm,) = state_of(hass, EVENT), alarms(grown)
    before = works(grown)._units[alarm.signal].unit.dump()
    freezer.tick(1800.0)
    await hass.config_entries.async_reload(grown.entry_id)
    await settle(hass)
    assert alarms(grown) == [alarm]
    assert (state_of(hass, FAULT), state_of(hass, EVENT)) == ("on", told)
    after = works(grown)._units[alarm.signal].unit
    assert after.days_learned == 10
    assert len(after.dump()) >= len(before)
    # Nobody saw what it did while Home Assistant was not running.
    assert any(math.isnan(watts) for _, watts in after._plug.kept)


async def test_false_alarm(hass: HomeAssistant, freezer: FrozenDateTimeFactory, grown: MockConfigEntry) -> None:
    """End what was nothing, and widen what it crossed."""
    await labour(hass, freezer)
    (alarm,) = alarms(grown)
    await hass.services.async_call("inkling", "false_alarm", {"entity_id": FAULT}, blocking=True)
    assert alarms(grown) == []
    unit = works(grown)._units[alarm.signal].unit
    assert unit._past.lift == {alarm.measure: 1.6}
    await look(hass, freezer, midnight(11) + 600.0)
    assert state_of(hass, FAULT) == "off"


async def test_serviced(hass: HomeAssistant, freezer: FrozenDateTimeFactory, grown: MockConfigEntry) -> None:
    """Learn a repaired fridge anew."""
    await labour(hass, freezer)
    await hass.services.async_call("inkling", "serviced", {"entity_id": FAULT}, blocking=True)
    await look(hass, freezer, midnight(11) + 600.0)
    assert alarms(grown) == []
    assert state_of(hass, "sensor.fridge_fault_watch") == "learning"
    assert works(grown)._units[signal_of(hass, POWER)].unit.days_learned == 0


async def test_snooze(hass: HomeAssistant, freezer: FrozenDateTimeFactory, grown: MockConfigEntry) -> None:
    """Say nothing while it is left alone, and say it again when that is over and it is not well."""
    await labour(hass, freezer)
    snooze = {"entity_id": FAULT, "duration": {"hours": 6}}
    await hass.services.async_call("inkling", "snooze", snooze, blocking=True)
    await look(hass, freezer, midnight(11) + 3600.0)
    assert (state_of(hass, FAULT), alarms(grown)) == ("off", [])
    assert not works(grown)._units[signal_of(hass, POWER)].open.is_usual
    await look(hass, freezer, midnight(11) + 8.0 * 3600.0)
    assert (state_of(hass, FAULT), len(alarms(grown))) == ("on", 1)


@pytest.mark.parametrize(("mode", "count"), [("guest", 0), ("vacation", 1)])
async def test_modes(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, grown: MockConfigEntry, mode: str, count: int
) -> None:
    """Blame no fridge for guests; watch it while everybody is away."""
    select = {"entity_id": "select.inkling_home_mode", "option": mode}
    await hass.services.async_call("select", "select_option", select, blocking=True)
    await labour(hass, freezer)
    assert len(alarms(grown)) == count


async def test_phone(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, grown: MockConfigEntry, tmp_path: Path
) -> None:
    """Send the sentence to a phone, by the blueprint."""
    calls = async_mock_service(hass, "notify", "mobile_app_anna_s_phone")
    install(hass, tmp_path)
    owner = MockConfigEntry(domain="mobile_app", title="Anna's phone")
    owner.add_to_hass(hass)
    phone = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("mobile_app", "anna")}, name="Anna's phone"
    )
    await automate(hass, "fault_to_phone", faults=[EVENT], phone=phone.id, snooze_days=3)
    await labour(hass, freezer)
    assert [call.data["message"].startswith("Fridge runs ") for call in calls] == [True]
    await end(hass)


async def test_damaged_file(
    hass: HomeAssistant, grown: MockConfigEntry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Learn anew from a file that is damaged or of another time, and keep it for whoever wants to know."""
    path = tmp_path / "watch" / f"inkling.{grown.entry_id}.appliances"
    for data in (b"00000000\n{}", _file({"version": 9, "units": {}}), _file([])):
        await hass.config_entries.async_unload(grown.entry_id)
        path.write_bytes(data)
        assert await hass.config_entries.async_setup(grown.entry_id)
        await settle(hass)
        assert "Appliances are judged without what was learned" in caplog.text
        caplog.clear()
        assert path.with_name(f"{path.name}.damaged").exists()
    await hass.config_entries.async_unload(grown.entry_id)
    signal = signal_of(hass, POWER)
    path.write_bytes(_file({"version": 1, "units": {signal: {"past": "{}"}}}))
    assert await hass.config_entries.async_setup(grown.entry_id)
    await settle(hass)
    assert "Fridge is learned anew" in caplog.text
    await hass.config_entries.async_remove(grown.entry_id)
    assert not path.exists()


def _file(content: object) -> bytes:
    """Return a file as it is written."""
    body = json.dumps(content).encode()
    return b"%08x\n" % zlib.crc32(body) + body


async def test_disk_that_fails(hass: HomeAssistant, grown: MockConfigEntry, caplog: pytest.LogCaptureFixture) -> None:
    """Go on with a full disk, and write nothing over what a failing one may give back."""
    with patch.object(FaultFile, "write", side_effect=OSError("disk full")):
        await works(grown).async_save()
    assert "about appliances cannot be written, which is tried again: disk full" in caplog.text
    with patch.object(FaultFile, "read", side_effect=OSError("no such sector")):
        await hass.config_entries.async_reload(grown.entry_id)
        await settle(hass)
    assert "about appliances from now on is not kept: no such sector" in caplog.text
    with patch.object(FaultFile, "write") as write:
        await works(grown).async_save()
    write.assert_not_called()


async def test_clock_that_was_wrong(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, grown: MockConfigEntry
) -> None:
    """Begin anew where a file is of a time that has not come."""
    await hass.config_entries.async_unload(grown.entry_id)
    freezer.move_to(dt_util.utc_from_timestamp(midnight(2)))
    assert await hass.config_entries.async_setup(grown.entry_id)
    await settle(hass)
    assert works(grown)._units[signal_of(hass, POWER)].unit.days_learned == 0


async def test_meter_that_goes(hass: HomeAssistant, freezer: FrozenDateTimeFactory, grown: MockConfigEntry) -> None:
    """Take a meter that is gone, unavailable or silent for what it is: nothing is known of the fridge."""
    unit = works(grown)._units[signal_of(hass, POWER)].unit
    hass.states.async_set(POWER, "unavailable")
    hass.states.async_set(POWER, "no number")
    hass.states.async_remove(POWER)
    await look(hass, freezer, midnight(10) + 600.0)
    assert [watts for _, watts in unit._plug.kept][-2:] != [1.0, 1.0]
    assert math.isnan(unit._plug.kept[-1][1])
    await look(hass, freezer, midnight(11) + 600.0)
    assert alarms(grown) == []
    assert unit.days_learned == 10
