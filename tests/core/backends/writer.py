"""Write `.tflite` files field by field, so that tests can make ones no converter would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
import struct
from typing import Any

import numpy as np

from custom_components.inkling.core.backends.opcodes import Op

Fields = Mapping[int, "Scalar | Vector | Table | Tables"]
FLOAT32, FLOAT16, INT32, INT64, BOOL, INT8 = 0, 1, 2, 4, 6, 9


@dataclass(frozen=True)
class Scalar:
    """A number stored inside its table; `kind` is its struct letter."""

    kind: str
    value: float


@dataclass(frozen=True)
class Vector:
    """A vector of numbers; bytes are a vector of `B`."""

    kind: str
    values: Sequence[float] | bytes


@dataclass(frozen=True)
class Table:
    """A table by slot number."""

    fields: Fields


@dataclass(frozen=True)
class Tables:
    """A vector of tables."""

    tables: Sequence[Table]


def _pad(out: bytearray, size: int) -> None:
    """Align the end of the file."""
    out.extend(b"\0" * (-len(out) % size))


def _write_vector(out: bytearray, vector: Vector) -> int:
    """Write a vector of numbers and return where it begins."""
    _pad(out, 8)
    if struct.calcsize(vector.kind) == 8:
        # The length comes first, and what follows it must be aligned.
        out.extend(b"\0" * 4)
    position = len(out)
    out.extend(struct.pack("<I", len(vector.values)))
    out.extend(struct.pack(f"<{len(vector.values)}{vector.kind}", *vector.values))
    return position


def _write(out: bytearray, item: Scalar | Vector | Table | Tables) -> int:
    """Write anything that is referred to by offset and return where it begins."""
    if isinstance(item, Table):
        return _write_table(out, item)
    if isinstance(item, Vector):
        return _write_vector(out, item)
    assert isinstance(item, Tables)
    _pad(out, 4)
    position = len(out)
    out.extend(struct.pack("<I", len(item.tables)) + b"\0" * 4 * len(item.tables))
    for index, table in enumerate(item.tables):
        slot = position + 4 + 4 * index
        struct.pack_into("<I", out, slot, _write_table(out, table) - slot)
    return position


def _write_table(out: bytearray, table: Table) -> int:
    """Write a table, its vtable before it and its children behind it."""
    slots = max(table.fields, default=-1) + 1
    offsets, size = [0] * slots, 4
    for slot, item in table.fields.items():
        width = struct.calcsize(item.kind) if isinstance(item, Scalar) else 4
        size += -size % width
        offsets[slot], size = size, size + width
    _pad(out, 8)
    vtable = len(out)
    out.extend(struct.pack(f"<HH{slots}H", 4 + 2 * slots, size, *offsets))
    _pad(out, 8)
    position = len(out)
    out.extend(struct.pack("<i", position - vtable) + b"\0" * (size - 4))
    for slot, item in table.fields.items():
        place = position + offsets[slot]
        if isinstance(item, Scalar):
            struct.pack_into(f"<{item.kind}", out, place, item.value)
        else:
            struct.pack_into("<I", out, place, _write(out, item) - place)
    return position


def file_of(root: Table, magic: bytes = b"TFL3") -> bytes:
    """Return a file with a root table."""
    out = bytearray(b"\0" * 4 + magic)
    struct.pack_into("<I", out, 0, _write_table(out, root))
    return bytes(out)


@dataclass(frozen=True)
class T:
    """A tensor to write; `data` makes it a constant."""

    shape: tuple[int, ...]
    dtype: int = FLOAT32
    data: Any = None
    scales: tuple[float, ...] = ()
    zeros: tuple[int, ...] = ()
    axis: int = 0
    signature: tuple[int, ...] | None = None
    name: str = "t"
    extra: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class O:  # noqa: E742 - the counterpart of T
    """An operator to write."""

    op: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Fields = field(default_factory=dict)
    union: int = 0
    version: int = 1
    extra: Fields = field(default_factory=dict)
    custom: str = ""


@dataclass(frozen=True)
class M:
    """A model to write."""

    tensors: tuple[T, ...]
    operators: tuple[O, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    version: int = 3
    subgraphs: int = 1
    buffer_extra: Fields = field(default_factory=dict)
    extra: Fields = field(default_factory=dict)

    def bytes(self) -> bytes:
        """Return the file."""
        return file_of(Table(self._root()))

    def tensor(self, index: int, **changes: Any) -> M:  # noqa: ANN401 - fields of any type
        """Return the model with one tensor changed."""
        tensors = list(self.tensors)
        tensors[index] = replace(tensors[index], **changes)
        return replace(self, tensors=tuple(tensors))

    def operator(self, index: int, **changes: Any) -> M:  # noqa: ANN401 - fields of any type
        """Return the model with one operator changed."""
        operators = list(self.operators)
        operators[index] = replace(operators[index], **changes)
        return replace(self, operators=tuple(operators))

    def _root(self) -> Fields:
        """Return the model's fields."""
        buffers = [Table({})]
        tensors = []
        for item in self.tensors:
            tensors.append(_tensor(item, len(buffers) if item.data is not None else 0))
            if item.data is not None:
                buffers.append(Table({0: Vector("B", _bytes(item)), **self.buffer_extra}))
        graph = Table(
            {
                0: Tables(tensors),
                1: Vector("i", self.inputs),
                2: Vector("i", self.outputs),
                3: Tables([_operator(item, index) for index, item in enumerate(self.operators)]),
            }
        )
        codes = Tables([_code(item) for item in self.operators])
        fields: Fields = {0: Scalar("I", self.version), 1: codes, 2: Tables([graph] * self.subgraphs)}
        return {**fields, 4: Tables(buffers), **self.extra}


_TYPES = {FLOAT32: "<f4", FLOAT16: "<f2", INT32: "<i4", INT64: "<i8", BOOL: "?", INT8: "i1"}


def _bytes(item: T) -> bytes:
    """Return a constant's bytes; bytes stay as they are."""
    return item.data if isinstance(item.data, bytes) else np.asarray(item.data, _TYPES[item.dtype]).tobytes()


def _tensor(item: T, buffer: int) -> Table:
    """Return a tensor's table."""
    fields: dict[int, Scalar | Vector | Table | Tables] = {
        0: Vector("i", item.shape),
        1: Scalar("b", item.dtype),
        2: Scalar("I", buffer),
        3: Vector("B", item.name.encode()),
    }
    if item.scales:
        zeros = item.zeros or (0,) * len(item.scales)
        quantization: Fields = {2: Vector("f", item.scales), 3: Vector("q", zeros), 6: Scalar("i", item.axis)}
        fields[4] = Table(quantization)
    if item.signature is not None:
        fields[7] = Vector("i", item.signature)
    return Table({**fields, **item.extra})


def _code(item: O) -> Table:
    """Return an entry of the operator table."""
    fields: Fields = {0: Scalar("b", min(item.op, 127)), 2: Scalar("i", item.version), 3: Scalar("i", item.op)}
    return Table({**fields, **({1: Vector("B", item.custom.encode())} if item.custom else {})})


def _operator(item: O, code: int) -> Table:
    """Return an operator's table."""
    fields: dict[int, Scalar | Vector | Table | Tables] = {
        0: Scalar("I", code),
        1: Vector("i", item.inputs),
        2: Vector("i", item.outputs),
    }
    if item.options or item.union:
        fields |= {3: Scalar("B", item.union), 4: Table(item.options)}
    return Table({**fields, **item.extra})


def live(*shape: int, **changes: Any) -> T:  # noqa: ANN401 - fields of any type
    """Return a tensor whose first dimension is the batch."""
    return T((1, *shape), signature=(-1, *shape), **changes)


def ints(*values: int) -> T:
    """Return a constant vector of int32."""
    return T((len(values),), INT32, values)


def one(op: Op, data: Sequence[T], out: T | Sequence[T], **changes: Any) -> M:  # noqa: ANN401 - of any type
    """Return a model of one operator: the tensors that are no constants are the graph's inputs."""
    outs = [out] if isinstance(out, T) else list(out)
    outputs = tuple(range(len(data), len(data) + len(outs)))
    inputs = tuple(index for index, item in enumerate(data) if item.data is None)
    operator = O(op, tuple(range(len(data))), outputs, **changes)
    return M((*data, *outs), (operator,), inputs, outputs)


def dense() -> M:
    """Return the smallest honest network: one fully connected layer."""
    weights = T((2, 3), data=np.arange(6) / 4)
    return one(Op.FULLY_CONNECTED, [live(3), weights, T((2,), data=[0.5, -1])], live(2), union=8, options={})
