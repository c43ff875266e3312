"""A home's own model: trained on from the shipped one, and written only where it is better on the home's last weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from custom_components.inkling.core.backends import load
from custom_components.inkling.core.calibrate import Calibration
from custom_components.inkling.core.evidence import Evidence
from custom_components.inkling.core.manifest import InputSpec
from custom_components.inkling.core.pipeline import Model, open_model

from . import export
from .augment import RECORDED
from .baselines import last_moments, tune_hold
from .calibration import evidence_of, fit_platt
from .dataset import HeldOut, Slice, Windows, draw_windows, guard_against_leaks
from .evaluate import figures, score_trace
from .labelling import real_labels, training_labels
from .labels import occupancy_at, scoring_instants
from .personal_recipe import PersonalRecipe
from .personal_tuning import between, tuned, with_decision
from .recipe import GateError
from .splits import simulated_slices
from .table import table
from .trace import Trace, TraceError, read_trace, replace_file
from .tracks import tracks_of
from .train import TrainOptions, train
from .weights import recovered_weights

_HOUR = 3600.0
# Fewer windows of one kind than this say nothing about calibration.
_LEAST_OF_A_KIND = 50
_STEP_SECONDS, _EVERY_SECONDS = 60.0, 120.0
_VERSION_CHARS = 64
SHIPPED = "shipped model"


@dataclass(frozen=True, slots=True)
class Periods:
    """The home's time, epoch seconds: learned from [start, validation), chosen by [validation, end), scored after."""

    start: float
    validation: float
    end: float
    held_out: float
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """A home's model that passed: its files' bytes and the figures of the held-out time."""

    model_bytes: bytes
    manifest_bytes: bytes
    figures: Mapping[str, Any]


def personal(folder: Path, base_manifest: Path, recipe: PersonalRecipe) -> Personal:
    """Return the home's own model; raise TraceError for too few labels, GateError where it is not better."""
    trace = replace(read_trace(folder), name="this home")
    periods = periods_of(trace, recipe)
    real, teaching = real_labels(folder, trace), training_labels(folder, trace, recipe.labels)
    _check_labels(real, teaching, periods, recipe)
    base_bytes = base_manifest.with_suffix(".tflite").read_bytes()
    base = open_model(base_manifest.read_bytes(), base_bytes)
    model_bytes, calibration = _fine_tuned(base, base_bytes, real, teaching, periods, recipe)
    manifest = _manifest(base_manifest, model_bytes, calibration, recipe)
    own = _tuned(open_model(_bytes(manifest), model_bytes), real, periods, recipe)
    manifest = with_decision(manifest, own)
    scored = _scored(own, base, real, periods)
    manifest["evaluation"] = {"held-out time of this home": scored}
    print(table(scored), flush=True)
    check_better(scored)
    return Personal(model_bytes=model_bytes, manifest_bytes=_bytes(manifest), figures=scored)


def periods_of(trace: Trace, recipe: PersonalRecipe) -> Periods:
    """Return how the home's time is divided: whole stretches in order, a gap before the last."""
    stamps = [item.times for item in trace.readings.values() if len(item.times)]
    if not stamps:
        raise TraceError("the trace holds no event at all: export some weeks of the home")
    start, last = min(float(times[0]) for times in stamps), max(float(times[-1]) for times in stamps)
    held_out = last - recipe.held_out_share * (last - start)
    end = held_out - recipe.gap_hours * _HOUR
    if end <= start:
        days = (last - start) / (24.0 * _HOUR)
        raise TraceError(
            f"the trace is {days:.1f} days long: too short to learn from one part and be scored on another"
        )
    return Periods(start, end - recipe.validation_share * (end - start), end, held_out, last)


def _check_labels(real: Trace, teaching: Trace, periods: Periods, recipe: PersonalRecipe) -> None:
    """Raise TraceError naming how many hours of labels are lacking, and where."""
    learned = sum(_hours(teaching, periods.start, periods.end))
    if learned < recipe.train_hours:
        raise TraceError(f"there are {learned:.0f} hours of labels to learn from, {recipe.train_hours:.0f} are needed")
    vacant, occupied = _hours(real, periods.held_out, periods.last)
    if vacant + occupied < recipe.score_hours or min(vacant, occupied) < recipe.score_hours_each:
        raise TraceError(
            f"the held-out time has {occupied:.1f} hours labelled occupied and {vacant:.1f} vacant, too few to know "
            f"whether a model is better: label {recipe.score_hours:.0f} hours of rooms' time in it, at least "
            f"{recipe.score_hours_each:.0f} of each, in labels.csv"
        )


def _hours(trace: Trace, start: float, end: float) -> tuple[float, float]:
    """Return the hours of rooms' time that are labelled vacant and occupied between two moments."""
    ends = np.arange(start, end, _STEP_SECONDS, dtype=np.float64)
    truths = np.array([occupancy_at(trace.labels, room.id, ends) for room in trace.rooms], dtype=np.float64)
    return float(np.sum(truths == 0.0)) * _STEP_SECONDS / _HOUR, float(np.sum(truths == 1.0)) * _STEP_SECONDS / _HOUR


def _fine_tuned(
    base: Model, base_bytes: bytes, real: Trace, teaching: Trace, periods: Periods, recipe: PersonalRecipe
) -> tuple[bytes, Calibration | None]:
    """Return the home's network as a float32 file, and its calibration where real labels allow one."""
    spec, network = base.manifest.input, str(base.manifest.provenance.get("network", ""))
    rng = np.random.default_rng(recipe.seed)
    home = Slice(teaching, periods.start, periods.validation, draws=recipe.draws, style=RECORDED)
    windows = draw_windows([home, *simulated_slices(recipe.rehearsal_seeds, recipe.rehearsal_days)], spec, rng)
    late = Slice(teaching, periods.validation + spec.window_seconds, periods.end, draws=2, style=RECORDED)
    validation = _drawn(late, spec, rng)
    if validation is None:
        raise TraceError("the last part of the time to learn from has no label: label some of it too")
    for part in (windows, validation):
        guard_against_leaks(part, [HeldOut(teaching.name, periods.held_out, periods.last)], spec.window_seconds)
    options = TrainOptions(
        network=network,
        seed=recipe.seed,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
    )
    initial = recovered_weights(base_bytes, network, spec)
    model_bytes = export.to_float32(train(windows, validation, spec, options, initial))
    return model_bytes, _calibration(model_bytes, _drawn(replace(late, trace=real), spec, rng))


def _tuned(own: Model, real: Trace, periods: Periods, recipe: PersonalRecipe) -> Model:
    """Return the home's model with its floor measured on the time learned from, where validation time wants it so.

    Only real labels count: hindsight calls a room occupied because it moved, so movement would always be right.
    """
    spec = own.manifest.input
    early = Slice(real, periods.start, periods.validation, draws=recipe.draws, style=RECORDED)
    windows = _drawn(early, spec, np.random.default_rng(recipe.seed))
    late = between(real, periods.validation + spec.window_seconds, periods.end)
    return tuned(own, late, Evidence() if windows is None else evidence_of(windows, spec.channels))


def _drawn(item: Slice, spec: InputSpec, rng: np.random.Generator) -> Windows | None:
    """Return a slice's windows, None where nothing in it is labelled."""
    if not sum(_hours(item.trace, item.start, item.end)):
        return None
    return draw_windows([item], spec, rng)


def _calibration(model_bytes: bytes, windows: Windows | None) -> Calibration | None:
    """Return a calibration on really labelled windows, None where there are too few of a kind."""
    if windows is None or min(np.sum(windows.targets == kind) for kind in (0.0, 1.0)) < _LEAST_OF_A_KIND:
        return None
    backend = load(model_bytes)
    raw = np.concatenate([backend.run(windows.inputs[at : at + 1024].astype(np.float32))[0].ravel() for at in
                          range(0, len(windows), 1024)])  # fmt: skip
    return fit_platt(raw.astype(np.float64), windows.targets, windows.weights)


def _manifest(
    base_manifest: Path, model_bytes: bytes, calibration: Calibration | None, recipe: PersonalRecipe
) -> dict[str, Any]:
    """Return the shipped manifest as the home's: another file, calibration and origin."""
    body: dict[str, Any] = json.loads(base_manifest.read_bytes())
    if calibration is not None:
        body["calibration"] = {"slope": calibration.slope, "intercept": calibration.intercept}
    origin = {"name": body["name"], "version": body["version"], "sha256": body["sha256"]}
    return body | {
        "name": "home",
        "version": f"{body['version']}+home"[:_VERSION_CHARS],
        "sha256": hashlib.sha256(model_bytes).hexdigest(),
        "provenance": {
            "command": "python -m training personal --trace DIR --out DIR",
            "from": origin,
            "network": body["provenance"]["network"],
            "labels": recipe.labels,
            "seed": recipe.seed,
        },
    }


def _bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return a manifest's JSON."""
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()


def _scored(own: Model, base: Model, real: Trace, periods: Periods) -> dict[str, Any]:
    """Return the figures of the held-out time: the home's model, the shipped one, and every rule."""
    trace = between(real, periods.held_out, periods.last)
    hold = _tuned_hold(real, periods)
    found = {}
    for name, model in (("home", own), ("shipped", base)):
        scored = score_trace(model, trace, every_seconds=_EVERY_SECONDS, hold_minutes=hold)
        found[name] = figures(scored, model.manifest.decision)
    home, shipped = found["home"], found["shipped"]
    rules = {name: row for name, row in home["results"].items() if name != "model"}
    return home | {"results": {"model": home["results"]["model"], SHIPPED: shipped["results"]["model"]} | rules}


def _tuned_hold(real: Trace, periods: Periods) -> int:
    """Return the N of "motion held N minutes" that suits the time learned from best."""
    tracks, pairs = tracks_of(real), []
    for room in real.rooms:
        ends = scoring_instants(real.labels, room.id, _EVERY_SECONDS)
        ends = ends[ends < periods.end]
        truths = occupancy_at(real.labels, room.id, ends).astype(np.float64)
        pairs.append((last_moments(tracks, ends).get(room.id), ends, truths))
    return tune_hold(pairs)


def check_better(scored: Mapping[str, Any]) -> None:
    """Raise GateError unless the home's model beats the shipped one and every rule in F1, with no worse Brier score."""
    rows = scored["results"]
    own, shipped = rows["model"], rows[SHIPPED]
    best = max((name for name in rows if name != "model"), key=lambda name: rows[name]["f1"] or 0.0)
    if (own["f1"] or 0.0) <= (rows[best]["f1"] or 0.0):
        raise GateError(
            f"not written: on the held-out time the home's own model has F1 {own['f1'] or 0.0:.3f}, "
            f"{best} {rows[best]['f1']:.3f}: stay with what there is"
        )
    if own["brier"] > shipped["brier"]:
        raise GateError(
            f"not written: on the held-out time the home's own probabilities are worse than the shipped model's "
            f"(Brier score {own['brier']:.4f} against {shipped['brier']:.4f}): stay with that"
        )


def write_personal(made: Personal, out: Path) -> list[Path]:
    """Write the three files that go to inkling/models in the configuration folder; return them."""
    out.mkdir(parents=True, exist_ok=True)
    files = {
        "occupancy.tflite": made.model_bytes,
        "occupancy.json": made.manifest_bytes,
        "occupancy.md": card(made.figures).encode(),
    }
    for name, content in files.items():
        replace_file(out / name, content)
    return [out / name for name in files]


def card(found: Mapping[str, Any]) -> str:
    """Return what the home's model is, and how good, in Markdown."""
    return (
        "# This home's own occupancy model\n\nTrained on from the model that came with Inkling, on this home's earlier "
        "time. The figures are of the last part of\nthe recording, which nothing was learned from or chosen by; only "
        f"labels by people and certain absence count.\n\n{found['instants']} instants, {found['occupied']:.1%} "
        f"occupied.\n\n{table(found)}\nCopy `occupancy.tflite` and `occupancy.json` to `inkling/models` in the "
        "configuration folder,\nthen run the action `inkling.reload_models`; delete them to go back.\n"
    )
