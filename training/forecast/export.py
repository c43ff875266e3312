"""The forecast's manifest: what the file is for, and of which features."""

from __future__ import annotations

from collections.abc import Mapping
import json
from typing import Any

from custom_components.inkling.core.forecast import FORECAST_CHANNELS, FORECAST_VERSION
from custom_components.inkling.core.manifest import InputSpec, Task
from custom_components.inkling.core.pipeline import Model, open_model
from custom_components.inkling.core.slots import SLOT_SECONDS

from ..export import FLOAT32, ManifestParts, manifest_bytes

SPEC = InputSpec(channels=FORECAST_CHANNELS, steps=1, step_seconds=SLOT_SECONDS)


def forecast_manifest(
    model_bytes: bytes, version: str, provenance: Mapping[str, Any], evaluation: Mapping[str, Any]
) -> bytes:
    """Return the manifest of a forecast network; its log-odds need no calibration, the loss it learned on is proper."""
    parts = ManifestParts(
        name="forecast", version=version, spec=SPEC, quantisation=FLOAT32, provenance=provenance, evaluation=evaluation
    )
    body = json.loads(manifest_bytes(parts, model_bytes))
    body["task"], body["features_version"] = str(Task.FORECAST), FORECAST_VERSION
    return (json.dumps(body, indent=2, ensure_ascii=False) + "\n").encode()


def draft_model(model_bytes: bytes) -> Model:
    """Return an exported network, opened as Home Assistant does, before it was measured."""
    return open_model(forecast_manifest(model_bytes, "0.0.0", {}, {}), model_bytes)
