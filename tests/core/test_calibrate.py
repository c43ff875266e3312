"""Log-odds, probabilities and Platt scaling."""

from __future__ import annotations

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.inkling.core.calibrate import LOG_ODDS_LIMIT, Calibration, log_odds_of, probability


def test_identity() -> None:
    """Change nothing by default, within the limit."""
    odds = np.array([[-3.0, 0.0], [2.5, 40.0]], dtype=np.float32)
    found = Calibration().apply(odds)
    assert found.dtype == np.float64
    assert found.tolist() == [[-3.0, 0.0], [2.5, LOG_ODDS_LIMIT]]


def test_scaling() -> None:
    """Scale, then shift."""
    assert Calibration(2.0, -1.0).apply(np.array([3.0, -30.0])).tolist() == [5.0, -LOG_ODDS_LIMIT]


def test_known_probabilities() -> None:
    """Give known values at known odds."""
    assert probability(np.array([0.0, np.log(3.0), -np.log(3.0)])).tolist() == pytest.approx([0.5, 0.75, 0.25])
    assert log_odds_of(np.array([0.5, 0.75])).tolist() == pytest.approx([0.0, np.log(3.0)])


def test_certainty_stays_finite() -> None:
    """Limit 0, 1 and what rounding pushed beyond."""
    found = log_odds_of(np.array([0.0, 1.0, -0.1, 1.1], dtype=np.float32))
    assert found.tolist() == pytest.approx([-LOG_ODDS_LIMIT, LOG_ODDS_LIMIT, -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT])


@given(st.floats(-LOG_ODDS_LIMIT, LOG_ODDS_LIMIT))
def test_there_and_back(odds: float) -> None:
    """Come back to the same log-odds."""
    assert log_odds_of(probability(np.array([odds])))[0] == pytest.approx(odds, abs=1e-6)
