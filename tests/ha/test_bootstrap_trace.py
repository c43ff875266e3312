"""The past out of an export of the home: learned where nothing else tells, refused in one sentence where it is none."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
import zipfile

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling import bootstrap, bootstrap_trace
from custom_components.inkling.bootstrap_trace import read_past, traces_in
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import Signal
from custom_components.inkling.rooms import Binding
from custom_components.inkling.trace_file import TraceFile, TraceHead, TraceRoom, TraceSignal

from .conftest import room_id, set_up

pytestmark = pytest.mark.usefixtures("hand_loaded")
MOTION, OTHER = "binary_sensor.office_motion", "binary_sensor.elsewhere"
LONG_AGO = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)
HEAD = f'[[signal]]\nid = "{MOTION}"\nrole = "motion"\nunit = ""\nroom = "office"\n'


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> Generator[None]:
    """Start a recorder before anything else, of which nothing older than two days is read."""
    with patch.object(bootstrap, "BOOTSTRAP_DAYS_LIMIT", 2):
        yield


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Generator[Path]:
    """Keep the exports of a test to itself."""
    with patch.object(hass.config, "config_dir", str(tmp_path)):
        yield tmp_path / "inkling" / "traces"


def export(folder: Path, began: datetime) -> Path:
    """Write an export: motion from the first to the second hour of thirty, as the integration writes it."""
    file = TraceFile.begin(folder, "old", UTC)
    moments = [(0, "off"), (1, "on"), (2, "off"), (30, "off")]
    events = [((began + timedelta(hours=hours)).timestamp(), state) for hours, state in moments]
    file.write((t, name, state) for t, state in events for name in (MOTION, OTHER, f"vibration office {MOTION}"))
    signals = [
        TraceSignal(MOTION, MOTION, Role.MOTION, "", "office"),
        TraceSignal(f"vibration office {MOTION}", MOTION, Role.VIBRATION, "", "office"),
        TraceSignal(OTHER, OTHER, Role.MOTION, "", "office"),
    ]
    return file.finish(TraceHead("UTC", [TraceRoom("office", "Office")], signals))


def packed(folder: Path, parts: dict[str, str]) -> Path:
    """Write a zip of some texts."""
    path = folder / "strange.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return path


async def test_an_export_is_learned_from(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Know of a day long before the recorder's when the room, and with it the home, was in use."""
    began = dt_util.utcnow().replace(hour=17, minute=0, second=0, microsecond=0) - timedelta(days=60)
    await hass.async_add_executor_job(export, folder, began)
    await hass.async_add_executor_job((folder / "broken.zip").write_bytes, b"no zip")
    await set_up(hass, entry)
    for monitor in (room_id(entry, "Office"), entry.entry_id):
        view = entry.runtime_data.forecasting.store.histories[monitor].view(dt_util.utcnow().timestamp())
        first = int(began.timestamp() // 900) - view.first
        assert view.shares[first + 4 : first + 8].tolist() == [1.0] * 4
        assert view.shares[first + 12 : first + 116].tolist() == [0.0] * 104
        assert np.isnan(view.shares[first + 124])


def test_what_stood_before_still_stands(tmp_path: Path) -> None:
    """Tell a day without any reading by the one before it, and nothing of an entity that is not in the export."""
    began, late = LONG_AGO.timestamp(), (LONG_AGO + timedelta(days=9)).timestamp()
    past = read_past(export(tmp_path, LONG_AGO), {MOTION}, began, late)
    assert past is not None
    assert set(past.entities) == {MOTION}
    bindings = [
        Binding(name, Signal(id=name, role=Role.MOTION, room="office")) for name in (MOTION, "binary_sensor.new")
    ]
    known, unknown = past.tracks(bindings, late, late + 900.0)
    assert known.times.tolist() == [began + 30 * 3600.0]
    assert known.values.tolist() == [0.0]
    assert not len(unknown.times)
    assert list(past.days()) == [(began, began + 7 * 3600.0), (began + 7 * 3600.0, began + 30 * 3600.0)]


def test_nothing_of_this_home(tmp_path: Path) -> None:
    """Find nothing where the export is of other entities or of another time, or where there is no folder."""
    path = export(tmp_path, LONG_AGO)
    assert read_past(path, {"light.kitchen"}, 0.0, 1e12) is None
    assert read_past(path, {MOTION}, 0.0, 1.0) is None
    assert traces_in(tmp_path / "none") == []
    assert traces_in(tmp_path) == [path]


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"trace.toml": HEAD},
        {"trace.toml": "[[signal", "events.csv": ""},
        {"trace.toml": "signal = 3", "events.csv": ""},
        {"trace.toml": 'signal = ["a"]', "events.csv": ""},
        {"trace.toml": HEAD, "events.csv": f"time,signal,state\nnever,{MOTION},on\n"},
        {"trace.toml": HEAD, "events.csv": f"time,signal,state\n2026-01-01T00:00:00+00:00,{MOTION}\n"},
        {"trace.toml": HEAD, "events.csv": "x" * 2000},
    ],
)
def test_a_file_that_is_no_export(tmp_path: Path, parts: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """Learn nothing from it and say so once."""
    with patch.object(bootstrap_trace, "EVENTS_LIMIT_BYTES", 1000):
        assert read_past(packed(tmp_path, parts), {MOTION}, 0.0, 1e12) is None
    assert len([record for record in caplog.records if "no export of Inkling" in record.message]) == 1


@pytest.mark.parametrize("spoil", [lambda data: data[:50], lambda data: data.replace(b"PK", b"KP"), lambda _: b""])
def test_a_damaged_file(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """Learn nothing from it."""
    path = export(tmp_path, LONG_AGO)
    path.write_bytes(spoil(path.read_bytes()))
    assert read_past(path, {MOTION}, 0.0, 1e12) is None
