"""Check everything about a model before any backend sees its bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..quantize import dequantize_weights
from .faults import ModelFault, require, require_graph, require_numbers
from .infer import trace_graph
from .schema import DType, Model, Operator, Tensor, parse
from .signatures import letters_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PORTS: Final = 16
_REAL: Final = frozenset({DType.FLOAT32, DType.INT8})
_MAX_DEQUANTIZED: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Validated:
    """A model that holds together, what one sample costs, and whether its batch is fixed at one."""

    model: Model
    elements: int
    macs: int
    fixed_batch: bool


def _check_ports(model: Model, indices: tuple[int, ...], what: str) -> None:
    """Check the graph's inputs or outputs as such."""
    require_graph(1 <= len(indices) <= MAX_PORTS, f"the model has {len(indices)} {what}s")
    require_graph(len(set(indices)) == len(indices), f"the model names an {what} twice")
    for index in indices:
        require_graph(
            0 <= index < len(model.tensors), f"the model's {what} refers to tensor {index}, which is not there"
        )
        tensor = model.tensors[index]
        label = f"the model's {what} {index} ({tensor.name[:40]})"
        require_graph(tensor.data is None, f"{label} is a constant")
        require_graph(tensor.dtype in _REAL, f"{label} is {tensor.dtype.name}, only float32 and int8 are accepted")
        require_graph(bool(tensor.shape), f"{label} has no batch dimension")
        require_graph(-1 not in tensor.signature[1:], f"{label} has an open size besides the batch: {tensor.signature}")
        if tensor.dtype is DType.INT8:
            scales = 0 if tensor.quantization is None else tensor.quantization.scales.size
            require_numbers(scales == 1, f"{label} is int8 but has {scales} scales")


def _check_reads(operator: Operator, known: set[int], count: int, label: str) -> None:
    """Check that every input of an operator is there when it runs."""
    letters = letters_of(operator.op, len(operator.inputs))
    require_graph(letters != "", f"{label} has {len(operator.inputs)} inputs")
    for letter, index in zip(letters, operator.inputs, strict=True):
        if index == -1 and letter == "b":
            continue
        require_graph(0 <= index < count, f"{label} reads tensor {index} of {count}")
        require_graph(index in known, f"{label} reads tensor {index} before anything makes it")


def _check_graph(model: Model) -> None:
    """Check that data flows forward only, and that nothing is written twice."""
    constants = {index for index, tensor in enumerate(model.tensors) if tensor.data is not None}
    known = constants | set(model.inputs)
    for number, operator in enumerate(model.operators):
        label = f"operator {number} ({operator.op.name})"
        _check_reads(operator, known, len(model.tensors), label)
        for index in operator.outputs:
            require_graph(0 <= index < len(model.tensors), f"{label} writes tensor {index} of {len(model.tensors)}")
            require_graph(index not in known, f"{label} writes tensor {index}, which is already there")
            known.add(index)
    for index in model.outputs:
        made = index in known and index not in model.inputs
        require_graph(made, f"nothing makes the model's output {index}")


def _check_constants(tensors: Iterable[Tensor]) -> None:
    """Check that constants are finite; tensors that share bytes are looked at once."""
    seen: set[int] = set()
    for index, tensor in enumerate(tensors):
        data = tensor.data
        if data is None or tensor.dtype is not DType.FLOAT32:
            continue
        address = int(data.__array_interface__["data"][0])
        if address not in seen:
            finite = bool(np.isfinite(data).all())
            require_numbers(finite, f"tensor {index} ({tensor.name[:40]}) holds a number that is not finite")
        seen.add(address)


def _is_hybrid(model: Model, operator: Operator, position: int) -> bool:
    """Tell whether an operator on real numbers has int8 weights (a dynamic-range model)."""
    letters = letters_of(operator.op, len(operator.inputs))
    data = model.tensors[operator.inputs[letters.index("d")]]
    weights = model.tensors[operator.inputs[position]]
    quantized = weights.dtype is DType.INT8 and weights.data is not None and weights.quantization is not None
    return letters[position] == "w" and data.dtype is DType.FLOAT32 and quantized


def dequantize_hybrid(model: Model) -> Model:
    """Return the model with dynamic-range weights made real once, instead of its inputs made int8 at every run."""
    tensors, operators, made, total = list(model.tensors), [], {}, 0
    for operator in model.operators:
        inputs = list(operator.inputs)
        for position, index in enumerate(operator.inputs):
            if index == -1 or not _is_hybrid(model, operator, position):
                continue
            if index not in made:
                tensor = model.tensors[index]
                quant, data = tensor.quantization, tensor.data
                assert quant is not None and data is not None  # noqa: S101, PT018 - _is_hybrid just looked
                total += data.size
                require(
                    total <= _MAX_DEQUANTIZED, ModelFault.OVER_BUDGET, "the model's int8 weights take too much memory"
                )
                real = dequantize_weights(data.astype(np.int8), quant.scales, quant.zero_points, quant.axis)
                made[index] = len(tensors)
                tensors.append(replace(tensor, dtype=DType.FLOAT32, quantization=None, data=real))
            inputs[position] = made[index]
        operators.append(replace(operator, inputs=tuple(inputs)))
    return replace(model, tensors=tuple(tensors), operators=tuple(operators))


def _is_fixed(model: Model) -> bool:
    """Tell whether the batch is fixed at one; raise ModelRefusedError when it is fixed at anything else."""
    sizes = {model.tensors[index].signature[0] for index in model.inputs}
    require_graph(sizes in ({-1}, {1}), f"the model's batch sizes are {sorted(sizes)}, not open and not one")
    return sizes == {1}


def _check_outputs(model: Model, batch: int) -> tuple[int, int]:
    """Walk the graph at a batch size, check the outputs' shapes, and return what it costs."""
    trace = trace_graph(model, batch)
    for index in model.outputs:
        made, said = trace.values[index].shape, model.tensors[index].shape
        require_graph(made[1:] == said[1:], f"the model says its output {index} is {said}, but it makes {made}")
    return trace.elements, trace.macs


def validate(data: bytes) -> Validated:
    """Return the model in a file's bytes; raise ModelRefusedError with one sentence about the first misfit."""
    model = parse(data)
    _check_ports(model, model.inputs, "input")
    _check_ports(model, model.outputs, "output")
    require_graph(bool(model.operators), "the model has no operators")
    _check_graph(model)
    _check_constants(model.tensors)
    model = dequantize_hybrid(model)
    fixed = _is_fixed(model)
    elements, macs = _check_outputs(model, 1)
    if not fixed:
        # A graph can hide a batch of one in a constant; two samples bring it out.
        _check_outputs(model, 2)
    return Validated(model, elements, macs, fixed)
