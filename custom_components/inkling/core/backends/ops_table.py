"""int8 functions of one number: tables of their 256 answers, rounded as LiteRT rounds each of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from ..quantize import INT8_MAX, INT8_MIN, dequantize
from .calls import Operand
from .opcodes import Op
from .ops_math import unary_function
from .options import Activation
from .requantize import bounds, double_rounding

if TYPE_CHECKING:
    from .calls import Call, Step, Workspace
    from .schema import Array

# A slope beyond this moves every byte but zero out of range.
_LARGEST_SLOPE: Final = 1 << 20
_ROOT_BITS: Final = 20
TABLES: Final = (
    *(Op.LOGISTIC, Op.TANH, Op.RELU, Op.RELU6, Op.ELU, Op.GELU, Op.LEAKY_RELU, Op.HARD_SWISH),
    *(Op.NEG, Op.RSQRT, Op.EXP, Op.LOG, Op.SQRT, Op.ABS, Op.DEQUANTIZE),
)


def _bytes() -> Array:
    """Return the 256 stored numbers in the order of the unsigned byte."""
    return np.arange(256, dtype=np.uint8).view(np.int8)


def _places(call: Call) -> Array:
    """Return how many steps from zero each byte stands."""
    return _bytes().astype(np.int64) - call.inputs[0].quant.zero_point


def _store(values: Array, operand: Operand, rounding: np.ufunc = np.rint) -> Array:
    """Return the int8 of real values; what is not a number becomes the zero point."""
    quant = operand.quant
    with np.errstate(over="ignore"):
        stored = rounding(np.nan_to_num(values) / quant.scale) + quant.zero_point
    kept: Array = np.clip(stored, INT8_MIN, INT8_MAX).astype(np.int8)
    return kept


def _by_slopes(call: Call, below: float) -> Array:
    """Return the answers of a line with a bend at zero, whose slopes the default backend keeps in 8 bits."""
    stored = _places(call)
    ratio = call.inputs[0].quant.scale / call.out.quant.scale
    slopes = [round(min(256 * ratio * factor, _LARGEST_SLOPE)) for factor in (1, below)]
    answers = ((stored * np.where(stored < 0, slopes[1], slopes[0]) + 128) >> 8) + call.out.quant.zero_point
    kept: Array = np.clip(answers, INT8_MIN, INT8_MAX).astype(np.int8)
    return kept


def _by_rescaling(call: Call) -> Array:
    """Return the answers of what keeps or drops the sign, as the format's own kernels rescale them."""
    stored = _places(call)
    size = np.abs(stored) if call.op is Op.ABS else np.maximum(stored, 0)
    ratio = np.array([call.inputs[0].quant.scale / call.out.quant.scale])
    high = bounds(Activation.RELU6 if call.op is Op.RELU6 else Activation.NONE, call.out.quant)[1]
    answers: Array = np.clip(double_rounding(size, ratio) + call.out.quant.zero_point, INT8_MIN, high).astype(np.int8)
    return answers


def _rsqrt_table(call: Call) -> Array:
    """Return the answers of 1 / sqrt(x) as the format's own kernel rounds them: at 20 bits, then at the scale."""
    places = _places(call)
    # Zero has the largest answer there is; less than zero has none, and an honest model never asks.
    roots = np.rint((1 << _ROOT_BITS) / np.sqrt(np.maximum(places, 1))).astype(np.int64)
    scale = 1 / (math.sqrt(call.inputs[0].quant.scale) * call.out.quant.scale) / (1 << _ROOT_BITS)
    stored = double_rounding(roots, np.array([scale])) + call.out.quant.zero_point
    return np.clip(np.where(places == 0, INT8_MAX, stored), INT8_MIN, INT8_MAX).astype(np.int8)


def _table(call: Call) -> Array:
    """Return an operator's answers to the 256 bytes, in the order of the unsigned byte."""
    if call.op in {Op.LEAKY_RELU, Op.QUANTIZE}:
        return _by_slopes(call, call.options.alpha if call.op is Op.LEAKY_RELU else 1)
    if call.op in {Op.RELU, Op.RELU6, Op.ABS}:
        return _by_rescaling(call)
    if call.op is Op.RSQRT:
        return _rsqrt_table(call)
    quant = call.inputs[0].quant
    answers = dequantize(_bytes(), quant.scale, quant.zero_point)
    if call.op is Op.DEQUANTIZE:
        return answers
    with np.errstate(all="ignore"):
        unary_function(call)(answers.copy(), answers)
    # The format's square root cuts off what its other functions round.
    return _store(answers, call.out, np.trunc if call.op is Op.SQRT else np.rint)


def bind_table(call: Call, _workspace: Workspace) -> Step:
    """Bind a function of one byte: a table of its 256 answers."""
    table = _table(call)
    places = call.inputs[0].array.view(np.uint8)
    return lambda: np.take(table, places, None, call.out.array, mode="clip")
