"""Home Assistant's Bayesian sensor on a trace: Bayes' rule, sensor after sensor.

Its user has to invent a probability for each sensor: here it gets those counted on training data, which is kinder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.units import ROLE_SPECS, Kind, Role
from custom_components.inkling.core.window import Track

from .labels import occupancy_at, scoring_instants
from .trace import Trace
from .tracks import tracks_of

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rates:
    """What the Bayesian sensor is told: the prior, and how often a role is on in occupied and in vacant rooms."""

    prior: float
    on: Mapping[Role, tuple[float, float]]


def probability(here: Sequence[Track], ends: Array, rates: Rates) -> Array:
    """Return Bayes' rule applied sensor by sensor: on by p, off by 1 - p, unknown left out; (n,)."""
    log_odds = np.full(len(ends), np.log(rates.prior / (1.0 - rates.prior)))
    for track in here:
        if track.signal.role not in rates.on:
            continue
        occupied, vacant = rates.on[track.signal.role]
        value = _value_at(track, ends)
        log_odds += np.where(
            np.isnan(value),
            0.0,
            np.where(value > 0.0, np.log(occupied / vacant), np.log((1.0 - occupied) / (1.0 - vacant))),
        )
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -50.0, 50.0))))


def _value_at(track: Track, ends: Array) -> Array:
    """Return a signal's value at each instant, NaN where it is unknown."""
    place = np.searchsorted(track.times, ends, side="right")
    return np.concatenate(((np.nan,), track.values.astype(np.float64)))[place]


def count_rates(traces: Iterable[Trace], every_seconds: float = 60.0) -> Rates:
    """Count on labelled training traces how often each binary role is on, one more of each so that none is certain."""
    counts: dict[Role, Array] = {}
    instants = np.ones(2)
    for trace in traces:
        tracks = tracks_of(trace)
        for room in trace.rooms:
            ends = scoring_instants(trace.labels, room.id, every_seconds)
            occupied = occupancy_at(trace.labels, room.id, ends) > 0.0
            instants += (occupied.sum(), (~occupied).sum())
            for track in tracks:
                if track.signal.room == room.id and ROLE_SPECS[track.signal.role].kind is Kind.BINARY:
                    value = _value_at(track, ends)
                    found = counts.setdefault(track.signal.role, np.ones((2, 2)))
                    for row, state in enumerate((value > 0.0, value == 0.0)):
                        found[row] += ((state & occupied).sum(), (state & ~occupied).sum())
    on = {role: found[0] / found.sum(axis=0) for role, found in counts.items()}
    pairs = {role: (float(share[0]), float(share[1])) for role, share in on.items()}
    return Rates(float(instants[0] / instants.sum()), pairs)
