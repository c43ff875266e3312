"""The one way between real numbers and int8."""

import numpy as np
from numpy.testing import assert_array_equal

from custom_components.inkling.core.quantize import dequantize, dequantize_weights, quantize


def test_halves_go_to_the_even_step() -> None:
    """Round half to even, as LiteRT's default backend does."""
    values = np.array([0.5, 1.5, 2.5, -0.5, -1.5], np.float32)
    assert_array_equal(quantize(values, 1.0, 0), [0, 2, 2, 0, -2])


def test_clips_to_int8() -> None:
    """Keep what is too large at the ends."""
    values = np.array([1e9, -1e9, 127, -129], np.float32)
    assert_array_equal(quantize(values, 1.0, 0), [127, -128, 127, -128])


def test_zero_is_exact() -> None:
    """Store zero as the zero point, and read it back as zero."""
    for zero_point in (-128, -3, 0, 127):
        stored = quantize(np.zeros(1, np.float32), 0.037, zero_point)
        assert stored.dtype == np.int8
        assert stored[0] == zero_point
        assert dequantize(stored, 0.037, zero_point)[0] == 0


def test_round_trip_is_within_half_a_step() -> None:
    """Lose at most half a step inside the range."""
    values = np.linspace(-4, 4, 1001, dtype=np.float32)
    back = dequantize(quantize(values, 0.04, 10), 0.04, 10)
    assert back.dtype == np.float32
    assert np.abs(back - values)[np.abs(values) < 4.6].max() <= 0.0201


def test_every_stored_number_survives() -> None:
    """Give back each of the 256 stored numbers unchanged."""
    stored = np.arange(-128, 128).astype(np.int8)
    assert_array_equal(quantize(dequantize(stored, 0.013, -7), 0.013, -7), stored)


def test_weights_by_channel() -> None:
    """Scale each channel of weights by its own number."""
    stored = np.array([[1, 2], [3, 4]], np.int8)
    scales, zeros = np.array([0.5, 2], np.float32), np.array([0, 1])
    assert_array_equal(dequantize_weights(stored, scales, zeros, 0), [[0.5, 1], [4, 6]])
    assert_array_equal(dequantize_weights(stored, scales, zeros, 1), [[0.5, 2], [1.5, 6]])


def test_weights_by_tensor() -> None:
    """Scale all weights by the one number there is."""
    stored = np.array([[1, 2], [3, 4]], np.int8)
    one, zero = np.array([0.5], np.float32), np.array([1])
    assert_array_equal(dequantize_weights(stored, one, zero, 0), [[0, 0.5], [1, 1.5]])
