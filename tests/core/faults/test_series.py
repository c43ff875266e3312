"""A made-up machine and a made-up pump: a departure is said once, and a clock set back is no fault."""

from __future__ import annotations

from itertools import pairwise
import math

import numpy as np
import pytest

from custom_components.inkling.core.faults.series import SeriesState, SeriesWatch, StreamSettings, StreamWatch

STEP = 300.0
DAY_ROWS = 288


def machine(days: int, *, falls_on: int | None = None) -> list[float]:
    """Return a machine's temperature every five minutes; it falls for two days from the start of one."""
    rng = np.random.default_rng(5)
    slow = np.repeat(rng.normal(0.0, 2.0, days * 4), DAY_ROWS // 4)
    values = 85.0 + slow + rng.normal(0.0, 0.5, days * DAY_ROWS)
    if falls_on is not None:
        values[falls_on * DAY_ROWS : (falls_on + 2) * DAY_ROWS] -= 25.0
    return [float(value) for value in values]


def walk(watch: SeriesWatch, values: list[float], first: int = 0) -> list[SeriesState]:
    """Return what was said of each reading."""
    found = [watch.append((first + row) * STEP, value) for row, value in enumerate(values)]
    return [state for state in found if state is not None]


def test_a_machine_that_cools_is_said_once() -> None:
    """One alarm within the day, hardly one before, and the expected beside the seen."""
    states = walk(SeriesWatch(), machine(40, falls_on=30))
    rows = [row for row, state in enumerate(states) if state.is_alarm]
    assert [30 * DAY_ROWS < row < 31 * DAY_ROWS for row in rows].count(True) == 1
    assert len(rows) <= 2
    said = states[rows[-1]]
    assert said.expected is not None
    assert said.score > 1.0
    assert said.seen < said.expected


def test_a_second_fall_soon_after_is_the_same_cause() -> None:
    """Within a day of an alarm none is raised anew."""
    values = np.array(machine(40, falls_on=30))
    values[31 * DAY_ROWS :] += 50.0
    states = walk(SeriesWatch(), [float(value) for value in values])
    rows = [row for row, state in enumerate(states) if state.is_alarm]
    assert rows
    assert all(after - before > DAY_ROWS for before, after in pairwise(rows))


def test_a_steady_machine_is_left_alone_and_nothing_is_said_while_learning() -> None:
    """Two months without a word, whatever the first two days were like."""
    values = machine(60)
    values[200:260] = [0.0] * 60
    assert not any(state.is_alarm for state in walk(SeriesWatch(), values))


def test_an_hour_told_twice_is_an_hour_more() -> None:
    """A clock set back goes on from where it was; a reading that is no number is none."""
    watch = SeriesWatch()
    assert watch.append(0.0, math.nan) is None
    walk(watch, [85.0] * 20)
    again = walk(watch, [85.0] * 12, first=8)
    assert [state.seen for state in again] == [85.0] * 12
    late = SeriesWatch()
    late.append(100.0, 1.0)
    after = late.append(50.0, 3.0)
    assert after is not None
    assert after.seen == 2.0


def pump(rows: int, seed: int = 0) -> np.ndarray:
    """Return eight channels of a pump, the last of them constant."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0.0, 1.0, (rows, 8)) + np.arange(8)
    values[:, 7] = 7.0
    return values


def test_a_pump_that_changes_is_said_with_the_channels_that_did() -> None:
    """Three channels away from what they were; alarm while it lasts, none before."""
    values = pump(900)
    values[600:700, :3] += 4.0
    watch = StreamWatch(8)
    states = [watch.append(row) for row in values]
    assert states[:400] == [None] * 400
    alarms = [row for row, state in enumerate(states) if state is not None and state.is_alarm]
    assert 600 <= alarms[0] < 620
    assert alarms[-1] < 720
    during = states[650]
    assert during is not None
    assert set(during.responsible[:3]) == {0, 1, 2}


def test_a_channel_that_falls_silent_is_not_judged() -> None:
    """Unknown is not far."""
    values = pump(500)
    values[420:, 2] = math.nan
    watch = StreamWatch(8)
    states = [watch.append(row) for row in values]
    assert not any(state is not None and state.is_alarm for state in states)


def test_rows_and_settings_that_do_not_fit_are_refused() -> None:
    """One sentence each."""
    with pytest.raises(ValueError, match="give 8, one a channel"):
        StreamWatch(8).append([1.0, 2.0])
    with pytest.raises(ValueError, match="twice window_rows"):
        StreamSettings(learning_rows=20, window_rows=15)
