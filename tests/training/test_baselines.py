"""The rules without learning, on cases anybody can work out."""

from __future__ import annotations

import numpy as np

from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import Signal, Track
from training.baselines import last_moments, last_motion_wins, motion_held, tune_hold

T0 = 1_700_000_000.0


def a_track(name: str, room: str | None, role: Role, *readings: tuple[float, float]) -> Track:
    """Return a signal of readings, seconds from T0 and value."""
    times = np.array([T0 + t for t, _ in readings])
    return Track(Signal(id=name, role=role, room=room), times, np.array([v for _, v in readings], dtype=np.float32))


TRACKS = (
    a_track("a", "a", Role.MOTION, (-600, 0), (0, 1), (10, 0)),
    a_track("b", "b", Role.MOTION, (-600, 0), (100, 1), (110, 0)),
    a_track("door", None, Role.DOOR, (-600, 0), (200, 1), (205, 0)),
    a_track("lamp", "c", Role.LIGHT, (0, 1)),
)
ENDS = T0 + np.array([-10.0, 5.0, 50.0, 105.0, 150.0, 300.0])


def test_last_moments_are_those_of_movement_and_exit_doors() -> None:
    """Find when each room last moved, and leave out lamps."""
    moments = last_moments(TRACKS, ENDS)
    assert set(moments) == {"a", "b", None}
    np.testing.assert_array_equal(moments["a"] - T0, [-np.inf, 5.0, 10.0, 10.0, 10.0, 10.0])
    np.testing.assert_array_equal(moments[None] - T0, [-np.inf] * 5 + [205.0])


def test_motion_is_held_for_its_minutes() -> None:
    """Hold for one minute after the end of motion; a room without sensor is vacant."""
    moments = last_moments(TRACKS, ENDS)
    assert motion_held(moments["a"], ENDS, 1).tolist() == [0, 1, 1, 0, 0, 0]
    assert motion_held(moments["a"], ENDS, 5).tolist() == [0, 1, 1, 1, 1, 1]
    assert motion_held(None, ENDS, 5).tolist() == [0] * 6


def test_the_last_motion_wins_until_the_next_or_the_door() -> None:
    """Hold the newest room; with the door, nobody after it."""
    moments = last_moments(TRACKS, ENDS)
    assert last_motion_wins(moments, "a", ENDS).tolist() == [0, 1, 1, 0, 0, 0]
    assert last_motion_wins(moments, "b", ENDS).tolist() == [0, 0, 0, 1, 1, 1]
    assert last_motion_wins(moments, "b", ENDS, door=True).tolist() == [0, 0, 0, 1, 1, 0]
    assert last_motion_wins(moments, "c", ENDS).tolist() == [0] * 6


def test_the_hold_is_the_one_that_is_right_most_often() -> None:
    """Tune on a stay that outlasts its last motion by five minutes."""
    ends = np.arange(T0, T0 + 1200.0, 60.0, dtype=np.float64)
    moments = np.full(len(ends), T0)
    truths = np.where(ends - T0 <= 310.0, 1.0, 0.0)
    assert tune_hold([(moments, ends, truths)]) == 5
