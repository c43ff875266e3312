"""Train networks by name on the same windows with a small budget, and put what comes out side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.calibrate import probability

from . import export
from .dataset import Windows
from .fit import calibrated, draw, log_odds, options_of
from .latency import both_backends
from .metrics import count
from .nets import NETS
from .recipe import Recipe, RecipeError
from .splits import Library
from .train import train

_SAMPLES = 256


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is spent on each network: enough to rank them, not to ship one."""

    epochs: int
    homes: int


def compare(recipe: Recipe, data: Path, networks: Sequence[str], budget: Budget) -> dict[str, dict[str, Any]]:
    """Return each network's figures on validation windows; raise RecipeError for a name nobody knows."""
    unknown = sorted(set(networks) - set(NETS))
    if unknown or not networks:
        raise RecipeError(f"there is no network {', '.join(unknown) or 'named'}: choose of {', '.join(NETS)}")
    small = _small(recipe, budget)
    windows, validation = draw(small, Library(data))
    print(f"{len(windows)} windows to train on, {len(validation)} to validate", flush=True)
    return {network: _row(replace(small, network=network), windows, validation) for network in networks}


def _small(recipe: Recipe, budget: Budget) -> Recipe:
    """Return the recipe with fewer homes and epochs; the test sets are not looked at."""
    simulated = replace(recipe.simulated, train=recipe.simulated.train[: budget.homes])
    return replace(recipe, simulated=simulated, epochs=budget.epochs)


def _row(recipe: Recipe, windows: Windows, validation: Windows) -> dict[str, Any]:
    """Train, export, run on both backends and measure one network."""
    print(recipe.network, flush=True)
    keras_model = train(windows, validation, recipe.spec, options_of(recipe))
    samples = windows.inputs[:: max(1, len(windows) // _SAMPLES)]
    files = {export.FLOAT32: export.to_float32(keras_model), export.INT8: export.to_int8(keras_model, samples)}
    truths = validation.targets.astype(np.float64)
    row: dict[str, Any] = {}
    said: dict[str, NDArray[np.float64]] = {}
    for form, content in files.items():
        odds = log_odds(calibrated(recipe, content, validation, form), validation)
        said[form] = probability(odds)
        losses = np.logaddexp(0.0, odds) - truths * odds
        row[form] = {
            "bytes": len(content),
            "log_loss": float(np.average(losses, weights=validation.weights)),
            "f1": count(truths, said[form]).f1,
            **both_backends(content, samples[:64].astype(np.float32)),
        }
    row["largest_difference_int8"] = float(np.max(np.abs(said[export.FLOAT32] - said[export.INT8])))
    return row
