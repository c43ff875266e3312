"""The LiteRT adapter: with a stand-in for the runtime everywhere, and with the runtime itself where it is installed."""

from collections.abc import Iterator
import subprocess
import sys
import types
from typing import Any

import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.backends import (
    BackendKind,
    ModelFault,
    ModelRefusedError,
    available,
    litert,
    load,
)
from custom_components.inkling.core.backends.opcodes import Op
from tests.core.backends.golden import FOLDER, read
from tests.core.backends.writer import INT8, M, dense, live, one

HAS_LITERT = litert.is_importable()
needs_litert = pytest.mark.skipif(not HAS_LITERT, reason="no LiteRT runtime is installed here (ai-edge-litert)")


@pytest.fixture
def fresh_probe() -> Iterator[None]:
    """Forget what was probed before and after a test."""
    litert.importable_module.cache_clear()
    yield
    litert.importable_module.cache_clear()


class StandIn:
    """An interpreter that doubles: what the adapter calls, and nothing else."""

    batches: list[int]

    def __init__(self, model_content: bytes, num_threads: int) -> None:
        """Take a model as the runtime does."""
        if b"refused" in model_content:
            raise RuntimeError("a tensor is missing")
        assert num_threads == 1
        self.shape, self.dtype = [1, 2], np.int8 if b"int8" in model_content else np.float32
        self.batches = []
        self.broken = b"broken" in model_content

    def allocate_tensors(self) -> None:
        """Remember for which batch memory was made."""
        self.batches.append(self.shape[0])

    def get_input_details(self) -> list[dict[str, Any]]:
        """Describe the input."""
        return [{"index": 0, "dtype": self.dtype, "quantization": (0.5, 3)}]

    get_output_details = get_input_details

    def resize_tensor_input(self, index: int, shape: list[int]) -> None:
        """Take another batch."""
        assert index == 0
        self.shape = shape

    def set_tensor(self, index: int, values: NDArray[Any]) -> None:
        """Take the input, as strictly as the runtime."""
        assert index == 0
        assert values.dtype == self.dtype
        assert list(values.shape) == self.shape
        self.values = values

    def invoke(self) -> None:
        """Double, or fail as the runtime fails."""
        if self.broken:
            raise RuntimeError("failed to invoke")

    def get_tensor(self, index: int) -> NDArray[Any]:
        """Return the double of the input."""
        assert index == 0
        return self.values if self.dtype is np.int8 else self.values * 2


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the stand-in where the runtime would be."""
    module = types.ModuleType("stand_in_runtime")
    module.Interpreter = StandIn  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "stand_in_runtime", module)
    monkeypatch.setattr(litert, "importable_module", lambda: "stand_in_runtime")


def negation(name: str = "plain", **changes: Any) -> M:  # noqa: ANN401 - fields of any type
    """Return a model of two numbers whose name tells the stand-in what to do."""
    return one(Op.NEG, [live(2, name=name, **changes)], live(2, **changes))


@pytest.mark.usefixtures("stand_in")
def test_runs_any_batch_in_one_call() -> None:
    """Resize the runtime to each batch, once."""
    backend = load(negation().bytes(), BackendKind.LITERT)
    assert backend.name == "litert"
    assert backend.input_shapes == backend.output_shapes == ((2,),)
    for batch in (1, 3, 3, 2):
        (answer,) = backend.run(np.ones((batch, 2), np.float32))
        assert answer.tolist() == [[2, 2]] * batch
    assert isinstance(backend, litert.LiteRtBackend)
    assert backend._interpreter.batches == [1, 3, 2]


@pytest.mark.usefixtures("stand_in")
def test_fixed_batch_runs_sample_by_sample() -> None:
    """Never resize a model whose batch is fixed at one."""
    backend = load(_fixed().bytes(), BackendKind.LITERT)
    (answer,) = backend.run(np.arange(6, dtype=np.float32).reshape(3, 2))
    assert answer.tolist() == [[0, 2], [4, 6], [8, 10]]
    assert isinstance(backend, litert.LiteRtBackend)
    assert backend._interpreter.batches == [1]


def _fixed() -> M:
    """Return the model with a batch of one."""
    model = negation()
    return model.tensor(0, signature=None).tensor(1, signature=None)


@pytest.mark.usefixtures("stand_in")
def test_int8_goes_in_and_real_numbers_come_out() -> None:
    """Use the runtime's own scale both ways."""
    backend = load(negation("int8", dtype=INT8, scales=(0.5,), zeros=(3,)).bytes(), BackendKind.LITERT)
    (answer,) = backend.run(np.array([[1.26, -2]], np.float32))
    assert answer.tolist() == [[1.5, -2]]


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_refuses_what_is_not_finite(value: float) -> None:
    """Check inputs before the runtime sees them."""
    with pytest.raises(ModelRefusedError, match="not finite"):
        load(negation().bytes(), BackendKind.LITERT).run(np.array([[1, value]], np.float32))


@pytest.mark.usefixtures("stand_in")
def test_says_what_the_runtime_said() -> None:
    """Turn the runtime's own errors into refusals."""
    with pytest.raises(ModelRefusedError, match="does not accept the model: a tensor is missing"):
        load(negation("refused").bytes(), BackendKind.LITERT)
    backend = load(negation("broken").bytes(), BackendKind.LITERT)
    with pytest.raises(ModelRefusedError, match="failed to run the model: failed to invoke") as caught:
        backend.run(np.ones((1, 2), np.float32))
    assert caught.value.fault is ModelFault.RUNTIME


@pytest.mark.usefixtures("stand_in")
def test_the_runtime_never_sees_a_bad_file() -> None:
    """Validate first, whichever backend is asked for."""
    with pytest.raises(ModelRefusedError, match="WHILE"):
        load(negation().operator(0, op=119).bytes(), BackendKind.LITERT)


def test_missing_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say what to do where no runtime is installed."""
    monkeypatch.setattr(litert, "importable_module", lambda: None)
    assert not available(BackendKind.LITERT)
    with pytest.raises(ModelRefusedError, match="choose the portable backend"):
        load(dense().bytes(), BackendKind.LITERT)


@pytest.mark.usefixtures("fresh_probe")
def test_probe_takes_the_first_that_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try each runtime in a process of its own, once."""
    asked: list[str] = []

    def probe(command: list[str], **_: object) -> types.SimpleNamespace:
        """Answer as processes do: killed, too slow, then well."""
        asked.append(command[2])
        if "ai_edge" in command[2]:
            return types.SimpleNamespace(returncode=-4)
        if "tflite_runtime" in command[2]:
            raise subprocess.TimeoutExpired(command, 1)
        return types.SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", probe)
    assert litert.importable_module() == "tensorflow.lite"
    assert litert.is_importable()
    assert len(asked) == 3


@pytest.mark.usefixtures("fresh_probe")
def test_probe_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer None where no runtime imports, or no process can be started."""
    monkeypatch.setattr(litert, "MODULES", ("no_such_runtime_anywhere",))
    assert litert.importable_module() is None
    litert.importable_module.cache_clear()
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert litert.importable_module() is None


@needs_litert
@pytest.mark.parametrize("name", ["tcn_float32", "dense_int8", "several_float32", "fixed_batch_float32"])
def test_the_runtime_itself(name: str) -> None:
    """Give the golden answers through the adapter, in a batch."""
    golden = read(FOLDER / f"{name}.tflite")
    answers = load((FOLDER / f"{name}.tflite").read_bytes(), BackendKind.LITERT).run(*golden.inputs)
    for found, wanted in zip(answers, golden.outputs, strict=True):
        assert_allclose(found, wanted, atol=1e-5)
