"""int8 kernels: exact integer sums in float arithmetic, and the roundings LiteRT's default backend makes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..quantize import INT8_MAX, INT8_MIN, dequantize
from .calls import DOUBLE, FLOAT, Operand, PlainWorkspace, chain
from .opcodes import Op
from .options import Activation
from .ops_math import bind_softmax, matmul_operands, unary_function
from .shapes_math import reduced_axes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .calls import Call, Step, Workspace
    from .schema import Array, Quantization

# float32 holds every whole number up to here; a product of two int8 less their zero points is at most 255 * 127.
_EXACT: Final = 1 << 24
_LARGEST_PRODUCT: Final = 255 * 128
_BOUNDS: Final[dict[Activation, tuple[float, float]]] = {
    Activation.NONE: (-math.inf, math.inf),
    Activation.RELU: (0, math.inf),
    Activation.RELU_N1_TO_1: (-1, 1),
    Activation.RELU6: (0, 6),
    Activation.TANH: (-1, 1),
}


def exact_float(depth: int, bias: Array | None) -> bool:
    """Tell whether a sum of so many products, and its bias, is exact in float32."""
    largest = 0 if bias is None else int(np.abs(bias.astype(np.int64)).max())
    return depth * _LARGEST_PRODUCT + largest < _EXACT


def bounds(activation: Activation, quant: Quantization) -> tuple[int, int]:
    """Return the smallest and the largest int8 a fused activation lets through."""
    low, high = (
        limit if math.isinf(limit) else float(np.rint(np.float32(limit) / quant.scale)) + quant.zero_point
        for limit in _BOUNDS[activation]
    )
    return int(max(low, INT8_MIN)), int(min(high, INT8_MAX))


def clip_steps(activation: Activation, quant: Quantization, out: Array) -> list[Step]:
    """Return the step that applies an activation to numbers that are already quantised."""
    if activation is Activation.NONE:
        return []
    low, high = bounds(activation, quant)
    target: Any = out
    return [partial(np.clip, target, np.int8(low), np.int8(high), target)]


def _fixed_point(scale: float) -> tuple[int, int]:
    """Return a scale as a 31-bit integer and the shift that goes with it."""
    fraction, exponent = math.frexp(scale)
    whole = round(fraction * (1 << 31))
    return (whole // 2, exponent + 1) if whole == 1 << 31 else (whole, exponent)


def double_rounding(sums: NDArray[np.int64], scales: NDArray[np.float64]) -> NDArray[np.int64]:
    """Multiply by scales along the last axis as the format's own kernels do: round at 31 bits, then at the shift."""
    parts = [_fixed_point(float(scale)) for scale in scales]
    whole = np.array([part[0] for part in parts], np.int64)
    shift = np.array([part[1] for part in parts], np.int64)
    raised = sums << np.maximum(shift, 0)
    product = raised * whole
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    # Truncating division, where a shift would round down.
    total = product + nudge
    high = np.where(total >= 0, total >> 31, -((-total) >> 31))
    right = np.maximum(-shift, 0)
    mask = (np.int64(1) << right) - 1
    threshold = (mask >> 1) + (high < 0)
    return (high >> right) + ((high & mask) > threshold)


@dataclass(frozen=True, slots=True, eq=False)
class Requantizer:
    """The way from exact sums to int8."""

    scales: NDArray[np.float64]
    bias: Array | None
    zero_point: int
    low: int
    high: int
    twice: bool = False

    def steps(self, sums: Any, out: Any, workspace: Workspace) -> list[Step]:
        """Return the steps that turn sums (which they may overwrite) into int8."""
        steps: list[Step] = []
        if self.bias is not None:
            steps.append(partial(np.add, sums, self.bias.astype(sums.dtype), sums))
        if self.twice:
            return [*steps, partial(self._round_twice, sums, out)]
        work = sums
        if sums.dtype != FLOAT:
            work = workspace.scratch(sums.shape, FLOAT)
            steps.append(partial(np.copyto, work, sums, casting="same_kind"))
        return [*steps, partial(self._round, work, self.scales.astype(np.float32), out)]

    def _round(self, work: Any, scales: Any, out: Any) -> None:
        """Scale in float32, round half to even, clip."""
        np.multiply(work, scales, work)
        np.rint(work, work)
        np.add(work, np.float32(self.zero_point), work)
        np.maximum(work, np.float32(self.low), work)
        np.minimum(work, np.float32(self.high), work)
        np.copyto(out, work, casting="unsafe")

    def _round_twice(self, sums: Any, out: Any) -> None:
        """Scale in integers with two roundings, clip."""
        rounded = double_rounding(sums.astype(np.int64), self.scales) + self.zero_point
        np.copyto(out, np.clip(rounded, self.low, self.high), casting="unsafe")


def conv_requantizer(
    image: Operand, weights: Operand, bias: Operand | None, out: Operand, activation: Activation, *, twice: bool = False
) -> Requantizer:
    """Return the rounding after a product with weights that may have one scale per channel."""
    scales: Any = weights.quant.scales
    if twice:
        ratio = np.float64(image.quant.scale) * scales.astype(np.float64) / np.float64(out.quant.scale)
    else:
        # In float32 and in this order: it is how the default backend arrives at its scale.
        ratio = (image.quant.scale * scales / out.quant.scale).astype(np.float64)
    low, high = bounds(activation, out.quant)
    values = None if bias is None else bias.array
    return Requantizer(ratio, values, out.quant.zero_point, low, high, twice)


def bind_dense(call: Call, workspace: Workspace) -> Step:
    """Bind a fully connected layer."""
    data, weights = call.inputs[0], call.inputs[1]
    bias = call.inputs[2] if len(call.inputs) > 2 else None  # noqa: PLR2004 - data and weights come before the bias
    depth = weights.array.shape[1]
    kind = FLOAT if exact_float(depth, None if bias is None else bias.array) else DOUBLE
    matrix: Any = np.ascontiguousarray(weights.array.T.astype(kind))  # type: ignore[attr-defined]
    rows: Any = workspace.scratch((data.array.size // depth, depth), kind)
    sums: Any = workspace.scratch((len(rows), weights.array.shape[0]), kind)
    zero = np.float32(data.quant.zero_point)
    source: Any = data.array
    target = rows.reshape(source.shape)
    finish = conv_requantizer(data, weights, bias, call.out, call.options.activation)
    return chain(
        partial(np.subtract, source, zero, target, dtype=kind),
        partial(np.matmul, rows, matrix, sums),
        *finish.steps(sums, call.out.array.reshape(sums.shape), workspace),
    )


def bind_matmul(call: Call, workspace: Workspace) -> Step:
    """Bind a batched product of two quantised arrays."""
    arrays = matmul_operands(call, *(operand.array for operand in call.inputs))
    zeros = [np.float32(operand.quant.zero_point) for operand in call.inputs]
    kind = FLOAT if exact_float(2 * arrays[0].shape[-1], None) else DOUBLE
    left, right = (workspace.scratch(array.shape, kind) for array in arrays)
    sums: Any = workspace.scratch(call.out.array.shape, kind)
    scale = float(call.inputs[0].quant.scale) * float(call.inputs[1].quant.scale) / float(call.out.quant.scale)
    finish = Requantizer(np.array([scale]), None, call.out.quant.zero_point, INT8_MIN, INT8_MAX)
    return chain(
        partial(np.subtract, arrays[0], zeros[0], left, dtype=kind),
        partial(np.subtract, arrays[1], zeros[1], right, dtype=kind),
        partial(np.matmul, left, right, sums),
        *finish.steps(sums, call.out.array, workspace),
    )


def _all_values(operand: Operand) -> Any:
    """Return what each of the 256 bytes stands for, in the order of the unsigned byte."""
    stored = np.arange(256, dtype=np.uint8).view(np.int8)
    return dequantize(stored, float(operand.quant.scale), operand.quant.zero_point)


def _store(values: Any, operand: Operand) -> Any:
    """Return the int8 of real values; what is not a number becomes the zero point."""
    quant = operand.quant
    with np.errstate(over="ignore"):
        stored = np.rint(np.nan_to_num(values) / quant.scale) + quant.zero_point
    return np.clip(stored, INT8_MIN, INT8_MAX).astype(np.int8)


def bind_table(call: Call, _workspace: Workspace) -> Step:
    """Bind a function of one byte: a table of its 256 answers."""
    answers = np.empty(256, np.float32)
    if call.op in {Op.QUANTIZE, Op.RELU, Op.RELU6} or call.op is Op.DEQUANTIZE:
        values = _all_values(call.inputs[0])
        answers = {Op.RELU: np.maximum(values, 0), Op.RELU6: np.clip(values, 0, 6)}.get(call.op, values)
    else:
        with np.errstate(all="ignore"):
            unary_function(call)(_all_values(call.inputs[0]), answers)
    table = answers if call.op is Op.DEQUANTIZE else _store(answers, call.out)
    places: Any = call.inputs[0].array.view(np.uint8)
    return lambda: np.take(table, places, None, call.out.array, mode="clip")


def bind_quantize(call: Call, workspace: Workspace) -> Step:
    """Bind the way from real numbers to int8, or from one int8 scale to another."""
    if call.inputs[0].is_int8:
        return bind_table(call, workspace)
    quant, source = call.out.quant, call.inputs[0].array
    work: Any = workspace.scratch(source.shape, FLOAT)
    finish = Requantizer(np.array([1 / quant.scale], np.float64), None, quant.zero_point, INT8_MIN, INT8_MAX)
    return chain(partial(np.copyto, work, source), *finish.steps(work, call.out.array, workspace))


def _sum_multipliers(call: Call) -> tuple[int, int, int]:
    """Return ADD's and SUB's integer multipliers and shift, as the default backend derives them."""
    ratios = [np.float32(operand.quant.scale / call.out.quant.scale) for operand in call.inputs]
    shift = 20 - (math.frexp(float(max(ratios)))[1] - 1)
    left, right = (int(np.rint(np.float64(ratio) * 2.0**shift)) for ratio in ratios)
    return left, right if call.op is Op.ADD else -right, shift


def bind_sum(call: Call, _workspace: Workspace) -> Step:
    """Bind addition and subtraction."""
    left, right, shift = _sum_multipliers(call)
    low, high = bounds(call.options.activation, call.out.quant)
    first, second = call.inputs
    zero = call.out.quant.zero_point
    constant = -left * first.quant.zero_point - right * second.quant.zero_point + (1 << shift >> 1)
    a: Any = first.array
    b: Any = second.array

    def run() -> None:
        """Add in integers, round half up at the shift, clip."""
        total = a * np.int64(left) + (b * np.int64(right) + np.int64(constant))
        np.copyto(call.out.array, np.clip((total >> shift) + zero, low, high), casting="unsafe")

    return run


_PRODUCTS: Final[dict[Op, Callable[[Any, Any], Any]]] = {Op.MUL: np.multiply, Op.DIV: np.divide}


def bind_product(call: Call, workspace: Workspace) -> Step:
    """Bind multiplication and division."""
    first, second = call.inputs
    scales = first.quant.scale, second.quant.scale
    ratio = scales[0] * scales[1] if call.op is Op.MUL else scales[0] / scales[1]
    low, high = bounds(call.options.activation, call.out.quant)
    scale = np.array([np.float32(ratio) / call.out.quant.scale], np.float64)
    finish = Requantizer(scale, None, call.out.quant.zero_point, low, high)
    zeros = np.float32(first.quant.zero_point), np.float32(second.quant.zero_point)
    work: Any = workspace.scratch(call.out.array.shape, FLOAT)
    a: Any = first.array
    b: Any = second.array
    combine: Any = _PRODUCTS[call.op]

    def run() -> None:
        """Combine the exact integers; a division by zero has no answer and counts as zero."""
        combine(a - zeros[0], b - zeros[1], work)
        np.nan_to_num(work, copy=False)

    return chain(run, *finish.steps(work, call.out.array, workspace))


def bind_squared_difference(call: Call, _workspace: Workspace) -> Step:
    """Bind the squared difference, by way of the real numbers."""
    first, second = call.inputs

    def run() -> None:
        """Subtract and square what the bytes stand for."""
        a = dequantize(first.array, float(first.quant.scale), first.quant.zero_point)  # type: ignore[arg-type]
        b = dequantize(second.array, float(second.quant.scale), second.quant.zero_point)  # type: ignore[arg-type]
        np.copyto(call.out.array, _store(np.square(a - b), call.out))

    return run


def bind_mean(call: Call, workspace: Workspace) -> Step:
    """Bind the mean over constant axes."""
    data = call.inputs[0]
    source: Any = data.array
    axes = reduced_axes([operand.value for operand in call.inputs], call.label)
    count = math.prod(source.shape[axis] for axis in axes)
    sums: Any = workspace.scratch(call.out.array.shape, FLOAT)
    scale = np.float64(np.float32(data.quant.scale / call.out.quant.scale) / np.float32(count))
    finish = Requantizer(np.array([scale]), None, call.out.quant.zero_point, INT8_MIN, INT8_MAX)
    offset = count * data.quant.zero_point

    def add() -> None:
        """Add up in integers, less the zero points."""
        total = np.add.reduce(source, axes, np.int64, keepdims=call.options.keep_dims != 0)
        np.copyto(sums, total - offset, casting="unsafe")

    return chain(add, *finish.steps(sums, call.out.array, workspace))


def bind_quantized_softmax(call: Call, workspace: Workspace) -> Step:
    """Bind softmax over the last axis, by way of the real numbers."""
    data = call.inputs[0]
    real: Any = workspace.scratch(data.array.shape, FLOAT)
    answer: Any = workspace.scratch(data.array.shape, FLOAT)
    inner = replace(call, inputs=(replace(data, array=real),), outputs=(replace(call.out, array=answer),))
    softmax = bind_softmax(inner, PlainWorkspace())
    quant = call.out.quant

    def run() -> None:
        """Compute in real numbers and round half up."""
        np.copyto(real, dequantize(data.array, float(data.quant.scale), data.quant.zero_point))  # type: ignore[arg-type]
        softmax()
        stored = np.floor(answer / quant.scale + np.float32(0.5)) + quant.zero_point
        np.copyto(call.out.array, np.clip(stored, INT8_MIN, INT8_MAX), casting="unsafe")

    return run


def bind_reduce_max(call: Call, _workspace: Workspace) -> Step:
    """Bind the largest over constant axes."""
    source: Any = call.inputs[0].array
    axes = reduced_axes([operand.value for operand in call.inputs], call.label)
    return partial(np.maximum.reduce, source, axes, None, call.out.array, keepdims=call.options.keep_dims != 0)


QUANTIZED: Final[dict[Op, Any]] = {
    **dict.fromkeys(
        (Op.LOGISTIC, Op.TANH, Op.RELU, Op.RELU6, Op.ELU, Op.GELU, Op.NEG, Op.RSQRT, Op.DEQUANTIZE), bind_table
    ),
    Op.QUANTIZE: bind_quantize,
    Op.ADD: bind_sum,
    Op.SUB: bind_sum,
    Op.MUL: bind_product,
    Op.DIV: bind_product,
    Op.SQUARED_DIFFERENCE: bind_squared_difference,
    Op.MEAN: bind_mean,
    Op.REDUCE_MAX: bind_reduce_max,
    Op.SOFTMAX: bind_quantized_softmax,
    Op.FULLY_CONNECTED: bind_dense,
    Op.BATCH_MATMUL: bind_matmul,
}
