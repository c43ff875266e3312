"""Small makers of tracks, manifests and models that the core's tests share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
import hashlib
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.backends import ModelFault, ModelRefusedError
from custom_components.inkling.core.calibrate import Calibration
from custom_components.inkling.core.decide import DecisionParameters
from custom_components.inkling.core.features import FEATURES_VERSION
from custom_components.inkling.core.manifest import InputSpec, Manifest, OutputKind, Task
from custom_components.inkling.core.pipeline import Model
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import NEVER, Signal, Track

T0 = 1_800_000_000.0
NAN = float("nan")
MODEL_BYTES = b"a model"

Reading = tuple[float, float]


def track(
    role: Role,
    readings: Iterable[Reading],
    *,
    room: str | None = "kitchen",
    name: str | None = None,
    active_before: float = NEVER,
    changed_before: float = NEVER,
    value_before: float = NAN,
) -> Track:
    """Return a track of `(seconds after T0, value)` readings."""
    pairs = list(readings)
    return Track(
        Signal(id=name or f"{room}.{role}", role=role, room=room),
        np.array([T0 + seconds for seconds, _ in pairs], dtype=np.float64),
        np.array([value for _, value in pairs], dtype=np.float32),
        active_before,
        changed_before,
        value_before,
    )


class LinearBackend:
    """A backend whose answer is a weighted sum of the last step's channels."""

    def __init__(self, weights: Sequence[float], steps: int, bias: float = 0.0) -> None:
        """Take one weight for each channel."""
        self.name = "linear"
        self.weights = np.array(weights, dtype=np.float32)
        self.bias = bias
        self.input_shapes: tuple[tuple[int, ...], ...] = ((steps, len(weights)),)
        self.output_shapes: tuple[tuple[int, ...], ...] = ((1,),)
        self.batches: list[int] = []

    def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return the weighted sum, shape (batch, 1)."""
        self.batches.append(len(inputs[0]))
        return ((inputs[0][:, -1, :] @ self.weights + self.bias)[:, None].astype(np.float32),)


class BrokenBackend(LinearBackend):
    """A backend that refuses at run time."""

    def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Raise as a real backend does on bad values."""
        raise ModelRefusedError(ModelFault.RUNTIME, f"no answer for {len(inputs[0])} windows")


def linear_model(weights: Mapping[str, float], *, steps: int = 8, step_seconds: float = 60.0) -> Model:
    """Return a model whose log-odds are a weighted sum of named channels at the last step."""
    return Model(make_manifest(tuple(weights), steps, step_seconds), LinearBackend(tuple(weights.values()), steps))


def make_manifest(channels: tuple[str, ...], steps: int, step_seconds: float) -> Manifest:
    """Return a manifest of an occupancy model that answers in log-odds."""
    return Manifest(
        name="test",
        task=Task.OCCUPANCY,
        version="1",
        features_version=FEATURES_VERSION,
        input=InputSpec(channels=channels, steps=steps, step_seconds=step_seconds),
        output=OutputKind.LOG_ODDS,
        quantisation="float32",
        calibration=Calibration(),
        decision=DecisionParameters(on_threshold=0.6, off_threshold=0.4),
        sha256="0" * 64,
        provenance={},
        evaluation={},
    )


def manifest_source(model_bytes: bytes = MODEL_BYTES) -> dict[str, Any]:
    """Return a manifest that fits, as the JSON object it is in its file."""
    return {
        "name": "occupancy",
        "task": "occupancy",
        "version": "1.0.0",
        "features_version": FEATURES_VERSION,
        "input": {"channels": ["room.motion.mean", "room.motion.known"], "steps": 4, "step_seconds": 60},
        "output": {"kind": "log_odds"},
        "quantisation": "float32",
        "calibration": {"slope": 1.25, "intercept": -0.5},
        "decision": {"on_threshold": 0.6, "off_threshold": 0.4, "on_delay_seconds": 0, "off_delay_seconds": 60},
        "sha256": hashlib.sha256(model_bytes).hexdigest(),
        "provenance": {"seed": 7},
        "evaluation": {"accuracy": 0.9},
    }


def encode(source: object) -> bytes:
    """Return the JSON bytes of a manifest."""
    return json.dumps(source).encode()
