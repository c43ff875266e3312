"""What a user said of now: how long it stands, what ends it, and what is shown meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.decide import DecisionParameters
from custom_components.inkling.core.hold import SURE, Hold, hold_from_json
from custom_components.inkling.core.pipeline import Model, open_model, replay
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import Signal, Track

PARAMETERS = DecisionParameters(on_threshold=0.6, off_threshold=0.3)
DAY = 86_400.0
STILL = 20_000 * DAY + 20 * 3600.0
"""When somebody in the office moved for the last time."""


def hold_of(*, occupied: bool, reference: float | None = None) -> Hold:
    """Return a word of the moment 0."""
    return Hold(label_id="1", occupied=occupied, since=0.0, reference=reference, lowest=reference)


def test_i_am_here_holds_until_the_model_is_far_surer_of_nobody() -> None:
    """Outlast a model that stays where it was or agrees, end when it falls by two or two hours are over."""
    hold = hold_of(occupied=True, reference=-1.0)
    for odds in (-1.0, 3.0, -2.9):
        assert not hold.is_over(odds, 600.0, 500.0, PARAMETERS)
    assert hold.is_over(-3.0, 700.0, None, PARAMETERS)
    assert hold_of(occupied=True, reference=-1.0).is_over(-1.0, 7200.0, None, PARAMETERS)
    # Said while moving: sitting still afterwards says nothing against it.
    moving = hold_of(occupied=True, reference=3.0)
    assert not moving.is_over(-1.0, 600.0, None, PARAMETERS)
    assert moving.is_over(-2.9, 700.0, None, PARAMETERS)
    # A clock that was set back by hours does not stretch it.
    assert hold_of(occupied=True, reference=-1.0).is_over(-1.0, -3600.0, None, PARAMETERS)


def lasts(model: Model, others: Sequence[Track]) -> float:
    """Return for how many minutes "I am here" holds that is said a quarter of an hour after the last movement."""
    ends = STILL + np.arange(900.0, 3 * 3600.0, 60.0, dtype=np.float64)
    hour = [(STILL + minute * 60.0, minute % 5 == 0) for minute in range(-60, 1)]
    moved = [(STILL - DAY, False), *hour, (STILL + 60.0, False)]
    tracks = [track_of("office", moved), *others]
    odds = np.log(found := replay(model, tracks, "office", ends)) - np.log1p(-found)
    hold = replace(hold_of(occupied=True, reference=float(odds[0])), since=float(ends[0]))
    parameters = model.manifest.decision
    pairs: list[tuple[float, float]] = list(zip(ends.tolist(), odds.tolist(), strict=True))
    return next(t - hold.since for t, value in pairs if hold.is_over(value, t, None, parameters)) / 60.0


def track_of(room: str, readings: Sequence[tuple[float, bool]]) -> Track:
    """Return a motion sensor's readings."""
    times = np.array([t for t, _ in readings])
    values = np.array([value for _, value in readings], np.float32)
    return Track(Signal(id=room, role=Role.MOTION, room=room), times, values)


def test_the_reader_keeps_the_room_and_who_leaves_does_not() -> None:
    """Hold with the shipped model over an hour of silence, and let go when somebody is seen next door."""
    folder = Path(__file__).parents[2] / "models"
    model = open_model((folder / "occupancy.json").read_bytes(), (folder / "occupancy.tflite").read_bytes())
    quiet = track_of("hall", [(STILL - DAY, False)])
    assert lasts(model, [quiet]) > 60.0
    left = STILL + 1500.0
    walked = track_of("hall", [(STILL - DAY, False), (left, True), (left + 60.0, False)])
    assert lasts(model, [walked]) <= (left - STILL - 900.0) / 60.0 + 2.0


def test_nobody_is_here_holds_against_what_was_there_before() -> None:
    """Outlast what stands, end with movement that is new, with a clear rise, or when the model agrees."""
    hold = hold_of(occupied=False, reference=3.0)
    assert not hold.is_over(3.0, 600.0, -100.0, PARAMETERS)
    assert not hold.is_over(3.9, 700.0, None, PARAMETERS)
    assert hold.is_over(3.0, 800.0, 790.0, PARAMETERS)
    assert hold.is_over(4.0, 900.0, None, PARAMETERS)
    assert hold.is_over(-1.0, 900.0, None, PARAMETERS)
    assert not hold_of(occupied=False, reference=-0.7).is_over(0.35, 10.0, None, PARAMETERS)
    assert hold_of(occupied=False, reference=3.0).is_over(3.0, 28_800.0, None, PARAMETERS)


def test_a_word_before_the_first_answer_is_measured_by_it() -> None:
    """Take the first answer for the one that stood when the user spoke."""
    hold = hold_of(occupied=True)
    assert not hold.is_over(-5.0, 10.0, None, PARAMETERS)
    assert hold.is_over(-7.0, 20.0, None, PARAMETERS)


def test_what_is_shown_meanwhile() -> None:
    """Show what the user said as nearly certain, past any threshold a user may have chosen."""
    strict = DecisionParameters(on_threshold=0.97, off_threshold=0.02)
    assert hold_of(occupied=True).raised(0.1, PARAMETERS) == SURE
    assert hold_of(occupied=True).raised(0.1, strict) == 0.97
    assert hold_of(occupied=True).raised(0.99, PARAMETERS) == 0.99
    assert hold_of(occupied=False).raised(0.9, PARAMETERS) == pytest.approx(1.0 - SURE)
    assert hold_of(occupied=False).raised(0.9, strict) == 0.01
    assert hold_of(occupied=False).raised(0.001, PARAMETERS) == 0.001


def test_hold_in_a_file() -> None:
    """Come back from JSON as it went; what cannot be is left out, what is half known is measured anew."""
    hold = hold_of(occupied=False, reference=1.5)
    assert hold_from_json(hold.to_json()) == hold
    assert hold_from_json({**hold.to_json(), "reference": None}) == hold_of(occupied=False)
    for change in ({"occupied": 1}, {"label_id": None}, {"since": "now"}):
        assert hold_from_json({**hold.to_json(), **change}) is None
    assert hold_from_json("hold") is None
