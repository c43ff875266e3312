"""Trace folders: what goes in comes out, and a bad one is refused in one sentence."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.units import Role
from training.trace import (
    DeviceInfo,
    LabelSpan,
    Readings,
    RoomInfo,
    SignalInfo,
    Trace,
    TraceError,
    read_trace,
    write_trace,
)
from training.tracks import cut, tracks_of, without

T0 = 1_700_000_000.0
HEAD = """[trace]
name = "n"
[[room]]
id = "a"
name = "A"
[[signal]]
id = "m"
role = "motion"
room = "a"
"""
EVENTS = "time,signal,state\n2023-11-14T22:13:20+00:00,m,on\n"
LABELS = "start,end,target,label\n"


def a_trace() -> Trace:
    """Return a home with awkward texts and times."""
    return Trace(
        name='a "home" \\ with\ttabs',
        source="made",
        licence="MIT",
        timezone="Europe/Berlin",
        rooms=(RoomInfo("a", "Küche", "kitchen"), RoomInfo("b", "B")),
        devices=(DeviceInfo("plug", "plug", "a"),),
        signals=(
            SignalInfo("m", Role.MOTION, "", "a"),
            SignalInfo("t", Role.TEMPERATURE, "°F", "b", "plug"),
            SignalInfo("door", Role.DOOR),
        ),
        readings={
            "m": Readings(np.array([T0, T0 + 1.25]), ("on", "off")),
            "t": Readings(np.array([T0, T0 + 60.0, T0 + 120.0]), ("68", "unavailable", "70.7")),
            "door": Readings(np.empty(0), ()),
        },
        labels=(LabelSpan(T0, T0 + 60.0, "a", "occupied"), LabelSpan(T0, T0 + 9.0, "home", "vacant")),
    )


def write(folder: Path, head: str = HEAD, events: str = EVENTS, labels: str = LABELS) -> Path:
    """Write a trace folder by hand."""
    (folder / "trace.toml").write_text(head, encoding="utf-8")
    (folder / "events.csv").write_text(events, encoding="utf-8")
    (folder / "labels.csv").write_text(labels, encoding="utf-8")
    return folder


def test_a_trace_comes_back_as_it_went(tmp_path: Path) -> None:
    """Write and read a trace."""
    before = a_trace()
    write_trace(before, tmp_path)
    after = read_trace(tmp_path)
    assert (after.name, after.rooms, after.devices, after.signals, after.labels) == (
        before.name,
        before.rooms,
        before.devices,
        before.signals,
        before.labels,
    )
    for name, readings in before.readings.items():
        assert after.readings[name].times.tolist() == readings.times.tolist()
        assert after.readings[name].states == readings.states


def test_the_same_trace_gives_the_same_bytes(tmp_path: Path) -> None:
    """Write a trace twice."""
    for name in ("one", "two"):
        write_trace(a_trace(), tmp_path / name)
    for file in ("trace.toml", "events.csv.gz", "labels.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_tracks_are_canonical(tmp_path: Path) -> None:
    """Parse states as the live path does: Fahrenheit to Celsius, unavailable to NaN, no room for the home's own."""
    tracks = {track.signal.id: track for track in tracks_of(a_trace())}
    np.testing.assert_allclose(tracks["t"].values, [20.0, np.nan, 21.5], rtol=1e-6)
    assert tracks["m"].values.tolist() == [1.0, 0.0]
    assert tracks["door"].signal.room is None


def test_cut_carries_the_level_in_and_looks_no_further(tmp_path: Path) -> None:
    """Cut a track between two readings."""
    (track,) = cut(without(tracks_of(a_trace()), ("m", "door")), T0 + 30.0, T0 + 120.0)
    assert track.times.tolist() == [T0 + 30.0, T0 + 60.0]
    assert track.values[0] == pytest.approx(20.0)
    assert np.isnan(track.values[1])


def test_events_may_come_in_any_order_and_the_later_line_stands(tmp_path: Path) -> None:
    """Read two events of one time and an earlier one after them."""
    events = EVENTS + "2023-11-14T22:13:20+00:00,m,off\n2023-11-14T23:13:10+01:00,m,on\n"
    readings = read_trace(write(tmp_path, events=events)).readings["m"]
    assert readings.times.tolist() == [T0 - 10.0, T0]
    assert readings.states == ("on", "off")


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("head", "[trace\n", "not valid TOML"),
        ("head", HEAD.replace("[trace]", "[other]"), "no \\[trace\\] table"),
        ("head", HEAD.replace('room = "a"', 'room = "z"'), "room 'z'"),
        ("head", HEAD.replace('id = "m"', "id = 7"), "needs the text 'id'"),
        ("head", HEAD.replace('name = "n"', 'name = "n"\ntimezone = "Moon/Base"'), "time zone 'Moon/Base'"),
        ("head", HEAD.split("[[signal]]", maxsplit=1)[0], "no \\[\\[signal\\]\\]"),
        ("head", HEAD + HEAD.split('name = "A"\n')[1], "names the signal 'm' twice"),
        ("head", HEAD.replace("[[room]]", "[room]"), "as \\[\\[room\\]\\]"),
        ("events", "when,what\n", "must begin with the line"),
        ("events", "", "must begin with the line"),
        ("events", EVENTS + "2023-11-14T22:13:20+00:00,x,on\n", "signal 'x'"),
        ("events", EVENTS + "2023-11-14T22:13:20,m,on\n", "ISO 8601 with an offset"),
        ("events", EVENTS + "yesterday,m,on\n", "ISO 8601 with an offset"),
        ("events", EVENTS + "2023-11-14T22:13:20+00:00,m\n", "line 3 has 2 cells"),
        ("labels", LABELS + "2023-11-14T22:13:20+00:00,2023-11-14T22:13:20+00:00,a,occupied\n", "ends at or before"),
        ("labels", LABELS + "2023-11-14T22:13:20+00:00,2023-11-14T22:14:20+00:00,z,occupied\n", "labels 'z'"),
        ("labels", LABELS + "2023-11-14T22:13:20+00:00,2023-11-14T22:14:20+00:00,a,full\n", "label 'full'"),
    ],
)
def test_a_bad_trace_is_refused_in_one_sentence(tmp_path: Path, part: str, text: str, said: str) -> None:
    """Refuse each kind of misfit by name."""
    write(tmp_path, **{part: text})
    with pytest.raises(TraceError, match=said) as caught:
        read_trace(tmp_path)
    assert "\n" not in str(caught.value).strip()


def test_files_that_are_absent_or_broken_are_named(tmp_path: Path) -> None:
    """Refuse an empty folder, a folder without events, a cut-off gzip and text that is not UTF-8."""
    with pytest.raises(TraceError, match="is no trace"):
        read_trace(tmp_path)
    (tmp_path / "trace.toml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(TraceError, match=r"neither events\.csv nor"):
        read_trace(tmp_path)
    (tmp_path / "events.csv.gz").write_bytes(gzip.compress(EVENTS.encode() * 50)[:40])
    with pytest.raises(TraceError, match="cannot be read"):
        read_trace(tmp_path)
    (tmp_path / "events.csv.gz").write_bytes(gzip.compress(b"\xff\xfe\xff"))
    with pytest.raises(TraceError, match="cannot be read"):
        read_trace(tmp_path)


def test_a_trace_without_labels_can_be_read(tmp_path: Path) -> None:
    """Read a trace that nobody labelled."""
    write(tmp_path)
    (tmp_path / "labels.csv").unlink()
    assert read_trace(tmp_path).labels == ()
