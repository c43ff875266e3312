"""int8 kernels: exact integer sums in float arithmetic, rounded as LiteRT's default backend rounds them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..quantize import INT8_MAX, INT8_MIN, dequantize
from .calls import DOUBLE, FLOAT, PlainWorkspace, chain, scalar
from .opcodes import Op
from .ops_math import bind_binary, bind_reduce, bind_softmax, matmul_operands
from .ops_table import TABLES, bind_table
from .product import product
from .requantize import Requantizer, bounds, conv_requantizer, double_rounding, exact_float
from .shapes_math import reduced_axes

if TYPE_CHECKING:
    from .calls import Call, Step, Workspace
    from .schema import Array

# The format's own kernels bring both operands to one scale with so many bits to spare.
_EXTRA_BITS: Final = 7
_SUM_BITS: Final = 20
# Beyond these ratios of input to output scale the default backend leaves a sum to the format's own kernel.
_SUM_RATIOS: Final = (2.0**-10, 2.0**8)


def bind_dense(call: Call, workspace: Workspace) -> Step:
    """Bind a fully connected layer."""
    data, weights = call.inputs[0], call.inputs[1]
    bias = call.inputs[2] if len(call.inputs) > 2 else None  # noqa: PLR2004 - data and weights come before the bias
    depth = weights.array.shape[1]
    kind = FLOAT if exact_float(depth, None if bias is None else bias.array) else DOUBLE
    matrix = np.ascontiguousarray(weights.array.T.astype(kind))
    rows = workspace.scratch((data.array.size // depth, depth), kind)
    sums = workspace.scratch((len(rows), weights.array.shape[0]), kind)
    zero = scalar(data.quant.zero_point)
    source = data.array
    target = rows.reshape(source.shape)
    finish = conv_requantizer(data, weights, bias, call.out, call.options.activation)
    return chain(
        partial(np.subtract, source, zero, target, dtype=kind),
        product(rows, matrix, sums),
        *finish.steps(sums, call.out.array.reshape(sums.shape), workspace),
    )


def bind_matmul(call: Call, workspace: Workspace) -> Step:
    """Bind a batched product of two quantised arrays."""
    arrays = matmul_operands(call, *(operand.array for operand in call.inputs))
    zeros = [scalar(operand.quant.zero_point) for operand in call.inputs]
    kind = FLOAT if exact_float(2 * arrays[0].shape[-1], None) else DOUBLE
    left, right = (workspace.scratch(array.shape, kind) for array in arrays)
    sums = workspace.scratch(call.out.array.shape, kind)
    scale = call.inputs[0].quant.scale * call.inputs[1].quant.scale / call.out.quant.scale
    finish = Requantizer(np.array([scale]), None, call.out.quant.zero_point, INT8_MIN, INT8_MAX, twice=True)
    return chain(
        partial(np.subtract, arrays[0], zeros[0], left, dtype=kind),
        partial(np.subtract, arrays[1], zeros[1], right, dtype=kind),
        partial(np.matmul, left, right, sums),
        *finish.steps(sums, call.out.array, workspace),
    )


def bind_quantize(call: Call, workspace: Workspace) -> Step:
    """Bind the way from real numbers to int8, or from one int8 scale to another."""
    if call.inputs[0].is_int8:
        return bind_table(call, workspace)
    quant, source = call.out.quant, call.inputs[0].array
    work = workspace.scratch(source.shape, FLOAT)
    finish = Requantizer(np.array([1 / quant.scale], np.float64), None, quant.zero_point, INT8_MIN, INT8_MAX)
    return chain(partial(np.copyto, work, source), *finish.steps(work, call.out.array, workspace))


def _common_scale(call: Call, bits: int) -> tuple[list[Array], float]:
    """Return each operand's ratio to a common scale, twice the larger one, and the scale one step then has."""
    scales = [operand.quant.scale for operand in call.inputs]
    widest = 2 * max(scales)
    return [np.array([scale / widest]) for scale in scales], widest / (1 << bits)


def _on_common_scale(call: Call, ratios: list[Array], bits: int) -> list[Array]:
    """Return the operands as integers on a common scale."""
    raised = [(operand.array.astype(np.int64) - operand.quant.zero_point) << bits for operand in call.inputs]
    return [double_rounding(array, ratio) for array, ratio in zip(raised, ratios, strict=True)]


def _bind_wide_sum(call: Call) -> Step:
    """Bind a sum of very different scales as the format's own kernel does it."""
    ratios, step = _common_scale(call, _SUM_BITS)
    share = np.array([step / call.out.quant.scale])
    low, high = bounds(call.options.activation, call.out.quant)
    combine = np.add if call.op is Op.ADD else np.subtract

    def run() -> None:
        """Bring both to one scale, combine, and scale back."""
        stored = double_rounding(combine(*_on_common_scale(call, ratios, _SUM_BITS)), share)
        np.copyto(call.out.array, np.clip(stored + call.out.quant.zero_point, low, high), casting="unsafe")

    return run


def bind_sum(call: Call, workspace: Workspace) -> Step:
    """Bind addition and subtraction with the integer multipliers and the shift of the default backend."""
    ratios = [float(np.float32(operand.quant.scale / call.out.quant.scale)) for operand in call.inputs]
    if not all(_SUM_RATIOS[0] <= ratio < _SUM_RATIOS[1] for ratio in ratios):
        return _bind_wide_sum(call)
    shift = _SUM_BITS - (math.frexp(max(ratios))[1] - 1)
    left, right = (round(ratio * 2.0**shift) for ratio in ratios)
    right = right if call.op is Op.ADD else -right
    low, high = bounds(call.options.activation, call.out.quant)
    first, second = call.inputs
    kind = np.dtype(np.int32)
    constant = (1 << shift >> 1) - left * first.quant.zero_point - right * second.quant.zero_point
    total = workspace.scratch(call.out.array.shape, kind)
    term = workspace.scratch(second.array.shape, kind)
    # Sums stay below 2**31 because the larger multiplier is below 2**21.
    return chain(
        partial(np.multiply, second.array, scalar(right, kind), term, dtype=kind),
        partial(np.add, term, scalar(constant, kind), term),
        partial(np.multiply, first.array, scalar(left, kind), total, dtype=kind),
        partial(np.add, total, term, total),
        partial(np.right_shift, total, scalar(shift, kind), total),
        partial(np.add, total, scalar(call.out.quant.zero_point, kind), total),
        partial(np.maximum, total, scalar(low, kind), out=total),
        partial(np.minimum, total, scalar(high, kind), out=total),
        partial(np.copyto, call.out.array, total, casting="unsafe"),
    )


_PRODUCTS: Final[dict[Op, np.ufunc]] = {Op.MUL: np.multiply, Op.DIV: np.divide}


def bind_product(call: Call, workspace: Workspace) -> Step:
    """Bind multiplication and division."""
    first, second = call.inputs
    scales = first.quant.scale, second.quant.scale
    ratio = scales[0] * scales[1] if call.op is Op.MUL else scales[0] / scales[1]
    low, high = bounds(call.options.activation, call.out.quant)
    scale = np.array([np.float32(ratio) / call.out.quant.scale], np.float64)
    finish = Requantizer(scale, None, call.out.quant.zero_point, low, high)
    zeros = scalar(first.quant.zero_point), scalar(second.quant.zero_point)
    work = workspace.scratch(call.out.array.shape, FLOAT)
    a = first.array
    b = second.array
    combine = _PRODUCTS[call.op]

    def run() -> None:
        """Combine the exact integers; a division by zero has no answer and counts as zero."""
        combine(a - zeros[0], b - zeros[1], work)
        np.nan_to_num(work, copy=False)

    return chain(run, *finish.steps(work, call.out.array, workspace))


def bind_squared_difference(call: Call, _workspace: Workspace) -> Step:
    """Bind the squared difference as the format's own kernel does it."""
    ratios, step = _common_scale(call, _EXTRA_BITS)
    share = np.array([step * step / call.out.quant.scale])

    def run() -> None:
        """Bring both to one scale, subtract, square, and scale back."""
        left, right = _on_common_scale(call, ratios, _EXTRA_BITS)
        stored = double_rounding(np.square(left - right), share) + call.out.quant.zero_point
        np.copyto(call.out.array, np.clip(stored, INT8_MIN, INT8_MAX), casting="unsafe")

    return run


def bind_mean(call: Call, workspace: Workspace) -> Step:
    """Bind the mean or the sum over constant axes."""
    data = call.inputs[0]
    source = data.array
    axes = reduced_axes([operand.value for operand in call.inputs], call.label)
    count = math.prod(source.shape[axis] for axis in axes)
    sums = workspace.scratch(call.out.array.shape, FLOAT)
    share = scalar(count if call.op is Op.MEAN else 1)
    scale = np.float32(data.quant.scale / call.out.quant.scale)
    # The zero point is taken off after scaling, in float32: the default backend's own order, and near a half it tells.
    offset = np.float32(-data.quant.zero_point) * scale * np.float32(1 if call.op is Op.MEAN else count)
    quant = call.out.quant
    finish = Requantizer(
        np.array([scale], np.float64), None, quant.zero_point, INT8_MIN, INT8_MAX, offset=float(offset)
    )

    def add() -> None:
        """Add up the bytes in integers, and average."""
        total = np.add.reduce(source, axes, np.int64, keepdims=call.options.keep_dims != 0)
        np.divide(total, share, out=sums, casting="unsafe")

    return chain(add, *finish.steps(sums, call.out.array, workspace))


def bind_quantized_softmax(call: Call, workspace: Workspace) -> Step:
    """Bind softmax over the last axis, by way of the real numbers."""
    data = call.inputs[0]
    real = workspace.scratch(data.array.shape, FLOAT)
    answer = workspace.scratch(data.array.shape, FLOAT)
    inner = replace(call, inputs=(replace(data, array=real),), outputs=(replace(call.out, array=answer),))
    softmax = bind_softmax(inner, PlainWorkspace())
    quant = call.out.quant

    def run() -> None:
        """Compute in real numbers and round half up."""
        np.copyto(real, dequantize(data.array, data.quant.scale, data.quant.zero_point))
        softmax()
        stored = np.floor(answer / quant.scale + np.float32(0.5)) + quant.zero_point
        np.copyto(call.out.array, np.clip(stored, INT8_MIN, INT8_MAX), casting="unsafe")

    return run


def bind_extreme(call: Call, workspace: Workspace) -> Step:
    """Bind what only picks numbers of one scale: it picks the same among the stored ones."""
    return (bind_reduce if call.op in {Op.REDUCE_MAX, Op.REDUCE_MIN} else bind_binary)(call, workspace)


QUANTIZED: Final[dict[Op, Any]] = {
    **dict.fromkeys((*TABLES, Op.NEG, Op.RSQRT, Op.EXP, Op.LOG, Op.SQRT, Op.ABS, Op.DEQUANTIZE), bind_table),
    Op.QUANTIZE: bind_quantize,
    Op.ADD: bind_sum,
    Op.SUB: bind_sum,
    Op.MUL: bind_product,
    Op.DIV: bind_product,
    Op.SQUARED_DIFFERENCE: bind_squared_difference,
    Op.MEAN: bind_mean,
    **dict.fromkeys((Op.REDUCE_MAX, Op.REDUCE_MIN, Op.MAXIMUM, Op.MINIMUM), bind_extreme),
    Op.SUM: bind_mean,
    Op.SOFTMAX: bind_quantized_softmax,
    Op.FULLY_CONNECTED: bind_dense,
    Op.BATCH_MATMUL: bind_matmul,
}
