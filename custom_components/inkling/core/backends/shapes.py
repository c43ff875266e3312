"""Output shapes of operators that move data, and the views that many of them are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from .faults import require_graph
from .opcodes import Op
from .value import Inferred, Value, axis_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .options import Options
    from .schema import Array, Shape

VIEWS: Final = frozenset(
    {
        Op.EXPAND_DIMS,
        Op.SQUEEZE,
        Op.TRANSPOSE,
        Op.STRIDED_SLICE,
        Op.SLICE,
        Op.SPLIT,
        Op.UNPACK,
        Op.RESHAPE,
        Op.REVERSE_V2,
    }
)


def reshape_target(size: int, target: Sequence[int], label: str) -> Shape:
    """Return a RESHAPE target with its one open dimension filled in."""
    known = math.prod(number for number in target if number != -1)
    sane = list(target).count(-1) <= 1 and all(number == -1 or number > 0 for number in target)
    require_graph(sane, f"{label} has the impossible target {tuple(target)}")
    filled = tuple(size // known if number == -1 else number for number in target)
    require_graph(math.prod(filled) == size, f"{label} cannot make {tuple(target)} of {size} numbers")
    return filled


def _reshape(array: Array, options: Options, inputs: Sequence[Value], label: str) -> list[Array]:
    """Return the reshaped array."""
    if len(inputs) > 1:
        target = inputs[1].integers()
    else:
        require_graph(options.new_shape is not None, f"{label} has no target shape")
        target = options.new_shape or ()
    return [array.reshape(reshape_target(array.size, target, label))]


def _expand(array: Array, inputs: Sequence[Value], label: str) -> list[Array]:
    """Return the array with a dimension of one inserted."""
    (axis,) = inputs[1].integers(1)
    return [np.expand_dims(array, axis_of(axis, array.ndim + 1, label))]


def _squeeze(array: Array, options: Options, label: str) -> list[Array]:
    """Return the array without dimensions of one."""
    axes = {axis_of(axis, array.ndim, label) for axis in options.squeeze_dims}
    require_graph(all(array.shape[axis] == 1 for axis in axes), f"{label} removes a dimension that is not 1")
    return [np.squeeze(array, tuple(axes) if axes else None)]


def _transpose(array: Array, inputs: Sequence[Value], label: str) -> list[Array]:
    """Return the array with its dimensions in another order."""
    order = inputs[1].integers(array.ndim)
    require_graph(sorted(order) == list(range(array.ndim)), f"{label} has the impossible order {order}")
    return [np.transpose(array, order)]


def _strided_slice(array: Array, options: Options, inputs: Sequence[Value], label: str) -> list[Array]:
    """Return a slice by begin, end and stride."""
    strange = options.ellipsis_mask or options.new_axis_mask or options.offset
    require_graph(not strange, f"{label} uses ellipsis, new axis or offset, which are not supported")
    begins = inputs[1].integers()
    require_graph(len(begins) <= array.ndim, f"{label} slices {len(begins)} of {array.ndim} dimensions")
    ends, strides = inputs[2].integers(len(begins)), inputs[3].integers(len(begins))
    require_graph(0 not in strides, f"{label} has a stride of 0")
    index: list[slice | int] = []
    for axis, (begin, end, stride) in enumerate(zip(begins, ends, strides, strict=True)):
        bit = 1 << axis
        if options.shrink_mask & bit:
            # The format lets a masked begin mean "from the start" even where one element is taken.
            first = 0 if options.begin_mask & bit else begin
            index.append(axis_of(first, array.shape[axis], label))
        else:
            index.append(
                slice(None if options.begin_mask & bit else begin, None if options.end_mask & bit else end, stride)
            )
    return [array[tuple(index)]]


def _slice(array: Array, inputs: Sequence[Value], label: str) -> list[Array]:
    """Return a slice by begin and size, where -1 means to the end."""
    begins, sizes = inputs[1].integers(array.ndim), inputs[2].integers(array.ndim)
    index = []
    for begin, size, whole in zip(begins, sizes, array.shape, strict=True):
        end = whole if size == -1 else begin + size
        require_graph(0 <= begin < end <= whole, f"{label} slices {begin} to {end} of {whole}")
        index.append(slice(begin, end))
    return [array[tuple(index)]]


def _split(array: Array, options: Options, axis: int, label: str) -> list[Array]:
    """Return equal parts along an axis."""
    axis = axis_of(axis, array.ndim, label)
    count = options.count
    require_graph(count >= 1 and array.shape[axis] % count == 0, f"{label} splits {array.shape[axis]} into {count}")
    return list(np.split(array, count, axis))


def _unpack(array: Array, options: Options, label: str) -> list[Array]:
    """Return the array's entries along an axis."""
    axis = axis_of(options.axis, array.ndim, label)
    require_graph(
        options.count == array.shape[axis], f"{label} unpacks {array.shape[axis]} entries into {options.count}"
    )
    return [array[(slice(None),) * axis + (entry,)] for entry in range(options.count)]


def _reverse(array: Array, inputs: Sequence[Value], label: str) -> list[Array]:
    """Return the array read backwards along some axes."""
    axes = {axis_of(axis, array.ndim, label) for axis in inputs[1].integers()}
    return [np.flip(array, tuple(axes))]


def views(op: Op, array: Array, options: Options, inputs: Sequence[Value], label: str) -> list[Array]:
    """Return what a data-moving operator makes of an array, without copying where NumPy can avoid it."""
    makers: dict[Op, Callable[[], list[Array]]] = {
        Op.RESHAPE: lambda: _reshape(array, options, inputs, label),
        Op.EXPAND_DIMS: lambda: _expand(array, inputs, label),
        Op.SQUEEZE: lambda: _squeeze(array, options, label),
        Op.TRANSPOSE: lambda: _transpose(array, inputs, label),
        Op.STRIDED_SLICE: lambda: _strided_slice(array, options, inputs, label),
        Op.SLICE: lambda: _slice(array, inputs, label),
        Op.SPLIT: lambda: _split(array, options, inputs[0].integers(1)[0], label),
        Op.UNPACK: lambda: _unpack(array, options, label),
        Op.REVERSE_V2: lambda: _reverse(array, inputs, label),
    }
    return makers[op]()


def view_shapes(op: Op, options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shapes a view makes, tried on an array that takes no memory."""
    data = inputs[1] if op is Op.SPLIT else inputs[0]
    if op is Op.RESHAPE:
        target = inputs[1].integers() if len(inputs) > 1 else options.new_shape
        require_graph(target is not None, f"{label} has no target shape")
        return Inferred((reshape_target(data.size, target or (), label),))
    dummy: Array = np.broadcast_to(np.zeros((), np.int8), data.shape)
    return Inferred(tuple(made.shape for made in views(op, dummy, options, inputs, label)))


def pads_of(value: Value, rank: int, label: str) -> tuple[tuple[int, int], ...]:
    """Return the paddings before and after each dimension."""
    numbers = value.integers(2 * rank)
    require_graph(all(number >= 0 for number in numbers), f"{label} pads by a negative number")
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def pad_shape(inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape after padding."""
    data = inputs[0]
    pads = pads_of(inputs[1], len(data.shape), label)
    return Inferred((tuple(size + sum(pad) for size, pad in zip(data.shape, pads, strict=True)),))


def concatenation_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape of arrays laid end to end."""
    require_graph(options.activation == 0, f"{label} has a fused activation, which is not supported")
    shape = inputs[0].shape
    axis = axis_of(options.axis, len(shape), label)
    total = 0
    for value in inputs:
        rest = value.shape[:axis] + value.shape[axis + 1 :]
        alike = len(value.shape) == len(shape) and rest == shape[:axis] + shape[axis + 1 :]
        require_graph(alike, f"{label} joins {shape} with {value.shape}")
        total += value.shape[axis]
    return Inferred(((*shape[:axis], total, *shape[axis + 1 :]),))


def pack_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape of arrays stacked along a new axis."""
    shape = inputs[0].shape
    require_graph(options.count == len(inputs), f"{label} packs {len(inputs)} inputs but says {options.count}")
    require_graph(all(value.shape == shape for value in inputs), f"{label} packs inputs of different shapes")
    axis = axis_of(options.axis, len(shape) + 1, label)
    return Inferred(((*shape[:axis], len(inputs), *shape[axis:]),))


def gather_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape of entries picked along an axis."""
    shape = inputs[0].shape
    require_graph(options.batch_dims == 0, f"{label} gathers by batch, which is not supported")
    axis = axis_of(options.axis, len(shape), label)
    inside = all(0 <= index < shape[axis] for index in inputs[1].integers())
    require_graph(inside, f"{label} gathers outside the {shape[axis]} entries there are")
    return Inferred(((*shape[:axis], *inputs[1].shape, *shape[axis + 1 :]),))


def tile_shape(inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape of repeated data."""
    counts = inputs[1].integers(len(inputs[0].shape))
    require_graph(all(count >= 1 for count in counts), f"{label} repeats {counts} times")
    return Inferred((tuple(size * count for size, count in zip(inputs[0].shape, counts, strict=True)),))


def fill_shape(inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape of a constant tensor."""
    require_graph(inputs[1].size == 1, f"{label} fills with {inputs[1].size} numbers instead of one")
    return Inferred((inputs[0].integers(),))


def _blocks(inputs: Sequence[Value], label: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Return the block sizes and paddings (or crops) of the spatial dimensions."""
    shape = inputs[0].shape
    blocks = inputs[1].integers()
    fits = 1 <= len(blocks) < len(shape) and all(block >= 1 for block in blocks)
    require_graph(fits, f"{label} has the impossible blocks {blocks} for shape {shape}")
    return blocks, pads_of(inputs[2], len(blocks), label)


def space_to_batch_shape(inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape after spreading blocks over the batch."""
    blocks, pads = _blocks(inputs, label)
    shape = inputs[0].shape
    padded = [size + sum(pad) for size, pad in zip(shape[1:], pads, strict=False)]
    whole = all(size % block == 0 for size, block in zip(padded, blocks, strict=True))
    require_graph(whole, f"{label} cannot cut {padded} into blocks of {blocks}")
    spatial = tuple(size // block for size, block in zip(padded, blocks, strict=True))
    shape = (shape[0] * math.prod(blocks), *spatial, *shape[1 + len(blocks) :])
    return Inferred((shape,), scratch=math.prod(shape))


def batch_to_space_shape(inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape after gathering blocks back from the batch."""
    blocks, crops = _blocks(inputs, label)
    shape = inputs[0].shape
    count = math.prod(blocks)
    require_graph(shape[0] % count == 0, f"{label} cannot cut a batch of {shape[0]} into {count} blocks")
    spatial = tuple(size * block - sum(crop) for size, block, crop in zip(shape[1:], blocks, crops, strict=False))
    return Inferred(((shape[0] // count, *spatial, *shape[1 + len(blocks) :]),))
