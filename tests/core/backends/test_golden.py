"""The portable backend against what LiteRT answered, from committed vectors: needs NumPy only."""

from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.backends import load
from custom_components.inkling.core.backends.validate import validate
from tests.core.backends.golden import FILES, is_int8, read, relative_error, steps_allowed, steps_off, tolerance

MIN_FAMILIES = 18


def output_scales(path: Path) -> list[float]:
    """Return the size of one quantisation step of each output of an int8 model."""
    model = validate(path.read_bytes()).model
    makers = {operator.outputs[0]: operator for operator in model.operators}
    found = []
    for index in model.outputs:
        quant = model.tensors[index].quantization
        # With float outputs the last step is DEQUANTIZE, and the scale is its input's.
        quant = quant if quant is not None else model.tensors[makers[index].inputs[0]].quantization
        assert quant is not None
        found.append(quant.scale)
    return found


def test_every_family_has_vectors() -> None:
    """Refuse to call an empty folder golden."""
    families = {path.stem.split("_float32")[0].split("_int8")[0] for path in FILES}
    assert len(families) >= MIN_FAMILIES
    assert all(path.with_suffix(".npz").exists() for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_answers_as_litert_did(path: Path) -> None:
    """Give the golden answers, all at once."""
    golden = read(path)
    answers = load(path.read_bytes()).run(*golden.inputs)
    assert len(answers) == len(golden.outputs)
    for number, (found, wanted) in enumerate(zip(answers, golden.outputs, strict=True)):
        assert found.dtype == np.float32
        if is_int8(path):
            off = steps_off(found, wanted, output_scales(path)[number])
            assert off.max() <= steps_allowed(path)
            assert (off == 0).mean() >= 0.99
        else:
            assert relative_error(found, wanted) <= tolerance(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_answers_do_not_depend_on_the_batch(path: Path) -> None:
    """Give each sample the same answer alone and among others, in whatever number of parts."""
    inputs = [array[:11] for array in read(path).inputs]
    backend = load(path.read_bytes())
    together = backend.run(*inputs)
    for row in (0, 7, 10):
        alone = backend.run(*(array[row : row + 1] for array in inputs))
        for all_rows, one_row in zip(together, alone, strict=True):
            np.testing.assert_allclose(all_rows[row : row + 1], one_row, rtol=0, atol=1e-6 * max(1, abs(one_row).max()))
