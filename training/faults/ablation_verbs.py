"""`python -m training faults-ablation`: the watch beside simple methods and small networks."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
import json
from pathlib import Path
import time
import tomllib
from typing import TYPE_CHECKING, Any

from ..recipe import RecipeError
from ..trace import TraceError, replace_file

if TYPE_CHECKING:
    from .ablation import Subject, Tried, Watched
    from .ablation_figures import Results
    from .ablation_methods import Teach
    from .nets import Fit

    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it
_ROOT = Path(__file__).parents[2]
_FIRST_SEED = 302


def add_ablation_verb(verbs: Verbs) -> None:
    """Add the verb to the command line."""
    text = "compare the watch for faults with simple methods and small networks at equal false alarms"
    verb = verbs.add_parser("faults-ablation", help=text, description=text)
    verb.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    verb.add_argument("--recipe", type=Path, default=_ROOT / "training" / "recipes" / "faults.toml")
    verb.add_argument("--development", help="comma-separated recordings, instead of those of the part")
    verb.add_argument("--held-out", help="comma-separated recordings, instead of those of the part")
    verb.add_argument(
        "--more-homes", type=int, default=3, help="more simulated homes to set thresholds and teach on (default: 3)"
    )
    verb.add_argument(
        "--per-dose",
        type=int,
        default=2,
        help="cases of each class, magnitude and length; half in simulated homes (default: 2)",
    )
    verb.add_argument("--seed", type=int, default=11)
    verb.add_argument("--budget", type=float, default=6.0, help="false alarms a year of a home (default: 6)")
    verb.add_argument("--json", type=Path, help="also write the figures there")
    verb.add_argument("--page", type=Path, help="also write them as a page, such as docs/faults-ablation.md")
    verb.set_defaults(run=_run)


def read_fit(path: Path, section: str) -> Fit:
    """Return how a recipe wants its networks trained; raise RecipeError where it does not say so."""
    from .nets import Fit  # noqa: PLC0415 - only this verb needs it

    try:
        return Fit(**tomllib.loads(path.read_text(encoding="utf-8"))[section])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, UnicodeDecodeError) as err:
        raise RecipeError(f"{path} does not say how to train in its section [{section}]: {err}") from err


def _run(options: argparse.Namespace) -> int:
    """Run the ablation, print its page, and write what is asked for."""
    from .ablation_page import page  # noqa: PLC0415 - only this verb needs it

    if options.per_dose < 1 or options.more_homes < 0:
        raise TraceError("--per-dose must be at least 1, --more-homes at least 0")
    found = measure(options)
    text = page(found)
    print(text)
    if options.json is not None:
        replace_file(options.json, (json.dumps(found, indent=2) + "\n").encode())
    if options.page is not None:
        replace_file(options.page, text.encode())
    return 0


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of all detectors on both parts."""
    from .ablation import subjects  # noqa: PLC0415 - only this verb needs it
    from .ablation_figures import detector_figures, factors  # noqa: PLC0415
    from .ablation_methods import RIVALS  # noqa: PLC0415
    from .nets import net_rivals  # noqa: PLC0415
    from .nets_naming import naming_figures  # noqa: PLC0415
    from .plan import PARTS  # noqa: PLC0415

    fit, started = read_fit(options.recipe, "networks"), time.monotonic()
    names = {
        "development": _names(options.development, PARTS["development"]),
        "held-out": _names(options.held_out, PARTS["held-out"]),
    }
    more = [f"simulated-{_FIRST_SEED + n}" for n in range(options.more_homes)]
    taught = subjects(options.data, names["development"], options.per_dose, options.seed)
    taught |= subjects(options.data, [name for name in more if name not in taught], options.per_dose, options.seed)
    nets = net_rivals([subject.channels.learning for subject in taught.values()], fit)
    _say(started, f"networks: {', '.join(f'{name} {size} bytes' for name, (_, size) in nets.items())}")
    methods = {**RIVALS, **{name: teach for name, (teach, _) in nets.items()}}
    results = {"development": results_of(taught, methods, options.budget, started)}
    chosen = factors(results["development"])
    others = subjects(options.data, names["held-out"], options.per_dose, options.seed)
    results["held-out"] = results_of(others, methods, options.budget, started)
    parts = {
        part: {"recordings": [one.recording.name for one in item.subjects], "detectors": detector_figures(item, chosen)}
        for part, item in results.items()
    }
    return {
        **parts,
        "budget": options.budget,
        "network_bytes": {name: size for name, (_, size) in nets.items()},
        "naming": naming_figures(
            {subject.recording.name: item.found for subject, item in results["development"].pairs},
            [found for item in results["held-out"].watched for found in item.found],
            read_fit(options.recipe, "naming"),
        ),
    }


def _names(listed: str | None, of_part: tuple[str, ...]) -> tuple[str, ...]:
    """Return the recordings that are wanted."""
    return of_part if listed is None else tuple(name.strip() for name in listed.split(",") if name.strip())


def results_of(subjects: Mapping[str, Subject], methods: Mapping[str, Teach], budget: float, started: float) -> Results:
    """Return what all detectors say of recordings."""
    from .ablation import try_rival, watch_subject  # noqa: PLC0415 - only this verb needs it
    from .ablation_figures import Results  # noqa: PLC0415

    watched: list[Watched] = []
    tried: dict[str, list[Tried]] = {name: [] for name in methods}
    for name, subject in subjects.items():
        watched.append(watch_subject(subject, budget))
        for method, teach in methods.items():
            tried[method].append(try_rival(subject, teach))
        _say(started, f"{name}: {len(subject.cases)} failures, {watched[-1].false_alarms} false alarms of the watch")
    return Results(tuple(subjects.values()), tuple(watched), {name: tuple(items) for name, items in tried.items()})


def _say(started: float, text: str) -> None:
    """Tell how far the run is."""
    print(f"[{time.monotonic() - started:6.1f} s] {text}", flush=True)
