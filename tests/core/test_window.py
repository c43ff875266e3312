"""The home's window: streaming equals batch, thinning, and what outlives eviction."""

from __future__ import annotations

from collections.abc import Sequence
import math

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.testing import assert_array_equal
import pytest

from custom_components.inkling.core import window as window_module
from custom_components.inkling.core.features import CHANNELS, build, grid_tracks, room_view
from custom_components.inkling.core.sample import Quality, Sample
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import NEVER, HomeWindow, Signal, Track, digest
from tests.core.builders import NAN, T0, Reading

_MOTION = Signal(id="motion", role=Role.MOTION, room="kitchen")
_POWER = Signal(id="power", role=Role.POWER, room="kitchen")
_DOOR = Signal(id="door", role=Role.DOOR, room="kitchen")


def _sample(seconds: float, value: float) -> Sample:
    """Return a sample at seconds after T0."""
    return Sample(T0 + seconds, value, Quality.MISSING if math.isnan(value) else Quality.GOOD)


def _samples(readings: Sequence[Reading]) -> list[Sample]:
    """Return samples of readings at seconds after T0."""
    return [_sample(seconds, value) for seconds, value in readings]


def _only(home: HomeWindow) -> Track:
    """Return the one track of a window."""
    (track,) = home.snapshot(T0).tracks
    return track


def _content(track: Track) -> list[Reading]:
    """Return a track's readings in seconds after T0, None for missing."""
    return list(zip((track.times - T0).tolist(), track.values.tolist(), strict=True))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    """Make rings so small that they overflow."""
    monkeypatch.setattr(window_module, "RING_CAPACITY", 4)
    return 4


def test_two_signals_of_one_name() -> None:
    """Refuse two signals of one id."""
    with pytest.raises(ValueError, match="two signals are called motion"):
        HomeWindow([_MOTION, _MOTION])


def test_append_and_last_reading() -> None:
    """Take readings in order, refuse a late one, replace one of the same moment."""
    home = HomeWindow([_MOTION, _POWER])
    assert home.signals == (_MOTION, _POWER)
    assert home.last_reading("motion") is None
    assert home.append("motion", _sample(0, 1.0))
    assert home.append("motion", _sample(0.5, 0.0))
    assert not home.append("motion", _sample(0.2, 1.0))
    assert home.last_reading("motion") == (T0 + 0.5, 0.0)
    assert home.append("motion", _sample(0.5, 1.0))
    assert home.last_reading("motion") == (T0 + 0.5, 1.0)
    assert home.append("motion", _sample(1.0, NAN))
    last = home.last_reading("motion")
    assert last is not None
    assert math.isnan(last[1])
    with pytest.raises(KeyError):
        home.append("nobody", _sample(0, 1.0))


def test_snapshot_is_a_copy() -> None:
    """Leave a snapshot alone when readings go on coming."""
    home = HomeWindow([_MOTION])
    home.append("motion", _sample(0, 1.0))
    snapshot = home.snapshot(T0 + 5)
    home.append("motion", _sample(0, 0.0))
    home.append("motion", _sample(1, 0.0))
    assert snapshot.end == T0 + 5
    (track,) = snapshot.tracks
    assert _content(track) == [(0.0, 1.0)]
    with pytest.raises(ValueError, match="read-only"):
        track.values[0] = 9.0


def test_snapshot_copies_anew_what_changed() -> None:
    """Hand out the same copy while nothing comes, and a new one after a reading and after history."""
    home = HomeWindow([_MOTION])
    home.append("motion", _sample(10, 1.0))
    first, again = (home.snapshot(T0 + 20).tracks[0] for _ in range(2))
    assert first is again
    home.append("motion", _sample(11, 0.0))
    assert _content(home.snapshot(T0 + 20).tracks[0]) == [(10.0, 1.0), (11.0, 0.0)]
    home.fill("motion", [_sample(0, 0.0)])
    assert _content(home.snapshot(T0 + 20).tracks[0]) == [(0.0, 0.0), (10.0, 1.0), (11.0, 0.0)]


def test_thinning_keeps_the_newest() -> None:
    """Hold a fast meter to one reading in five seconds, and never lose its newest."""
    home = HomeWindow([_POWER])
    for second in range(3600):
        assert home.append("power", _sample(second, float(second)))
        assert home.last_reading("power") == (T0 + second, float(second))
    track = _only(home)
    assert 3600 / 5 <= len(track.times) <= 3600 / 5 + 2
    assert np.diff(track.times)[:-1].min() >= 5.0
    assert_array_equal(track.times - T0, track.values)


def test_a_burst_then_silence() -> None:
    """Keep what a plug said last before it fell silent: a kettle switched on within seconds of another report."""
    home = HomeWindow([_POWER])
    for seconds, value in ((0, 0.5), (1, 0.4), (2, 2000.0)):
        home.append("power", _sample(seconds, value))
    assert home.last_reading("power") == (T0 + 2, 2000.0)


def test_going_and_coming_back_is_never_thinned() -> None:
    """Keep the edges of an outage."""
    readings = [(0, 1.0), (1, NAN), (2, 3.0), (3, 4.0), (4, NAN), (5, 6.0)]
    home = HomeWindow([_POWER])
    for sample in _samples(readings):
        home.append("power", sample)
    assert [seconds for seconds, _ in _content(_only(home))] == [0, 1, 2, 3, 4, 5]


def test_a_late_reading_of_a_meter() -> None:
    """Refuse a late reading of a crowded meter."""
    home = HomeWindow([_POWER])
    for seconds in (0, 2):
        home.append("power", _sample(seconds, 1.0))
    assert not home.append("power", _sample(1, 9.0))
    assert _content(_only(home)) == [(0.0, 1.0), (2.0, 1.0)]


def test_edges_are_never_thinned() -> None:
    """Keep every edge of a binary sensor."""
    home = HomeWindow([_MOTION])
    for number in range(20):
        home.append("motion", _sample(number / 10, float(number % 2)))
    assert len(_only(home).times) == 20


def test_what_outlives_eviction(small: int) -> None:
    """Remember the last activity, the last change and the last value of what was pushed out."""
    home = HomeWindow([_MOTION])
    readings = [(0, 0.0), (10, 1.0), (20, 0.0), (30, NAN), (40, 0.0), (50, 0.0), (60, 0.0), (70, 0.0)]
    for sample in _samples(readings):
        home.append("motion", sample)
    track = _only(home)
    assert len(track.times) == small
    assert (track.active_before, track.changed_before, track.value_before) == (T0 + 20, T0 + 20, 0.0)


def test_nothing_is_forgotten_while_nothing_leaves(small: int) -> None:
    """Let a full ring's replaced and refused readings push nothing out."""
    home = HomeWindow([_MOTION])
    for number in range(small):
        home.append("motion", _sample(number, 1.0))
    home.append("motion", _sample(small - 1, 0.0))
    home.append("motion", _sample(0.5, 0.0))
    track = _only(home)
    assert (track.active_before, track.changed_before) == (NEVER, NEVER)
    assert math.isnan(track.value_before)


def test_activity_known_from_before_history() -> None:
    """Carry a last activity that is older than the history read."""
    home = HomeWindow([_MOTION])
    home.fill("motion", [], active_before=T0 - 500)
    assert _only(home).active_before == T0 - 500
    home.fill("motion", [_sample(0, 0.0)], active_before=T0 - 900)
    assert _only(home).active_before == T0 - 500


def test_fill_drops_what_is_live_already() -> None:
    """Prefer live readings to history of the same time."""
    home = HomeWindow([_MOTION])
    home.append("motion", _sample(10, 1.0))
    home.fill("motion", _samples([(0, 1.0), (5, 0.0), (10, 0.0), (15, 0.0)]))
    assert _content(_only(home)) == [(0.0, 1.0), (5.0, 0.0), (10.0, 1.0)]


@pytest.mark.usefixtures("small")
def test_history_after_a_ring_has_overflown() -> None:
    """Let what live readings left behind stand over older history, which finds no room."""
    home = HomeWindow([_MOTION])
    for sample in _samples([(10, 0.0), (20, 1.0), (30, 0.0), (40, 0.0), (50, 0.0), (60, 0.0)]):
        home.append("motion", sample)
    home.fill("motion", _samples([(0, 0.0), (3, 1.0), (5, 0.0)]))
    track = _only(home)
    assert (track.active_before, track.changed_before, track.value_before) == (T0 + 30, T0 + 20, 1.0)
    assert [seconds for seconds, _ in _content(track)] == [30, 40, 50, 60]


def test_digest_is_fill_in_two() -> None:
    """Give the same in a worker and a merge as in one go."""
    samples = _samples([(seconds, float(seconds % 3)) for seconds in range(900)])
    one, two = HomeWindow([_POWER]), HomeWindow([_POWER])
    one.fill("power", samples)
    two.merge(digest(_POWER, samples))
    assert _content(_only(one)) == _content(_only(two))


_histories = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from([0.0, 1.0, NAN])), max_size=14, unique_by=lambda reading: reading[0]
).map(lambda found: sorted((float(seconds), value) for seconds, value in found))


@given(history=_histories, split=st.integers(0, 14), overlap=st.integers(0, 2), capacity=st.sampled_from([2, 4, 50]))
@settings(deadline=None, max_examples=200)
@pytest.mark.parametrize("signal", [_MOTION, _DOOR], ids=lambda signal: signal.id)
def test_stream_is_batch(signal: Signal, history: list[Reading], split: int, overlap: int, capacity: int) -> None:
    """Give the same at the end whether readings streamed in, came around history, or lie there whole.

    Whatever a ring could hold is the same on every step; what it could not hold is still right at the end.
    """
    whole = Track(
        signal,
        np.array([T0 + seconds for seconds, _ in history]),
        np.array([value for _, value in history], dtype=np.float32),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window_module, "RING_CAPACITY", capacity)
        home = HomeWindow([signal])
        live = history[split:]
        for position, sample in enumerate(_samples(live)):
            # History comes before live readings have outrun a ring: a change at the very seam would else be lost.
            if position == min(len(live) // 2, capacity):
                home.fill(signal.id, _samples(history[: split + overlap]))
            home.append(signal.id, sample)
        if not live:
            home.fill(signal.id, _samples(history))
    end = np.array([T0 + 450.0])
    overflown = len(history) > capacity
    for step_seconds in (1.0, 60.0):
        expected, found = (
            build(room_view("kitchen", grids), CHANNELS, grids[0].edges)
            for grids in (grid_tracks([item], end, 8, step_seconds) for item in (whole, _only(home)))
        )
        last_held = max(history[-capacity][0], 0.0) if overflown else -math.inf
        steps_held = [step for step in range(8) if 450.0 - (8 - step) * step_seconds >= last_held]
        assert_array_equal(found[0, steps_held], expected[0, steps_held])
    assert len(_only(home).times) == min(capacity, len(history))


def test_snapshot_for_rooms_leaves_out_what_they_do_not_look_at() -> None:
    """Copy a room's own signals, the home's and activity anywhere; leave another room's air where it is."""
    kept = [
        Signal(id="own", role=Role.CO2, room="office"),
        Signal(id="home", role=Role.PERSON, room=None),
        Signal(id="next", role=Role.MOTION, room="kitchen"),
    ]
    window = HomeWindow([*kept, Signal(id="air", role=Role.CO2, room="kitchen")])
    assert [track.signal for track in window.snapshot(0.0, {"office"}).tracks] == kept
    assert len(window.snapshot(0.0).tracks) == len(kept) + 1
