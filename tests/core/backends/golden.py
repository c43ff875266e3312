"""Read the committed golden vectors: inputs, and what LiteRT answered to them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.backends.schema import DType, parse

FOLDER = Path(__file__).parents[2] / "golden"
MAGIC, VERSION = "inkling-golden", 1
FILES = sorted(FOLDER.glob("*.tflite"))
FLOAT_TOLERANCE = 1e-5
INT8_STEPS = 2
# One attention block rounds some sixty times on its way.
ATTENTION_STEPS = 4
# LiteRT rounds the inputs of dynamic-range layers at every run; weights made real once are nearer to the network.
DYNAMIC_TOLERANCE = 5e-2


@dataclass(frozen=True)
class Golden:
    """Inputs and LiteRT's outputs, batch first."""

    inputs: list[NDArray[np.float32]]
    outputs: list[NDArray[np.float32]]


def read(path: Path) -> Golden:
    """Return the vectors beside a model; fail with what to run when they are not these tests'."""
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
        hint = str(arrays["regenerate"])
        assert str(arrays["magic"]) == MAGIC, f"not golden vectors; make them with {hint}"
        assert int(arrays["version"]) == VERSION, f"golden vectors of another version; make them with {hint}"
        names = sorted(arrays.files)
        inputs = [arrays[name] for name in names if name.startswith("input_")]
        return Golden(inputs, [arrays[name] for name in names if name.startswith("output_")])


def is_int8(path: Path) -> bool:
    """Tell whether a model computes in int8: dynamic-range models only keep their weights so."""
    return any(tensor.dtype is DType.INT8 and tensor.data is None for tensor in parse(path.read_bytes()).tensors)


def steps_allowed(path: Path) -> int:
    """Return how many quantisation steps an int8 model may be away."""
    return ATTENTION_STEPS if path.name.startswith("attention") else INT8_STEPS


def tolerance(path: Path) -> float:
    """Return how far, relative to max(1, |answer|), a model in real numbers may be away."""
    return DYNAMIC_TOLERANCE if path.stem.endswith("_dynamic") else FLOAT_TOLERANCE


def relative_error(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    """Return the largest error relative to max(1, |answer|)."""
    return float((np.abs(found - wanted) / np.maximum(1, np.abs(wanted))).max())


def steps_off(found: NDArray[np.float32], wanted: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """Return how many quantisation steps each answer is away."""
    steps: NDArray[np.float32] = np.abs(np.rint((found - wanted) / np.float32(scale)))
    return steps
