"""The shape rule of every operator, and the walk over a graph at one batch size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
import math
from typing import TYPE_CHECKING, Final

import numpy as np

from . import shapes, shapes_math
from .faults import ModelFault, ModelRefusedError, require, require_graph
from .kernels import evaluate
from .opcodes import Op
from .schema import NUMPY_TYPES, Model, Operator
from .shapes import VIEWS
from .signatures import check_inputs, check_outputs
from .value import MAX_ELEMENTS, MAX_MACS, Inferred, Value, check_shape, value_of

if TYPE_CHECKING:
    from .options import Options

Rule = Callable[["Options", Sequence[Value], str], Inferred]


def _plain(rule: Callable[[Sequence[Value], str], Inferred]) -> Rule:
    """Return a rule that takes no options."""
    return lambda _options, inputs, label: rule(inputs, label)


def _unary(_options: Options, inputs: Sequence[Value], _label: str) -> Inferred:
    """Keep the input's shape."""
    return shapes_math.same_as_input(inputs)


def _shape(_options: Options, inputs: Sequence[Value], _label: str) -> Inferred:
    """Return the shape of a SHAPE operator's answer."""
    return Inferred(((len(inputs[0].shape),),))


_RULES: Final[dict[Op, Rule]] = {
    **dict.fromkeys(
        (Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.SQUARED_DIFFERENCE, Op.MAXIMUM, Op.MINIMUM),
        _plain(shapes_math.broadcast_shape),
    ),
    **dict.fromkeys((Op.LOGISTIC, Op.TANH, Op.RELU, Op.RELU6, Op.ELU, Op.GELU, Op.LEAKY_RELU, Op.HARD_SWISH), _unary),
    **dict.fromkeys((Op.NEG, Op.RSQRT, Op.EXP, Op.LOG, Op.SQRT, Op.ABS, Op.SQUARE, Op.SOFTMAX), _unary),
    **dict.fromkeys((Op.QUANTIZE, Op.DEQUANTIZE), _unary),
    **dict.fromkeys((Op.MEAN, Op.SUM, Op.REDUCE_MAX, Op.REDUCE_MIN, Op.REDUCE_PROD), shapes_math.reduced_shape),
    **dict.fromkeys((Op.AVERAGE_POOL_2D, Op.MAX_POOL_2D), shapes_math.pool_shape),
    Op.BATCH_MATMUL: shapes_math.matmul_shape,
    Op.FULLY_CONNECTED: shapes_math.dense_shape,
    Op.CONV_2D: shapes_math.conv_shape,
    Op.DEPTHWISE_CONV_2D: shapes_math.depthwise_shape,
    Op.TRANSPOSE_CONV: shapes_math.transpose_conv_shape,
    Op.PAD: _plain(shapes.pad_shape),
    Op.CONCATENATION: shapes.concatenation_shape,
    Op.PACK: shapes.pack_shape,
    Op.GATHER: shapes.gather_shape,
    Op.TILE: _plain(shapes.tile_shape),
    Op.FILL: _plain(shapes.fill_shape),
    Op.SPACE_TO_BATCH_ND: _plain(shapes.space_to_batch_shape),
    Op.BATCH_TO_SPACE_ND: _plain(shapes.batch_to_space_shape),
    Op.SHAPE: _shape,
}


def _infer(operator: Operator, inputs: Sequence[Value], label: str) -> Inferred:
    """Return what an operator makes."""
    if operator.op in VIEWS:
        return shapes.view_shapes(operator.op, operator.options, inputs, label)
    return _RULES[operator.op](operator.options, inputs, label)


@dataclass(slots=True)
class Trace:
    """A graph walked at one batch size: what every tensor is, and which operators are left to run."""

    batch: int
    values: dict[int, Value] = field(default_factory=dict)
    live: list[int] = field(default_factory=list)
    elements: int = 0
    macs: int = 0

    def charge(self, made: Inferred, label: str) -> None:
        """Add an operator's cost, refusing what one sample may not cost."""
        outputs = sum(math.prod(check_shape(shape, label)) for shape in made.shapes)
        self.elements += outputs + made.scratch
        self.macs += made.macs + outputs
        heavy = self.elements > MAX_ELEMENTS * self.batch or self.macs > MAX_MACS * self.batch
        if heavy:
            cost = f"{self.macs} multiplications and {4 * self.elements} bytes by {label}"
            msg = f"the model costs more than a model may: {cost}"
            raise ModelRefusedError(ModelFault.OVER_BUDGET, msg)


def _input_values(model: Model, trace: Trace, operator: Operator) -> list[Value | None]:
    """Return an operator's inputs; constants of the file come into view here."""
    found: list[Value | None] = []
    for index in operator.inputs:
        if index != -1 and index not in trace.values:
            trace.values[index] = value_of(model.tensors[index], index, trace.batch)
        found.append(None if index == -1 else trace.values[index])
    return found


def _fold(operator: Operator, inputs: Sequence[Value | None], outputs: list[Value], label: str) -> list[Value] | None:
    """Return the outputs with their content when it does not depend on the graph's inputs."""
    if operator.op is Op.SHAPE:
        first = inputs[0]
        sizes = () if first is None else first.shape
        return [outputs[0].with_data(np.array(sizes, NUMPY_TYPES[outputs[0].dtype]))]
    if any(value is not None and value.data is None for value in inputs):
        return None
    return evaluate(operator, inputs, outputs, label)


def _step(model: Model, trace: Trace, number: int) -> None:
    """Walk one operator."""
    operator = model.operators[number]
    label = f"operator {number} ({operator.op.name})"
    inputs = _input_values(model, trace, operator)
    dtype = check_inputs(operator.op, inputs, label)
    present = [value for value in inputs if value is not None]
    made = _infer(operator, present, label)
    require_graph(len(made.shapes) == len(operator.outputs), f"{label} makes {len(made.shapes)} outputs")
    trace.charge(made, label)
    outputs = []
    for index, shape in zip(operator.outputs, made.shapes, strict=True):
        tensor = model.tensors[index]
        outputs.append(Value(f"tensor {index} ({tensor.name[:40]})", shape, tensor.dtype, tensor.quantization))
    check_outputs(operator.op, dtype, inputs, outputs, label)
    folded = _fold(operator, inputs, outputs, label)
    if folded is None:
        trace.live.append(number)
    trace.values.update(zip(operator.outputs, folded or outputs, strict=True))


def trace_graph(model: Model, batch: int) -> Trace:
    """Walk a graph whose indices have been checked; raise ModelRefusedError where an operator does not fit."""
    trace = Trace(batch)
    for index in model.inputs:
        value = value_of(model.tensors[index], index, batch)
        check_shape(value.shape, value.label)
        trace.values[index] = value
    for number in range(len(model.operators)):
        _step(model, trace, number)
    for index in model.outputs:
        value = trace.values[index]
        require_graph(value.data is None, f"the model's output {value.label} does not depend on its inputs")
        require(
            bool(value.shape) and value.shape[0] == batch,
            ModelFault.BAD_GRAPH,
            f"the model's output {value.label} has shape {value.shape} for a batch of {batch}",
        )
    return trace
