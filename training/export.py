"""Keras network -> `.tflite` bytes in float32 and full int8, and the manifest beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import contextlib
from dataclasses import dataclass, field
import hashlib
import io
import json
from typing import Any
import warnings

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.calibrate import Calibration
from custom_components.inkling.core.decide import DecisionParameters
from custom_components.inkling.core.evidence import Evidence
from custom_components.inkling.core.features import FEATURES_VERSION
from custom_components.inkling.core.manifest import InputSpec

from .runtime import keras, tf

FLOAT32, INT8 = "float32", "int8"


def to_float32(model: keras.Model) -> bytes:
    """Return the float32 `.tflite`."""
    return _converted(tf.lite.TFLiteConverter.from_keras_model(model))


def to_int8(model: keras.Model, samples: NDArray[np.floating]) -> bytes:
    """Return the full int8 `.tflite`; `samples` (n, steps, channels) are real inputs that set its ranges."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]

    def representative() -> Iterator[list[NDArray[np.float32]]]:
        """Yield the samples one by one."""
        for sample in samples:
            yield [sample[None].astype(np.float32)]

    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return _converted(converter)


def _converted(converter: tf.lite.TFLiteConverter) -> bytes:
    """Return the converter's file without its chatter."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bytes(converter.convert())


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestParts:
    """What a manifest says beside the model's hash and the features' version."""

    name: str
    version: str
    spec: InputSpec
    quantisation: str
    calibration: Calibration = field(default_factory=Calibration)
    decision: DecisionParameters = field(
        default_factory=lambda: DecisionParameters(on_threshold=0.5, off_threshold=0.5)
    )
    evidence: Evidence = field(default_factory=Evidence)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Mapping[str, Any] = field(default_factory=dict)


def manifest_bytes(parts: ManifestParts, model_bytes: bytes) -> bytes:
    """Return the manifest as JSON, in an order that does not change from run to run."""
    spec = parts.spec
    body = {
        "name": parts.name,
        "task": "occupancy",
        "version": parts.version,
        "features_version": FEATURES_VERSION,
        "input": {"channels": list(spec.channels), "steps": spec.steps, "step_seconds": spec.step_seconds},
        "output": {"kind": "log_odds"},
        "quantisation": parts.quantisation,
        "calibration": {"slope": parts.calibration.slope, "intercept": parts.calibration.intercept},
        **deciding(parts.decision, parts.evidence),
        "sha256": hashlib.sha256(model_bytes).hexdigest(),
        "provenance": parts.provenance,
        "evaluation": parts.evaluation,
    }
    return (json.dumps(body, indent=2, ensure_ascii=False) + "\n").encode()


def deciding(decision: DecisionParameters, evidence: Evidence) -> dict[str, Any]:
    """Return a manifest's entries for the decision and for evidence; none of the latter where the network is alone."""
    found: dict[str, Any] = {
        "decision": {
            "on_threshold": decision.on_threshold,
            "off_threshold": decision.off_threshold,
            "on_delay_seconds": decision.on_delay_seconds,
            "off_delay_seconds": decision.off_delay_seconds,
        }
    }
    if evidence.motion_log_odds is not None:
        found["evidence"] = {
            "motion_log_odds": evidence.motion_log_odds,
            "stuck_seconds": evidence.stuck_seconds,
        }
    return found
