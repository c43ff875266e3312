"""Numbers chosen on training and validation data: thresholds of the decision, and the rule's N."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.decide import DecisionParameters
from custom_components.inkling.core.pipeline import Model
from custom_components.inkling.core.window import Track

from .baselines import last_moments, tune_hold
from .evaluate import Scored, figures, score_trace
from .labels import occupancy_at, scoring_instants
from .recipe import ACCURACY, Recipe
from .splits import SIMULATED, Library, simulated_tests, spans_of, spans_used, whole_span
from .trace import Trace
from .tracks import cut, tracks_of

Array = NDArray[np.float64]
# Above 0.6 the first second of motion would not switch a room on.
_ON = (0.5, 0.6)
_OFF = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
_OFF_DELAY_SECONDS = (0.0, 60.0)
# Enough to choose two thresholds and a number of minutes by.
_HOMES = 24
# Each instant by itself is most often right where a calibrated probability says the likelier of the two.
_EVEN_ODDS = DecisionParameters(on_threshold=0.5, off_threshold=0.5)
# What one false switch-off a day is worth, in F1: the annoyance people complain of most.
_FALSE_OFF_COST = 0.002


def holds_of(recipe: Recipe, library: Library) -> dict[str, int]:
    """Return for each source the N of "motion held N minutes" that suits its own training data best."""
    found = {}
    for use in recipe.train:
        trace = library.trace(use.source, use.trace)
        found[use.source] = _best_hold(trace, spans_used(trace, use))
    if not recipe.simulated.train:
        return found
    homes = simulated_tests(recipe.simulated.train[:_HOMES], recipe.simulated.days)
    found[SIMULATED] = tune_hold([pair for home in homes for pair in _pairs(home, tracks_of(home), whole_span(home))])
    return found


def tuned_hold(trace: Trace, dates: Sequence[date]) -> int:
    """Return the N that suits some dates of a trace best."""
    return _best_hold(trace, spans_of(trace, dates))


def _best_hold(trace: Trace, spans: Sequence[tuple[float, float]]) -> int:
    """Return the N that suits some stretches of a trace best."""
    return tune_hold([pair for span in spans for pair in _pairs(trace, cut(tracks_of(trace), *span), span)])


def _pairs(
    trace: Trace, tracks: Sequence[Track], span: tuple[float, float]
) -> Iterator[tuple[Array | None, Array, Array]]:
    """Yield each room's last movement, instants and truths in a stretch of time."""
    for room in trace.rooms:
        ends = scoring_instants(trace.labels, room.id, 60.0)
        ends = ends[(ends >= span[0]) & (ends < span[1])]
        truths = occupancy_at(trace.labels, room.id, ends).astype(np.float64)
        yield last_moments(tracks, ends).get(room.id), ends, truths


def choose_decision(model: Model, recipe: Recipe, library: Library) -> DecisionParameters:
    """Return the thresholds and delay that decide best on validation data, by the recipe's measure."""
    if recipe.decide_by == ACCURACY:
        return _EVEN_ODDS
    scored: list[Scored] = []
    for trace in simulated_tests(recipe.simulated.validation[:_HOMES], recipe.simulated.days):
        scored += score_trace(model, trace, every_seconds=120.0, hold_minutes=5)
    for use in recipe.validation:
        trace = library.trace(use.source, use.trace)
        spans = spans_used(trace, use)
        scored += score_trace(model, trace, every_seconds=60.0, hold_minutes=5, spans=spans)
    return best_decision(scored)


def best_decision(scored: Sequence[Scored]) -> DecisionParameters:
    """Return the thresholds and delay that decide scored rooms best: F1 less what false switch-offs cost."""
    candidates = [
        DecisionParameters(on_threshold=on, off_threshold=off, off_delay_seconds=delay)
        for on in _ON
        for off in _OFF
        for delay in _OFF_DELAY_SECONDS
    ]
    return max(candidates, key=lambda parameters: worth(scored, parameters))


def worth(scored: Sequence[Scored], parameters: DecisionParameters) -> float:
    """Return how good decisions are over all rooms together."""
    row = _model_row(scored, parameters)
    return float((row["f1"] or 0.0) - _FALSE_OFF_COST * (row["false_offs_per_occupied_day"] or 0.0))


def _model_row(scored: Sequence[Scored], parameters: DecisionParameters) -> dict[str, float | None]:
    """Return only the model's row of the figures."""
    row: dict[str, float | None] = figures([replace(item, rules={}) for item in scored], parameters)["results"]["model"]
    return row
