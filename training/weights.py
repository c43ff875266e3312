"""A shipped `.tflite` back into a network's weights, so that a home can train on from where we stopped."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.backends import load
from custom_components.inkling.core.backends.schema import Model as Graph, parse
from custom_components.inkling.core.manifest import InputSpec

from . import export
from .nets import NETS
from .recipe import RecipeError
from .runtime import start
from .train import raw_outputs

Array = NDArray[Any]
_TOLERANCE = 1e-4


def recovered_weights(model_bytes: bytes, network: str, spec: InputSpec) -> list[Array]:
    """Return the weights of a float32 file of a network by name, in Keras's order; raise RecipeError where it differs.

    The network is exported once more with weights drawn at random: where one of them lies in that file, and turned
    which way, there the shipped one lies too. The answers of both are compared before anything is believed.
    """
    if network not in NETS:
        raise RecipeError(f"the model was made by the network {network!r}, which is none of {', '.join(NETS)}")
    start(0)
    model, rng = NETS[network](spec), np.random.default_rng(0)
    drawn = [rng.normal(0.0, 0.1, weight.shape).astype(np.float32) for weight in model.get_weights()]
    model.set_weights(drawn)
    pattern, shipped = parse(export.to_float32(model)), parse(model_bytes)
    if _forms(pattern) != _forms(shipped):
        raise RecipeError(f"the model's file is not what the network {network!r} is exported to: fine-tune one of ours")
    model.set_weights([_found(weight, pattern, shipped) for weight in drawn])
    inputs = rng.normal(0.0, 1.0, (16, spec.steps, len(spec.channels))).astype(np.float32)
    apart = np.max(np.abs(raw_outputs(model, inputs) - load(model_bytes).run(inputs)[0][:, 0]))
    if apart > _TOLERANCE:
        raise RecipeError(f"the network {network!r} cannot be trained on from its file: the answers differ by {apart}")
    return list(model.get_weights())


def _forms(graph: Graph) -> list[tuple[str, tuple[int, ...], bool]]:
    """Return each tensor's kind, shape and whether it is a constant."""
    return [(item.dtype.name, item.shape, item.data is not None) for item in graph.tensors]


def _found(drawn: Array, pattern: Graph, shipped: Graph) -> Array:
    """Return the shipped weight in the place of a drawn one; what only training uses stays as drawn."""
    for tensor, other in zip(pattern.tensors, shipped.tensors, strict=True):
        if tensor.data is None or other.data is None or tensor.data.size != drawn.size:
            continue
        for axes in permutations(range(drawn.ndim)):
            turned = drawn.transpose(axes)
            if np.array_equal(turned.ravel(), tensor.data.ravel()):
                values = np.array(other.data, np.float32).reshape(turned.shape)
                return values.transpose(_inverse(axes))
    return drawn


def _inverse(axes: Sequence[int]) -> list[int]:
    """Return the axes that turn back."""
    return [axes.index(place) for place in range(len(axes))]
