"""What `compare` found, in a file beside the recipe, and as the card's table: `make` takes it from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custom_components.inkling.core.features import FEATURES_VERSION

from .export import FLOAT32, INT8
from .latency import pair
from .recipe import Recipe, RecipeError

if TYPE_CHECKING:
    from .compare import Budget

_CELLS = {"bytes", "log_loss", "f1", "portable_us", "litert_us", "between_backends"}


def comparison_of(recipe: Recipe, budget: Budget, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a comparison with all that says what it is of."""
    return {
        "recipe": recipe.name,
        "features_version": FEATURES_VERSION,
        "channels": len(recipe.spec.channels),
        "steps": recipe.spec.steps,
        "seed": recipe.seed,
        "budget": asdict(budget),
        "networks": dict(found),
    }


def comparison_beside(recipe: Path) -> Path:
    """Return where a recipe's comparison lies, if there is one."""
    return recipe.with_suffix(".comparison.json")


def read_comparison(path: Path, recipe: Recipe) -> dict[str, Any]:
    """Return a comparison; raise RecipeError unless it is whole and of this recipe's very inputs."""
    again = f"run `compare` with --json {path} again, or remove the file"
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        of = tuple(found[key] for key in ("recipe", "features_version", "channels", "steps"))
        is_whole = all("largest_difference_int8" in row for row in found["networks"].values())
        rows = [row[form] for row in found["networks"].values() for form in (FLOAT32, INT8)]
        is_whole &= (
            bool(rows) and all(set(row) >= _CELLS for row in rows) and {"epochs", "homes"} <= set(found["budget"])
        )
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as err:
        raise RecipeError(f"{path} is no comparison of networks: {again}") from err
    if not is_whole:
        raise RecipeError(f"{path} is no comparison of networks: {again}")
    wanted = recipe.name, FEATURES_VERSION, len(recipe.spec.channels), recipe.spec.steps
    if of != wanted:
        raise RecipeError(
            f"{path} compares networks on {of[2]} channels of {of[3]} steps of {of[0]}, features version {of[1]}, the "
            f"recipe has {wanted[2]} of {wanted[3]} of {wanted[0]}, version {wanted[1]}: {again}"
        )
    return found


def comparison_section(found: Mapping[str, Any]) -> str:
    """Return the card's section: the table and what it was measured with."""
    budget = found["budget"]
    return (
        f"Each network by name on the same windows with a small budget ({budget['epochs']} passes, {budget['homes']} "
        "simulated homes and what is\nrecorded), enough to rank them and to ship none: trained, converted, "
        "quantised, run on both backends. Figures on validation\nwindows; a batch is one room, or 64.\n\n"
        f"{comparison_table(found['networks'])}"
    )


def comparison_table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the comparison as a Markdown table, two lines a network."""
    head = (
        "network", "form", "log loss", "F1", "bytes", "portable us (1 / 64)", "LiteRT us (1 / 64)",
        "between backends", "float32 - int8",
    )  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for network, row in found.items():
        for form in (FLOAT32, INT8):
            cell = row[form]
            apart = cell["between_backends"]
            lines.append(
                f"| {network} | {form} | {cell['log_loss']:.4f} | {cell['f1'] or 0.0:.4f} | {cell['bytes']} "
                f"| {pair(cell['portable_us'])} | {pair(cell['litert_us'])} "
                f"| {'' if apart is None else f'{apart:.1e}'} | {row['largest_difference_int8']:.3f} |"
            )
    return "\n".join(lines) + "\n"
