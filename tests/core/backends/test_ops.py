"""Operators one at a time against plain NumPy: what the fixture networks do not reach, and what fusing hides."""

from dataclasses import replace
import math

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.backends import ModelRefusedError, load
from custom_components.inkling.core.backends.opcodes import Op
from tests.core.backends.writer import INT8, INT32, M, O, Scalar, T, Vector, ints, live, one

Real = NDArray[np.float32]
SHAPE = (3, 4, 2)
VALUES = np.random.default_rng(5).normal(0, 2, (2, *SHAPE)).astype(np.float32)


def run(model: M, *inputs: Real) -> Real:
    """Return a one-output model's answer."""
    (answer,) = load(model.bytes()).run(*inputs)
    return answer


def apply(op: Op, out: tuple[int, ...], *constants: T, **changes: object) -> Real:
    """Return what an operator makes of VALUES and constants."""
    return run(one(op, [live(*SHAPE), *constants], live(*out), **changes), VALUES)


def integer(value: int) -> Scalar:
    """Return an int32 option."""
    return Scalar("i", value)


def test_pad() -> None:
    """Surround by zeros in any dimension but the batch, channels too."""
    pads = T((4, 2), INT32, [0, 0, 1, 2, 0, 1, 3, 0])
    assert_array_equal(apply(Op.PAD, (6, 5, 5), pads), np.pad(VALUES, ((0, 0), (1, 2), (0, 1), (3, 0))))


def test_int8_pads_with_the_zero_point() -> None:
    """Surround int8 by what stands for zero."""
    image = replace(live(3, dtype=INT8, scales=(0.5,)), zeros=(7,))
    padded = replace(live(5, dtype=INT8, scales=(0.5,)), zeros=(7,))
    answer = run(one(Op.PAD, [image, T((2, 2), INT32, [0, 0, 1, 1])], padded), np.ones((1, 3), np.float32))
    assert answer.tolist() == [[0, 1, 1, 1, 0]]


def test_space_to_batch_and_back() -> None:
    """Spread blocks over the batch as TensorFlow documents it, and gather them back."""
    blocks, pads = ints(2, 2), T((2, 2), INT32, [1, 0, 0, 2])
    middle = T((4, 2, 3, 2), signature=(-1, 2, 3, 2))
    crops = T((2, 2), INT32, [1, 0, 0, 2])
    model = M(
        (live(*SHAPE), blocks, pads, middle, crops, live(*SHAPE), live(2, 3, 2)),
        (O(Op.SPACE_TO_BATCH_ND, (0, 1, 2), (3,)), O(Op.BATCH_TO_SPACE_ND, (3, 1, 4), (5,))),
        (0,),
        (5,),
    )
    assert_array_equal(run(model, VALUES), VALUES)


def test_space_to_batch_order() -> None:
    """Put the blocks before the batch: entry 1 of a block of two is the odd steps."""
    sequence = T((1, 4, 1), data=np.arange(4))
    model = M(
        (live(4), sequence, ints(2), T((1, 2), INT32, [0, 0]), T((2, 2, 1)), ints(1, 4), T((1, 4)), live(4)),
        (O(Op.SPACE_TO_BATCH_ND, (1, 2, 3), (4,)), O(Op.RESHAPE, (4, 5), (6,)), O(Op.ADD, (0, 6), (7,), union=11)),
        (0,),
        (7,),
    )
    assert run(model, np.zeros((1, 4), np.float32)).tolist() == [[0, 2, 1, 3]]


def test_batch_to_space_crops() -> None:
    """Cut the crops off after gathering."""
    folded = T((2, 2, 1), data=[0, 1, 2, 3])
    model = M(
        (live(3), folded, ints(2), T((1, 2), INT32, [1, 0]), T((1, 3, 1)), ints(1, 3), T((1, 3)), live(3)),
        (O(Op.BATCH_TO_SPACE_ND, (1, 2, 3), (4,)), O(Op.RESHAPE, (4, 5), (6,)), O(Op.ADD, (0, 6), (7,), union=11)),
        (0,),
        (7,),
    )
    assert run(model, np.zeros((1, 3), np.float32)).tolist() == [[2, 1, 3]]


def test_slice() -> None:
    """Cut by begin and size, where -1 reaches to the end."""
    answer = apply(Op.SLICE, (2, 3, 2), ints(0, 1, 0, 0), ints(-1, 2, 3, -1))
    assert_array_equal(answer, VALUES[:, 1:3, :3])


def test_strided_slice() -> None:
    """Cut by begin, end and stride, with masks and a dropped dimension."""
    changes = {0: integer(0b0001), 1: integer(0b0011), 4: integer(0b1000)}
    answer = apply(
        Op.STRIDED_SLICE,
        (1, 2),
        ints(5, -2, 3, 1),
        ints(0, 0, 0, 0),
        ints(1, 3, -2, 1),
        options=changes,
        union=32,
    )
    assert_array_equal(answer, VALUES[:, -2::3, 3:0:-2, 1])


def test_squeeze() -> None:
    """Drop the named dimensions of one, or all."""
    for options in ({0: Vector("i", [2])}, {0: Vector("i", [-2])}):
        model = one(Op.SQUEEZE, [live(3, 1, 2)], live(3, 2), options=options, union=30)
        assert_array_equal(run(model, VALUES[:, :, :1]), VALUES[:, :, 0])


def test_squeeze_of_everything() -> None:
    """Drop every dimension of one where none is named."""
    model = M(
        (live(2), T((1, 1), data=[4]), T(()), live(2)),
        (O(Op.SQUEEZE, (1,), (2,), {}, 30), O(Op.MUL, (0, 2), (3,), union=21)),
        (0,),
        (3,),
    )
    assert run(model, np.ones((1, 2), np.float32)).tolist() == [[4, 4]]


def test_reshape_by_option() -> None:
    """Take the target from the options where there is no input for it."""
    model = one(Op.RESHAPE, [live(*SHAPE)], live(24), options={0: Vector("i", [-1, 24])}, union=17)
    assert_array_equal(run(model, VALUES), VALUES.reshape(2, 24))


def test_reshape_of_what_lies_scattered() -> None:
    """Copy where a reshape of a transposed array cannot be a view."""
    model = M(
        (live(*SHAPE), ints(0, 3, 2, 1), live(2, 4, 3), ints(-1, 24), live(24)),
        (O(Op.TRANSPOSE, (0, 1), (2,)), O(Op.RESHAPE, (2, 3), (4,))),
        (0,),
        (4,),
    )
    assert_array_equal(run(model, VALUES), VALUES.transpose(0, 3, 2, 1).reshape(2, 24))


def test_pack_and_gather() -> None:
    """Stack along a new axis and pick entries, of data that is only known when running."""
    model = M(
        (live(3), live(3, 2), ints(2, 0), live(2, 2)),
        (
            O(Op.PACK, (0, 0), (1,), {0: integer(2), 1: integer(-1)}, 59),
            O(Op.GATHER, (1, 2), (3,), {0: integer(1)}, 23),
        ),
        (0,),
        (3,),
    )
    answer = run(model, np.array([[1, 2, 3]], np.float32))
    assert answer.tolist() == [[[3, 3], [1, 1]]]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, np.maximum),
        (2, lambda x, _: np.clip(x, -1, 1)),
        (3, lambda x, _: np.clip(x, 0, 6)),
        (4, lambda x, _: np.tanh(x)),
    ],
)
def test_fused_activations(number: int, expected: np.ufunc) -> None:
    """Apply each activation that may be fused into an operator."""
    zero = T((), data=[0.25])
    answer = apply(Op.ADD, SHAPE, zero, options={0: Scalar("b", number)}, union=11)
    assert_allclose(answer, expected(VALUES + np.float32(0.25), 0), atol=1e-6)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_int8_clips_in_its_own_numbers(number: int) -> None:
    """Apply a fused activation to int8 sums and to int8 pools."""
    scale = {"dtype": INT8, "scales": (0.0625,)}
    add = one(
        Op.ADD, [live(64, **scale), live(64, **scale)], live(64, **scale), options={0: Scalar("b", number)}, union=11
    )
    values = np.linspace(-3.9, 3.9, 64, dtype=np.float32)[None]
    low, high = {1: (0, math.inf), 2: (-1, 1), 3: (0, 6)}[number]
    assert_allclose(run(add, values, values), np.clip(2 * values, low, min(high, 7.9375)), atol=0.0626)
    options = {0: Scalar("b", 1), 1: integer(1), 2: integer(1), 3: integer(1), 4: integer(1), 5: Scalar("b", number)}
    pool = one(Op.MAX_POOL_2D, [live(1, 64, 1, **scale)], live(1, 64, 1, **scale), options=options, union=5)
    assert_allclose(run(pool, values.reshape(1, 1, 64, 1)).ravel(), np.clip(values, low, high).ravel(), atol=0.0313)


def test_softmax_with_beta() -> None:
    """Sharpen softmax by its factor."""
    answer = apply(Op.SOFTMAX, SHAPE, options={0: Scalar("f", 3)}, union=9)
    powers = np.exp(3 * VALUES - (3 * VALUES).max(-1, keepdims=True))
    assert_allclose(answer, powers / powers.sum(-1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("approximate", [False, True])
def test_gelu(approximate: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Compute both forms of GELU."""
    answer = apply(Op.GELU, SHAPE, options={0: Scalar("?", approximate)}, union=116)
    exact = [value / 2 * (1 + math.erf(value / math.sqrt(2))) for value in VALUES.ravel()]
    assert_allclose(answer.ravel(), exact, atol=1e-3 if approximate else 1e-6)
    assert approximate == bool(np.abs(answer.ravel() - exact).max() > 1e-5)


@pytest.mark.parametrize(("left", "right"), [(False, False), (True, False), (False, True), (True, True)])
def test_batch_matmul(left: bool, right: bool) -> None:  # noqa: FBT001 - parameters of the test
    """Multiply matrices, either one transposed."""
    generator = np.random.default_rng(0)
    a, b = (generator.normal(0, 1, (2, 3, 4)).astype(np.float32) for _ in range(2))
    first = a.swapaxes(1, 2) if left else a
    second = b if right else b.swapaxes(1, 2)
    model = one(
        Op.BATCH_MATMUL,
        [live(*first.shape[1:]), live(*second.shape[1:])],
        live(3, 3),
        options={0: Scalar("?", left), 1: Scalar("?", right)},
        union=101,
    )
    assert_allclose(
        run(model, np.ascontiguousarray(first), np.ascontiguousarray(second)), a @ b.swapaxes(1, 2), rtol=1e-5
    )


def test_matrices_that_do_not_fit() -> None:
    """Refuse products and sums of shapes that do not go together."""
    for op, union in ((Op.BATCH_MATMUL, 101), (Op.ADD, 11)):
        with pytest.raises(ModelRefusedError, match="cannot"):
            load(one(op, [live(2, 3), live(2, 5)], live(2, 5), union=union).bytes())


def test_dense_on_what_lies_scattered() -> None:
    """Copy rows that are not in line before multiplying them."""
    weights = T((2, 4), data=np.arange(8))
    model = M(
        (live(4, 3), ints(0, 2, 1), live(3, 4), weights, live(3, 2)),
        (O(Op.TRANSPOSE, (0, 1), (2,)), O(Op.FULLY_CONNECTED, (2, 3), (4,), {2: Scalar("?", 1)}, 8)),
        (0,),
        (4,),
    )
    values = np.random.default_rng(1).normal(0, 1, (2, 4, 3)).astype(np.float32)
    assert_allclose(run(model, values), values.transpose(0, 2, 1) @ np.arange(8).reshape(2, 4).T, rtol=1e-5)


def test_int8_of_another_scale() -> None:
    """Bring int8 from one scale to another."""
    near = live(64, dtype=INT8, scales=(0.1,))
    far = live(64, dtype=INT8, scales=(0.25,))
    values = np.linspace(-6, 6, 64, dtype=np.float32)[None]
    assert_allclose(run(one(Op.QUANTIZE, [near], far), values), values, atol=0.18)


@pytest.mark.parametrize(("op", "union"), [(Op.ADD, 11), (Op.SUB, 28)])
def test_int8_sums_of_very_different_scales(op: Op, union: int) -> None:
    """Add what is a thousandth of a step as nothing, and what is a thousand steps as much as fits."""
    coarse, fine = live(8, dtype=INT8, scales=(1.0,)), live(8, dtype=INT8, scales=(1e-5,))
    values = np.linspace(-100, 100, 8, dtype=np.float32)[None]
    same = run(one(op, [coarse, fine], coarse, union=union), values, np.full((1, 8), 1e-4, np.float32))
    assert_array_equal(same, np.rint(values))
    clipped = run(one(op, [coarse, coarse], fine, union=union), values, np.zeros((1, 8), np.float32))
    assert_allclose(clipped, np.clip(values, -128e-5, 127e-5), atol=1e-9)


def test_int8_sums_beyond_float32() -> None:
    """Keep a sum of 2,000 products exact, where float32 is not."""
    weights = T((1, 2000), INT8, [127] * 1999 + [1], (1.0,))
    data, out = live(2000, dtype=INT8, scales=(1.0,)), live(1, dtype=INT8, scales=(254000.0,))
    model = one(Op.FULLY_CONNECTED, [data, weights, T((1,), INT32, [-32241873])], out, union=8)
    full = np.full((1, 2000), 127, np.float32)
    # 1999 * 127 * 127 + 127 - 32241873 = 125: a sum in float32 is off by more than its first bits.
    assert run(model, full).tolist() == [[0.0]]
    narrow = one(Op.FULLY_CONNECTED, [data, weights, T((1,), INT32, [-32241873])], replace(out, scales=(1.0,)), union=8)
    assert run(narrow, full).tolist() == [[125.0]]


def test_average_pool_counts_only_the_image() -> None:
    """Divide by the readings there are, not by the padding."""
    options = {0: Scalar("b", 0), 1: integer(2), 2: integer(1), 3: integer(3), 4: integer(1)}
    model = one(Op.AVERAGE_POOL_2D, [live(1, 4, 1)], live(1, 2, 1), options=options, union=5)
    assert_allclose(run(model, np.array([1, 2, 3, 6], np.float32).reshape(1, 1, 4, 1)).ravel(), [2, 4.5])
