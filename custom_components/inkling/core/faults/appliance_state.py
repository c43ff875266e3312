"""What was learned of an appliance as bytes, for a restart to bring back; what does not fit is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
import json
import math
from typing import Any

from .appliance_alarm import ApplianceAlarm
from .classes import FaultClass, Scope, Severity
from .cycles import Levels
from .days import PER_CYCLE, Day, Measure

_VERSION = 2
_MOST_BYTES = 8_000_000
_NUMBERS = ("since", "raised", "expected", "seen", "confidence", "low", "high")
Readings = tuple[tuple[float, float], ...]
"""Epoch seconds and watts or degrees, NaN for gone."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The readings of a day that is not summarised yet, and what made it comparable."""

    readings: Readings = ()
    climate: Readings = ()
    outdoor: float = math.nan
    load: float = math.nan


@dataclass(slots=True)
class AppliancePast:
    """All that outlives a restart: normal, feedback, what has added up, the alarm, days that wait and today's."""

    levels: Levels | None = None
    days: list[Day] = field(default_factory=list)
    lift: dict[Measure, float] = field(default_factory=dict)
    sums: dict[tuple[Measure, float], float] = field(default_factory=dict)
    began: dict[tuple[Measure, float], float] = field(default_factory=dict)
    """When each sum left zero, epoch seconds."""
    odd: dict[tuple[Measure, float], float] = field(default_factory=dict)
    """What the newest day that shows it was beyond its band in, and since when, epoch seconds."""
    alarm: ApplianceAlarm | None = None
    healthy: int = 0
    """Healthy days since the alarm."""
    score: float = 0.0
    measure: Measure | None = None
    """How odd the newest day was, and in what."""
    waiting: list[Stretch] = field(default_factory=list)
    """Days from before it was known what work is."""


def dump_past(past: AppliancePast, today: Stretch) -> bytes:
    """Return it as JSON with the day that is under way; unknown numbers are null."""
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
            "sums": [
                [measure, side, value, past.began.get((measure, side))] for (measure, side), value in past.sums.items()
            ],
            "odd": [[measure, side, since] for (measure, side), since in past.odd.items()],
            "alarm": None if past.alarm is None else _alarm_fields(past.alarm),
            "healthy": past.healthy,
            "newest": [past.score, past.measure],
            "waiting": [_stretch_fields(item) for item in past.waiting],
            "today": _stretch_fields(today),
        }
    ).encode()


def _alarm_fields(alarm: ApplianceAlarm) -> dict[str, Any]:
    """Return an alarm's own fields; the rest follows from them."""
    texts = ("signal", "device", "fault", "severity", "measure", "is_slow")
    return {name: getattr(alarm, name) for name in (*texts, *_NUMBERS)}


def _stretch_fields(item: Stretch) -> dict[str, Any]:
    """Return a day's readings."""
    return {
        "readings": [[round(t, 1), _or_none(value)] for t, value in item.readings],
        "climate": [[round(t, 1), _or_none(value)] for t, value in item.climate],
        "given": [_or_none(item.outdoor), _or_none(item.load)],
    }


def load_past(data: bytes) -> tuple[AppliancePast, Stretch]:
    """Return what `dump_past` wrote; ValueError for anything else."""
    try:
        kept = json.loads(data[:_MOST_BYTES])
        return _past(kept), _stretch(kept["today"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
        raise ValueError(f"what was learned of this appliance cannot be read, let it learn anew: {err}") from err


def _past(kept: Any) -> AppliancePast:  # noqa: ANN401 - whatever a file holds
    """Return everything, checked."""
    if kept["version"] != _VERSION:
        raise ValueError("it is of another version")
    levels = None if kept["levels"] is None else Levels(*(_number(value) for value in kept["levels"]))
    sums = {(Measure(name), _number(side)): (_number(value), began) for name, side, value, began in kept["sums"]}
    score, measure = kept["newest"]
    return AppliancePast(
        levels,
        [_day(item) for item in kept["days"]],
        {Measure(name): _number(value) for name, value in kept["lift"].items()},
        {key: value for key, (value, _) in sums.items()},
        {key: _number(began) for key, (_, began) in sums.items() if began is not None},
        {(Measure(name), _number(side)): _number(since) for name, side, since in kept["odd"]},
        None if kept["alarm"] is None else _alarm(kept["alarm"]),
        int(_number(kept["healthy"])),
        _number(score),
        None if measure is None else Measure(measure),
        [_stretch(item) for item in kept["waiting"]],
    )


def _alarm(kept: dict[str, Any]) -> ApplianceAlarm:
    """Return an alarm, checked."""
    signal = str(kept["signal"])
    since, raised, expected, seen, confidence, low, high = (_number(kept[name]) for name in _NUMBERS)
    return ApplianceAlarm(
        target=signal,
        scope=Scope.SIGNAL,
        signal=signal,
        device=str(kept["device"]),
        fault=FaultClass(kept["fault"]),
        severity=Severity(kept["severity"]),
        measure=str(Measure(kept["measure"])),
        responsible=((signal, 1.0),),
        is_slow=bool(kept["is_slow"]),
        since=since,
        raised=raised,
        expected=expected,
        seen=seen,
        confidence=confidence,
        low=low,
        high=high,
    )


def _stretch(item: Any) -> Stretch:  # noqa: ANN401 - whatever a file holds
    """Return a day's readings, checked."""
    readings, climate = (
        tuple((_number(t), _or_nan(value)) for t, value in item[name]) for name in ("readings", "climate")
    )
    outdoor, load = (_or_nan(value) for value in item["given"])
    return Stretch(readings, climate, outdoor, load)


def _day(item: Any) -> Day:  # noqa: ANN401 - whatever a file holds
    """Return one day, checked."""
    cycles = tuple(tuple(_number(value) for value in row) for row in item["cycles"])
    pauses = tuple(_or_nan(value) for value in item["pauses"])
    if len(cycles) != len(pauses) or any(len(row) != len(PER_CYCLE) for row in cycles):
        raise ValueError("a day's cycles do not fit")
    outdoor, load = (_or_nan(value) for value in item["given"])
    return Day(cycles, pauses, {Measure(name): _number(value) for name, value in item["own"].items()}, outdoor, load)


def _number(value: Any) -> float:  # noqa: ANN401 - whatever a file holds
    """Return a finite number."""
    found = float(value)
    if not math.isfinite(found):
        raise ValueError(f"{value!r} is no number")
    return found


def _or_nan(value: Any) -> float:  # noqa: ANN401 - whatever a file holds
    """Return a number, NaN where it is unknown."""
    return math.nan if value is None else _number(value)


def _or_none(value: float) -> float | None:
    """Return a number, None where it is unknown."""
    return None if math.isnan(value) else value
