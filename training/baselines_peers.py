"""The peers' rules on any trace, causal: what a model must beat besides the simple rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.window import Track

from . import area_occupancy, bayesian_sensor
from .bayesian_sensor import Rates, count_rates
from .simulate import simulate_home
from .trace import Trace, zone_of

Array = NDArray[np.float64]
AREA_OCCUPANCY, BAYESIAN = "Area Occupancy Detection", "Bayesian sensor"
_DECIDED = 0.5
# Homes that nothing is trained, tuned or scored on.
_SEEDS, _DAYS = range(7_000_000, 7_000_006), 2


@cache
def usual_rates() -> Rates:
    """Return the Bayesian sensor's probabilities as counted in simulated homes, which know nothing of a scored one."""
    return count_rates(simulate_home(seed, _DAYS) for seed in _SEEDS)


def peer_rules(
    trace: Trace, tracks: Sequence[Track], room: str, ends: Array, rates: Rates | None = None
) -> dict[str, Array]:
    """Return what each peer says of a room, 1 occupied, 0 vacant, at rising instants (n,).

    `rates` are the Bayesian sensor's probabilities, counted on training data; the usual ones where there is none.
    """
    here = [track for track in tracks if track.signal.room == room]
    words = " ".join(f"{item.id} {item.name}".lower() for item in trace.rooms if item.id == room)
    purpose = area_occupancy.purpose_of(words)
    said = {
        AREA_OCCUPANCY: area_occupancy.probability(here, purpose, ends, zone_of(trace)),
        BAYESIAN: bayesian_sensor.probability(here, ends, usual_rates() if rates is None else rates),
    }
    return {name: np.where(found >= _DECIDED, 1.0, 0.0) for name, found in said.items()}
