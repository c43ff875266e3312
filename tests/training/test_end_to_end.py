"""From a recipe to published files in seconds: trained, exported, calibrated, evaluated, the same bytes twice."""

from __future__ import annotations

from dataclasses import replace
import hashlib
import json
import os
from pathlib import Path
import re
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")

from custom_components.inkling.core.backends import BackendKind, ModelRefusedError, available
from custom_components.inkling.core.features import FEATURES_VERSION
from custom_components.inkling.core.pipeline import open_model, replay
from training.__main__ import main
from training.compare import Budget
from training.comparison import comparison_beside, comparison_of, read_comparison
from training.make import Made, make
from training.nets import NETS
from training.publish import check_gates, publish, schema
from training.recipe import Gate, GateError, Recipe, RecipeError, read_recipe
from training.splits import SIMULATED, simulated_tests
from training.tracks import offsets_of, tracks_of

RECIPE = Path(__file__).parent / "tiny.toml"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", name="recipe")
def recipe_fixture() -> Recipe:
    """Read the tiny recipe."""
    return read_recipe(RECIPE)


@pytest.fixture(scope="module", name="made")
def made_fixture(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Make the tiny model."""
    return make(recipe, tmp_path_factory.mktemp("data"))


def test_the_published_files_are_one_model(made: Made, tmp_path: Path) -> None:
    """Publish, open what was written as Home Assistant does, and get the same probabilities."""
    written = {path.name for path in publish(made, "## Weaknesses\n\nMany.\n", tmp_path)}
    assert {"tiny.tflite", "tiny.json", "tiny.md", "schema.json", "README.md"} <= written
    assert not list(tmp_path.glob("*.part"))
    model = open_model((tmp_path / "tiny.json").read_bytes(), (tmp_path / "tiny.tflite").read_bytes())
    trace = next(iter(simulated_tests(made.recipe.simulated.test, made.recipe.simulated.days)))
    item = made.scored[SIMULATED][0]
    ends = item.ends[:50]
    said = replay(model, tracks_of(trace), item.room.split(" ")[-1], ends, offsets_of(trace, ends))
    np.testing.assert_allclose(said, item.probabilities[:50], atol=1e-6)
    card = (tmp_path / "tiny.md").read_text(encoding="utf-8")
    for words in ("Many.", "motion held", "last motion wins", "majority", "simulated homes", "Not measured for these"):
        assert words in card


def test_the_card_tells_latency_on_both_backends_and_compares_networks(made: Made, tmp_path: Path) -> None:
    """Find a number for each backend that is here, and the comparison's row of each network and form."""
    times = {"1": 12.0, "64": 345.0}
    form = {
        "bytes": 10,
        "log_loss": 0.25,
        "f1": None,
        "portable_us": times,
        "litert_us": None,
        "between_backends": None,
    }
    row = {"float32": form, "int8": form, "largest_difference_int8": 0.01}
    found = comparison_of(made.recipe, Budget(epochs=2, homes=3), {"gru": row})
    publish(made, "", tmp_path, found)
    card = (tmp_path / "tiny.md").read_text(encoding="utf-8")
    assert "| gru | int8 | 0.2500 | 0.0000 | 10 | 12 / 345 | not installed |" in card
    assert "2 passes, 3 simulated homes" in card.replace("\n", " ")
    assert re.search(r"\| portable \(NumPy\) \| \d+ \| \d+ \|", card)
    if available(BackendKind.LITERT):
        assert re.search(r"\| LiteRT \| \d+ \| \d+ \|", card)
        assert "log-odds differ by at most" in card
    assert "2 simulated homes of other seeds" in card


def test_a_comparison_of_other_inputs_is_refused_before_the_work(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Say what to run again, for a file of other features as for one that is broken."""
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE.read_text(encoding="utf-8"), encoding="utf-8")
    beside = comparison_beside(recipe)
    wrong = comparison_of(made.recipe, Budget(epochs=2, homes=3), {}) | {"features_version": 1}
    for text in ("nonsense", "[]", "{}", json.dumps(wrong), json.dumps(wrong | {"networks": {"gru": {}}})):
        beside.write_text(text, encoding="utf-8")
        assert main(["make", str(recipe), "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
        assert "is no comparison of networks: run `compare`" in capsys.readouterr().err
    form = {"bytes": 10, "log_loss": 0.25, "f1": 0.5, "portable_us": None, "litert_us": None, "between_backends": None}
    rows = {"gru": {"float32": form, "int8": form, "largest_difference_int8": 0.01}}
    beside.write_text(json.dumps(wrong | {"networks": rows}), encoding="utf-8")
    assert main(["make", str(recipe), "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "features version 1" in capsys.readouterr().err
    beside.write_text(json.dumps(wrong | {"networks": rows, "features_version": FEATURES_VERSION}), encoding="utf-8")
    assert read_comparison(beside, made.recipe)["networks"] == rows


def test_the_manifest_fits_its_schema(made: Made) -> None:
    """Validate the manifest, and see a broken one fail."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed here")
    body = json.loads(made.manifest_bytes)
    jsonschema.validate(body, schema())
    assert body["sha256"] == hashlib.sha256(made.model_bytes).hexdigest()
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**body, "task": "magic"}, schema())


def test_both_backends_say_the_same(made: Made) -> None:
    """Run the exported file on LiteRT and on our own executor."""
    pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed here")
    rng = np.random.default_rng(0)
    spec = made.recipe.spec
    inputs = rng.normal(0.0, 1.0, (64, spec.steps, len(spec.channels))).astype(np.float32)
    other = open_model(made.manifest_bytes, made.model_bytes, BackendKind.LITERT)
    np.testing.assert_allclose(made.model.log_odds(inputs), other.log_odds(inputs), atol=1e-4)


def test_a_file_that_was_touched_is_refused(made: Made) -> None:
    """Refuse a model of another sha256."""
    with pytest.raises(ModelRefusedError, match="sha256"):
        open_model(made.manifest_bytes, made.model_bytes[:-1] + b"\0")


def test_a_failed_gate_publishes_nothing(made: Made, tmp_path: Path) -> None:
    """Name every gate that fails, and write no file."""
    gates = (
        Gate(set=SIMULATED, figure="accuracy", least=1.01),
        Gate(set=SIMULATED, figure="brier", most=-1.0),
        Gate(set="no such set", figure="f1", least=0.1),
        Gate(set=SIMULATED, figure="no such figure", least=0.1),
    )
    with pytest.raises(GateError, match=r"below 1.01.*above -1.0.*was not scored.*has no no such figure"):
        publish(replace(made, recipe=replace(made.recipe, gates=gates)), "", tmp_path / "models")
    assert not (tmp_path / "models").exists()
    with pytest.raises(GateError, match="bytes are more than 10"):
        check_gates(replace(made.recipe, most_bytes=10), made.evaluation, len(made.model_bytes))


def test_the_same_recipe_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    """Make the model again in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from training.make import make; from training.recipe import read_recipe;"
        "made = make(read_recipe(Path(sys.argv[1])), Path(sys.argv[2]));"
        "Path(sys.argv[2], 'model').write_bytes(made.model_bytes);"
        "Path(sys.argv[2], 'manifest').write_bytes(made.manifest_bytes)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(RECIPE), str(tmp_path)],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert (tmp_path / "model").read_bytes() == made.model_bytes
    assert (tmp_path / "manifest").read_bytes() == made.manifest_bytes


@pytest.mark.parametrize("network", sorted(NETS))
def test_every_network_can_be_made(recipe: Recipe, tmp_path: Path, network: str) -> None:
    """Train, export and open each network by its name."""
    # One home is too few to say anything of another: a network that only learned its quirks is worse than a coin.
    spec = replace(recipe.spec, steps=16)
    made = make(replace(recipe, network=network, epochs=2, spec=spec), tmp_path)
    assert made.evaluation[SIMULATED]["results"]["model"]["auc"] > 0.4
    assert made.model.backend.input_shapes == ((16, len(spec.channels)),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "not valid TOML"),
        ("name = 'x'", "lacks the entry 'input'"),
        (RECIPE.read_text(encoding="utf-8") + "[[test]]\nname = 'x'\nflavour = 1\n", "does not fit"),
    ],
)
def test_a_bad_recipe_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """Say what is wrong with a recipe."""
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=said):
        read_recipe(tmp_path / "bad.toml")
