"""The portable backend at work: what it takes, what it refuses, and that callers do not disturb each other."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from custom_components.inkling.core.backends import BackendKind, ModelFault, ModelRefusedError, available, load, plan
from custom_components.inkling.core.backends.opcodes import Op
from custom_components.inkling.core.backends.plan import LARGEST_BATCH, PortableBackend
from tests.core.backends.golden import FOLDER, read
from tests.core.backends.writer import INT8, INT32, M, O, Scalar, T, Table, Vector, dense, ints, live, one

TCN = FOLDER / "tcn_float32.tflite"


def test_shapes_and_name() -> None:
    """Say what goes in and what comes out, without the batch."""
    backend = load((FOLDER / "several_float32.tflite").read_bytes())
    assert backend.name == "portable"
    assert sorted(backend.input_shapes) == [(5,), (16, 6)]
    assert sorted(backend.output_shapes) == [(1,), (4,)]


def test_portable_is_always_available() -> None:
    """Need nothing but NumPy."""
    assert available(BackendKind.PORTABLE)


@pytest.mark.parametrize("shape", [(1, 4), (3,), (0, 3), (1, 3, 1), ()])
def test_refuses_other_shapes(shape: tuple[int, ...]) -> None:
    """Refuse inputs of another shape, and no sample at all."""
    backend = load(dense().bytes())
    with pytest.raises(ModelRefusedError, match="the model takes") as caught:
        backend.run(np.ones(shape, np.float32))
    assert caught.value.fault is ModelFault.RUNTIME


def test_refuses_another_number_of_inputs() -> None:
    """Refuse too few and too many inputs."""
    backend = load(dense().bytes())
    for inputs in ((), (np.ones((1, 3), np.float32),) * 2):
        with pytest.raises(ModelRefusedError, match="the model takes"):
            backend.run(*inputs)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_refuses_what_is_not_finite(value: float) -> None:
    """Refuse a reading that is no number."""
    inputs = np.ones((2, 3), np.float32)
    inputs[1, 1] = value
    with pytest.raises(ModelRefusedError, match="not finite"):
        load(dense().bytes()).run(inputs)


def test_takes_large_numbers() -> None:
    """Take finite numbers whose sum is not finite."""
    large = np.full((1, 2), 3e38, np.float32)
    (answer,) = load(one(Op.NEG, [live(2)], live(2)).bytes()).run(large)
    np.testing.assert_array_equal(answer, -large)


def test_refuses_an_answer_that_is_not_finite() -> None:
    """Refuse to hand on a division by zero."""
    backend = load(one(Op.DIV, [live(2), live(2)], live(2), union=29).bytes())
    with pytest.raises(ModelRefusedError, match="answered with a number that is not finite") as caught:
        backend.run(np.ones((1, 2), np.float32), np.zeros((1, 2), np.float32))
    assert caught.value.fault is ModelFault.RUNTIME


def test_takes_other_number_types() -> None:
    """Take float64 as it comes from other code, and give float32."""
    (answer,) = load(dense().bytes()).run(np.ones((1, 3)))  # type: ignore[arg-type]
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, [[1.25, 2]])


def test_does_not_touch_inputs_or_earlier_answers() -> None:
    """Hand out answers that a later run does not change."""
    backend = load(dense().bytes())
    inputs = np.ones((1, 3), np.float32)
    (first,) = backend.run(inputs)
    kept = first.copy()
    backend.run(inputs * 5)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(inputs, np.ones((1, 3)))


def test_threads_do_not_disturb_each_other() -> None:
    """Give every thread its own answer though all share the plan's memory."""
    golden = read(TCN)
    backend = load(TCN.read_bytes())
    rows = [golden.inputs[0][i : i + 1] for i in range(len(golden.inputs[0]))]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda row: backend.run(row)[0], rows * 10))
    np.testing.assert_allclose(np.concatenate(answers), np.tile(golden.outputs[0], (10, 1)), atol=1e-5)


def test_plans_are_few() -> None:
    """Keep a bounded number of plans whatever batch sizes come."""
    backend = load(dense().bytes())
    assert isinstance(backend, PortableBackend)
    for batch in range(1, 2 * LARGEST_BATCH + 3):
        assert backend.run(np.ones((batch, 3), np.float32))[0].shape == (batch, 2)
    assert set(backend._plans) == {1, 2, 4, 8, 16, 32, 64}


def test_forgets_the_plan_used_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drop the oldest plan when there are more than may be kept."""
    monkeypatch.setattr(plan, "_MAX_PLANS", 2)
    backend = load(dense().bytes())
    assert isinstance(backend, PortableBackend)
    for batch in (2, 1, 4):
        backend.run(np.ones((batch, 3), np.float32))
    assert set(backend._plans) == {1, 4}


def test_large_samples_run_in_small_parts() -> None:
    """Keep the memory of a batch bounded by running fewer samples at once."""
    wide = one(Op.TILE, [live(64, 256), ints(1, 1, 64)], live(64, 16384)).bytes()
    backend = load(wide)
    assert isinstance(backend, PortableBackend)
    (answer,) = backend.run(np.ones((9, 64, 256), np.float32))
    assert answer.shape == (9, 64, 16384)
    assert max(backend._plans) == 4


def test_dynamic_range_weights_are_made_real_once() -> None:
    """Run int8 weights on real numbers by their own scales, also where two layers share them."""
    weights = T((2, 2), INT8, [1, 2, 3, 4], (0.5, 0.25))
    tensors = (live(2), weights, live(2), live(2))
    layers = tuple(O(Op.FULLY_CONNECTED, (index, 1), (out,), union=8) for index, out in ((0, 2), (2, 3)))
    (answer,) = load(M(tensors, layers, (0,), (3,)).bytes()).run(np.array([[1, 2]], np.float32))
    matrix = np.array([[0.5, 1], [0.75, 1]])
    np.testing.assert_allclose(answer, [matrix @ matrix @ [1, 2]])


def test_tensors_may_share_a_buffer() -> None:
    """Read one buffer for two tensors."""
    first = T((2,), data=[1, 2])
    second = T((2,), extra={2: Scalar("I", 1)})
    model = M(
        (live(2), first, second, live(2), live(2)),
        (O(Op.ADD, (0, 1), (3,), union=11), O(Op.MUL, (3, 2), (4,), union=21)),
        (0,),
        (4,),
    )
    assert load(model.bytes()).run(np.ones((1, 2), np.float32))[0].tolist() == [[2, 6]]


def test_quantisation_without_a_scale_means_none() -> None:
    """Take the empty quantisation that converters write on real numbers."""
    for fields in ({0: Vector("f", [0.0])}, {2: Vector("f", [0.5])}):
        model = dense().tensor(0, extra={4: Table(fields)})
        assert load(model.bytes()).run(np.ones((1, 3), np.float32))[0].tolist() == [[1.25, 2]]


def test_unused_results_are_made_and_forgotten() -> None:
    """Run a graph in which nobody reads one of the results."""
    tensors = (live(4), live(2), live(2), live(2), T((), INT32, 1))
    split = O(Op.SPLIT, (4, 0), (1, 2), {0: Scalar("i", 2)}, 35)
    model = M(tensors, (split, O(Op.EXP, (2,), (3,))), (0,), (1,))
    (answer,) = load(model.bytes()).run(np.arange(4, dtype=np.float32)[None])
    assert answer.tolist() == [[0, 1]]
