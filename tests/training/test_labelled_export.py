"""An export with the labels that buttons gave: the zip that the integration writes makes the home's own model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")

from custom_components.inkling.core.pipeline import open_model
from custom_components.inkling.trace_file import TraceFile, TraceHead, TraceLabel, TraceRoom, TraceSignal
from training.__main__ import main
from training.personal import SHIPPED
from training.trace import OCCUPIED, LabelSpan, Trace, read_trace, zone_of

from .test_personal import home_with_a_cat, recipe_fixture, shipped_fixture

__all__ = ["recipe_fixture", "shipped_fixture"]
_HOUR = 3600.0


def feedback_of(trace: Trace) -> tuple[TraceLabel, ...]:
    """Return what users would have said: up to three hours out of eight of every other stretch."""
    found = []
    for span in trace.labels[::2]:
        at = span.start
        while at < span.end:
            length = min(span.end - at, (0.5 if span.label == OCCUPIED else 3.0) * _HOUR)
            found.append(TraceLabel(at, at + length, span.target, span.label))
            at += 8.0 * _HOUR
    return tuple(found)


def exported(trace: Trace, labels: tuple[TraceLabel, ...], folder: Path) -> Path:
    """Write a recorded home with labels as the action of the integration does."""
    file = TraceFile.begin(folder, "2026-11-21_120000", zone_of(trace))
    rows = sorted(
        (t, info.id, state)
        for info in trace.signals
        for t, state in zip(trace.readings[info.id].times.tolist(), trace.readings[info.id].states, strict=True)
    )
    file.write(rows)
    rooms = [TraceRoom(room.id, room.name) for room in trace.rooms]
    signals = [TraceSignal(info.id, info.id, info.role, info.unit, info.room) for info in trace.signals]
    return file.finish(TraceHead(trace.timezone, rooms, signals, labels))


def test_an_export_with_labels_makes_a_model_of_the_home(shipped: Path, recipe: Path, tmp_path: Path) -> None:
    """Import the zip, find every label in it, and train a model that is better on the home's last days."""
    trace = home_with_a_cat()
    labels = feedback_of(trace)
    path = exported(trace, labels, tmp_path / "export")
    assert main(["import", "trace-zip", str(path), "--out", str(tmp_path / "traces")]) == 0
    folder = tmp_path / "traces" / path.stem
    told = {(span.target, span.label, round(span.start), round(span.end)) for span in read_trace(folder).labels}
    assert told == {(item.target, item.label, round(item.start), round(item.end)) for item in labels}
    out = tmp_path / "out"
    arguments = ["--trace", str(folder), "--from", str(shipped), "--recipe", str(recipe), "--out", str(out)]
    assert main(["personal", *arguments]) == 0
    model = open_model((out / "occupancy.json").read_bytes(), (out / "occupancy.tflite").read_bytes())
    found: Any = model.manifest.evaluation["held-out time of this home"]
    assert found["results"]["model"]["f1"] > found["results"][SHIPPED]["f1"]
    # Only what people said is scored: less than half of the held-out time.
    everything = sum(span.end - span.start for span in trace.labels)
    assert 0.0 < sum(item.end - item.start for item in labels) < 0.5 * everything


def test_labels_older_than_the_history_are_scored_as_unknown(tmp_path: Path) -> None:
    """Keep quiet about a time the recorder has forgotten, instead of failing."""
    trace = home_with_a_cat(days=2)
    first = min(float(found.times[0]) for found in trace.readings.values() if len(found.times))
    old = replace(trace, labels=tuple(old_label(trace, first, hour) for hour in range(2)))
    path = exported(old, tuple(map(label_row, old.labels)), tmp_path / "export")
    assert main(["import", "trace-zip", str(path), "--out", str(tmp_path)]) == 0
    assert main(["evaluate", "--trace", str(tmp_path / path.stem), "--model", "models/occupancy.json"]) == 0


def old_label(trace: Trace, first: float, hour: int) -> LabelSpan:
    """Return a label of an hour before the first reading."""
    start = first - (hour + 2) * _HOUR
    return LabelSpan(start, start + _HOUR, trace.rooms[0].id, ("occupied", "vacant")[hour])


def label_row(span: LabelSpan) -> TraceLabel:
    """Return a label as an export writes it."""
    return TraceLabel(span.start, span.end, span.target, span.label)
