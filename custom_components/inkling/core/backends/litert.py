"""LiteRT, where it is installed: an opt-in that only sees models our own validator has passed."""

from __future__ import annotations

from functools import cache
import importlib
import subprocess
import sys
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..quantize import dequantize, quantize
from .faults import ModelFault, ModelRefusedError
from .plan import check_inputs, check_outputs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .schema import Model

MODULES: Final = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter", "tensorflow.lite")
_PROBE_SECONDS: Final = 120


@cache
def importable_module() -> str | None:
    """Return the first runtime that imports, tried in a subprocess: on an old processor importing kills the process."""
    for module in MODULES:
        command = [sys.executable, "-c", f"import {module}; {module}.Interpreter"]
        try:
            probe = subprocess.run(command, capture_output=True, check=False, timeout=_PROBE_SECONDS)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            continue
        if probe.returncode == 0:
            return module
    return None


def is_importable() -> bool:
    """Tell whether a LiteRT runtime can be used here."""
    return importable_module() is not None


class LiteRtBackend:
    """Run a validated model with LiteRT; one run at a time, one thread."""

    name = "litert"

    def __init__(self, data: bytes, model: Model) -> None:
        """Hand the validated bytes to the runtime; raise ModelRefusedError when it is missing or refuses them."""
        module = importable_module()
        if module is None:
            msg = "LiteRT is not installed here; choose the portable backend, or install ai-edge-litert"
            raise ModelRefusedError(ModelFault.RUNTIME, msg)
        self._lock = Lock()
        self._fixed = model.tensors[model.inputs[0]].signature[0] != -1
        self._batch = 1
        try:
            self._interpreter: Any = importlib.import_module(module).Interpreter(model_content=data, num_threads=1)
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            msg = f"LiteRT does not accept the model: {error}"
            raise ModelRefusedError(ModelFault.RUNTIME, msg) from error
        self._inputs = self._interpreter.get_input_details()
        self._outputs = self._interpreter.get_output_details()
        self.input_shapes = tuple(model.tensors[index].shape[1:] for index in model.inputs)
        self.output_shapes = tuple(model.tensors[index].shape[1:] for index in model.outputs)

    def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return float32 outputs for float32 inputs, batch first; raise ModelRefusedError (RUNTIME) on bad values."""
        with np.errstate(all="ignore"):
            batch = check_inputs(inputs, self.input_shapes)
            size = 1 if self._fixed else batch
            with self._lock:
                parts = [[array[row : row + size] for array in inputs] for row in range(0, batch, size)]
                answers = [self._invoke(part) for part in parts]
            outputs = tuple(np.concatenate(column) for column in zip(*answers, strict=True))
            check_outputs(outputs)
        return outputs

    def _invoke(self, inputs: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Run one batch of a size the runtime can take."""
        try:
            self._resize(len(inputs[0]))
            for detail, values in zip(self._inputs, inputs, strict=True):
                self._interpreter.set_tensor(detail["index"], _stored(detail, values))
            self._interpreter.invoke()
            return [_real(detail, self._interpreter.get_tensor(detail["index"])) for detail in self._outputs]
        except (RuntimeError, ValueError) as error:
            msg = f"LiteRT failed to run the model: {error}"
            raise ModelRefusedError(ModelFault.RUNTIME, msg) from error

    def _resize(self, batch: int) -> None:
        """Make the runtime ready for a batch size."""
        if batch == self._batch:
            return
        for detail, shape in zip(self._inputs, self.input_shapes, strict=True):
            self._interpreter.resize_tensor_input(detail["index"], [batch, *shape])
        self._interpreter.allocate_tensors()
        self._batch = batch


def _stored(detail: dict[str, Any], values: NDArray[np.float32]) -> NDArray[Any]:
    """Return an input in the element type the model wants."""
    if detail["dtype"] is np.int8:
        scale, zero_point = detail["quantization"]
        return quantize(values, scale, zero_point)
    return np.ascontiguousarray(values, np.float32)


def _real(detail: dict[str, Any], values: NDArray[Any]) -> NDArray[np.float32]:
    """Return an output in float32."""
    if detail["dtype"] is np.int8:
        scale, zero_point = detail["quantization"]
        return dequantize(values, scale, zero_point)
    return np.array(values, np.float32)
