"""Leaving one day out: every day is scored once, by a model that has not seen it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")

from training import cross
from training.dataset import HeldOut, Windows, guard_against_leaks
from training.recipe import Recipe, RecipeError, TraceUse, read_recipe
from training.simulate import simulate_home
from training.sources import SOURCES, Source

RECIPE = Path(__file__).parent / "tiny.toml"


@pytest.fixture(name="recipe")
def recipe_fixture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Recipe:
    """Return the tiny recipe with a made-up recording of three days to train on."""
    home = replace(simulate_home(50, 3), timezone="UTC")
    source = Source(lambda _: {"all": home}, "made_up", "nowhere", "us", "MIT", may_train=True)
    monkeypatch.setitem(SOURCES, "made-up", source)
    (tmp_path / "made_up").mkdir()
    recipe = read_recipe(RECIPE)
    few = replace(recipe.simulated, train=recipe.simulated.train[:1], validation=recipe.simulated.validation[:1])
    return replace(recipe, train=(TraceUse(source="made-up", trace="all"),), simulated=few, epochs=1)


def test_every_day_is_scored_by_a_model_that_never_saw_it(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guard the whole recording from what all folds share, one held-out day a fold, and score all of them."""
    guarded: list[HeldOut] = []

    def noted(windows: Windows, held: Any, window_seconds: float) -> None:  # noqa: ANN401 - passed on as it comes
        """Remember what is held out, and guard it."""
        guarded.extend(held)
        guard_against_leaks(windows, held, window_seconds)

    monkeypatch.setattr("training.cross.guard_against_leaks", noted)
    found = cross.leave_one_day_out(recipe, tmp_path, "made-up")
    assert list(found) == ["all days", "2024-01-01", "2024-01-02", "2024-01-03"]
    assert [(held.end - held.start) / 86_400.0 for held in guarded] == [3.0, 1.0, 1.0, 1.0]
    assert len({held.start for held in guarded[1:]}) == 3
    assert found["all days"]["instants"] == sum(table["instants"] for day, table in found.items() if day != "all days")
    assert "motion held, tuned" in found["all days"]["results"]


def test_a_source_that_is_not_trained_on_has_no_days_to_leave_out(recipe: Recipe, tmp_path: Path) -> None:
    """Refuse a source the recipe does not name."""
    with pytest.raises(RecipeError, match="exactly one trace of casas"):
        cross.leave_one_day_out(recipe, tmp_path, "casas")
