"""Fit the calibration that goes into the manifest, on validation windows only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.calibrate import Calibration

_STEPS = 50


def fit_platt(
    log_odds: NDArray[np.float64], truths: NDArray[np.floating], weights: NDArray[np.floating]
) -> Calibration:
    """Return slope and intercept that minimise weighted log loss, by Newton's method (Platt 1999)."""
    slope, intercept = 1.0, 0.0
    total = float(np.sum(weights))
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(slope * log_odds + intercept, -40.0, 40.0)))
        error = weights * (p - truths)
        curve = weights * p * (1.0 - p)
        gradient = np.array([np.sum(error * log_odds), np.sum(error)]) / total
        # A whiff of curvature keeps the step finite on separable data.
        hessian = np.array(
            [
                [np.sum(curve * log_odds**2), np.sum(curve * log_odds)],
                [np.sum(curve * log_odds), np.sum(curve)],
            ]
        ) / total + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        slope, intercept = slope - step[0], intercept - step[1]
    return Calibration(slope=float(np.clip(slope, 0.1, 10.0)), intercept=float(np.clip(intercept, -10.0, 10.0)))
