"""scripts/demo reaches a home that runs, starts again in seconds, and leaves nothing behind."""

from contextlib import closing
import fcntl
from pathlib import Path
import socket
import sqlite3

import numpy as np
import pytest

from custom_components.inkling.core.units import Role
from scripts.demo_home.__main__ import main, parse
from scripts.demo_home.plan import PlannedEntity, make_plan
from scripts.demo_home.process import LOCK_FILE_NAME
from scripts.demo_home.roles import APPEARANCES
from tests.e2e import home
from tests.e2e.conftest import MakeDemo
from tests.e2e.launcher import ROOT, Demo, free_port
from training.trace import Readings, RoomInfo, SignalInfo, Trace, read_trace, write_trace

SECOND_START_SECONDS = 20.0
DAY_SECONDS = 86_400.0


def assert_ended_clean(demo: Demo) -> None:
    """Find the port free, the recorder closed and no error of ours in the log."""
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", demo.port)) != 0
    with closing(sqlite3.connect(demo.config / "home-assistant_v2.db")) as database:
        ends = [end for (end,) in database.execute("select end from recorder_runs")]
    assert len(ends) >= 2
    assert None not in ends
    assert demo.own_errors() == []


def test_script_starts_an_empty_home_and_ends_clean(make_demo: MakeDemo) -> None:
    """Run the shell script itself, without Inkling configured, and press Ctrl-C."""
    demo = make_demo("--empty", program=(str(ROOT / "scripts" / "demo"),))
    demo.start()
    assert f"{demo.url}/inkling-demo" in demo.output()
    assert demo.interrupt() == 0
    assert_ended_clean(demo)


async def test_empty_home_has_areas_sensors_and_yesterday(make_demo: MakeDemo) -> None:
    """Find the recorded rooms as areas, their sensors alive, a day of history, and no entry of Inkling's."""
    demo = make_demo("--empty")
    demo.start()
    async with home.signed_in(demo.url) as client:
        areas = {area["name"] for area in await client.command("config/area_registry/list")}
        entries = {entry["domain"] for entry in await client.command("config_entries/get")}
        states = await client.states()
        path = "/api/history/period?filter_entity_id=sensor.office_air_co2&minimal_response&no_attributes"
        history = await client.request("GET", path)
    assert {"Office", "Bathroom", "Hallway"} <= areas
    assert "inkling" not in entries
    # The office is empty in the minute before the arrival.
    assert states["binary_sensor.office_motion_1"]["state"] == "off"
    assert 300 < float(states["sensor.office_air_co2"]["state"]) < 500
    assert len(history[0]) > 500
    assert demo.interrupt() == 0


async def test_home_with_inkling_starts_again_in_seconds(make_demo: MakeDemo) -> None:
    """Find one room with a probability after the first start and after the second, which takes seconds."""
    demo = make_demo()
    demo.start()
    first = await _inkling_states(demo)
    assert demo.interrupt() == 0
    assert_ended_clean(demo)
    took_seconds = demo.start()
    second = await _inkling_states(demo)
    assert demo.interrupt() == 0
    assert_ended_clean(demo)
    assert first.keys() == second.keys()
    assert any(state.replace(".", "", 1).isdigit() for state in second.values())
    assert took_seconds < SECOND_START_SECONDS


async def _inkling_states(demo: Demo) -> dict[str, str]:
    """Return the states of Inkling's entities."""
    async with home.signed_in(demo.url) as client:
        registry = await client.command("config/entity_registry/list")
        states = await client.states()
    ours = [entity["entity_id"] for entity in registry if entity["platform"] == "inkling"]
    return {entity_id: states[entity_id]["state"] for entity_id in ours if entity_id in states}


async def test_any_recording_plays(make_demo: MakeDemo, tmp_path: Path) -> None:
    """Find every role a trace may have as an entity with the recorded state, and what was unavailable so."""
    write_trace(_trace_of_all_roles(), tmp_path / "den")
    demo = make_demo("--empty", "--trace", str(tmp_path / "den"))
    demo.start()
    async with home.signed_in(demo.url) as client:
        states = {name: state["state"] for name, state in (await client.states()).items()}
    assert demo.interrupt() == 0
    assert demo.own_errors() == []
    shown = {states[entity.entity_id] for entity in _entities_of(tmp_path / "den")}
    assert {"on", "playing", "home", "21.5", "unavailable"} == shown


STATE_OF_DOMAIN = {"light": "on", "media_player": "playing", "device_tracker": "home", "sensor": "21.5"}
UNITS = {Role.TEMPERATURE: "°C", Role.CO2: "ppm", Role.ILLUMINANCE: "lx", Role.HUMIDITY: "%", Role.POWER: "W"}


def _trace_of_all_roles() -> Trace:
    """Return a recording with one signal of each role; the generic one has gone."""
    signals = tuple(SignalInfo(f"den_{role}", role, UNITS.get(role, "dB"), "den") for role in Role)
    states = {role: STATE_OF_DOMAIN.get(APPEARANCES[role].platform, "on") for role in Role} | {
        Role.GENERIC: "unavailable"
    }
    times = np.array([0.0, 3_600.0])
    return Trace(
        name="Den",
        source="made for this test",
        licence="MIT",
        timezone="UTC",
        rooms=(RoomInfo("den", "Den", "Den"),),
        signals=signals,
        readings={signal.id: Readings(times, (states[signal.role],) * 2) for signal in signals},
    )


def _entities_of(folder: Path) -> tuple[PlannedEntity, ...]:
    """Return the entities a trace is shown as."""
    return make_plan(read_trace(folder), 0.0, 0.0, 1.0).entities


def test_port_in_use_is_refused_in_a_sentence(
    tmp_path: Path, socket_enabled: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Leave whatever listens there alone."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--config", str(tmp_path), "--port", str(port)]) == 1
    assert f"error: port {port} is in use: end what listens there" in capsys.readouterr().err


def test_folder_in_use_is_refused_in_a_sentence(
    tmp_path: Path, socket_enabled: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never write into the database of a Home Assistant that runs."""
    with (tmp_path / LOCK_FILE_NAME).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main(["--config", str(tmp_path), "--port", str(free_port())]) == 1
    assert f"error: a Home Assistant runs in {tmp_path}: end it" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [LOCK_FILE_NAME]


def test_folder_that_is_no_trace_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Say what a trace must hold."""
    assert main(["--config", str(tmp_path), "--trace", "/nowhere"]) == 1
    assert "error: /nowhere is no trace: it must hold trace.toml" in capsys.readouterr().err


@pytest.mark.parametrize("speed", ["0", "-1", "1e9", "nan"])
def test_speed_that_cannot_be_is_refused(speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Name the range."""
    with pytest.raises(SystemExit):
        main(["--speed", speed])
    assert "--speed must be above 0 and at most 600" in capsys.readouterr().err


def test_another_recording_gets_a_home_of_its_own(tmp_path: Path) -> None:
    """Keep the sensors of two recordings apart."""
    homes = {parse([]).config.name, parse(["--empty"]).config.name, parse(["--trace", str(tmp_path)]).config.name}
    assert homes == {"home", "empty", f"home-{tmp_path.name}"}
