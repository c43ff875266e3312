"""The figures of a run as a page that says what was measured, how, and where it falls short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import math
from typing import Any

_BARS = {
    **dict.fromkeys(("dropout", "stuck", "spike", "noise", "out_of_physics"), 0.95),
    **dict.fromkeys(("bias", "drift", "quantisation", "ghost", "blind"), 0.80),
}
_TYPE_BAR, _PLACE_BAR, _QUIET_BAR, _GRID_QUIET_BAR = 0.85, 0.90, 0.5, 1.0


def card(found: Mapping[str, Any]) -> str:
    """Return the page of a report's figures."""
    every = found["all"]
    lines = [
        "# Sensor faults: what was found of failures put into recordings",
        "",
        (
            f"Written by `python -m training faults`, part *{found['part']}*: {', '.join(found['recordings'])}. "
            f"The watch was set to {found['budget']:g} false alarms a year of a home. "
            "Only alarms at warning or above count, "
            "and only those that begin while the failure lasts, or an hour after. "
            "A miss counts as a delay without end. Type and place are of what was found."
        ),
        "",
        *_table(every["classes"]),
        "",
        (
            f"Left out: {every['masked']} cases in which a false alarm stood about the signal already; "
            f"draws that changed nothing that is read: {every['without_effect']}."
        ),
        "",
        *_real(found),
        "## Without failures",
        f"* The held-out stretches of the recordings: {_rate(every['quiet'])} (bar {_GRID_QUIET_BAR:g}).",
        *(f"    * {name}: {_rate(item['quiet'])}" for name, item in found["recordings"].items()),
    ]
    if "quiet_homes" in found:
        lines.append(
            "* Simulated homes with a holiday, a puppy, a heat wave and a change of the clocks: "
            f"{_rate(found['quiet_homes'])} (bar {_QUIET_BAR:g})."
        )
        lines += list(_held(found["quiet_homes"]))
    return "\n".join([*lines, "", *_ablation(every), "", "## What falls short", *shortfalls(found), ""])


def _real(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of the recordings of real signals, where there are any and others beside them."""
    real = found.get("real")
    if real and real["classes"] and real["classes"] != found["all"]["classes"]:
        yield "## Real signals only"
        yield ""
        yield from _table(real["classes"])
        yield ""
        told = ", ".join(f"{name} {_number(real['overall'][name])}" for name in ("recall", "type_right", "place_right"))
        yield f"All classes: {told}. Without failures: {_rate(real['quiet'])}."
        yield ""


def _held(quiet: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the simulator's own failing sensors make of it: a fan or a curtain holds a radar on for days."""
    if quiet.get("held"):
        yield (
            f"    * {quiet['held']} of these are about presence sensors that the simulator held on for half a day or "
            f"more, which is a failure; without them: {_rate(quiet['without_held'])}."
        )


def _rate(quiet: Mapping[str, float]) -> str:
    """Return a rate of false alarms with its bound, in words."""
    return (
        f"{quiet['false_alarms']:g} false alarms in {quiet['home_months']:.2f} home-months, "
        f"{quiet['per_home_month']:.2f} a home-month, 95 % upper bound {quiet['upper_95']:.2f}"
    )


def _table(classes: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yield a row a class."""
    yield "| class | cases | recall | bar | median delay, h | p90, h | type right | place right |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind, row in classes.items():
        bar = f"{_BARS[kind]:.2f}" if kind in _BARS else "-"
        numbers = [row[name] for name in ("delay_median_h", "delay_p90_h", "type_right", "place_right")]
        told = " | ".join(_number(number) for number in numbers)
        yield f"| {kind} | {row['cases']} | {row['recall']:.2f} | {bar} | {told} |"


def _number(value: float) -> str:
    """Return a number, or that there is none."""
    if math.isnan(value):
        return "-"
    return "never" if math.isinf(value) else f"{value:.2f}"


def _ablation(every: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rivals' figures beside the watch's, on failures of numbers."""
    yield "## Beside simple methods"
    yield (
        "Each at the threshold that the watch's own rule draws from its learning days, which is not the same number of "
        "false alarms; at equal ones they are compared [here](faults-ablation.md). Hours not recorded count for nobody."
    )
    yield ""
    yield "| method | recall, numbers | false alarms a home-month |"
    yield "| --- | ---: | ---: |"
    yield f"| the watch | {_number(every['numeric'])} | {every['quiet']['per_home_month']:.2f} |"
    for name, row in every["rivals"].items():
        yield f"| {name} | {_number(row['recall'])} | {row['per_home_month']:.2f} |"


def shortfalls(found: Mapping[str, Any]) -> list[str]:
    """Return a line for each bar that is missed, and one when none is."""
    every = found["all"]
    lines = [
        f"* {kind}: recall {every['classes'][kind]['recall']:.2f}, the bar is {bar:.2f}."
        if kind in every["classes"]
        else f"* {kind}: not tried, no recording of this part has a signal that can fail so."
        for kind, bar in sorted(_BARS.items())
        if kind not in every["classes"] or every["classes"][kind]["recall"] < bar
    ]
    for name, bar in (("type_right", _TYPE_BAR), ("place_right", _PLACE_BAR)):
        if not every["overall"].get(name, math.nan) >= bar:
            lines.append(f"* {name}: {_number(every['overall'].get(name, math.nan))}, the bar is {bar:.2f}.")
    for name, quiet, bar in (
        ("recordings", every["quiet"], _GRID_QUIET_BAR),
        ("quiet homes", found.get("quiet_homes"), _QUIET_BAR),
    ):
        if quiet is not None and quiet["per_home_month"] > bar:
            lines.append(f"* {name}: {quiet['per_home_month']:.2f} false alarms a home-month, the bar is {bar:g}.")
    return lines or ["* Nothing that was measured."]
