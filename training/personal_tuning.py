"""What a home's own model decides by: shipped thresholds and floor of evidence, or the home's where they do better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from custom_components.inkling.core.evidence import Evidence
from custom_components.inkling.core.pipeline import Model

from .evaluate import Scored, score_trace
from .export import deciding
from .trace import Trace
from .tuning import best_decision, worth

_EVERY_SECONDS = 60.0
# The rule's N is not chosen here, so any will do.
_HOLD_MINUTES = 5
_LEAST_HOURS_EACH = 2.0
# What a hair better on a few days is no reason to leave what many homes taught.
_LEAST_GAIN = 0.002
_HOUR = 3600.0


def between(trace: Trace, start: float, end: float) -> Trace:
    """Return a trace with only the labels between two moments, epoch seconds; its readings stay whole."""
    labels = [
        replace(span, start=max(span.start, start), end=min(span.end, end))
        for span in trace.labels
        if span.end > start and span.start < end
    ]
    return replace(trace, labels=tuple(labels))


def tuned(model: Model, validation: Trace, own: Evidence) -> Model:
    """Return the model with the floor and thresholds that are worth most on really labelled validation time.

    Those it came with stay where the home's are no clear gain, or where too little is labelled to tell.
    """
    best, most = model, None
    for evidence in dict.fromkeys((model.manifest.evidence, own)):
        candidate = replace(model, manifest=replace(model.manifest, evidence=evidence))
        scored = score_trace(candidate, validation, every_seconds=_EVERY_SECONDS, hold_minutes=_HOLD_MINUTES)
        if not _tells(scored):
            return model
        for decision in (model.manifest.decision, best_decision(scored)):
            found = worth(scored, decision)
            if most is None or found > most + _LEAST_GAIN:
                best, most = replace(candidate, manifest=replace(candidate.manifest, decision=decision)), found
    return best


def _tells(scored: Sequence[Scored]) -> bool:
    """Return whether the rooms were labelled occupied and vacant for hours each."""
    occupied = sum(float(item.truths.sum()) for item in scored) * _EVERY_SECONDS / _HOUR
    vacant = sum(len(item.truths) for item in scored) * _EVERY_SECONDS / _HOUR - occupied
    return min(occupied, vacant) >= _LEAST_HOURS_EACH


def with_decision(body: dict[str, Any], model: Model) -> dict[str, Any]:
    """Return a manifest's JSON that decides as a model does."""
    rest = {key: value for key, value in body.items() if key != "evidence"}
    return rest | deciding(model.manifest.decision, model.manifest.evidence)
