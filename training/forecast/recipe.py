"""The forecast's recipe: households, network and gates in one TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
import tomllib
from typing import Any

from ..recipe import RecipeError
from .network import Fit

DEFAULT = Path(__file__).parents[1] / "recipes" / "forecast.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Households:
    """Which simulated households, and how often each is looked at."""

    seeds: tuple[int, ...]
    instants: int = 0
    every_minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What the model must reach to be published."""

    least_skill: float
    most_at_three: float
    least_at_half_past_six: float
    most_never_used: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRecipe:
    """All of it."""

    name: str
    version: str
    most_bytes: int
    fit: Fit
    days: int
    train: Households
    validation: Households
    test: Households
    replay: Households
    """Households forecast every quarter of an hour for `replay_days`, to see what is shown."""
    replay_days: int
    gates: Gates


def read_forecast_recipe(path: Path) -> ForecastRecipe:
    """Return the recipe in a file; raise RecipeError naming what does not fit."""
    try:
        source = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise RecipeError(f"the recipe {path} cannot be read: {err.strerror}") from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise RecipeError(f"the recipe {path} is not valid TOML: {err}") from err
    try:
        return _recipe(source)
    except KeyError as err:
        raise RecipeError(f"the recipe {path} lacks the entry {err.args[0]!r}") from err
    except (TypeError, ValueError) as err:
        raise RecipeError(f"the recipe {path} has an entry that does not fit: {err}") from err


def _recipe(source: Mapping[str, Any]) -> ForecastRecipe:
    """Return the recipe of parsed TOML."""
    training, simulated = source["training"], source["simulated"]
    first, second = (int(width) for width in training["widths"])
    parts = {name: _households(simulated[name]) for name in ("train", "validation", "test", "replay")}
    seeds = [seed for part in parts.values() for seed in part.seeds]
    if len(set(seeds)) < len(seeds):
        raise ValueError("a household may be in one of train, validation, test and replay only")
    return ForecastRecipe(
        name=source["name"],
        version=source["version"],
        most_bytes=int(source["most_bytes"]),
        fit=Fit(**{**training, "widths": (first, second)}),
        days=int(simulated["days"]),
        replay_days=int(simulated["replay_days"]),
        gates=Gates(**source["gates"]),
        **parts,
    )


def _households(source: Mapping[str, int]) -> Households:
    """Return households from `first` on, `homes` of them."""
    others = {key: int(value) for key, value in source.items() if key not in ("first", "homes")}
    first = int(source["first"])
    return Households(seeds=tuple(range(first, first + int(source["homes"]))), **others)
