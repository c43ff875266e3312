"""The small networks learn from what is well, run as exported files, and the classifier is compared as it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.backends import load
from custom_components.inkling.core.faults.classes import Alarm, FaultClass, Scope, Severity, WatchedSignal
from custom_components.inkling.core.faults.table import Score
from custom_components.inkling.core.units import Role
from training.faults.ablation import Found
from training.faults.ablation_verbs import read_fit
from training.faults.grid import Case
from training.faults.inject import Fault
from training.faults.nets import STEPS, Fit, Sort, asked, net_rivals, training_rows, wanted, windows_of
from training.faults.nets_naming import features, naming_figures
from training.recipe import RecipeError

FIT = Fit(seed=3, rows=4000, epochs=4, batch_size=64, learning_rate=0.003)
LONGER = replace(FIT, epochs=40)
RECIPE = Path(__file__).parents[2] / "training" / "recipes" / "faults.toml"


def _values(days: int = 8) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """Return two signals that swing with the day, six channels each."""
    rng = np.random.default_rng(1)
    wave = np.sin(2.0 * np.pi * np.arange(days * 288) / 288)
    found = rng.normal(0.0, 0.2, (len(wave), 2, 6))
    found[:, :, 0] += 4.0 * wave[:, None]
    found[:, :, 1] += wave[:, None]
    return found


def test_what_is_foretold_is_hidden() -> None:
    """Ask for a forecast: the newest two hours of the signal are not shown, the home's are; the target is the last."""
    windows = np.arange(STEPS * 12, dtype=np.float32).reshape(1, STEPS, 12) + 1.0
    shown = asked(Sort.FORECAST, windows)
    assert not shown[0, -2:, :6].any()
    np.testing.assert_array_equal(shown[0, -2:, 6:], windows[0, -2:, 6:])
    np.testing.assert_array_equal(shown[0, :-2], windows[0, :-2])
    np.testing.assert_array_equal(wanted(Sort.FORECAST, windows)[0], windows[0, -1, :6])
    assert asked(Sort.RECONSTRUCTION, windows) is windows
    assert wanted(Sort.RECONSTRUCTION, windows).shape == (1, STEPS * 6)


def test_windows_end_where_they_are_asked_for() -> None:
    """Take a window: its last row is the bin asked for, the one before is an hour older; homes too short teach none."""
    scaled = np.arange(600.0)[:, None] * np.ones(6)
    window = windows_of(scaled, -scaled, np.array([500]))[0]
    assert window[-1, 0] == 500.0
    assert window[-2, 0] == 488.0
    assert window[-1, -1] == -500.0
    drawn = training_rows([_values(), _values(1)], 500, 0)
    assert drawn.shape == (500, STEPS, 12)


def test_networks_are_files_that_see_what_is_unlike() -> None:
    """Train both on days that are well: a signal that is far off is further from what they say than one that is not."""
    values = _values()
    rivals = net_rivals([values], FIT)
    assert set(rivals) == {f"network, {sort}" for sort in Sort}
    odd = values.copy()
    odd[1500:, 0] += 6.0
    for teach, size in rivals.values():
        assert 10_000 < size < 120_000
        rival = teach(values)
        well, ill = rival.scores(values, [0])[:, 0], rival.scores(odd, [0])[:, 0]
        assert len(well) == len(values)
        assert well.shape[1] == len(rival.least(0))
        assert ill[1600:].mean() > 2.0 * well[1600:].mean()


def _found(kind: FaultClass, said: FaultClass, score: Score, rng: np.random.Generator) -> Found:
    """Return a failure that was found by one score."""
    vector = np.abs(rng.normal(0.0, 0.2, len(Score))).astype(np.float32)
    vector[score] = 2.0
    signal = WatchedSignal("t", Role.TEMPERATURE)
    alarm = Alarm(
        target="t", scope=Scope.SIGNAL, signal="t", device="", fault=said, severity=Severity.WARNING, since=0.0,
        raised=3600.0, measure=score.name.lower(), expected=0.0, seen=float("nan"), confidence=0.9,
    )  # fmt: skip
    return Found(Case(signal, Fault(kind, 1.0, 0.0, 7200.0)), alarm, vector)


def test_a_classifier_that_knows_better_than_the_rules_is_said_to() -> None:
    """Give rules that are always wrong: the network names all, each recording left out, and both are counted."""
    rng = np.random.default_rng(0)
    of = {FaultClass.NOISE: Score.NOISE, FaultClass.DRIFT: Score.DRIFT}
    many = [_found(kind, FaultClass.UNKNOWN, score, rng) for _ in range(20) for kind, score in of.items()]
    missed = Found(many[0].case, None, None)
    figures = naming_figures({"one": many[:20], "two": many[20:], "none": [missed]}, [*many[:6], missed], LONGER)
    assert figures is not None
    assert figures["rules"] == {"cases": 6, "right": 0.0, "left_out": 0.0}
    assert figures["network"]["right"] == figures["network"]["left_out"] == 1.0
    assert figures["beside"]["only_this"] == 6
    assert figures["taught"] == 40
    assert naming_figures({"one": many}, many, LONGER) is None
    with pytest.raises(ValueError, match="missed"):
        features(missed)


def test_the_recipe_says_how_to_train_and_what_does_not_is_refused(tmp_path: Path) -> None:
    """Read the recipe's two sections; refuse one that is not there and one with another number."""
    assert read_fit(RECIPE, "networks").rows == 60_000
    assert read_fit(RECIPE, "naming").epochs == 60
    with pytest.raises(RecipeError, match=r"\[other\]"):
        read_fit(RECIPE, "other")
    bad = tmp_path / "bad.toml"
    bad.write_text("[networks]\nspeed = 3\n")
    with pytest.raises(RecipeError, match="does not say how to train"):
        read_fit(bad, "networks")


def test_exported_files_are_what_home_assistant_could_run() -> None:
    """Load an exported network on the portable executor: one window in, six numbers out."""
    from training.faults.nets import trained  # noqa: PLC0415 - beside what it proves

    windows = training_rows([_values(4)], 200, 0)
    backend = load(trained(Sort.FORECAST, windows, FIT))
    assert backend.input_shapes == ((STEPS, 12),)
    assert [int(np.prod(shape)) for shape in backend.output_shapes] == [6]
