"""How a home's own model is made: one small TOML file, every number of it with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
import tomllib
from typing import Any

from .labelling import ANNOTATION, HINDSIGHT
from .recipe import RecipeError

DEFAULT = Path(__file__).parent / "recipes" / "personal.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalRecipe:
    """All of it; shares are of the home's time, hours of rooms' labelled time."""

    labels: str
    seed: int
    held_out_share: float
    gap_hours: float
    validation_share: float
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    draws: int
    rehearsal_seeds: tuple[int, ...]
    rehearsal_days: int
    train_hours: float
    score_hours: float
    score_hours_each: float


def read_personal_recipe(path: Path = DEFAULT) -> PersonalRecipe:
    """Return the recipe in a file; raise RecipeError naming what does not fit."""
    try:
        recipe = _recipe(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as err:
        raise RecipeError(f"the recipe {path} cannot be read: {err.strerror}") from err
    except KeyError as err:
        raise RecipeError(f"the recipe {path} lacks the entry {err.args[0]!r}") from err
    except (TypeError, ValueError) as err:
        raise RecipeError(f"the recipe {path} has an entry that does not fit: {err}") from err
    if recipe.labels not in (ANNOTATION, HINDSIGHT):
        raise RecipeError(f"the recipe {path} has the labels {recipe.labels!r}: use {ANNOTATION} or {HINDSIGHT}")
    if not (0.0 < recipe.held_out_share < 1.0 and 0.0 < recipe.validation_share < 1.0):
        raise RecipeError(f"the recipe {path} must have shares between 0 and 1")
    return recipe


def _recipe(source: Mapping[str, Any]) -> PersonalRecipe:
    """Return the recipe of parsed TOML."""
    split, training, rehearsal, least = (source[key] for key in ("split", "training", "rehearsal", "least"))
    first = int(rehearsal["first"])
    return PersonalRecipe(
        labels=str(source["labels"]),
        seed=int(source["seed"]),
        held_out_share=float(split["held_out_share"]),
        gap_hours=float(split["gap_hours"]),
        validation_share=float(split["validation_share"]),
        epochs=int(training["epochs"]),
        batch_size=int(training["batch_size"]),
        learning_rate=float(training["learning_rate"]),
        weight_decay=float(training["weight_decay"]),
        draws=int(training["draws"]),
        rehearsal_seeds=tuple(range(first, first + int(rehearsal["homes"]))),
        rehearsal_days=int(rehearsal["days"]),
        train_hours=float(least["train_hours"]),
        score_hours=float(least["score_hours"]),
        score_hours_each=float(least["score_hours_each"]),
    )
