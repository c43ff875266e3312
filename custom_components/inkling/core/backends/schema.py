"""Parse a `.tflite` container into plain records, with every count and size capped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .faults import ModelFault, ModelRefusedError, require, require_graph, require_numbers
from .flatbuffer import Table, root
from .opcodes import MAX_VERSION, Op, name_of, remedy_of
from .options import Options, decode

MAX_FILE_BYTES: Final = 2 * 1024 * 1024
MAX_COUNT: Final = 2048
MAX_RANK: Final = 5
MAX_DIMENSION: Final = 65536
MAX_NAME_BYTES: Final = 1024
SCHEMA_VERSION: Final = 3
_MAGIC: Final = b"TFL3"
_MAGIC_END: Final = 8

Array = NDArray[Any]
Shape = tuple[int, ...]


class DType(IntEnum):
    """The element types an accepted tensor may have, by their number in the format."""

    FLOAT32 = 0
    INT32 = 2
    INT64 = 4
    BOOL = 6
    INT8 = 9


NUMPY_TYPES: Final[dict[DType, np.dtype[np.generic]]] = {
    DType.FLOAT32: np.dtype("<f4"),
    DType.INT32: np.dtype("<i4"),
    DType.INT64: np.dtype("<i8"),
    DType.BOOL: np.dtype("?"),
    DType.INT8: np.dtype("i1"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Quantization:
    """real = scale * (stored - zero point), per tensor or along `axis`."""

    scales: NDArray[np.float32]
    zero_points: NDArray[np.int64]
    axis: int

    @property
    def scale(self) -> float:
        """Return the scale of a tensor quantised as a whole."""
        return float(self.scales[0])

    @property
    def zero_point(self) -> int:
        """Return the zero point of a tensor quantised as a whole."""
        return int(self.zero_points[0])

    def same_as(self, other: Quantization) -> bool:
        """Tell whether stored numbers mean the same in both."""
        return self.scale == other.scale and self.zero_point == other.zero_point


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """One tensor of the file; `data` is set when it is a constant."""

    name: str
    dtype: DType
    shape: Shape
    signature: Shape
    quantization: Quantization | None
    data: Array | None


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator; inputs and outputs are tensor numbers, -1 an input left out."""

    op: Op
    options: Options
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A parsed model."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def _buffers(model: Table) -> tuple[NDArray[np.uint8], ...]:
    """Return the constant bytes of every buffer, refusing data that lies outside the FlatBuffer."""
    found = []
    for index, buffer in enumerate(model.tables(4, MAX_COUNT, "buffers")):
        outside = buffer.integer(1, "Q") or buffer.integer(2, "Q")
        require_graph(not outside, f"buffer {index} keeps its data outside the model, which is not accepted")
        found.append(buffer.array(0, "u1", MAX_FILE_BYTES, "buffer bytes").view(np.uint8))
    return tuple(found)


def _op_of(code: Table, index: int) -> Op:
    """Return an entry of the operator table, refusing what cannot run here."""
    number = max(code.integer(0, "b"), code.integer(3, "i"))
    custom = code.text(1, MAX_NAME_BYTES, "characters of a custom operator's name")
    name = f"CUSTOM ({custom})" if custom else name_of(number)
    if custom or number not in MAX_VERSION:
        msg = f"the model uses the operator {name}, which is not supported{remedy_of(name)}"
        raise ModelRefusedError(ModelFault.UNSUPPORTED_OPERATOR, msg)
    version = code.integer(2, "i", 1)
    op = Op(number)
    if not 1 <= version <= MAX_VERSION[op]:
        newest = MAX_VERSION[op]
        msg = f"the model uses version {version} of the operator {name} (entry {index}), at most {newest} is known"
        raise ModelRefusedError(ModelFault.UNSUPPORTED_OPERATOR, msg)
    return op


def _quantization(table: Table | None, label: str, shape: Shape) -> Quantization | None:
    """Return a tensor's quantisation, or None when it carries none."""
    if table is None:
        return None
    require_graph(table.integer(4, "B") == 0, f"{label} has custom quantisation, which is not supported")
    scales = table.array(2, "<f4", MAX_DIMENSION, "scales").astype(np.float32)
    if scales.size == 0:
        return None
    zero_points = table.array(3, "<i8", MAX_DIMENSION, "zero points").astype(np.int64)
    axis = table.integer(6, "i")
    require_numbers(
        bool(np.isfinite(scales).all()) and bool((scales > 0).all()), f"{label} has a scale that is not above zero"
    )
    require_numbers(zero_points.size in {0, scales.size}, f"{label} has {zero_points.size} zero points")
    if zero_points.size == 0:
        zero_points = np.zeros(scales.size, np.int64)
    if scales.size > 1:
        fits = 0 <= axis < len(shape) and shape[axis] == scales.size
        require_numbers(fits, f"{label} has {scales.size} scales, which do not fit its shape {shape}")
    return Quantization(scales, zero_points, axis)


def _shape_of(table: Table, label: str) -> tuple[Shape, Shape]:
    """Return a tensor's shape and its signature, where -1 stands for a size set at run time."""
    shape = table.integers(0, MAX_COUNT, "dimensions")
    signature = table.integers(7, MAX_COUNT, "signature dimensions") or shape
    require_graph(len(shape) <= MAX_RANK, f"{label} has {len(shape)} dimensions, at most {MAX_RANK} are accepted")
    sane = all(1 <= size <= MAX_DIMENSION for size in shape)
    require_graph(sane, f"{label} has the impossible shape {shape}")
    fits = len(signature) == len(shape) and all(s in {-1, size} for s, size in zip(signature, shape, strict=True))
    require_graph(fits, f"{label} has the shape {shape} but the signature {signature}")
    return shape, signature


def _constant(raw: NDArray[np.uint8], dtype: DType, shape: Shape, label: str) -> Array:
    """Return a constant's values as a read-only view, checking the byte count and the values."""
    kind = NUMPY_TYPES[dtype]
    wanted = math.prod(shape) * kind.itemsize
    require_graph(raw.size == wanted, f"{label} holds {raw.size} bytes where its shape {shape} needs {wanted}")
    if dtype is DType.BOOL:
        require_numbers(bool((raw <= 1).all()), f"{label} holds a truth value that is neither 0 nor 1")
    values: Array = raw.view(kind).reshape(shape)
    return values


def _tensor(table: Table, index: int, buffers: tuple[NDArray[np.uint8], ...]) -> Tensor:
    """Return one tensor."""
    name = table.text(3, MAX_NAME_BYTES, "characters of a tensor's name")
    label = f"tensor {index} ({name[:40]})"
    number = table.integer(1, "b")
    known = number in set(DType)
    require(known, ModelFault.UNSUPPORTED_OPERATOR, f"{label} has the element type {number}, which is not supported")
    dtype = DType(number)
    require_graph(not table.integer(5, "?"), f"{label} is a variable, which is not supported")
    require_graph(not table.has(6), f"{label} is sparse, which is not supported")
    require_graph(not table.has(9), f"{label} is a variant, which is not supported")
    require_graph(table.integer(10, "I") == 0, f"{label} keeps its data outside the model, which is not accepted")
    shape, signature = _shape_of(table, label)
    quantization = _quantization(table.table(4), label, shape)
    if dtype is DType.INT8 and quantization is not None:
        inside = bool((np.abs(quantization.zero_points + 0.5) < 128).all())  # noqa: PLR2004 - int8 holds -128..127
        require_numbers(inside, f"{label} has a zero point outside -128 to 127")
    buffer = table.integer(2, "I")
    require_graph(buffer < len(buffers), f"{label} refers to buffer {buffer} of {len(buffers)}")
    raw = buffers[buffer]
    data = _constant(raw, dtype, shape, label) if raw.size else None
    return Tensor(name, dtype, shape, signature, quantization, data)


def _operator(table: Table, index: int, codes: tuple[Op, ...]) -> Operator:
    """Return one operator."""
    code = table.integer(0, "I")
    require_graph(code < len(codes), f"operator {index} refers to entry {code} of an operator table of {len(codes)}")
    op = codes[code]
    label = f"operator {index} ({op.name})"
    extras = table.array(5, "u1", MAX_FILE_BYTES, "custom option bytes").size or table.integer(9, "Q")
    require_graph(not extras, f"{label} carries custom options, which are not accepted")
    changed = table.array(7, "u1", MAX_COUNT, "variable inputs")
    require_graph(not np.any(changed), f"{label} changes its inputs, which is not supported")
    between = table.integers(8, MAX_COUNT, "intermediates")
    require_graph(not between, f"{label} has intermediates, which is not supported")
    options = decode(op, table.integer(3, "B"), table.table(4))
    return Operator(op, options, table.integers(1, MAX_COUNT, "inputs"), table.integers(2, MAX_COUNT, "outputs"))


def _open(data: bytes) -> Table:
    """Return the root table of a file that looks like a model."""
    size = len(data)
    require(size > 0, ModelFault.TRUNCATED, "the model file is empty")
    large = f"the model file has {size} bytes, at most {MAX_FILE_BYTES} are read"
    require(size <= MAX_FILE_BYTES, ModelFault.OVERSIZED, large)
    if data[4:_MAGIC_END] != _MAGIC:
        short = size < _MAGIC_END
        fault = ModelFault.TRUNCATED if short else ModelFault.NOT_A_MODEL
        raise ModelRefusedError(fault, "the model file is cut short" if short else "the file is not a TFLite model")
    return root(data)


def parse(data: bytes) -> Model:
    """Return the model in a file's bytes; raise ModelRefusedError when the container does not hold together."""
    table = _open(data)
    version = table.integer(0, "I")
    strange = f"the model has schema version {version}, not {SCHEMA_VERSION}"
    require(version == SCHEMA_VERSION, ModelFault.NOT_A_MODEL, strange)
    outside = [table.array(slot, "<u4", MAX_COUNT, "external buffers").size for slot in (8, 9)]
    require_graph(not any(outside), "the model keeps buffers outside the file, which is not accepted")
    codes = tuple(_op_of(code, index) for index, code in enumerate(table.tables(1, MAX_COUNT, "operator kinds")))
    graphs = table.tables(2, MAX_COUNT, "subgraphs")
    require_graph(len(graphs) == 1, f"the model has {len(graphs)} subgraphs, exactly one is accepted")
    buffers = _buffers(table)
    graph = graphs[0]
    tensors = graph.tables(0, MAX_COUNT, "tensors")
    operators = graph.tables(3, MAX_COUNT, "operators")
    return Model(
        tuple(_tensor(entry, index, buffers) for index, entry in enumerate(tensors)),
        tuple(_operator(entry, index, codes) for index, entry in enumerate(operators)),
        graph.integers(1, MAX_COUNT, "graph inputs"),
        graph.integers(2, MAX_COUNT, "graph outputs"),
    )
