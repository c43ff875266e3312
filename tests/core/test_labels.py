"""Labelled spans: the newest wins, older ones are cut, and no file brings in what cannot be."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from custom_components.inkling.core.labels import (
    LABELS_LIMIT,
    POINTS_LIMIT,
    TARGET_LABELS_LIMIT,
    Label,
    bounded,
    label_from_json,
    label_to_json,
    place,
    thinned,
)

MINUTE = 60.0


def label_of(start: float, end: float, label: str = "occupied", **changes: Any) -> Label:  # noqa: ANN401 - handed on
    """Return a label of the office over minutes."""
    found = Label(
        id=f"{start}-{end}", target="office", label=label, start=start * MINUTE, end=end * MINUTE, created=end * MINUTE
    )
    return replace(found, **changes)


def spans(labels: tuple[Label, ...]) -> list[tuple[float, float, str]]:
    """Return labels as minutes, in order of time."""
    return sorted((label.start / MINUTE, label.end / MINUTE, label.label) for label in labels)


@pytest.mark.parametrize(
    ("new", "expected", "changed"),
    [
        ((20, 30), [(0, 20, "vacant"), (20, 30, "occupied"), (30, 60, "vacant")], 1),
        ((0, 60), [(0, 60, "occupied")], 1),
        ((50, 90), [(0, 50, "vacant"), (50, 90, "occupied")], 1),
        ((0, 59.5), [(0, 59.5, "occupied")], 1),
        ((60, 90), [(0, 60, "vacant"), (60, 90, "occupied")], 0),
        ((-30, 0), [(-30, 0, "occupied"), (0, 60, "vacant")], 0),
    ],
)
def test_newest_wins(new: tuple[float, float], expected: list[tuple[float, float, str]], changed: int) -> None:
    """Cut an older label around a newer one, and drop what is too short to mean anything."""
    fresh = map(str, count())
    placed = place([label_of(0, 60, "vacant")], label_of(*new), lambda: next(fresh))
    assert (spans(placed.labels), placed.changed) == (expected, changed)
    assert len({label.id for label in placed.labels}) == len(placed.labels)


def test_other_targets_stay() -> None:
    """Leave the labels of other rooms alone, and each part of a split its own moments."""
    points = tuple((minute * MINUTE, 0.5) for minute in (5.0, 25.0, 45.0))
    old = [label_of(0, 60, target="kitchen"), label_of(0, 60, "vacant", points=points)]
    placed = place(old, label_of(20, 30, created=4000.0), lambda: "new")
    assert placed.labels[0] == old[0]
    assert [[t / MINUTE for t, _ in label.points] for label in placed.labels[1:3]] == [[5.0], [45.0]]


def test_no_more_than_is_kept() -> None:
    """Let the oldest go, of a target and of all; count what was pushed out."""
    many = [label_of(2 * at, 2 * at + 1) for at in range(TARGET_LABELS_LIMIT)]
    placed = place(many, label_of(9000, 9001), lambda: "new")
    assert len(placed.labels) == TARGET_LABELS_LIMIT
    assert (placed.changed, placed.labels[0].id) == (1, many[1].id)
    everywhere = [label_of(at, at + 1, target=f"room {at % 20}") for at in range(LABELS_LIMIT + 300)]
    assert bounded(everywhere) == tuple(everywhere[300:])


def test_thinned() -> None:
    """Keep few moments, the first and the last among them."""
    points = [(float(at), 0.0) for at in range(100)]
    assert thinned(points[:3]) == tuple(points[:3])
    found = thinned(points)
    assert len(found) == POINTS_LIMIT
    assert (found[0], found[-1]) == (points[0], points[-1])


def test_occupied() -> None:
    """Tell somebody from nobody, and neither from a word about a fault."""
    assert [label_of(0, 1, text).occupied for text in ("occupied", "vacant", "normal", "fault:stuck")] == [
        True,
        False,
        None,
        None,
    ]


def test_kept_in_a_file() -> None:
    """Come back from JSON as it went."""
    label = label_of(0, 60, points=((60.0, -1.25),), model="hand 1", shift_before=0.25)
    assert label_from_json(label_to_json(label)) == label


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": 3},
        {"target": "x" * 200},
        {"label": "somebody"},
        {"label": "fault:STUCK"},
        {"start": 1e300},
        {"start": True},
        {"end": float("nan")},
        {"end": 0.0},
        {"points": [[1.0]]},
        {"points": [[1.0, 99.0]]},
        {"points": None},
        {"shift_before": "1"},
    ],
)
def test_what_cannot_be_is_left_out(change: dict[str, object]) -> None:
    """Refuse a label of a file that no user can have made."""
    assert label_from_json({**label_to_json(label_of(0, 60)), **change}) is None


def test_what_is_no_label_at_all() -> None:
    """Refuse what is no object, or lacks a field."""
    assert label_from_json(["occupied"]) is None
    assert label_from_json({"id": "1"}) is None
