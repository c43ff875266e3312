"""What lies in models/ is exactly what training published: no hand has touched it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.architecture.sources import ROOT

MODELS = ROOT / "models"
WEIGHTS = sorted(MODELS.glob("*.tflite"))
MAX_TOTAL_BYTES = 300_000


def manifest_of(weights: Path) -> dict[str, Any]:
    """Return the manifest beside a model."""
    manifest: dict[str, Any] = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    return manifest


def test_models_are_complete() -> None:
    """Find a manifest and a card beside every model, a model beside every manifest, all within the budget."""
    assert WEIGHTS
    stems = {path.stem for path in WEIGHTS}
    assert {path.stem for path in MODELS.glob("*.json")} - {"schema"} == stems
    assert {path.stem for path in MODELS.glob("*.md")} - {"README"} == stems
    assert sum(path.stat().st_size for path in WEIGHTS) <= MAX_TOTAL_BYTES


@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda path: path.stem)
def test_model_is_the_one_its_manifest_names(weights: Path) -> None:
    """Compare the file with the sha256 that training wrote."""
    assert manifest_of(weights)["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()


@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda path: path.stem)
def test_manifest_fits_the_schema(weights: Path) -> None:
    """Validate the manifest against the published JSON Schema."""
    schema = json.loads((MODELS / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(manifest_of(weights), schema)
