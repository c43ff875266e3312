"""The options of an operator, decoded from the table its kind says it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from .faults import ModelFault, ModelRefusedError
from .opcodes import Op

if TYPE_CHECKING:
    from .flatbuffer import Table

MAX_OPTION_ENTRIES: Final = 8


class Padding(IntEnum):
    """How a window hangs over the edge."""

    SAME = 0
    VALID = 1


class Activation(IntEnum):
    """The activation fused into an operator."""

    NONE = 0
    RELU = 1
    RELU_N1_TO_1 = 2
    RELU6 = 3
    TANH = 4


@dataclass(frozen=True, slots=True)
class Options:
    """Every option an accepted operator may have; what an operator lacks stays at its default."""

    padding: Padding = Padding.VALID
    activation: Activation = Activation.NONE
    stride_width: int = 1
    stride_height: int = 1
    dilation_width: int = 1
    dilation_height: int = 1
    filter_width: int = 1
    filter_height: int = 1
    depth_multiplier: int = 1
    weights_format: int = 0
    keep_dims: int = 0
    beta: float = 1.0
    alpha: float = 0.0
    axis: int = 0
    batch_dims: int = 0
    count: int = 0
    begin_mask: int = 0
    end_mask: int = 0
    ellipsis_mask: int = 0
    new_axis_mask: int = 0
    shrink_mask: int = 0
    offset: int = 0
    adjoint_left: int = 0
    adjoint_right: int = 0
    approximate: int = 0
    new_shape: tuple[int, ...] | None = None
    squeeze_dims: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where an option table keeps its fields: union number, then field name -> (slot, struct letter, default)."""

    union: int
    slots: Mapping[str, tuple[int, str, float]]


_CONV: Final = {"padding": (0, "b", 0), "stride_width": (1, "i", 0), "stride_height": (2, "i", 0)}
_REDUCER: Final = _Layout(27, {"keep_dims": (0, "?", 0)})
_LAYOUTS: Final[dict[Op, _Layout]] = {
    Op.ADD: _Layout(11, {"activation": (0, "b", 0)}),
    Op.SUB: _Layout(28, {"activation": (0, "b", 0)}),
    Op.MUL: _Layout(21, {"activation": (0, "b", 0)}),
    Op.DIV: _Layout(29, {"activation": (0, "b", 0)}),
    Op.CONV_2D: _Layout(
        1, _CONV | {"activation": (3, "b", 0), "dilation_width": (4, "i", 1), "dilation_height": (5, "i", 1)}
    ),
    Op.DEPTHWISE_CONV_2D: _Layout(
        2,
        _CONV
        | {
            "depth_multiplier": (3, "i", 0),
            "activation": (4, "b", 0),
            "dilation_width": (5, "i", 1),
            "dilation_height": (6, "i", 1),
        },
    ),
    Op.AVERAGE_POOL_2D: _Layout(
        5, _CONV | {"filter_width": (3, "i", 0), "filter_height": (4, "i", 0), "activation": (5, "b", 0)}
    ),
    Op.MAX_POOL_2D: _Layout(
        5, _CONV | {"filter_width": (3, "i", 0), "filter_height": (4, "i", 0), "activation": (5, "b", 0)}
    ),
    Op.FULLY_CONNECTED: _Layout(
        8, {"activation": (0, "b", 0), "weights_format": (1, "b", 0), "keep_dims": (2, "?", 0)}
    ),
    Op.TRANSPOSE_CONV: _Layout(49, _CONV | {"activation": (3, "b", 0)}),
    Op.SOFTMAX: _Layout(9, {"beta": (0, "f", 0)}),
    Op.LEAKY_RELU: _Layout(75, {"alpha": (0, "f", 0)}),
    Op.MEAN: _REDUCER,
    Op.SUM: _REDUCER,
    Op.REDUCE_MIN: _REDUCER,
    Op.REDUCE_MAX: _REDUCER,
    Op.REDUCE_PROD: _REDUCER,
    Op.CONCATENATION: _Layout(10, {"axis": (0, "i", 0), "activation": (1, "b", 0)}),
    Op.STRIDED_SLICE: _Layout(
        32,
        {
            "begin_mask": (0, "i", 0),
            "end_mask": (1, "i", 0),
            "ellipsis_mask": (2, "i", 0),
            "new_axis_mask": (3, "i", 0),
            "shrink_mask": (4, "i", 0),
            "offset": (5, "?", 0),
        },
    ),
    Op.PACK: _Layout(59, {"count": (0, "i", 0), "axis": (1, "i", 0)}),
    Op.UNPACK: _Layout(64, {"count": (0, "i", 0), "axis": (1, "i", 0)}),
    Op.GATHER: _Layout(23, {"axis": (0, "i", 0), "batch_dims": (1, "i", 0)}),
    Op.SPLIT: _Layout(35, {"count": (0, "i", 0)}),
    Op.BATCH_MATMUL: _Layout(101, {"adjoint_left": (0, "?", 0), "adjoint_right": (1, "?", 0)}),
    Op.GELU: _Layout(116, {"approximate": (0, "?", 0)}),
    Op.RESHAPE: _Layout(17, {}),
    Op.SQUEEZE: _Layout(30, {}),
}
_ENUMS: Final[dict[str, type[IntEnum]]] = {"padding": Padding, "activation": Activation}
_FLOAT_FIELDS: Final = frozenset({"beta", "alpha"})
FIELD_NAMES: Final = frozenset(field.name for field in fields(Options))


def _enum(field: str, value: float, op: Op) -> IntEnum:
    """Return an enumerated option, refusing a value that does not exist."""
    try:
        return _ENUMS[field](int(value))
    except ValueError as error:
        msg = f"operator {op.name} asks for {field} number {int(value)}, which does not exist here"
        raise ModelRefusedError(ModelFault.UNSUPPORTED_OPERATOR, msg) from error


def _lists(op: Op, table: Table) -> dict[str, Any]:
    """Return the options that are vectors."""
    if op is Op.RESHAPE and table.has(0):
        return {"new_shape": table.integers(0, MAX_OPTION_ENTRIES, "RESHAPE dimensions")}
    if op is Op.SQUEEZE:
        return {"squeeze_dims": table.integers(0, MAX_OPTION_ENTRIES, "SQUEEZE dimensions")}
    return {}


def decode(op: Op, union: int, table: Table | None) -> Options:
    """Return the options of an operator; an absent table means the format's defaults."""
    layout = _LAYOUTS.get(op)
    if layout is None:
        return Options()
    if table is not None and union != layout.union:
        msg = f"operator {op.name} carries the options of another operator"
        raise ModelRefusedError(ModelFault.BAD_GRAPH, msg)
    values: dict[str, Any] = {} if table is None else _lists(op, table)
    for field, (slot, kind, default) in layout.slots.items():
        value = default if table is None else table.scalar(slot, kind, default)
        if field in _ENUMS:
            values[field] = _enum(field, value, op)
        else:
            values[field] = float(value) if field in _FLOAT_FIELDS else int(value)
    return Options(**values)
