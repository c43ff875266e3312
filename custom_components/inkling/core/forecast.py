"""The next 96 quarters of an hour of rooms: habits counted, mixed by a small network, with simple rules beside."""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

import numpy as np

from .calibrate import log_odds_of, probability
from .forecast_channels import FORECAST_CHANNELS, FORECAST_VERSION, HABITS, PROFILES
from .habits import Habits, Moment, Present, count_habits, moment_of
from .slots import SLOT_SECONDS, SLOTS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .pipeline import Model
    from .slots import Calendar, SlotView

    Array = NDArray[np.float32]

__all__ = [
    "BASELINES",
    "FORECAST_CHANNELS",
    "FORECAST_VERSION",
    "Forecast",
    "ForecastRequest",
    "Inputs",
    "forecast_batch",
    "forecast_inputs",
    "next_change",
    "probability_at",
]

BASELINES = ("same", "persistence", "profile", "markov")
"""The rules beside every forecast: the overall share, no change, the weekday's profile, slot x state Markov chain."""
_LIMIT = 7.0
_VERDICT_LIMIT = 5.0
_FIRST_SHARE = 0.3
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRequest:
    """A room (or the home) to forecast, as it stands now."""

    room: str
    history: SlotView
    probability: float | None
    """The present verdict's."""
    occupied: bool | None
    """The present decision."""
    since: float | None
    """When the decision fell, epoch seconds."""
    people_home: float | None
    """The share of known persons that is at home."""
    is_home: bool
    """Whether it is the home as a whole."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A day ahead of one room: slot k is the slot that holds `made_at`, plus k.

    A probability holds for the middle of its slot; the first one for the middle of what is left of it.
    """

    room: str
    made_at: float
    starts: NDArray[np.float64]
    """Starts of the slots in epoch seconds, shape (96,)."""
    probabilities: Array
    baselines: Mapping[str, Array]
    """What each simple rule says of the same slots, by its name in BASELINES, each of shape (96,)."""

    @property
    def moments(self) -> NDArray[np.float64]:
        """Return the instants the probabilities hold for, epoch seconds, shape (96,)."""
        return (np.maximum(self.starts, self.made_at) + self.starts + SLOT_SECONDS) / 2.0


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the network is told, shape (rooms, 96, channels), and what the rules say, each of shape (rooms, 96)."""

    moment: Moment
    values: Array
    baselines: Mapping[str, Array]


def forecast_batch(
    model: Model, calendar: Calendar, now: float, requests: Sequence[ForecastRequest]
) -> dict[str, Forecast]:
    """Return the forecast of every requested room, made at `now`, in one batch; raise ModelRefusedError if it fails."""
    if not requests:
        return {}
    inputs = forecast_inputs(calendar, now, requests)
    rows = inputs.values.reshape(-1, 1, len(FORECAST_CHANNELS))
    chosen = [FORECAST_CHANNELS.index(name) for name in model.manifest.input.channels]
    if chosen != list(range(len(FORECAST_CHANNELS))):
        rows = rows[..., chosen]
    found = probability(model.log_odds(rows)).astype(np.float32).reshape(len(requests), SLOTS_PER_DAY)
    return {
        request.room: Forecast(
            request.room,
            now,
            inputs.moment.starts,
            found[row],
            {name: values[row] for name, values in inputs.baselines.items()},
        )
        for row, request in enumerate(requests)
    }


def probability_at(forecast: Forecast, moment: float) -> float:
    """Return the probability at an instant (epoch seconds), between its neighbours; beyond a day the last one."""
    return float(np.interp(moment, forecast.moments, forecast.probabilities))


def next_change(forecast: Forecast, occupied: bool, threshold: float) -> float | None:  # noqa: FBT001 - the state asked for
    """Return when a room is next expected to become occupied (or vacant), None if not within a day.

    That is when the probability of that state rises to `threshold`; a room that is in it has to leave it first.
    """
    stands = forecast.baselines["persistence"][0]
    values = np.concatenate([[stands], forecast.probabilities]).astype(np.float64)
    times = np.concatenate([[forecast.made_at], forecast.moments])
    odds = values if occupied else 1.0 - values
    (crossed,) = np.nonzero((odds[:-1] < threshold) & (odds[1:] >= threshold))
    if not len(crossed):
        return None
    at = crossed[0]
    part = (threshold - odds[at]) / (odds[at + 1] - odds[at])
    return float(times[at] + part * (times[at + 1] - times[at]))


def forecast_inputs(calendar: Calendar, now: float, requests: Sequence[ForecastRequest]) -> Inputs:
    """Return what the network is told of at least one room, and what the rules say."""
    moment = moment_of(calendar, now)
    present = _present(now, requests)
    habits = count_habits(calendar, moment, [request.history for request in requests], present)
    overall = _overall(habits)
    shares = _shrunk(habits, overall)
    whole = np.ones((1, SLOTS_PER_DAY), np.float32)
    clock = PROFILES.index("weekday")
    markov = HABITS.index("markov")
    baselines = {
        "same": overall[:, None] * whole,
        "persistence": np.where(present.state == _HALF, overall, present.state)[:, None] * whole,
        "profile": (habits.sums[:, clock] + overall[:, None]) / (habits.weights[:, clock] + 1.0),
        "markov": (habits.sums[:, markov] + _HALF) / (habits.weights[:, markov] + 1.0),
    }
    columns = (
        *(_logit(shares[:, index]) for index in range(len(HABITS))),
        *(np.log1p(habits.weights[:, index]) for index in range(len(HABITS))),
        *(column[:, None] * whole for column in _room_columns(requests, habits, present)),
        *(row[None] for row in _target_rows(calendar, moment)),
        *(column[:, None] * whole for column in _people_columns(requests)),
    )
    values = np.empty((len(requests), SLOTS_PER_DAY, len(columns)), np.float32)
    for index, column in enumerate(columns):
        values[..., index] = column
    return Inputs(moment, values, {name: part.astype(np.float32) for name, part in baselines.items()})


def _present(now: float, requests: Sequence[ForecastRequest]) -> Present:
    """Return how the rooms stand."""
    states = [_HALF if request.occupied is None else float(request.occupied) for request in requests]
    since = [math.nan if request.since is None else max(0.0, now - request.since) for request in requests]
    return Present(np.array(states, np.float32), np.array(since, np.float32) / np.float32(SLOT_SECONDS) + _HALF)


def _overall(habits: Habits) -> Array:
    """Return the share of a room's time that is occupied, drawn to a usual one by a day's weight."""
    known = np.nan_to_num(habits.recall.overall, nan=_FIRST_SHARE)
    return np.asarray((known * habits.recall.days + _FIRST_SHARE) / (habits.recall.days + 1.0), np.float32)


def _shrunk(habits: Habits, overall: Array) -> Array:
    """Return what each habit says, drawn to a broader one where it rests on little, shape (rooms, habits, 96)."""
    long = PROFILES.index("long")
    broad = (habits.sums[:, long] + _HALF * overall[:, None]) / (habits.weights[:, long] + _HALF)
    return np.asarray((habits.sums + _HALF * broad[:, None]) / (habits.weights + _HALF), np.float32)


def _logit(shares: Array) -> Array:
    """Return log-odds within limits."""
    return np.clip(log_odds_of(shares), -_LIMIT, _LIMIT).astype(np.float32)


def _room_columns(requests: Sequence[ForecastRequest], habits: Habits, present: Present) -> list[Array]:
    """Return what is the same for all targets of a room, each of shape (rooms,)."""
    verdicts = np.array([_HALF if request.probability is None else request.probability for request in requests])
    sign = 2.0 * present.state - 1.0
    lasted = np.log1p(np.nan_to_num(present.duration_slots, nan=0.0))
    overall = _overall(habits)
    recall = habits.recall
    surprise = np.nan_to_num(recall.surprise, nan=_FIRST_SHARE)
    return [
        np.clip(log_odds_of(verdicts), -_VERDICT_LIMIT, _VERDICT_LIMIT).astype(np.float32),
        sign,
        lasted,
        lasted * sign,
        np.isfinite(present.duration_slots).astype(np.float32),
        *(
            np.where(np.isfinite(share), share, other)
            for share, other in (
                (recall.hour, present.state),
                (recall.hours, present.state),
                (recall.day, overall),
                (recall.week, overall),
            )
        ),
        np.log1p(recall.day_changes),
        np.log1p(recall.usual_changes),
        np.log1p(np.nan_to_num(recall.run_slots, nan=0.0)),
        _logit(overall),
        np.log1p(recall.days),
        surprise[:, 0],
        surprise[:, 1],
    ]


def _target_rows(calendar: Calendar, moment: Moment) -> list[NDArray[np.float64]]:
    """Return what is the same for all rooms, each of shape (96,)."""
    lag_hours = (moment.moments - moment.now) / 3600.0
    angle = moment.slots * (2.0 * np.pi / SLOTS_PER_DAY)
    # -1 a work day, 1 a free one, 0 where nobody knows: the weekday alone says little of a nurse's week.
    free = np.nan_to_num(2.0 * calendar.free - 1.0, nan=0.0)
    days = calendar.day_of(moment.starts)
    return [
        np.log(lag_hours + 0.05),
        lag_hours / 24.0,
        np.sin(angle),
        np.cos(angle),
        np.sin(2.0 * angle),
        np.cos(2.0 * angle),
        free[days],
        np.full(SLOTS_PER_DAY, free[moment.day]),
    ]


def _people_columns(requests: Sequence[ForecastRequest]) -> list[Array]:
    """Return what is known of the people, each of shape (rooms,)."""
    shares = [math.nan if request.people_home is None else request.people_home for request in requests]
    people = np.array(shares, np.float32)
    flags = np.array([request.is_home for request in requests], np.float32)
    return [np.nan_to_num(people, nan=_HALF), np.isfinite(people).astype(np.float32), flags]
