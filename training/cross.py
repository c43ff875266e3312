"""Leave one day out: train on all days of a recording but one, score that one, for every day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from custom_components.inkling.core.decide import DecisionParameters

from . import export
from .dataset import HeldOut, Windows, draw_windows, guard_against_leaks, join
from .evaluate import Scored, figures, score_trace
from .fit import calibrated, draw, options_of
from .recipe import Recipe, RecipeError, TraceUse
from .splits import Library, day_span, slices, whole_span
from .trace import Trace, zone_of
from .train import TrainOptions, train
from .tuning import choose_decision, tuned_hold


def dates_of(trace: Trace) -> list[date]:
    """Return the dates on which a trace is labelled, in its own time zone."""
    zone = zone_of(trace)
    stamps = [t for span in trace.labels for t in np.arange(span.start, span.end, 3600.0).tolist()]
    return sorted({datetime.fromtimestamp(t, zone).date() for t in stamps})


def leave_one_day_out(recipe: Recipe, data: Path, source: str) -> dict[str, Any]:
    """Return the figures of every day of a source, each scored by a model that has not seen it, and of all together.

    What else the recipe trains on is learned once, by a network that has seen nothing of the source; each fold trains
    on from there. The thresholds are chosen once, by the first fold's model on validation data.
    """
    library = Library(data)
    chosen = [use for use in recipe.train if use.source == source]
    if len(chosen) != 1:
        raise RecipeError(f"the recipe must train on exactly one trace of {source} to leave its days out")
    others = tuple(use for use in recipe.train if use.source != source)
    shared, validation = draw(replace(recipe, train=others, tests=()), library)
    trace = library.trace(source, chosen[0].trace)
    guard_against_leaks(shared, [HeldOut(trace.name, *whole_span(trace))], recipe.spec.window_seconds)
    first = train(shared, validation, recipe.spec, options_of(recipe)).get_weights()
    scored: list[Scored] = []
    decision: DecisionParameters | None = None
    days = dates_of(trace)
    found: dict[str, Any] = {}
    for day in days:
        rest = [other for other in days if other != day]
        own = _own_windows(recipe, library, replace(chosen[0], dates=tuple(rest)), trace, day)
        seen = join([own, _replayed(shared, round(recipe.folds.replay * len(own)), recipe.seed)])
        keras_model = train(seen, validation, recipe.spec, _fold_options(recipe), first)
        model = calibrated(recipe, export.to_float32(keras_model), validation, export.FLOAT32)
        decision = decision or choose_decision(model, recipe, library)
        model = replace(model, manifest=replace(model.manifest, decision=decision))
        hold = tuned_hold(trace, rest)
        items = score_trace(model, trace, every_seconds=30.0, hold_minutes=hold, spans=[day_span(trace, day)])
        scored += [_common_name(item, hold) for item in items]
        found[day.isoformat()] = figures(items, decision)
        print(f"{day}: accuracy {found[day.isoformat()]['results']['model']['accuracy']:.4f}", flush=True)
    if decision is None:
        raise RecipeError(f"{source} has no labelled day")
    return {"all days": figures(scored, decision), **found}


def _own_windows(recipe: Recipe, library: Library, use: TraceUse, trace: Trace, held: date) -> Windows:
    """Draw from every day but the held-out one, and see that nothing leaks."""
    seconds = recipe.spec.window_seconds
    windows = draw_windows(slices(library, [use], seconds), recipe.spec, np.random.default_rng(recipe.seed))
    guard_against_leaks(windows, [HeldOut(trace.name, *day_span(trace, held))], seconds)
    return windows


def _replayed(shared: Windows, count: int, seed: int) -> Windows:
    """Return some of the windows that all folds share: what a day does not show must not be forgotten."""
    order = np.random.default_rng(seed).permutation(len(shared))[:count]
    return Windows(*(getattr(shared, field.name)[order] for field in fields(Windows)))


def _fold_options(recipe: Recipe) -> TrainOptions:
    """Return how a fold trains on."""
    folds = recipe.folds
    # Validation knows nothing of the room: by its loss every fold would stop after its first epoch.
    return replace(options_of(recipe), epochs=folds.epochs, learning_rate=folds.learning_rate, keep_best=False)


def _common_name(item: Scored, hold: int) -> Scored:
    """Call the rule that holds motion the same in every fold, whatever its N."""

    def renamed(table: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        """Return a table of rules with the one renamed."""
        return {"motion held, tuned" if name == f"motion held {hold} min" else name: value for name, value in table}

    return replace(item, rules=renamed(list(item.rules.items())), reactions=renamed(list(item.reactions.items())))
