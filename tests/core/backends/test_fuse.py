"""What the plan makes of convolutions: fused where the pattern holds, literal where not, and the same answer."""

from dataclasses import replace
from typing import cast

import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.backends import load
from custom_components.inkling.core.backends.opcodes import Op
from custom_components.inkling.core.backends.plan import Plan, PortableBackend
from tests.core.backends.golden import FOLDER
from tests.core.backends.writer import INT32, Fields, M, O, Scalar, T, ints, live

STEPS, CHANNELS, WIDTH = 8, 2, 3
GENERATOR = np.random.default_rng(2)
WEIGHTS = GENERATOR.normal(0, 1, (WIDTH, 1, 3, CHANNELS)).astype(np.float32)
BIAS = GENERATOR.normal(0, 1, WIDTH).astype(np.float32)
VALUES = GENERATOR.normal(0, 1, (3, STEPS, CHANNELS)).astype(np.float32)
VALID: Fields = {0: Scalar("b", 1), 1: Scalar("i", 1), 2: Scalar("i", 1)}
RELU = {0: Scalar("b", 1)}


def causal(dilation: int) -> NDArray[np.float32]:
    """Return the dilated causal convolution of VALUES, step by step."""
    padded = np.pad(VALUES, ((0, 0), (2 * dilation, 0), (0, 0)))
    taps = [padded[:, tap * dilation : tap * dilation + STEPS] @ WEIGHTS[:, 0, tap].T for tap in range(3)]
    return cast("NDArray[np.float32]", sum(taps))


def dilated() -> M:
    """Return the seven operators that a converter makes of one dilated causal convolution."""
    tensors = (
        live(STEPS, CHANNELS),
        T((3, 2), INT32, [0, 0, 4, 0, 0, 0]),
        live(STEPS + 4, CHANNELS),
        ints(2),
        T((1, 2), INT32, [0, 0]),
        live(6, CHANNELS),
        T((), INT32, -3),
        live(1, 6, CHANNELS),
        T(WEIGHTS.shape, data=WEIGHTS),
        T((WIDTH,), data=np.zeros(WIDTH)),
        live(1, 4, WIDTH),
        ints(-1, 4, WIDTH),
        live(4, WIDTH),
        live(STEPS, WIDTH),
        T((WIDTH,), data=BIAS),
        live(STEPS, WIDTH),
    )
    operators = (
        O(Op.PAD, (0, 1), (2,)),
        O(Op.SPACE_TO_BATCH_ND, (2, 3, 4), (5,)),
        O(Op.EXPAND_DIMS, (5, 6), (7,)),
        O(Op.CONV_2D, (7, 8, 9), (10,), VALID, 1),
        O(Op.RESHAPE, (10, 11), (12,)),
        O(Op.BATCH_TO_SPACE_ND, (12, 3, 4), (13,)),
        O(Op.ADD, (13, 14), (15,), RELU, 11),
    )
    return M(tensors, operators, (0,), (15,))


def plan_of(model: M) -> Plan:
    """Return the plan of one sample."""
    backend = load(model.bytes())
    assert isinstance(backend, PortableBackend)
    return backend._plan(1)


def answer(model: M) -> NDArray[np.float32]:
    """Return the model's answer to VALUES."""
    return load(model.bytes()).run(VALUES)[0]


def test_seven_operators_become_four_steps() -> None:
    """Lay out, multiply, add the bias, clip: the input is written into its padding at once."""
    assert len(plan_of(dilated()).steps) == 4
    assert_allclose(answer(dilated()), np.maximum(causal(2) + BIAS, 0), atol=1e-5)


def test_the_whole_network_is_fused() -> None:
    """Leave no data movement of a temporal convolution network to run by itself."""
    backend = load((FOLDER / "tcn_bench_float32.tflite").read_bytes())
    assert isinstance(backend, PortableBackend)
    assert len(backend._plan(1).steps) <= 25


def test_bias_from_the_left() -> None:
    """Take an ADD whose constant stands first."""
    model = dilated().operator(6, inputs=(14, 13))
    assert len(plan_of(model).steps) == 4
    assert_allclose(answer(model), np.maximum(causal(2) + BIAS, 0), atol=1e-5)


def test_no_bias_and_no_activation() -> None:
    """Add nothing where there is nothing to add."""
    model = replace(dilated(), operators=dilated().operators[:-1], outputs=(13,)).operator(3, inputs=(7, 8, -1))
    assert len(plan_of(model).steps) == 2
    assert_allclose(answer(model), causal(2), atol=1e-5)


def test_activation_before_the_add() -> None:
    """Keep an ADD apart when the convolution has an activation of its own."""
    model = dilated().operator(3, options={**VALID, 3: Scalar("b", 1)})
    assert_allclose(answer(model), np.maximum(np.maximum(causal(2), 0) + BIAS, 0), atol=1e-5)
    assert len(plan_of(model).steps) > 4


def test_sum_with_something_else() -> None:
    """Keep an ADD apart when it adds a whole array, one number, or what is only known when running."""
    whole = GENERATOR.normal(0, 1, (STEPS, WIDTH)).astype(np.float32)
    cases: list[tuple[M, NDArray[np.float32] | float]] = [
        (dilated().tensor(14, shape=(STEPS, WIDTH), data=whole), whole),
        (dilated().tensor(14, shape=(1,), data=[0.5]), 0.5),
        (dilated().operator(6, inputs=(13, 13)), causal(2)),
    ]
    for model, added in cases:
        assert_allclose(answer(model), np.maximum(causal(2) + added, 0), atol=1e-5)
        assert [fused.extra_bias for fused in plan_of(model)._fused.values()] == [None]


def test_sum_that_grows() -> None:
    """Keep an ADD apart when its constant makes the result larger."""
    model = dilated().tensor(14, shape=(1, 1, 1, WIDTH)).tensor(15, shape=(1, 1, STEPS, WIDTH), signature=None)
    tensors = (*model.tensors, ints(-1, STEPS, WIDTH), live(STEPS, WIDTH))
    operators = (*model.operators, O(Op.RESHAPE, (15, 16), (17,)))
    model = replace(model, tensors=tensors, operators=operators, outputs=(17,))
    assert_allclose(answer(model), np.maximum(causal(2) + BIAS, 0), atol=1e-5)
    assert [fused.extra_bias for fused in plan_of(model)._fused.values()] == [None]


def test_padding_of_a_table_stays_apart() -> None:
    """Keep a PAD apart that pads neither a sequence nor an image."""
    image = (1, STEPS, CHANNELS)
    tensors = (
        live(STEPS * CHANNELS - 2),
        T((2, 2), INT32, [0, 0, 2, 0]),
        live(STEPS * CHANNELS),
        ints(-1, *image),
        live(*image),
        T(WEIGHTS.shape, data=WEIGHTS),
        live(1, STEPS - 2, WIDTH),
    )
    operators = (O(Op.PAD, (0, 1), (2,)), O(Op.RESHAPE, (2, 3), (4,)), O(Op.CONV_2D, (4, 5), (6,), VALID, 1))
    flat = VALUES.reshape(3, -1)[:, 2:]
    padded = np.pad(flat, ((0, 0), (2, 0))).reshape(VALUES.shape)
    expected = sum(padded[:, tap : tap + STEPS - 2] @ WEIGHTS[:, 0, tap].T for tap in range(3))
    (found,) = load(M(tensors, operators, (0,), (6,)).bytes()).run(flat)
    assert_allclose(found[:, 0], expected, atol=1e-5)


def test_padded_input_read_twice() -> None:
    """Keep PAD apart when something else reads what it makes."""
    model = dilated()
    tensors = (*model.tensors, live(STEPS + 4, CHANNELS))
    shared = replace(model, tensors=tensors, operators=(*model.operators, O(Op.NEG, (2,), (16,))), outputs=(15, 16))
    first, second = load(shared.bytes()).run(VALUES)
    assert_allclose(first, np.maximum(causal(2) + BIAS, 0), atol=1e-5)
    assert_allclose(second[:, 4:], -VALUES)


def test_crop_larger_than_the_padding() -> None:
    """Run the operators one by one where the dilation cannot be told as padding."""
    model = dilated()
    tensors = list(model.tensors)
    tensors[13] = tensors[15] = live(STEPS - 2, WIDTH)
    tensors.append(T((1, 2), INT32, [2, 0]))
    model = replace(model, tensors=tuple(tensors)).operator(5, inputs=(12, 3, 16))
    assert_allclose(answer(model), np.maximum(causal(2) + BIAS, 0)[:, 2:], atol=1e-5)


def test_blocks_that_differ() -> None:
    """Run the operators one by one where the blocks before and behind are not the same."""
    model = dilated()
    tensors = [*model.tensors, ints(1)]
    tensors[13] = tensors[15] = T((2, 4, WIDTH), signature=(-1, 4, WIDTH))
    model = replace(model, tensors=tuple(tensors)).operator(5, inputs=(12, 16, 4))
    model = replace(model, tensors=(*model.tensors, ints(-1, STEPS, WIDTH), live(STEPS, WIDTH)))
    model = replace(model, operators=(*model.operators, O(Op.RESHAPE, (15, 17), (18,))), outputs=(18,))
    padded = np.pad(VALUES, ((0, 0), (4, 0), (0, 0)))
    folded = np.stack([padded[0, 0::2], padded[0, 1::2]])
    plain = sum(folded[:, tap : tap + 4] @ WEIGHTS[:, 0, tap].T for tap in range(3))
    (found,) = load(model.bytes()).run(VALUES[:1])
    assert_allclose(found.reshape(2, 4, WIDTH), np.maximum(plain + BIAS, 0), atol=1e-5)


def conv_only(pads: list[int] | None, out: tuple[int, ...], rank: int = 4) -> M:
    """Return PAD (of any dimensions) and a plain convolution of an image."""
    image = live(1, STEPS, CHANNELS)
    padded = [size + sum(pads[2 * i + 2 : 2 * i + 4]) for i, size in enumerate((1, STEPS, CHANNELS))] if pads else []
    weights = np.resize(WEIGHTS, (WIDTH, 1, 3, padded[-1] if padded else CHANNELS))
    tensors = (
        image,
        T((rank, 2), INT32, pads or [0] * 8),
        live(*padded) if pads else live(1),
        T(weights.shape, data=weights),
        live(*out),
    )
    first = (O(Op.PAD, (0, 1), (2,)),) if pads else ()
    return M(tensors, (*first, O(Op.CONV_2D, (2 if pads else 0, 3), (4,), VALID, 1)), (0,), (4,))


def test_padding_of_channels_stays_apart() -> None:
    """Keep a PAD apart that adds channels, which no padding of a window does."""
    model = conv_only([0, 0, 0, 0, 0, 0, 0, 1], (1, STEPS - 2, WIDTH))
    weights = np.resize(WEIGHTS, (WIDTH, 1, 3, CHANNELS + 1))
    padded = np.pad(VALUES, ((0, 0), (0, 0), (0, 1)))
    expected = sum(padded[:, tap : tap + STEPS - 2] @ weights[:, 0, tap].T for tap in range(3))
    assert_allclose(load(model.bytes()).run(VALUES[:, None])[0][:, 0], expected, atol=1e-5)


def test_padding_of_height() -> None:
    """Write rows of an image that is padded all round."""
    model = conv_only([0, 0, 1, 1, 2, 0, 0, 0], (3, STEPS, WIDTH))
    (found,) = load(model.bytes()).run(VALUES[:, None])
    assert_allclose(found[:, 1], causal(1), atol=1e-5)
    assert not found[:, 0].any()
    assert not found[:, 2].any()


def test_one_image_convolution_feeds_another() -> None:
    """Write one convolution's answer straight into the padding of the next, height and width."""
    weights = T((2, 3, 3, 2), data=np.random.default_rng(3).normal(0, 1, (2, 3, 3, 2)))
    same: Fields = {**VALID, 0: Scalar("b", 0)}
    model = M(
        (live(4, 5, 2), weights, live(4, 5, 2), live(4, 5, 2)),
        (O(Op.CONV_2D, (0, 1), (2,), same, 1), O(Op.CONV_2D, (2, 1), (3,), same, 1)),
        (0,),
        (3,),
    )
    values = np.random.default_rng(4).normal(0, 1, (2, 4, 5, 2)).astype(np.float32)
    first = replace(model, operators=model.operators[:1], outputs=(2,))
    (middle,) = load(first.bytes()).run(values)
    (twice,) = load(first.bytes()).run(middle)
    assert_allclose(load(model.bytes()).run(values)[0], twice, atol=1e-4)


@pytest.mark.parametrize("op", [Op.CONV_2D, Op.DEPTHWISE_CONV_2D])
def test_a_constant_image_is_folded(op: Op) -> None:
    """Run a convolution of constants once, when loading."""
    weights = WEIGHTS[:CHANNELS] if op is Op.CONV_2D else WEIGHTS[:1]
    options = VALID if op is Op.CONV_2D else {**VALID, 3: Scalar("i", 1)}
    tensors = (
        live(1, STEPS - 2, CHANNELS),
        T((1, 1, STEPS, CHANNELS), data=VALUES[0]),
        T(weights.shape, data=weights),
        T((1, 1, STEPS - 2, CHANNELS)),
        live(1, STEPS - 2, CHANNELS),
    )
    union = 1 if op is Op.CONV_2D else 2
    model = M(tensors, (O(op, (1, 2), (3,), options, union), O(Op.ADD, (0, 3), (4,), union=11)), (0,), (4,))
    assert len(plan_of(model).steps) == 1
    (found,) = load(model.bytes()).run(np.zeros((1, 1, STEPS - 2, CHANNELS), np.float32))
    windows = [VALUES[0, tap : tap + STEPS - 2] for tap in range(3)]
    dense = sum(part @ weights[:, 0, tap].T for tap, part in enumerate(windows)) if op is Op.CONV_2D else None
    apart = sum(part * weights[0, 0, tap] for tap, part in enumerate(windows))
    assert_allclose(found[0, 0], apart if dense is None else dense, atol=1e-5)
