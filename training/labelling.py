"""Where a home's labels come from, and which of them may be what: teacher, or teacher and score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .away import away_labels
from .hindsight import hindsight_labels
from .trace import OCCUPIED, VACANT, LabelSpan, Trace, TraceError, read_labels_of, write_labels, zone_of

ANNOTATION, AWAY, HINDSIGHT = "annotation", "away", "hindsight"
MAKERS = {AWAY: away_labels, HINDSIGHT: hindsight_labels}


def write_machine_labels(folder: Path, trace: Trace, how: str) -> tuple[Path, list[LabelSpan]]:
    """Write `labels.HOW.csv` beside a trace's own labels; return the file and what is in it."""
    found = MAKERS[how](trace)
    if not found:
        raise TraceError(_nothing(how, folder))
    path = folder / f"labels.{how}.csv"
    write_labels(path, found, zone_of(trace))
    return path, found


def _nothing(how: str, folder: Path) -> str:
    """Return why there is nothing to write."""
    wanted = {AWAY: "persons that are all away for ten minutes", HINDSIGHT: "a room with a motion or presence sensor"}
    return f"{folder} gives no {how} labels: they need {wanted[how]}"


def real_labels(folder: Path, trace: Trace) -> Trace:
    """Return the trace with the labels a score may rest on: people's own, which win, and certain absence."""
    return replace(trace, labels=(*_made(folder, trace, AWAY), *_occupancy(trace.labels)))


def training_labels(folder: Path, trace: Trace, how: str) -> Trace:
    """Return the trace with the labels to learn from: the real ones win; with "hindsight", the smoother's fill up."""
    real = real_labels(folder, trace)
    if how == ANNOTATION:
        return real
    # Of two labels for an instant the later one in the list stands.
    return replace(real, labels=(*_made(folder, trace, HINDSIGHT), *real.labels))


def _made(folder: Path, trace: Trace, how: str) -> Sequence[LabelSpan]:
    """Return a machine's labels from their file, so that they can be looked through and changed; else made anew."""
    return read_labels_of(folder, trace, how) or MAKERS[how](trace)


def _occupancy(labels: Sequence[LabelSpan]) -> list[LabelSpan]:
    """Return the labels that are about occupancy."""
    return [span for span in labels if span.label in (OCCUPIED, VACANT)]
