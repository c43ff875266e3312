"""Convolution kernels: windows over a padded image, one matrix product, then bias and activation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .calls import DOUBLE, FLOAT, Operand, chain, scalar
from .opcodes import Op
from .ops_math import activation_steps
from .product import product
from .requantize import Requantizer, conv_requantizer, exact_float
from .shapes_math import Geometry, geometry

if TYPE_CHECKING:
    from .calls import Call, Step, Workspace
    from .options import Activation
    from .schema import Array


@dataclass(frozen=True, slots=True, eq=False)
class Conv:
    """A convolution ready to bind: a plain operator's, or several operators' fused into one."""

    op: Op
    image: Operand
    weights: Operand
    bias: Operand | None
    out: Operand
    geometry: Geometry
    activation: Activation
    multiplier: int = 1
    # A fused ADD's operand; float only, since in int8 it is a rounding of its own.
    extra_bias: Array | None = None
    # The image with its padding around it, when the step before already writes into the middle of it.
    padded: Array | None = None


def conv_of(call: Call) -> Conv:
    """Return a plain convolution operator's description."""
    image, weights = call.inputs[0], call.inputs[1]
    filters = weights.array.shape
    shape = geometry(call.options, image.array.shape, (filters[1], filters[2]), call.label)
    bias = call.inputs[2] if len(call.inputs) > 2 else None  # noqa: PLR2004 - data and weights come before the bias
    return Conv(call.op, image, weights, bias, call.out, shape, call.options.activation, call.options.depth_multiplier)


def interior(padded: Array, shape: Geometry, image: tuple[int, ...]) -> Array:
    """Return the part of a padded image that holds the image."""
    (top, _), (left, _) = shape.pads
    return padded[:, top : top + image[1], left : left + image[2]]


def padded_shape(shape: Geometry, image: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return the shape of an image with its padding."""
    height, width = (size + sum(pad) for size, pad in zip(image[1:3], shape.pads, strict=True))
    return image[0], height, width, image[3]


def windows(padded: Array, shape: Geometry) -> Array:
    """Return a view (batch, out height, out width, filter height, filter width, channels) that copies nothing."""
    batch, row, column, channel = padded.strides
    strides = (
        batch,
        row * shape.strides[0],
        column * shape.strides[1],
        row * shape.dilations[0],
        column * shape.dilations[1],
        channel,
    )
    sizes = (padded.shape[0], *shape.out, *shape.filters, padded.shape[3])
    return as_strided(padded, sizes, strides)


def _source(conv: Conv, workspace: Workspace, kind: np.dtype[np.generic]) -> tuple[list[Step], Array]:
    """Return the steps that bring the image into a padded array of the working type, and that array."""
    if conv.padded is not None:
        return [], conv.padded
    image = conv.image.array
    padding = any(sum(pad) for pad in conv.geometry.pads)
    if not padding and not conv.image.is_int8:
        return [], image
    size = padded_shape(conv.geometry, image.shape)
    padded = workspace.kept(size, kind, 0) if padding else workspace.scratch(size, kind)
    middle = interior(padded, conv.geometry, image.shape)
    if not conv.image.is_int8:
        return [partial(np.copyto, middle, image)], padded
    # Less the zero point, so that padding is an honest zero.
    zero = scalar(conv.image.quant.zero_point)
    return [partial(np.subtract, image, zero, middle, dtype=kind)], padded


def _columns(padded: Array, conv: Conv, workspace: Workspace) -> tuple[list[Step], Array]:
    """Return the step that lays every window out as a row, and those rows."""
    view = windows(padded, conv.geometry)
    depth = conv.geometry.taps * padded.shape[3]
    if conv.geometry.taps == 1 and conv.geometry.strides == (1, 1) and padded.flags.c_contiguous:
        return [], padded.reshape(padded.shape[0], -1, depth)
    rows = workspace.scratch(view.shape, padded.dtype)
    return [partial(np.copyto, rows, view)], rows.reshape(padded.shape[0], -1, depth)


def _flat_rows(array: Array) -> Array:
    """Return (batch, height, width, channels) as (batch, rows, channels), or (rows, channels) where memory allows."""
    if array.flags.c_contiguous:
        return array.reshape(-1, array.shape[3])
    return array[:, 0] if array.shape[1] == 1 else array


def _finish_float(conv: Conv, out: Array, terms: list[Array]) -> list[Step]:
    """Return the steps that add the biases and apply the activation."""
    target = out
    steps: list[Step] = []
    if terms:
        total = np.sum(terms, 0, dtype=np.float32)
        if total.any():
            steps.append(partial(np.add, target, total, target))
    return steps + activation_steps(conv.activation, out)


def _biases(conv: Conv) -> list[Array]:
    """Return the float biases there are."""
    found = [] if conv.bias is None else [conv.bias.array]
    return found if conv.extra_bias is None else [*found, conv.extra_bias]


def _working(conv: Conv, depth: int) -> np.dtype[np.generic]:
    """Return the type sums are exact in: float32 for real numbers, and for int8 while they fit its mantissa."""
    if not conv.image.is_int8:
        return FLOAT
    return FLOAT if exact_float(depth, None if conv.bias is None else conv.bias.array) else DOUBLE


def _requantizer(conv: Conv) -> Requantizer:
    """Return the rounding from sums to the output's int8."""
    return conv_requantizer(conv.image, conv.weights, conv.bias, conv.out, conv.activation)


def _bind_dense_conv(conv: Conv, workspace: Workspace) -> Step:
    """Bind a convolution that mixes channels."""
    weights = conv.weights.array
    channels = weights.shape[0]
    depth = weights[0].size
    kind = _working(conv, depth)
    matrix = np.ascontiguousarray(weights.reshape(channels, depth).T.astype(kind))
    load, padded = _source(conv, workspace, kind)
    lay, rows = _columns(padded, conv, workspace)
    if not conv.image.is_int8:
        out = _flat_rows(conv.out.array)
        left = rows.reshape(-1, depth) if out.ndim == 2 else rows  # noqa: PLR2004 - a matrix
        if out.ndim == 4:  # noqa: PLR2004 - an image whose rows cannot be joined
            left = rows.reshape(*out.shape[:3], depth)
        return chain(*load, *lay, product(left, matrix, out), *_finish_float(conv, out, _biases(conv)))
    sums = workspace.scratch((rows.size // depth, channels), kind)
    multiply = product(rows.reshape(-1, depth), matrix, sums)
    return chain(*load, *lay, multiply, *_requantizer(conv).steps(sums, conv.out.array.reshape(sums.shape), workspace))


def _bind_depthwise(conv: Conv, workspace: Workspace) -> Step:
    """Bind a convolution that keeps channels apart: one multiply-add for each place of the window."""
    weights = conv.weights.array
    kind = _working(conv, conv.geometry.taps)
    load, padded = _source(conv, workspace, kind)
    view = windows(padded, conv.geometry)
    channels = padded.shape[3]
    taps = weights.astype(kind).reshape(*conv.geometry.filters, channels, conv.multiplier)
    size = (*view.shape[:3], channels, conv.multiplier)
    sums = workspace.scratch(size, kind)
    term = workspace.scratch(size, kind)

    def multiply() -> None:
        """Add up the window's places."""
        first = True
        for i, j in np.ndindex(conv.geometry.filters):
            np.multiply(view[:, :, :, i, j, :, None], taps[i, j], sums if first else term)
            if not first:
                np.add(sums, term, sums)
            first = False

    flat = sums.reshape(*size[:3], -1)
    if conv.image.is_int8:
        target = conv.out.array.reshape(flat.shape)
        return chain(*load, multiply, *_requantizer(conv).steps(flat, target, workspace))
    finish = _finish_float(conv, flat, _biases(conv))
    return chain(*load, multiply, *finish, partial(np.copyto, conv.out.array, flat))


def bind_conv(conv: Conv, workspace: Workspace) -> Step:
    """Bind a convolution of either kind."""
    bind = _bind_depthwise if conv.op is Op.DEPTHWISE_CONV_2D else _bind_dense_conv
    return bind(conv, workspace)


def bind_conv_call(call: Call, workspace: Workspace) -> Step:
    """Bind a plain convolution operator."""
    return bind_conv(conv_of(call), workspace)


def bind_transpose_conv(call: Call, workspace: Workspace) -> Step:
    """Bind a transposed convolution: one matrix product, then every product added where it falls."""
    weights, image, out = call.inputs[1], call.inputs[2], call.out
    bias = call.inputs[3] if len(call.inputs) > 3 else None  # noqa: PLR2004 - shape, weights, data come first
    filters = weights.array
    shape = geometry(call.options, out.array.shape, filters.shape[1:3], call.label)
    conv = Conv(call.op, image, weights, bias, out, shape, call.options.activation)
    kind = _working(conv, shape.taps * filters.shape[3])
    matrix = np.ascontiguousarray(filters.transpose(3, 1, 2, 0).reshape(filters.shape[3], -1).astype(kind))
    rows = workspace.scratch((image.array.size // filters.shape[3], filters.shape[3]), kind)
    products = workspace.scratch((*image.array.shape[:3], *shape.filters, filters.shape[0]), kind)
    multiply = product(rows, matrix, products.reshape(len(rows), -1))
    grown = workspace.scratch(padded_shape(shape, out.array.shape), kind)
    kept = interior(grown, shape, out.array.shape)
    zero = scalar(image.quant.zero_point if image.is_int8 else 0)
    height, width = image.array.shape[1:3]

    def run() -> None:
        """Multiply, then add each place of the window onto the grown image."""
        np.subtract(image.array.reshape(rows.shape), zero, rows, dtype=kind)
        multiply()
        grown.fill(0)
        for i, j in np.ndindex(shape.filters):
            down = slice(i, i + (height - 1) * shape.strides[0] + 1, shape.strides[0])
            along = slice(j, j + (width - 1) * shape.strides[1] + 1, shape.strides[1])
            grown[:, down, along] += products[:, :, :, i, j]

    if image.is_int8:
        sums = workspace.scratch(out.array.shape, kind)
        finish = conv_requantizer(image, weights, bias, out, conv.activation, twice=True)
        return chain(run, partial(np.copyto, sums, kept), *finish.steps(sums, out.array, workspace))
    return chain(run, partial(np.copyto, out.array, kept), *_finish_float(conv, out.array, _biases(conv)))


CONVOLUTIONS: Final[dict[Op, Any]] = {
    Op.CONV_2D: bind_conv_call,
    Op.DEPTHWISE_CONV_2D: bind_conv_call,
    Op.TRANSPOSE_CONV: bind_transpose_conv,
}
