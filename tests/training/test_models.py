"""What lies in `models/`: whole, within its budget, of the form it says, and never edited by hand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
import re
import tomllib

import pytest

from custom_components.inkling.core.manifest import Task, parse_manifest
from custom_components.inkling.core.pipeline import open_model
from training.sources import SOURCES

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"
MANIFESTS = sorted(path for path in MODELS.glob("*.json") if path.name != "schema.json")


def test_there_is_a_model() -> None:
    """Find the occupancy model."""
    assert "occupancy.json" in [path.name for path in MANIFESTS]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_shipped_model_opens_and_keeps_to_its_budget(path: Path) -> None:
    """Open each model as Home Assistant does; a card stands beside it, and it is no larger than its recipe allows."""
    data = path.with_suffix(".tflite").read_bytes()
    model = open_model(path.read_bytes(), data)
    assert model.manifest.name == path.stem
    assert hashlib.sha256(data).hexdigest() == model.manifest.sha256
    recipe = tomllib.loads((ROOT / "training" / "recipes" / f"{path.stem}.toml").read_text(encoding="utf-8"))
    assert len(data) <= recipe["most_bytes"] <= 100_000
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    assert re.search("What it is (bad|not good) at", card)
    assert path.stem in (MODELS / "README.md").read_text(encoding="utf-8")


def test_the_occupancy_card_tells_what_it_costs_and_what_else_was_tried() -> None:
    """Find latency on both backends, the other networks, the plots and the licences in the card."""
    card = (MODELS / "occupancy.md").read_text(encoding="utf-8")
    for section in ("## Latency", "## Networks side by side", "## How probable is probable, and one day", "## Data"):
        assert section in card
    assert "LiteRT" in card[card.index("## Latency") :]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_shipped_manifest_fits_the_schema(path: Path) -> None:
    """Validate each manifest by the schema that ships beside it."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema lies only in Home Assistant's environment")
    schema = json.loads((MODELS / "schema.json").read_bytes())
    jsonschema.validate(json.loads(path.read_bytes()), schema)
    assert schema == json.loads((ROOT / "training" / "schema.json").read_bytes())


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_shipped_model_was_trained_only_on_what_may_be_passed_on(path: Path) -> None:
    """Find only sources whose licence allows it, each with its licence, and figures with the rules beside them."""
    manifest = parse_manifest(path.read_bytes())
    for name, item in manifest.provenance["data"].items():
        assert name.startswith("simulated") or SOURCES[name].may_train
        assert item["licence"] in ("CC BY 4.0", "MIT")
    if manifest.task is Task.FORECAST:
        assert {"15", "30", "60", "120"} <= set(manifest.evaluation["horizons"])
        return
    tables = [table["results"] for table in manifest.evaluation.values() if "results" in table]
    assert tables
    assert all({"model", "majority", "last motion wins"} <= set(table) for table in tables)


def test_no_row_of_evaluation_only_data_is_here() -> None:
    """Find no folder or file of a set that may not be passed on."""
    forbidden = [source.folder for source in SOURCES.values() if not source.may_train]
    for folder in ("models", "tests", "docs", "custom_components", "scripts"):
        names = [path.name for path in (ROOT / folder).rglob("*")]
        assert not set(forbidden) & set(names)
