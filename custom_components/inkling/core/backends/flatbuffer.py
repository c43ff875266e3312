"""Read a FlatBuffer with every offset checked before it is followed."""

from __future__ import annotations

from dataclasses import dataclass
import struct

import numpy as np
from numpy.typing import NDArray

from .faults import ModelFault, ModelRefusedError

_OFFSET = struct.Struct("<I")
_SIGNED_OFFSET = struct.Struct("<i")
_VTABLE_HEAD = struct.Struct("<HH")
_SLOT = struct.Struct("<H")
_SCALARS = {name: struct.Struct("<" + name) for name in "?bBhHiIqQfd"}


def _unpack(data: bytes, layout: struct.Struct, position: int) -> tuple[int, ...]:
    """Unpack at a position, refusing to leave the file."""
    if position < 0 or position + layout.size > len(data):
        msg = f"the model file ends at byte {len(data)} but refers to byte {position + layout.size}: it is cut short"
        raise ModelRefusedError(ModelFault.TRUNCATED, msg)
    return layout.unpack_from(data, position)


def _broken(what: str, position: int) -> ModelRefusedError:
    """Return the refusal of a structure that makes no sense."""
    return ModelRefusedError(ModelFault.NOT_A_MODEL, f"the model file is damaged: {what} at byte {position}")


@dataclass(frozen=True, slots=True)
class Table:
    """A FlatBuffer table: its fields are found through a vtable that has been checked."""

    data: bytes
    position: int
    vtable: int
    vtable_size: int
    size: int

    @classmethod
    def at(cls, data: bytes, position: int) -> Table:
        """Open the table at a position; raise ModelRefusedError when its vtable is not sane."""
        (back,) = _unpack(data, _SIGNED_OFFSET, position)
        vtable = position - back
        vtable_size, size = _unpack(data, _VTABLE_HEAD, vtable)
        if vtable_size < _VTABLE_HEAD.size or vtable_size % 2 or vtable + vtable_size > len(data):
            raise _broken("a vtable has an impossible size", vtable)
        if size < _SIGNED_OFFSET.size or position + size > len(data):
            raise _broken("a table reaches past the end", position)
        return cls(data, position, vtable, vtable_size, size)

    def _field(self, slot: int, width: int) -> int | None:
        """Return the position of a field, or None when the file leaves it at its default."""
        entry = _VTABLE_HEAD.size + 2 * slot
        if entry >= self.vtable_size:
            return None
        (offset,) = _unpack(self.data, _SLOT, self.vtable + entry)
        if offset == 0:
            return None
        if offset < _SIGNED_OFFSET.size or offset + width > self.size:
            raise _broken("a field lies outside its table", self.position)
        return self.position + offset

    def has(self, slot: int) -> bool:
        """Tell whether the field is present."""
        return self._field(slot, 1) is not None

    def scalar(self, slot: int, kind: str, default: float = 0) -> float:
        """Return a number field; `kind` is its `struct` letter."""
        layout = _SCALARS[kind]
        position = self._field(slot, layout.size)
        return default if position is None else _unpack(self.data, layout, position)[0]

    def integer(self, slot: int, kind: str, default: int = 0) -> int:
        """Return an integer field."""
        return int(self.scalar(slot, kind, default))

    def _target(self, slot: int) -> int | None:
        """Return where an offset field points."""
        position = self._field(slot, _OFFSET.size)
        if position is None:
            return None
        (offset,) = _unpack(self.data, _OFFSET, position)
        if offset == 0:
            raise _broken("an offset points at itself", position)
        return position + offset

    def table(self, slot: int) -> Table | None:
        """Return a table field, or None when absent."""
        target = self._target(slot)
        return None if target is None else Table.at(self.data, target)

    def _vector(self, slot: int, width: int, limit: int, what: str) -> tuple[int, int]:
        """Return the first byte and the length of a vector, checked against the file and the limit."""
        target = self._target(slot)
        if target is None:
            return 0, 0
        (length,) = _unpack(self.data, _OFFSET, target)
        first = target + _OFFSET.size
        if first + length * width > len(self.data):
            msg = f"the model file is cut short: {what} at byte {target} claims {length} entries"
            raise ModelRefusedError(ModelFault.TRUNCATED, msg)
        if length > limit:
            msg = f"the model has {length} {what}, and at most {limit} are accepted"
            raise ModelRefusedError(ModelFault.OVERSIZED, msg)
        return first, length

    def array(self, slot: int, dtype: str, limit: int, what: str) -> NDArray[np.generic]:
        """Return a vector of numbers as a read-only view of the file."""
        kind = np.dtype(dtype)
        first, length = self._vector(slot, kind.itemsize, limit, what)
        return np.frombuffer(self.data, kind, length, first)

    def integers(self, slot: int, limit: int, what: str) -> tuple[int, ...]:
        """Return a vector of int32 as a tuple."""
        return tuple(int(value) for value in self.array(slot, "<i4", limit, what))

    def text(self, slot: int, limit: int, what: str) -> str:
        """Return a string field, with what is not UTF-8 replaced."""
        first, length = self._vector(slot, 1, limit, what)
        return self.data[first : first + length].decode("utf-8", "replace")

    def tables(self, slot: int, limit: int, what: str) -> tuple[Table, ...]:
        """Return a vector of tables."""
        first, length = self._vector(slot, _OFFSET.size, limit, what)
        found = []
        for index in range(length):
            position = first + index * _OFFSET.size
            (offset,) = _unpack(self.data, _OFFSET, position)
            found.append(Table.at(self.data, position + offset))
        return tuple(found)


def root(data: bytes) -> Table:
    """Return the root table of a file."""
    (offset,) = _unpack(data, _OFFSET, 0)
    return Table.at(data, offset)
