"""`python -m training forecast make|evaluate`: the forecast model, and its figures on recorded homes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..trace import replace_file

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it
_ROOT = Path(__file__).parents[2]
_RECIPES = _ROOT / "training" / "recipes"


def add_forecast_verbs(verbs: Verbs) -> None:
    """Add `forecast` with its own verbs to the command line."""
    text = "make the forecast model, or score it on recorded homes"
    parts = verbs.add_parser("forecast", help=text, description=text).add_subparsers(required=True, metavar="PART")

    make = parts.add_parser("make", help="draw households, train, export, measure, publish")
    make.add_argument("recipe", type=Path, nargs="?", default=_RECIPES / "forecast.toml")
    make.add_argument("--data", type=Path, help="folder of the data sets, to put recorded homes on the card too")
    make.add_argument("--out", type=Path, default=_ROOT / "models", help="where the files go (default: models/)")
    make.set_defaults(run=_make)

    evaluate = _scoring(parts, "evaluate", "score a model on recorded homes and on rooms whose future is known")
    evaluate.add_argument("--json", type=Path, help="also write the figures there")
    evaluate.set_defaults(run=_evaluate)

    anew = _scoring(parts, "card", "write a model's card anew, with the figures of recorded homes")
    anew.add_argument(
        "--notes", type=Path, default=_RECIPES / "forecast.md", help="what its maker says of its weaknesses"
    )
    anew.set_defaults(run=_card)


def _scoring(parts: Verbs, name: str, text: str) -> argparse.ArgumentParser:
    """Add a verb that scores a model on recorded homes."""
    verb = parts.add_parser(name, help=text, description=text)
    verb.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    verb.add_argument("--model", type=Path, default=_ROOT / "models" / "forecast.json", help="a model's manifest")
    verb.add_argument("--without-boosting", action="store_true", help="leave out the rule that takes minutes")
    return verb


def _make(options: argparse.Namespace) -> int:
    """Make and publish the forecast model."""
    from custom_components.inkling.core.pipeline import open_model  # noqa: PLC0415

    from .make import check_forecast, make_forecast, publish_forecast  # noqa: PLC0415 - TensorFlow takes ten seconds
    from .recipe import read_forecast_recipe  # noqa: PLC0415
    from .report import skill_table  # noqa: PLC0415

    made = make_forecast(read_forecast_recipe(options.recipe))
    print(skill_table(made.evaluation["rooms"]), made.evaluation["shapes"])
    check_forecast(made)
    recorded = (
        {} if options.data is None else _recorded(open_model(made.manifest_bytes, made.model_bytes), options.data)
    )
    notes = options.recipe.with_suffix(".md")
    text = notes.read_text(encoding="utf-8") if notes.is_file() else ""
    for path in publish_forecast(made, text, options.out, recorded):
        print(f"wrote {path}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    """Print what the model is worth on recorded homes."""
    from dataclasses import asdict  # noqa: PLC0415

    from custom_components.inkling.core.pipeline import open_model  # noqa: PLC0415

    from .report import recorded_section  # noqa: PLC0415
    from .shapes import measure_shapes  # noqa: PLC0415

    model = open_model(options.model.read_bytes(), options.model.with_suffix(".tflite").read_bytes())
    recorded = _recorded(model, options.data, boosting=not options.without_boosting)
    found = {**recorded, "shapes": asdict(measure_shapes(model))}
    print(recorded_section(recorded), found["shapes"], sep="\n")
    if options.json is not None:
        replace_file(options.json, (json.dumps(found, indent=2) + "\n").encode())
    return 0


def _card(options: argparse.Namespace) -> int:
    """Write the card anew."""
    from custom_components.inkling.core.pipeline import open_model  # noqa: PLC0415

    from .report import card  # noqa: PLC0415

    manifest, content = options.model.read_bytes(), options.model.with_suffix(".tflite").read_bytes()
    recorded = _recorded(open_model(manifest, content), options.data, boosting=not options.without_boosting)
    text = card(manifest, len(content), options.notes.read_text(encoding="utf-8"), recorded)
    replace_file(options.model.with_suffix(".md"), text.encode())
    print(f"wrote {options.model.with_suffix('.md')}")
    return 0


def _recorded(model: Any, data: Path, *, boosting: bool = True) -> dict[str, Any]:  # noqa: ANN401 - a Model
    """Return the figures of the recorded homes that lie here."""
    from ..sources import folder_of  # noqa: PLC0415
    from .abstain import shown_by_sort  # noqa: PLC0415
    from .aruba import score_aruba  # noqa: PLC0415 - scikit-learn takes seconds to import
    from .casas import score_casas  # noqa: PLC0415
    from .score import ALL, by_sort  # noqa: PLC0415

    found: dict[str, Any] = {}
    if (folder := folder_of("aruba", data)).is_dir():
        found["aruba"] = score_aruba(model, folder, boosting=boosting)
        print("scored Aruba", flush=True)
    if (folder := folder_of("casas", data)).is_dir():
        rooms = score_casas(model, folder)
        found["casas"] = {room.room: by_sort([room])[ALL] for room in rooms}
        if horizons := model.manifest.evaluation.get("horizons"):
            found["shown"] = {room.room: shown_by_sort([room], horizons)[ALL] for room in rooms}
    return found
