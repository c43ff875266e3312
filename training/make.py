"""One recipe from data to a model that may ship: draw, train, export, calibrate, decide, evaluate, publish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
import platform
import time
from typing import Any

import numpy as np

from custom_components.inkling.core.pipeline import Model, open_model

from . import export
from .dataset import Windows
from .evaluate import Scored, figures, score_trace
from .fit import calibrated, draft, draw, log_odds, measured_evidence, options_of
from .metrics import count
from .recipe import Recipe
from .sources import SOURCES
from .splits import SIMULATED, Library, simulated_tests, spans_used, tests
from .train import train
from .tuning import choose_decision, holds_of

# Where nothing tells which N suits.
_HOLD_MINUTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A finished model: its files' bytes, and all that the card tells."""

    recipe: Recipe
    model_bytes: bytes
    manifest_bytes: bytes
    evaluation: dict[str, Any]
    scored: dict[str, list[Scored]]
    model: Model


def make(recipe: Recipe, data: Path) -> Made:
    """Return the model of a recipe."""
    started = time.monotonic()
    library = Library(data)
    windows, validation = draw(recipe, library)
    _say(started, f"{len(windows)} windows to train on, {len(validation)} to validate")
    keras_model = train(windows, validation, recipe.spec, options_of(recipe))
    model_bytes = export.to_float32(keras_model)
    samples = windows.inputs[:: max(1, len(windows) // 256)]
    int8_bytes = export.to_int8(keras_model, samples)
    _say(started, f"exported: {len(model_bytes)} bytes in float32, {len(int8_bytes)} in int8")
    model = calibrated(recipe, model_bytes, validation, export.FLOAT32)
    model = replace(model, manifest=replace(model.manifest, evidence=measured_evidence(recipe, windows)))
    holds = holds_of(recipe, library)
    decision = choose_decision(model, recipe, library)
    _say(started, f"decision: {decision}")
    model = replace(model, manifest=replace(model.manifest, decision=decision))
    scored = score_all(model, recipe, library, holds)
    evaluation: dict[str, Any] = {name: figures(items, decision) for name, items in scored.items()}
    evaluation["int8"] = _compare_int8(recipe, int8_bytes, validation, model)
    evaluation["holds"] = holds
    parts = replace(
        draft(recipe, export.FLOAT32),
        calibration=model.manifest.calibration,
        decision=decision,
        evidence=model.manifest.evidence,
        provenance=_provenance(recipe),
        evaluation=_rounded(evaluation),
    )
    manifest = export.manifest_bytes(parts, model_bytes)
    _say(started, "evaluated")
    return Made(
        recipe=recipe,
        model_bytes=model_bytes,
        manifest_bytes=manifest,
        evaluation=evaluation,
        scored=scored,
        model=open_model(manifest, model_bytes),
    )


def _say(started: float, text: str) -> None:
    """Tell how far the making is."""
    print(f"[{time.monotonic() - started:6.1f} s] {text}", flush=True)


def score_all(model: Model, recipe: Recipe, library: Library, holds: dict[str, int]) -> dict[str, list[Scored]]:
    """Return every test set's scored rooms."""
    found: dict[str, list[Scored]] = {}
    for test in tests(library, recipe):
        trace = library.trace(test.source, test.trace)
        found[test.name] = score_trace(
            model,
            trace,
            every_seconds=test.every_seconds,
            hold_minutes=holds.get(test.source, holds.get(SIMULATED, _HOLD_MINUTES)),
            drop=test.drop,
            spans=spans_used(trace, test) if test.dates or test.since else None,
        )
    if not recipe.simulated.test:
        return found
    found[SIMULATED] = [
        replace(item, room=f"{trace.name} {item.room}")
        for trace in simulated_tests(recipe.simulated.test, recipe.simulated.days)
        for item in score_trace(model, trace, every_seconds=120.0, hold_minutes=holds[SIMULATED])
    ]
    return found


def _compare_int8(recipe: Recipe, int8_bytes: bytes, validation: Windows, model: Model) -> dict[str, float]:
    """Return what full int8 would cost and save, on validation windows."""
    other = calibrated(recipe, int8_bytes, validation, export.INT8)
    ours, theirs = (1.0 / (1.0 + np.exp(-log_odds(item, validation))) for item in (model, other))
    truths = validation.targets.astype(np.float64)
    return {
        "bytes": len(int8_bytes),
        "float32_accuracy": count(truths, ours).accuracy,
        "int8_accuracy": count(truths, theirs).accuracy,
        "float32_brier": float(np.mean((ours - truths) ** 2)),
        "int8_brier": float(np.mean((theirs - truths) ** 2)),
        "largest_difference": float(np.max(np.abs(ours - theirs))),
    }


def _provenance(recipe: Recipe) -> dict[str, Any]:
    """Return where the model comes from."""
    names = dict.fromkeys(use.source for use in (*recipe.train, *recipe.validation))
    data = {
        name: {"credit": source.credit, "address": source.address, "licence": source.licence}
        for name in names
        for source in (SOURCES[name],)
    }
    homes = {"credit": "training.simulate", "licence": "MIT", "homes": len(recipe.simulated.train)}
    return {
        "command": f"python -m training make training/recipes/{recipe.name}.toml --data DIR",
        "seed": recipe.seed,
        "network": recipe.network,
        "data": {**data, "simulated": homes},
        "tools": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("keras", "numpy", "tensorflow-cpu")},
        },
    }


def _rounded(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with its numbers at four digits."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 4) if isinstance(value, float) else value
