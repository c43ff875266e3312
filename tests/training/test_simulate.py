"""Simulated homes obey physics, and their sensors have the vices they should."""

from __future__ import annotations

import numpy as np
import pytest

from custom_components.inkling.core.units import Role
from training.labels import occupancy_at, scoring_instants
from training.simulate import events, physics, simulate_home
from training.simulate.air import AirSpec, breathe
from training.simulate.people import ACTIVITIES, Stay
from training.trace import Trace
from training.tracks import tracks_of

ONE = np.ones(1)
TELEVISION = next(item for item in ACTIVITIES if item.name == "television")


def a_room(leak_per_hour: float = 0.5) -> AirSpec:
    """Return a bedroom of 30 cubic metres by itself."""
    return AirSpec(
        volume_m3=30.0 * ONE,
        leak_per_hour=leak_per_hour * ONE,
        open_per_hour=8.0 * ONE,
        mixing_per_hour=0.0,
        heat_loss_per_hour=0.02 * ONE,
        setpoint_celsius=20.0,
        heating_per_hour=1.0,
    )


def breathed(people: float, *, window: float = 0.0, minutes: int = 1440, leak: float = 0.5) -> np.ndarray:
    """Return a room's CO2 by the minute with some people awake in it."""
    column = np.ones((minutes, 1))
    air = breathe(a_room(leak), people * column, 0 * column, 0 * column, window * column, np.full(minutes, 10.0))
    return air.co2_ppm[:, 0]


def test_co2_settles_where_source_and_air_flow_balance() -> None:
    """Reach outdoor level plus source over flow: 5 ml/s into 15 m3/h is 1200 ppm above outdoors."""
    expected = physics.OUTDOOR_CO2_PPM + 1e6 * physics.CO2_LITRES_PER_SECOND_AWAKE / (0.5 * 30.0 * 1000.0 / 3600.0)
    assert expected == pytest.approx(1621.0)
    assert breathed(1.0)[-1] == pytest.approx(expected, rel=1e-3)


def test_co2_decays_with_the_air_change_rate() -> None:
    """Lose 1 - 1/e of the excess in one hour over the rate, whatever the step."""
    course = breathed(0.0, leak=1.0, minutes=120)
    excess = course - physics.OUTDOOR_CO2_PPM
    assert excess[60] / excess[0] == pytest.approx(np.exp(-1.0), rel=1e-6)


def test_an_open_window_keeps_co2_low() -> None:
    """Stay under 600 ppm with one person and eight air changes an hour."""
    assert breathed(1.0, window=1.0)[-1] < 600.0


def test_people_warm_and_moisten_a_room() -> None:
    """End warmer and more humid with two people than with none."""
    column = np.ones((300, 1))
    outdoors = np.full(300, 18.0)
    empty, full = (breathe(a_room(), n * column, 0 * column, 0 * column, 0 * column, outdoors) for n in (0.0, 2.0))
    assert full.celsius[-1, 0] > empty.celsius[-1, 0] + 0.5
    grams = [a.humidity_percent[-1] / 100 * physics.saturation_grams_per_m3(a.celsius[-1]) for a in (empty, full)]
    assert grams[1] > grams[0] + 1.0


def test_saturation_follows_the_tables() -> None:
    """Hold 17.3 g/m3 at 20 degrees and 4.8 at freezing."""
    np.testing.assert_allclose(physics.saturation_grams_per_m3(np.array([20.0, 0.0])), [17.3, 4.85], rtol=0.01)


def test_the_sun_rises_and_sets() -> None:
    """Be dark at midnight, above 90 000 lx at noon in June and far less in December at 50 degrees north."""
    june, december = (physics.outdoor_lux(np.full(2, day), np.array([0.0, 12.0]), 50.0) for day in (172.0, 355.0))
    assert june[0] == december[0] == 0.0
    assert june[1] > 90_000.0
    assert december[1] < 0.4 * june[1]


def test_a_motion_sensor_holds_until_it_sees_nothing() -> None:
    """Merge what is nearer than the hold, and end the hold after the last."""
    readings = events.held(np.array([10.0, 15.0, 40.0]), 20.0)
    assert (readings.times.tolist(), readings.states) == ([10.0, 35.0, 40.0, 60.0], ("on", "off", "on", "off"))


def test_a_blind_motion_sensor_sees_who_comes_and_goes_only() -> None:
    """See nothing between settling down and getting up."""
    stay = Stay(0, "living_1", TELEVISION, 0.0, 7200.0, 30.0)
    rng = np.random.default_rng(0)
    seen = events.movements([stay], rng, 1.0)
    assert len(seen) == 5
    assert not np.any((seen > 60.0) & (seen < 7100.0))
    assert len(events.movements([stay], rng, 0.0)) > 30


@pytest.mark.parametrize("habit", list(events.DoorHabit))
def test_a_door_is_known_from_the_start_and_rises_in_time(habit: events.DoorHabit) -> None:
    """Tell the door's state before anybody came, whatever the habit."""
    stays = [Stay(0, "office_1", TELEVISION, 1000.0 * n, 1000.0 * n + 500.0, 30.0) for n in range(1, 20)]
    readings = events.room_door(stays, habit, 0.0, np.random.default_rng(1))
    assert readings.times[0] == 0.0
    assert np.all(np.diff(readings.times) > 0.0)
    assert all(before != after for before, after in zip(readings.states[:-1], readings.states[1:], strict=True))


@pytest.fixture(scope="module", name="homes")
def homes_fixture() -> list[Trace]:
    """Simulate a few homes."""
    return [simulate_home(seed, 3) for seed in range(20, 26)]


def test_every_person_is_in_one_room_or_away(homes: list[Trace]) -> None:
    """Never find more rooms occupied than people live there, and each room labelled without a gap."""
    for home in homes:
        start = home.labels[0].start
        ends = np.arange(start + 30.0, start + 3 * 86_400.0, 600.0, dtype=np.float64)
        truths = np.stack([occupancy_at(home.labels, room.id, ends) for room in home.rooms])
        people = sum(info.role is Role.PERSON for info in home.signals)
        assert not np.isnan(truths).any()
        assert truths.sum(axis=0).max() <= people


def test_motion_is_mostly_in_occupied_rooms(homes: list[Trace]) -> None:
    """Find at least nine of ten rising edges while somebody is there."""
    right = total = 0.0
    for home in homes:
        for track in tracks_of(home):
            if track.signal.role is Role.MOTION:
                truths = occupancy_at(home.labels, str(track.signal.room), track.times[track.values > 0.5])
                right, total = right + float(truths.sum()), total + len(truths)
    assert right / total > 0.9


def test_readings_can_all_be_true(homes: list[Trace]) -> None:
    """Make no state that the live parser would throw away, but unavailable."""
    for home in homes:
        for info, track in zip(home.signals, tracks_of(home), strict=True):
            lost = {home.readings[info.id].states[index] for index in np.flatnonzero(np.isnan(track.values))}
            assert lost <= {"unavailable"}, info.id


def test_a_seed_is_a_home() -> None:
    """Give the same home for the same seed and another for another."""
    one, again, other = simulate_home(3, 2), simulate_home(3, 2), simulate_home(4, 2)
    assert one.labels == again.labels
    assert all(one.readings[name].states == again.readings[name].states for name in one.readings)
    assert other.labels != one.labels


def test_scoring_instants_lie_inside_labels(homes: list[Trace]) -> None:
    """Score on a regular grid only where the truth is known."""
    home = homes[0]
    ends = scoring_instants(home.labels, home.rooms[0].id, 60.0)
    assert np.all(np.diff(ends) == 60.0)
    assert not np.isnan(occupancy_at(home.labels, home.rooms[0].id, ends)).any()
