"""Figures of merit agree with scikit-learn, and the ones it lacks with counting by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training import metrics

sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn lies only in training's environment")


@pytest.fixture(name="sample", params=range(4))
def sample_fixture(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    """Draw truths and probabilities, with ties and a rare class."""
    rng = np.random.default_rng(request.param)
    truths = (rng.random(500) < (0.05, 0.3, 0.5, 0.9)[request.param]).astype(float)
    return truths, np.round(np.clip(0.3 * truths + rng.normal(0.35, 0.2, 500), 0.0, 1.0), 2)


def test_decisions_agree_with_scikit_learn(sample: tuple[np.ndarray, np.ndarray]) -> None:
    """Compare the figures of a confusion matrix."""
    truths, probabilities = sample
    said = (probabilities > 0.5).astype(float)
    counts = metrics.count(truths, said)
    assert counts.accuracy == pytest.approx(sklearn.accuracy_score(truths, said))
    assert counts.f1 == pytest.approx(sklearn.f1_score(truths, said))
    assert counts.recall == pytest.approx(sklearn.recall_score(truths, said))
    assert counts.balanced_accuracy == pytest.approx(sklearn.balanced_accuracy_score(truths, said))


def test_probabilities_agree_with_scikit_learn(sample: tuple[np.ndarray, np.ndarray]) -> None:
    """Compare Brier score and area under the curve."""
    truths, probabilities = sample
    assert metrics.brier(truths, probabilities) == pytest.approx(sklearn.brier_score_loss(truths, probabilities))
    assert metrics.roc_auc(truths, probabilities) == pytest.approx(sklearn.roc_auc_score(truths, probabilities))


def test_figures_that_have_no_meaning_are_none() -> None:
    """Say nothing of F1, recall and area under the curve where nobody ever was."""
    empty = np.zeros(5)
    counts = metrics.count(empty, empty)
    assert (counts.accuracy, counts.f1, counts.recall, counts.balanced_accuracy) == (1.0, None, None, None)
    assert metrics.roc_auc(empty, np.linspace(0, 1, 5)) is None


def test_calibration_error_by_hand() -> None:
    """Weigh each bin's gap by its count."""
    truths = np.array([0.0, 0.0, 1.0, 1.0])
    said = np.array([0.1, 0.1, 0.1, 0.9])
    assert metrics.calibration_error(truths, said, bins=2) == pytest.approx(0.75 * (1 / 3 - 0.1) + 0.25 * 0.1)
    assert metrics.reliability(truths, said, bins=2)[1] == (0.9, 1.0, 1)


def test_a_perfectly_calibrated_forecast_has_no_error() -> None:
    """Find no gap where each share is as said."""
    truths = np.array([1.0, 0.0] * 50)
    assert metrics.calibration_error(truths, np.full(100, 0.5)) == 0.0


def test_false_offs_are_falls_while_somebody_is_there() -> None:
    """Count falls inside occupied time, not at its end, nor over a gap in time."""
    truths = np.array([1, 1, 1, 1, 0, 1, 1], dtype=float)
    said = np.array([1, 0, 1, 1, 0, 1, 0], dtype=float)
    breaks = np.zeros(7, dtype=bool)
    assert metrics.false_offs(truths, said, breaks) == 2
    breaks[6] = True
    assert metrics.false_offs(truths, said, breaks) == 1
