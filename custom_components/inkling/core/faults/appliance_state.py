"""What was learned of an appliance as bytes, for a restart to bring back; what does not fit is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
import json
import math
from typing import Any

from .cycles import Levels
from .days import PER_CYCLE, Day, Measure

_VERSION = 1
_MOST_BYTES = 4_000_000


@dataclass(slots=True)
class AppliancePast:
    """Levels, healthy days, what users called false alarms, and what has added up."""

    levels: Levels | None = None
    days: list[Day] = field(default_factory=list)
    lift: dict[Measure, float] = field(default_factory=dict)
    sums: dict[tuple[Measure, float], float] = field(default_factory=dict)


def dump_past(past: AppliancePast) -> bytes:
    """Return it as JSON; unknown numbers are null."""
    return json.dumps(
        {
            "version": _VERSION,
            "levels": None if past.levels is None else [past.levels.idle, past.levels.work],
            "days": [
                {
                    "cycles": day.cycles,
                    "pauses": [_or_none(value) for value in day.pauses],
                    "own": day.own,
                    "given": [_or_none(day.outdoor), _or_none(day.load)],
                }
                for day in past.days
            ],
            "lift": past.lift,
            "sums": [[measure, side, value] for (measure, side), value in past.sums.items()],
        }
    ).encode()


def load_past(data: bytes) -> AppliancePast:
    """Return what `dump_past` wrote; ValueError for anything else."""
    try:
        return _past(json.loads(data[:_MOST_BYTES]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
        raise ValueError(f"what was learned of this appliance cannot be read, let it learn anew: {err}") from err


def _past(kept: Any) -> AppliancePast:  # noqa: ANN401 - whatever a file holds
    """Return everything, checked."""
    if kept["version"] != _VERSION:
        raise ValueError("it is of another version")
    levels = None if kept["levels"] is None else Levels(*(_number(value) for value in kept["levels"]))
    return AppliancePast(
        levels,
        [_day(item) for item in kept["days"]],
        {Measure(name): _number(value) for name, value in kept["lift"].items()},
        {(Measure(name), _number(side)): _number(value) for name, side, value in kept["sums"]},
    )


def _day(item: Any) -> Day:  # noqa: ANN401 - whatever a file holds
    """Return one day, checked."""
    cycles = tuple(tuple(_number(value) for value in row) for row in item["cycles"])
    pauses = tuple(math.nan if value is None else _number(value) for value in item["pauses"])
    if len(cycles) != len(pauses) or any(len(row) != len(PER_CYCLE) for row in cycles):
        raise ValueError("a day's cycles do not fit")
    outdoor, load = (math.nan if value is None else _number(value) for value in item["given"])
    return Day(cycles, pauses, {Measure(name): _number(value) for name, value in item["own"].items()}, outdoor, load)


def _number(value: Any) -> float:  # noqa: ANN401 - whatever a file holds
    """Return a finite number."""
    found = float(value)
    if not math.isfinite(found):
        raise ValueError(f"{value!r} is no number")
    return found


def _or_none(value: float) -> float | None:
    """Return a number, None where it is unknown."""
    return None if math.isnan(value) else value
