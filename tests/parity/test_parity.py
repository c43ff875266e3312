"""Both backends on the same inputs: every fixture model and every shipped one, a thousand inputs each."""

from pathlib import Path
import zlib

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.backends import Backend, BackendKind, available, load
from tests.core.backends.golden import FILES, is_int8, relative_error, steps_allowed, steps_off, tolerance
from tests.core.backends.test_golden import output_scales

pytestmark = pytest.mark.skipif(
    not available(BackendKind.LITERT), reason="no LiteRT runtime is installed here (ai-edge-litert)"
)
SHIPPED = sorted((Path(__file__).parents[2] / "models").glob("*.tflite"))
MODELS = [*FILES, *SHIPPED]
SAMPLES = 1000
MIN_EQUAL_SHARE = 0.995


def samples(path: Path, backend: Backend) -> list[NDArray[np.float32]]:
    """Return inputs of several sizes, from nothing to beyond the normal distribution that models are made for."""
    generator = np.random.default_rng(zlib.crc32(path.name.encode()))
    scales = generator.choice([0.0, 0.1, 0.3, 1.0, 1.0, 2.0], SAMPLES)
    found = []
    for shape in backend.input_shapes:
        values = generator.normal(0, 1, (SAMPLES, *shape))
        found.append((values * scales.reshape(-1, *[1] * len(shape))).astype(np.float32))
    return found


def one_by_one(backend: Backend, inputs: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Return the answers to one sample at a time: how the runtime is used in a home."""
    rows = [backend.run(*(array[row : row + 1] for array in inputs)) for row in range(SAMPLES)]
    return [np.concatenate(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_same_answers(path: Path) -> None:
    """Answer within 1e-5 of LiteRT, or in int8 within two steps and nearly always the same."""
    portable, oracle = (load(path.read_bytes(), kind) for kind in BackendKind)
    assert portable.input_shapes == oracle.input_shapes
    assert portable.output_shapes == oracle.output_shapes
    inputs = samples(path, portable)
    answers = zip(portable.run(*inputs), one_by_one(oracle, inputs), strict=True)
    for number, (found, wanted) in enumerate(answers):
        if is_int8(path):
            off = steps_off(found, wanted, output_scales(path)[number])
            assert off.max() <= steps_allowed(path)
            assert (off == 0).mean() >= MIN_EQUAL_SHARE
        else:
            assert relative_error(found, wanted) <= tolerance(path)
