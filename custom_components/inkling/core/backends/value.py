"""What is known of a tensor once the batch size is, and small helpers to question it."""

from __future__ import annotations

from dataclasses import dataclass, replace
import math
from typing import TYPE_CHECKING, Final

from .faults import ModelFault, ModelRefusedError, require_graph
from .schema import MAX_DIMENSION, MAX_RANK, Array, DType, Quantization, Shape

if TYPE_CHECKING:
    from .schema import Tensor

# Caps on one sample's pass: 8 M elements are 32 MB of float32, and 50 M multiplications are tens of milliseconds.
MAX_ELEMENTS: Final = 8 * 1024 * 1024
MAX_MACS: Final = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A tensor at one batch size; `data` is set when its content is known before any input is."""

    label: str
    shape: Shape
    dtype: DType
    quantization: Quantization | None
    data: Array | None = None

    @property
    def size(self) -> int:
        """Return the number of elements."""
        return math.prod(self.shape)

    @property
    def quant(self) -> Quantization:
        """Return the quantisation of a tensor that is known to have one."""
        if self.quantization is None:
            msg = f"{self.label} is int8 but has no scale"
            raise ModelRefusedError(ModelFault.BAD_NUMBERS, msg)
        return self.quantization

    def integers(self, count: int | None = None) -> tuple[int, ...]:
        """Return a constant's values as integers, of a given count."""
        if self.data is None or self.dtype not in {DType.INT32, DType.INT64}:
            msg = f"{self.label} must be a constant of whole numbers"
            raise ModelRefusedError(ModelFault.BAD_GRAPH, msg)
        found = tuple(int(number) for number in self.data.reshape(-1))
        require_graph(count is None or len(found) == count, f"{self.label} holds {len(found)} numbers, not {count}")
        return found

    def with_data(self, data: Array) -> Value:
        """Return the same tensor with its content known."""
        return replace(self, data=data)


@dataclass(frozen=True, slots=True)
class Inferred:
    """What an operator makes: output shapes, multiplications, and elements of working memory."""

    shapes: tuple[Shape, ...]
    macs: int = 0
    scratch: int = 0


def value_of(tensor: Tensor, index: int, batch: int) -> Value:
    """Return a tensor of the file at a batch size; an open first dimension becomes the batch."""
    shape = tensor.shape
    if tensor.signature and tensor.signature[0] == -1:
        shape = (batch, *shape[1:])
    return Value(f"tensor {index} ({tensor.name[:40]})", shape, tensor.dtype, tensor.quantization, tensor.data)


def check_shape(shape: Shape, label: str) -> Shape:
    """Return a shape that may be allocated; raise ModelRefusedError otherwise."""
    require_graph(len(shape) <= MAX_RANK, f"{label} makes {len(shape)} dimensions, at most {MAX_RANK} are accepted")
    sane = all(1 <= size <= MAX_DIMENSION for size in shape)
    require_graph(sane, f"{label} makes the impossible shape {shape}")
    if math.prod(shape) > MAX_ELEMENTS:
        msg = f"{label} makes a tensor of shape {shape}, which is more memory than a model may use"
        raise ModelRefusedError(ModelFault.OVER_BUDGET, msg)
    return shape


def axis_of(axis: int, rank: int, label: str) -> int:
    """Return an axis counted from the front; raise ModelRefusedError when there is no such axis."""
    require_graph(-rank <= axis < rank, f"{label} names axis {axis} of {rank}")
    return axis % rank
