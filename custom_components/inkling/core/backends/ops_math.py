"""Float kernels: arithmetic, activations, reductions, softmax, matrix products."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .calls import FLOAT, chain, scalar
from .opcodes import Op
from .options import Activation
from .product import product
from .schema import Array
from .shapes_math import reduced_axes

if TYPE_CHECKING:
    from .calls import Call, Step, Workspace

_ZERO: Final[Any] = scalar(0)
_ONE: Final[Any] = scalar(1)
_HALF: Final[Any] = scalar(0.5)
_SIX: Final[Any] = scalar(6)
# exp(88) is the last power that float32 holds.
_MAX_EXPONENT: Final[Any] = scalar(88)
_ERF: Final = tuple(np.float32(c) for c in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592))
_ERF_P: Final = np.float32(0.3275911)

_ACTIVATIONS: Final[dict[Activation, tuple[float | None, float | None]]] = {
    Activation.NONE: (None, None),
    Activation.RELU: (0, None),
    Activation.RELU_N1_TO_1: (-1, 1),
    Activation.RELU6: (0, 6),
}


def activation_steps(activation: Activation, out: Array) -> list[Step]:
    """Return the steps that apply a fused activation in place."""
    target = out
    if activation is Activation.TANH:
        return [partial(np.tanh, target, target)]
    low, high = _ACTIVATIONS[activation]
    steps: list[Step] = []
    if low is not None:
        steps.append(partial(np.maximum, target, scalar(low), out=target))
    if high is not None:
        steps.append(partial(np.minimum, target, scalar(high), out=target))
    return steps


def _logistic(x: Array, out: Array) -> None:
    """Compute 1 / (1 + exp(-x)) without overflow."""
    np.negative(x, out)
    np.minimum(out, _MAX_EXPONENT, out=out)
    np.exp(out, out)
    np.add(out, _ONE, out)
    np.reciprocal(out, out)


def _elu(x: Array, out: Array) -> None:
    """Compute exp(x) - 1 below zero, x above."""
    positive = np.maximum(x, _ZERO)
    np.minimum(x, _ZERO, out=out)
    np.expm1(out, out)
    np.add(out, positive, out)


def _erf(x: Array) -> Array:
    """Return the error function by Abramowitz and Stegun 7.1.26 (at most 1.5e-7 off)."""
    size = np.abs(x)
    t = _ONE / (_ONE + _ERF_P * size)
    series = np.zeros_like(t)
    for coefficient in _ERF:
        series = (series + coefficient) * t
    answer: Array = np.copysign(_ONE - series * np.exp(-size * size), x)
    return answer


def _gelu(x: Array, out: Array) -> None:
    """Compute x times the normal distribution function of x."""
    np.multiply(x * _HALF, _ONE + _erf(x * np.float32(math.sqrt(0.5))), out)


def _gelu_tanh(x: Array, out: Array) -> None:
    """Compute GELU's approximation by the hyperbolic tangent."""
    inner = np.float32(math.sqrt(2 / math.pi)) * (x + np.float32(0.044715) * x * x * x)
    np.multiply(x * _HALF, _ONE + np.tanh(inner), out)


def _rsqrt(x: Array, out: Array) -> None:
    """Compute 1 / sqrt(x)."""
    np.sqrt(x, out)
    np.reciprocal(out, out)


def _relu6(x: Array, out: Array) -> None:
    """Clip to 0..6."""
    np.maximum(x, _ZERO, out=out)
    np.minimum(out, _SIX, out=out)


def _hard_swish(x: Array, out: Array) -> None:
    """Compute x times a straight line that stands for the logistic function."""
    np.multiply(x, np.clip(x + scalar(3), _ZERO, _SIX) / _SIX, out)


Unary = Callable[[Array, Array], object]
_UNARY: Final[dict[Op, Unary]] = {
    Op.LOGISTIC: _logistic,
    Op.TANH: np.tanh,
    Op.RELU: lambda x, out: np.maximum(x, _ZERO, out=out),
    Op.RELU6: _relu6,
    Op.ELU: _elu,
    Op.NEG: np.negative,
    Op.RSQRT: _rsqrt,
    Op.EXP: np.exp,
    Op.LOG: np.log,
    Op.SQRT: np.sqrt,
    Op.ABS: np.abs,
    Op.SQUARE: np.square,
    Op.HARD_SWISH: _hard_swish,
}


def unary_function(call: Call) -> Unary:
    """Return the float function of an operator with one input."""
    if call.op is Op.GELU:
        return _gelu_tanh if call.options.approximate else _gelu
    if call.op is Op.LEAKY_RELU:
        slope = scalar(call.options.alpha)
        return lambda x, out: np.copyto(out, np.where(x < 0, x * slope, x))
    return _UNARY[call.op]


def bind_unary(call: Call, _workspace: Workspace) -> Step:
    """Bind a function of one input."""
    return partial(unary_function(call), call.inputs[0].array, call.out.array)


def _squared_difference(a: Array, b: Array, out: Array) -> None:
    """Compute the square of the difference."""
    np.subtract(a, b, out)
    np.multiply(out, out, out)


_BINARY: Final[dict[Op, Callable[..., object]]] = {
    Op.ADD: np.add,
    Op.SUB: np.subtract,
    Op.MUL: np.multiply,
    Op.DIV: np.divide,
    Op.SQUARED_DIFFERENCE: _squared_difference,
    Op.MAXIMUM: np.maximum,
    Op.MINIMUM: np.minimum,
}


def bind_binary(call: Call, _workspace: Workspace) -> Step:
    """Bind a function of two inputs and its fused activation."""
    left, right = (operand.array for operand in call.inputs)
    first = partial(_BINARY[call.op], left, right, out=call.out.array)
    rest = activation_steps(call.options.activation, call.out.array)
    return chain(first, *rest) if rest else first


def bind_softmax(call: Call, workspace: Workspace) -> Step:
    """Bind softmax over the last axis."""
    source = call.inputs[0].array
    out = call.out.array
    line = workspace.scratch((*source.shape[:-1], 1), FLOAT)
    beta = scalar(call.options.beta)

    def run() -> None:
        """Subtract the largest first, so that nothing overflows."""
        np.maximum.reduce(source, -1, None, line, keepdims=True)
        np.subtract(source, line, out)
        if beta != _ONE:
            np.multiply(out, beta, out)
        np.exp(out, out)
        np.add.reduce(out, -1, None, line, keepdims=True)
        np.divide(out, line, out)

    return run


def _kept(call: Call, axes: tuple[int, ...]) -> Array:
    """Return the output with the reduced axes kept as ones."""
    shape = call.inputs[0].array.shape
    return call.out.array.reshape([1 if axis in axes else size for axis, size in enumerate(shape)])


_REDUCERS: Final[dict[Op, np.ufunc]] = {
    Op.MEAN: np.add,
    Op.SUM: np.add,
    Op.REDUCE_MAX: np.maximum,
    Op.REDUCE_MIN: np.minimum,
    Op.REDUCE_PROD: np.multiply,
}


def bind_reduce(call: Call, _workspace: Workspace) -> Step:
    """Bind a reduction over constant axes."""
    source = call.inputs[0].array
    axes = reduced_axes([operand.value for operand in call.inputs], call.label)
    out = _kept(call, axes)
    first = partial(_REDUCERS[call.op].reduce, source, axes, None, out, keepdims=True)
    if call.op is not Op.MEAN:
        return first
    share = scalar(1 / math.prod(source.shape[axis] for axis in axes))
    return chain(first, partial(np.multiply, out, share, out))


def bind_dense(call: Call, workspace: Workspace) -> Step:
    """Bind a fully connected layer, its bias and activation."""
    data, weights = call.inputs[0].array, call.inputs[1].array
    out = call.out.array.reshape(-1, weights.shape[0])
    matrix = np.ascontiguousarray(weights.T)
    steps: list[Step] = []
    rows = data
    if not data.flags.c_contiguous:
        rows = workspace.scratch(data.shape, FLOAT)
        steps.append(partial(np.copyto, rows, data))
    steps.append(product(rows.reshape(-1, weights.shape[1]), matrix, out))
    if len(call.inputs) > 2:  # noqa: PLR2004 - data and weights come before the bias
        steps.append(partial(np.add, out, call.inputs[2].array, out))
    return chain(*steps, *activation_steps(call.options.activation, out))


def matmul_operands(call: Call, left: Array, right: Array) -> tuple[Array, Array]:
    """Return the operands of a batched product, transposed where the options say so."""
    left = left.swapaxes(-1, -2) if call.options.adjoint_left else left
    return left, right.swapaxes(-1, -2) if call.options.adjoint_right else right


def bind_matmul(call: Call, _workspace: Workspace) -> Step:
    """Bind a batched matrix product."""
    left, right = matmul_operands(call, call.inputs[0].array, call.inputs[1].array)
    return partial(np.matmul, left, right, call.out.array)


FLOATS: Final[dict[Op, Any]] = {
    **dict.fromkeys((*_UNARY, Op.GELU, Op.LEAKY_RELU), bind_unary),
    **dict.fromkeys(_BINARY, bind_binary),
    **dict.fromkeys(_REDUCERS, bind_reduce),
    Op.SOFTMAX: bind_softmax,
    Op.FULLY_CONNECTED: bind_dense,
    Op.BATCH_MATMUL: bind_matmul,
}
