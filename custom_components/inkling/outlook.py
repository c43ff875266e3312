"""What is shown of a forecast: the day's curve, the chosen horizons, and when the room is next occupied or vacant."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from types import MappingProxyType

from homeassistant.util.json import JsonObjectType

from .core.slots import SLOT_SECONDS


class NoForecast(StrEnum):
    """Why there is no forecast at all."""

    NO_MODEL = "no_model"
    MODEL_FAILED = "model_failed"
    NOT_YET = "not_yet"
    """Inkling has just started."""


@dataclass(frozen=True, slots=True)
class HorizonOutlook:
    """One horizon: what may be shown of it, None while hidden, and why."""

    probability: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One monitor's forecast as it was published; times in epoch seconds."""

    made_at: float
    start: float
    """Start of the first slot of the curve."""
    probabilities: tuple[float, ...] = ()
    """Share of each quarter of an hour that is expected to be occupied; empty without a forecast."""
    times: tuple[str, ...] = ()
    """Starts of the curve's slots in local time, ISO 8601."""
    horizons: Mapping[int, HorizonOutlook] = MappingProxyType({})
    """By minutes ahead, the nearest first."""
    next_occupied: float | None = None
    next_vacant: float | None = None
    unknown: NoForecast | None = None

    def rated(self, moment: float) -> HorizonOutlook | None:
        """Return the horizon by whose scores a moment of the curve is judged: the next one, the last beyond it."""
        ahead_minutes = (moment - self.made_at) / 60.0
        later = (horizon for minutes, horizon in self.horizons.items() if minutes >= ahead_minutes)
        farthest = self.horizons[max(self.horizons)] if self.horizons else None
        return next(later, farthest)

    def is_shown(self, moment: float) -> bool:
        """Return whether forecasts so far ahead have earned to be shown."""
        rated = self.rated(moment)
        return rated is not None and rated.probability is not None


NOTHING = Outlook(made_at=0.0, start=0.0, unknown=NoForecast.NOT_YET)


def curve(outlook: Outlook, threshold: float) -> list[JsonObjectType]:
    """Return the day in Home Assistant's shape of a forecast; `threshold` is a probability."""
    starts = count(outlook.start, SLOT_SECONDS)
    return [
        {
            "datetime": time,
            "probability": round(probability * 100.0, 1),
            "is_occupied": probability >= threshold,
            "is_shown": outlook.is_shown(start),
        }
        for start, time, probability in zip(starts, outlook.times, outlook.probabilities, strict=False)
    ]
