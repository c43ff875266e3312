"""A home's own model: better on the home's last days or not written, and never taught by the time it is scored on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")

from custom_components.inkling.core.features import CHANNELS
from custom_components.inkling.core.manifest import InputSpec
from custom_components.inkling.core.pipeline import open_model
from custom_components.inkling.core.units import Role
from training import export, personal as personal_module
from training.__main__ import main
from training.dataset import LeakError
from training.make import Made, make
from training.nets import NETS
from training.personal import SHIPPED, check_better, periods_of
from training.personal_recipe import DEFAULT, read_personal_recipe
from training.recipe import GateError, RecipeError, read_recipe
from training.runtime import start
from training.simulate import simulate_home
from training.trace import Readings, Trace, write_trace
from training.weights import recovered_weights

TINY = Path(__file__).parent / "tiny.toml"
DAY = 86_400.0
SMALL = (("epochs = 5", "epochs = 4"), ("homes = 6", "homes = 2"), ("draws = 6", "draws = 8"), ("3e-4", "2e-3"))


@pytest.fixture(scope="module", name="shipped")
def shipped_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a tiny model to train on from, and return its manifest."""
    made: Made = make(read_recipe(TINY), tmp_path_factory.mktemp("data"))
    folder = tmp_path_factory.mktemp("shipped")
    (folder / "tiny.json").write_bytes(made.manifest_bytes)
    (folder / "tiny.tflite").write_bytes(made.model_bytes)
    return folder / "tiny.json"


@pytest.fixture(name="recipe")
def recipe_fixture(tmp_path: Path) -> Path:
    """Write a personal recipe of seconds."""
    text = DEFAULT.read_text(encoding="utf-8")
    for old, new in SMALL:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "personal.toml"
    path.write_text(text, encoding="utf-8")
    return path


def home_with_a_cat(seed: int = 501, days: int = 8) -> Trace:
    """Return an annotated home in which a cat sets off every motion sensor for seconds, day and night."""
    trace, rng = simulate_home(seed, days), np.random.default_rng(seed)
    wanted = [info.id for info in trace.signals if info.role is Role.MOTION]
    kept = tuple(info for info in trace.signals if info.role in (Role.MOTION, Role.DOOR, Role.LIGHT))
    readings = {info.id: trace.readings[info.id] for info in kept}
    return replace(trace, signals=kept, readings=readings | {name: _prowled(readings[name], rng) for name in wanted})


def _prowled(readings: Readings, rng: np.random.Generator) -> Readings:
    """Return a motion sensor's readings with the cat's visits, four an hour while it is off."""
    first, last = readings.times[0], readings.times[-1]
    visits = np.sort(rng.uniform(first, last, int(4 * (last - first) / 3600.0)))
    place = np.searchsorted(readings.times, visits, side="right") - 1
    following = np.append(readings.times[1:], np.inf)[place]
    quiet = (
        (np.array(readings.states)[place] == "off") & (visits + 6.0 < following) & (np.diff(visits, append=np.inf) > 6)
    )
    pulses = [(t + late, state) for t in visits[quiet] for late, state in ((0.0, "on"), (5.0, "off"))]
    merged = sorted([*zip(readings.times.tolist(), readings.states, strict=True), *pulses])
    return Readings(np.array([t for t, _ in merged]), tuple(state for _, state in merged))


def run(trace: Trace, shipped: Path, recipe: Path, tmp_path: Path) -> tuple[int, Path]:
    """Write a trace, make its model, and return the exit code and the folder."""
    write_trace(trace, tmp_path / "trace")
    out = tmp_path / "out"
    arguments = ["--trace", str(tmp_path / "trace"), "--from", str(shipped), "--recipe", str(recipe)]
    return main(["personal", *arguments, "--out", str(out)]), out


def test_a_home_with_a_cat_gets_a_better_model(shipped: Path, recipe: Path, tmp_path: Path) -> None:
    """Beat the shipped model and every rule on the last days, and write three files that open."""
    code, out = run(home_with_a_cat(), shipped, recipe, tmp_path)
    assert code == 0
    assert {path.name for path in out.iterdir()} == {"occupancy.tflite", "occupancy.json", "occupancy.md"}
    model = open_model((out / "occupancy.json").read_bytes(), (out / "occupancy.tflite").read_bytes())
    assert (model.manifest.name, model.manifest.task) == ("home", "occupancy")
    rows: dict[str, Any] = model.manifest.evaluation["held-out time of this home"]["results"]
    assert rows["model"]["f1"] > rows[SHIPPED]["f1"]
    assert rows["model"]["brier"] < rows[SHIPPED]["brier"]
    assert rows["model"]["f1"] > max(row["f1"] or 0.0 for name, row in rows.items() if name != "model")
    card = (out / "occupancy.md").read_text(encoding="utf-8")
    assert "inkling.reload_models" in card
    assert SHIPPED in card


def test_a_model_that_is_not_better_is_not_written(
    shipped: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refuse what learned from labels that are the wrong way round, in one sentence."""
    trace = home_with_a_cat()
    turned = {"occupied": "vacant", "vacant": "occupied"}
    edge = periods_of(trace, read_personal_recipe(recipe)).held_out
    labels = []
    for span in trace.labels:
        labels += [replace(span, end=min(span.end, edge), label=turned[span.label])] if span.start < edge else []
        labels += [replace(span, start=max(span.start, edge))] if span.end > edge else []
    code, out = run(replace(trace, labels=tuple(labels)), shipped, recipe, tmp_path)
    assert code == 2
    assert not out.exists()
    spoken = capsys.readouterr().err
    assert spoken.startswith("not written")
    assert len(spoken.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("until", "said"), [(0.0, "too few to know whether a model is better"), (7.0, "too few to know")]
)
def test_too_few_labels_are_refused(
    until: float, said: str, shipped: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never let hindsight stand in for a score: without people's labels in the last days there is no model."""
    trace = home_with_a_cat(days=10)
    first = min(span.start for span in trace.labels)
    kept = tuple(span for span in trace.labels if span.end <= first + until * DAY)
    code, out = run(replace(trace, labels=kept), shipped, recipe, tmp_path)
    assert code == 2
    assert not out.exists()
    assert said in capsys.readouterr().err


def test_a_short_trace_is_refused(
    shipped: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Say how long the trace is."""
    assert run(simulate_home(6, 1), shipped, recipe, tmp_path)[0] == 2
    assert "too short" in capsys.readouterr().err


def test_learning_from_the_held_out_time_is_caught(
    shipped: Path, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the time to learn from reach into the held-out days, and see the guard stop it."""
    honest = personal_module.periods_of

    def sabotaged(trace: Trace, found: Any) -> Any:  # noqa: ANN401 - handed on
        """Return periods that overlap."""
        periods = honest(trace, found)
        return replace(periods, end=periods.last)

    monkeypatch.setattr(personal_module, "periods_of", sabotaged)
    write_trace(home_with_a_cat(), tmp_path / "trace")
    with pytest.raises(LeakError, match="see held-out time"):
        personal_module.personal(tmp_path / "trace", shipped, read_personal_recipe(recipe))


def row(f1: float, brier: float | None = None) -> dict[str, float | None]:
    """Return a row of figures."""
    return {"f1": f1, "brier": brier}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"model": row(0.8, 0.1), SHIPPED: row(0.7, 0.2), "rule": row(0.85)}, "rule 0.850"),
        ({"model": row(0.8, 0.1), SHIPPED: row(0.8, 0.2), "rule": row(0.5)}, "shipped model 0.800"),
        ({"model": row(0.8, 0.3), SHIPPED: row(0.7, 0.2), "rule": row(0.5)}, "Brier score 0.3000 against 0.2000"),
    ],
)
def test_what_is_not_better_is_named(rows: dict[str, Any], said: str) -> None:
    """Name the rule or the figure that is better."""
    with pytest.raises(GateError, match=said):
        check_better({"results": rows})


@pytest.mark.parametrize("network", sorted(NETS))
def test_weights_come_back_from_the_file(network: str) -> None:
    """Rebuild a network from its exported file: the same answers, or a sentence where its form hides a weight."""
    spec = InputSpec(channels=CHANNELS, steps=16, step_seconds=60.0)
    start(1)
    model, rng = NETS[network](spec), np.random.default_rng(9)
    model.set_weights([rng.normal(0.0, 0.2, weight.shape) for weight in model.get_weights()])
    content = export.to_float32(model)
    inputs = rng.normal(0.0, 1.0, (8, 16, len(CHANNELS))).astype(np.float32)
    wanted = np.asarray(model(inputs))
    try:
        found = recovered_weights(content, network, spec)
    except RecipeError:
        assert network in ("gru", "lstm")
        return
    start(2)
    again = NETS[network](spec)
    again.set_weights(found)
    np.testing.assert_allclose(np.asarray(again(inputs)), wanted, atol=1e-5)


def test_weights_of_another_network_are_refused() -> None:
    """Say that a file was made by another network than it says, or by none we know."""
    spec = InputSpec(channels=CHANNELS, steps=16, step_seconds=60.0)
    start(1)
    content = export.to_float32(NETS["dense"](spec))
    with pytest.raises(RecipeError, match="none of"):
        recovered_weights(content, "magic", spec)
    with pytest.raises(RecipeError, match="is not what the network 'conv' is exported to"):
        recovered_weights(content, "conv", spec)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('labels = "hindsight"', 'labels = "guesses"', "use annotation or hindsight"),
        ("held_out_share = 0.25", "held_out_share = 1.5", "between 0 and 1"),
        ("seed = 1", "", "lacks the entry 'seed'"),
        ("seed = 1", "seed = 'x'", "does not fit"),
    ],
)
def test_a_bad_personal_recipe_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    """Say what is wrong with it."""
    path = tmp_path / "bad.toml"
    path.write_text(DEFAULT.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(RecipeError, match=said):
        read_personal_recipe(path)
    with pytest.raises(RecipeError, match="cannot be read"):
        read_personal_recipe(tmp_path / "none.toml")
