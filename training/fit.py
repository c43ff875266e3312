"""From a recipe's data to a calibrated, exported model: the part that training and cross-validation share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from custom_components.inkling.core.evidence import Evidence
from custom_components.inkling.core.pipeline import Model, open_model

from . import export
from .calibration import evidence_of, fit_platt
from .dataset import Slice, Windows, draw_windows, guard_against_leaks
from .recipe import Recipe, TraceUse
from .splits import Library, held_out, simulated_slices, slices
from .train import TrainOptions


def options_of(recipe: Recipe) -> TrainOptions:
    """Return the recipe's training options."""
    return TrainOptions(
        network=recipe.network,
        seed=recipe.seed,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
    )


def draw(recipe: Recipe, library: Library) -> tuple[Windows, Windows]:
    """Return training and validation windows, neither of which sees held-out time."""
    spec, simulated = recipe.spec, recipe.simulated

    def recorded(uses: Sequence[TraceUse]) -> Iterator[Slice]:
        """Return what recorded traces give."""
        return slices(library, uses, spec.window_seconds, local=recipe.local, whole=recipe.whole)

    def drawn(found: Sequence[Slice], seeds: Sequence[int], offset: int) -> Windows:
        """Draw from recorded and simulated traces."""
        rng = np.random.default_rng(recipe.seed + offset)
        return draw_windows([*found, *simulated_slices(seeds, simulated.days)], spec, rng)

    held = held_out(library, recipe)
    windows = drawn(list(recorded(recipe.train)), simulated.train, 0)
    validation = drawn(list(recorded(recipe.validation)), simulated.validation, 1)
    for part in (windows, validation):
        guard_against_leaks(part, held, spec.window_seconds)
    return windows, validation


def calibrated(recipe: Recipe, model_bytes: bytes, validation: Windows, quantisation: str) -> Model:
    """Return the exported model, opened as Home Assistant does, calibrated on validation windows."""
    model = open_model(export.manifest_bytes(draft(recipe, quantisation), model_bytes), model_bytes)
    found = fit_platt(log_odds(model, validation), validation.targets, validation.weights)
    return replace(model, manifest=replace(model.manifest, calibration=found))


def measured_evidence(recipe: Recipe, windows: Windows) -> Evidence:
    """Return how much movement is worth in the recipe's training windows."""
    return evidence_of(windows, recipe.spec.channels)


def draft(recipe: Recipe, quantisation: str) -> export.ManifestParts:
    """Return a manifest's parts before anything is measured."""
    return export.ManifestParts(name=recipe.name, version=recipe.version, spec=recipe.spec, quantisation=quantisation)


def log_odds(model: Model, windows: Windows) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the exported model's log-odds, shape (n,)."""
    parts = [model.log_odds(windows.inputs[at : at + 1024].astype(np.float32)) for at in range(0, len(windows), 1024)]
    return np.concatenate(parts)
