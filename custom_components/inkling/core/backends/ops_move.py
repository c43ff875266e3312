"""Kernels that move data without changing it, for every element type."""

from __future__ import annotations

from functools import partial
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .opcodes import Op
from .shapes import VIEWS, pads_of, views
from .value import axis_of

if TYPE_CHECKING:
    from .calls import Call, Step, Workspace

Binder = "Callable[[Call, Workspace], Step]"


def bind_view(call: Call, _workspace: Workspace) -> Step:
    """Copy what a view operator makes; used where the view itself cannot stand for the result."""
    data = call.inputs[1] if call.op is Op.SPLIT else call.inputs[0]
    values = [operand.value for operand in call.inputs]

    def run() -> None:
        """Copy each part; the view is made again because reshaping may itself copy."""
        for target, part in zip(
            call.outputs, views(call.op, data.array, call.options, values, call.label), strict=True
        ):
            np.copyto(target.array, part)

    return run


def bind_pad(call: Call, _workspace: Workspace) -> Step:
    """Copy into the middle of an array filled with what stands for zero."""
    data, out = call.inputs[0], call.out.array
    zero = data.quant.zero_point if data.is_int8 else 0
    pads = pads_of(call.inputs[1].value, data.array.ndim, call.label)
    middle = out[tuple(slice(before, before + size) for (before, _), size in zip(pads, data.array.shape, strict=True))]

    def run() -> None:
        """Fill, then copy."""
        out.fill(zero)
        np.copyto(middle, data.array)

    return run


def bind_concatenation(call: Call, _workspace: Workspace) -> Step:
    """Copy the inputs end to end."""
    arrays: list[Any] = [operand.array for operand in call.inputs]
    return partial(np.concatenate, arrays, call.options.axis, call.out.array)


def bind_pack(call: Call, _workspace: Workspace) -> Step:
    """Copy the inputs along a new axis."""
    arrays: list[Any] = [operand.array for operand in call.inputs]
    return partial(np.stack, arrays, call.options.axis, call.out.array)


def bind_gather(call: Call, _workspace: Workspace) -> Step:
    """Pick entries along an axis."""
    data, indices = call.inputs
    axis = axis_of(call.options.axis, data.array.ndim, call.label)
    places = indices.array
    # The indices were checked when the shape was inferred; "clip" only spares NumPy a buffer.
    return lambda: np.take(data.array, places, axis, call.out.array, mode="clip")


def bind_tile(call: Call, _workspace: Workspace) -> Step:
    """Repeat along every axis."""
    data, counts = call.inputs[0].array, call.inputs[1].value.integers()
    inner = [number for size, count in zip(data.shape, counts, strict=True) for number in (count, size)]
    target = call.out.array.reshape(inner)
    source = data.reshape([number for size in data.shape for number in (1, size)])
    return partial(np.copyto, target, source)


def bind_fill(call: Call, _workspace: Workspace) -> Step:
    """Fill with one number."""
    return partial(np.copyto, call.out.array, call.inputs[1].array.reshape(()))


def bind_space_to_batch(call: Call, workspace: Workspace) -> Step:
    """Pad, then spread blocks over the batch."""
    data, out = call.inputs[0], call.out.array
    blocks = call.inputs[1].value.integers()
    pads = pads_of(call.inputs[2].value, len(blocks), call.label)
    shape = data.array.shape
    spatial = [size + sum(pad) for size, pad in zip(shape[1:], pads, strict=False)]
    rest = shape[1 + len(blocks) :]
    padded = workspace.kept((shape[0], *spatial, *rest), data.array.dtype, data.quant.zero_point if data.is_int8 else 0)
    middle = padded[(slice(None), *(slice(b, b + size) for (b, _), size in zip(pads, shape[1:], strict=False)))]
    cut = [number for size, block in zip(spatial, blocks, strict=True) for number in (size // block, block)]
    parts = padded.reshape(shape[0], *cut, *rest)
    source = parts.transpose(_block_order(len(blocks), len(rest)))
    target = out.reshape(source.shape)

    def run() -> None:
        """Copy into the padded array, then out of it in the order of the blocks."""
        np.copyto(middle, data.array)
        np.copyto(target, source)

    return run


def _block_order(spatial: int, rest: int) -> tuple[int, ...]:
    """Return the axes (blocks, batch, cut sizes, rest) of an array of (batch, size, block, size, block, ..., rest)."""
    sizes = [1 + 2 * index for index in range(spatial)]
    return (*(axis + 1 for axis in sizes), 0, *sizes, *range(1 + 2 * spatial, 1 + 2 * spatial + rest))


def bind_batch_to_space(call: Call, workspace: Workspace) -> Step:
    """Gather blocks back from the batch, then crop."""
    data, out = call.inputs[0].array, call.out.array
    blocks = call.inputs[1].value.integers()
    crops = pads_of(call.inputs[2].value, len(blocks), call.label)
    count, rest = math.prod(blocks), data.shape[1 + len(blocks) :]
    batch = data.shape[0] // count
    sizes = data.shape[1 : 1 + len(blocks)]
    whole = workspace.scratch((batch, *(s * b for s, b in zip(sizes, blocks, strict=True)), *rest), data.dtype)
    cut = [number for size, block in zip(sizes, blocks, strict=True) for number in (size, block)]
    target = whole.reshape(batch, *cut, *rest).transpose(_block_order(len(blocks), len(rest)))
    source = data.reshape(*blocks, batch, *sizes, *rest)
    middle = whole[(slice(None), *(slice(b, b + s) for (b, _), s in zip(crops, out.shape[1:], strict=False)))]

    def run() -> None:
        """Copy in the order of the blocks, then crop."""
        np.copyto(target, source)
        np.copyto(out, middle)

    return run


MOVES: Final[dict[Op, Any]] = {
    Op.PAD: bind_pad,
    Op.CONCATENATION: bind_concatenation,
    Op.PACK: bind_pack,
    Op.GATHER: bind_gather,
    Op.TILE: bind_tile,
    Op.FILL: bind_fill,
    Op.SPACE_TO_BATCH_ND: bind_space_to_batch,
    Op.BATCH_TO_SPACE_ND: bind_batch_to_space,
    **dict.fromkeys(VIEWS, bind_view),
}
