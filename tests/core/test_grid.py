"""The grid against a reference that walks second by second."""

from __future__ import annotations

import math

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core import grid
from custom_components.inkling.core.grid import Spans, locate, make_spans, step_edges
from tests.core.builders import NAN, T0, Reading

_INFINITE = math.inf
_readings = st.lists(
    st.tuples(st.integers(-400, 400), st.one_of(st.just(NAN), st.integers(-50, 50).map(float))),
    max_size=12,
    unique_by=lambda reading: reading[0],
).map(lambda found: sorted((float(seconds), value) for seconds, value in found))
_ends = st.lists(st.integers(-200, 600).map(float), min_size=1, max_size=4)
_gaps = st.sampled_from([1.0, 7.0, 60.0, 500.0, _INFINITE])
_STEPS, _STEP_SECONDS = 5, 20


Array = NDArray[np.float64]


def _spans(readings: list[Reading], gap: float, horizon: float) -> Spans:
    """Return the spans of one signal's readings given in seconds after T0."""
    times = np.array([T0 + seconds for seconds, _ in readings], dtype=np.float64)
    values = np.array([value for _, value in readings], dtype=np.float32)
    return make_spans([times], [values], np.array([gap]), T0 + horizon)


def _weighted(spans: Spans, edges: Array) -> tuple[Array, Array]:
    """Return mean and known share of one signal."""
    mean, share = grid.time_weighted(spans, locate(spans, edges))
    return mean[0], share[0]


def _active(spans: Spans, edges: Array, earlier: float) -> Array:
    """Return when one signal was last above zero."""
    found = grid.last_active(spans, spans.values > 0.0, locate(spans, edges), np.array([earlier]))
    return np.asarray(found[0])


def _changed(spans: Spans, edges: Array, earlier: float, before: float = NAN) -> Array:
    """Return when one signal last changed."""
    return np.asarray(grid.last_change(spans, locate(spans, edges), np.array([earlier]), np.array([before]))[0])


def _stands(spans: Spans, ends: Array) -> NDArray[np.bool_]:
    """Return whether one signal's newest reading holds at ends, shape (ends,)."""
    return np.asarray(grid.stands(spans, locate(spans, ends[:, None]))[0, :, -1])


def _edges(ends: list[float]) -> Array:
    """Return the edges of ends given in seconds after T0."""
    return step_edges(np.array(ends) + T0, _STEPS, float(_STEP_SECONDS))


def _held(readings: list[Reading], gap: float, second: float) -> float | None:
    """Return the value that holds during the second that begins there, None when none is known."""
    newest = [reading for reading in readings if reading[0] <= second]
    if not newest or math.isnan(newest[-1][1]) or second >= newest[-1][0] + gap:
        return None
    return newest[-1][1]


def _reference(readings: list[Reading], gap: float, end: float) -> tuple[list[float], list[float]]:
    """Return mean and known share of each step before an end, second by second."""
    means, shares = [], []
    for step in range(_STEPS):
        first = int(end) - (_STEPS - step) * _STEP_SECONDS
        seconds = [_held(readings, gap, second) for second in range(first, first + _STEP_SECONDS)]
        known = [value for value in seconds if value is not None]
        means.append(sum(known) / len(known) if known else 0.0)
        shares.append(len(known) / _STEP_SECONDS)
    return means, shares


def test_step_edges() -> None:
    """Lay the borders back from each end."""
    edges = step_edges(np.array([T0, T0 + 5.0]), 2, 30.0)
    assert (edges - T0).tolist() == [[-60.0, -30.0, 0.0], [-55.0, -25.0, 5.0]]


@given(readings=_readings, gap=_gaps, ends=_ends)
@settings(deadline=None, max_examples=200)
def test_time_weighted_against_reference(readings: list[Reading], gap: float, ends: list[float]) -> None:
    """Agree with the walk second by second, for every gap, missing reading and step before the first."""
    mean, share = _weighted(_spans(readings, gap, max(ends)), _edges(ends))
    for row, end in enumerate(ends):
        means, shares = _reference(readings, gap, end)
        assert mean[row].tolist() == pytest.approx(means, abs=1e-4)
        assert share[row].tolist() == pytest.approx(shares, abs=1e-6)


@given(readings=_readings, gap=_gaps, ends=_ends)
@settings(deadline=None)
def test_many_ends_are_one_end_at_a_time(readings: list[Reading], gap: float, ends: list[float]) -> None:
    """Give each end of many what it gets alone, though the horizon differs."""
    together = _spans(readings, gap, max(ends))
    mean, share = _weighted(together, _edges(ends))
    moments = _active(together, _edges(ends), T0 - 999.0)
    changes = _changed(together, _edges(ends), T0 - 999.0)
    standing = _stands(together, np.array(ends) + T0)
    for row, end in enumerate(ends):
        alone = _spans(readings, gap, end)
        one_mean, one_share = _weighted(alone, _edges([end]))
        assert mean[row].tolist() == one_mean[0].tolist()
        assert share[row].tolist() == one_share[0].tolist()
        assert moments[row].tolist() == _active(alone, _edges([end]), T0 - 999.0)[0].tolist()
        assert changes[row].tolist() == _changed(alone, _edges([end]), T0 - 999.0)[0].tolist()
        assert standing[row] == _stands(alone, np.array([end]) + T0)[0]


@given(several=st.lists(st.tuples(_readings, _gaps), min_size=1, max_size=4), ends=_ends)
@settings(deadline=None)
def test_many_signals_are_one_signal_at_a_time(several: list[tuple[list[Reading], float]], ends: list[float]) -> None:
    """Give each signal of many, padded to the longest, what it gets alone."""
    horizon = max(ends)
    together = make_spans(
        [np.array([T0 + seconds for seconds, _ in readings], dtype=np.float64) for readings, _ in several],
        [np.array([value for _, value in readings], dtype=np.float32) for readings, _ in several],
        np.array([gap for _, gap in several]),
        T0 + horizon,
    )
    places = locate(together, _edges(ends))
    earlier = np.full(len(several), T0 - 999.0)
    mean, share = grid.time_weighted(together, places)
    active = grid.last_active(together, together.values > 0.0, places, earlier)
    changed = grid.last_change(together, places, earlier, np.full(len(several), 3.0))
    standing = grid.stands(together, places)[..., -1]
    for row, (readings, gap) in enumerate(several):
        alone = _spans(readings, gap, horizon)
        assert [mean[row].tolist(), share[row].tolist()] == [found.tolist() for found in _weighted(alone, _edges(ends))]
        assert active[row].tolist() == _active(alone, _edges(ends), T0 - 999.0).tolist()
        assert changed[row].tolist() == _changed(alone, _edges(ends), T0 - 999.0, 3.0).tolist()
        assert standing[row].tolist() == _stands(alone, np.array(ends) + T0).tolist()


@given(readings=_readings, gap=_gaps, end=st.integers(-200, 600).map(float))
@settings(deadline=None)
def test_last_active_against_reference(readings: list[Reading], gap: float, end: float) -> None:
    """Find the last moment of activity: the stop of the last active span, or now while one lasts."""
    spans = _spans(readings, gap, end)
    found = _active(spans, np.array([[T0 + end]]), T0 - 5000.0)[0, 0]
    expected = T0 - 5000.0
    for position, (seconds, value) in enumerate(readings):
        if seconds <= end and value > 0.0:
            following = readings[position + 1][0] if position + 1 < len(readings) else math.inf
            expected = T0 + min(end, following, seconds + gap)
    assert found == pytest.approx(expected, abs=1e-6)


@given(readings=_readings, end=st.integers(-200, 600).map(float), before=st.sampled_from([NAN, 3.0]))
@settings(deadline=None)
def test_last_change_against_reference(readings: list[Reading], end: float, before: float) -> None:
    """Find the last change between known values, counting from the one before the readings if there was one."""
    found = _changed(_spans(readings, _INFINITE, end), np.array([[T0 + end]]), T0 - 5000.0, before)[0, 0]
    expected, last = T0 - 5000.0, before
    for seconds, value in readings:
        if seconds > end or math.isnan(value):
            continue
        if not math.isnan(last) and value != last:
            expected = T0 + seconds
        last = value
    assert found == expected


@given(readings=_readings, gap=_gaps, end=st.integers(-200, 600).map(float))
@settings(deadline=None)
def test_stands_against_reference(readings: list[Reading], gap: float, end: float) -> None:
    """Tell whether the newest reading still holds, the moment of its coming and of its running out included."""
    found = _stands(_spans(readings, gap, end), np.array([T0 + end]))[0]
    newest = [reading for reading in readings if reading[0] <= end]
    expected = bool(newest) and not math.isnan(newest[-1][1]) and end <= newest[-1][0] + gap
    assert bool(found) is expected


def test_no_readings() -> None:
    """Know nothing from nothing, and still remember what was before."""
    spans = _spans([], 60.0, 0.0)
    edges = _edges([0.0, 50.0])
    mean, share = _weighted(spans, edges)
    assert mean.shape == share.shape == (2, _STEPS)
    assert not mean.any()
    assert not share.any()
    assert not _stands(spans, edges[:, -1]).any()
    assert np.isneginf(_active(spans, edges, -math.inf)).all()
    assert (_active(spans, edges, T0 - 7.0) == np.minimum(edges, T0 - 7.0)).all()
    assert (_changed(spans, edges, T0 - 7.0) == np.minimum(edges, T0 - 7.0)).all()
    assert np.isneginf(_changed(spans, edges, -math.inf, 1.0)).all()


def test_nothing_known_before_the_first_reading() -> None:
    """Leave steps before the first reading unknown, and take a part of a step for that part."""
    mean, share = _weighted(_spans([(-30.0, 4.0)], _INFINITE, 0.0), _edges([0.0]))
    assert mean[0].tolist() == [0.0, 0.0, 0.0, 4.0, 4.0]
    assert share[0].tolist() == [0.0, 0.0, 0.0, 0.5, 1.0]


def test_maximum_gap_ends_a_carry() -> None:
    """Carry a reading for no longer than its gap."""
    mean, share = _weighted(_spans([(-100.0, 4.0)], 50.0, 0.0), _edges([0.0]))
    assert mean[0].tolist() == [4.0, 4.0, 4.0, 0.0, 0.0]
    assert share[0].tolist() == [1.0, 1.0, 0.5, 0.0, 0.0]


def test_missing_ends_a_carry() -> None:
    """Take the mean over the known part only."""
    mean, share = _weighted(_spans([(-100.0, 4.0), (-30.0, NAN), (-10.0, 8.0)], _INFINITE, 0.0), _edges([0.0]))
    assert mean[0].tolist() == [4.0, 4.0, 4.0, 4.0, 8.0]
    assert share[0].tolist() == [1.0, 1.0, 1.0, 0.5, 0.5]


def test_unknown_is_exactly_unknown_after_much_history() -> None:
    """Give exact zeros in a gap even after a month of readings whose sums have rounded."""
    readings = [(-2e6 + 7.3 * number, 400.1 + number % 7) for number in range(200_000)]
    mean, share = _weighted(_spans(readings, 60.0, 0.0), _edges([0.0]))
    assert not mean.any()
    assert not share.any()
