"""The peers' rules on cases worked out by hand from their formulas."""

from __future__ import annotations

from datetime import UTC
import math
import time

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import Signal, Track
from training import area_occupancy, bayesian_sensor
from training.area_occupancy import purpose_of
from training.baselines_peers import AREA_OCCUPANCY, BAYESIAN, peer_rules, usual_rates
from training.bayesian_sensor import Rates, count_rates
from training.simulate import simulate_home
from training.trace import LabelSpan, Readings, RoomInfo, SignalInfo, Trace
from training.tracks import tracks_of

Array = NDArray[np.float64]
# A Monday's midnight, so that slots are whole hours.
T0 = 1_699_833_600.0
HOUR = 3600.0
LIVING = purpose_of("living room")
MOTION_TERM = (0.95 - 0.005) / 0.95 * 0.95 * 3.0


def a_track(role: Role, *readings: tuple[float, float], room: str = "a") -> Track:
    """Return a signal of readings, seconds from T0 and value."""
    times = np.array([T0 + t for t, _ in readings])
    return Track(Signal(id=role.value, role=role, room=room), times, np.array([v for _, v in readings], np.float32))


def area(tracks: list[Track], *seconds: float, purpose: area_occupancy.Purpose = LIVING) -> list[float]:
    """Return Area Occupancy Detection's probabilities at seconds from T0."""
    found: list[float] = area_occupancy.probability(tracks, purpose, T0 + np.array(seconds), UTC).tolist()
    return found


def logit(probability: float) -> float:
    """Return log-odds."""
    return math.log(probability / (1.0 - probability))


def sigmoid(log_odds: float) -> float:
    """Return the probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-log_odds))


FIRST = 0.6 * logit(0.01) + 0.4 * logit(0.5)


def test_motion_counts_fully_and_then_fades_by_half_lives() -> None:
    """Work out one motion sensor before the first analysis: on, one half-life later, and below a twentieth."""
    motion = a_track(Role.MOTION, (0, 0), (60, 1), (120, 0))
    found = area([motion], 30.0, 90.0, 120.0 + 520.0, 120.0 + 520.0 * 5)
    wanted = [FIRST, FIRST + MOTION_TERM, FIRST + MOTION_TERM / 2.0, FIRST]
    assert found == pytest.approx([sigmoid(value) for value in wanted])


def test_motion_that_is_lost_fades_too() -> None:
    """Let evidence fade from the moment a sensor became unavailable."""
    motion = a_track(Role.MOTION, (0, 1), (60, math.nan))
    assert area([motion], 60.0 + 520.0) == pytest.approx([sigmoid(FIRST + MOTION_TERM / 2.0)])


def test_a_door_counts_while_closed_and_a_window_while_open() -> None:
    """Work out both terms."""
    term = (0.2 - 0.02) / 0.2 * 0.2 * 2.0
    door, window = a_track(Role.DOOR, (0, 0)), a_track(Role.WINDOW, (0, 1))
    assert area([door], 10.0) == pytest.approx([sigmoid(FIRST + 0.3 * term)])
    assert area([window], 10.0) == pytest.approx([sigmoid(FIRST + 0.2 * term)])


def test_air_moves_the_result_by_a_fifth() -> None:
    """Work out a room with motion and a warm thermometer, and one with a thermometer alone."""
    warm, cold = a_track(Role.TEMPERATURE, (0, 21.0)), a_track(Role.TEMPERATURE, (0, 12.0))
    motion = a_track(Role.MOTION, (0, 1))
    air = 0.1 * (0.08 / 0.09) * 0.09 * 2.0
    assert area([motion, warm], 10.0) == pytest.approx([sigmoid(0.8 * (FIRST + MOTION_TERM) + 0.2 * air)])
    assert area([motion, cold], 10.0) == pytest.approx([sigmoid(FIRST + MOTION_TERM)])
    assert area([cold], 10.0) == pytest.approx([0.5 * sigmoid(FIRST)])


def test_priors_come_from_the_past_hours_and_the_same_hour_of_earlier_weeks() -> None:
    """Work out the prior after a week with one hour occupied each day at noon."""
    edges = [edge for day in range(8) for edge in ((day * 86_400.0 + 12 * HOUR, 1), (day * 86_400.0 + 13 * HOUR, 0))]
    motion = a_track(Role.MOTION, (0, 0), *edges)
    noon, night = 7 * 86_400.0 + 12 * HOUR - 1.0, 7 * 86_400.0 + 3 * HOUR
    # Seven hours, each with a tail of five minutes, of 179 and 171 full hours; a slot never occupied reads as 0.5.
    found = area([motion], night, noon)
    prior = 7 * (HOUR + 300.0) / HOUR
    assert found == pytest.approx(
        [
            sigmoid(0.6 * logit(prior / 171.0) + 0.4 * logit(0.5)),
            sigmoid(0.6 * logit(prior / 179.0) + 0.4 * logit(0.5)),
        ]
    )
    # Only the tail of a week ago fell into the hour after noon's.
    overall = (prior + 1.0) / 181.0
    afterwards = area([motion], 7 * 86_400.0 + 13 * HOUR + 3_599.0)
    assert afterwards == pytest.approx([sigmoid(0.6 * logit(overall) + 0.4 * logit(300.0 / HOUR))])


@pytest.mark.parametrize(
    ("prior", "on"), [(0.02, 0.26), (0.05, 0.48), (0.10, 0.66), (0.30, 0.88), (0.50, 0.95), (0.70, 0.98)]
)
def test_motion_gives_what_was_measured_of_the_original(prior: float, on: float) -> None:
    """Find the probabilities that its own functions gave for one motion sensor, within the gain they were taken at."""
    assert sigmoid(logit(prior) + area_occupancy._MOTION.term) == pytest.approx(on, abs=0.011)


@pytest.mark.parametrize(("room", "minutes"), [("living room", 15.0), ("bedroom", 35.0), ("hall", 1.3)])
def test_evidence_lasts_as_long_as_was_measured_of_the_original(room: str, minutes: float) -> None:
    """Find when a room with a prior of 0.3 is let go after its motion ended."""
    motion = a_track(Role.MOTION, (0, 1), (60, 0))
    half_life = purpose_of(room).half_life_seconds
    after = np.arange(0.0, 3600.0, 1.0, dtype=np.float64)
    strength = area_occupancy._strength(motion, lambda values: values > 0.0, half_life, T0 + 60.0 + after)
    held = after[[sigmoid(logit(0.3) + area_occupancy._MOTION.term * float(value)) >= 0.5 for value in strength]]
    assert held.max() / 60.0 == pytest.approx(minutes, rel=0.03)


def test_a_regular_evening_gives_the_priors_that_were_measured_of_the_original() -> None:
    """Find its priors at three in the morning and at six in the evening after four weeks used from 18 to 19 h."""
    edges = [edge for day in range(28) for edge in ((day * 86_400.0 + 18 * HOUR, 1), (day * 86_400.0 + 19 * HOUR, 0))]
    media = a_track(Role.MEDIA, (0, 0), *edges)
    moments = T0 + 28 * 86_400.0 + np.array([3.0, 18.0]) * HOUR
    assert area_occupancy._priors([media], moments, UTC).tolist() == pytest.approx([0.132, 0.27], abs=0.005)


def test_purposes_are_told_by_names() -> None:
    """Fade a hall's evidence fast, a bedroom's slowly, and hold a hall to its floor."""
    assert purpose_of("bedroom main").half_life_seconds == 1200.0
    assert purpose_of("lounge").half_life_seconds == 520.0
    hall = purpose_of("hallway")
    motion = a_track(Role.MOTION, (0, 0))
    assert area([motion], 10.0, purpose=hall) == pytest.approx([0.1])


def test_bayes_multiplies_what_is_on_and_off_and_skips_the_unknown() -> None:
    """Work out three sensors, one of them unknown, and leave out a role that nothing is known of."""
    rates = Rates(0.3, {Role.MOTION: (0.4, 0.02), Role.LIGHT: (0.6, 0.3), Role.DOOR: (0.5, 0.1)})
    tracks = [
        a_track(Role.MOTION, (0, 1)),
        a_track(Role.LIGHT, (0, 0)),
        a_track(Role.DOOR, (0, math.nan)),
        a_track(Role.CO2, (0, 900.0)),
    ]
    odds = 0.3 / 0.7 * (0.4 / 0.02) * (0.4 / 0.7)
    found = bayesian_sensor.probability(tracks, T0 + np.array([-1.0, 1.0]), rates)
    assert found.tolist() == pytest.approx([0.3, odds / (1.0 + odds)])


def test_rates_are_counted_on_labelled_time_with_one_more_of_each() -> None:
    """Count four instants of a light in a room that is occupied half of the time."""
    trace = Trace(
        name="t",
        source="made",
        licence="MIT",
        timezone="UTC",
        rooms=(RoomInfo("a", "A"),),
        signals=(SignalInfo("l", Role.LIGHT, "", "a"), SignalInfo("t", Role.TEMPERATURE, "", "a")),
        readings={
            "l": Readings(np.array([T0, T0 + 60.0]), ("on", "off")),
            "t": Readings(np.array([T0]), ("20",)),
        },
        labels=(LabelSpan(T0, T0 + 120.0, "a", "occupied"), LabelSpan(T0 + 120.0, T0 + 240.0, "a", "vacant")),
    )
    rates = count_rates([trace])
    assert rates.prior == 0.5
    assert rates.on == {Role.LIGHT: (0.5, 0.25)}


def test_the_usual_rates_make_sense() -> None:
    """See motion more often where somebody is, in homes that nothing is scored on."""
    rates = usual_rates()
    occupied, vacant = rates.on[Role.MOTION]
    assert 0.0 < vacant < occupied < 1.0
    assert usual_rates() is rates


def test_no_peer_sees_what_comes_later() -> None:
    """Say the same of a morning whether or not the evening is known."""
    trace = simulate_home(7, 2)
    room = trace.rooms[0].id
    tracks = tracks_of(trace)
    start = min(track.times[0] for track in tracks if len(track.times))
    ends = np.arange(start + HOUR, start + 86_400.0, 300.0, dtype=np.float64)
    early = [Track(t.signal, t.times[t.times <= ends[-1]], t.values[t.times <= ends[-1]]) for t in tracks]
    whole, cut = peer_rules(trace, tracks, room, ends), peer_rules(trace, early, room, ends)
    for name in (AREA_OCCUPANCY, BAYESIAN):
        assert whole[name].tolist() == cut[name].tolist()
        assert set(whole[name].tolist()) <= {0.0, 1.0}


@pytest.mark.slow
def test_sixty_days_take_seconds() -> None:
    """Judge a room every minute of sixty days in at most five seconds."""
    moments = np.arange(0.0, 60 * 86_400.0, 30.0, dtype=np.float64)
    values = np.random.default_rng(0).integers(0, 2, len(moments)).astype(np.float32)
    track = Track(Signal(id="m", role=Role.MOTION, room="a"), T0 + moments, values)
    ends = T0 + np.arange(0.0, 60 * 86_400.0, 60.0, dtype=np.float64)
    began = time.monotonic()
    area_occupancy.probability([track], LIVING, ends, UTC)
    bayesian_sensor.probability([track], ends, Rates(0.3, {Role.MOTION: (0.4, 0.1)}))
    assert time.monotonic() - began < 5.0
