"""The only float <-> int8 conversion: real = scale * (stored - zero point)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

INT8_MIN: Final = -128
INT8_MAX: Final = 127


def quantize(values: NDArray[np.float32], scale: float, zero_point: int) -> NDArray[np.int8]:
    """Return the stored numbers of real values: divided by the scale, rounded half to even, clipped to int8."""
    stored = np.rint(values / np.float32(scale)) + np.float32(zero_point)
    kept: NDArray[np.int8] = np.clip(stored, INT8_MIN, INT8_MAX).astype(np.int8)
    return kept


def dequantize(stored: NDArray[np.int8], scale: float, zero_point: int) -> NDArray[np.float32]:
    """Return the real values of stored numbers."""
    return (stored.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)


def dequantize_weights(
    stored: NDArray[np.int8], scales: NDArray[np.float32], zero_points: NDArray[np.int64], axis: int
) -> NDArray[np.float32]:
    """Return the real values of weights that have one scale each along `axis`, or one for all."""
    if scales.size == 1:
        return dequantize(stored, float(scales[0]), int(zero_points[0]))
    shape = [1] * stored.ndim
    shape[axis] = scales.size
    zeros = zero_points.astype(np.float32).reshape(shape)
    return (stored.astype(np.float32) - zeros) * scales.reshape(shape)
