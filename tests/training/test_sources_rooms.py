"""The evaluation-only importers on small made files of each set's own form, and on the real ones where they lie."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.units import Role
from training.sources import SOURCES, folder_of, read_source
from training.sources.aruba import Activity, away_spells
from training.trace import TraceError, read_trace, write_trace

DATA = Path(os.environ.get("INKLING_DATA", Path(__file__).parents[3] / "shared" / "data"))
GRAZ_HEAD = (
    "datetime,people,Window Left Status,Window Right Status,Door Status,CO2 (WL),Humidity (WL),Temperature (WL),"
    "CO2 (WM),Humidity (WM),Temperature (WM),CO2 (WR),Humidity (WR),Temperature (WR)\n"
)
AIR = "520,27,20.6,620,27.5,20.6,840,29.5,21.4"
ARUBA_HEAD = ",anot,date,start_time,end_time,duration\n"


def needs(folder: str) -> pytest.MarkDecorator:
    """Skip where a real set does not lie."""
    return pytest.mark.skipif(not (DATA / folder).is_dir(), reason=f"{folder} does not lie here (set INKLING_DATA)")


def test_the_seminar_room_comes_with_and_without_its_telltale_door(tmp_path: Path) -> None:
    """Read people as occupied and contacts as edges, and leave the door out of the second trace."""
    rows = f"2022-03-29 00:05:00,0,0,1,0,{AIR}\n2022-03-29 00:10:00,2,0,1,1,{AIR}\n2022-03-29 00:15:00,2,0,1,1,{AIR}\n"
    # A flat folder, as files come from a browser.
    (tmp_path / "graz_occupants.csv").write_text(GRAZ_HEAD + rows, encoding="utf-8")
    assert folder_of("graz", tmp_path) == tmp_path
    traces = read_source("graz", tmp_path)
    whole, bare = traces["all"], traces["without_door"]
    assert whole.readings["door"].states == ("off", "on", "unavailable")
    assert whole.readings["window_right"].states == ("on", "unavailable")
    assert whole.readings["co2_wm"].states[:3] == ("620", "620", "620")
    assert [(span.end - span.start, span.label) for span in whole.labels] == [(300.0, "vacant"), (600.0, "occupied")]
    assert Role.DOOR not in {info.role for info in bare.signals}
    assert set(bare.readings) == {info.id for info in bare.signals}
    write_trace(bare, tmp_path / "trace")
    assert read_trace(tmp_path / "trace").labels == whole.labels


def aruba(folder: Path, rows: str) -> Path:
    """Write Aruba's derived table."""
    (folder / "casas_aruba_activities").mkdir()
    (folder / "casas_aruba_activities" / "aruba_activities.csv").write_text(ARUBA_HEAD + rows, encoding="utf-8")
    return folder


def test_a_derived_table_gives_its_days_by_one_column_and_its_hours_by_another(tmp_path: Path) -> None:
    """Take the day from `date`, the hour from the times, and a day more where an activity ends past midnight."""
    day = "2010-11-05 00:00:00.000000"
    rows = (
        f"0,Leave_Home,{day},2020-05-14 23:58:00.000000,2020-05-14 00:01:00.500000,-1 days +00:03:00\n"
        f"1,Enter_Home,2010-11-06 00:00:00.000000,2020-05-14 02:00:00,2020-05-14 02:00:10,0 days 00:00:10\n"
        f"2,Sleeping,2010-11-06 00:00:00.000000,2020-05-14 02:10:00,2020-05-14 07:00:00,0 days\n"
    )
    trace = read_source("aruba", aruba(tmp_path, rows))["home"]
    hours = [(round((span.end - span.start) / 60.0, 1), span.label) for span in trace.labels]
    assert hours == [(3.0, "occupied"), (119.0, "vacant"), (300.0, "occupied")]
    assert trace.readings["person.resident"].states == ("home", "not_home", "home")
    assert {span.target for span in trace.labels} == {"home"}


def test_leaving_twice_or_entering_twice_is_one_spell() -> None:
    """Count from the last leaving before an entering, and no spell for an entering alone."""
    names = ["Enter_Home", "Leave_Home", "Leave_Home", "Enter_Home", "Enter_Home", "Leave_Home"]
    found = away_spells(Activity(name, 10.0 * index, 10.0 * index + 1.0) for index, name in enumerate(names))
    assert list(found) == [(21.0, 30.0)]


def test_a_table_without_absences_is_refused(tmp_path: Path) -> None:
    """Say what is missing."""
    row = "0,Sleeping,2010-11-05,2020-05-14 01:00:00,2020-05-14 02:00:00,0 days\n"
    with pytest.raises(TraceError, match="no Leave_Home followed by Enter_Home"):
        read_source("aruba", aruba(tmp_path, row))


@needs("graz_room")
def test_the_real_seminar_room_is_as_published() -> None:
    """Find the share of occupied time, and the door open only then."""
    trace = read_source("graz", DATA)["all"]
    occupied = sum(span.end - span.start for span in trace.labels if span.label == "occupied")
    assert occupied / sum(span.end - span.start for span in trace.labels) == pytest.approx(0.264, abs=0.001)
    assert len(trace.readings["co2_wl"].times) == 41_086 + 1


@needs("casas_aruba_activities")
def test_the_real_aruba_is_away_as_often_as_published() -> None:
    """Find 427 spells with a median of 93 minutes, at home 85.8 % of the time."""
    trace = read_source("aruba", DATA)["home"]
    away = np.array([span.end - span.start for span in trace.labels if span.label == "vacant"])
    total = sum(span.end - span.start for span in trace.labels)
    assert len(away) == 427
    assert np.median(away) / 60.0 == pytest.approx(93.0, abs=1.0)
    assert 1.0 - away.sum() / total == pytest.approx(0.858, abs=0.004)


def test_what_is_absent_is_named_with_its_address(tmp_path: Path) -> None:
    """Say under which name each file lies in public."""
    for name, folder, said in (("aruba", "casas_aruba_activities", "get aruba.csv"), ("graz", "graz_room", "xlsx")):
        (tmp_path / folder).mkdir()
        with pytest.raises(TraceError, match=said):
            read_source(name, tmp_path)


def test_the_table_may_keep_its_public_name(tmp_path: Path) -> None:
    """Read Aruba's table as it is named where it lies in public."""
    rows = (
        "0,Leave_Home,2010-11-06,2020-05-14 01:00:00,2020-05-14 01:00:10,0 days\n"
        "1,Enter_Home,2010-11-06,2020-05-14 02:00:00,2020-05-14 02:00:10,0 days\n"
    )
    (tmp_path / "aruba.csv").write_text(ARUBA_HEAD + rows, encoding="utf-8")
    assert read_source("aruba", tmp_path)["home"].readings["person.resident"].states == ("home", "not_home", "home")


def test_every_private_set_says_so() -> None:
    """Hold every source that may not train to a licence text that says evaluation only."""
    assert all("evaluation only" in source.licence for source in SOURCES.values() if not source.may_train)
