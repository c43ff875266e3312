"""Properties of the model's input that hold for any readings."""

from __future__ import annotations

import warnings

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from custom_components.inkling.core.features import CHANNELS, build, grid_tracks, room_view
from custom_components.inkling.core.units import ROLE_SPECS, Role
from custom_components.inkling.core.window import NEVER, Track
from tests.core.builders import NAN, T0, track

_ROOMS = ("kitchen", "hall", None)


@st.composite
def _track(draw: st.DrawFn, *, within_limits: bool) -> Track:
    """Draw a signal of any role and room with any readings."""
    role = draw(st.sampled_from(list(Role)))
    spec = ROLE_SPECS[role]
    value = st.floats(spec.low, spec.high, width=32) if within_limits else st.floats(width=32, allow_infinity=False)
    seconds = st.integers(-400_000, 1000)
    readings = draw(st.dictionaries(seconds, value | st.just(NAN), max_size=10))
    return track(
        role,
        sorted(readings.items()),
        room=draw(st.sampled_from(_ROOMS)),
        name=f"signal {draw(st.integers())}",
        active_before=draw(st.sampled_from([NEVER, T0 - 500_000])),
        changed_before=draw(st.sampled_from([NEVER, T0 - 500_000])),
    )


_ends = st.lists(st.integers(-100_000, 2000), min_size=1, max_size=3).map(lambda found: np.array(found) + T0)


@given(tracks=st.lists(_track(within_limits=False), min_size=1, max_size=8), ends=_ends)
@settings(deadline=None, max_examples=200)
def test_hostile_readings_stay_within_limits(tracks: list[Track], ends: NDArray[np.float64]) -> None:
    """Stay finite and within +-4 without a warning, whatever a sensor said."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grids = grid_tracks(tracks, ends, 6, 60.0)
        out = build(room_view("kitchen", grids), CHANNELS, grids[0].edges)
    assert out.shape == (len(ends), 6, len(CHANNELS))
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 4.0


@given(tracks=st.lists(_track(within_limits=True), min_size=1, max_size=6), data=st.data())
@settings(deadline=None)
def test_order_does_not_matter(tracks: list[Track], data: st.DataObject) -> None:
    """Give the same channels in any order of signals, and each channel in whatever place it is asked for."""
    ends = np.array([T0, T0 + 77.0])
    grids = grid_tracks(tracks, ends, 5, 60.0)
    expected = build(room_view("kitchen", grids), CHANNELS, grids[0].edges)
    shuffled = grid_tracks(data.draw(st.permutations(tracks)), ends, 5, 60.0)
    found = build(room_view("kitchen", shuffled), CHANNELS, shuffled[0].edges)
    assert_allclose(found, expected, atol=1e-5)
    names = data.draw(st.permutations(CHANNELS))[:7]
    picked = build(room_view("kitchen", grids), names, grids[0].edges)
    assert_array_equal(picked, expected[:, :, [CHANNELS.index(name) for name in names]])


@given(tracks=st.lists(_track(within_limits=True), min_size=1, max_size=6), ends=_ends)
@settings(deadline=None)
def test_many_ends_are_one_end_at_a_time(tracks: list[Track], ends: NDArray[np.float64]) -> None:
    """Build many ends at once as each alone."""
    grids = grid_tracks(tracks, ends, 5, 60.0)
    together = build(room_view("kitchen", grids), CHANNELS, grids[0].edges)
    for position in range(len(ends)):
        one = grid_tracks(tracks, ends[position : position + 1], 5, 60.0)
        assert_array_equal(together[position], build(room_view("kitchen", one), CHANNELS, one[0].edges)[0])


@given(tracks=st.lists(_track(within_limits=True), min_size=1, max_size=6), cut=st.integers(-2000, 500))
@settings(deadline=None)
def test_nothing_after_an_end_is_seen(tracks: list[Track], cut: int) -> None:
    """Build the same from readings that end with the end as from those that go on."""
    end = np.array([T0 + cut])
    whole = grid_tracks(tracks, end, 5, 60.0)
    known = [
        Track(
            item.signal,
            item.times[item.times <= end],
            item.values[item.times <= end],
            item.active_before,
            item.changed_before,
        )
        for item in tracks
    ]
    past = grid_tracks(known, end, 5, 60.0)
    expected = build(room_view("kitchen", whole), CHANNELS, whole[0].edges)
    assert_array_equal(build(room_view("kitchen", past), CHANNELS, past[0].edges), expected)
