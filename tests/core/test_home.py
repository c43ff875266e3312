"""Anybody home: the rooms say it, people and the exit door move what they say."""

from __future__ import annotations

import pytest

from custom_components.inkling.core.home import home_probability

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
