"""What each operator takes and makes: how many tensors, of which element types, which of them constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .faults import require_graph, require_numbers
from .opcodes import Op
from .schema import DType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .value import Value

_REAL: Final = frozenset({DType.FLOAT32, DType.INT8})
_NUMBER: Final = _REAL | {DType.INT32, DType.INT64}
_ANY: Final = _NUMBER | {DType.BOOL}
_FLOAT: Final = frozenset({DType.FLOAT32})
_INTEGER: Final = frozenset({DType.INT32, DType.INT64})


@dataclass(frozen=True, slots=True)
class Signature:
    """Inputs by letter: d data, w constant weights, b optional constant bias, i constant integers; * repeats."""

    inputs: str
    accepts: frozenset[DType]
    makes: frozenset[DType] | None = None
    same_scale: bool = False
    many_outputs: bool = False


_UNARY: Final = Signature("d", _REAL)
_BINARY: Final = Signature("dd", _NUMBER)
_MOVE: Final = Signature("d", _ANY, same_scale=True)
_MOVE_BY: Final = Signature("di", _ANY, same_scale=True)
SIGNATURES: Final[dict[Op, Signature]] = {
    Op.ADD: _BINARY,
    Op.SUB: _BINARY,
    Op.MUL: _BINARY,
    Op.DIV: Signature("dd", _REAL),
    Op.SQUARED_DIFFERENCE: Signature("dd", _REAL),
    Op.LOGISTIC: _UNARY,
    Op.TANH: _UNARY,
    Op.RELU: _UNARY,
    Op.RELU6: _UNARY,
    Op.ELU: _UNARY,
    Op.GELU: _UNARY,
    Op.NEG: _UNARY,
    Op.RSQRT: _UNARY,
    Op.EXP: _UNARY,
    Op.LOG: _UNARY,
    Op.SQRT: _UNARY,
    Op.ABS: _UNARY,
    Op.SQUARE: Signature("d", _FLOAT),
    Op.LEAKY_RELU: _UNARY,
    Op.HARD_SWISH: _UNARY,
    Op.SOFTMAX: _UNARY,
    Op.MEAN: Signature("di", _REAL),
    Op.SUM: Signature("di", _REAL),
    Op.REDUCE_MAX: Signature("di", _REAL, same_scale=True),
    Op.REDUCE_MIN: Signature("di", _REAL, same_scale=True),
    Op.MAXIMUM: Signature("dd", _REAL, same_scale=True),
    Op.MINIMUM: Signature("dd", _REAL, same_scale=True),
    Op.REDUCE_PROD: Signature("di", _INTEGER),
    Op.BATCH_MATMUL: Signature("dd", _REAL),
    Op.FULLY_CONNECTED: Signature("dwb", _REAL),
    Op.CONV_2D: Signature("dwb", _REAL),
    Op.DEPTHWISE_CONV_2D: Signature("dwb", _REAL),
    Op.TRANSPOSE_CONV: Signature("iwdb", _REAL),
    Op.AVERAGE_POOL_2D: Signature("d", _REAL, same_scale=True),
    Op.MAX_POOL_2D: Signature("d", _REAL, same_scale=True),
    Op.PAD: Signature("di", _REAL, same_scale=True),
    Op.RESHAPE: Signature("di", _ANY, same_scale=True),
    Op.EXPAND_DIMS: _MOVE_BY,
    Op.SQUEEZE: _MOVE,
    Op.REVERSE_V2: _MOVE_BY,
    Op.TRANSPOSE: _MOVE_BY,
    Op.CONCATENATION: Signature("d*", _ANY, same_scale=True),
    Op.STRIDED_SLICE: Signature("diii", _ANY, same_scale=True),
    Op.SLICE: Signature("dii", _ANY, same_scale=True),
    Op.SHAPE: Signature("d", _ANY, _INTEGER),
    Op.PACK: Signature("d*", _ANY, same_scale=True),
    Op.UNPACK: Signature("d", _ANY, same_scale=True, many_outputs=True),
    Op.SPLIT: Signature("id", _ANY, same_scale=True, many_outputs=True),
    Op.GATHER: _MOVE_BY,
    Op.TILE: _MOVE_BY,
    Op.FILL: Signature("id", _ANY, same_scale=True),
    Op.SPACE_TO_BATCH_ND: Signature("dii", _REAL, same_scale=True),
    Op.BATCH_TO_SPACE_ND: Signature("dii", _REAL, same_scale=True),
    Op.QUANTIZE: Signature("d", _REAL, frozenset({DType.INT8})),
    Op.DEQUANTIZE: Signature("d", frozenset({DType.INT8}), _FLOAT),
}
_BIAS_TYPES: Final = {DType.FLOAT32: DType.FLOAT32, DType.INT8: DType.INT32}


def letters_of(op: Op, count: int) -> str:
    """Return one letter per input, or the empty string when the operator cannot take so many."""
    pattern = SIGNATURES[op].inputs
    if pattern.endswith("*"):
        return pattern[0] * count
    optional = pattern.endswith("b") or op is Op.RESHAPE
    return pattern[:count] if count == len(pattern) or (optional and count == len(pattern) - 1) else ""


def _check_data(value: Value, dtype: DType, label: str) -> None:
    """Check an input or output that carries data."""
    require_graph(value.dtype is dtype, f"{label} mixes {dtype.name} with {value.dtype.name} in {value.label}")
    if dtype is DType.INT8:
        require_numbers(value.quant.scales.size == 1, f"{label} needs one scale for {value.label}")


def _check_weights(value: Value, dtype: DType, label: str) -> None:
    """Check constant weights."""
    require_graph(value.data is not None, f"{label} needs constant weights, but {value.label} is computed")
    require_graph(value.dtype is dtype, f"{label} works on {dtype.name} but its weights are {value.dtype.name}")
    if dtype is DType.INT8:
        require_numbers(not value.quant.zero_points.any(), f"{label} needs weights whose zero point is 0")


def _check_bias(value: Value, dtype: DType, label: str) -> None:
    """Check a constant bias."""
    require_graph(value.data is not None, f"{label} needs a constant bias, but {value.label} is computed")
    wanted = _BIAS_TYPES[dtype]
    require_graph(value.dtype is wanted, f"{label} needs a bias of {wanted.name}, not {value.dtype.name}")


def check_inputs(op: Op, inputs: Sequence[Value | None], label: str) -> DType:
    """Check an operator's inputs against its signature and return the element type it works on."""
    letters = letters_of(op, len(inputs))
    require_graph(letters != "", f"{label} has {len(inputs)} inputs")
    first = inputs[letters.index("d")]
    require_graph(first is not None, f"{label} lacks an input that is not optional")
    dtype = DType.FLOAT32 if first is None else first.dtype
    require_graph(dtype in SIGNATURES[op].accepts, f"{label} does not work on {dtype.name}")
    for letter, value in zip(letters, inputs, strict=True):
        if value is None:
            require_graph(letter == "b", f"{label} lacks an input that is not optional")
        elif letter == "d":
            _check_data(value, dtype, label)
        elif letter == "w":
            _check_weights(value, dtype, label)
        elif letter == "b":
            _check_bias(value, dtype, label)
        else:
            value.integers()
    return dtype


def check_outputs(op: Op, dtype: DType, inputs: Sequence[Value | None], outputs: Sequence[Value], label: str) -> None:
    """Check the element types and scales of an operator's outputs."""
    signature = SIGNATURES[op]
    require_graph(
        len(outputs) >= 1 and (signature.many_outputs or len(outputs) == 1), f"{label} has {len(outputs)} outputs"
    )
    for output in outputs:
        made = signature.makes if signature.makes is not None else {dtype}
        require_graph(output.dtype in made, f"{label} cannot make {output.dtype.name} of {dtype.name}")
        if output.dtype is not DType.INT8:
            continue
        _check_data(output, DType.INT8, label)
        if signature.same_scale:
            letters = letters_of(op, len(inputs))
            data = [value for letter, value in zip(letters, inputs, strict=True) if letter == "d" and value is not None]
            alike = all(value.quant.same_as(output.quant) for value in data)
            require_numbers(alike, f"{label} only moves numbers, but its output has another scale than its input")
