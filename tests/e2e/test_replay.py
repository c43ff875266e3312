"""The demo's timeline loops without a seam, and yesterday's rows are what the recorder would have written."""

from contextlib import closing
from itertools import pairwise
from pathlib import Path
import sqlite3

from homeassistant.components.recorder.db_schema import SCHEMA_VERSION
from hypothesis import given, strategies as st
import pytest

from scripts.demo_home import history
from scripts.demo_home.inkling_demo.replay import Timeline
from scripts.demo_home.plan import Plan, make_plan
from tests.e2e.launcher import ROOT
from training.trace import read_trace

NOW_SECONDS = 1_800_000_000.0
PERIOD_SECONDS = 86_400.0
EVENTS = [(0.0, 0, "off"), (0.1, 1, "20"), (30_000.7, 0, "on"), (30_000.7, 1, "21"), (86_399.9, 0, "off")]
LOOPED = Timeline(EVENTS, PERIOD_SECONDS)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return the shipped trace laid out around a fixed instant."""
    return make_plan(read_trace(ROOT / "scripts" / "demo_home" / "trace"), NOW_SECONDS, 60.0, 1.0)


@given(st.floats(-1e6, 1e6))
def test_cursor_stands_between_the_past_and_the_future(position_seconds: float) -> None:
    """Find every event up to a position behind the cursor, and every later one ahead, in whatever loop."""
    cursor = LOOPED.cursor_at(position_seconds)
    assert LOOPED.position_of(cursor - 1) <= position_seconds + 1e-9
    assert LOOPED.position_of(cursor) > position_seconds - 1e-9


@given(st.integers(-20, 20))
def test_position_and_cursor_agree_in_every_loop(cursor: int) -> None:
    """Count each event once, those of one instant together."""
    position = LOOPED.position_of(cursor)
    assert LOOPED.position_of(LOOPED.cursor_at(position + 1e-6) - 1) == pytest.approx(position)


def test_state_before_the_first_event_is_what_the_last_loop_left() -> None:
    """Carry states over midnight; an entity that never spoke has none."""
    start = LOOPED.cursor_at(0.05)
    assert LOOPED.state_before(start, 0) == "off"
    assert LOOPED.state_before(start, 1) == "21"
    assert LOOPED.state_before(start, 2) is None


@pytest.mark.parametrize(("now_seconds", "expected_seconds"), [(0.0, 10.0), (10.0, 500.0), (600.0, 86_410.0)])
def test_next_occasion_lies_ahead(now_seconds: float, expected_seconds: float) -> None:
    """Take tomorrow's when today's have passed."""
    assert LOOPED.next_of([10.0, 500.0], now_seconds) == expected_seconds
    assert LOOPED.next_of([], now_seconds) is None


def test_filling_twice_leaves_one_past(plan: Plan, tmp_path: Path) -> None:
    """Replace what an earlier start wrote; every row is a change, and none lies in the future."""
    first = history.fill(tmp_path, plan)
    assert history.fill(tmp_path, plan) == first
    with closing(sqlite3.connect(tmp_path / history.DATABASE_FILE)) as database:
        found = sorted(database.execute("select metadata_id, last_updated_ts, state from states"))
        versions = database.execute("select schema_version from schema_changes").fetchall()
    assert len(found) == first
    assert len({row[0] for row in found}) == len(plan.entities)
    assert max(row[1] for row in found) <= NOW_SECONDS
    assert min(row[1] for row in found) == NOW_SECONDS - history.HISTORY_SECONDS
    repeats = [now for before, now in pairwise(found) if before[::2] == now[::2]]
    assert repeats == []
    assert versions == [(SCHEMA_VERSION,)]
