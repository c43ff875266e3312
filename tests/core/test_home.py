"""Anybody home: the rooms say it, people and the exit door move what they say."""

from __future__ import annotations

import math

import pytest

from custom_components.inkling.core.home import HomeSignals, Reading, home_probability
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import Signal

LEFT = {"away_seconds": 900.0, "quiet_seconds": 800.0, "door_seconds": 850.0}


def _chance(rooms: list[float | None], people: list[float | None], **seconds: float | None) -> float:
    """Return a probability that is known."""
    found = home_probability(rooms, people, **seconds)
    assert found is not None
    return found


def test_nothing_known() -> None:
    """Say nothing where no room and no person is known."""
    assert home_probability([], []) is None
    assert home_probability([None, None], [None]) is None


def test_rooms_alone() -> None:
    """Follow the rooms where no person is set up: one that is sure is enough, several that doubt add up."""
    assert _chance([0.97, 0.02, None], []) == pytest.approx(0.971, abs=0.005)
    assert _chance([0.5, 0.5], []) == pytest.approx(0.75)
    assert _chance([0.0, 0.0], []) == pytest.approx(0.01)
    assert _chance([1.0], []) == pytest.approx(0.99)


def test_many_idle_rooms_make_no_guest() -> None:
    """Stay low in a large home whose every room says hardly."""
    assert _chance([0.02] * 50, []) < 0.06


def test_people_alone() -> None:
    """Believe a phone at home, doubt phones that are away, where no room knows anything."""
    assert _chance([None], [1.0, 0.0]) > 0.9
    assert _chance([], [0.0, None]) == pytest.approx(0.3)


def test_people_move_what_rooms_say() -> None:
    """Count a phone at home for something, but let rooms that are sure outdo one left behind."""
    assert _chance([0.3], [1.0]) > 0.5
    assert _chance([0.02, 0.02], [1.0]) < 0.2
    assert _chance([0.3], [0.0]) == pytest.approx(_chance([0.3], []))


def test_home_is_left_where_all_three_agree() -> None:
    """Sink when all are away and nothing has moved since the door; not where one of the three is missing or late."""
    left = _chance([0.2], [0.0], **LEFT)
    assert left < 0.05
    assert _chance([], [0.0], **LEFT) < 0.1
    for name in LEFT:
        assert _chance([0.2], [0.0], **{**LEFT, name: None}) == pytest.approx(0.2)
    assert _chance([0.2], [0.0], **{**LEFT, "door_seconds": 5000.0}) == pytest.approx(0.2)
    assert _chance([0.2], [0.0], **{**LEFT, "quiet_seconds": 10.0}) == pytest.approx(0.2)
    assert _chance([0.2], [1.0], **LEFT) > 0.2


HOME = HomeSignals(people=("anna", "ben"), movement=("hall",), doors=("front",))
READINGS: dict[str, Reading] = {"anna": (100.0, 0.0), "ben": (300.0, 0.0), "hall": (200.0, 0.0), "front": (190.0, 1.0)}


def test_signals_of_the_home() -> None:
    """Take people, whatever moves, and the doors that lead out; an inner door and a lamp say nothing of the home."""
    roles = {"anna": Role.PERSON, "hall": Role.MOTION, "bed": Role.VIBRATION, "front": Role.DOOR, "lamp": Role.LIGHT}
    signals = [Signal(id=name, role=role, room=None) for name, role in roles.items()]
    signals.append(Signal(id="inner", role=Role.DOOR, room="office"))
    assert HomeSignals.among(signals) == HomeSignals(("anna",), ("hall", "bed"), ("front",))


def test_evidence_counts_from_the_newest() -> None:
    """Count from the last who left, the last movement and the last opening."""
    found = HOME.evidence(READINGS.get, 1000.0)
    assert found.people == (0.0, 0.0)
    assert (found.away_seconds, found.quiet_seconds, found.door_seconds) == (700.0, 800.0, 810.0)
    assert found.probability([0.2]) == pytest.approx(_chance([0.2], [0.0], **LEFT))


@pytest.mark.parametrize("ben", [None, (300.0, math.nan), (300.0, 1.0)])
def test_who_may_be_home_is_not_away(ben: Reading | None) -> None:
    """Count nobody's absence while one is at home or unknown."""
    newest = {**READINGS, "ben": ben}
    found = HOME.evidence(newest.get, 1000.0)
    assert found.away_seconds is None
    assert found.people[1] == (1.0 if ben == (300.0, 1.0) else None)


def test_movement_and_doors_that_say_nothing() -> None:
    """Call nothing quiet that still moves, and know nothing where no signal says anything."""
    moving = HOME.evidence({**READINGS, "hall": (200.0, 1.0)}.get, 1000.0)
    assert moving.quiet_seconds == 0.0
    silent = HomeSignals((), ("hall",), ("front",)).evidence({"hall": (0.0, math.nan)}.get, 1000.0)
    assert (silent.away_seconds, silent.quiet_seconds, silent.door_seconds) == (None, None, None)
    assert silent.probability([]) is None
