"""What a kernel is bound to: arrays with their meaning, and the memory it may work in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .schema import NUMPY_TYPES, Array, DType, Quantization, Shape

if TYPE_CHECKING:
    from .opcodes import Op
    from .options import Options
    from .value import Value

Step = Callable[[], object]


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """An array and what its numbers mean."""

    array: Array
    value: Value

    @property
    def quant(self) -> Quantization:
        """Return the quantisation of an int8 operand."""
        return self.value.quant

    @property
    def is_int8(self) -> bool:
        """Tell whether the numbers are quantised."""
        return self.value.dtype is DType.INT8


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One operator with the arrays it reads and writes."""

    op: Op
    options: Options
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    label: str

    @property
    def out(self) -> Operand:
        """Return the first output."""
        return self.outputs[0]


class Workspace(Protocol):
    """Where kernels get memory from when they are bound."""

    def scratch(self, shape: Shape, dtype: np.dtype[np.generic]) -> Array:
        """Return memory that is the kernel's only while it runs."""
        ...

    def kept(self, shape: Shape, dtype: np.dtype[np.generic], fill: float) -> Array:
        """Return memory that is the kernel's alone for the life of the plan, filled."""
        ...


class PlainWorkspace:
    """Memory for a kernel that runs once, to fold constants."""

    def scratch(self, shape: Shape, dtype: np.dtype[np.generic]) -> Array:
        """Return fresh memory."""
        return np.empty(shape, dtype)

    def kept(self, shape: Shape, dtype: np.dtype[np.generic], fill: float) -> Array:
        """Return fresh memory, filled."""
        return np.full(shape, fill, dtype)


FLOAT: np.dtype[np.generic] = NUMPY_TYPES[DType.FLOAT32]
DOUBLE: np.dtype[np.generic] = np.dtype("<f8")


def scalar(value: float, dtype: np.dtype[np.generic] = FLOAT) -> Array:
    """Return a number as an array without dimensions, which a NumPy call takes twice as fast as a NumPy scalar."""
    return np.array(value, dtype)


@dataclass(frozen=True, slots=True)
class Chain:
    """Several steps as one; a plan takes them apart again to save the call."""

    steps: tuple[Step, ...]

    def __call__(self) -> None:
        """Run the steps in order."""
        for step in self.steps:
            step()


def chain(*steps: Step) -> Step:
    """Return one step that runs several in order."""
    return Chain(steps)
