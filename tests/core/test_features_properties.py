"""Properties of the model's input that hold for any readings."""

from __future__ import annotations

from dataclasses import replace
import warnings

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core import home_grid
from custom_components.inkling.core.features import (
    CHANNELS,
    MEMORY_CHANNELS,
    build,
    build_views,
    grid_tracks,
    room_view,
    room_views,
)
from custom_components.inkling.core.home_grid import RoomView, trim
from custom_components.inkling.core.units import ROLE_SPECS, Role
from custom_components.inkling.core.window import NEVER, Track
from tests.core.builders import NAN, T0, track

_ROOMS = ("kitchen", "hall", None)

_WINDOW_CHANNELS = [name for name in CHANNELS if name not in MEMORY_CHANNELS]


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
        value_before=draw(st.sampled_from([NAN, 0.0, 1.0])),
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
        found = build(room_view("kitchen", one), CHANNELS, one[0].edges)[0]
        assert_allclose(together[position], found, atol=1e-5)


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
            item.value_before,
        )
        for item in tracks
    ]
    past = grid_tracks(known, end, 5, 60.0)
    expected = build(room_view("kitchen", whole), CHANNELS, whole[0].edges)
    assert_allclose(build(room_view("kitchen", past), CHANNELS, past[0].edges), expected, atol=1e-5)


@given(tracks=st.lists(_track(within_limits=True), min_size=1, max_size=8), ends=_ends)
@settings(deadline=None)
def test_many_views_are_one_view_at_a_time(tracks: list[Track], ends: NDArray[np.float64]) -> None:
    """Build views of every kind at once as each alone: of all rooms, and with parts left out."""
    grids = grid_tracks(tracks, ends, 5, 60.0)
    views = room_views(["kitchen", "hall", "attic"], grids)
    first = views[0]
    views += [
        RoomView(first.own[1:], first.elsewhere, first.home),
        RoomView(first.own, (), first.home),
        RoomView(first.own, first.elsewhere, ()),
        RoomView((), (), ()),
    ]
    together = build_views(views, CHANNELS, grids[0].edges)
    for view, found in zip(views, together, strict=True):
        # The order in which rooms are added up may show in the last digit.
        assert_allclose(found, build(view, CHANNELS, grids[0].edges), rtol=0.0, atol=1e-12)


@given(item=_track(within_limits=True), start=st.integers(-2000, 500), length=st.integers(0, 3000))
@settings(deadline=None, max_examples=200)
def test_trimming_changes_nothing(item: Track, start: int, length: int) -> None:
    """Build the same from readings that were trimmed to the window as from all of them."""
    end = np.array([T0 + start + length])
    steps = 6
    bounds = np.array([T0 + start, T0 + start + length])
    whole, piece = (replace(each, signal=replace(item.signal, room="kitchen")) for each in (item, trim(item, bounds)))
    assert len(piece.times) <= len(whole.times)
    for step_seconds in (max(1.0, length / steps), max(1.0, length / steps / 3)):
        if length < steps:
            continue
        expected, found = (
            build(room_view("kitchen", grids), _WINDOW_CHANNELS, grids[0].edges)
            for grids in (grid_tracks([each], end, steps, step_seconds) for each in (whole, piece))
        )
        assert_allclose(found, expected, atol=1e-5)


@given(tracks=st.lists(_track(within_limits=True), min_size=2, max_size=8), ends=_ends)
@settings(deadline=None)
def test_gridding_in_turn_is_gridding_at_once(tracks: list[Track], ends: NDArray[np.float64]) -> None:
    """Give the same whether memory allows all signals at once or only one by one."""
    at_once = grid_tracks(tracks, ends, 5, 60.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home_grid, "_NUMBERS_AT_ONCE", 1)
        in_turn = grid_tracks(tracks, ends, 5, 60.0)
    for one, other in zip(at_once, in_turn, strict=True):
        assert one.track is other.track
        assert_array_equal(one.block.standing[one.row], other.block.standing[other.row])
        assert_array_equal(one.moment, other.moment)
        assert_allclose(one.mean, other.mean, atol=1e-9)
        assert_allclose(one.known, other.known, atol=1e-9)


def test_no_ends() -> None:
    """Build nothing at no end."""
    grids = grid_tracks([track(Role.MOTION, [(0, 1.0)])], np.empty(0), 5, 60.0)
    assert build(room_view("kitchen", grids), CHANNELS, grids[0].edges).shape == (0, 5, len(CHANNELS))


def test_grids_of_two_calls_do_not_mix() -> None:
    """Refuse views whose signals were gridded apart: their rows would be read from the wrong block."""
    views = []
    for room in ("kitchen", "hall"):
        grids = grid_tracks([track(Role.MOTION, [(0, 1.0)], room=room)], np.array([T0]), 5, 60.0)
        views.append(room_view(room, grids))
    with pytest.raises(ValueError, match="gridded in one call"):
        build_views(views, CHANNELS, views[0].own[0].edges)
