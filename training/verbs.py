"""The verbs about networks and a home's own model: compare, windows, bring, label, personal."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
import re
from typing import TYPE_CHECKING

from custom_components.inkling.core.manifest import OutputKind

from .trace import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable

    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it
_ROOT = Path(__file__).parents[1]


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs to the command line."""
    for add in (_add_compare, _add_windows, _add_bring, _add_label, _add_personal):
        add(verbs)


def _add(verbs: Verbs, name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    """Add one verb."""
    verb = verbs.add_parser(name, help=text, description=text)
    verb.set_defaults(run=run)
    return verb


def _add_compare(verbs: Verbs) -> None:
    """Add `compare`."""
    verb = _add(verbs, "compare", "train networks by name with a small budget and put them side by side", _compare)
    verb.add_argument("recipe", type=Path)
    verb.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    verb.add_argument(
        "--networks", default="logistic,dense,conv,gru,lstm,autoencoder", help="names, comma-separated (default: all)"
    )
    verb.add_argument("--epochs", type=int, default=3, help="passes over the windows for each (default: 3)")
    verb.add_argument("--homes", type=int, default=30, help="simulated homes to train on (default: 30)")
    verb.add_argument(
        "--json",
        type=Path,
        help="also write the figures there; RECIPE.comparison.json beside the recipe goes to the card",
    )


def _compare(options: argparse.Namespace) -> int:
    """Compare networks."""
    import json  # noqa: PLC0415

    from .compare import Budget, compare  # noqa: PLC0415 - TensorFlow takes ten seconds to import
    from .comparison import comparison_of, comparison_table  # noqa: PLC0415
    from .recipe import RecipeError, read_recipe  # noqa: PLC0415

    if options.epochs < 1 or options.homes < 1:
        raise RecipeError("--epochs and --homes must be at least 1")
    networks = [name.strip() for name in options.networks.split(",") if name.strip()]
    recipe, budget = read_recipe(options.recipe), Budget(options.epochs, options.homes)
    found = compare(recipe, options.data, networks, budget)
    print(comparison_table(found))
    if options.json is not None:
        body = comparison_of(recipe, budget, found)
        replace_file(options.json, (json.dumps(body, indent=2) + "\n").encode())
    return 0


def _add_label(verbs: Verbs) -> None:
    """Add `label`."""
    verb = _add(verbs, "label", "make labels for a home that has none, in a file beside its own", _label)
    verb.add_argument("--trace", type=Path, required=True, help="trace folder")
    verb.add_argument(
        "--how",
        choices=("away", "hindsight"),
        required=True,
        help="certain vacancy, or a smoother that sees the future",
    )


def _label(options: argparse.Namespace) -> int:
    """Write labels."""
    from .labelling import write_machine_labels  # noqa: PLC0415
    from .trace import read_trace  # noqa: PLC0415

    path, found = write_machine_labels(options.trace, read_trace(options.trace), options.how)
    for label in sorted({span.label for span in found}):
        hours = sum(span.end - span.start for span in found if span.label == label) / 3600.0
        print(f"{label}: {hours:.1f} hours of targets' time")
    print(f"wrote {path}; it may teach a model, and evaluate never scores it")
    return 0


def _add_personal(verbs: Verbs) -> None:
    """Add `personal`."""
    verb = _add(verbs, "personal", "make a home's own model, written only where it is better", _personal)
    verb.add_argument("--trace", type=Path, required=True, help="trace folder of the home")
    verb.add_argument(
        "--from",
        type=Path,
        default=_ROOT / "models" / "occupancy.json",
        dest="base",
        help="manifest of the model to train on from (default: models/occupancy.json)",
    )
    verb.add_argument("--recipe", type=Path, help="another recipe than training/recipes/personal.toml")
    verb.add_argument("--out", type=Path, required=True, help="folder for occupancy.tflite, .json and .md")


def _personal(options: argparse.Namespace) -> int:
    """Make a home's own model."""
    from .personal import personal, write_personal  # noqa: PLC0415 - TensorFlow takes ten seconds to import
    from .personal_recipe import DEFAULT, read_personal_recipe  # noqa: PLC0415

    made = personal(options.trace, options.base, read_personal_recipe(options.recipe or DEFAULT))
    for path in write_personal(made, options.out):
        print(f"wrote {path}")
    return 0


def _add_windows(verbs: Verbs) -> None:
    """Add `windows`."""
    verb = _add(verbs, "windows", "write a recipe's windows for NumPy, to train a network of one's own on", _windows)
    verb.add_argument("recipe", type=Path, help="recipe with the window and the data")
    verb.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    verb.add_argument("--out", type=Path, required=True, help="file to write, such as windows.npz")


def _windows(options: argparse.Namespace) -> int:
    """Write windows."""
    from .recipe import read_recipe  # noqa: PLC0415 - TensorFlow takes ten seconds to import
    from .windows import write_windows  # noqa: PLC0415

    learn, validate = write_windows(read_recipe(options.recipe), options.data, options.out)
    print(f"{options.out}: {learn} windows to train on, {validate} to validate with")
    return 0


def _add_bring(verbs: Verbs) -> None:
    """Add `bring`."""
    verb = _add(verbs, "bring", "check, calibrate, score and pack a network that was trained elsewhere", _bring)
    given = verb.add_mutually_exclusive_group(required=True)
    given.add_argument("--litert", type=Path, help="the network as a .tflite")
    given.add_argument("--torchscript", type=Path, help="the network as TorchScript; needs the package litert-torch")
    verb.add_argument("--recipe", type=Path, required=True, help="recipe with the window, the data and the test sets")
    verb.add_argument("--data", type=Path, default=_ROOT / "data", help="folder that holds the data sets' folders")
    verb.add_argument("--name", required=True, help="the model's name: small letters, digits, - and _")
    verb.add_argument(
        "--output", choices=[str(kind) for kind in OutputKind], default="log_odds", help="what its number means"
    )
    verb.add_argument("--out", type=Path, required=True, help="folder for NAME.tflite, NAME.json and NAME.md")


def _bring(options: argparse.Namespace) -> int:
    """Bring a network."""
    from .bring import bring, converted, write_brought  # noqa: PLC0415 - TensorFlow takes ten seconds to import
    from .recipe import RecipeError, read_recipe  # noqa: PLC0415
    from .table import table  # noqa: PLC0415

    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", options.name):
        raise RecipeError(f"--name {options.name!r} must be small letters, digits, - and _ only")
    recipe = replace(read_recipe(options.recipe), name=options.name)
    given = options.litert
    content = converted(options.torchscript, recipe.spec) if given is None else given.read_bytes()
    manifest, found = bring(content, recipe, options.data, OutputKind(options.output))
    for title, rows in found.items():
        print(f"\n{title}\n{table(rows)}")
    for path in write_brought(options.name, content, manifest, found, options.out):
        print(f"wrote {path}")
    return 0
