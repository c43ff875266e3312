"""Output shapes of arithmetic, reductions, pooling, convolution and matrix products."""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

import numpy as np

from .faults import require_graph, require_numbers
from .options import Padding
from .schema import DType
from .value import Inferred, Value, axis_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .options import Options
    from .schema import Shape

_IMAGE_RANK = 4


@dataclass(frozen=True, slots=True)
class Geometry:
    """How a window slides over height and width; each pair is (height, width)."""

    filters: tuple[int, int]
    strides: tuple[int, int]
    dilations: tuple[int, int]
    pads: tuple[tuple[int, int], tuple[int, int]]
    out: tuple[int, int]

    @property
    def taps(self) -> int:
        """Return the number of places a window reads."""
        return self.filters[0] * self.filters[1]


def same_as_input(inputs: Sequence[Value]) -> Inferred:
    """Return the input's own shape."""
    return Inferred((inputs[0].shape,), scratch=inputs[0].size)


def broadcast_shape(inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape two operands broadcast to."""
    try:
        shape = np.broadcast_shapes(inputs[0].shape, inputs[1].shape)
    except ValueError:
        shape = ()
    fits = bool(shape) or not (inputs[0].shape or inputs[1].shape)
    require_graph(fits, f"{label} cannot combine {inputs[0].shape} with {inputs[1].shape}")
    return Inferred((shape,), scratch=math.prod(shape))


def reduced_axes(inputs: Sequence[Value], label: str) -> tuple[int, ...]:
    """Return the axes a reduction runs over, sorted."""
    rank = len(inputs[0].shape)
    return tuple(sorted({axis_of(axis, rank, label) for axis in inputs[1].integers()}))


def reduced_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return the shape left by a reduction."""
    axes = reduced_axes(inputs, label)
    kept = [1 if axis in axes else size for axis, size in enumerate(inputs[0].shape)]
    if not options.keep_dims:
        kept = [size for axis, size in enumerate(inputs[0].shape) if axis not in axes]
    return Inferred((tuple(kept),), inputs[0].size, inputs[0].size)


def _window(size: int, filter_size: int, stride: int, dilation: int, padding: Padding) -> tuple[int, tuple[int, int]]:
    """Return how many windows fit along one dimension, and the padding before and after."""
    reach = (filter_size - 1) * dilation + 1
    if padding is Padding.VALID:
        return (size - reach) // stride + 1, (0, 0)
    count = -(-size // stride)
    missing = max((count - 1) * stride + reach - size, 0)
    # The odd one goes after: TensorFlow's SAME is not symmetric.
    return count, (missing // 2, missing - missing // 2)


def geometry(options: Options, image: Shape, filters: tuple[int, int], label: str) -> Geometry:
    """Return how a window of the filters' size slides over an image (batch, height, width, channels)."""
    require_graph(len(image) == _IMAGE_RANK, f"{label} needs 4 dimensions, not {image}")
    strides = (options.stride_height, options.stride_width)
    dilations = (options.dilation_height, options.dilation_width)
    sane = min(*strides, *dilations, *filters) >= 1 and max(*strides, *dilations, *filters) <= max(image)
    require_graph(sane, f"{label} has impossible strides {strides}, dilations {dilations} or filters {filters}")
    sizes, pads = zip(
        *(_window(*entry, options.padding) for entry in zip(image[1:3], filters, strides, dilations, strict=True)),
        strict=True,
    )
    return Geometry(filters, strides, dilations, (pads[0], pads[1]), (sizes[0], sizes[1]))


def _padded(image: Shape, shape: Geometry) -> int:
    """Return how many numbers the padded image holds."""
    height, width = (size + sum(pad) for size, pad in zip(image[1:3], shape.pads, strict=True))
    return image[0] * height * width * image[3]


def _check_channels(inputs: Sequence[Value | None], channels: int, axis: int, label: str) -> None:
    """Check that weights' scales run along the output channels and that the bias has one number each."""
    weights = next(value for value in inputs[1:2] if value is not None)
    if weights.quantization is not None and weights.quantization.scales.size > 1:
        require_numbers(weights.quantization.axis == axis, f"{label} needs its scales along dimension {axis}")
    bias = inputs[-1] if len(inputs) > 2 else None  # noqa: PLR2004 - data and weights come before the bias
    require_graph(bias is None or bias.shape == (channels,), f"{label} has {channels} channels but another bias")


def _product(shape: Geometry, batch: int, channels: int) -> Shape:
    """Return the shape a window makes of an image."""
    return (batch, *shape.out, channels)


def conv_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return a convolution's output shape."""
    image, filters = inputs[0].shape, inputs[1].shape
    require_graph(len(filters) == _IMAGE_RANK, f"{label} needs 4 weight dimensions, not {filters}")
    shape = geometry(options, image, (filters[1], filters[2]), label)
    require_graph(filters[3] == image[3], f"{label} has {image[3]} channels but weights for {filters[3]}")
    _check_channels(inputs, filters[0], 0, label)
    made = _product(shape, image[0], filters[0])
    columns = image[0] * math.prod(shape.out) * shape.taps * image[3]
    return Inferred((made,), columns * filters[0], columns + _padded(image, shape) + inputs[1].size)


def depthwise_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return a depthwise convolution's output shape."""
    image, filters = inputs[0].shape, inputs[1].shape
    require_graph(len(filters) == _IMAGE_RANK and filters[0] == 1, f"{label} has the impossible weights {filters}")
    shape = geometry(options, image, (filters[1], filters[2]), label)
    fits = options.depth_multiplier >= 1 and image[3] * options.depth_multiplier == filters[3]
    require_graph(fits, f"{label} makes {filters[3]} channels of {image[3]} by {options.depth_multiplier}")
    _check_channels(inputs, filters[3], 3, label)
    made = _product(shape, image[0], filters[3])
    size = math.prod(made)
    return Inferred((made,), size * shape.taps, 2 * size + _padded(image, shape) + inputs[1].size)


def transpose_conv_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return a transposed convolution's output shape: the one it is told, checked by going backwards."""
    target, filters, image = inputs[0].integers(_IMAGE_RANK), inputs[1].shape, inputs[2].shape
    require_graph(len(filters) == len(image) == _IMAGE_RANK, f"{label} needs 4 dimensions")
    require_graph(min(target) >= 1, f"{label} has the impossible target {target}")
    shape = geometry(options, target, (filters[1], filters[2]), label)
    fits = (target[0], *shape.out) == image[:3] and filters[3] == image[3] and filters[0] == target[3]
    require_graph(fits, f"{label} cannot make {target} of {image} with weights {filters}")
    _check_channels((inputs[2], *inputs[1:2], *inputs[3:]), filters[0], 0, label)
    products = math.prod(image[:3]) * shape.taps * filters[0]
    return Inferred((target,), products * image[3], products + _padded(target, shape) + inputs[1].size)


def pool_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return a pooling's output shape."""
    image = inputs[0].shape
    shape = geometry(options, image, (options.filter_height, options.filter_width), label)
    made = _product(shape, image[0], image[3])
    return Inferred((made,), math.prod(made) * shape.taps, 2 * math.prod(made) + _padded(image, shape))


def dense_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return a fully connected layer's output shape."""
    require_graph(options.weights_format == 0, f"{label} has shuffled weights, which are not supported")
    data, weights = inputs[0], inputs[1].shape
    fits = len(weights) == 2 and bool(data.shape) and data.size % weights[1] == 0  # noqa: PLR2004 - a matrix
    require_graph(fits, f"{label} cannot multiply {data.shape} with weights {weights}")
    _check_channels(inputs, weights[0], 0, label)
    rows = data.size // weights[1]
    kept = (*data.shape[:-1], weights[0])
    require_graph(
        not options.keep_dims or data.shape[-1] == weights[1], f"{label} cannot multiply {data.shape} with {weights}"
    )
    made = kept if options.keep_dims else (rows, weights[0])
    return Inferred((made,), rows * math.prod(weights), rows * sum(weights) + math.prod(weights))


def matmul_shape(options: Options, inputs: Sequence[Value], label: str) -> Inferred:
    """Return a batched matrix product's output shape."""
    left, right = inputs[0].shape, inputs[1].shape
    require_graph(min(len(left), len(right)) >= 2, f"{label} cannot multiply {left} with {right}")  # noqa: PLR2004
    rows, inner = left[-2:] if not options.adjoint_left else left[:-3:-1]
    other, columns = right[-2:] if not options.adjoint_right else right[:-3:-1]
    require_graph(inner == other, f"{label} cannot multiply {left} with {right}")
    batch = broadcast_shape(
        [Value("", left[:-2], DType.FLOAT32, None), Value("", right[:-2], DType.FLOAT32, None)], label
    ).shapes[0]
    made = (*batch, rows, columns)
    size = math.prod(made)
    return Inferred((made,), size * inner, inputs[0].size + inputs[1].size + 2 * size)
