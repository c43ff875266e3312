"""What the loop keeps of readings: bins that are right, cheap and bounded; and what a state's text means."""

from __future__ import annotations

import math

import numpy as np
import pytest

from custom_components.inkling.core.faults.classes import WatchedSignal
from custom_components.inkling.core.faults.intake import BIN_SECONDS, MAX_CLOSED_BINS, Field, Intake, raw_value
from custom_components.inkling.core.units import Role

NAN = float("nan")
T0 = 1_704_067_200.0
SIGNALS = (WatchedSignal("t", Role.TEMPERATURE), WatchedSignal("m", Role.MOTION))


@pytest.mark.parametrize(
    ("role", "text", "unit", "value"),
    [
        (Role.TEMPERATURE, "21.5", None, 21.5),
        (Role.TEMPERATURE, "212", "°F", 100.0),
        (Role.TEMPERATURE, "-127", "°C", -127.0),
        (Role.TEMPERATURE, "unavailable", None, NAN),
        (Role.TEMPERATURE, "unknown", None, NAN),
        (Role.TEMPERATURE, "inf", None, NAN),
        (Role.TEMPERATURE, "warm", None, None),
        (Role.TEMPERATURE, "200", "bar", None),
        (Role.MOTION, "on", None, 1.0),
    ],
)
def test_a_text_becomes_a_number_even_where_it_cannot_be_true(
    role: Role, text: str, unit: str | None, value: float | None
) -> None:
    """Read it: beyond the role's limits, NaN for gone, None for no news."""
    found = raw_value(role, text, unit)
    if value is None or found is None:
        assert found is value
    else:
        assert found == pytest.approx(value, nan_ok=True)


def test_a_bin_counts_what_came() -> None:
    """Add six readings, one of them impossible and one an outage: each column says so."""
    intake = Intake(SIGNALS)
    for offset, value in ((10, 20.0), (20, 20.0), (30, 26.0), (40, 20.5), (50, 85.0), (60, NAN), (65, NAN), (70, 21.0)):
        intake.append(0, T0 + offset, value)
    row = dict(zip(Field, intake.drain(T0 + BIN_SECONDS).rows[0][2], strict=True))
    assert [row[name] for name in (Field.COUNT, Field.CHANGES, Field.DROPS, Field.BAD)] == [5, 4, 1, 1]
    assert row[Field.MEAN] == pytest.approx(107.5 / 5)
    assert [row[name] for name in (Field.LOW, Field.HIGH, Field.LAST)] == [20.0, 26.0, 21.0]
    assert [row[name] for name in (Field.BACK, Field.BACK_MAX, Field.JUMP, Field.STEP)] == [5.5, 5.5, 6.0, 5.5]
    assert row[Field.BAD_VALUE] == 85.0


def test_a_switch_is_weighed_by_time() -> None:
    """Turn on for a quarter of a bin, go missing, come back on: the share of the bin is right."""
    intake = Intake(SIGNALS)
    for offset, value in ((0, 0.0), (75, 1.0), (150, NAN), (225, 1.0), (230, 1.0)):
        intake.append(1, T0 + offset, value)
    row = intake.drain(T0 + BIN_SECONDS).rows[0][2]
    assert row[Field.MEAN] == pytest.approx(0.5)
    assert (row[Field.LOW], row[Field.HIGH], row[Field.CHANGES]) == (0.0, 1.0, 1)


def test_an_impossible_reading_alone_makes_a_bin() -> None:
    """Say only 85: the bin has no level, and that one."""
    intake = Intake(SIGNALS)
    intake.append(0, T0, 85.0)
    row = intake.drain(T0 + BIN_SECONDS).rows[0][2]
    assert math.isnan(row[Field.MEAN])
    assert row[Field.BAD] == 1


def test_nothing_is_compared_across_hours_of_silence_or_a_clock_set_back() -> None:
    """Come back after three hours: no movement there and back; an older reading fills the open bin."""
    intake = Intake(SIGNALS)
    for t, value in ((T0, 20.0), (T0 + 10, 25.0), (T0 + 10_900, 20.0), (T0 + 10_000, 20.5)):
        intake.append(0, t, value)
    rows = intake.drain(T0 + 11_100).rows
    assert [row[1] for row in rows] == [int(T0 // BIN_SECONDS), int((T0 + 10_900) // BIN_SECONDS)]
    assert rows[1][2][Field.COUNT] == 2
    assert rows[1][2][Field.BACK] == 0.5


def test_a_worker_that_never_comes_costs_no_memory() -> None:
    """Let bins close for three days: the newest are kept, up to a bound."""
    intake = Intake(SIGNALS)
    for n in range(3 * MAX_CLOSED_BINS):
        intake.append(0, T0 + n * BIN_SECONDS, 20.0 + n % 2)
    batch = intake.drain(T0 + 3 * MAX_CLOSED_BINS * BIN_SECONDS)
    assert len(batch.rows) <= 2 * MAX_CLOSED_BINS
    assert batch.rows[-1][1] == int(T0 // BIN_SECONDS) + 3 * MAX_CLOSED_BINS - 1
    assert batch.value.tolist()[0] == 21.0
    assert np.isnan(batch.value[1])
    assert intake.drain(batch.now).rows == ()
