"""The way from exact integer sums to int8: the roundings LiteRT's default backend and the format's own kernels make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
import math
from typing import TYPE_CHECKING, Final

import numpy as np

from ..quantize import INT8_MAX, INT8_MIN
from .calls import FLOAT, Operand, scalar
from .options import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .calls import Step, Workspace
    from .schema import Array, Quantization

# float32 holds every whole number up to here; a product of two int8 less their zero points is at most 255 * 127.
_EXACT: Final = 1 << 24
_LARGEST_PRODUCT: Final = 255 * 128
_BOUNDS: Final[dict[Activation, tuple[float, float]]] = {
    Activation.NONE: (-math.inf, math.inf),
    Activation.RELU: (0, math.inf),
    Activation.RELU_N1_TO_1: (-1, 1),
    Activation.RELU6: (0, 6),
    Activation.TANH: (-1, 1),
}


def exact_float(depth: int, bias: Array | None) -> bool:
    """Tell whether a sum of so many products, and its bias, is exact in float32."""
    largest = 0 if bias is None else int(np.abs(bias.astype(np.int64)).max())
    return depth * _LARGEST_PRODUCT + largest < _EXACT


def bounds(activation: Activation, quant: Quantization) -> tuple[int, int]:
    """Return the smallest and the largest int8 a fused activation lets through."""
    low, high = (
        limit if math.isinf(limit) else float(np.rint(np.float32(limit) / quant.scale)) + quant.zero_point
        for limit in _BOUNDS[activation]
    )
    return int(max(low, INT8_MIN)), int(min(high, INT8_MAX))


def clip_steps(activation: Activation, quant: Quantization, out: Array) -> list[Step]:
    """Return the step that applies an activation to numbers that are already quantised."""
    if activation is Activation.NONE:
        return []
    low, high = bounds(activation, quant)
    target = out
    return [partial(np.clip, target, np.int8(low), np.int8(high), target)]


def _fixed_point(scale: float) -> tuple[int, int]:
    """Return a scale as a 31-bit integer and the shift that goes with it."""
    fraction, exponent = math.frexp(scale)
    whole = round(fraction * (1 << 31))
    return (whole // 2, exponent + 1) if whole == 1 << 31 else (whole, exponent)


def double_rounding(sums: NDArray[np.int64], scales: NDArray[np.float64]) -> NDArray[np.int64]:
    """Multiply by scales along the last axis as the format's own kernels do: round at 31 bits, then at the shift."""
    parts = [_fixed_point(float(scale)) for scale in scales]
    whole = np.array([part[0] for part in parts], np.int64)
    shift = np.array([part[1] for part in parts], np.int64)
    raised = sums << np.maximum(shift, 0)
    product = raised * whole
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    # Truncating division, where a shift would round down.
    total = product + nudge
    high = np.where(total >= 0, total >> 31, -((-total) >> 31))
    right = np.maximum(-shift, 0)
    mask = (np.int64(1) << right) - 1
    threshold = (mask >> 1) + (high < 0)
    rounded: NDArray[np.int64] = (high >> right) + ((high & mask) > threshold)
    return rounded


@dataclass(frozen=True, slots=True, eq=False)
class Requantizer:
    """The way from exact sums to int8."""

    scales: NDArray[np.float64]
    bias: Array | None
    zero_point: int
    low: int
    high: int
    twice: bool = False
    # Added after scaling, before rounding.
    offset: float = 0.0

    def steps(self, sums: Array, out: Array, workspace: Workspace) -> list[Step]:
        """Return the steps that turn sums (which they may overwrite) into int8."""
        steps: list[Step] = []
        if self.bias is not None:
            steps.append(partial(np.add, sums, self.bias.astype(sums.dtype), sums))
        if self.twice:
            return [*steps, partial(self._round_twice, sums, out)]
        work = sums
        if sums.dtype != FLOAT:
            work = workspace.scratch(sums.shape, FLOAT)
            steps.append(partial(np.copyto, work, sums, casting="same_kind"))
        return steps + self._scaling(work, out)

    def _scaling(self, work: Array, out: Array) -> list[Step]:
        """Return the steps that scale in float32, round half to even and clip."""
        scales = self.scales.astype(np.float32)
        shift = [partial(np.add, work, scalar(self.offset), work)] if self.offset else []
        return [
            partial(np.multiply, work, scales if scales.size > 1 else scalar(float(scales[0])), work),
            *shift,
            partial(np.rint, work, work),
            partial(np.add, work, scalar(self.zero_point), work),
            partial(np.maximum, work, scalar(self.low), out=work),
            partial(np.minimum, work, scalar(self.high), out=work),
            partial(np.copyto, out, work, casting="unsafe"),
        ]

    def _round_twice(self, sums: Array, out: Array) -> None:
        """Scale in integers with two roundings, clip."""
        rounded = double_rounding(sums.astype(np.int64), self.scales) + self.zero_point
        np.copyto(out, np.clip(rounded, self.low, self.high), casting="unsafe")


def conv_requantizer(
    image: Operand, weights: Operand, bias: Operand | None, out: Operand, activation: Activation, *, twice: bool = False
) -> Requantizer:
    """Return the rounding after a product with weights that may have one scale per channel."""
    scales = weights.quant.scales
    if twice:
        ratio = np.float64(image.quant.scale) * scales.astype(np.float64) / np.float64(out.quant.scale)
    else:
        # In float32 and in this order: it is how the default backend arrives at its scale.
        ratio = (image.quant.scale * scales / out.quant.scale).astype(np.float64)
    low, high = bounds(activation, out.quant)
    values = None if bias is None else bias.array
    return Requantizer(ratio, values, out.quant.zero_point, low, high, twice)
