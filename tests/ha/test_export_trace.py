"""The action export_trace: what the recorder knows goes into a zip that the trainer takes as it is."""

import asyncio
from collections.abc import Generator
from datetime import datetime, timedelta
import json
from pathlib import Path
import stat
from types import MappingProxyType
from typing import Any
from unittest.mock import patch
import zipfile

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.inkling import export_trace as export_module, history
from custom_components.inkling.const import DOMAIN
from custom_components.inkling.core.units import Role
from custom_components.inkling.trace_file import TraceFile, TraceHead, TraceRoom, TraceSignal
from training.__main__ import main
from training.trace import Trace, read_trace

from .conftest import add_entity, room_id, set_up
from .faults import device_data

pytestmark = pytest.mark.usefixtures("hand_loaded")
CO2, UNIT = "sensor.office_co2", "unit_of_measurement"
PPM = {"unit_of_measurement": "ppm"}


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Generator[Path]:
    """Return the folder of exports, in a configuration of its own."""
    with patch.object(hass.config, "config_dir", str(tmp_path)):
        yield tmp_path / "inkling" / "traces"


async def record(hass: HomeAssistant, freezer: FrozenDateTimeFactory, hours: int = 3) -> float:
    """Record hours in which the office is in use in the first half of each; return when they began."""
    now = dt_util.utcnow()
    start = now - timedelta(hours=hours)
    for minute in range(0, hours * 60, 30):
        freezer.move_to(start + timedelta(minutes=minute))
        hass.states.async_set("binary_sensor.office_motion", "on" if minute % 60 == 0 else "off")
        hass.states.async_set("sensor.office_co2", str(600 + minute), PPM)
        # Reported again ten minutes later, which makes no row of its own.
        freezer.move_to(start + timedelta(minutes=minute + 10))
        hass.states.async_set("sensor.office_co2", str(600 + minute), PPM)
    await async_wait_recording_done(hass)
    freezer.move_to(now)
    return start.timestamp()


async def export(hass: HomeAssistant, **data: object) -> dict[str, Any]:
    """Call the action and return its response."""
    answer = await hass.services.async_call(DOMAIN, "export_trace", data, blocking=True, return_response=True)
    assert answer is not None
    return dict(answer)


async def imported(hass: HomeAssistant, path: str, out: Path) -> Path:
    """Import a zip with the trainer's own command, and return the trace's folder."""
    code = await hass.async_add_executor_job(main, ["import", "trace-zip", path, "--out", str(out)])
    assert code == 0
    return out / Path(path).stem


def names_in(folder: Path) -> list[str]:
    """Return what lies in a folder, nothing where there is none."""
    return sorted(path.name for path in folder.glob("*"))


def is_private(path: Path) -> bool:
    """Return whether a file is its owner's alone."""
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def put_half_a_file(folder: Path) -> None:
    """Leave what a crash leaves."""
    folder.mkdir(parents=True)
    (folder / "old.zip.part").write_bytes(b"half")


async def test_what_is_exported_is_what_the_trainer_scores(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory, folder: Path, tmp_path: Path
) -> None:
    """Export, import the zip, write labels by hand, and score the shipped model on it."""
    start = await record(hass, freezer)
    await set_up(hass, entry)
    answer = await export(hass)
    assert Path(answer["path"]).parent == folder
    assert (answer["rooms"], answer["signals"], answer["days"]) == (2, 4, 10)
    assert answer["without_history"] == []
    assert is_private(Path(answer["path"]))
    target = await imported(hass, answer["path"], tmp_path)
    trace = await hass.async_add_executor_job(read_trace, target)
    assert trace.timezone == hass.config.time_zone
    assert {(item.id, item.role, item.unit, item.room) for item in trace.signals} == {
        ("binary_sensor.office_motion", Role.MOTION, "", "office"),
        ("sensor.office_co2", Role.CO2, "ppm", "office"),
        ("binary_sensor.kitchen_motion", Role.MOTION, "", "kitchen"),
        ("light.kitchen", Role.LIGHT, "", "kitchen"),
    }
    assert {(room.id, room.name, room.area) for room in trace.rooms} == {
        ("office", "Office", "office"),
        ("kitchen", "Kitchen", "kitchen"),
    }
    assert sum(len(item.times) for item in trace.readings.values()) == answer["events"]
    motion = trace.readings["binary_sensor.office_motion"]
    assert motion.times.tolist()[:3] == pytest.approx([start, start + 1800.0, start + 3600.0], abs=1e-3, rel=0.0)
    assert motion.states[:3] == ("on", "off", "on")
    co2 = trace.readings["sensor.office_co2"]
    assert co2.times.tolist()[:3] == pytest.approx([start, start + 600.0, start + 1800.0], abs=1e-3, rel=0.0)
    assert co2.states[:3] == ("600", "600", "630")
    await score(hass, target, start)


async def score(hass: HomeAssistant, target: Path, start: float) -> None:
    """Label two hours of the office and see them scored."""
    times = [dt_util.utc_from_timestamp(start + 1800.0 * half).isoformat() for half in range(5)]
    rows = [
        f"{first},{last},office,{label}\n"
        for first, last, label in zip(times[:-1], times[1:], ("occupied", "vacant") * 2, strict=True)
    ]
    (target / "labels.csv").write_text("start,end,target,label\n" + "".join(rows), encoding="utf-8")
    figures = target / "figures.json"
    code = await hass.async_add_executor_job(main, ["evaluate", "--trace", str(target), "--json", str(figures)])
    assert code == 0
    found = json.loads(figures.read_text(encoding="utf-8"))["office"]
    assert found["instants"] == 120
    assert found["known"] == 1.0


async def test_a_room_alone_takes_the_homes_people_and_doors_with_it(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory, folder: Path, tmp_path: Path
) -> None:
    """Export one room for a day: what stood when the day began, its changes, and an entity that plays two parts."""
    start = await record(hass, freezer, hours=30)
    add_entity(hass, "binary_sensor.front_door", original_device_class="door")
    options = {"exit_doors": ["binary_sensor.front_door"], "people": ["person.ann"]}
    hass.config_entries.async_update_entry(entry, options=options)
    office = entry.subentries[room_id(entry, "Office")]
    signals = {**office.data["signals"], "generic": ["sensor.office_co2"]}
    hass.config_entries.async_update_subentry(entry, office, data={**office.data, "signals": signals})
    await set_up(hass, entry)
    # A meter that is away has no unit, but its registry entry has.
    hass.states.async_set("sensor.office_co2", "unavailable")
    hass.states.async_remove("binary_sensor.office_motion")
    await async_wait_recording_done(hass)
    answer = await export(hass, days=1, rooms=["office"])
    assert answer["without_history"] == ["binary_sensor.front_door", "person.ann"]
    trace = await hass.async_add_executor_job(read_trace, await imported(hass, answer["path"], tmp_path))
    assert [room.id for room in trace.rooms] == ["office"]
    found = {item.id: item for item in trace.signals}
    assert set(found) == {
        "binary_sensor.front_door",
        "person.ann",
        "binary_sensor.office_motion",
        "sensor.office_co2",
        "generic office sensor.office_co2",
    }
    assert found["person.ann"].room == ""
    assert found["sensor.office_co2"].unit == "ppm"
    assert trace.readings["generic office sensor.office_co2"].states == trace.readings["sensor.office_co2"].states
    motion = trace.readings["binary_sensor.office_motion"]
    # Six hours are before the day; what stood then stands at its start.
    assert motion.times[0] == pytest.approx(start + 6 * 3600.0, abs=1e-3, rel=0.0)
    assert motion.states[-1] == "unavailable"


async def test_a_history_of_days_is_written_day_by_day_and_in_order(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory, folder: Path, tmp_path: Path
) -> None:
    """Lose nothing and double nothing where one day's slice ends and the next begins."""
    await record(hass, freezer, hours=50)
    await set_up(hass, entry)
    answer = await export(hass, days=3)
    with zipfile.ZipFile(answer["path"]) as archive:
        lines = archive.read("events.csv").decode().splitlines()[1:]
        assert archive.read("labels.csv").decode() == "start,end,target,label\n"
    times = [datetime.fromisoformat(line.partition(",")[0]) for line in lines]
    assert times == sorted(times)
    assert len(set(lines)) == len(lines) == answer["events"]
    changes = [line for line in lines if ",binary_sensor.office_motion," in line]
    assert len(changes) >= 100
    trace: Trace = await hass.async_add_executor_job(read_trace, await imported(hass, answer["path"], tmp_path))
    assert len(trace.readings["sensor.office_co2"].times) >= 200


async def test_two_at_once_are_two_files(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory, folder: Path
) -> None:
    """Write one after the other, each under its own name, and sweep away what a crash left."""
    await record(hass, freezer)
    await set_up(hass, entry)
    put_half_a_file(folder)
    first, second = await asyncio.gather(export(hass), export(hass))
    assert names_in(folder) == sorted(Path(item["path"]).name for item in (first, second))
    assert first["path"] != second["path"]


async def test_a_home_that_cannot_be_exported(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, hass_read_only_user: MockUser
) -> None:
    """Say in words what is missing, and refuse who may not change the home."""
    await set_up(hass, entry)
    with pytest.raises(ServiceValidationError, match="areas: attic, loft"):
        await export(hass, rooms=["office", "loft", "attic"])
    with pytest.raises(ServiceValidationError, match="no room to export"):
        await export(hass, rooms=[])
    with (
        patch.object(export_module, "has_recorder", return_value=False),
        pytest.raises(ServiceValidationError) as caught,
    ):
        await export(hass)
    assert caught.value.translation_key == "no_recorder"
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, "export_trace", blocking=True, context=Context(user_id=hass_read_only_user.id)
        )
    assert names_in(folder) == []


async def test_a_database_that_breaks_leaves_no_file(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Say that nothing was exported when a slice cannot be read."""
    await set_up(hass, entry)
    with patch.object(history, "_read_rows", side_effect=TimeoutError), pytest.raises(HomeAssistantError) as caught:
        await export(hass)
    assert caught.value.translation_key == "history_not_read"
    assert names_in(folder) == []


async def test_a_disk_that_is_full_leaves_no_file(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Say what the system says when the file cannot be written."""
    await set_up(hass, entry)
    full = OSError(28, "No space left on device")
    with patch.object(TraceFile, "write", side_effect=full), pytest.raises(HomeAssistantError, match="No space left"):
        await export(hass)
    assert names_in(folder) == []


def test_names_of_any_kind_survive(tmp_path: Path) -> None:
    """Write quotes, line ends, emoji and control characters so that the trainer reads them back."""
    name = 'Lär"m\\ 🛋\n\x7f\x01'
    file = TraceFile.begin(tmp_path, "x", dt_util.UTC)
    file.write([(1.5e9, "media_player.tv", 'a "b",\nc')])
    head = TraceHead(
        "Europe/Vienna", (TraceRoom("a", name),), (TraceSignal("media_player.tv", "", Role.MEDIA, "", "a"),)
    )
    path = file.finish(head)
    assert main(["import", "trace-zip", str(path), "--out", str(tmp_path / "out")]) == 0
    trace = read_trace(tmp_path / "out" / "x")
    assert trace.rooms[0].name == name
    assert trace.readings["media_player.tv"].states == ('a "b",\nc',)


async def test_what_users_said_leaves_with_the_home(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory, folder: Path, tmp_path: Path
) -> None:
    """Export labels of the exported time and rooms, by the trace's own names, and score a model by them."""
    start = await record(hass, freezer)
    await set_up(hass, entry)
    for half in range(4):
        await label(hass, "occupied" if half % 2 == 0 else "vacant", start + 1800.0 * half, start + 1800.0 * (half + 1))
    await label(hass, "vacant", start - 86_400.0, start - 3600.0, "binary_sensor.kitchen_occupancy")
    await label(hass, "occupied", start, start + 3600.0, "binary_sensor.inkling_anybody_home")
    answer = await export(hass)
    assert answer["labels"] == 6
    target = await imported(hass, answer["path"], tmp_path)
    trace = await hass.async_add_executor_job(read_trace, target)
    assert {(span.target, span.label) for span in trace.labels} == {
        ("office", "occupied"),
        ("office", "vacant"),
        ("kitchen", "vacant"),
        ("home", "occupied"),
    }
    assert trace.labels[1].start == pytest.approx(start, abs=1.0)
    figures = tmp_path / "figures.json"
    code = await hass.async_add_executor_job(main, ["evaluate", "--trace", str(target), "--json", str(figures)])
    assert code == 0
    found = json.loads(figures.read_text(encoding="utf-8"))["office"]
    assert (found["instants"], found["occupied"]) == (120, 0.5)
    # An hour of one room: what lies before it is cut off, what is said of others stays at home.
    hour = {"rooms": ["office"], "start": dt_util.utc_from_timestamp(start + 900.0), "days": 1}
    wanted = await export_module.async_wanted(hass, entry, hour)
    assert {item.target for item in wanted.head.labels} == {"office", "home"}
    assert min(item.start for item in wanted.head.labels) == start + 900.0


async def label(
    hass: HomeAssistant, text: str, start: float, end: float, entity_id: str = "binary_sensor.office_occupancy"
) -> None:
    """Label a time that is over."""
    times = {"start": dt_util.utc_from_timestamp(start), "end": dt_util.utc_from_timestamp(end)}
    data = {"label": text, "entity_id": entity_id, **times}
    await hass.services.async_call(DOMAIN, "label", data, blocking=True)


async def test_what_is_said_of_watched_sensors_takes_them_along(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, tmp_path: Path
) -> None:
    """Export a labelled sensor that no room reads; one that tells of people, as something generic."""
    add_entity(hass, "binary_sensor.cellar_door", state="off", original_device_class="door")
    add_entity(hass, "sensor.cellar_temperature", state="8", original_device_class="temperature", **{UNIT: "°C"})
    cellar = {"door": ["binary_sensor.cellar_door"], "temperature": ["sensor.cellar_temperature"], "co2": [CO2]}
    data = device_data(None, signals=cellar, peers={})
    watched = ConfigSubentry(
        data=MappingProxyType(dict(data["data"])),
        subentry_type=data["subentry_type"],
        title=data["title"],
        unique_id=data["unique_id"],
    )
    hass.config_entries.async_add_subentry(entry, watched)
    await set_up(hass, entry)
    for entity_id in ("binary_sensor.cellar_door", "sensor.cellar_temperature", CO2):
        answer = {"label": "fault:stuck", "entity_id": entity_id}
        await hass.services.async_call(DOMAIN, "label", answer, blocking=True)
    await async_wait_recording_done(hass)
    exported = await export(hass)
    assert (exported["labels"], exported["signals"]) == (3, 6)
    trace = await hass.async_add_executor_job(read_trace, await imported(hass, exported["path"], tmp_path))
    found = {item.id: item for item in trace.signals}
    assert found["binary_sensor.cellar_door"].role is Role.GENERIC
    assert (found["sensor.cellar_temperature"].role, found["sensor.cellar_temperature"].unit) == (
        Role.TEMPERATURE,
        "°C",
    )
    labelled = {entity_id for entity_ids in cellar.values() for entity_id in entity_ids}
    assert {(span.target, span.label) for span in trace.labels} == {(name, "fault:stuck") for name in labelled}
