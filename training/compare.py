"""Train networks by name on the same windows with a small budget, and put what comes out side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.backends import Backend, BackendKind, available, load
from custom_components.inkling.core.calibrate import probability

from . import export
from .dataset import Windows
from .fit import calibrated, draw, log_odds, options_of
from .metrics import count
from .nets import NETS
from .recipe import Recipe, RecipeError
from .splits import Library
from .train import train

_REPEATS = 40
_BATCHES = (1, 64)
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


def both_backends(content: bytes, samples: NDArray[np.float32]) -> dict[str, Any]:
    """Return each backend's microseconds at a batch of 1 and of 64, and how far their raw answers are apart."""
    portable = load(content)
    found: dict[str, Any] = {"portable_us": _latencies(portable, samples), "litert_us": None, "between_backends": None}
    if available(BackendKind.LITERT):
        litert = load(content, BackendKind.LITERT)
        found["litert_us"] = _latencies(litert, samples)
        found["between_backends"] = float(np.max(np.abs(portable.run(samples)[0] - litert.run(samples)[0])))
    return found


def _latencies(backend: Backend, samples: NDArray[np.float32]) -> dict[str, float]:
    """Return the median microseconds of one run at each batch."""
    batches = {batch: np.resize(samples, (batch, *samples.shape[1:])) for batch in _BATCHES}
    return {str(batch): _median_us(partial(backend.run, inputs)) for batch, inputs in batches.items()}


def _median_us(run: Callable[[], object]) -> float:
    """Return the median time of a call in microseconds, after one that warms up."""
    run()
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return float(np.median(times)) * 1e6


def comparison_table(found: dict[str, dict[str, Any]]) -> str:
    """Return the comparison as a Markdown table, two lines a network."""
    head = (
        "network", "form", "log loss", "F1", "bytes", "portable us (1 / 64)", "LiteRT us (1 / 64)",
        "between backends", "float32 - int8",
    )  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for network, row in found.items():
        for form in (export.FLOAT32, export.INT8):
            cell = row[form]
            apart = cell["between_backends"]
            lines.append(
                f"| {network} | {form} | {cell['log_loss']:.4f} | {cell['f1'] or 0.0:.4f} | {cell['bytes']} "
                f"| {_pair(cell['portable_us'])} | {_pair(cell['litert_us'])} "
                f"| {'' if apart is None else f'{apart:.1e}'} | {row['largest_difference_int8']:.3f} |"
            )
    return "\n".join(lines) + "\n"


def _pair(times: dict[str, float] | None) -> str:
    """Return both latencies for a cell."""
    return "not installed" if times is None else " / ".join(f"{times[str(batch)]:.0f}" for batch in _BATCHES)
