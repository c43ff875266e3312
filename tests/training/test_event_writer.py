"""Events are written as they come: the bytes a reader expects, or no file at all."""

from __future__ import annotations

from datetime import UTC
import gzip
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from training.event_writer import EventWriter, csv_cell
from training.trace import TraceError, read_trace

HEAD = '[trace]\nname = "n"\n[[signal]]\nid = "s, 1"\nrole = "generic"\n'


def write(folder: Path, events: list[tuple[float, str]], zone: str = "UTC") -> None:
    """Write a trace of one signal."""
    with EventWriter(folder, UTC if zone == "UTC" else ZoneInfo(zone)) as writer:
        for t, state in events:
            writer.write(t, csv_cell("s, 1"), state)
    (folder / "trace.toml").write_text(HEAD, encoding="utf-8")


def test_times_are_the_homes_over_a_change_of_clocks(tmp_path: Path) -> None:
    """Write the offset that held, before and after the end of daylight saving, and microseconds whole."""
    before = 1_761_440_399.9999996
    write(tmp_path, [(before, "a"), (before + 1.0, "b")], "Europe/Vienna")
    text = gzip.decompress((tmp_path / "events.csv.gz").read_bytes()).decode()
    assert text.splitlines() == [
        "time,signal,state",
        '2025-10-26T02:00:00.000000+01:00,"s, 1",a',
        '2025-10-26T02:00:01.000000+01:00,"s, 1",b',
    ]
    write(tmp_path, [(before - 1.0, "a")], "Europe/Vienna")
    assert b"02:59:59.000000+02:00" in gzip.decompress((tmp_path / "events.csv.gz").read_bytes())


@settings(max_examples=50, deadline=None)
@given(states=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=20))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, states: list[str]) -> None:
    """Read back whatever a state can hold: quotes, commas and line breaks."""
    folder = tmp_path_factory.mktemp("trace")
    write(folder, [(1e9 + index, state) for index, state in enumerate(states)])
    assert read_trace(folder).readings["s, 1"].states == tuple(states)


def test_a_time_beyond_the_calendar_leaves_no_file(tmp_path: Path) -> None:
    """Refuse it in one sentence."""
    with pytest.raises(TraceError, match="which no calendar has"):
        write(tmp_path, [(1e9, "a"), (1e15, "b")])
    assert list(tmp_path.iterdir()) == []


def test_the_same_events_give_the_same_bytes(tmp_path: Path) -> None:
    """Write twice."""
    for name in ("a", "b"):
        write(tmp_path / name, [(1e9, "on"), (1e9 + 1.5, "off")])
    assert (tmp_path / "a" / "events.csv.gz").read_bytes() == (tmp_path / "b" / "events.csv.gz").read_bytes()
