"""Alarms in words, in the user's language: what is wrong, by which numbers, and who says otherwise."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
import math
import re

from .appliance_phrases import appliance_numbers
from .core.faults.appliance_alarm import ApplianceAlarm
from .core.faults.classes import Alarm, Scope
from .core.units import ROLE_SPECS, Role

_PLACEHOLDER = re.compile(r"{(\w+)}")
# Measures whose numbers are minutes rather than the signal's own unit.
_MINUTES = frozenset({"gone", "silence", "run", "on"})
_COUNTS = frozenset({"missed", "fewer"})
_TWO_HOURS, _TWO_DAYS = 120.0, 2880.0
_NAMED_WITNESSES = 3


@dataclass(frozen=True, slots=True)
class Speaker:
    """Puts alarms into words."""

    phrases: Mapping[str, str]
    entity_of: Mapping[str, str]
    """Entities by signal."""
    role_of: Mapping[str, Role]
    name_of: Callable[[str], str]
    titles: Mapping[str, str] = field(default_factory=dict)
    """What appliances are called, by the signal of their meter."""

    def name(self, signal: str) -> str:
        """Return the name a user knows a signal by."""
        return self.name_of(self.entity_of.get(signal, signal))

    def title(self, alarm: Alarm) -> str:
        """Return the name of what fails: an appliance's own, else the sensor's."""
        name = self.titles.get(alarm.signal) if isinstance(alarm, ApplianceAlarm) else None
        return self.name(alarm.signal) if name is None else name

    def evidence(self, alarm: Alarm) -> str:
        """Return a few sentences that a person can check."""
        values = {
            "name": self.name(alarm.signal),
            "type": self.phrases[f"fault_type_{alarm.fault}"],
            "seen": self._number(alarm, alarm.seen),
            "expected": self._number(alarm, alarm.expected),
        }
        is_slow = False
        if isinstance(alarm, ApplianceAlarm):
            # The meter is right: what fails is what hangs on it.
            values |= {"name": self.title(alarm), **appliance_numbers(alarm)}
            is_slow = alarm.is_slow
        key = f"fault_{alarm.measure}"
        text = self.phrases[key] if key in self.phrases else self.phrases["fault_unlike"]
        # A sentence whose number nobody knows would say less than none.
        if any(values.get(found) is None for found in _PLACEHOLDER.findall(text)):
            text = self.phrases["fault_unlike"]
        told = [_filled(text, values)]
        if is_slow:
            told.append(self.phrases["fault_slow"])
        if alarm.scope is not Scope.SIGNAL:
            told.append(self.phrases[f"fault_scope_{alarm.scope}"])
        if alarm.witnesses:
            names = ", ".join(self.name(item) for item in alarm.witnesses[:_NAMED_WITNESSES])
            told.append(_filled(self.phrases["fault_witnesses"], {"witnesses": names}))
        told.append(_filled(self.phrases["fault_confidence"], {"percent": f"{alarm.confidence * 100.0:.0f}"}))
        return " ".join(told)

    def _number(self, alarm: Alarm, value: float) -> str | None:
        """Return a number of an alarm with its unit, None where it is unknown."""
        if not math.isfinite(value):
            return None
        if alarm.measure in _MINUTES:
            return self.duration(value)
        if alarm.measure in _COUNTS:
            return f"{value:.0f}"
        unit = ROLE_SPECS[self.role_of.get(alarm.signal, Role.GENERIC)].unit
        return f"{value:.4g}" if unit is None else f"{value:.4g} {unit}"

    def duration(self, minutes: float) -> str:
        """Return minutes in the unit a person would use."""
        if minutes < _TWO_HOURS:
            return _filled(self.phrases["duration_minutes"], {"count": f"{minutes:.0f}"})
        if minutes < _TWO_DAYS:
            return _filled(self.phrases["duration_hours"], {"count": f"{minutes / 60.0:.0f}"})
        return _filled(self.phrases["duration_days"], {"count": f"{minutes / 1440.0:.0f}"})

    def known(self, value: float) -> float | None:
        """Return a number for attributes, None where it is unknown."""
        return round(value, 3) if math.isfinite(value) else None

    def entities(self, signals: Iterable[str]) -> list[str]:
        """Return the entities of some signals."""
        return [self.entity_of.get(signal, signal) for signal in signals]

    def signals(self, entities: Collection[str]) -> list[str]:
        """Return the signals of some entities."""
        return [signal for signal, entity_id in self.entity_of.items() if entity_id in entities]


def _filled(text: str, values: Mapping[str, str | None]) -> str:
    """Return a sentence with its placeholders replaced; what is no placeholder of ours stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1]) or found[0], text)
