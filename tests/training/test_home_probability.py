"""Anybody home, on simulated homes whose truth is known: far better than phones, no worse than any room decided."""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.pipeline import Model, open_model
from custom_components.inkling.core.units import Role
from training.__main__ import main
from training.evaluate import Scored
from training.evaluate_home import ANY_PERSON, ANY_ROOM, EITHER, HOME, TITLE, score_home
from training.labels import occupancy_at
from training.simulate import simulate_home
from training.trace import OCCUPIED, VACANT, write_trace

MODELS = Path(__file__).parents[2] / "models"
STEP_SECONDS = 1200.0


def _shipped() -> Model:
    """Return the shipped model."""
    return open_model((MODELS / "occupancy.json").read_bytes(), (MODELS / "occupancy.tflite").read_bytes())


def _scored(seeds: range) -> list[Scored]:
    """Return the scored instants of simulated homes, without those that stood empty all the time."""
    model = _shipped()
    homes = [score_home(model, simulate_home(seed, 2), every_seconds=STEP_SECONDS, hold_minutes=5) for seed in seeds]
    return [home for home in homes if home is not None]


def _briers(home: Scored) -> list[float]:
    """Return the Brier scores of ours, any room decided occupied, any person at home."""
    said = (home.probabilities, home.rules[ANY_ROOM], home.rules[ANY_PERSON])
    return [float(np.mean((row - home.truths) ** 2)) for row in said]


def test_better_than_phones_and_as_good_as_rooms() -> None:
    """Keep to both simple rules over homes that nothing was chosen on; between rooms and us so few differ by chance."""
    homes = _scored(range(7300, 7308))
    assert len(homes) == 6
    ours, decided, persons = np.mean([_briers(home) for home in homes], axis=0)
    assert ours < decided + 0.004
    assert ours < 0.5 * persons
    assert ours < 0.015
    for home in homes:
        np.testing.assert_array_equal(home.rules[EITHER], np.maximum(home.rules[ANY_ROOM], home.rules[ANY_PERSON]))


def test_a_simulated_home_knows_when_anybody_was_there() -> None:
    """Label the home occupied wherever a room is, and vacant only while every room is, without a gap."""
    trace = simulate_home(7302, 2)
    spans = [span for span in trace.labels if span.target == HOME]
    assert {span.label for span in spans} == {OCCUPIED, VACANT}
    ends = np.arange(spans[0].start, spans[-1].end, 600.0, dtype=np.float64)
    home = occupancy_at(trace.labels, HOME, ends)
    rooms = np.max([occupancy_at(trace.labels, room.id, ends) for room in trace.rooms], axis=0)
    np.testing.assert_array_equal(home, rooms)


def test_without_phones_nobody_is_said_to_be_home() -> None:
    """Say nothing by people where none is told of, and go by the rooms."""
    home = score_home(
        _shipped(), simulate_home(7303, 1), every_seconds=STEP_SECONDS, hold_minutes=5, drop=(Role.PERSON,)
    )
    assert home is not None
    assert not home.rules[ANY_PERSON].any()
    assert not np.isnan(home.probabilities).any()


def test_several_traces_count_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Score two homes as one table, without the roles that are left out, and refuse a role that is none."""
    whole = simulate_home(7303, 1)
    rooms = replace(whole, labels=tuple(span for span in whole.labels if span.target != HOME))
    for name, trace in (("a", whole), ("b", rooms)):
        write_trace(trace, tmp_path / name)
    traces = ["--trace", str(tmp_path / "a"), str(tmp_path / "b"), "--every", "3600"]
    written = tmp_path / "found.json"
    assert main(["evaluate", *traces, "--drop", "presence, power", "--json", str(written)]) == 0
    found = json.loads(written.read_text())
    assert set(found) == {"all rooms", TITLE}
    assert found["all rooms"]["instants"] == 2 * 24 * len(whole.rooms)
    assert found[TITLE]["instants"] == 24
    assert {ANY_ROOM, ANY_PERSON, EITHER} <= set(found[TITLE]["results"])
    capsys.readouterr()
    assert main(["evaluate", *traces, "--drop", "smell"]) == 2
    assert "smell" in capsys.readouterr().err
