"""The verbs about failing sensors: inject, faults, and what `evaluate --task fault` does."""

from __future__ import annotations

import argparse
from datetime import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING

from custom_components.inkling.core.faults.classes import FaultClass, Settings

from ..trace import TraceError, read_trace, replace_file, write_trace

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

# Appliances fail by cycles, which no single reading shows; the unknown is nothing one could put in.
_NOT_INJECTED = frozenset({FaultClass.DEGRADATION, FaultClass.SHORT_CYCLING, FaultClass.BASE_LOAD, FaultClass.UNKNOWN})


def add_fault_verbs(verbs: Verbs) -> None:
    """Add the verbs to the command line."""
    text = "put a failure into one signal of a trace, and a label that says so"
    verb = verbs.add_parser("inject", help=text, description=text)
    verb.add_argument("--trace", type=Path, required=True, help="trace folder")
    verb.add_argument("--signal", required=True, help="id of the signal that is to fail")
    verb.add_argument("--fault", required=True, choices=[str(kind) for kind in FaultClass if kind not in _NOT_INJECTED])
    verb.add_argument("--magnitude", type=float, default=1.0, help="how much; what it counts depends on the fault")
    verb.add_argument("--start", required=True, help="ISO 8601 time with offset")
    verb.add_argument("--end", required=True, help="ISO 8601 time with offset")
    verb.add_argument("--seed", type=int, default=0, help="seed of what is drawn (default: 0)")
    verb.add_argument("--out", type=Path, required=True, help="folder for the new trace")
    verb.set_defaults(run=_inject)
    text = "inject the whole grid of failures into held-out recordings and print what was found of each class"
    verb = verbs.add_parser("faults", help=text, description=text)
    verb.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    verb.add_argument(
        "--part",
        choices=("development", "held-out"),
        default="held-out",
        help="what thresholds were chosen on, or what was kept from that (default: held-out)",
    )
    verb.add_argument("--recordings", help="comma-separated, instead of those of the part")
    verb.add_argument("--quiet-homes", type=int, default=0, help="simulated homes without a failure to score as well")
    verb.add_argument("--quiet-days", type=int, default=60)
    verb.add_argument("--per-dose", type=int, default=3, help="cases of each class, magnitude and length (default: 3)")
    verb.add_argument("--seed", type=int, default=7)
    verb.add_argument("--budget", type=float, default=6.0, help="false alarms a year of a home (default: 6)")
    verb.add_argument("--jobs", type=int, default=1, help="recordings and homes walked at once (default: 1)")
    verb.add_argument("--json", type=Path, help="also write the figures there")
    verb.add_argument("--card", type=Path, help="also write them as a page, such as docs/faults-measured.md")
    verb.set_defaults(run=_grid)


def _time(text: str, option: str) -> float:
    """Return epoch seconds of an option."""
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        stamp = None
    if stamp is None or stamp.tzinfo is None:
        raise TraceError(
            f"{option} {text!r} is no time: write ISO 8601 with an offset, such as 2026-01-02T03:04:05+00:00"
        )
    return stamp.timestamp()


def _inject(options: argparse.Namespace) -> int:
    """Write a trace with a failure in it."""
    from .inject import Fault, inject_trace  # noqa: PLC0415 - only this verb needs it

    fault = Fault(
        FaultClass(options.fault),
        options.magnitude,
        _time(options.start, "--start"),
        _time(options.end, "--end"),
    )
    write_trace(inject_trace(read_trace(options.trace), options.signal, fault, options.seed), options.out)
    print(f"wrote {options.out}: {options.signal} fails as {fault.kind}")
    return 0


def evaluate_faults(options: argparse.Namespace) -> int:
    """Score traces whose labels say what failed when."""
    from .evaluate import evaluate_trace, event_table  # noqa: PLC0415 - only this task needs it

    folders = options.trace if isinstance(options.trace, list) else [options.trace]
    settings = Settings(options.budget, options.learning_days)
    found = {str(folder): evaluate_trace(read_trace(folder), settings) for folder in folders}
    for folder, figures in found.items():
        print(f"{folder}\n{event_table(figures)}")
    _write(options.json, found)
    return 0


def _grid(options: argparse.Namespace) -> int:
    """Run the grid."""
    from .card import card  # noqa: PLC0415 - only this verb needs it
    from .plan import PARTS  # noqa: PLC0415
    from .report import grid_report  # noqa: PLC0415

    if options.per_dose < 1 or options.jobs < 1 or options.quiet_homes < 0 or options.quiet_days < 1:
        raise TraceError("--per-dose, --jobs and --quiet-days must be at least 1, --quiet-homes at least 0")
    listed = ",".join(PARTS[options.part]) if options.recordings is None else options.recordings
    found = grid_report(options, tuple(name.strip() for name in listed.split(",") if name.strip()))
    _write(options.json, found)
    if options.card is not None:
        replace_file(options.card, card(found).encode())
    return 0


def _write(path: Path | None, found: object) -> None:
    """Write figures where a path is given."""
    if path is not None:
        replace_file(path, (json.dumps(found, indent=2) + "\n").encode())
