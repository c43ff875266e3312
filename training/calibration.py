"""Measure what goes into the manifest beside the network: calibration, and how much movement seen now is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.calibrate import Calibration
from custom_components.inkling.core.evidence import Evidence

from .dataset import Windows

_STEPS = 50
_MOTION_NOW = "room.motion.now"
_ACTIVE_ABOVE = 0.5
_LEAST_WINDOWS = 100


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


def evidence_of(windows: Windows, channels: Sequence[str]) -> Evidence:
    """Return how often somebody was there, of all windows in which the room's motion sensor was on.

    Where too few say so, or where movement is no better than a coin, the network is trusted alone.
    """
    if _MOTION_NOW not in channels:
        return Evidence()
    moving = windows.inputs[:, -1, channels.index(_MOTION_NOW)] > _ACTIVE_ABOVE
    right = float(np.sum(windows.targets[moving]))
    share = (right + 1.0) / (float(np.sum(moving)) + 2.0)
    if moving.sum() < _LEAST_WINDOWS or share <= _ACTIVE_ABOVE:
        return Evidence()
    return Evidence(motion_log_odds=round(float(np.log(share / (1.0 - share))), 3))
