"""Training never sees the time it is scored on: the guard holds, and fails when sabotaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
import tomllib

import numpy as np
import pytest

from custom_components.inkling.core.features import CHANNELS
from custom_components.inkling.core.manifest import InputSpec
from training.dataset import HeldOut, LeakError, Slice, Windows, draw_windows, guard_against_leaks, join
from training.recipe import Recipe, TestSet as HeldOutSet, TraceUse, read_recipe
from training.simulate import simulate_home
from training.sources import SOURCES
from training.splits import Library
from training.trace import Readings

SPEC = InputSpec(channels=CHANNELS, steps=64, step_seconds=60.0)
DAY = 86_400.0


@pytest.fixture(scope="module", name="a_slice")
def slice_fixture() -> Slice:
    """Return the second day of a simulated home, closed to what lies around it."""
    trace = simulate_home(5, 3)
    start = min(span.start for span in trace.labels)
    return Slice(trace, start + DAY + SPEC.window_seconds, start + 2 * DAY, draws=2, closed=True)


@pytest.fixture(scope="module", name="windows")
def windows_fixture(a_slice: Slice) -> Windows:
    """Draw windows of that day."""
    return draw_windows([a_slice], SPEC, np.random.default_rng(0))


def held_after(a_slice: Slice) -> HeldOut:
    """Return the day that follows."""
    return HeldOut(a_slice.trace.name, a_slice.end, a_slice.end + DAY)


def test_windows_of_another_day_pass(a_slice: Slice, windows: Windows) -> None:
    """Let a day through whose windows touch neither the day before nor the day after."""
    before = HeldOut(a_slice.trace.name, a_slice.start - SPEC.window_seconds - DAY, a_slice.start - SPEC.window_seconds)
    guard_against_leaks(windows, [before, held_after(a_slice)], SPEC.window_seconds)
    assert windows.ends.max() < a_slice.end


def test_a_window_that_ends_in_held_out_time_is_a_leak(a_slice: Slice, windows: Windows) -> None:
    """Refuse sabotage: one window moved a minute into the held-out day."""
    moved = windows.ends.copy()
    moved[0] = a_slice.end + 60.0
    with pytest.raises(LeakError, match="1 training windows of simulated home 5"):
        guard_against_leaks(replace(windows, ends=moved), [held_after(a_slice)], SPEC.window_seconds)


def test_a_window_that_looks_back_into_held_out_time_is_a_leak(a_slice: Slice, windows: Windows) -> None:
    """Refuse a window whose first step lies in the held-out day before."""
    before = HeldOut(a_slice.trace.name, 0.0, float(windows.ends.min()) - SPEC.window_seconds + 1.0)
    with pytest.raises(LeakError):
        guard_against_leaks(windows, [before], SPEC.window_seconds)


def test_held_out_time_of_another_trace_is_no_leak(a_slice: Slice, windows: Windows) -> None:
    """Compare times only within a trace."""
    other = HeldOut("another", a_slice.start, a_slice.end)
    guard_against_leaks(windows, [other], SPEC.window_seconds)


def test_a_closed_slice_is_blind_to_what_lies_around_it(a_slice: Slice, windows: Windows) -> None:
    """Draw the same windows when all before and after is gone but the level that stood at its start."""
    reach = a_slice.start
    readings = {name: _only(item, reach, a_slice.end) for name, item in a_slice.trace.readings.items()}
    blind = replace(a_slice, trace=replace(a_slice.trace, readings=readings))
    again = draw_windows([blind], SPEC, np.random.default_rng(0))
    np.testing.assert_array_equal(again.ends, windows.ends)
    np.testing.assert_array_equal(again.inputs, windows.inputs)


def _only(readings: Readings, start: float, end: float) -> Readings:
    """Return the readings of a stretch of time, and the one that stood when it began."""
    first, last = np.searchsorted(readings.times, (start, end), side="left")
    first = max(0, int(first) - 1)
    return Readings(readings.times[first:last], readings.states[first:last])


def test_the_same_seed_draws_the_same_windows(a_slice: Slice, windows: Windows) -> None:
    """Draw twice."""
    again = draw_windows([a_slice], SPEC, np.random.default_rng(0))
    np.testing.assert_array_equal(again.inputs, windows.inputs)
    assert len(join([again, windows])) == 2 * len(windows)


def office_days(folder: Path) -> Path:
    """Write three days of an office by the minute, in use from nine to five, as its data set's three files."""
    target = folder / "uci_occupancy"
    target.mkdir()
    rows = []
    for minute in range(3 * 1440):
        t, at_work = datetime(2015, 2, 4) + timedelta(minutes=minute), 9 * 60 <= minute % 1440 < 17 * 60  # noqa: DTZ001
        rows.append(f'"{minute}","{t}",21,27,{400 * at_work},{600 + 300 * at_work},0,{int(at_work)}\n')
    head = '"date","Temperature","Humidity","Light","CO2","HumidityRatio","Occupancy"\n'
    for name in ("datatraining.txt", "datatest.txt", "datatest2.txt"):
        (target / name).write_text(head + "".join(rows), encoding="utf-8")
    return folder


def recipe_of(trained: Sequence[date], held: Sequence[date]) -> Recipe:
    """Return a recipe that trains on some days of the office and tests on others."""
    source, trace = "uci-occupancy", "training"
    tiny = read_recipe(Path(__file__).parent / "tiny.toml")
    uses = tuple(TraceUse(source=source, trace=trace, dates=(day,)) for day in trained)
    return replace(
        tiny,
        simulated=replace(tiny.simulated, train=(), validation=()),
        train=uses,
        validation=uses,
        tests=(HeldOutSet(source=source, trace=trace, name="held", dates=tuple(held)),),
    )


def test_a_recipe_that_trains_on_what_it_tests_is_refused(tmp_path: Path) -> None:
    """Draw from days apart; sabotage the recipe by one day, then by a window that only looks back into one."""
    pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")
    from training.fit import draw  # noqa: PLC0415

    library = Library(office_days(tmp_path))
    first, second, third = (date(2015, 2, day) for day in (4, 5, 6))
    windows, _ = draw(recipe_of([first], [third]), library)
    assert len(windows) > 50
    draw(recipe_of([second], [first, third]), library)
    with pytest.raises(LeakError, match="see held-out time"):
        draw(recipe_of([first, third], [third]), library)
    past_midnight = replace(recipe_of([], [first]), train=(), validation=())
    since = TraceUse(source="uci-occupancy", trace="training", since=datetime(2015, 2, 4, 23))  # noqa: DTZ001
    with pytest.raises(LeakError, match="see held-out time"):
        draw(replace(past_midnight, train=(since,), validation=(since,)), library)


# A home's own recipe has no input of its own and names no days: `personal` cuts them.
RECIPES = [
    path
    for path in sorted((Path(__file__).parents[2] / "training" / "recipes").rglob("*.toml"))
    if "input" in tomllib.loads(path.read_text(encoding="utf-8"))
]


def overlaps(recipe: Recipe) -> list[str]:
    """Return where a recipe's days of training and validation are also days of a test of it."""
    found: list[str] = []
    for use in (*recipe.train, *recipe.validation):
        for test in recipe.tests:
            if (use.source, use.trace) != (test.source, test.trace):
                continue
            if use.dates and test.dates:
                found += [f"{test.name}: {day}" for day in sorted(set(use.dates) & set(test.dates))]
            elif not _apart(use, test):
                found.append(f"{test.name}: not apart by date")
    return found


def _apart(use: TraceUse, test: HeldOutSet) -> bool:
    """Return whether one ends before the other begins, by the times that the recipe names."""
    for first, second in ((use, test), (test, use)):
        if first.until is not None and second.since is not None and first.until <= second.since:
            return True
    return False


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_no_recipe_of_ours_tests_on_what_it_learned(path: Path) -> None:
    """Find no common day, no common simulated home, and nothing in training that may only be scored."""
    recipe = read_recipe(path)
    assert overlaps(recipe) == []
    seeds = [set(seeds) for seeds in (recipe.simulated.train, recipe.simulated.validation, recipe.simulated.test)]
    assert sum(map(len, seeds)) == len(set.union(*seeds))
    if not recipe.local:
        assert all(SOURCES[use.source].may_train for use in (*recipe.train, *recipe.validation))


def test_a_common_day_would_be_seen() -> None:
    """Sabotage a recipe and see the check notice."""
    day, other = date(2015, 2, 4), date(2015, 2, 5)
    assert overlaps(recipe_of([day], [day, other])) == [f"held: {day}", f"held: {day}"]
    assert overlaps(recipe_of([day], [other])) == []
