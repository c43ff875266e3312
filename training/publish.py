"""Write `models/`: only what passes the recipe's gates, each file whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

from custom_components.inkling.core.manifest import parse_manifest

from .latency import latency_of
from .make import Made
from .recipe import GateError, Recipe
from .report import card, day_of, day_png, reliability_png

MODELS = Path(__file__).parents[1] / "models"


def check_gates(recipe: Recipe, evaluation: Mapping[str, Any], size_bytes: int) -> None:
    """Raise GateError naming every gate the model fails."""
    failed = [f"{size_bytes} bytes are more than {recipe.most_bytes}"] if size_bytes > recipe.most_bytes else []
    for gate in recipe.gates:
        if gate.set not in evaluation:
            failed.append(f"{gate.set} was not scored")
            continue
        value = evaluation[gate.set]["results"]["model"].get(gate.figure)
        if value is None:
            failed.append(f"{gate.set} has no {gate.figure}")
        elif gate.least is not None and value < gate.least:
            failed.append(f"{gate.set}: {gate.figure} {value:.4f} is below {gate.least}")
        elif gate.most is not None and value > gate.most:
            failed.append(f"{gate.set}: {gate.figure} {value:.4f} is above {gate.most}")
    if failed:
        raise GateError("not published: " + "; ".join(failed))


def publish(made: Made, notes: str, folder: Path = MODELS, comparison: Mapping[str, Any] | None = None) -> list[Path]:
    """Write the model, its manifest, card and pictures, and the index; return the files written.

    Latencies are measured here and stand in the card alone: all else is the same bytes from the same seed.
    """
    if made.recipe.local:
        raise GateError(f"not published: {made.recipe.name} is only to measure with, its recipe says local = true")
    check_gates(made.recipe, made.evaluation, len(made.model_bytes))
    name = made.recipe.name
    files: dict[str, bytes] = {
        f"{name}.tflite": made.model_bytes,
        f"{name}.json": made.manifest_bytes,
        f"{name}.md": card(made, notes, latency_of(made.model_bytes, made.recipe.spec), comparison).encode(),
        f"{name}-reliability.png": reliability_png(made.scored),
        f"{name}-day.png": day_png(made, day_of(made)),
        "schema.json": (Path(__file__).parent / "schema.json").read_bytes(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, content in files.items():
        _replace(folder / file_name, content)
    _replace(folder / "README.md", index(folder).encode())
    return [folder / file_name for file_name in (*files, "README.md")]


def index(folder: Path) -> str:
    """Return the README of the models in a folder."""
    rows = []
    for path in sorted(folder.glob("*.json")):
        if path.name == "schema.json":
            continue
        manifest = parse_manifest(path.read_bytes())
        size = path.with_suffix(".tflite").stat().st_size
        rows.append(f"| [{manifest.name}]({manifest.name}.md) | {manifest.task} | {manifest.version} | {size} |")
    return (
        "# Models\n\nWritten by `python -m training make RECIPE`, never by hand: a `.tflite`, its manifest (`.json`, "
        "form in\n`schema.json`) and its card (`.md`) with the held-out figures.\n\n"
        "| model | task | version | bytes |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a manifest."""
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "schema.json").read_bytes())
    return loaded


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f"{path.name}.part")
    temporary.write_bytes(content)
    temporary.replace(path)
