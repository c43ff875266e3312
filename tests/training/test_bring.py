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

from custom_components.inkling.core.backends import BackendKind, ModelRefusedError, available, load
from custom_components.inkling.core.backends.opcodes import Op
from custom_components.inkling.core.backends.schema import parse
from custom_components.inkling.core.manifest import OutputKind
from custom_components.inkling.core.pipeline import open_model
from training import bring as bring_module, export, torchscript
from training.__main__ import main
from training.bring import checked
from training.fit import draw
from training.recipe import RecipeError, read_recipe
from training.runtime import keras, start
from training.splits import SIMULATED, Library

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


def test_the_file_comes_from_pytorch() -> None:
    """Find turned windows and a batch of one in the file under test, as litert-torch left them."""
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
    assert model.manifest.evidence.motion_log_odds is not None
    assert model.manifest.evidence.motion_log_odds > 1.0
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
        (("--litert", "no/such/file.tflite"), "no such file"),
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


def stand_in(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Stand in for PyTorch and the converter as they were seen to be used; return the shapes that they are given."""
    seen: list[tuple[int, ...]] = []

    class Edge:
        """What a conversion returns."""

        def export(self, path: str) -> None:
            """Write the file."""
            shutil.copy(FILE, path)

    class Exported:
        """PyTorch's way from TorchScript to a program."""

        def __init__(self, network: Any, example: tuple[Any, ...]) -> None:  # noqa: ANN401 - torch's
            """Note the example's shape."""
            assert network == "network"
            seen.append(example[0])

        def convert(self) -> Any:  # noqa: ANN401 - torch's
            """Return a program that gives a module."""
            return types.SimpleNamespace(module=lambda: "module")

    def load(path: str) -> Any:  # noqa: ANN401 - torch's
        """Return a network, or fail as PyTorch does on other files."""
        if Path(path).read_bytes() != b"torchscript":
            raise RuntimeError("PytorchStreamReader failed\nreading zip archive")
        return types.SimpleNamespace(eval=lambda: "network")

    def convert(module: Any, example: tuple[Any, ...]) -> Edge:  # noqa: ANN401 - the converter's
        """Take a module only, as the converter does."""
        assert module == "module"
        seen.append(example[0])
        return Edge()

    torch = types.SimpleNamespace(jit=types.SimpleNamespace(load=load), zeros=lambda *shape: shape)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._export.converter", types.SimpleNamespace(TS2EPConverter=Exported))
    monkeypatch.setitem(sys.modules, torchscript.CONVERTER, types.SimpleNamespace(convert=convert))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    return seen


def test_torchscript_is_converted_where_the_package_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hand over an example of the right shape and take the file; say in one line what is no TorchScript."""
    seen = stand_in(monkeypatch)
    script, target = tmp_path / "net.pt", tmp_path / "net.tflite"
    script.write_bytes(b"torchscript")
    arguments = [str(script), *map(str, SHAPE), str(target)]
    assert torchscript.main(arguments) == 0
    assert target.read_bytes() == FILE.read_bytes()
    assert seen == [(1, *SHAPE), (1, *SHAPE)]
    script.write_bytes(b"other")
    assert torchscript.main(arguments) == 1
    assert capsys.readouterr().err.strip() == "PytorchStreamReader failed reading zip archive"


def test_a_converter_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Say in one sentence why there is no file, and what to do instead."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    with pytest.raises(RecipeError, match=r"net.pt cannot be converted \(.+\).*bring the file with --litert"):
        bring_module.converted(tmp_path / "net.pt", SPEC)


def test_real_torchscript_is_converted(tmp_path: Path) -> None:
    """Convert a network with PyTorch's own packages, where somebody has them beside the trainer's."""
    torch = pytest.importorskip("torch", reason="PyTorch and its converter weigh gigabytes")
    pytest.importorskip(torchscript.CONVERTER, reason="PyTorch and its converter weigh gigabytes")
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(SHAPE[0] * SHAPE[1], 1)).eval()
    script = tmp_path / "net.pt"
    torch.jit.script(net).save(str(script))
    content = bring_module.converted(script, SPEC)
    inputs = np.random.default_rng(0).normal(0.0, 1.0, (1, *SHAPE)).astype(np.float32)
    np.testing.assert_allclose(load(content).run(inputs)[0], net(torch.from_numpy(inputs)).detach().numpy(), atol=1e-5)


def test_windows_are_written_for_others_to_train_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Find what the recipe draws, in the contract's order."""
    target = tmp_path / "windows.npz"
    assert main(["windows", str(RECIPE), "--data", str(tmp_path), "--out", str(target)]) == 0
    arrays = np.load(target)
    windows, validation = draw(read_recipe(RECIPE), Library(tmp_path))
    assert f"{len(windows)} windows to train on, {len(validation)} to validate" in capsys.readouterr().out
    np.testing.assert_array_equal(arrays["inputs"], windows.inputs)
    np.testing.assert_array_equal(arrays["validation_targets"], validation.targets)
    assert arrays["inputs"].shape[1:] == SHAPE
    assert set(np.unique(arrays["targets"]).tolist()) == {0.0, 1.0}
