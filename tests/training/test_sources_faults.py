"""The importers of failing machines on small made files of each set's own form, and on the real ones where they lie."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
import tarfile

import numpy as np
import pytest

from training.sources import SOURCES, read_source
from training.sources.appliance_faults import digest
from training.trace import TraceError, read_trace, write_trace

DATA = Path(os.environ.get("INKLING_DATA", Path(__file__).parents[3] / "shared" / "data"))
MOTES = "reading,mote_id,indoor,humidity,temperature,label\n"
KEY = "realKnownCause/machine_temperature_system_failure.csv"


def needs(folder: str) -> pytest.MarkDecorator:
    """Skip where a real set does not lie."""
    return pytest.mark.skipif(not (DATA / folder).is_dir(), reason=f"{folder} does not lie here (set INKLING_DATA)")


def motes(folder: Path, rows: str) -> Path:
    """Write both networks."""
    target = folder / "suthaharan_wsn"
    target.mkdir()
    for name in ("singlehop.csv", "multihop.csv"):
        (target / name).write_text(MOTES + rows, encoding="utf-8")
    return folder


def test_motes_count_readings_five_seconds_apart(tmp_path: Path) -> None:
    """Place each mote in its room, label its event, and leave the clean mote normal."""
    rows = "1,1,1,45.9,27.9,0\n2,1,1,60.0,30.0,1\n3,1,1,46.0,27.9,0\n1,2,0,45.0,27.0,0\n2,2,0,45.1,27.1,0\n"
    trace = read_source("suthaharan", motes(tmp_path, rows))["single"]
    assert {device.id: device.room for device in trace.devices} == {"mote_1": "indoor", "mote_2": "outdoor"}
    spans = [(span.target, span.label, span.end - span.start) for span in trace.labels]
    assert spans == [
        ("mote_1", "normal", 5.0),
        ("mote_1", "fault:environment", 5.0),
        ("mote_1", "normal", 5.0),
        ("mote_2", "normal", 10.0),
    ]
    assert trace.readings["mote_1_temperature"].states == ("27.9", "30.0", "27.9")
    write_trace(trace, tmp_path / "trace")
    assert read_trace(tmp_path / "trace").labels == trace.labels


def test_motes_that_count_backwards_are_refused(tmp_path: Path) -> None:
    """Say that the file is another."""
    with pytest.raises(TraceError, match="counts a mote's readings backwards"):
        read_source("suthaharan", motes(tmp_path, "2,1,1,45.9,27.9,0\n1,1,1,45.9,27.9,0\n"))


def machine(folder: Path, windows: str) -> Path:
    """Write a machine whose clock is set back by an hour once."""
    target = folder / "nab"
    target.mkdir()
    clock = ["01:50", "01:55", "01:00", "01:05", "01:10"]
    rows = "".join(f"2014-01-07 {text}:00,{80 + index}.5\n" for index, text in enumerate(clock))
    (target / "machine_temperature_system_failure.csv").write_text("timestamp,value\n" + rows, encoding="utf-8")
    (target / "windows.json").write_text(windows, encoding="utf-8")
    return folder


def test_an_hour_that_comes_twice_is_not_sorted_away(tmp_path: Path) -> None:
    """Let time run on where the clock was set back, and keep the rows in their order; mark rows by the clock."""
    windows = json.dumps({KEY: [["2014-01-07 01:00:00.000000", "2014-01-07 01:05:00.000000"]]})
    trace = read_source("nab", machine(tmp_path, windows))["machine"]
    readings = trace.readings["machine_temperature"]
    assert np.diff(readings.times).tolist() == [300.0] * 4
    assert readings.states == ("80.5", "81.5", "82.5", "83.5", "84.5")
    spans = [(span.label, span.start - readings.times[0], span.end - readings.times[0]) for span in trace.labels]
    assert spans == [
        ("normal", 0.0, 600.0),
        ("fault:known_event", 600.0, 1200.0),
        ("normal", 1200.0, 1500.0),
    ]


@pytest.mark.parametrize("windows", ["{}", "[", '{"' + KEY + '": [1]}'])
def test_windows_of_another_form_are_refused(tmp_path: Path, windows: str) -> None:
    """Say which windows are missing."""
    with pytest.raises(TraceError, match="has no windows of"):
        read_source("nab", machine(tmp_path, windows))


def appliances(folder: Path, files: dict[str, str]) -> Path:
    """Pack day files as the data set's repository does."""
    target = folder / "appliance_faults"
    target.mkdir()
    with tarfile.open(target / "appliance_faults.tar.gz", "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return folder


NORMAL = "\ufeffctime,activePower\n3/19/2020 23:59,0\n3/20/2020 0:00,72\n3/20/2020 0:01,\n3/18/2020 13:00,5\n"
FAULTY = (
    ",ctime,activePower,label\n0,2020-03-19 23:59:00,0.0,0\n1,2020-03-20 00:00:00,57.87,1\n"
    "2,2020-03-20 00:01:00,57.4,1\n3,2020-03-20 00:02:00,72.0,0\n"
)
FILES = {
    "top/data/Fridge/Fridge_1/Normal/fridge_1_day1.csv": NORMAL,
    "top/data/Fridge/Fridge_1/Anomaly_Major_15.70/fridge_1_day1_ANOMALIES.csv": FAULTY,
    "top/data/Fridge/Fridge_3/Normal/fridge_3_day1.csv": NORMAL,
    "top/README.md": "words",
}


def test_appliances_hide_what_gives_their_faults_away(tmp_path: Path) -> None:
    """Round to whole watts, read both kinds of dates, blank cells and a jump back, and leave unit 3 out."""
    traces = read_source("appliance-faults", appliances(tmp_path, FILES))
    assert set(traces) == {"fridge_1"}
    trace = traces["fridge_1"]
    assert [device.id for device in trace.devices] == ["major_15.70_day_1", "normal_day_1"]
    assert trace.readings["normal_day_1_power"].states == ("0", "72", "unavailable")
    assert trace.readings["major_15.70_day_1_power"].states == ("0", "58", "57", "72")
    spans = [(span.target, span.label, span.end - span.start) for span in trace.labels]
    assert spans == [
        ("major_15.70_day_1", "normal", 60.0),
        ("major_15.70_day_1", "fault:major_15.70", 120.0),
        ("major_15.70_day_1", "normal", 60.0),
        ("normal_day_1", "normal", 180.0),
    ]
    write_trace(trace, tmp_path / "trace")
    assert read_trace(tmp_path / "trace").readings["normal_day_1_power"].states == ("0", "72", "unavailable")


def test_the_digest_is_of_the_days_whatever_packs_them(tmp_path: Path) -> None:
    """Find the same digest without the archive's top folder, and another when a watt changes."""
    folders = [tmp_path / name for name in "abc"]
    bare = {name.removeprefix("top/"): text for name, text in FILES.items()}
    changed = {name: text.replace("57.87", "57.88") for name, text in FILES.items()}
    for folder, files in zip(folders, (FILES, bare, changed), strict=True):
        folder.mkdir()
        appliances(folder, files)
    first, second, third = (digest(folder / "appliance_faults" / "appliance_faults.tar.gz") for folder in folders)
    assert first == second
    assert first != third


@pytest.mark.parametrize(
    ("files", "said"), [({"a": "b"}, "holds no data"), ({next(iter(FILES)): "a,b\n"}, "lacks the")]
)
def test_an_archive_of_another_form_is_refused(tmp_path: Path, files: dict[str, str], said: str) -> None:
    """Say what is missing."""
    with pytest.raises(TraceError, match=said):
        read_source("appliance-faults", appliances(tmp_path, files))


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    """Say that it cannot be unpacked."""
    (tmp_path / "appliance_faults").mkdir()
    (tmp_path / "appliance_faults" / "appliance_faults.tar.gz").write_bytes(b"no archive")
    with pytest.raises(TraceError, match="cannot be unpacked"):
        read_source("appliance-faults", tmp_path)


@needs("suthaharan_wsn")
def test_the_real_motes_have_four_events() -> None:
    """Find the events where they were measured."""
    found = {
        (name, span.target): (span.end - span.start) / 5.0
        for name, trace in read_source("suthaharan", DATA).items()
        for span in trace.labels
        if span.label != "normal"
    }
    assert found == {
        ("single", "mote_1"): 117.0,
        ("single", "mote_4"): 32.0,
        ("multi", "mote_1"): 58.0,
        ("multi", "mote_3"): 100.0,
    }


@needs("nab")
def test_the_real_machine_runs_on_evenly() -> None:
    """Find 22 695 rows five minutes apart, and four windows of 567."""
    trace = read_source("nab", DATA)["machine"]
    times = trace.readings["machine_temperature"].times
    assert len(times) == 22_695
    assert set(np.diff(times).tolist()) == {300.0}
    lengths = [(span.end - span.start) / 300.0 for span in trace.labels if span.label != "normal"]
    assert lengths == [567.0] * 4


@needs("appliance_faults")
@pytest.mark.slow
def test_the_real_appliances_are_all_there() -> None:
    """Find nine units and 710 days, watts without fractions, and the pinned digest."""
    traces = read_source("appliance-faults", DATA)
    assert len(traces) == 9
    assert sum(len(trace.signals) for trace in traces.values()) == 710
    states = {state for trace in traces.values() for item in trace.readings.values() for state in item.states}
    assert all(state == "unavailable" or state.lstrip("-").isdecimal() for state in states)
    assert digest(DATA / "appliance_faults" / "appliance_faults.tar.gz") == (
        SOURCES["appliance-faults"].downloads[0].sha256
    )
