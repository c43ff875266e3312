"""What an appliance's alarm says beside any other: what is usual, in units that a person reads, and how it came."""

from __future__ import annotations

from dataclasses import dataclass
import math

from .baseline import Deviation
from .classes import Alarm, FaultClass, Scope, Severity
from .days import ApplianceKind, Measure

_ALWAYS, _NEVER, _SELDOM = 0.97, 0.01, 0.05
_COLD = (ApplianceKind.FRIDGE, ApplianceKind.FREEZER)
_SHORTER = (Measure.LENGTH, Measure.TYPICAL)
_IDLE_OFFSET_WATTS = 10.0
UNITS = {
    Measure.LENGTH: "min",
    Measure.TYPICAL: "min",
    Measure.ENERGY: "Wh",
    Measure.POWER: "W",
    Measure.SHAPE: "%",
    Measure.LONGEST: "min",
    Measure.DUTY: "%",
    Measure.STARTS: "",
    Measure.IDLE: "W",
    Measure.TEMPERATURE: "°C",
    Measure.RECOVERY: "min",
}
"""The unit of each measure as it is told."""


@dataclass(frozen=True, slots=True)
class ApplianceAlarm(Alarm):
    """An alarm about how an appliance works; `expected`, `seen`, `low`, `high` in the unit of its measure."""

    low: float = math.nan
    high: float = math.nan
    """Between these nothing would have been said of a single day."""
    is_slow: bool = False
    """Whether it added up over days of which none is odd."""


def told(measure: Measure, value: float) -> float:
    """Return a measure's number (mostly a logarithm) in the unit of `UNITS`."""
    if measure is Measure.TEMPERATURE:
        return value
    plain = math.exp(min(value, 50.0))
    if measure in (Measure.LENGTH, Measure.TYPICAL, Measure.LONGEST):
        return plain / 60.0
    if measure in (Measure.SHAPE, Measure.DUTY):
        return min(100.0 * plain, 100.0)
    # Both have what keeps the logarithm finite in them: a start more, ten watts more, a minute more.
    if measure is Measure.STARTS:
        return max(24.0 * plain - 1.0, 0.0)
    if measure is Measure.IDLE:
        return max(plain - _IDLE_OFFSET_WATTS, 0.0)
    return max(plain - 1.0, 0.0) if measure is Measure.RECOVERY else plain


def has_stopped(worst: Deviation) -> bool:
    """Return whether what used to work by itself did not work all day."""
    shares = (math.exp(worst.seen), math.exp(worst.expected)) if worst.measure is Measure.DUTY else (1.0, 1.0)
    return shares[0] <= _NEVER and shares[1] >= _SELDOM


def fault_of(worst: Deviation, kind: ApplianceKind) -> FaultClass:
    """Return what a measure that is too far off says of an appliance."""
    is_more = worst.signed > 0.0
    if worst.measure is Measure.DUTY and is_more and math.exp(worst.seen) >= _ALWAYS:
        return FaultClass.STUCK_ON
    if has_stopped(worst):
        return FaultClass.STUCK_OFF
    if worst.measure is Measure.IDLE:
        return FaultClass.BASE_LOAD
    if worst.measure is Measure.STARTS and is_more:
        return FaultClass.SHORT_CYCLING
    is_short = worst.measure in _SHORTER and not is_more
    return FaultClass.SHORT_CYCLING if is_short and kind.runs_by_itself else FaultClass.DEGRADATION


def severity_of(fault: FaultClass, worst: Deviation, kind: ApplianceKind) -> Severity:
    """Return how much it matters: food that spoils at once, work that wears, or a line in a log."""
    is_warm = worst.measure is Measure.TEMPERATURE and worst.signed > 0.0
    if kind in _COLD and (is_warm or fault is FaultClass.STUCK_OFF):
        return Severity.CRITICAL
    # Less at rest than ever before costs nobody anything.
    return Severity.INFO if fault is FaultClass.BASE_LOAD and worst.signed < 0.0 else Severity.WARNING


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alarm is about."""

    kind: ApplianceKind
    signal: str
    device: str
    history: float
    """Learned days over those that it takes to judge."""


def alarm_of(worst: Deviation, about: Subject, *, since: float, now: float, is_slow: bool) -> ApplianceAlarm:
    """Put a deviation into an alarm; times in epoch seconds."""
    fault = fault_of(worst, about.kind)
    values = (worst.expected, worst.seen, worst.low, worst.high)
    expected, seen, low, high = (told(worst.measure, value) for value in values)
    return ApplianceAlarm(
        target=about.signal,
        # The meter tells it; nothing is wrong with what else is on the device.
        scope=Scope.SIGNAL,
        signal=about.signal,
        device=about.device,
        fault=fault,
        severity=severity_of(fault, worst, about.kind),
        since=since,
        raised=now,
        measure=str(worst.measure),
        expected=expected,
        seen=seen,
        confidence=min(0.99, 1.0 - 0.5 ** max(worst.excess, 0.0) / max(about.history, 1.0)),
        responsible=((about.signal, 1.0),),
        low=low,
        high=high,
        is_slow=is_slow,
    )
