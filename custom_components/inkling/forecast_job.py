"""What a worker does for forecasts: one batch for all due rooms, and what is shown of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import time

from homeassistant.util import dt as dt_util
import numpy as np

from .const import HORIZONS_MINUTES
from .core.forecast import Forecast, ForecastRequest, forecast_batch, next_change, probability_at
from .core.pipeline import Model
from .core.slots import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One monitor's forecast in plain numbers; times in epoch seconds."""

    start: float
    times: tuple[str, ...]
    """Starts of the slots in local time, ISO 8601."""
    probabilities: tuple[float, ...]
    at: Mapping[int, float]
    """The probability so many minutes ahead."""
    baselines: Mapping[int, Mapping[str, float]]
    """What each simple rule says of the same moment."""
    next_occupied: float | None
    next_vacant: float | None


def foresee(
    model: Model, calendar: Calendar, now: float, requests: Sequence[ForecastRequest], threshold: float
) -> tuple[dict[str, Foreseen], float]:
    """Return every requested forecast and the seconds they took; touches nothing but its arguments."""
    start = time.perf_counter()
    found = forecast_batch(model, calendar, now, requests)
    times: tuple[str, ...] = ()
    shown = {}
    for room, forecast in found.items():
        # All rooms share their slots.
        times = times or _local_times(forecast)
        shown[room] = _foreseen(forecast, times, threshold)
    return shown, time.perf_counter() - start


def _local_times(forecast: Forecast) -> tuple[str, ...]:
    """Return the starts of a forecast's slots on the clock of the wall, ISO 8601."""
    return tuple(dt_util.as_local(dt_util.utc_from_timestamp(start)).isoformat() for start in forecast.starts.tolist())


def _foreseen(forecast: Forecast, times: tuple[str, ...], threshold: float) -> Foreseen:
    """Return what is shown and scored of one forecast."""
    moments = {minutes: forecast.made_at + minutes * 60.0 for minutes in HORIZONS_MINUTES}
    return Foreseen(
        start=float(forecast.starts[0]),
        times=times,
        probabilities=tuple(forecast.probabilities.tolist()),
        at={minutes: probability_at(forecast, moment) for minutes, moment in moments.items()},
        baselines={
            minutes: {
                name: float(np.interp(moment, forecast.moments, values)) for name, values in forecast.baselines.items()
            }
            for minutes, moment in moments.items()
        },
        next_occupied=next_change(forecast, True, threshold),  # noqa: FBT003 - the state asked for
        # One line parts occupied from vacant, whichever is waited for.
        next_vacant=next_change(forecast, False, 1.0 - threshold),  # noqa: FBT003 - the state asked for
    )
