"""The ablation as a page: who finds what at equal false alarms, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import math
from typing import Any

from .ablation import WATCH
from .ablation_figures import RATES, SIMPLEST

# Beyond that a difference in cases found is taken for one.
_CHANCE = 0.05


def page(found: Mapping[str, Any]) -> str:
    """Return the page of an ablation's figures."""
    lines = [
        "# Faults: what beats the simplest",
        "",
        (
            "Written by `python -m training faults-ablation`. The same failures are put into the same recordings for "
            "every detector. All rivals see six channels of each signal (level, movement, time without change, "
            "silence of its device, distance from its peers, smallest step) and draw thresholds from its learning days "
            "by the watch's own tail rule. One factor on all thresholds of a rival is chosen on untouched stretches of "
            "development recordings so that it is as quiet there as the watch. What is not recorded counts for nobody; "
            "what several signals cry within an hour is one alarm; who is in alarm as a failure begins has missed it."
        ),
        "",
    ]
    for part in ("held-out", "development"):
        lines += [*_part(part, found[part]), ""]
    lines += [
        *_networks(found),
        "",
        *_naming(found),
        "",
        "## What follows",
        *_verdicts(found["held-out"]["detectors"]),
        "",
    ]
    return "\n".join(lines)


def _part(part: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the tables of one part."""
    rows = found["detectors"]
    yield f"## {part.capitalize()} recordings"
    yield (
        f"{', '.join(found['recordings'])}: {rows[WATCH]['cases']} failures, "
        f"{rows[WATCH]['home_months']:.2f} home-months untouched."
    )
    yield ""
    yield (
        "| detector | found | of numbers | of switches | median delay, h | false alarms a home-month | bound | "
        f"only it / only {SIMPLEST} | chance |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name, row in rows.items():
        split = row["beside_simplest"]
        yield (
            f"| {name} | {row['recall']:.2f} | {_number(row['numbers'])} | {_number(row['switches'])} "
            f"| {_number(row['delay_median_h'])} | {row['per_home_month']:.2f} | {row['upper_95']:.2f} "
            f"| {split['only_this']} / {split['only_simplest']} | {split['chance']:.3f} |"
        )
    yield ""
    yield "Found of each class:"
    yield ""
    yield "| class | cases | " + " | ".join(rows) + " |"
    yield "| --- | ---: |" + " ---: |" * len(rows)
    for kind, first in rows[WATCH]["classes"].items():
        told = " | ".join(f"{row['classes'][kind]['recall']:.2f}" for row in rows.values())
        yield f"| {kind} | {first['cases']} | {told} |"
    yield ""
    yield from _curve(rows)


def _curve(rows: Mapping[str, Any]) -> Iterator[str]:
    """Yield what rivals find at other rates."""
    yield (
        "Found (and false alarms a home-month here) with factors for other rates on development recordings; the last "
        "column's factor is chosen on these very recordings, to be as quiet here as the watch, which favours the rival:"
    )
    yield ""
    yield "| rival | " + " | ".join(f"{rate:g}" for rate in RATES) + " | as the watch here |"
    yield "| --- |" + " ---: |" * (len(RATES) + 1)
    for name, row in rows.items():
        if name != WATCH:
            points = [*(row["curve"][f"{rate:g}"] for rate in RATES), row["here"]]
            yield f"| {name} | " + " | ".join(f"{p['recall']:.2f} ({p['per_home_month']:.1f})" for p in points) + " |"


def _networks(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the networks are."""
    yield "## The networks"
    yield (
        "One day, hour by hour, of a signal's channels and of the home's mean goes in. *Reconstruction* puts the day "
        "together from a dozen numbers; *forecast* says the signal's channels now without having seen its last two "
        "hours. They learned on learning days of development recordings only, never saw a failure, and run as exported "
        "float32 files on the portable executor: "
        + ", ".join(f"{name.removeprefix('network, ')} {size} bytes" for name, size in found["network_bytes"].items())
        + "."
    )


def _naming(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield who names the class better."""
    naming = found.get("naming")
    if naming is None:
        return
    yield "## Naming the class"
    yield (
        f"Of failures that the watch found, {naming['taught']} on development recordings taught a network of "
        f"{naming['bytes']} bytes: from the excesses of all scores of the signal that answers, what it measures, "
        "the alarm's two numbers, and the rules' own word, which it may overrule. "
        f"{naming['rules']['cases']} on held-out recordings are named by both."
    )
    yield ""
    yield "| | right | of development recordings, each left out once |"
    yield "| --- | ---: | ---: |"
    for name in ("rules", "network"):
        yield f"| {name} | {naming[name]['right']:.3f} | {naming[name]['left_out']:.3f} |"
    split = naming["beside"]
    yield ""
    yield (
        f"Held out, only the network was right {split['only_this']} times, only the rules {split['only_simplest']} "
        f"times (chance {split['chance']:.3f})."
    )


def _verdicts(rows: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line a detector that says whether it beats the simplest, by both ways of making false alarms equal."""
    yield (
        f"A difference counts if chance would make it in less than one of {1.0 / _CHANCE:.0f} cases, both with the "
        "factors of development recordings and with those that favour rivals."
    )
    yield ""
    simplest = rows[SIMPLEST]
    for name, row in rows.items():
        if name == SIMPLEST:
            continue
        splits = (row["beside_simplest"], row["beside_favoured"])
        is_sure = all(split["chance"] < _CHANCE for split in splits)
        signs = {split["only_this"] > split["only_simplest"] for split in splits}
        if not is_sure or len(signs) > 1:
            said = f"cannot be told from {SIMPLEST}"
        else:
            said = f"finds {'more' if True in signs else 'fewer'} than {SIMPLEST}"
        favoured = row.get("here", row)["recall"]
        yield (
            f"* {name} {said}: {row['recall']:.2f} against {simplest['recall']:.2f}, favoured {favoured:.2f} against "
            f"{simplest['here']['recall']:.2f} (only it {splits[1]['only_this']}, only {SIMPLEST} "
            f"{splits[1]['only_simplest']}, chance {splits[1]['chance']:.3f})."
        )


def _number(value: float) -> str:
    """Return a number, or that there is none."""
    return "-" if math.isnan(value) else f"{value:.2f}"
