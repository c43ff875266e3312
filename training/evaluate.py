"""Score an exported model on a trace: the same pipeline and decision as live, every rule beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.decide import Decider, DecisionParameters
from custom_components.inkling.core.pipeline import Model, replay
from custom_components.inkling.core.window import Track

from . import metrics
from .baselines import last_moments, last_motion_wins, motion_held
from .baselines_peers import peer_rules
from .labels import occupancy_at, scoring_instants
from .progress import watched
from .reaction import onsets, reactions
from .trace import Trace
from .tracks import cut, offsets_of, tracks_of

Array = NDArray[np.float64]
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Scored:
    """One room's scored instants: times, truths, probabilities (NaN unknown), and what each rule said; (n,) each."""

    room: str
    ends: Array
    truths: Array
    probabilities: Array
    rules: Mapping[str, Array] = field(default_factory=dict)
    reactions: Mapping[str, Array] = field(default_factory=dict)
    """Seconds from somebody's coming to occupied, for the model and each rule; (comings,) each."""


def decide(ends: Array, probabilities: Array, parameters: DecisionParameters) -> Array:
    """Return the decision at each instant, 1 occupied, 0 vacant or unknown; it starts anew where time jumps."""
    found = np.zeros(len(ends))
    breaks = time_breaks(ends)
    decider = Decider(parameters)
    for index, (t, p) in enumerate(zip(ends.tolist(), probabilities.tolist(), strict=True)):
        if breaks[index]:
            decider = Decider(parameters)
        found[index] = float(bool(decider.step(None if np.isnan(p) else p, t).occupied))
    return found


def time_breaks(ends: Array) -> NDArray[np.bool_]:
    """Return where more than five steps are missing before an instant."""
    step = float(np.median(np.diff(ends))) if len(ends) > 1 else 0.0
    return np.diff(ends, prepend=ends[:1]) > 5.0 * step


def score_room(
    model: Model, trace: Trace, tracks: Sequence[Track], room: str, ends: Array, hold_minutes: int
) -> Scored:
    """Score one room of a trace at labelled instants."""
    moments = last_moments(tracks, ends)
    rules = {
        f"motion held {hold_minutes} min": motion_held(moments.get(room), ends, hold_minutes),
        "last motion wins": last_motion_wins(moments, room, ends),
        "last motion wins + exit door": last_motion_wins(moments, room, ends, door=True),
        **peer_rules(trace, tracks, room, ends),
    }
    truths = occupancy_at(trace.labels, room, ends).astype(np.float64)
    came = onsets(trace.labels, room, float(ends[0]), float(ends[-1]))
    return Scored(
        room=room,
        ends=ends,
        truths=truths,
        probabilities=replay(model, tracks, room, ends, offsets_of(trace, ends)),
        rules=rules,
        reactions=reactions(model, trace, tracks, room, came, hold_minutes) if len(came) else {},
    )


def score_trace(
    model: Model,
    trace: Trace,
    *,
    every_seconds: float,
    hold_minutes: int,
    drop: Iterable[str] = (),
    spans: Sequence[tuple[float, float]] | None = None,
) -> list[Scored]:
    """Score every labelled room; `drop` leaves out roles, `spans` limits both sight and score to stretches of time."""
    dropped = frozenset(drop)
    tracks = [track for track in tracks_of(trace) if track.signal.role.value not in dropped]
    found: list[Scored] = []
    for room in watched(f"scoring {trace.name}", trace.rooms):
        ends = scoring_instants(trace.labels, room.id, every_seconds)
        for start, stop in spans or [(-np.inf, np.inf)]:
            inside = ends[(ends >= start) & (ends < stop)]
            if len(inside):
                seen = tracks if spans is None else cut(tracks, start, stop)
                found.append(score_room(model, trace, seen, room.id, inside, hold_minutes))
    return found


def figures(scored: Sequence[Scored], decision: DecisionParameters) -> dict[str, Any]:
    """Return the model's figures over all rooms and each rule's beside them."""
    decided = [decide(item.ends, item.probabilities, decision) for item in scored]
    truths = np.concatenate([item.truths for item in scored])
    probabilities = np.concatenate([item.probabilities for item in scored])
    known = ~np.isnan(probabilities)
    table = {"model": _row(scored, decided)}
    table["model"] |= {
        "brier": metrics.brier(truths[known], probabilities[known]) if known.any() else None,
        "calibration_error": metrics.calibration_error(truths[known], probabilities[known]) if known.any() else None,
        "auc": metrics.roc_auc(truths[known], probabilities[known]),
    }
    for name in scored[0].rules:
        table[name] = _row(scored, [item.rules[name] for item in scored])
    for name, row in table.items():
        row["reaction_seconds"] = _median_reaction(scored, name)
    usual = float(truths.mean() >= 0.5)  # noqa: PLR2004 - the more frequent state
    table["majority"] = _row(scored, [np.full(len(item.truths), usual) for item in scored])
    return {"instants": len(truths), "occupied": float(truths.mean()), "known": float(known.mean()), "results": table}


def _row(scored: Sequence[Scored], said: Sequence[Array]) -> dict[str, float | None]:
    """Return the figures of decisions, counted over all rooms together."""
    truths = np.concatenate([item.truths for item in scored])
    counts = metrics.count(truths, np.concatenate(list(said)))
    offs = sum(
        metrics.false_offs(item.truths, decision, time_breaks(item.ends))
        for item, decision in zip(scored, said, strict=True)
    )
    days = sum(_occupied_days(item) for item in scored)
    by_room: dict[str, list[int]] = {}
    for index, item in enumerate(scored):
        by_room.setdefault(item.room, []).append(index)
    f1s = [
        metrics.count(
            np.concatenate([scored[index].truths for index in parts]), np.concatenate([said[index] for index in parts])
        ).f1
        for parts in by_room.values()
    ]
    known = [value for value in f1s if value is not None]
    return {
        "accuracy": counts.accuracy,
        "f1": counts.f1,
        "macro_f1": float(np.mean(known)) if known else None,
        "class_macro_f1": counts.class_macro_f1,
        "recall": counts.recall,
        "balanced_accuracy": counts.balanced_accuracy,
        "false_offs_per_occupied_day": offs / days if days > 0.0 else None,
    }


def _median_reaction(scored: Sequence[Scored], name: str) -> float | None:
    """Return the median seconds to occupied over all rooms, None when nobody came or most were missed."""
    parts = [item.reactions[name] for item in scored if name in item.reactions]
    median = float(np.median(np.concatenate(parts))) if parts else np.inf
    return median if np.isfinite(median) else None


def _occupied_days(item: Scored) -> float:
    """Return how many days of a room's scored time it was occupied."""
    step = float(np.median(np.diff(item.ends))) if len(item.ends) > 1 else 0.0
    return float(item.truths.sum()) * step / _DAY_SECONDS
