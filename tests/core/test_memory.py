"""What reaches beyond the window: how many people a day shows, and the lowest level of half a day."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose
import pytest

from custom_components.inkling.core import window
from custom_components.inkling.core.features import CHANNELS, build, build_views, grid_tracks, room_view
from custom_components.inkling.core.home_grid import trim
from custom_components.inkling.core.memory import COMPANY_KINDS, company, lows
from custom_components.inkling.core.sample import Sample
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import HomeWindow, Signal, Track
from tests.core.builders import NAN, T0, track

_HOUR = 3600.0


def _visits(room: str, *starts: float, seconds: float = 50.0) -> Track:
    """Return a motion sensor that is on for a while from each start, seconds after T0."""
    edges = [edge for start in starts for edge in ((start, 1.0), (start + seconds, 0.0))]
    return track(Role.MOTION, [(-20 * _HOUR, 0.0), *edges], room=room)


def _company(*tracks: Track, end: float = 0.0) -> dict[str, float]:
    """Return the company of one end by kind."""
    found = company(tracks, np.array([T0 + end]))[:, 0]
    return dict(zip(COMPANY_KINDS, found.tolist(), strict=True))


def test_one_person_walks_from_room_to_room() -> None:
    """See no two rooms move for long while one person goes to and fro."""
    starts = np.arange(-10 * _HOUR, -60.0, 600.0)
    found = _company(_visits("kitchen", *starts.tolist()), _visits("hall", *(starts + 300.0).tolist()))
    assert found["share"] < 0.1
    assert found["longest"] == 0.0
    assert found["most"] == 0.0
    assert found["known"] > 0.4


def test_two_people_move_at_once() -> None:
    """See two rooms move through the same half hour."""
    starts = np.arange(-3 * _HOUR, -2 * _HOUR, 60.0)
    found = _company(_visits("kitchen", *starts.tolist()), _visits("hall", *starts.tolist()))
    assert found["share"] == pytest.approx(1.0)
    assert found["longest"] == 1.0
    assert found["most"] == pytest.approx(0.25)


def test_how_long_a_sensor_holds() -> None:
    """Tell a sensor that stays on for half an hour from one that blinks, and forget what is more than a day old."""
    blink = _company(_visits("hall", -_HOUR, -2 * _HOUR, seconds=2.0))
    hold = _company(_visits("hall", -_HOUR, -3 * _HOUR, seconds=1800.0))
    assert blink["hold"] < 0.3
    assert 0.7 < hold["hold"] <= 1.0
    assert _company(_visits("hall", -_HOUR), end=26 * _HOUR) == dict.fromkeys(COMPANY_KINDS, 0.0)


def test_what_still_lasts_is_seen_and_silence_is_nothing() -> None:
    """Count a sensor that is on to the end, and nothing of one that never spoke."""
    on = track(Role.MOTION, [(-1800.0, 1.0)], room="hall")
    assert _company(on)["known"] == pytest.approx(30.0 / 240.0, abs=0.01)
    assert _company(track(Role.MOTION, [], room="hall"))["known"] == 0.0


def test_company_is_only_for_rooms_that_know_others() -> None:
    """Leave the channels 0 in a room that knows of no other."""
    starts = np.arange(-3 * _HOUR, -2 * _HOUR, 60.0).tolist()
    tracks = [_visits("kitchen", *starts), _visits("hall", *starts)]
    names = [f"home.company.{kind}" for kind in COMPANY_KINDS]
    for some, any_known in ((tracks, True), (tracks[:1], False)):
        grids = grid_tracks(some, np.array([T0]), 4, 60.0)
        assert build(room_view("kitchen", grids), names, grids[0].edges).any() == any_known


def test_lowest_level_of_half_a_day() -> None:
    """Take the lowest reading that stood within half a day, also one that began before; none is infinite."""
    item = track(Role.CO2, [(-20 * _HOUR, 400.0), (-13 * _HOUR, 500.0), (-11 * _HOUR, NAN), (-_HOUR, 900.0)])
    found = lows(item, np.array([T0 - 21 * _HOUR, T0 - 12 * _HOUR, T0, T0 + 12 * _HOUR]))
    assert found.tolist() == [np.inf, 400.0, 500.0, 900.0]
    assert np.isinf(lows(track(Role.CO2, []), np.array([T0]))).all()


def test_excess_over_the_low() -> None:
    """Give how far a level is above its own lowest, the mean of several sensors with different offsets."""
    one = track(Role.CO2, [(-2 * _HOUR, 500.0), (-_HOUR, 800.0)], name="one")
    two = track(Role.CO2, [(-2 * _HOUR, 700.0), (-_HOUR, 1000.0)], name="two")
    silent = track(Role.CO2, [(-14 * _HOUR, NAN)], name="silent")
    grids = grid_tracks([one, two, silent], np.array([T0]), 4, 60.0)
    found = build(room_view("kitchen", grids), ["room.co2.excess"], grids[0].edges)
    assert_allclose(found[0, :, 0], 0.6, atol=1e-6)


def test_rooms_since() -> None:
    """Count the other rooms that moved after the last movement here, two sensors of one room once."""
    tracks = [
        _visits("kitchen", -900.0),
        _visits("hall", -600.0),
        track(Role.PRESENCE, [(-500.0, 1.0), (-400.0, 0.0)], room="hall"),
        _visits("bath", -300.0),
        _visits("attic", -5000.0),
    ]
    grids = grid_tracks(tracks, np.array([T0]), 4, 60.0)
    said = {
        room: float(build(room_view(room, grids), ["elsewhere.rooms.since"], grids[0].edges)[0, -1, 0]) * 4.0
        for room in ("kitchen", "hall", "bath", "attic")
    }
    assert said == {"kitchen": 2.0, "hall": 1.0, "bath": 0.0, "attic": 3.0}
    alone = grid_tracks(tracks[:1], np.array([T0]), 4, 60.0)
    assert not build(room_view("kitchen", alone), ["elsewhere.rooms.since"], alone[0].edges).any()


def test_sign_tells_the_order_however_close() -> None:
    """Say who was last as clearly after five seconds as after five hours."""
    tracks = [_visits("kitchen", -3605.0), _visits("hall", -3600.0)]
    grids = grid_tracks(tracks, np.array([T0]), 4, 60.0)
    names = ["room.lead.sign", "room.lead.recency"]
    last = build(room_view("kitchen", grids), names, grids[0].edges)[0, -1]
    assert last[0] == -1.0
    assert -0.1 < last[1] < 0.0


@pytest.mark.parametrize("offsets", [-6 * _HOUR, np.array([-6 * _HOUR])], ids=["number", "array"])
def test_clock(offsets: float) -> None:
    """Give the home's own time of day and week; nothing where its offset is unknown."""
    # T0 is a Friday, 08:00 UTC.
    grids = grid_tracks([_visits("kitchen", -60.0)], np.array([T0]), 2, 60.0)
    names = [f"home.clock.{kind}" for kind in ("sin", "cos", "weekend", "known")]
    view = room_view("kitchen", grids)
    local = (T0 - 6 * _HOUR) / 86_400.0 * 2.0 * np.pi
    found = build(view, names, grids[0].edges, offsets)[0, -1]
    assert_allclose(found, [np.sin(local), np.cos(local), 0.0, 1.0], atol=1e-6)
    assert build(view, ["home.clock.weekend"], grids[0].edges, 20 * _HOUR)[0, -1, 0] == 1.0
    assert not build_views([view], names, grids[0].edges).any()


def test_now_and_onset() -> None:
    """Know what is on at the very end, and since when: a ghost's edge ages while its state does not."""
    radar = track(Role.PRESENCE, [(-20 * _HOUR, 0.0), (-19 * _HOUR, 1.0), (-100.0, 1.0)])
    grids = grid_tracks([radar, track(Role.LIGHT, [(-900, 1.0), (-30, 0.0)])], np.array([T0]), 4, 60.0)
    names = ["room.presence.now", "room.presence.onset", "room.presence.recency", "room.light.now"]
    now, onset, recent, lamp = build(room_view("kitchen", grids), names, grids[0].edges)[0, -1].tolist()
    assert (now, recent, lamp) == (1.0, 1.0, 0.0)
    assert onset < 0.05
    assert grids[0].onset[0, -1] == T0 - 19 * _HOUR
    assert grids[0].now[0].tolist() == [1.0] * 4


@pytest.mark.parametrize("since", [-9000.0, -1000.0])
def test_trimming_remembers_the_onset(since: float) -> None:
    """Keep when activity began through trimming, whether it was on before the readings or came in them."""
    item = track(Role.MOTION, [(-9000, 1.0), (-5000, 1.0), (-3000, 0.0), (since + 5000.0, 1.0), (5000, 0.0)])
    if since == -1000.0:
        item = track(Role.MOTION, [(-9000, 1.0), (-8000, 1.0), (-7000, 0.0)], active_before=T0 - 9000.0)
    piece = trim(item, np.array([T0 - 6000.0 if since == -1000.0 else T0 - 3500.0, T0]))
    assert piece.onset_before == (-np.inf if since == -1000.0 else T0 - 9000.0)


def test_a_ring_remembers_the_onset() -> None:
    """Keep when activity began after its readings were pushed out, and through history put before live readings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "RING_CAPACITY", 2)
        home = HomeWindow([Signal(id="radar", role=Role.PRESENCE, room="kitchen")])
        for seconds in (0.0, 10.0, 20.0, 30.0):
            home.append("radar", Sample(T0 + seconds, 1.0))
        (held,) = home.snapshot(T0 + 40.0).tracks
    assert held.times.tolist() == [T0 + 20.0, T0 + 30.0]
    assert held.onset_before == T0
    grids = grid_tracks([held], np.array([T0 + 40.0]), 4, 60.0)
    assert grids[0].onset[0, -1] == T0
    assert "room.presence.onset" in CHANNELS


@pytest.mark.parametrize("hours_live", [0.0, 2.0, 20.0])
def test_lowest_level_outlives_a_fast_meters_ring(hours_live: float) -> None:
    """Know the low of ten hours ago though the ring holds four hours, whichever part came as history."""
    signal = Signal(id="co2", role=Role.CO2, room="office")
    times = np.arange(-20 * _HOUR, 0.0, 20.0)
    # Lowest before 14 hours ago, which is too long ago to count, and then ten hours ago.
    values = 800.0 + times / 3600.0 - 300.0 * (np.abs(times + 10 * _HOUR) < 60.0) - 600.0 * (times < -14 * _HOUR)
    samples = [Sample(T0 + t, value) for t, value in zip(times.tolist(), values.tolist(), strict=True)]
    home = HomeWindow([signal])
    begin = T0 - hours_live * _HOUR
    for sample in samples:
        if sample.t >= begin:
            home.append("co2", sample)
    home.fill("co2", [sample for sample in samples if sample.t < begin])
    (found,) = home.snapshot(T0).tracks
    assert found.times[0] > T0 - 6 * _HOUR
    assert_allclose(lows(found, np.array([T0])), [values[np.argmin(np.abs(times + 10 * _HOUR))]], atol=0.1)
    assert len(found.lows_before) <= 13
