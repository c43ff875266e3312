"""Training never sees the time it is scored on: the guard holds, and fails when sabotaged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custom_components.inkling.core.features import CHANNELS
from custom_components.inkling.core.manifest import InputSpec
from training.dataset import HeldOut, LeakError, Slice, Windows, draw_windows, guard_against_leaks, join
from training.simulate import simulate_home
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
