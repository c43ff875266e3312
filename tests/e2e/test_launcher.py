"""scripts/demo reaches a home that runs, starts again in seconds, and leaves nothing behind."""

from contextlib import closing
from pathlib import Path
import socket
import sqlite3
import subprocess
import sys

import pytest

from tests.e2e import home
from tests.e2e.conftest import MakeDemo
from tests.e2e.launcher import ROOT, Demo

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
    assert {"Office", "Meeting room"} <= areas
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


def test_second_demo_on_one_port_says_so(make_demo: MakeDemo) -> None:
    """Refuse a port that is in use in one sentence."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        demo = make_demo("--empty")
        demo.port = taken.getsockname()[1]
        with pytest.raises(AssertionError, match=f"port {demo.port} is in use: end what listens there"):
            demo.start()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--trace", "/nowhere"), "error: /nowhere is no trace: it must hold trace.toml"),
        (("--speed", "0"), "--speed must be above 0"),
    ],
)
def test_bad_options_are_refused_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    """End at once with what to do."""
    command = [sys.executable, "-m", "scripts.demo_home", "--config", str(tmp_path / "config"), *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
