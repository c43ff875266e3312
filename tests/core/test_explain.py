"""Contributions where the cause is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.explain import contributions, occlusions
from custom_components.inkling.core.features import CHANNELS, RoomView, build, build_views, grid_tracks, room_view
from custom_components.inkling.core.pipeline import Request, score_batch
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.verdict import Contribution
from custom_components.inkling.core.window import HomeSnapshot, Track
from tests.core.builders import T0, linear_model, track

_HOME = [
    track(Role.MOTION, [(-900, 0.0), (-30, 1.0)], name="pir"),
    track(Role.CO2, [(-900, 900.0)], name="air"),
    track(Role.LIGHT, [(-900, 0.0), (-60, 1.0)], name="lamp"),
    track(Role.MOTION, [(-900, 0.0), (-60, 1.0)], room="hall", name="hall pir"),
    track(Role.DOOR, [(-9000, 0.0), (-4000, 1.0)], room=None, name="front door"),
    track(Role.PERSON, [(-900, 1.0)], room=None, name="ann"),
]
_WEIGHTS = {
    "room.motion.mean": 4.0,
    "room.co2.mean": -3.0,
    "room.light.mean": 1.0,
    "elsewhere.activity.mean": -2.0,
    "home.person.mean": 0.25,
}


def _explain(tracks: list[Track], weights: dict[str, float]) -> dict[str, float]:
    """Return each signal's contribution in the kitchen, in the order given."""
    score = score_batch(linear_model(weights), HomeSnapshot(T0, tuple(tracks)), [Request("kitchen", explain=True)])
    found = score["kitchen"].contributions
    assert found is not None
    return {item.signal: item.log_odds for item in found}


def _view(tracks: list[Track]) -> tuple[RoomView, NDArray[np.float64]]:
    """Return the kitchen's view and the edges of its grids."""
    grids = grid_tracks(tracks, np.array([T0]), 5, 60.0)
    return room_view("kitchen", grids), grids[0].edges


def test_contribution_is_weight_times_change() -> None:
    """Give each signal its weight times its channel, signed, strongest first."""
    found = _explain(_HOME, _WEIGHTS)
    assert list(found.values()) == pytest.approx([4.0 * 0.5, -2.0, -3.0 * 0.5, 1.0, 0.25], abs=1e-6)
    assert list(found) in (
        ["pir", "elsewhere", "air", "lamp", "home"],
        ["elsewhere", "pir", "air", "lamp", "home"],
    )


def test_order_is_strongest_first() -> None:
    """Sort by strength, whatever the sign."""
    questions = occlusions(_view(_HOME)[0])
    found = contributions(1.0, questions, [0.5, 3.0, 1.0, 0.9, 1.2])
    assert found[0] == Contribution("air", -2.0)
    strengths = [abs(item.log_odds) for item in found]
    assert strengths == sorted(strengths, reverse=True)


def test_one_answer_for_each_question() -> None:
    """Refuse answers that are not as many as the questions."""
    questions = occlusions(_view(_HOME)[0])
    with pytest.raises(ValueError, match="zip"):
        contributions(1.0, questions, [0.5])


def test_a_left_out_signal_is_one_never_configured() -> None:
    """Build every occluded input as if the signal had never been there."""
    view, edges = _view(_HOME)
    # How many live here is the whole home's: it is known or unknown, never counted again for one sensor less.
    channels = [name for name in CHANNELS if ".company." not in name]
    base = build(view, channels, edges)
    questions = occlusions(view)
    assert [question.signal for question in questions] == ["pir", "air", "lamp", "elsewhere", "home"]
    inputs = build_views([question.view for question in questions], channels, edges)
    left_out = {"elsewhere": {"hall pir"}, "home": {"front door", "ann"}}
    for question, found in zip(questions, inputs, strict=True):
        gone = left_out.get(question.signal, {question.signal})
        rest, _ = _view([item for item in _HOME if item.signal.id not in gone])
        assert found.tolist() == build(rest, channels, edges).tolist()
        assert not np.array_equal(found, base)


def test_one_of_two_of_a_role() -> None:
    """Leave only one of two sensors of a role out: what the other sees as well is nobody's alone."""
    twin = track(Role.MOTION, [(-900, 0.0), (-30, 1.0)], name="twin")
    found = _explain([_HOME[0], twin], {"room.motion.mean": 4.0})
    assert found == {"pir": 0.0, "twin": 0.0}


def test_leads_are_recomputed() -> None:
    """Explain who acted last through the signals it is made of."""
    found = _explain(_HOME, {"room.lead.recency": 1.0, "room.exit_lead.recency": 10.0, "home.exit_lead.recency": 1.0})
    assert found["pir"] > 0.0
    assert found["home"] > 10.0 * 0.5
    assert found["air"] == found["lamp"] == 0.0


def test_alone() -> None:
    """Ask about nothing else where a room is all there is."""
    assert list(_explain([_HOME[0]], {"room.motion.mean": 1.0})) == ["pir"]
