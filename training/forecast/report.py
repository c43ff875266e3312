"""The forecast's card and the tables of its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from custom_components.inkling.core.manifest import parse_manifest

from .score import HORIZONS_MINUTES

_HEAD = tuple(f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" for minutes in HORIZONS_MINUTES)  # noqa: PLR2004
ARUBA_BARS = {"30 min": 0.047, "60 min": 0.072, "120 min": 0.093, "360 min": 0.125}
_SHOWN = (
    "### What a new home would have been shown: {}\n\nEvery forecast noted, scored when its time came, and shown or "
    "hidden by the scores so far: share of the time a\nhorizon was shown, and the skill of what was shown. A forecast "
    "that is two points off in the mean is certain."
)
_ARUBA_FIGURES = {
    "brier": "Brier score, all day",
    "brier_8_22": "Brier score, targets from 8 to 22 h",
    "accuracy": "Accuracy, all day",
    "accuracy_8_22": "Accuracy, targets from 8 to 22 h",
}


def horizon_table(rows: Mapping[str, Sequence[float | str | None]], digits: int = 4) -> str:
    """Return figures by horizon as a Markdown table; None is a forecast that is as good as sure."""
    lines = ["| | " + " | ".join(_HEAD) + " |", "|---" * (len(_HEAD) + 1) + "|"]
    lines += [
        f"| {name} | " + " | ".join(_cell(value, digits) for value in values) + " |" for name, values in rows.items()
    ]
    return "\n".join(lines) + "\n"


def _cell(value: float | str | None, digits: int) -> str:
    """Return one figure as text."""
    if value is None:
        return "certain"
    return value if isinstance(value, str) else f"{value:.{digits}f}"


def skill_table(sorts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the skill of each sort of room by horizon."""
    return horizon_table({f"{name} ({found['count']})": found["skill"] for name, found in sorts.items()}, 3)


def shown_table(sorts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return of each sort of room how much of the time a horizon is shown, and the skill of what is."""
    return horizon_table(
        {
            f"{name} ({found['count']})": [
                _shown_cell(*pair) for pair in zip(found["share"], found["skill"], strict=True)
            ]
            for name, found in sorts.items()
        }
    )


def _shown_cell(share: float, skill: float | None) -> str:
    """Return one share of the time, with the skill of what was shown in it."""
    if share == 0.0:
        return "hidden"
    return f"{share:.0%} " + ("certain" if skill is None else f"{skill:.3f}")


def aruba_table(found: Mapping[str, Mapping[str, Mapping[str, float]]], figure: str) -> str:
    """Return one figure of every forecaster by horizon."""
    names = next(iter(found.values()))
    return horizon_table({name: [found[horizon][name][figure] for horizon in found] for name in names})


def recorded_section(recorded: Mapping[str, Any]) -> str:
    """Return what recorded homes were scored at, nothing where none lay here."""
    parts = []
    if "aruba" in recorded:
        aruba = recorded["aruba"]
        bars = " · ".join(f"{name} {bar:g}" for name, bar in ARUBA_BARS.items())
        parts.append(
            "### CASAS Aruba, home or away\n\nQuarters of an hour of 176 days after 42 days of warm-up, targets in "
            "the same day, past only; the network never saw the home.\nGradient boosting is trained anew every week "
            f"on the home's own past. Promised Brier scores: {bars}."
        )
        parts += [f"{title}\n\n{aruba_table(aruba, figure)}" for figure, title in _ARUBA_FIGURES.items()]
    if "casas" in recorded:
        casas = recorded["casas"]
        briers = "\n".join(f"{name}\n\n{horizon_table(found['brier'])}" for name, found in casas.items())
        parts.append(
            "### casas_al_home, its labelled rooms and the home\n\nEvery quarter of an hour after a week; what no "
            f"label tells is left out.\n\nBrier skill against the best rule\n\n{skill_table(casas)}\n"
            f"Brier score\n\n{briers}"
        )
    if "shown" in recorded:
        parts.append(f"{_SHOWN.format('casas_al_home')}\n\n{shown_table(recorded['shown'])}")
    return "\n\n".join(parts)


def card(manifest_bytes: bytes, size_bytes: int, notes: str, recorded: Mapping[str, Any]) -> str:
    """Return the Markdown card; `notes` is what its maker says about its weaknesses."""
    manifest = parse_manifest(manifest_bytes)
    evaluation, provenance = manifest.evaluation, manifest.provenance
    shapes, sorts = evaluation["shapes"], evaluation["rooms"]
    briers = "\n".join(f"{name}\n\n{horizon_table(sorts[name]['brier'])}" for name in ("homes", "rooms"))
    return f"""# {manifest.name} {manifest.version}

Made by `{provenance["command"]}`; do not edit by hand.
It mixes what counting finds in a room's own past into a probability for each of the next 96 quarters of an hour.

* Input: {len(manifest.input.channels)} channels a row, a row a slot, 96 rows a room
* Network: {provenance["network"]}, {size_bytes} bytes in float32
* Trained on {provenance["data"]["simulated households"]["homes"]} simulated households at every age of their history

## Held-out figures

All from the exported file through the code that runs in Home Assistant. Skill is the share of the best rule's Brier
score that is saved; the best rule is chosen for each horizon afterwards, which favours it. Rules: the overall share
(same), no change (persistence), the weekday's profile, and the slot x state Markov chain.

### Simulated households that took no part in training, from the first day to the 150th

Brier skill against the best rule (rooms scored)

{skill_table(sorts)}
Brier score

{briers}
{_SHOWN.format("simulated households, their first weeks")}

{shown_table(evaluation["shown"])}
### Rooms whose future anybody would know, after four weeks

Used every day from 18 to 19 h: at most {shapes["at_three"]:.3f} at 3 h, at least {shapes["at_half_past_six"]:.3f} at
18:30. Never used: at most {shapes["never_used"]:.4f}. The worst of forecasts made at every quarter of an hour.

{recorded_section(recorded)}

{notes}"""
