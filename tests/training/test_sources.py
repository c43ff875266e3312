"""Importers on small made files of each data set's own form, and on the real ones where they lie."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.units import Role
from training.labels import occupancy_at
from training.sources import SOURCES, read_source
from training.sources.uci_room_occupancy import COLUMNS, sound_level_db
from training.trace import TraceError, read_trace, write_trace
from training.tracks import tracks_of

DATA = Path(os.environ.get("INKLING_DATA", Path(__file__).parents[3] / "shared" / "data"))
OFFICE = '"date","Temperature","Humidity","Light","CO2","HumidityRatio","Occupancy"\n'


def office(folder: Path, rows: str) -> Path:
    """Write the three files of UCI Occupancy Detection."""
    target = folder / "uci_occupancy"
    target.mkdir()
    for name in ("datatraining.txt", "datatest.txt", "datatest2.txt"):
        (target / name).write_text(OFFICE + rows, encoding="utf-8")
    return folder


def test_the_office_has_one_column_more_than_its_header(tmp_path: Path) -> None:
    """Read rows whose nameless first column shifts the header by one, dates quoted or bare."""
    rows = (
        '"1","2015-02-04 17:51:00",23.18,27.272,426,721.25,0.0047,1\n'
        '"2",2015-02-04 17:52:00,23.15,27.2675,429.5,714,0.0047,0\n'
    )
    trace = read_source("uci-occupancy", office(tmp_path, rows))["training"]
    values = {track.signal.id: track.values.tolist() for track in tracks_of(trace)}
    assert values["illuminance"][:2] == [426.0, 429.5]
    assert values["co2"][:2] == [721.25, 714.0]
    assert values["temperature"][0] == pytest.approx(23.18)
    assert [span.label for span in trace.labels] == ["occupied", "vacant"]
    # 17:51 in Mons, in February.
    assert trace.labels[0].start == 1_423_068_660.0


def test_at_a_gap_every_signal_is_unavailable_and_nothing_is_labelled(tmp_path: Path) -> None:
    """End a run of rows after a gap of more than five minutes."""
    rows = "".join(
        f'"{n}","2015-02-04 {clock}",23,27,0,700,0,0\n' for n, clock in enumerate(("10:00:00", "10:01:00", "11:00:00"))
    )
    trace = read_source("uci-occupancy", office(tmp_path, rows))["test_1"]
    states = trace.readings["co2"].states
    assert states == ("700", "700", "unavailable", "700", "unavailable")
    start = trace.labels[0].start
    known = ~np.isnan(occupancy_at(trace.labels, "office", start + np.array([30.0, 90.0, 1800.0, 3630.0])))
    assert known.tolist() == [True, True, False, True]


def laboratory(folder: Path) -> Path:
    """Write two rows of UCI Room Occupancy Estimation."""
    target = folder / "uci_room_occupancy"
    target.mkdir()
    names = [name for name in COLUMNS if not name.endswith("PIR") and name != "S5_CO2"]
    head = ["Date", "Time", *names, "S5_CO2", "S5_CO2_Slope", "S6_PIR", "S7_PIR", "Room_Occupancy_Count"]
    values = {"Temp": "24.94", "Light": "121", "Sound": "0.05"}
    cells = [values[name.split("_")[1]] for name in names]
    lines = [
        ",".join(["2017/12/22", "10:49:41", *cells, "390", "0.76", "0", "1", "2"]),
        ",".join(["2017/12/22", "10:50:12", *cells, "395", "0.64", "0", "1", "0"]),
    ]
    (target / "Occupancy_Estimation.csv").write_text("\n".join([",".join(head), *lines]) + "\n", encoding="utf-8")
    return folder


def test_the_laboratory_tells_edges_of_motion_and_levels_of_all_else(tmp_path: Path) -> None:
    """Read counts as occupied, motion as changes and the amplifier's volts as dB; and survive a round trip."""
    trace = read_source("uci-room-occupancy", laboratory(tmp_path))["all"]
    assert trace.readings["motion_7"].states == ("on", "unavailable")
    assert trace.readings["sound_1"].states[:2] == ("40.0", "40.0")
    assert [span.label for span in trace.labels] == ["occupied", "vacant"]
    write_trace(trace, tmp_path / "trace")
    again = read_trace(tmp_path / "trace")
    assert again.labels == trace.labels
    assert again.readings["co2"].states == trace.readings["co2"].states


def test_sound_is_decibels_over_the_amplifiers_floor() -> None:
    """Give 40 dB at and below the floor, and 20 dB more at ten times it."""
    assert sound_level_db(0.0) == sound_level_db(0.05) == 40.0
    assert sound_level_db(0.5) == pytest.approx(60.0)
    assert math.isfinite(sound_level_db(3.9))


HOME = """2011-06-15 10:00:00.5 Bedroom Bedroom ON Sleep
2011-06-15 10:00:02.25 Bedroom Bedroom OFF Sleep
2011-06-15 12:00:00.1 Bedroom Bedroom ON Sleep
2011-06-15 12:00:01.1 Bedroom Bedroom OFF Other_Activity
2011-06-15 12:30:00.0 LoungeChair LivingRoom ON Watch_TV
2011-06-15 13:00:00.0 LivingRoom LivingRoom ON Watch_TV
2011-06-15 14:00:00.0 OutsideDoor FrontDoor OPEN Leave_Home
2011-06-15 14:00:10.0 OutsideDoor FrontDoor CLOSE Leave_Home
2011-06-15 15:00:00.0 OutsideDoor FrontDoor OPEN Enter_Home
2011-06-15 15:00:05.0 OutsideDoor Entry ON Enter_Home
"""


def casas(folder: Path, text: str = HOME) -> Path:
    """Write a CASAS home."""
    (folder / "casas_al_home").mkdir()
    (folder / "casas_al_home" / "data.txt").write_text(text, encoding="utf-8")
    return folder


def test_an_annotated_home_labels_rooms_by_activity(tmp_path: Path) -> None:
    """Place sleep in the bedroom, television in the living room, and nobody anywhere between leaving and entering."""
    trace = read_source("casas", casas(tmp_path))["home"]
    roles = {info.id: (info.role, info.room) for info in trace.signals}
    assert roles["loungechair_livingroom"] == (Role.MOTION, "LivingRoom")
    assert roles["outsidedoor_frontdoor"] == (Role.DOOR, "")
    start = trace.readings["bedroom_bedroom"].times[0]
    hours = start + 3600.0 * np.array([1.0, 2.2, 2.8, 4.5, 5.5])
    np.testing.assert_array_equal(occupancy_at(trace.labels, "Bedroom", hours), [1, np.nan, 0, 0, np.nan])
    np.testing.assert_array_equal(occupancy_at(trace.labels, "LivingRoom", hours), [0, np.nan, 1, 0, np.nan])


def test_bad_files_are_named(tmp_path: Path) -> None:
    """Say which file is absent or of another form."""
    with pytest.raises(FileNotFoundError, match="get the data from"):
        read_source("casas", tmp_path)
    with pytest.raises(TraceError, match=r"data.txt line 1 has 2 cells"):
        read_source("casas", casas(tmp_path, "just words\n"))
    (tmp_path / "uci_room_occupancy").mkdir()
    with pytest.raises(TraceError, match="is not there"):
        read_source("uci-room-occupancy", tmp_path)
    (tmp_path / "uci_room_occupancy" / "Occupancy_Estimation.csv").write_text("Date,Time\nx,y\n", encoding="utf-8")
    with pytest.raises(TraceError, match="has not in every row"):
        read_source("uci-room-occupancy", tmp_path)


def test_only_data_that_may_train_says_so() -> None:
    """Keep what may not be passed on out of training, and offer to fetch nothing of it."""
    private = {name for name, source in SOURCES.items() if not source.may_train}
    assert private == {"casas", "graz", "aruba"}
    assert all(bool(source.downloads) == source.may_train for source in SOURCES.values())


@pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets do not lie here (set INKLING_DATA to their folder)")
@pytest.mark.parametrize(
    ("name", "part", "room", "occupied"),
    [
        ("uci-occupancy", "training", "office", 0.2123),
        ("uci-occupancy", "test_1", "office", 0.3647),
        ("uci-occupancy", "test_2", "office", 0.2101),
        ("uci-room-occupancy", "all", "lab", 0.188),
    ],
)
def test_the_real_sets_are_as_published(name: str, part: str, room: str, occupied: float) -> None:
    """Find the published share of occupied time."""
    trace = read_source(name, DATA)[part]
    spans = [span for span in trace.labels if span.target == room]
    seconds = {label: sum(s.end - s.start for s in spans if s.label == label) for label in ("occupied", "vacant")}
    assert seconds["occupied"] / sum(seconds.values()) == pytest.approx(occupied, abs=0.003)
