"""Anybody home, on simulated homes whose truth is known: far better than phones, no worse than any room decided."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.backends import load
from custom_components.inkling.core.home import home_probability
from custom_components.inkling.core.manifest import parse_manifest
from custom_components.inkling.core.pipeline import Model, replay
from custom_components.inkling.core.units import Role
from training.evaluate import decide
from training.labels import occupancy_at
from training.simulate import simulate_home
from training.tracks import offsets_of, tracks_of

MODELS = Path(__file__).parents[2] / "models"
STEP_SECONDS = 600.0
Array = NDArray[np.float64]


def _shipped() -> Model:
    """Return the shipped model."""
    manifest = parse_manifest((MODELS / "occupancy.json").read_bytes())
    return Model(manifest, load((MODELS / "occupancy.tflite").read_bytes()))


def _briers(model: Model, seed: int) -> Array:
    """Return the Brier scores of one home: ours, any room decided occupied, any person at home; shape (3,)."""
    trace = simulate_home(seed, 2)
    tracks = tracks_of(trace)
    first, last = min(span.start for span in trace.labels), max(span.end for span in trace.labels)
    ends: Array = np.arange(first + 43_200.0, last, STEP_SECONDS, dtype=np.float64)
    rooms = [room.id for room in trace.rooms]
    chances = np.array([replay(model, tracks, room, ends, offsets_of(trace, ends)) for room in rooms])
    decided = np.array([decide(ends, row, model.manifest.decision) for row in chances]).max(axis=0)
    truth = np.max([np.nan_to_num(occupancy_at(trace.labels, room, ends)) for room in rooms], axis=0)
    people = [track for track in tracks if track.signal.role is Role.PERSON]
    places = [np.maximum(track.times.searchsorted(ends, side="right") - 1, 0) for track in people]
    present = np.array([track.values[place] for track, place in zip(people, places, strict=True)])
    ours = [home_probability(_known(row), _known(who)) for row, who in zip(chances.T, present.T, strict=True)]
    said = (np.array(ours, np.float64), decided, np.nan_to_num(present).max(axis=0))
    return np.array([np.mean((row - truth) ** 2) for row in said])


def _known(values: NDArray[np.floating]) -> list[float | None]:
    """Return values with None for unknown."""
    return [None if np.isnan(value) else float(value) for value in values]


def test_better_than_phones_and_as_good_as_rooms() -> None:
    """Keep to both simple rules over homes that nothing was chosen on; between rooms and us so few differ by chance."""
    model = _shipped()
    ours, decided, persons = np.mean([_briers(model, seed) for seed in range(7300, 7306)], axis=0)
    assert ours < decided + 0.002
    assert ours < 0.5 * persons
    assert ours < 0.01
