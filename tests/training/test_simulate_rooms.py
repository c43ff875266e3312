"""Radars lose, imagine and stick as they do in life; offices air as physics says; nothing outlasts its record."""

from __future__ import annotations

import numpy as np
import pytest

from custom_components.inkling.core.units import Role
from training.labels import occupancy_at
from training.simulate import simulate_home, simulate_office
from training.simulate.people import ACTIVITIES, Stay
from training.simulate.radar import Radar, presence
from training.splits import simulated_slices, whole_span
from training.tracks import tracks_of

READ = next(item for item in ACTIVITIES if item.name == "read")
HOUR = 3_600.0


def a_radar(*, losses: float = 0.0, ghosts: float = 0.0, wall: float = 0.0) -> Radar:
    """Return a quick radar with some vices."""
    return Radar(lag_seconds=1.0, hold_seconds=10.0, losses_per_day=losses, ghosts_per_day=ghosts, through_wall=wall)


def seen_share(radar: Radar, stays: list[Stay], beside: list[Stay], at: float, until: float) -> float:
    """Return the share of a stretch of time in which a radar is on, over some draws."""
    moments = np.arange(at, until, 10.0, dtype=np.float64)
    shares = []
    for seed in range(20):
        readings = presence(stays, beside, radar, 0.0, 24 * HOUR, np.random.default_rng(seed))
        on = np.append("off", readings.states)[np.searchsorted(readings.times, moments, side="right")] == "on"
        shares.append(float(on.mean()))
    return float(np.median(shares))


def test_a_radar_sees_who_is_there_and_nobody_else() -> None:
    """Be on from seconds after somebody comes to seconds after they go, without vices."""
    stays = [Stay(0, "office_1", READ, 2 * HOUR, 5 * HOUR, 8.0)]
    assert seen_share(a_radar(), stays, [], 2 * HOUR + 10.0, 5 * HOUR) == 1.0
    assert seen_share(a_radar(), stays, [], 5 * HOUR + 20.0, 24 * HOUR) == 0.0


def test_a_radar_loses_who_keeps_still() -> None:
    """Lose a reader for minutes at a time where it stands badly."""
    stays = [Stay(0, "office_1", READ, 2 * HOUR, 10 * HOUR, 8.0)]
    share = seen_share(a_radar(losses=60.0), stays, [], 2 * HOUR, 10 * HOUR)
    assert 0.5 < share < 0.97


def test_a_radar_sees_through_a_wall() -> None:
    """Be on now and then while somebody is next door."""
    beside = [Stay(0, "living_1", READ, n * HOUR, n * HOUR + 1800.0, 8.0) for n in range(24)]
    assert seen_share(a_radar(wall=1.0), [], beside, 0.0, 24 * HOUR) > 0.02
    assert seen_share(a_radar(), [], beside, 0.0, 24 * HOUR) == 0.0


@pytest.mark.parametrize("make", [simulate_home, simulate_office])
def test_nothing_is_reported_outside_the_record(make: type) -> None:
    """Keep every reading between the first and the last label: a stuck radar does not lengthen a home."""
    for seed in range(60, 66):
        trace = make(seed, 2)
        start, end = whole_span(trace)
        assert end - start == 2 * 86_400.0
        times = np.concatenate([readings.times for readings in trace.readings.values()])
        assert times.min() >= start
        assert times.max() < end


def test_an_office_is_used_by_day_and_its_air_tells() -> None:
    """Find offices empty at night, and more CO2 while somebody is in, in most of them."""
    higher = 0
    for seed in range(12):
        office = simulate_office(seed, 7)
        start, end = whole_span(office)
        room = office.rooms[0].id
        nights = start + np.arange(7, dtype=np.float64) * 86_400.0 + 3 * HOUR
        assert np.nansum(occupancy_at(office.labels, room, nights)) == 0.0
        moments = np.arange(start, end, 600.0, dtype=np.float64)
        inside = occupancy_at(office.labels, room, moments) > 0.5
        meter = next(track for track in tracks_of(office) if track.signal.role is Role.CO2)
        levels = meter.values[np.maximum(np.searchsorted(meter.times, moments, side="right") - 1, 0)]
        higher += bool(levels[inside].mean() > levels[~inside].mean() + 20.0)
        assert {info.role for info in office.signals} >= {Role.DOOR, Role.CO2, Role.TEMPERATURE, Role.HUMIDITY}
    assert higher >= 9


def test_one_room_in_eight_belongs_to_no_home() -> None:
    """Draw an office for every eighth seed to train on, and homes for the others."""
    names = [item.trace.name for item in simulated_slices((7, 8, 9), 2)]
    assert names == ["simulated home 7", "simulated office 8", "simulated home 9"]
