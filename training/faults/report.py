"""The report of the grid: a table a class, false alarms with their bound, and the rivals' figures beside them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from custom_components.inkling.core.faults.classes import Settings

from .grid import Outcome, Walk, walk
from .plan import QUIET_SEEDS, Recording, recordings
from .quiet import Quiet, quiet_home
from .rivals import RIVALS, rival_figures
from .score import SIGNAL_DAYS_A_MONTH, class_table, overall, per_home_month, quiet_figures

COLUMNS = ("cases", "recall", "delay_median_h", "delay_p90_h", "type_right", "place_right")
LEARNING_DAYS = 7.0
_SIMULATED = "simulated-"
Found = TypeVar("Found")


def grid_report(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """Run the grid on the recordings and the quiet homes, print as it goes, and return all figures."""
    walks: list[Walk] = []
    rivals: list[dict[str, dict[str, float]]] = []
    found: dict[str, Any] = {"part": options.part, "budget": options.budget, "recordings": {}}
    given = recordings(options.data, tuple(names))
    for name, (done, beside) in zip(given, _each(_tried, [(options, item) for item in given.values()]), strict=True):
        walks.append(done)
        rivals.append(beside)
        found["recordings"][name] = figures([done]) | {"rivals": rivals[-1]}
        print(f"\n{name}\n{class_text(done.outcomes)}\nwithout failures: {found['recordings'][name]['quiet']}")
        print("\n".join(f"{rival:18} {row}" for rival, row in rivals[-1].items()), flush=True)
    real = [item for item in walks if not item.recording.startswith(_SIMULATED)]
    found["real"] = figures(real)
    found["all"] = figures(walks) | {"rivals": joined(rivals), "numeric": numeric_recall(walks)}
    print(f"\nrecordings of real signals\n{class_text([item for done in real for item in done.outcomes])}")
    print(f"without failures: {found['real']['quiet']}; {found['real']['overall']}")
    print(f"\nall recordings\n{class_text([item for done in walks for item in done.outcomes])}")
    print(f"without failures: {found['all']['quiet']}")
    if options.quiet_homes:
        found["quiet_homes"] = _quiet(options)
        print(f"quiet simulated homes: {found['quiet_homes']}")
    return found


def _tried(options: argparse.Namespace, recording: Recording) -> tuple[Walk, dict[str, dict[str, float]]]:
    """Return a recording's walk, and what the rivals make of the same cases."""
    settings = Settings(options.budget, recording.learning_days)
    done = walk(recording, settings, options.per_dose, options.seed)
    return done, rival_figures(recording, [item.case for item in done.outcomes])


def _each(work: Callable[..., Found], given: Sequence[tuple[Any, ...]]) -> Iterator[Found]:
    """Yield what comes of each, in order; several at once where the options say so."""
    jobs = given[0][0].jobs if given else 1
    if jobs == 1:
        yield from (work(*item) for item in given)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(work, *zip(*given, strict=True))


def _quiet(options: argparse.Namespace) -> dict[str, Any]:
    """Walk homes in which nothing fails."""
    first = QUIET_SEEDS[options.part]
    return quiet_homes(list(_each(_lived, [(options, first + n) for n in range(options.quiet_homes)])))


def _lived(options: argparse.Namespace, seed: int) -> Quiet:
    """Walk one home in which nothing fails."""
    return quiet_home(seed, options.quiet_days, Settings(options.budget, LEARNING_DAYS))


def figures(walks: Sequence[Walk]) -> dict[str, Any]:
    """Return the figures of some recordings together."""
    outcomes = [item for done in walks for item in done.outcomes]
    return {
        "classes": class_table(outcomes),
        "overall": overall(outcomes) if outcomes else {},
        "quiet": quiet_figures(walks),
        "without_effect": sum(done.without_effect for done in walks),
        "masked": sum(done.masked for done in walks),
    }


def numeric_recall(walks: Sequence[Walk]) -> float:
    """Return the watch's recall on what the rivals were tried on: failures of numbers."""
    hits = [item.alarm is not None for done in walks for item in done.outcomes if not item.case.signal.is_binary]
    return sum(hits) / len(hits) if hits else float("nan")


def joined(found: Sequence[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Return each rival's recall and false alarms over all recordings."""
    rows = {}
    for name in RIVALS:
        parts = [item[name] for item in found if name in item]
        cases = sum(part["cases"] for part in parts)
        hits = sum(part["recall"] * part["cases"] for part in parts if part["cases"])
        months = sum(part["home_months"] for part in parts)
        alarms = sum(part["false_alarms"] for part in parts)
        rows[name] = {
            "cases": cases,
            "recall": hits / cases if cases else float("nan"),
            **per_home_month(int(alarms), months * SIGNAL_DAYS_A_MONTH),
        }
    return rows


def quiet_homes(homes: Sequence[Quiet]) -> dict[str, Any]:
    """Return the false alarms of homes without a failure, with and without those about sensors that were held on."""
    days, held = sum(home.signal_days for home in homes), sum(home.held for home in homes)
    every = sum(len(home.alarms) for home in homes)
    return {**per_home_month(every, days), "held": held, "without_held": per_home_month(every - held, days)}


def class_text(outcomes: Sequence[Outcome]) -> str:
    """Return the table of classes as text."""
    lines = [f"{'class':16}" + "".join(f"{name:>16}" for name in COLUMNS)]
    for kind, row in class_table(outcomes).items():
        lines.append(f"{kind:16}" + "".join(f"{row[name]:16.2f}" for name in COLUMNS))
    return "\n".join(lines)
