"""How soon a room is called occupied, worked out by hand."""

from __future__ import annotations

import numpy as np

from training.reaction import first_seconds, onsets
from training.trace import LabelSpan


def test_only_stays_count_as_comings() -> None:
    """Leave out who passes through, another room, and what lies outside the stretch."""
    labels = [
        LabelSpan(0.0, 100.0, "a", "occupied"),
        LabelSpan(200.0, 210.0, "a", "occupied"),
        LabelSpan(300.0, 400.0, "a", "occupied"),
        LabelSpan(300.0, 400.0, "b", "occupied"),
        LabelSpan(400.0, 500.0, "a", "vacant"),
        LabelSpan(900.0, 1000.0, "a", "occupied"),
    ]
    assert onsets(labels, "a", 0.0, 800.0).tolist() == [300.0]


def test_many_comings_are_thinned_evenly() -> None:
    """Take every third of a hundred."""
    labels = [LabelSpan(1000.0 * n, 1000.0 * n + 500.0, "a", "occupied") for n in range(1, 101)]
    assert np.diff(onsets(labels, "a", 0.0, 1e9)).tolist() == [3000.0] * 33


def test_the_first_yes_counts_and_never_is_endless() -> None:
    """Find half a second, two seconds, and never."""
    yes = np.zeros((3, 11), dtype=bool)
    yes[0, 0] = yes[1, 2] = yes[1, 5] = True
    assert first_seconds(yes).tolist() == [0.5, 2.0, np.inf]
