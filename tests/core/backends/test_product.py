"""Matrix products in parts: the same numbers, and no part large enough for the library's own threads."""

from functools import partial

import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.backends.product import product

# (rows, depth, width): small, many rows, one row with a wide matrix, a prime number of rows, rows too heavy to part.
SIZES = [(1, 32, 64), (4096, 96, 32), (1, 300, 200), (1, 9300, 7), (127, 96, 64), (3, 700, 500)]


@pytest.mark.parametrize(("count", "depth", "width"), SIZES)
def test_same_numbers(count: int, depth: int, width: int) -> None:
    """Multiply as one product would."""
    generator = np.random.default_rng(count)
    rows, matrix = (generator.normal(0, 1, shape).astype(np.float32) for shape in ((count, depth), (depth, width)))
    out = np.empty((count, width), np.float32)
    product(rows, matrix, out)()
    assert_allclose(out, rows @ matrix, atol=1e-3)


def _largest(count: int, depth: int, width: int) -> tuple[int, int]:
    """Return the rows and the multiplications of the largest part."""
    rows, out = np.zeros((count, depth), np.float32), np.zeros((count, width), np.float32)
    step = product(rows, np.zeros((depth, width), np.float32), out)
    assert isinstance(step, partial)
    left: NDArray[np.float32] = step.args[0]
    right: NDArray[np.float32] = step.args[1]
    return left.shape[-2], left.shape[-2] * right.shape[-2] * right.shape[-1]


@pytest.mark.parametrize(("count", "depth", "width"), SIZES[:5])
def test_parts_are_small(count: int, depth: int, width: int) -> None:
    """Stay below what the library keeps in the caller's thread, unless one column alone is more."""
    rows, work = _largest(count, depth, width)
    assert work <= (1 << 18 if rows > 1 else max(9215, depth))


def test_heavy_rows_go_together() -> None:
    """Leave whole what would only become many heavy rows."""
    assert _largest(3, 700, 500)[0] == 3


def test_into_the_middle_of_a_padding() -> None:
    """Write into rows that do not lie end to end."""
    padded = np.zeros((4, 70, 32), np.float32)
    rows, matrix = np.ones((4, 64, 200), np.float32), np.ones((200, 32), np.float32)
    product(rows, matrix, padded[:, 6:])()
    assert (padded[:, 6:] == 200).all()
    assert not padded[:, :6].any()
