"""What people would see: the shipped occupancy model on small made-up homes whose answer anybody knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.pipeline import Model, Request, open_model, replay, score_batch
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import HomeSnapshot, Signal, Track

MODELS = Path(__file__).parents[2] / "models"
T0 = 1_700_000_000.0
MINUTE, HOUR = 60.0, 3600.0
LONG_AGO = -30 * HOUR


@pytest.fixture(scope="module", name="model")
def model_fixture() -> Model:
    """Open the shipped model as Home Assistant does."""
    return open_model((MODELS / "occupancy.json").read_bytes(), (MODELS / "occupancy.tflite").read_bytes())


def track(name: str, role: Role, room: str | None, *readings: tuple[float, float]) -> Track:
    """Return a signal of readings, seconds from T0 and value."""
    times = np.array([T0 + t for t, _ in readings], dtype=np.float64)
    return Track(Signal(id=name, role=role, room=room), times, np.array([v for _, v in readings], dtype=np.float32))


def motion(room: str, *spells: tuple[float, float]) -> Track:
    """Return a room's motion sensor that was off for long and on in some spells, seconds from T0."""
    edges = [edge for start, stop in spells for edge in ((start, 1.0), (stop, 0.0))]
    return track(f"motion_{room}", Role.MOTION, room, (LONG_AGO, 0.0), *edges)


def exit_door(*opened: float) -> Track:
    """Return an exit door that was opened for five seconds at some moments."""
    edges = [edge for t in opened for edge in ((t, 1.0), (t + 5.0, 0.0))]
    return track("front_door", Role.DOOR, None, (LONG_AGO, 0.0), *edges)


def wavy(name: str, role: Role, level: float, swing: float) -> Track:
    """Return a meter that follows the day, read every five minutes."""
    times = np.arange(LONG_AGO, 12 * HOUR, 300.0)
    return track(name, role, "a", *((t, level + swing * np.sin(2 * np.pi * t / 86_400.0)) for t in times.tolist()))


def probabilities(model: Model, tracks: Sequence[Track], room: str, *moments: float) -> NDArray[np.float64]:
    """Return a room's probability at moments, seconds from T0."""
    return replay(model, tracks, room, np.array([T0 + t for t in moments]))


def silent_house() -> list[Track]:
    """Return an evening: living room, bathroom, then the bedroom `a`, and nothing more."""
    return [
        motion("a", (0, 20), (40, 60), (75, 90), (300, 330), (900, 915)),
        motion("bath", (-900, -600)),
        motion("living", (-3 * HOUR, -2000), (-1900, -1000)),
        motion("hall", (-950, -910), (-595, -580), (-12, 0)),
    ]


@pytest.mark.parametrize("idle_hours", [1, 8, 29])
@pytest.mark.parametrize("furnished", [False, True])
def test_an_edge_of_motion_is_seen_at_once(model: Model, idle_hours: int, furnished: bool) -> None:  # noqa: FBT001
    """Pass the on threshold within a second of motion in a room that was empty."""
    start = LONG_AGO + idle_hours * HOUR
    sensor = track("motion_a", Role.MOTION, "a", (LONG_AGO, 0.0), (start, 1.0))
    tracks = [sensor, wavy("temperature", Role.TEMPERATURE, 21.0, 0.5)] if furnished else [sensor]
    before, after = probabilities(model, tracks, "a", start - 1.0, start + 0.5)
    assert before < model.manifest.decision.off_threshold
    assert after >= model.manifest.decision.on_threshold


def test_a_room_with_only_a_motion_sensor_empties(model: Model) -> None:
    """Fall below the off threshold within half an hour of people walking away and staying elsewhere."""
    moved = motion("b", *((t, t + 60.0) for t in np.arange(80.0, 3 * HOUR, 300.0).tolist()))
    tracks = [motion("a", (-600, -500), (-300, -200), (0, 60)), motion("hall", (60, 75)), moved]
    later = probabilities(model, tracks, "a", 15 * MINUTE, 30 * MINUTE, 60 * MINUTE)
    assert later[1:].max() < model.manifest.decision.off_threshold


def test_news_from_elsewhere_empties_a_room_faster(model: Model) -> None:
    """Say less of a room ten minutes after its last motion when somebody was seen elsewhere since."""
    stayed = probabilities(model, lived_in_house(), "a", 25 * MINUTE)
    walked = motion("living", *((t, t + 60.0) for t in np.arange(960.0, 1500.0, 200.0).tolist()))
    left = probabilities(model, [*lived_in_house()[:2], walked, lived_in_house()[3]], "a", 25 * MINUTE)
    assert left[0] < stayed[0] - 0.2
    assert stayed[0] >= model.manifest.decision.off_threshold > left[0]


def test_a_home_that_was_silent_for_a_day_holds_a_room_for_minutes(model: Model) -> None:
    """Keep a room for three minutes after its motion though nothing moved all day; news end it sooner."""
    own = motion("a", (-600, -500), (-300, -200), (0, 60))
    quiet, moved = motion("b", (-9 * HOUR, -8 * HOUR)), motion("b", (80, 140), (300, 400))
    stayed = probabilities(model, [own, quiet], "a", 2 * MINUTE, 3 * MINUTE, 10 * MINUTE)
    left = probabilities(model, [own, moved], "a", 2 * MINUTE, 3 * MINUTE, 10 * MINUTE)
    assert stayed[:2].min() >= model.manifest.decision.off_threshold
    assert np.all(left < stayed)


def lived_in_house() -> list[Track]:
    """Return a day of one resident: bedroom `a`, kitchen, living room, bathroom, and to bed."""

    def often(first: float, last: float, every: float, seconds: float) -> list[tuple[float, float]]:
        """Return spells of movement at a regular distance."""
        return [(t, t + seconds) for t in np.arange(first, last, every).tolist()]

    return [
        motion("a", *often(-20 * HOUR, -14 * HOUR, 2400.0, 20.0), (0, 20), (40, 60), (75, 90), (300, 330), (900, 915)),
        motion("kitchen", *often(-13 * HOUR, -12 * HOUR, 100.0, 30.0)),
        motion("living", *often(-12 * HOUR, -2000.0, 400.0, 60.0)),
        motion("bath", (-900, -600)),
    ]


def test_a_sleeper_is_not_forgotten(model: Model) -> None:
    """Keep the bedroom occupied through seven silent hours, and every other room vacant."""
    tracks = [*lived_in_house(), exit_door(-13.5 * HOUR)]
    asleep = probabilities(model, tracks, "a", HOUR, 2 * HOUR, 4 * HOUR, 7 * HOUR)
    assert asleep.min() >= model.manifest.decision.off_threshold
    for room in ("bath", "living", "kitchen"):
        assert probabilities(model, tracks, room, 4 * HOUR)[0] < model.manifest.decision.off_threshold


def test_a_sleeper_back_from_a_journey_is_kept_for_a_while(model: Model) -> None:
    """Keep the bedroom for four hours in a home that has seen little else all day."""
    tracks = [*silent_house(), exit_door(-5 * HOUR)]
    asleep = probabilities(model, tracks, "a", 10 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR)
    assert asleep.min() >= model.manifest.decision.off_threshold
    for room in ("bath", "living", "hall"):
        assert probabilities(model, tracks, room, 4 * HOUR)[0] < model.manifest.decision.off_threshold


def test_a_sleeper_without_exit_door_is_kept_for_hours(model: Model) -> None:
    """Hold the bedroom for three hours where no exit door tells that nobody left."""
    asleep = probabilities(model, lived_in_house(), "a", 10 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR)
    assert asleep.min() >= model.manifest.decision.off_threshold


@pytest.mark.parametrize("rooms", [2, 7])
def test_movement_everywhere_hides_no_edge(model: Model, rooms: int) -> None:
    """Say occupied from the first moment of an edge to its end, however busy the home and whatever the hour."""
    busy = [
        motion(f"r{n}", *((t, t + 90.0) for t in np.arange(-3 * HOUR + 13 * n, HOUR, 100.0).tolist()))
        for n in range(rooms)
    ]
    tracks = [motion("a", (0, 300)), *busy]
    ends = T0 + np.array([0.0, 0.5, 1.0, 5.0, 60.0, 299.0])
    for offset in np.arange(0.0, 86_400.0, 10_800.0).tolist():
        said = replay(model, tracks, "a", ends, np.full(len(ends), offset))
        assert said.min() >= model.manifest.decision.on_threshold


def test_who_left_by_the_front_door_is_not_asleep(model: Model) -> None:
    """Empty the bedroom when the exit door was the last that moved."""
    tracks = [*silent_house()[:3], motion("hall", (-12, 0), (1790, 1812)), exit_door(-5 * HOUR, 1800.0)]
    gone = probabilities(model, tracks, "a", 1800 + 10 * MINUTE, 1800 + HOUR)
    assert gone.max() < model.manifest.decision.off_threshold


@pytest.mark.parametrize(
    "tracks",
    [
        [track("door", Role.DOOR, "a", (LONG_AGO, 0.0), (0.0, 1.0), (6.0, 0.0))],
        [wavy("temperature", Role.TEMPERATURE, 21.0, 0.5)],
        [wavy("temperature", Role.TEMPERATURE, 21.0, 0.5), wavy("humidity", Role.HUMIDITY, 45.0, 2.0)],
    ],
    ids=["door", "temperature", "temperature and humidity"],
)
def test_poor_evidence_gives_a_modest_probability(model: Model, tracks: list[Track]) -> None:
    """Never be sure of people from a door or the temperature alone, hours later least of all."""
    said = probabilities(model, tracks, "a", *np.arange(-20 * HOUR, 11 * HOUR, 1800.0).tolist())
    assert said.max() < 0.95
    assert np.median(said) < 0.6


def test_a_lamp_left_on_does_not_hold_a_room(model: Model) -> None:
    """Let go of a room whose lamp burns on after the last motion, in an hour at most."""
    lamp = track("lamp", Role.LIGHT, "a", (LONG_AGO, 0.0), (1.0, 1.0))
    tracks = [lamp, motion("a", (0, 60)), motion("b", (90, 150), (600, 700), (1500, 1600), (3000, 3300))]
    later = probabilities(model, tracks, "a", HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR)
    assert later.max() < model.manifest.decision.off_threshold


def test_a_lamp_alone_is_no_certainty(model: Model) -> None:
    """Stay modest about a room of which only a lamp is known that has been on for ten hours."""
    lamp = track("lamp", Role.LIGHT, "a", (LONG_AGO, 0.0), (0.0, 1.0))
    assert probabilities(model, [lamp], "a", 10 * HOUR)[0] < 0.7


@pytest.mark.parametrize("gone", [Role.TEMPERATURE, Role.HUMIDITY, Role.ILLUMINANCE])
def test_a_sensor_that_goes_unavailable_swings_nothing(model: Model, gone: Role) -> None:
    """Change the decision neither of an occupied nor of an empty room when a side sensor falls silent."""
    levels = {Role.TEMPERATURE: 21.0, Role.HUMIDITY: 45.0, Role.ILLUMINANCE: 120.0}
    sensors = [wavy(role, role, level, 0.5) for role, level in levels.items()]
    own = motion("a", (-300, -200), (0, 60), (200, 400))
    broken = [
        track(role, role, "a", *((t, levels[role]) for t in (LONG_AGO, 0.0)), (210.0, float("nan")))
        if role is gone
        else sensor
        for role, sensor in zip(levels, sensors, strict=True)
    ]
    whole = probabilities(model, [own, *sensors], "a", 220.0, 3 * HOUR)
    part = probabilities(model, [own, *broken], "a", 220.0, 3 * HOUR)
    decision = model.manifest.decision
    assert part[0] >= decision.on_threshold
    assert part[1] < decision.off_threshold
    assert abs(part - whole).max() < 0.35


def test_a_radar_is_believed(model: Model) -> None:
    """Hold a room while its presence sensor is on, and empty it minutes after."""
    radar = track("radar", Role.PRESENCE, "a", (LONG_AGO, 0.0), (0.0, 1.0), (2 * HOUR, 0.0))
    said = probabilities(model, [radar], "a", -60.0, 60.0, HOUR, 2 * HOUR - 1, 2 * HOUR + 15 * MINUTE)
    decision = model.manifest.decision
    assert said[1:4].min() >= decision.on_threshold
    assert max(said[0], said[4]) < decision.off_threshold


def test_motion_speaks_for_somebody(model: Model) -> None:
    """Give motion that is on a positive share of the log-odds, and the largest."""
    tracks = (
        motion("a", (-3 * HOUR, -2 * HOUR), (0, 60)),
        wavy("temperature", Role.TEMPERATURE, 21.0, 0.5),
        motion("b"),
    )
    score = score_batch(model, HomeSnapshot(T0 + 30.0, tracks), [Request("a", explain=True)])["a"]
    assert score.contributions is not None
    shares = {item.signal: item.log_odds for item in score.contributions}
    assert shares["motion_a"] > 0.5
    assert shares["motion_a"] >= shares["temperature"]
