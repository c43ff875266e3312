"""A network trained elsewhere, brought as a `.tflite`: checked against the contract, calibrated, scored and packed."""

from __future__ import annotations

from dataclasses import replace
import importlib.util
import json
from pathlib import Path
import subprocess
import sys
import tempfile
from typing import Any

import numpy as np

from custom_components.inkling.core.backends import ModelFault, ModelRefusedError, load
from custom_components.inkling.core.backends.schema import DType, parse
from custom_components.inkling.core.calibrate import Calibration
from custom_components.inkling.core.manifest import InputSpec, OutputKind
from custom_components.inkling.core.pipeline import Model, open_model

from . import export
from .calibration import fit_platt
from .dataset import Windows
from .evaluate import figures
from .fit import draft, draw, log_odds, measured_evidence
from .make import score_all
from .recipe import Recipe, RecipeError
from .splits import Library
from .table import table
from .torchscript import CONVERTER
from .trace import replace_file
from .tuning import choose_decision, holds_of

_ROOT = Path(__file__).parents[1]


def checked(content: bytes, spec: InputSpec) -> str:
    """Return how a file is quantised; raise ModelRefusedError naming what is not as the contract says."""
    backend = load(content)
    wanted = (spec.steps, len(spec.channels))
    if backend.input_shapes != (wanted,):
        shapes = ", ".join(map(str, backend.input_shapes))
        detail = f"the model takes {shapes} a sample, the recipe gives {wanted}: steps first, then channels"
        if backend.input_shapes == (wanted[::-1],):
            detail += "; turn them around inside the network (in PyTorch: x.transpose(1, 2) first)"
        raise ModelRefusedError(ModelFault.MANIFEST_MISFIT, detail)
    if [int(np.prod(shape)) for shape in backend.output_shapes] != [1]:
        detail = f"the model gives {backend.output_shapes} a sample, the contract wants one number"
        raise ModelRefusedError(ModelFault.MANIFEST_MISFIT, detail)
    graph = parse(content)
    return export.INT8 if graph.tensors[graph.inputs[0]].dtype is DType.INT8 else export.FLOAT32


def converted(torchscript: Path, spec: InputSpec) -> bytes:
    """Return a TorchScript file as `.tflite` bytes; raise RecipeError with what to install where that is not here."""
    if importlib.util.find_spec(CONVERTER) is None:
        raise RecipeError(
            "a TorchScript file is converted by the package litert-torch, which is not installed here: install it, or "
            "convert the network where it is and bring the file with --litert, for which nothing else is needed"
        )
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "converted.tflite"
        shape = str(spec.steps), str(len(spec.channels))
        command = [sys.executable, "-m", "training.torchscript", str(torchscript.absolute()), *shape, str(target)]
        done = subprocess.run(command, check=False, capture_output=True, cwd=_ROOT, text=True)  # noqa: S603 - our own module
        if done.returncode or not target.is_file():
            why = (done.stderr.strip().splitlines() or ["the converter died"])[-1]
            raise RecipeError(
                f"{torchscript} cannot be converted ({why[:200]}): convert the network where it was trained, and bring "
                "the file with --litert"
            )
        return target.read_bytes()


def bring(content: bytes, recipe: Recipe, data: Path, output: OutputKind) -> tuple[bytes, dict[str, Any]]:
    """Return the manifest of a brought file and its figures on the recipe's test sets."""
    quantisation = checked(content, recipe.spec)
    library = Library(data)
    model = open_model(_manifest(export.manifest_bytes(draft(recipe, quantisation), content), output), content)
    windows, validation = draw(recipe, library)
    calibration, evidence = _calibration(model, validation), measured_evidence(recipe, windows)
    model = replace(model, manifest=replace(model.manifest, calibration=calibration, evidence=evidence))
    decision = choose_decision(model, recipe, library)
    model = replace(model, manifest=replace(model.manifest, decision=decision))
    scored = score_all(model, recipe, library, holds_of(recipe, library))
    found = {name: figures(items, decision) for name, items in scored.items()}
    parts = replace(
        draft(recipe, quantisation),
        calibration=model.manifest.calibration,
        decision=decision,
        evidence=model.manifest.evidence,
        provenance={"command": "python -m training bring", "network": "brought", "seed": recipe.seed},
        evaluation=found,
    )
    manifest = _manifest(export.manifest_bytes(parts, content), output)
    open_model(manifest, content)
    return manifest, found


def _manifest(manifest: bytes, output: OutputKind) -> bytes:
    """Return a manifest that says what the model's number means."""
    body = json.loads(manifest)
    return (json.dumps(body | {"output": {"kind": str(output)}}, indent=2, ensure_ascii=False) + "\n").encode()


def _calibration(model: Model, validation: Windows) -> Calibration:
    """Return the Platt scaling that suits the validation windows."""
    return fit_platt(log_odds(model, validation), validation.targets, validation.weights)


def write_brought(name: str, content: bytes, manifest: bytes, found: dict[str, Any], out: Path) -> list[Path]:
    """Write the model, its manifest and its card; return them."""
    out.mkdir(parents=True, exist_ok=True)
    parts = [f"# {name}\n\nBrought as a `.tflite` of {len(content)} bytes; calibrated, decided and scored here.\n"]
    parts += [f"## {title}\n\n{table(rows)}" for title, rows in found.items()]
    files = {f"{name}.tflite": content, f"{name}.json": manifest, f"{name}.md": "\n".join(parts).encode()}
    for file_name, body in files.items():
        replace_file(out / file_name, body)
    return [out / file_name for file_name in files]
