"""The demo's trace is sound, and is laid out so that somebody comes when it was promised."""

from pathlib import Path

import pytest

from scripts.demo_home.plan import make_plan, past_events, states_at
from tests.e2e.launcher import ROOT
from training.trace import TraceError, read_trace

SHIPPED = ROOT / "scripts" / "demo_home" / "trace"
NOW_SECONDS = 1_800_000_000.0
DAY_SECONDS = 86_400.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small trace without labels."""
    (tmp_path / "trace.toml").write_text(
        '[trace]\nname = "T"\nsource = "S"\nlicence = "L"\ntimezone = "UTC"\n'
        '[[room]]\nid = "den"\nname = "Den"\narea = "Den"\n'
        '[[signal]]\nid = "den_motion"\nrole = "motion"\nroom = "den"\n'
        '[[signal]]\nid = "den_co2"\nrole = "co2"\nunit = "ppm"\nroom = "den"\ndevice = "den_air"\n'
    )
    (tmp_path / "events.csv").write_text(
        "time,signal,state\n"
        "2026-01-01T00:00:00+00:00,den_motion,off\n"
        "2026-01-01T00:00:00+00:00,den_co2,400\n"
        "2026-01-01T08:00:00+00:00,den_motion,on\n"
        "2026-01-01T08:10:00+00:00,den_motion,off\n"
    )
    return tmp_path


def test_shipped_trace_is_small_sound_and_credited() -> None:
    """Find every room labelled, what is recorded credited, and the folder within its budget."""
    trace = read_trace(SHIPPED)
    assert {room.name for room in trace.rooms} == {
        "Office",
        "Living room",
        "Kitchen",
        "Bedroom",
        "Bathroom",
        "Hallway",
    }
    assert "UCI" in trace.source
    assert trace.licence == "office CC BY 4.0, other rooms MIT"
    assert {label.target for label in trace.labels} == {room.id for room in trace.rooms}
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 400_000


def test_arrival_comes_a_lead_after_the_start() -> None:
    """Place the first labelled arrival of the first room where it was asked for."""
    plan = make_plan(read_trace(SHIPPED), NOW_SECONDS, lead_seconds=60.0, speed=2.0)
    assert plan.arrivals[0] == plan.anchor.position_seconds + 120.0
    motion = [entity.unique_id for entity in plan.entities].index("office_motion_1")
    assert states_at(plan, plan.anchor.position_seconds)[motion] == "off"


def test_past_is_whole_ordered_and_ends_at_the_start() -> None:
    """Give every entity a state at the beginning of the past, and nothing later than the start."""
    plan = make_plan(read_trace(SHIPPED), NOW_SECONDS, lead_seconds=60.0, speed=1.0)
    past = list(past_events(plan, 2 * DAY_SECONDS))
    times = [time_seconds for time_seconds, _, _ in past]
    assert times == sorted(times)
    assert times[0] == NOW_SECONDS - 2 * DAY_SECONDS
    assert NOW_SECONDS - 120.0 < times[-1] <= NOW_SECONDS
    assert {index for _, index, _ in past[: len(plan.entities)]} == set(range(len(plan.entities)))


def test_motion_tells_arrivals_where_nothing_is_labelled(folder: Path) -> None:
    """Take the first motion after a long quiet for an arrival."""
    plan = make_plan(read_trace(folder), NOW_SECONDS, lead_seconds=60.0, speed=1.0)
    assert plan.arrivals == (8 * 3600.0,)
    assert plan.period_seconds == DAY_SECONDS
    assert [entity.entity_id for entity in plan.entities] == ["binary_sensor.den_motion", "sensor.den_air_co2"]


def test_trace_without_events_is_refused(folder: Path) -> None:
    """Say that there is nothing to replay."""
    (folder / "events.csv").write_text("time,signal,state\n")
    with pytest.raises(TraceError, match="nothing to replay"):
        make_plan(read_trace(folder), NOW_SECONDS, lead_seconds=60.0, speed=1.0)
