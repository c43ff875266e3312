"""What a new home is shown: a room the forecast is bad at is hidden, and what is shown beats the best rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
import pytest

pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")

from custom_components.inkling.core.forecast import BASELINES
from custom_components.inkling.core.pipeline import Model, open_model
from training.forecast.abstain import Replayed, priors_in, replay, shown_by_sort, shown_skill
from training.forecast.homes import HOME
from training.forecast.report import shown_table, skill_table
from training.forecast.score import (
    ALL,
    HOMES,
    HORIZONS_MINUTES,
    MODEL,
    ScoredRoom,
    by_sort,
    horizons_of,
    score_household,
)

SHIPPED = Path(__file__).parents[2] / "models" / "forecast.json"
SLOTS_PER_DAY = 96
HORIZONS = {str(minutes): {"brier": 0.05, "baseline_brier": 0.055} for minutes in HORIZONS_MINUTES}


@pytest.fixture(scope="module", name="model")
def model_fixture() -> Model:
    """Open the model that ships."""
    return open_model(SHIPPED.read_bytes(), SHIPPED.with_suffix(".tflite").read_bytes())


def _room(name: str, noise: float, days: int = 6) -> ScoredRoom:
    """Return a room used mostly by night: the forecast is the true chance and noise, the profile a tenth beside."""
    rng = np.random.default_rng(5)
    slots = np.arange(days * SLOTS_PER_DAY + max(HORIZONS_MINUTES) // 15)
    likely = np.where(slots % SLOTS_PER_DAY < SLOTS_PER_DAY // 4, 0.7, 0.1)
    states = (rng.random(len(slots)) < likely).astype(np.float64)
    count = days * SLOTS_PER_DAY
    ahead = np.arange(count)[:, None] + np.array(HORIZONS_MINUTES) // 15
    chances: NDArray[np.float64] = likely[ahead]
    said = {name: np.full(chances.shape, 0.25) for name in BASELINES} | {"profile": np.clip(chances + 0.1, 0.0, 1.0)}
    said[MODEL] = np.clip(chances + noise * rng.standard_normal(chances.shape), 0.0, 1.0)
    return ScoredRoom("made-up", name, states[ahead], said)


def test_a_room_of_negative_skill_is_hidden() -> None:
    """Hide every horizon of a room where the forecast is worse than its profile, within two days and for good."""
    bad = _room("bad", 0.3)
    assert max(by_sort([bad])[ALL]["skill"]) < -0.1
    shown = replay(bad, priors_in(HORIZONS)).shown
    assert shown[:SLOTS_PER_DAY].all()
    assert not shown[2 * SLOTS_PER_DAY :].any()


def test_a_room_of_positive_skill_is_shown() -> None:
    """Never hide the true chances."""
    good = _room("good", 0.0)
    assert min(by_sort([good])[ALL]["skill"]) > 0.03
    assert replay(good, priors_in(HORIZONS)).shown.all()


def test_what_is_shown_is_told_by_sort() -> None:
    """Say how much of the time each horizon was shown, and the skill of that alone."""
    found = shown_by_sort([_room("good", 0.0), _room("bad", 0.3)], HORIZONS)
    assert found["good"]["share"] == [1.0] * len(HORIZONS_MINUTES)
    assert max(found["bad"]["share"]) < 0.3
    assert all(skill > 0.0 for skill in found["good"]["skill"])
    assert "| good (1) | 100% 0.0" in shown_table(found)


def test_a_room_that_is_never_used_is_certain() -> None:
    """Treat it in the report as at home: right enough to show, though a rule that says 0 is righter."""
    shape = (3 * SLOTS_PER_DAY, len(HORIZONS_MINUTES))
    said = {name: np.zeros(shape) for name in BASELINES} | {MODEL: np.full(shape, 0.01)}
    room = ScoredRoom("made-up", "never", np.zeros(shape), said)
    replayed = replay(room, priors_in(HORIZONS))
    assert replayed.shown.all()
    assert shown_skill([replayed]) == [None] * len(HORIZONS_MINUTES)
    assert by_sort([room])[ALL]["skill"] == [None] * len(HORIZONS_MINUTES)
    assert "| never (1) | certain |" in skill_table(by_sort([room]))
    assert "| never (1) | 100% certain |" in shown_table(shown_by_sort([room], HORIZONS))
    with pytest.raises(ValueError, match="score more households"):
        horizons_of([room])
    hidden = Replayed(room, np.zeros(shape, np.bool_))
    assert shown_skill([hidden]) == [None] * len(HORIZONS_MINUTES)
    assert "| never (1) | hidden |" in shown_table({"never": {"count": 1, "share": [0.0] * 6, "skill": [None] * 6}})


def test_a_home_begins_with_the_scores_of_a_room_that_is_hard() -> None:
    """Take the sort at the quantile of skill, and the worst at quantile nought."""
    rooms = [_room("good", 0.0), _room("fair", 0.1), _room("bad", 0.3)]
    worst, middle = horizons_of(rooms, 0.0)["60"], horizons_of(rooms, 0.5)["60"]
    assert (worst["of"], middle["of"]) == ("bad", "fair")
    prior = priors_in({"60": middle})[60]
    assert prior.skill == pytest.approx(by_sort(rooms)["fair"]["skill"][2], abs=1e-3)


def test_what_is_shown_of_simulated_homes_beats_the_best_rule(model: Model) -> None:
    """Show new homes what is better than the best rule, at every horizon, over rooms and over homes."""
    horizons = model.manifest.evaluation["horizons"]
    rooms = [room for seed in (9001, 9002) for room in score_household(model, seed, 10, 3)]
    found = shown_by_sort(rooms, horizons)
    assert {HOME, "kitchen"} <= {room.room for room in rooms}
    for sort in (ALL, HOMES):
        assert min(found[sort]["share"]) > 0.5
        assert all(skill > 0.0 for skill in found[sort]["skill"]), (sort, found[sort])
