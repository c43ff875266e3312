"""A network from elsewhere: checked against the contract, calibrated, scored, packed, and what does not fit is told."""

from __future__ import annotations

import importlib.util
from pathlib import Path
import shutil
import sys
import types
from typing import Any

import numpy as np
import pytest

pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")

from custom_components.inkling.core.backends import BackendKind, ModelRefusedError, available
from custom_components.inkling.core.backends.opcodes import Op
from custom_components.inkling.core.backends.schema import parse
from custom_components.inkling.core.manifest import OutputKind
from custom_components.inkling.core.pipeline import open_model
from training import bring as bring_module, export
from training.__main__ import main
from training.bring import checked
from training.recipe import read_recipe
from training.runtime import keras, start
from training.splits import SIMULATED

FOLDER = Path(__file__).parent
FILE, RECIPE = FOLDER / "brought.tflite", FOLDER / "brought.toml"
SPEC = read_recipe(RECIPE).spec
SHAPE = SPEC.steps, len(SPEC.channels)


def arguments(*given: str, out: Path) -> list[str]:
    """Return a command line that brings something."""
    fixed = ["--recipe", str(RECIPE), "--data", str(FOLDER), "--name", "mine", "--out", str(out)]
    return ["bring", *given, *fixed]


def network(shape: tuple[int, ...], outputs: int = 1, activation: str | None = None) -> bytes:
    """Return a small dense network's file."""
    start(1)
    inputs = keras.Input(shape)
    answer = keras.layers.Dense(outputs, activation)(keras.layers.Flatten()(inputs))
    return export.to_float32(keras.Model(inputs, answer))


def test_the_file_is_as_a_converter_from_pytorch_writes_it() -> None:
    """Find turned windows and a batch of one in the file under test."""
    graph = parse(FILE.read_bytes())
    assert sum(operator.op is Op.TRANSPOSE for operator in graph.operators) >= 2
    assert graph.tensors[graph.inputs[0]].signature[0] != -1


def test_a_brought_network_is_calibrated_scored_and_packed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Open what was written, get the same from both backends, and find figures and rules in its card."""
    assert main(arguments("--litert", str(FILE), out=tmp_path)) == 0
    assert "last motion wins" in capsys.readouterr().out
    manifest, content = (tmp_path / "mine.json").read_bytes(), (tmp_path / "mine.tflite").read_bytes()
    assert content == FILE.read_bytes()
    model = open_model(manifest, content)
    assert (model.manifest.name, model.manifest.output) == ("mine", OutputKind.LOG_ODDS)
    assert model.manifest.calibration.slope != 1.0
    rows = model.manifest.evaluation[SIMULATED]["results"]
    assert rows["model"]["auc"] > 0.55
    assert rows["model"]["accuracy"] > 0.5
    assert "motion held" in (tmp_path / "mine.md").read_text(encoding="utf-8")
    inputs = np.random.default_rng(0).normal(0.0, 1.0, (5, *SHAPE)).astype(np.float32)
    if available(BackendKind.LITERT):
        other = open_model(manifest, content, BackendKind.LITERT)
        np.testing.assert_allclose(model.log_odds(inputs), other.log_odds(inputs), atol=1e-5)


def test_a_probability_is_told_from_log_odds(tmp_path: Path) -> None:
    """Say in the manifest that the number is a probability already."""
    file = tmp_path / "p.tflite"
    file.write_bytes(network(SHAPE, activation="sigmoid"))
    assert main([*arguments("--litert", str(file), out=tmp_path), "--output", "probability"]) == 0
    model = open_model((tmp_path / "mine.json").read_bytes(), (tmp_path / "mine.tflite").read_bytes())
    assert model.manifest.output is OutputKind.PROBABILITY


@pytest.mark.parametrize(
    ("shape", "outputs", "said"),
    [
        (SHAPE[::-1], 1, "turn them around inside the network"),
        ((SPEC.steps + 1, SHAPE[1]), 1, "steps first, then channels"),
        (SHAPE, 2, "wants one number"),
    ],
)
def test_what_does_not_fit_is_told(shape: tuple[int, ...], outputs: int, said: str) -> None:
    """Name the shape that is wanted."""
    with pytest.raises(ModelRefusedError, match=said):
        checked(network(shape, outputs), SPEC)


def test_int8_is_seen(tmp_path: Path) -> None:
    """Tell a quantised file by its input."""
    start(1)
    inputs = keras.Input(SHAPE)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(inputs)))
    samples = np.random.default_rng(0).normal(0.0, 1.0, (16, *SHAPE))
    assert checked(export.to_int8(model, samples), SPEC) == export.INT8
    assert checked(export.to_float32(model), SPEC) == export.FLOAT32


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--torchscript", "net.pt"), "litert-torch, which is not installed here"),
        (("--litert", str(RECIPE)), "not a TFLite model"),
        (("--litert", "no/such/file.tflite"), "No such file"),
    ],
)
def test_what_cannot_be_brought_is_refused_in_one_sentence(
    given: tuple[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Say what to install, or what is wrong with the file, and write nothing."""
    assert main(arguments(*given, out=tmp_path / "out")) == 2
    spoken = capsys.readouterr().err
    assert said in spoken
    assert len(spoken.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_bad_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Say what a name may be made of."""
    command = arguments("--litert", str(FILE), out=tmp_path)
    command[command.index("mine")] = "../Mine"
    assert main(command) == 2
    assert "small letters" in capsys.readouterr().err


def test_torchscript_is_converted_where_the_package_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand the converter an example of the right shape and take its file; the packages are stood in for."""
    seen: list[tuple[int, ...]] = []

    class Edge:
        """What a conversion returns."""

        def export(self, path: str) -> None:
            """Write the file."""
            shutil.copy(FILE, path)

    def convert(network: Any, example: tuple[Any, ...]) -> Edge:  # noqa: ANN401 - torch's
        """Note the example's shape."""
        seen.append(example[0])
        return Edge()

    loaded = types.SimpleNamespace(eval=lambda: "network")
    torch = types.SimpleNamespace(jit=types.SimpleNamespace(load=lambda _: loaded), zeros=lambda *shape: shape)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, bring_module.CONVERTER, types.SimpleNamespace(convert=convert))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    script = tmp_path / "net.pt"
    script.write_bytes(b"torchscript")
    assert bring_module.converted(script, SPEC) == FILE.read_bytes()
    assert seen == [(1, *SHAPE)]
    assert {path.name for path in tmp_path.iterdir()} == {"net.pt"}
