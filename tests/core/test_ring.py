"""The ring buffer against a plain list."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.inkling.core.ring import Ring

_CAPACITIES = [1, 2, 3, 5, 8]


def _content(ring: Ring) -> list[tuple[float, float]]:
    """Return what a ring holds."""
    assert len(ring) == len(ring.times) == len(ring.values)
    return list(zip(ring.times.tolist(), ring.values.tolist(), strict=True))


@pytest.mark.parametrize("capacity", _CAPACITIES)
def test_every_fill_level(capacity: int) -> None:
    """Hold the newest readings at every fill level up to several turns of the storage."""
    ring = Ring(capacity)
    expected: list[tuple[float, float]] = []
    assert _content(ring) == []
    for number in range(5 * capacity + 1):
        assert ring.append(float(number), number * 0.5)
        expected = [*expected, (float(number), number * 0.5)][-capacity:]
        assert _content(ring) == expected
        assert ring.capacity == capacity


@pytest.mark.parametrize("capacity", _CAPACITIES)
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_replace_and_refuse(capacity: int, turns: int) -> None:
    """Replace at the newest time and refuse what is older, at any fill level."""
    ring = Ring(capacity)
    for number in range(turns * capacity):
        ring.append(float(number), 0.0)
        before = _content(ring)
        assert ring.append(float(number), 7.0)
        assert _content(ring) == [*before[:-1], (float(number), 7.0)]
        assert not ring.append(number - 0.5, 9.0)
        assert _content(ring) == [*before[:-1], (float(number), 7.0)]


def test_replace_newest() -> None:
    """Put a newer reading in the newest one's place."""
    ring = Ring(2)
    for number in range(5):
        ring.append(float(number), float(number))
    ring.replace_newest(4.5, 9.0)
    assert _content(ring) == [(3.0, 3.0), (4.5, 9.0)]


def test_no_room() -> None:
    """Refuse a ring that could hold nothing."""
    with pytest.raises(ValueError, match="at least one reading, not 0"):
        Ring(0)


def test_precision() -> None:
    """Keep times to the microsecond, as float64 does, and missing values as NaN."""
    ring = Ring(4)
    ring.append(1_800_000_000.123456, float("nan"))
    assert ring.times[0] == 1_800_000_000.123456
    assert np.isnan(ring.values[0])


@given(
    capacity=st.sampled_from(_CAPACITIES),
    past=st.integers(0, 20),
    live=st.integers(0, 20),
    overlap=st.integers(0, 5),
    later=st.integers(0, 12),
)
@settings(deadline=None)
def test_merge_older(capacity: int, past: int, live: int, overlap: int, later: int) -> None:
    """Put history before live readings: without doubles, the newest kept, and go on appending after it."""
    ring = Ring(capacity)
    expected = [(float(number), 1.0) for number in range(past, past + live)][-capacity:]
    for t, value in expected:
        ring.append(t, value)
    times = np.arange(past + overlap, dtype=np.float64)
    older = [(float(t), 2.0) for t in times if not expected or t < expected[0][0]]
    expected = [*older, *expected][-capacity:]
    ring.merge_older(times, np.full(len(times), 2.0, dtype=np.float32))
    assert _content(ring) == expected
    for number in range(later):
        ring.append(100.0 + number, 3.0)
        expected = [*expected, (100.0 + number, 3.0)][-capacity:]
        assert _content(ring) == expected
