"""Matrix products cut so small that the linear algebra library does each in the calling thread.

OpenBLAS hands larger ones to threads of its own. At these sizes that gains little, and where the processor is busy the
caller waits for threads that get no turn: a batch of fifty took 12 ms instead of 0.3.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from .calls import Step
    from .schema import Array

# OpenBLAS stays in the caller's thread up to so many multiplications, of two matrices and of a row with a matrix.
_MATRIX_LIMIT: Final = 1 << 18
_ROW_LIMIT: Final = 9215


def _parts(count: int, work: int, limit: int) -> int:
    """Return the smallest number of equal parts that `count` falls into with no more work each than the limit."""
    return next((parts for parts in range(1, count) if count % parts == 0 and count // parts * work <= limit), count)


def product(rows: Array, matrix: Array, out: Array) -> Step:
    """Return the step that multiplies rows (..., count, depth) by a matrix (depth, width)."""
    depth, width = matrix.shape
    count = rows.shape[-2]
    if count == 1 and rows.ndim == matrix.ndim:
        parts = _parts(width, depth, _ROW_LIMIT)
        stack = np.ascontiguousarray(matrix.reshape(depth, parts, width // parts).swapaxes(0, 1))
        return partial(np.matmul, rows, stack, out.reshape(parts, 1, width // parts))
    parts = _parts(count, depth * width, _MATRIX_LIMIT)
    if parts == count and depth * width > _ROW_LIMIT:
        # Rows on their own would each go to the threads; then rather all of them once.
        parts = 1
    shape = (*rows.shape[:-2], parts, count // parts)
    return partial(np.matmul, rows.reshape(*shape, depth), matrix, out.reshape(*shape, width))
