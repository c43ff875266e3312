"""`python -m training machines`: appliances, the machine and the pump, each with its baselines."""

from __future__ import annotations

import argparse
from dataclasses import asdict
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..trace import replace_file

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it


def add_machine_verb(verbs: Verbs) -> None:
    """Add the verb to the command line."""
    text = "score the faults of appliances and machines on public recordings, every baseline beside them"
    verb = verbs.add_parser("machines", help=text, description=text)
    verb.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    verb.add_argument("--json", type=Path, help="also write the figures there")
    verb.set_defaults(run=_machines)


def _machines(options: argparse.Namespace) -> int:
    """Print every table of recordings that are there."""
    from .appliance_report import appliance_report  # noqa: PLC0415 - only this verb needs it
    from .machine import machine_figures, machine_table  # noqa: PLC0415
    from .stream import ADDRESS, read_recordings, stream_figures, stream_table  # noqa: PLC0415

    found: dict[str, object] = {"appliances": appliance_report(options.data / "appliance_faults")}
    machine = machine_figures(options.data / "nab")
    print(machine_table(machine))
    found["machine"] = [asdict(item) for item in machine]
    recordings = read_recordings(options.data / "skab")
    if recordings:
        pump = stream_figures(recordings)
        print(stream_table(pump))
        found["pump"] = [asdict(item) for item in pump]
    else:
        print(
            f"\n{options.data / 'skab'} is not there: the pump is not scored; get valve1, valve2 and other of {ADDRESS}"
        )
    if options.json is not None:
        replace_file(options.json, (json.dumps(found, indent=2) + "\n").encode())
    return 0
