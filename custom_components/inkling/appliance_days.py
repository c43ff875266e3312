"""An appliance's days: readings of the loop or the recorder in, closed at local midnight, and what was said of each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
import math

from homeassistant.util import dt as dt_util

from .appliance_config import ApplianceConfig
from .core.faults.appliance import Appliance
from .core.faults.appliance_alarm import ApplianceAlarm

type Readings = list[tuple[float, float]]
"""Epoch seconds and watts or degrees, NaN for gone."""


def day_of(t: float) -> date:
    """Return the local day of an instant (epoch seconds)."""
    return dt_util.as_local(dt_util.utc_from_timestamp(t)).date()


def midnight_after(day: date) -> float:
    """Return when a local day ends, epoch seconds: 23 or 25 hours after it began when the clocks change."""
    return dt_util.start_of_local_day(day + timedelta(days=1)).timestamp()


@dataclass(slots=True)
class OpenDay:
    """What is known of the day that is under way beside its readings."""

    day: date
    outdoor_sum: float = 0.0
    outdoor_count: int = 0
    is_usual: bool = True
    is_away: bool = False

    def note(self, outdoor: float, *, is_usual: bool, is_away: bool) -> None:
        """Add what it is like now (degrees outdoors, NaN if unknown)."""
        if not math.isnan(outdoor):
            self.outdoor_sum += outdoor
            self.outdoor_count += 1
        self.is_usual = self.is_usual and is_usual
        self.is_away = self.is_away or is_away

    @property
    def outdoor(self) -> float:
        """Return its mean outdoors, NaN if unknown."""
        return self.outdoor_sum / self.outdoor_count if self.outdoor_count else math.nan


@dataclass(slots=True)
class Watched:
    """One appliance with the day that is under way; belongs to one worker at a time."""

    config: ApplianceConfig
    unit: Appliance
    open: OpenDay
    heard: float = math.nan
    """When its newest reading was, epoch seconds."""
    known_until: float = -math.inf
    """Up to when the recorder told of it; what the loop heard until then is not told twice."""
    opened: list[ApplianceAlarm] = field(default_factory=list)
    """Alarms raised since they were last taken."""

    def take(self, power: Readings, inside: Readings, now: float) -> bool:
        """Take readings up to `now` (epoch seconds), a day at a time; return whether a day was closed."""
        is_closed = False
        while (end := midnight_after(self.open.day)) <= now:
            self._feed(((t, value) for t, value in power if t < end), ((t, value) for t, value in inside if t < end))
            power, inside = ([item for item in found if item[0] >= end] for found in (power, inside))
            self._close(end)
            # After a night without Home Assistant only today is under way.
            self.open = OpenDay(max(day_of(end), day_of(power[0][0] if power else now)))
            is_closed = True
        self._feed(power, inside)
        return is_closed

    def _feed(self, power: Iterable[tuple[float, float]], inside: Iterable[tuple[float, float]]) -> None:
        """Hand readings on."""
        for t, watts in power:
            self.unit.append(t, watts)
            self.heard = t
        for t, celsius in inside:
            self.unit.append_temperature(t, celsius)

    def _close(self, end: float) -> None:
        """Close the day that is under way, and keep what is new."""
        day = self.open
        report = self.unit.close_day(end, outdoor=day.outdoor, is_usual=day.is_usual, is_away=day.is_away)
        if report.is_new and report.alarm is not None:
            self.opened.append(report.alarm)


def watched(config: ApplianceConfig, t: float) -> Watched:
    """Return an appliance that nothing is known of at `t` (epoch seconds)."""
    return Watched(config, config.make(), OpenDay(day_of(t)))
