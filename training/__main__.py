"""`python -m training VERB`: data sets and homes in, measured models out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
import json
import math
from pathlib import Path
import sys
from typing import TYPE_CHECKING

from custom_components.inkling.core.backends import BackendKind, ModelRefusedError
from custom_components.inkling.core.pipeline import Model, open_model
from custom_components.inkling.core.units import Role

from .dataset import LeakError
from .faults.ablation_verbs import add_ablation_verb
from .faults.verbs import add_fault_verbs, evaluate_faults
from .faults_machines.verbs import add_machine_verb
from .forecast.verbs import add_forecast_verbs
from .importing import add_import_verb
from .progress import watched
from .recipe import GateError, RecipeError
from .sources import SOURCES
from .table import table
from .trace import TraceError, read_trace, write_trace
from .verbs import add_verbs

if TYPE_CHECKING:
    from .evaluate import Scored

_USER_ERRORS = (TraceError, RecipeError, GateError, LeakError, ModelRefusedError, OSError)
_ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 2 and one sentence for what the user can put right."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except _USER_ERRORS as err:
        print(_sentence(err), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; what was not finished is not written", file=sys.stderr)
        return 130
    return code


def _sentence(err: Exception) -> str:
    """Return what is wrong in one line; the system's own errors begin with a number that tells users nothing."""
    if isinstance(err, OSError) and err.filename is not None:
        return f"{err.filename}: {(err.strerror or str(err)).lower()}"
    return " ".join(str(err).split())


def _parser() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    verb = verbs.add_parser("make", help="make a model from a recipe: draw, train, export, evaluate, publish")
    verb.add_argument("recipe", type=Path)
    verb.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    verb.add_argument("--out", type=Path, default=_ROOT / "models", help="where the files go (default: models/)")
    verb.set_defaults(run=_make)

    verb = verbs.add_parser("bars", help="measure the occupancy model against every bar it has to reach")
    verb.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    verb.add_argument("--model", type=Path, default=_ROOT / "models" / "occupancy.json", help="a model's manifest")
    verb.add_argument("--json", type=Path, help="also write the figures there")
    verb.set_defaults(run=_bars)

    verb = verbs.add_parser("cross", help="leave each day of a recording out once: train on the others, score it")
    verb.add_argument("recipe", type=Path)
    verb.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    verb.add_argument("--source", choices=sorted(SOURCES), default="uci-room-occupancy")
    verb.add_argument("--json", type=Path, help="also write the figures there")
    verb.set_defaults(run=_cross)

    add_import_verb(verbs)

    verb = verbs.add_parser("simulate", help="make simulated homes as trace folders")
    verb.add_argument("--seed", type=int, default=0, help="seed of the first home")
    verb.add_argument("--homes", type=int, default=1)
    verb.add_argument("--days", type=int, default=7)
    verb.add_argument("--out", type=Path, required=True, help="folder to make the trace folders in")
    verb.set_defaults(run=_simulate)

    verb = verbs.add_parser("evaluate", help="score a model on labelled traces, every rule beside it")
    verb.add_argument(
        "--trace", type=Path, required=True, nargs="+", help="trace folders; several are counted together"
    )
    verb.add_argument("--drop", default="", help="roles to leave out, comma-separated")
    verb.add_argument("--model", type=Path, default=_ROOT / "models" / "occupancy.json", help="a model's manifest")
    verb.add_argument("--json", type=Path, help="also write the figures there")
    verb.add_argument("--every", type=float, default=60.0, help="seconds between scored instants (default: 60)")
    verb.add_argument("--hold", type=int, default=5, help="minutes of the rule that holds motion (default: 5)")
    verb.add_argument("--backend", choices=("portable", "litert"), default="portable")
    verb.add_argument("--task", choices=("occupancy", "fault"), default="occupancy", help="what is scored")
    verb.add_argument("--budget", type=float, default=6.0, help="false fault alarms a year of a home (default: 6)")
    verb.add_argument("--learning-days", type=float, default=7.0, help="days before faults are judged (default: 7)")
    verb.set_defaults(run=_evaluate)

    add_verbs(verbs)
    add_forecast_verbs(verbs)
    add_fault_verbs(verbs)
    add_ablation_verb(verbs)
    add_machine_verb(verbs)
    return parser


def _make(options: argparse.Namespace) -> int:
    """Make and publish a recipe's model."""
    from .comparison import comparison_beside, read_comparison  # noqa: PLC0415 - TensorFlow takes ten seconds to import
    from .make import make  # noqa: PLC0415
    from .publish import publish  # noqa: PLC0415
    from .recipe import read_recipe  # noqa: PLC0415

    recipe = read_recipe(options.recipe)
    notes, beside = options.recipe.with_suffix(".md"), comparison_beside(options.recipe)
    # Read first: a comparison that does not fit is told before the long work.
    comparison = read_comparison(beside, recipe) if beside.is_file() else None
    made = make(recipe, options.data)
    _print_sets(made.evaluation)
    text = notes.read_text(encoding="utf-8") if notes.is_file() else ""
    for path in publish(made, text, options.out, comparison):
        print(f"wrote {path}")
    return 0


def _cross(options: argparse.Namespace) -> int:
    """Leave each day out once."""
    from .cross import leave_one_day_out  # noqa: PLC0415 - TensorFlow takes ten seconds to import
    from .recipe import read_recipe  # noqa: PLC0415

    found = leave_one_day_out(read_recipe(options.recipe), options.data, options.source)
    _print_sets(found)
    _write_json(options.json, found)
    return 0


def _bars(options: argparse.Namespace) -> int:
    """Print the table of bars, a line of progress for each as it is found."""
    from .bars import as_json, bar_table, bars  # noqa: PLC0415 - TensorFlow takes ten seconds to import

    model = open_model(options.model.read_bytes(), options.model.with_suffix(".tflite").read_bytes())
    found = []
    for bar in bars(model, options.data):
        print(f"{bar.set}: {bar.figure} {bar.value}", flush=True)
        found.append(bar)
    print(bar_table(found))
    _write_json(options.json, as_json(found))
    return 0


def _write_json(path: Path | None, found: Mapping[str, object]) -> None:
    """Write figures, whole or not at all, where a path is given."""
    if path is not None:
        temporary = path.with_name(f"{path.name}.part")
        temporary.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        temporary.replace(path)


def _print_sets(evaluation: dict[str, object]) -> None:
    """Print every scored set's table."""
    for name, found in evaluation.items():
        if isinstance(found, dict) and "results" in found:
            print(f"\n{name}: {found['instants']} instants, {found['occupied']:.1%} occupied\n{table(found)}")


def _simulate(options: argparse.Namespace) -> int:
    """Write simulated homes."""
    from .simulate import simulate_home  # noqa: PLC0415 - only this verb needs it

    if options.homes < 1 or options.days < 1 or options.seed < 0:
        raise TraceError("--homes and --days must be at least 1, and --seed at least 0")
    for seed in watched("simulating", range(options.seed, options.seed + options.homes)):
        folder = options.out / f"home_{seed}"
        write_trace(simulate_home(seed, options.days), folder)
        print(folder)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    """Score a model on traces."""
    from .evaluate import figures  # noqa: PLC0415
    from .evaluate_home import TITLE as HOME_TITLE  # noqa: PLC0415

    if options.task == "fault":
        if len(options.trace) > 1:
            raise TraceError("faults are scored on one trace at a time")
        return evaluate_faults(argparse.Namespace(**{**vars(options), "trace": options.trace[0]}))
    drop = [name.strip() for name in options.drop.split(",") if name.strip()]
    if unknown := sorted(set(drop) - set(Role)):
        raise TraceError(f"--drop names no role: {', '.join(unknown)}; roles are {', '.join(sorted(Role))}")
    if not 0.0 < options.every < math.inf or options.hold < 0:
        raise TraceError("--every must be more than 0 seconds, and --hold no less than 0 minutes")
    model = open_model(
        options.model.read_bytes(), options.model.with_suffix(".tflite").read_bytes(), BackendKind(options.backend)
    )
    scored, homes = _scored(options, model, drop)
    if not scored and not homes:
        raise TraceError(
            f"{', '.join(map(str, options.trace))} has no room that is labelled occupied or vacant at any of the "
            f"instants every {options.every:g} s: there is nothing to score"
        )
    found = {"all rooms": figures(scored, model.manifest.decision)} if scored else {}
    if len(options.trace) == 1:
        found |= {item.room: figures([item], model.manifest.decision) for item in scored}
    found |= {HOME_TITLE: figures(homes, model.manifest.decision)} if homes else {}
    _print_sets(dict(found))
    _write_json(options.json, found)
    return 0


def _scored(options: argparse.Namespace, model: Model, drop: Sequence[str]) -> tuple[list[Scored], list[Scored]]:
    """Return the scored rooms of every trace, and the homes where somebody says when they were in use."""
    from .evaluate import score_trace  # noqa: PLC0415
    from .evaluate_home import score_home  # noqa: PLC0415

    scored: list[Scored] = []
    homes: list[Scored] = []
    for folder in options.trace:
        trace = read_trace(folder)
        for note in trace.notes.values():
            print(note, file=sys.stderr)
        rooms = score_trace(model, trace, every_seconds=options.every, hold_minutes=options.hold, drop=drop)
        home = score_home(model, trace, every_seconds=options.every, hold_minutes=options.hold, drop=drop)
        prefix = f"{folder} " if len(options.trace) > 1 else ""
        scored += [replace(item, room=prefix + item.room) for item in rooms]
        homes += [] if home is None else [replace(home, room=prefix + home.room)]
    return scored, homes


if __name__ == "__main__":
    sys.exit(main())
