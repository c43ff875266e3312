"""Thresholds of the appliance figures, chosen on the units of the other number, and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .appliances import LIVE, MARGINS, NORMAL, OURS, RULES, Judged, judge_unit, read_units

COMPRESSOR = "faulty_compressor"
MAJOR = "major"
COMPRESSOR_BAR = 0.9
MAJOR_BAR = 0.8
SELF_DECIDED = ("fridge_1", "fridge_2", "dishwasher_1", "dishwasher_2", "water_heater_1")
"""Units whose runs a thermostat or a programme ends; the others run for as long as people's loads need."""
NOTE = (
    "Door seals move a fridge's duty by about 0.02, a standard deviation between its own days or less: they are hard. "
    "Where loads decide how long it heats (washing machine, dryer, second water heater), a fifth more is usual. "
    "Margins come from the units of the other number; the least differences that count were set with all in view."
)


@dataclass(frozen=True, slots=True)
class Row:
    """A unit's days of a condition that one method alarmed on."""

    method: str
    unit: str
    condition: str
    days: int
    alarms: int
    setting: float
    """The margin or threshold, chosen without this unit."""


def fold(unit: str) -> str:
    """Return which half a unit is in: first and second units of a kind."""
    return unit.rpartition("_")[2]


def rows(judged: Sequence[Judged]) -> list[Row]:
    """Return every method's alarms, with the setting that had no false alarm on the other half's normal days."""
    found = []
    for method in (OURS, *RULES):
        for half in sorted({fold(item.unit) for item in judged}):
            others = [item for item in judged if fold(item.unit) != half and item.condition == NORMAL]
            setting = _setting(method, others)
            mine = [item for item in judged if fold(item.unit) == half]
            found += _count(method, setting, mine)
    return found


def _setting(method: str, others: Sequence[Judged]) -> float:
    """Return the smallest margin, or threshold, at which none of these normal days is an alarm."""
    if method == OURS:
        quiet = [m for m in MARGINS if all(item.scores[f"{OURS} {m}"] <= 1.0 for item in others)]
        return quiet[0] if quiet else MARGINS[-1]
    return max((item.scores[method] for item in others), default=0.0)


def _count(method: str, setting: float, judged: Sequence[Judged]) -> list[Row]:
    """Count alarms by unit and condition."""
    key, limit = (f"{OURS} {setting}", 1.0) if method == OURS else (method, setting)
    groups: dict[tuple[str, str], list[bool]] = {}
    for item in judged:
        groups.setdefault((item.unit, item.condition), []).append(item.scores[key] > limit)
    return [Row(method, unit, what, len(hits), sum(hits), setting) for (unit, what), hits in sorted(groups.items())]


def share(found: Sequence[Row], prefix: str) -> float:
    """Return the share of days found of all conditions that begin so."""
    mine = [row for row in found if row.condition.startswith(prefix)]
    return sum(row.alarms for row in mine) / max(sum(row.days for row in mine), 1)


def appliance_report(folder: Path) -> dict[str, object]:
    """Score the data set; print the tables."""
    judged = [item for unit in read_units(folder) for item in judge_unit(unit)]
    found = rows(judged)
    ours = [row for row in found if row.method == OURS]
    print(table(found))
    print(summary(found))
    print(live_table(judged))
    print(NOTE)
    return {
        "rows": [asdict(row) for row in found],
        "compressor": share(ours, COMPRESSOR),
        "major": share(ours, MAJOR),
        "live": {str(rate): _live(judged, rate) for rate in LIVE},
    }


def _live(judged: Sequence[Judged], rate: float) -> dict[str, float]:
    """Return the shares of days found, and the false alarm days, at the margin of so many false alarms a year."""
    found = _count(OURS, LIVE[rate], judged)
    false = sum(row.alarms for row in found if row.condition == NORMAL)
    return {"compressor": share(found, COMPRESSOR), "major": share(found, MAJOR), "false_alarm_days": float(false)}


def live_table(judged: Sequence[Judged]) -> str:
    """Return what users get, who choose false alarms a year: each day judged by itself, which is the harder way."""
    lines = ["", "| false alarms a year | margin | compressor | Major | false alarm days |", "|---" * 5 + "|"]
    for rate, margin in LIVE.items():
        cells = _live(judged, rate)
        shares = f"{cells['compressor']:.2f} | {cells['major']:.2f} | {cells['false_alarm_days']:.0f}"
        lines.append(f"| {rate:.0f} | {margin:.2f} | {shares} |")
    return "\n".join(lines)


def table(found: Sequence[Row]) -> str:
    """Return days alarmed on, a unit and condition a row, a method a column."""
    methods = (OURS, *RULES)
    head = "| unit | condition | " + " | ".join(methods) + " |\n" + "|---" * (len(methods) + 2) + "|\n"
    keys = sorted({(row.unit, row.condition != NORMAL, row.condition) for row in found})
    cells = {(row.unit, row.condition, row.method): f"{row.alarms}/{row.days}" for row in found}
    lines = [
        f"| {unit} | {condition} | " + " | ".join(cells[unit, condition, method] for method in methods) + " |"
        for unit, _, condition in keys
    ]
    return head + "\n".join(lines)


def summary(found: Sequence[Row]) -> str:
    """Return the bars, ours and the baselines', with the false alarms that they cost."""
    titles = (
        "method",
        f"compressor (bar {COMPRESSOR_BAR})",
        f"Major (bar {MAJOR_BAR})",
        "Major, five units picked afterwards",
        "false alarm days",
        "settings by half",
    )
    lines = ["", "| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for method in (OURS, *RULES):
        mine = [row for row in found if row.method == method]
        own = [row for row in mine if row.unit in SELF_DECIDED]
        cells = (
            f"{share(mine, COMPRESSOR):.2f}",
            f"{share(mine, MAJOR):.2f}",
            f"{share(own, MAJOR):.2f}",
            str(sum(row.alarms for row in mine if row.condition == NORMAL)),
            ", ".join(sorted({f"{fold(row.unit)}: {row.setting:.2f}" for row in mine})),
        )
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
