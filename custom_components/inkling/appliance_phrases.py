"""An appliance's numbers as a person reads them: all of a sentence in one unit."""

import math

from .core.faults.appliance_alarm import UNITS, ApplianceAlarm
from .core.faults.days import Measure

_LARGER = {"min": ("h", 60.0, 180.0), "Wh": ("kWh", 1000.0, 1000.0), "W": ("kW", 1000.0, 10_000.0)}
"""By unit: the larger one, how many make one of it, and from how many on it is used."""
_SMALL = 10.0


def appliance_numbers(alarm: ApplianceAlarm) -> dict[str, str | None]:
    """Return what a sentence about an appliance names: seen and expected with their unit, the edges without."""
    unit, scale = _unit(alarm)
    values = {name: getattr(alarm, name) / scale for name in ("seen", "expected", "low", "high")}
    digits = 1 if max(map(abs, values.values())) < _SMALL and unit else 0
    # Where all of it is a tenth, whole numbers would be the same.
    digits = max(digits, 1) if unit in ("°C", "h", "kWh", "kW") else digits
    found: dict[str, str | None] = {}
    for name, value in values.items():
        text = f"{value:.{digits}f}" if math.isfinite(value) else None
        found[name] = f"{text} {unit}" if unit and text is not None and name in ("seen", "expected") else text
    return found


def _unit(alarm: ApplianceAlarm) -> tuple[str, float]:
    """Return the unit to tell an alarm's numbers in, and by what they are divided."""
    unit = UNITS[Measure(alarm.measure)]
    larger, scale, least = _LARGER.get(unit, (unit, 1.0, math.inf))
    return (larger, scale) if alarm.seen >= least and alarm.expected >= least else (unit, 1.0)
