"""The figures of appliances, a machine and a pump are what their words say, on recordings made up for it."""

from __future__ import annotations

import argparse
from dataclasses import replace
import math
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.faults.days import ApplianceKind, Day
from custom_components.inkling.core.faults.series import SeriesSettings
from training.faults_machines import appliance_report, appliances, machine, stream, verbs
from training.trace import TraceError


def fridge(name: str, days: int = 6) -> appliances.Unit:
    """Return a unit whose compressor takes half as long again on faulty days."""
    found = {}
    for condition, longer in (("normal", 1.0), ("faulty_compressor", 1.5)):
        for number in range(1, days + 1):
            rng = np.random.default_rng(number)
            runs = [[80.0] * round(longer * rng.integers(19, 22)) + [0.0] * 30 for _ in range(24)]
            start = number * 200_000.0
            found[condition, number] = appliances.Recording(np.concatenate(runs), start, start + 86_400.0)
    return appliances.Unit(name, ApplianceKind.FRIDGE, found)


def test_settings_come_from_the_other_units_and_the_table_says_what_they_are_worth(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A faulty compressor is found on all days, no normal day is alarmed on, and baselines stand beside it."""
    units = (fridge("fridge_1"), fridge("fridge_2"))
    monkeypatch.setattr(appliance_report, "read_units", lambda _: units)
    found = appliance_report.appliance_report(Path("nowhere"))
    assert found["compressor"] == 1.0
    text = capsys.readouterr().out
    assert "| fridge_1 | faulty_compressor | 6/6 |" in text
    assert "| fridge_2 | normal | 0/6 |" in text
    assert all(rule in text for rule in appliances.RULES)


def test_a_held_out_day_is_not_learned_from_even_under_another_number() -> None:
    """Normal days that share minutes with the judged one are left out of its past."""
    unit = fridge("fridge_1")
    normal, faulty = unit.days["normal", 1], unit.days["faulty_compressor", 1]
    twin = {("normal", 1): replace(normal, watts=faulty.watts), ("normal", 2): replace(normal, watts=faulty.watts)}
    judged = appliances.judge_unit(replace(unit, days={**unit.days, **twin}))
    first = next(item for item in judged if (item.condition, item.number) == ("normal", 1))
    assert first.scores[f"{appliances.OURS} 0.9"] > 1.0


def test_a_unit_that_never_worked_cannot_be_scored() -> None:
    """One sentence, no figure."""
    unit = fridge("fridge_1")
    dead = {key: replace(day, watts=np.zeros(1440)) for key, day in unit.days.items()}
    with pytest.raises(TraceError, match="never worked on its normal days"):
        appliances.judge_unit(replace(unit, days=dead))


def test_baselines_say_nothing_of_what_was_not_seen() -> None:
    """No cycles, no score."""
    empty = Day((), (), {})
    assert all(rule(empty, [empty]) == 0.0 for rule in appliances.RULES.values())


def series(fall: int = 6000) -> machine.Series:
    """Return a machine's eight weeks with one window of two days, in which it cools."""
    rng = np.random.default_rng(4)
    values: machine.Floats = np.full(8000, 85.0) + rng.normal(0.0, 0.5, 8000)
    values[fall : fall + 400] -= 30.0
    return machine.Series(np.linspace(0.0, 300.0 * 7999, 8000), values, ((fall - 100, fall + 467),))


def test_the_benchmarks_score_is_a_hundred_for_perfection_and_nothing_for_silence() -> None:
    """A late hit is worth less, a false alarm costs."""
    given = series()
    first = given.windows[0][0]
    assert machine.standard_score(given, [first]) == pytest.approx(100.0)
    assert machine.standard_score(given, []) == 0.0
    assert 0.0 < machine.standard_score(given, [first + 500]) < 100.0
    assert machine.standard_score(given, [first - 3000, first]) < 100.0
    assert machine.standard_score(given, [first, first + 600]) > machine.standard_score(
        given, [first, first + 3000 - 1600]
    )


def test_ours_finds_the_fall_and_the_baselines_are_scored_the_same_way() -> None:
    """One window, hit, with its lead; a method that says nothing has none."""
    given = series()
    ours = machine.figure("ours", given, machine.alarms(given, SeriesSettings()))
    assert ours.hit == 1
    assert ours.lead_hours[0] is not None
    assert machine.figure("z", given, machine.robust_z(given, 8.0)).hit == 1
    assert machine.figure("sum", given, machine.cusum(given, 10.0)).hit == 1
    silent = machine.figure("silent", given, [])
    assert (silent.lead_hours, silent.false_alarms) == ((None,), 0)
    text = machine.machine_table([ours, silent])
    assert "| ours | 1/1 |" in text
    assert "| silent | 0/1 | - |" in text


def pump(folder: Path, files: int = 4) -> Path:
    """Write recordings of a pump whose flow and pressure change from row 600 to 800."""
    for index in range(files):
        rng = np.random.default_rng(index)
        rows = rng.normal(0.0, 1.0, (900, 8))
        rows[600:800, :4] += 6.0
        lines = [";".join(["time", *"abcdefgh", "anomaly", "changepoint"])]
        lines += [f"t;{';'.join(f'{v:.4f}' for v in row)};{float(600 <= n < 800)};0.0" for n, row in enumerate(rows)]
        path = folder / "skab" / stream.FOLDERS[index % 3] / f"{index}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "skab"


def test_a_pump_is_scored_by_rows_and_by_where_an_alarm_begins(tmp_path: Path) -> None:
    """All ones hits no event; ours hits every one."""
    recordings = stream.read_recordings(pump(tmp_path))
    assert len(recordings) == 4
    found = {item.method: item for item in stream.stream_figures(recordings)}
    ours, ones = found["inkling, as shipped"], found["all ones"]
    assert (ours.hits, ours.false_events, ours.event_f1) == (4, 0, 1.0)
    assert ours.far < 10.0
    assert (ones.hits, ones.far, ones.mar) == (0, 100.0, 0.0)
    assert math.isnan(ones.delay_seconds)
    assert "clock only" in stream.stream_table(list(found.values()))


def test_short_rests_are_bridged_and_short_alarms_dropped() -> None:
    """Events are runs of ten rows and more, thirty apart."""
    alarm = np.zeros(200, dtype=np.bool_)
    alarm[10:20] = alarm[45:60] = alarm[120:125] = True
    assert stream.events(alarm) == [(10, 60)]


@pytest.mark.parametrize("text", ["a;b\n1;2\n", "time;a\n" + ";".join(["0"] * 11) + "\n"])
def test_a_file_that_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    """One sentence with the address."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "1.csv").write_text(text, encoding="utf-8")
    with pytest.raises(TraceError, match="get it anew"):
        stream.read_recordings(tmp_path)


@pytest.mark.parametrize("has_pump", [True, False])
def test_the_verb_scores_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, has_pump: bool
) -> None:
    """The pump's recordings are nobody's to ship: where they are not there, that is said."""
    monkeypatch.setattr(appliance_report, "read_units", lambda _: (fridge("fridge_1"), fridge("fridge_2")))
    monkeypatch.setattr(machine, "read_series", lambda _: series())
    if has_pump:
        pump(tmp_path)
    parser = argparse.ArgumentParser()
    verbs.add_machine_verb(parser.add_subparsers())
    options = parser.parse_args(["machines", "--data", str(tmp_path), "--json", str(tmp_path / "out.json")])
    assert options.run(options) == 0
    assert ("the pump is not scored" in capsys.readouterr().out) is not has_pump
    assert '"appliances"' in (tmp_path / "out.json").read_text(encoding="utf-8")
