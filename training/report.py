"""The card of a model: what it is, what it was measured to do, and what it is bad at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
import io
import os
import platform
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
import numpy as np

from .comparison import comparison_section
from .evaluate import Scored, decide
from .latency import latency_table
from .make import Made
from .metrics import reliability
from .recipe import Recipe
from .sources import SOURCES, Source
from .splits import SIMULATED
from .table import table
from .trace import TraceError

_DAY_SECONDS = 86_400.0


def card(made: Made, notes: str, latency: dict[str, Any], comparison: Mapping[str, Any] | None = None) -> str:
    """Return the Markdown card; `notes` is what its maker says about its weaknesses."""
    manifest, evaluation = made.model.manifest, made.evaluation
    sets = "\n".join(
        f"### {name}\n\n{found['instants']} instants, {found['occupied']:.1%} occupied, "
        f"readable {found['known']:.1%} of the time.\n\n{table(found)}"
        for name, found in evaluation.items()
        if "results" in found
    )
    decision, int8 = manifest.decision, evaluation["int8"]
    return f"""# {manifest.name} {manifest.version}

Made by `{manifest.provenance["command"]}`; do not edit by hand.
One model for any room and any subset of its sensors.

* Input: {len(manifest.input.channels)} channels of {manifest.input.steps} steps of {manifest.input.step_seconds:g} s
* Network: `{manifest.provenance["network"]}`, {len(made.model_bytes)} bytes in float32
* Decision: occupied from {decision.on_threshold:.0%}, vacant below {decision.off_threshold:.0%}
  (after {decision.off_delay_seconds:g} s)
* Calibration: Platt scaling fitted on validation data, slope {manifest.calibration.slope:.3f},
  intercept {manifest.calibration.intercept:.3f}

## Held-out figures

All from the exported file, through the pipeline and the decision that run in Home Assistant, at regular instants that
never took part in training, calibration or the choice of thresholds. The rules stand below the model in every table;
"motion held N min" has its N tuned on training data; a rule that needs a motion sensor says vacant where there is none.
Accuracy, F1 and false offs are the decision's, Brier score, calibration error and AUC the probability's;
reaction is the median time from somebody coming (to stay a minute) to occupied, as far as the sensors report it.
Every room with motion sensors counts for "last motion wins", an entrance too: in casas_al_home that tells leaving.

{sets}
## Format

Full int8 has {int8["bytes"]} bytes and a Brier score of {int8["int8_brier"]:.4f} on validation windows, float32
{int8["float32_brier"]:.4f}; probabilities differ by at most {int8["largest_difference"]:.3f}. float32 ships.

## Latency

The file as it ships, medians on the machine that made it ({platform.machine()}, {os.cpu_count()} processors,
NumPy {np.__version__}); of all that is written here they alone differ from run to run.

{latency_table(latency)}
## Networks side by side

{_compared(made.recipe, comparison)}
## How probable is probable, and one day

![Share of time occupied against probability]({manifest.name}-reliability.png)

![One held-out day: probability, decision and truth]({manifest.name}-day.png)

{notes}
## Data

Learned from:

{_data(manifest.provenance)}

Only scored on, never learned from:

{_scored_on(made)}
"""


def _compared(recipe: Recipe, comparison: Mapping[str, Any] | None) -> str:
    """Return the comparison of networks, or how to make it."""
    if comparison is not None:
        return comparison_section(comparison)
    path = f"training/recipes/{recipe.name}"
    return (
        f"Not measured for these inputs: run `python -m training compare {path}.toml --data DIR --json "
        f"{path}.comparison.json`,\nthen make the model again.\n"
    )


def _scored_on(made: Made) -> str:
    """Return the data sets of the tests that nothing was learned from, with their licences."""
    learned = made.model.manifest.provenance["data"]
    names = dict.fromkeys(test.source for test in made.recipe.tests if test.name in made.evaluation)
    found = [f"* {len(made.recipe.simulated.test)} simulated homes of other seeds (`training/simulate`), MIT"]
    found += [_credit(name, SOURCES[name]) for name in names if name not in learned]
    return "\n".join(found)


def _credit(name: str, source: Source) -> str:
    """Return whose a data set is, what may be done with it, and where it is."""
    return f"* {name}: {source.credit}, {source.licence}, <{source.address}>"


def _data(provenance: Mapping[str, Any]) -> str:
    """Return the data sets with their licences."""
    lines = []
    for name, item in provenance["data"].items():
        if name == "simulated":
            lines.append(f"* {item['homes']} simulated homes (`training/simulate`), {item['licence']}")
        else:
            lines.append(f"* {name}: {item['credit']}, {item['licence']}, <{item['address']}>")
    return "\n".join(lines)


def _png(figure: Figure) -> bytes:
    """Return a figure as PNG bytes without a date in them."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=80, metadata={"Software": None})
    return stream.getvalue()


def reliability_png(scored: Mapping[str, Sequence[Scored]]) -> bytes:
    """Return the reliability diagram of every test set with both states in it."""
    mpl.use("Agg")
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.plot((0, 1), (0, 1), color="0.7", linewidth=1)
    for name, items in scored.items():
        truths = np.concatenate([item.truths for item in items])
        said = np.concatenate([item.probabilities for item in items])
        known = ~np.isnan(said)
        bins = [point for point in reliability(truths[known], said[known], 10) if point[2] >= 50]  # noqa: PLR2004
        axes.plot([point[0] for point in bins], [point[1] for point in bins], marker="o", markersize=3, label=name)
    axes.set(xlabel="probability said", ylabel="share of time occupied", xlim=(0, 1), ylim=(0, 1))
    axes.legend(fontsize=6)
    return _png(figure)


def day_png(made: Made, name: str) -> bytes:
    """Return the timeline of the first scored room of a test set with somebody in it."""
    mpl.use("Agg")
    items = [item for item in made.scored[name] if item.truths.any()]
    if not items:
        raise TraceError(f"nobody was ever there in {name}: there is no day to draw")
    item = items[0]
    first = item.ends < item.ends[0] + _DAY_SECONDS
    hours = (item.ends[first] - item.ends[0]) / 3600.0
    decided = decide(item.ends, item.probabilities, made.model.manifest.decision)[first]
    figure = Figure(figsize=(8, 2.6), layout="constrained")
    axes = figure.add_subplot()
    axes.fill_between(hours, 0, item.truths[first], step="post", color="0.85", label="somebody there")
    axes.plot(hours, item.probabilities[first], linewidth=1, label="probability")
    axes.step(hours, -0.08 + 0.05 * decided, where="post", linewidth=1, label="decision")
    start = datetime.fromtimestamp(float(item.ends[0]), UTC)
    axes.set(xlabel=f"hours after {start:%Y-%m-%d %H:%M} UTC", ylim=(-0.1, 1.05), xlim=(0, float(hours[-1])))
    axes.set_title(name, fontsize=8)
    axes.legend(fontsize=6, loc="upper right")
    return _png(figure)


def day_of(made: Made) -> str:
    """Return the test set whose day is drawn: the first of the recipe."""
    return made.recipe.tests[0].name if made.recipe.tests else SIMULATED
