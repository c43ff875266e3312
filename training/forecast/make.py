"""One recipe from households to a forecast model that may ship: draw, train, export, measure, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
import platform
import time
from typing import Any

from custom_components.inkling.core.pipeline import Model, open_model

from ..export import to_float32
from ..publish import MODELS, index
from ..recipe import GateError
from ..trace import replace_file
from .abstain import shown_by_sort
from .draw import draw_rows
from .export import draft_model, forecast_manifest
from .network import train_network
from .recipe import ForecastRecipe
from .report import card
from .score import ALL, HOMES, HORIZONS_MINUTES, ROOMS, by_sort, horizons_of, score_households
from .shapes import measure_shapes

_QUARTER_STEPS = 3
SHOWN = tuple(index for index, minutes in enumerate(HORIZONS_MINUTES) if minutes <= 120)  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeForecast:
    """A finished model: its files' bytes and what was measured."""

    recipe: ForecastRecipe
    model_bytes: bytes
    manifest_bytes: bytes
    evaluation: Mapping[str, Any]


def make_forecast(recipe: ForecastRecipe) -> MadeForecast:
    """Return the model of a recipe."""
    started = time.monotonic()
    rows, validation = (draw_rows(part.seeds, recipe.days, part.instants) for part in (recipe.train, recipe.validation))
    _say(started, f"{len(rows.targets)} rows to train on, {len(validation.targets)} to validate")
    model_bytes = to_float32(train_network(rows, validation, recipe.fit))
    _say(started, f"exported: {len(model_bytes)} bytes")
    evaluation = evaluate_forecast(draft_model(model_bytes), recipe)
    _say(started, "evaluated")
    manifest = forecast_manifest(model_bytes, recipe.version, _provenance(recipe), evaluation)
    open_model(manifest, model_bytes)
    return MadeForecast(recipe=recipe, model_bytes=model_bytes, manifest_bytes=manifest, evaluation=evaluation)


def evaluate_forecast(model: Model, recipe: ForecastRecipe) -> dict[str, Any]:
    """Return the manifest's figures: by horizon, by sort of room, of what is shown, of rooms whose future is known."""
    rooms = list(score_households(model, recipe.test.seeds, recipe.days, recipe.test.every_minutes // 5))
    horizons = horizons_of(rooms)
    other = score_households(model, recipe.replay.seeds, recipe.replay_days, _QUARTER_STEPS)
    return {
        "horizons": horizons,
        "rooms": by_sort(rooms),
        "shown": shown_by_sort(other, horizons),
        "shapes": _rounded(asdict(measure_shapes(model))),
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Return figures for JSON."""
    return {name: round(value, 4) for name, value in values.items()}


def _say(started: float, text: str) -> None:
    """Tell how far the making is."""
    print(f"[{time.monotonic() - started:6.1f} s] {text}", flush=True)


def _provenance(recipe: ForecastRecipe) -> dict[str, Any]:
    """Return where the model comes from."""
    homes = {"credit": "training.forecast.homes", "licence": "MIT", "homes": len(recipe.train.seeds)}
    return {
        "command": f"python -m training forecast make training/recipes/{recipe.name}.toml",
        "seed": recipe.fit.seed,
        "network": "mixing {} + {}".format(*recipe.fit.widths),
        "data": {"simulated households": homes},
        "tools": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("keras", "numpy", "tensorflow-cpu")},
        },
    }


def check_forecast(made: MadeForecast) -> None:
    """Raise GateError naming everything the model does not reach."""
    gates, found = made.recipe.gates, made.evaluation
    failed = []
    if len(made.model_bytes) > made.recipe.most_bytes:
        failed.append(f"{len(made.model_bytes)} bytes are more than {made.recipe.most_bytes}")
    for sort in (ALL, HOMES, ROOMS):
        for at in SHOWN:
            value = found["rooms"][sort]["skill"][at]
            if value < gates.least_skill:
                failed.append(f"{sort} at {HORIZONS_MINUTES[at]} min: skill {value:.3f} is below {gates.least_skill}")
    shapes = found["shapes"]
    if shapes["at_three"] > gates.most_at_three:
        failed.append(f"a room used from 18 to 19 h has {shapes['at_three']:.3f} at 3 h")
    if shapes["at_half_past_six"] < gates.least_at_half_past_six:
        failed.append(f"a room used from 18 to 19 h has {shapes['at_half_past_six']:.3f} at 18:30")
    if shapes["never_used"] > gates.most_never_used:
        failed.append(f"a room that is never used has {shapes['never_used']:.3f}")
    if failed:
        raise GateError("not published: " + "; ".join(failed))


def publish_forecast(
    made: MadeForecast, notes: str, folder: Path = MODELS, recorded: Mapping[str, Any] | None = None
) -> list[Path]:
    """Write model, manifest, card and the index; `recorded` holds what recorded homes were scored at."""
    check_forecast(made)
    name = made.recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / f"{name}.tflite", made.model_bytes)
    replace_file(folder / f"{name}.json", made.manifest_bytes)
    replace_file(
        folder / f"{name}.md", card(made.manifest_bytes, len(made.model_bytes), notes, recorded or {}).encode()
    )
    replace_file(folder / "README.md", index(folder).encode())
    return [folder / f"{name}{end}" for end in (".tflite", ".json", ".md")] + [folder / "README.md"]
