"""The report of the grid: a table a class, false alarms with their bound, and the rivals' figures beside them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from custom_components.inkling.core.faults.classes import Settings

from .grid import Outcome, Walk, walk
from .plan import recordings
from .quiet import Quiet, quiet_home
from .score import class_table, overall, per_home_month, quiet_figures

_COLUMNS = ("cases", "recall", "delay_median_h", "delay_p90_h", "type_right", "place_right")
_QUIET_SEED = 5000
LEARNING_DAYS = 7.0


def grid_report(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """Run the grid on the recordings and the quiet homes, print as it goes, and return all figures."""
    walks: list[Walk] = []
    found: dict[str, Any] = {"recordings": {}}
    for name, recording in recordings(options.data, tuple(names)).items():
        settings = Settings(options.budget, recording.learning_days)
        done = walk(recording, settings, options.per_dose, options.seed)
        walks.append(done)
        found["recordings"][name] = figures([done])
        print(f"\n{name}\n{class_text(done.outcomes)}", flush=True)
    found["all"] = figures(walks)
    print(f"\nall recordings\n{class_text([item for done in walks for item in done.outcomes])}")
    print(f"without failures: {found['all']['quiet']}")
    if options.quiet_homes:
        settings = Settings(options.budget, LEARNING_DAYS)
        homes = [quiet_home(_QUIET_SEED + n, options.quiet_days, settings) for n in range(options.quiet_homes)]
        found["quiet_homes"] = quiet_homes(homes)
        print(f"quiet simulated homes: {found['quiet_homes']}")
    return found


def figures(walks: Sequence[Walk]) -> dict[str, Any]:
    """Return the figures of some recordings together."""
    outcomes = [item for done in walks for item in done.outcomes]
    return {
        "classes": class_table(outcomes),
        "overall": overall(outcomes),
        "quiet": quiet_figures(walks),
        "without_effect": sum(done.without_effect for done in walks),
        "masked": sum(done.masked for done in walks),
    }


def quiet_homes(homes: Sequence[Quiet]) -> dict[str, float]:
    """Return the false alarms of homes without a failure."""
    return per_home_month(sum(len(home.alarms) for home in homes), sum(home.signal_days for home in homes))


def class_text(outcomes: Sequence[Outcome]) -> str:
    """Return the table of classes as text."""
    lines = [f"{'class':16}" + "".join(f"{name:>16}" for name in _COLUMNS)]
    for kind, row in class_table(outcomes).items():
        lines.append(f"{kind:16}" + "".join(f"{row[name]:16.2f}" for name in _COLUMNS))
    return "\n".join(lines)
