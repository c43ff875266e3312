"""One recipe from data to a model that may ship: draw, train, export, calibrate, decide, evaluate, publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
import platform
import time
from typing import Any

import numpy as np

from custom_components.inkling.core.decide import DecisionParameters
from custom_components.inkling.core.pipeline import Model, open_model

from . import export
from .baselines import last_moments, tune_hold
from .calibration import fit_platt
from .dataset import Slice, Windows, draw_windows, guard_against_leaks
from .evaluate import Scored, figures, score_trace
from .labels import occupancy_at, scoring_instants
from .metrics import count
from .recipe import Recipe
from .sources import SOURCES
from .splits import SIMULATED, Library, held_out, simulated_slices, simulated_tests, slices, spans_of, tests
from .tracks import cut, tracks_of
from .train import TrainOptions, train

_ON = (0.5, 0.6, 0.7)
_OFF = (0.2, 0.25, 0.3, 0.35, 0.4)
# Enough to choose two thresholds by.
_DECISION_HOMES = 8
_OFF_DELAY_SECONDS = (0.0, 60.0)
# What one false switch-off a day is worth, in F1: the annoyance people complain of most.
_FALSE_OFF_COST = 0.002


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
    windows, validation = _draw(recipe, library)
    _say(started, f"{len(windows)} windows to train on, {len(validation)} to validate")
    keras_model = train(windows, validation, recipe.spec, _options(recipe))
    model_bytes = export.to_float32(keras_model)
    samples = windows.inputs[:: max(1, len(windows) // 256)]
    int8_bytes = export.to_int8(keras_model, samples)
    _say(started, f"exported: {len(model_bytes)} bytes in float32, {len(int8_bytes)} in int8")
    model = _calibrated(recipe, model_bytes, validation, export.FLOAT32)
    holds = _holds(recipe, library)
    decision = _choose_decision(model, recipe, library)
    _say(started, f"decision: {decision}")
    scored = _score_all(model, recipe, library, holds)
    evaluation: dict[str, Any] = {name: figures(items, decision) for name, items in scored.items()}
    evaluation["int8"] = _compare_int8(recipe, int8_bytes, validation, model)
    evaluation["holds"] = holds
    parts = replace(
        _draft(recipe, export.FLOAT32),
        calibration=model.manifest.calibration,
        decision=decision,
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


def _options(recipe: Recipe) -> TrainOptions:
    """Return the recipe's training options."""
    return TrainOptions(
        network=recipe.network,
        seed=recipe.seed,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
    )


def _draw(recipe: Recipe, library: Library) -> tuple[Windows, Windows]:
    """Return training and validation windows, neither of which sees held-out time."""
    spec, simulated = recipe.spec, recipe.simulated

    def drawn(recorded: Sequence[Slice], seeds: Sequence[int], offset: int) -> Windows:
        """Draw from recorded and simulated traces."""
        rng = np.random.default_rng(recipe.seed + offset)
        return draw_windows([*recorded, *simulated_slices(seeds, simulated.days)], spec, rng)

    held = held_out(library, recipe)
    windows = drawn(list(slices(library, recipe.train, spec.window_seconds)), simulated.train, 0)
    validation = drawn(list(slices(library, recipe.validation, spec.window_seconds)), simulated.validation, 1)
    for part in (windows, validation):
        guard_against_leaks(part, held, spec.window_seconds)
    return windows, validation


def _calibrated(recipe: Recipe, model_bytes: bytes, validation: Windows, quantisation: str) -> Model:
    """Return the exported model, opened as Home Assistant does, calibrated on validation windows."""
    model = open_model(export.manifest_bytes(_draft(recipe, quantisation), model_bytes), model_bytes)
    found = fit_platt(_log_odds(model, validation), validation.targets, validation.weights)
    return replace(model, manifest=replace(model.manifest, calibration=found))


def _draft(recipe: Recipe, quantisation: str) -> export.ManifestParts:
    """Return a manifest's parts before anything is measured."""
    return export.ManifestParts(name=recipe.name, version=recipe.version, spec=recipe.spec, quantisation=quantisation)


def _log_odds(model: Model, windows: Windows) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the exported model's log-odds, shape (n,)."""
    parts = [model.log_odds(windows.inputs[at : at + 1024].astype(np.float32)) for at in range(0, len(windows), 1024)]
    return np.concatenate(parts)


def _holds(recipe: Recipe, library: Library) -> dict[str, int]:
    """Return for each source the N of "motion held N minutes" that suits its own training data best."""
    found = {}
    for use in recipe.train:
        trace = library.trace(use.source, use.trace)
        pairs = []
        for start, end in spans_of(trace, use.dates):
            tracks = cut(tracks_of(trace), start, end)
            for room in trace.rooms:
                ends = scoring_instants(trace.labels, room.id, 60.0)
                ends = ends[(ends >= start) & (ends < end)]
                truths = occupancy_at(trace.labels, room.id, ends).astype(np.float64)
                pairs.append((last_moments(tracks, ends).get(room.id), ends, truths))
        found[use.source] = tune_hold(pairs)
    pairs = []
    for trace in simulated_tests(recipe.simulated.train[:8], recipe.simulated.days):
        for room in trace.rooms:
            ends = scoring_instants(trace.labels, room.id, 60.0)
            truths = occupancy_at(trace.labels, room.id, ends).astype(np.float64)
            pairs.append((last_moments(tracks_of(trace), ends).get(room.id), ends, truths))
    found[SIMULATED] = tune_hold(pairs)
    return found


def _choose_decision(model: Model, recipe: Recipe, library: Library) -> DecisionParameters:
    """Return the thresholds and delay that decide best on validation data: F1 less what false switch-offs cost."""
    scored: list[Scored] = []
    for trace in simulated_tests(recipe.simulated.validation[:_DECISION_HOMES], recipe.simulated.days):
        scored += score_trace(model, trace, every_seconds=60.0, hold_minutes=5)
    for use in recipe.validation:
        trace = library.trace(use.source, use.trace)
        spans = spans_of(trace, use.dates)
        scored += score_trace(model, trace, every_seconds=60.0, hold_minutes=5, spans=spans)
    candidates = [
        DecisionParameters(on_threshold=on, off_threshold=off, off_delay_seconds=delay)
        for on in _ON
        for off in _OFF
        for delay in _OFF_DELAY_SECONDS
    ]
    return max(candidates, key=lambda parameters: _worth(scored, parameters))


def _worth(scored: Sequence[Scored], parameters: DecisionParameters) -> float:
    """Return how good decisions are over all rooms together."""
    row = figures_of_model(scored, parameters)
    return float((row["f1"] or 0.0) - _FALSE_OFF_COST * (row["false_offs_per_occupied_day"] or 0.0))


def figures_of_model(scored: Sequence[Scored], parameters: DecisionParameters) -> dict[str, float | None]:
    """Return only the model's row of the figures."""
    row: dict[str, float | None] = figures([replace(item, rules={}) for item in scored], parameters)["results"]["model"]
    return row


def _score_all(model: Model, recipe: Recipe, library: Library, holds: dict[str, int]) -> dict[str, list[Scored]]:
    """Return every test set's scored rooms."""
    found: dict[str, list[Scored]] = {}
    for test in tests(library, recipe):
        trace = library.trace(test.source, test.trace)
        found[test.name] = score_trace(
            model,
            trace,
            every_seconds=test.every_seconds,
            hold_minutes=holds.get(test.source, holds[SIMULATED]),
            drop=test.drop,
            spans=spans_of(trace, test.dates) if test.dates else None,
        )
    found[SIMULATED] = [
        replace(item, room=f"{trace.name} {item.room}")
        for trace in simulated_tests(recipe.simulated.test, recipe.simulated.days)
        for item in score_trace(model, trace, every_seconds=120.0, hold_minutes=holds[SIMULATED])
    ]
    return found


def _compare_int8(recipe: Recipe, int8_bytes: bytes, validation: Windows, model: Model) -> dict[str, float]:
    """Return what full int8 would cost and save, on validation windows."""
    other = _calibrated(recipe, int8_bytes, validation, export.INT8)
    ours, theirs = (1.0 / (1.0 + np.exp(-_log_odds(item, validation))) for item in (model, other))
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
