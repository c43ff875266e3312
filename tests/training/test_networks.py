"""Every network by name: what is exported is what was trained, small enough, and the same on both backends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")

from custom_components.inkling.core.backends import BackendKind, ModelRefusedError, available, load
from custom_components.inkling.core.backends.opcodes import Op
from custom_components.inkling.core.backends.schema import parse
from custom_components.inkling.core.features import CHANNELS
from custom_components.inkling.core.manifest import InputSpec
from training import export
from training.__main__ import main
from training.nets import NETS
from training.runtime import keras, start

SPEC = InputSpec(channels=CHANNELS, steps=64, step_seconds=60.0)
RECURRENT = ("gru", "lstm")
TINY = Path(__file__).parent / "tiny.toml"


def fitted(network: str, inputs: np.ndarray[Any, Any]) -> keras.Model:
    """Return a network after two passes over inputs whose label is in their last step."""
    start(4)
    model = NETS[network](SPEC)
    model.compile(optimizer="adam", loss=keras.losses.BinaryCrossentropy(from_logits=True))
    model.fit(inputs, (inputs[:, -1, :1] > 0.0).astype(np.float32), epochs=2, verbose=0)
    return model


@pytest.fixture(scope="module", name="inputs")
def inputs_fixture() -> np.ndarray[Any, Any]:
    """Return windows of noise."""
    return np.random.default_rng(2).normal(0.0, 1.0, (64, SPEC.steps, len(CHANNELS))).astype(np.float32)


@pytest.mark.parametrize("network", ["logistic", "shallow", "dense", "conv", "strided", *RECURRENT, "autoencoder"])
def test_a_network_is_exported_whole(network: str, inputs: np.ndarray[Any, Any]) -> None:
    """Get Keras's own answer from both backends in float32, the same int8 answer from both, within 100 KB."""
    model = fitted(network, inputs)
    real, whole = export.to_float32(model), export.to_int8(model, inputs)
    wanted = np.asarray(model(inputs, training=False))
    assert np.ptp(wanted) > 0.05
    assert max(len(real), len(whole)) <= 100_000
    np.testing.assert_allclose(load(real).run(inputs)[0], wanted, atol=1e-5)
    rounded = load(whole).run(inputs)[0]
    assert np.max(np.abs(rounded - wanted)) < 0.2 * np.ptp(wanted)
    if available(BackendKind.LITERT):
        np.testing.assert_allclose(load(real, BackendKind.LITERT).run(inputs)[0], wanted, atol=1e-5)
        step = np.min(np.diff(np.unique(rounded)))
        assert np.max(np.abs(load(whole, BackendKind.LITERT).run(inputs)[0] - rounded)) <= 1.01 * step


@pytest.mark.parametrize("network", RECURRENT)
def test_recurrent_networks_are_unrolled(network: str) -> None:
    """Find neither loops nor variables, and eight steps of the recurrence, in the file."""
    start(1)
    operators = [operator.op for operator in parse(export.to_float32(NETS[network](SPEC))).operators]
    assert operators.count(Op.TANH) >= 8
    assert len(operators) < 400


def test_a_loop_is_refused_with_what_to_do() -> None:
    """Say to unroll a recurrent layer that was converted as a loop."""
    start(1)
    inputs = keras.Input(batch_shape=(1, 16, 4))
    looped = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.GRU(8)(inputs)))
    with pytest.raises(ModelRefusedError, match=r"operator WHILE.*unroll=True"):
        load(export.to_float32(looped))


def test_the_decoder_teaches_and_stays_behind(inputs: np.ndarray[Any, Any]) -> None:
    """See the redrawing in the loss of training, and none of its weights in the file."""
    model = fitted("autoencoder", inputs)
    decoder = next(weight for weight in model.weights if weight.shape[-1] == 4 * len(CHANNELS))
    model(inputs, training=True)
    assert float(sum(model.losses)) > 0.0
    sizes = [tensor.data.size for tensor in parse(export.to_float32(model)).tensors if tensor.data is not None]
    assert int(np.prod(decoder.shape)) not in sizes


def test_networks_are_put_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Train two networks on a small recipe, and write one table and the figures of both forms and backends."""
    figures = tmp_path / "figures.json"
    arguments = ["--data", str(tmp_path), "--networks", "dense,autoencoder", "--epochs", "1", "--homes", "1"]
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(TINY.read_text(encoding="utf-8").replace("steps = 8", "steps = 16"), encoding="utf-8")
    assert main(["compare", str(recipe), *arguments, "--json", str(figures)]) == 0
    assert "| autoencoder | int8 |" in capsys.readouterr().out
    body = json.loads(figures.read_text(encoding="utf-8"))
    assert (body["recipe"], body["steps"], body["budget"]) == ("tiny", 16, {"epochs": 1, "homes": 1})
    found = body["networks"]
    assert set(found) == {"dense", "autoencoder"}
    for row in found.values():
        assert 0.0 < row["float32"]["log_loss"] < 2.0
        assert row["int8"]["bytes"] < row["float32"]["bytes"]
        assert set(row["float32"]["portable_us"]) == {"1", "64"}
        assert row["float32"]["between_backends"] is None or row["float32"]["between_backends"] < 1e-4


@pytest.mark.parametrize(
    ("arguments", "said"), [(["--networks", "magic"], "no network magic"), (["--epochs", "0"], "at least 1")]
)
def test_a_comparison_that_cannot_be_is_refused(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Name the networks there are."""
    assert main(["compare", str(TINY), "--data", str(tmp_path), *arguments]) == 2
    assert said in capsys.readouterr().err
