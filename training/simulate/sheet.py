"""Signals and readings of a simulated place as they are made, and the truth of its rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from custom_components.inkling.core.units import Role

from ..trace import OCCUPIED, VACANT, LabelSpan, Readings, SignalInfo
from .events import between, spells
from .people import Stay


@dataclass(slots=True)
class Sheet:
    """Signals and readings as they are made, of what lies between two moments."""

    start: float
    end: float
    signals: list[SignalInfo] = field(default_factory=list)
    readings: dict[str, Readings] = field(default_factory=dict)

    def add(self, role: Role, room: str, readings: Readings, unit: str = "", suffix: str = "") -> None:
        """Add one signal that has something to say."""
        readings = between(readings, self.start, self.end)
        if len(readings.times):
            name = f"{room or 'home'}_{role}{suffix}"
            self.signals.append(SignalInfo(name, role, unit, room))
            self.readings[name] = readings


def truth(room: str, stays: Sequence[Stay], start: float, end: float) -> list[LabelSpan]:
    """Return when a room is occupied and when it is vacant, from its stays, without a gap."""
    found = []
    at = start
    lived = [replace(stay, end=min(stay.end, end)) for stay in stays if stay.start < end]
    for came, went in zip(*spells(lived), strict=True):
        if came > at:
            found.append(LabelSpan(at, float(came), room, VACANT))
        found.append(LabelSpan(float(came), float(went), room, OCCUPIED))
        at = float(went)
    if at < end:
        found.append(LabelSpan(at, end, room, VACANT))
    return found
