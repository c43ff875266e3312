"""Pooling kernels, for real and for quantised numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..quantize import INT8_MIN
from .calls import FLOAT, chain
from .opcodes import Op
from .ops_conv import interior, padded_shape, windows
from .ops_math import activation_steps
from .requantize import clip_steps
from .shapes_math import geometry

if TYPE_CHECKING:
    from .calls import Call, Step, Workspace
    from .schema import Array
    from .shapes_math import Geometry


def _geometry(call: Call) -> Geometry:
    """Return how the window slides."""
    options = call.options
    return geometry(options, call.inputs[0].array.shape, (options.filter_height, options.filter_width), call.label)


def _reduce(view: Array, shape: Geometry, out: Array, combine: np.ufunc) -> None:
    """Combine the window's places one after the other: long rows are faster than short windows."""
    np.copyto(out, view[:, :, :, 0, 0])
    for i, j in np.ndindex(shape.filters):
        if (i, j) != (0, 0):
            combine(out, view[:, :, :, i, j], out=out)


def _window_view(
    call: Call, shape: Geometry, workspace: Workspace, kind: np.dtype[np.generic], fill: float
) -> tuple[Array, Array, Array]:
    """Return the windows over the padded image, the middle of it, and the image."""
    image = call.inputs[0].array
    padded = workspace.kept(padded_shape(shape, image.shape), kind, fill)
    return windows(padded, shape), interior(padded, shape, image.shape), image


def _finish(call: Call, out: Array) -> list[Step]:
    """Return the steps of the fused activation."""
    if call.out.is_int8:
        return clip_steps(call.options.activation, call.out.quant, out)
    return activation_steps(call.options.activation, out)


def bind_max(call: Call, workspace: Workspace) -> Step:
    """Bind maximum pooling."""
    shape = _geometry(call)
    lowest = INT8_MIN if call.out.is_int8 else -np.inf
    view, middle, image = _window_view(call, shape, workspace, call.out.array.dtype, lowest)

    def run() -> None:
        """Copy the image in, then take the largest of each window."""
        np.copyto(middle, image)
        _reduce(view, shape, call.out.array, np.maximum)

    return chain(run, *_finish(call, call.out.array))


def _counts(call: Call, shape: Geometry) -> Array:
    """Return how many places of each window lie on the image, since padding is not averaged."""
    image = call.inputs[0].array
    ones = np.zeros(padded_shape(shape, (1, *image.shape[1:3], 1)), np.float32)
    interior(ones, shape, image.shape)[:] = 1
    counts: Array = windows(ones, shape).sum((3, 4))
    return counts


def bind_average(call: Call, workspace: Workspace) -> Step:
    """Bind average pooling."""
    shape = _geometry(call)
    view, middle, image = _window_view(call, shape, workspace, FLOAT, 0)
    counts = _counts(call, shape)
    out = call.out.array
    sums = workspace.scratch(out.shape, FLOAT)

    def run() -> None:
        """Copy the image in, add each window up, and divide."""
        np.copyto(middle, image)
        _reduce(view, shape, sums, np.add)
        np.divide(sums, counts, sums)

    def round_away() -> None:
        """Round halves away from zero, as the format's integer division does."""
        np.copyto(out, np.trunc(sums + np.copysign(np.float32(0.5), sums)), casting="unsafe")

    if call.out.is_int8:
        return chain(run, round_away, *_finish(call, out))
    return chain(run, lambda: np.copyto(out, sums), *_finish(call, out))


POOLS: Final[dict[Op, Any]] = {Op.MAX_POOL_2D: bind_max, Op.AVERAGE_POOL_2D: bind_average}
