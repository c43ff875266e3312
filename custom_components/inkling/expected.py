"""The chance that somebody will be in a room within a time: what triggers, conditions and sentences ask for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
import voluptuous as vol

from .const import DEFAULT_THRESHOLD_PERCENT, HORIZONS_MINUTES, THRESHOLD_LIMITS_PERCENT
from .core.slots import SLOT_SECONDS
from .data import InklingConfigEntry
from .entity import is_answerable
from .outlook import Outlook
from .targets import loaded_entry, monitor_of

CONF_LEAD_TIME = "lead_time"
CONF_PROBABILITY = "probability"
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(minutes=max(HORIZONS_MINUTES))
_DEFAULT_LEAD = timedelta(minutes=30)
# A forecast wavers by some points from one quarter of an hour to the next.
_HYSTERESIS = 0.1


@dataclass(frozen=True, slots=True)
class Chance:
    """The best quarter of an hour: how probable somebody is, and when it begins in epoch seconds."""

    probability: float
    moment: float


def best_within(outlook: Outlook, now: float, lead_seconds: float) -> Chance | None:
    """Return the highest chance that is shown from `now` (epoch seconds) until then, None without any."""
    return max(_shown(outlook, now, now + lead_seconds), key=lambda chance: chance.probability, default=None)


def _shown(outlook: Outlook, start: float, end: float) -> Iterator[Chance]:
    """Yield the quarters of an hour between two moments that may be shown."""
    for place, probability in enumerate(outlook.probabilities):
        moment = outlook.start + place * SLOT_SECONDS
        if moment >= end:
            return
        if moment + SLOT_SECONDS > start and outlook.is_shown(moment):
            yield Chance(probability, max(moment, start))


def chance_at(outlook: Outlook, moment: float) -> float | None:
    """Return the chance of the quarter of an hour a moment (epoch seconds) lies in, None where it is not shown."""
    place = int((moment - outlook.start) // SLOT_SECONDS)
    if not 0 <= place < len(outlook.probabilities) or not outlook.is_shown(moment):
        return None
    return outlook.probabilities[place]


@callback
def found_room(hass: HomeAssistant, entity_id: str) -> tuple[InklingConfigEntry, str] | None:
    """Return the running entry, and which of its rooms (or the home) an entity of ours is about."""
    entry = loaded_entry(hass)
    monitor = None if entry is None else monitor_of(hass, entry, entity_id)
    return None if entry is None or monitor is None else (entry, monitor)


@callback
def is_occupied(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether somebody is in the room, or in the home, that an entity of ours is about."""
    found = found_room(hass, entity_id)
    return found is not None and occupied_now(*found) is True


@callback
def expected_within(hass: HomeAssistant, entity_id: str, now: float, lead_seconds: float) -> Chance | None:
    """Return what is expected of the room, or the home, that an entity of ours is about."""
    if (found := found_room(hass, entity_id)) is None:
        return None
    entry, monitor = found
    outlook = entry.runtime_data.forecasting.outlooks.get(monitor)
    return None if outlook is None else best_within(outlook, now, lead_seconds)


@callback
def occupied_now(entry: InklingConfigEntry, monitor: str) -> bool | None:
    """Return whether somebody is in a room, or in the home, as its occupancy says; None while that is unknown."""
    verdict = entry.runtime_data.coordinator.data.get(monitor)
    return verdict.decision.occupied if verdict is not None and is_answerable(verdict) else None


@dataclass(slots=True)
class Crossing:
    """Remembers on which side of a limit a chance was when it was last known."""

    limit: float
    is_above: bool | None = None

    def step(self, probability: float | None) -> bool:
        """Return whether the chance has come up to the limit; the first one known does not come from below."""
        if probability is None:
            return False
        was_above = self.is_above
        if probability >= self.limit:
            self.is_above = True
        elif was_above is None or probability < self.limit - min(_HYSTERESIS, self.limit / 2.0):
            self.is_above = False
        return was_above is False and self.is_above is True


def _lead_time(value: object) -> timedelta:
    """Return a lead time; say what one is."""
    try:
        found: timedelta | None = cv.positive_time_period(value)
    except vol.Invalid:
        found = None
    if found is None or not _SHORTEST <= found <= _LONGEST:
        raise vol.Invalid(f"{CONF_LEAD_TIME} must be a duration from 00:01:00 to {_LONGEST}, such as 00:30:00")
    return found


def _percent(value: object) -> float:
    """Return a probability in percent; say what one is."""
    low, high = THRESHOLD_LIMITS_PERCENT
    # A bool counts as a number in Python, and as none for people.
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise vol.Invalid(f"{CONF_PROBABILITY} must be a number of percent from {low} to {high}, such as 60")
    return float(value)


EXPECTED_OPTIONS: VolDictType = {
    vol.Required(CONF_LEAD_TIME, default=_DEFAULT_LEAD): _lead_time,
    vol.Required(CONF_PROBABILITY, default=DEFAULT_THRESHOLD_PERCENT): _percent,
}
