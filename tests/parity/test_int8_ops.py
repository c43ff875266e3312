"""int8 operators one at a time against LiteRT, over all their inputs and scales the fixture networks do not have."""

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.backends import BackendKind, available, load
from custom_components.inkling.core.backends.opcodes import Op
from tests.core.backends.writer import INT8, M, Scalar, T, ints, live, one

pytestmark = pytest.mark.skipif(
    not available(BackendKind.LITERT), reason="no LiteRT runtime is installed here (ai-edge-litert)"
)
PAIRS = 4000
SCALES = [(0.1, 0.03, 0.12), (0.001, 1.0, 1.2), (0.1, 0.1, 0.1), (5.0, 0.0001, 0.2)]


def quantized(*shape: int, scale: float, zero: int = 0) -> T:
    """Return an int8 tensor with a batch."""
    return live(*shape, dtype=INT8, scales=(scale,), zeros=(zero,))


def largest_difference(model: M, *inputs: NDArray[np.float32]) -> float:
    """Return how many steps the two backends are apart at most."""
    portable, oracle = (load(model.bytes(), kind).run(*inputs)[0] for kind in BackendKind)
    scales = model.tensors[model.outputs[0]].scales
    return float(np.abs(np.rint((portable - oracle) / np.float32(scales[0]))).max())


def every_byte(scale: float, zero: int) -> NDArray[np.float32]:
    """Return what each of the 256 bytes stands for."""
    return ((np.arange(-128, 128) - zero) * scale).astype(np.float32)[None]


@pytest.mark.parametrize(("near", "far"), [(0.1, 0.25), (0.25, 0.1), (0.1, 0.1003), (0.037, 0.0211)])
def test_from_one_scale_to_another(near: float, far: float) -> None:
    """Answer every byte alike when only the scale changes."""
    model = one(Op.QUANTIZE, [quantized(256, scale=near, zero=3)], quantized(256, scale=far, zero=-7), version=2)
    assert largest_difference(model, every_byte(near, 3)) == 0


@pytest.mark.parametrize(
    "op", [Op.RELU, Op.RELU6, Op.ABS, Op.EXP, Op.GELU, Op.SQRT, Op.RSQRT, Op.LOGISTIC, Op.TANH, Op.HARD_SWISH], ids=str
)
def test_functions_of_one_number(op: Op) -> None:
    """Answer every byte alike; HARD_SWISH in fixed point may be a step away."""
    zero = -128 if op in {Op.SQRT, Op.RSQRT} else 5
    scale, centre = {Op.LOGISTIC: (1 / 256, -128), Op.TANH: (1 / 128, 0)}.get(op, (0.04, -20))
    union, options = (116, {0: Scalar("?", 0)}) if op is Op.GELU else (0, {})
    out = quantized(256, scale=scale, zero=centre)
    model = one(op, [quantized(256, scale=0.03, zero=zero)], out, union=union, options=options)
    assert largest_difference(model, every_byte(0.03, zero)) <= (op is Op.HARD_SWISH)


@pytest.mark.parametrize("slope", [0.1, 0.3, 1.0])
def test_leaky_relu(slope: float) -> None:
    """Answer every byte alike on both sides of the bend."""
    out = quantized(256, scale=0.05, zero=-40)
    data = quantized(256, scale=0.03, zero=6)
    model = one(Op.LEAKY_RELU, [data], out, union=75, options={0: Scalar("f", slope)}, version=2)
    assert largest_difference(model, every_byte(0.03, 6)) == 0


@pytest.mark.parametrize("scales", SCALES)
@pytest.mark.parametrize(("op", "union"), [(Op.ADD, 11), (Op.SUB, 28), (Op.MUL, 21), (Op.SQUARED_DIFFERENCE, 0)])
def test_functions_of_two_numbers(op: Op, union: int, scales: tuple[float, float, float]) -> None:
    """Answer pairs alike, of scales that are near and of scales that are far apart."""
    generator = np.random.default_rng(union)
    first, second = ((generator.integers(-128, 128, (1, PAIRS)) * s).astype(np.float32) for s in scales[:2])
    data = [quantized(PAIRS, scale=scale) for scale in scales[:2]]
    model = one(op, data, quantized(PAIRS, scale=scales[2], zero=3), union=union, version=2)
    assert largest_difference(model, first, second) == 0


@pytest.mark.parametrize("op", [Op.MEAN, Op.SUM])
def test_reductions(op: Op) -> None:
    """Average and add up alike, near halves too."""
    values = (np.random.default_rng(7).integers(-128, 128, (300, 7, 9)) * 0.1).astype(np.float32)
    data, out = quantized(7, 9, scale=0.1, zero=2), quantized(9, scale=0.07, zero=1)
    model = one(op, [data, ints(1)], out, union=27, version=2)
    assert largest_difference(model, values) == 0


@pytest.mark.parametrize("padding", [0, 1])
def test_average_pool(padding: int) -> None:
    """Average windows alike, over the edge too."""
    options = {0: Scalar("b", padding)} | {slot: Scalar("i", 2 if slot < 3 else 3) for slot in (1, 2, 3, 4)}
    size = (3, 3, 3) if padding == 0 else (2, 2, 3)
    data, out = quantized(5, 6, 3, scale=0.03, zero=7), quantized(*size, scale=0.03, zero=7)
    model = one(Op.AVERAGE_POOL_2D, [data], out, union=5, options=options, version=2)
    assert largest_difference(model, np.random.default_rng(8).normal(0, 1, (200, 5, 6, 3)).astype(np.float32)) == 0


def test_softmax() -> None:
    """Share out alike."""
    data, out = quantized(9, scale=0.03, zero=4), quantized(9, scale=1 / 256, zero=-128)
    model = one(Op.SOFTMAX, [data], out, union=9, options={0: Scalar("f", 1)}, version=2)
    assert largest_difference(model, np.random.default_rng(9).normal(0, 1, (400, 9)).astype(np.float32)) == 0
