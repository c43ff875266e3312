"""A recipe's windows in a file of NumPy's, to train a network on them with whatever one likes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from .fit import draw
from .recipe import Recipe
from .splits import Library
from .trace import replace_file


def write_windows(recipe: Recipe, data: Path, path: Path) -> tuple[int, int]:
    """Write the windows to train on and to validate with, held-out time left out; return how many there are of each.

    `inputs` (n, steps, channels) in float16, `targets` 0 vacant or 1 occupied and `weights` (n,), and the same with
    `validation_` before the name.
    """
    windows, validation = draw(recipe, Library(data))
    arrays = {
        f"{prefix}{name}": getattr(part, name)
        for prefix, part in (("", windows), ("validation_", validation))
        for name in ("inputs", "targets", "weights")
    }
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    replace_file(path, stream.getvalue())
    return len(windows), len(validation)
