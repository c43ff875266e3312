"""Hysteresis and delays."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.inkling.core.decide import Decider, DecisionParameters
from custom_components.inkling.core.verdict import Decision

_PLAIN = DecisionParameters(on_threshold=0.6, off_threshold=0.4)
_SLOW = DecisionParameters(on_threshold=0.6, off_threshold=0.4, on_delay_seconds=10.0, off_delay_seconds=60.0)


def _occupied(since: float) -> Decision:
    """Return the decision that somebody is there."""
    return Decision(occupied=True, since=since)


def _vacant(since: float) -> Decision:
    """Return the decision that nobody is there."""
    return Decision(occupied=False, since=since)


@pytest.mark.parametrize(
    ("on", "off"), [(0.4, 0.6), (1.0, 0.5), (0.5, 0.0), (0.5, -0.1), (1.5, 0.5), (float("nan"), 0.5)]
)
def test_crossed_thresholds(on: float, off: float) -> None:
    """Refuse thresholds that cross or touch certainty."""
    with pytest.raises(ValueError, match="thresholds must rise within 0 to 1"):
        DecisionParameters(on_threshold=on, off_threshold=off)


@pytest.mark.parametrize(("on_delay", "off_delay"), [(-1.0, 0.0), (0.0, -1.0)])
def test_negative_delays(on_delay: float, off_delay: float) -> None:
    """Refuse delays that run backwards."""
    with pytest.raises(ValueError, match="must not be negative"):
        DecisionParameters(on_threshold=0.6, off_threshold=0.4, on_delay_seconds=on_delay, off_delay_seconds=off_delay)


def test_starts_unknown() -> None:
    """Know nothing before the first probability, then decide at once, by the upper threshold."""
    decider = Decider(_SLOW)
    assert decider.decision == Decision(None, None)
    assert decider.step(None, 1.0) == Decision(None, None)
    assert decider.step(0.5, 2.0) == _vacant(2.0)
    assert Decider(_SLOW).step(0.6, 3.0) == _occupied(3.0)


def test_hysteresis() -> None:
    """Switch on at the upper threshold, off below the lower one, and keep the moment of the switch."""
    decider = Decider(_PLAIN)
    decider.step(0.1, 0.0)
    assert decider.step(0.59, 1.0) == _vacant(0.0)
    assert decider.step(0.60, 2.0) == _occupied(2.0)
    assert decider.step(0.40, 3.0) == _occupied(2.0)
    assert decider.step(0.39, 4.0) == _vacant(4.0)
    assert decider.decision == _vacant(4.0)


def test_delays() -> None:
    """Wait out each delay, and forget a wish that was taken back."""
    decider = Decider(_SLOW, _vacant(0.0))
    assert decider.due_at() is None
    assert decider.step(0.9, 100.0).occupied is False
    assert decider.due_at() == 110.0
    assert decider.step(0.1, 105.0).occupied is False
    assert decider.due_at() is None
    decider.step(0.9, 106.0)
    assert decider.step(0.9, 115.9).occupied is False
    assert decider.step(0.9, 116.0) == _occupied(116.0)
    assert decider.due_at() is None
    assert decider.step(0.1, 200.0).occupied is True
    assert decider.due_at() == 260.0
    assert decider.step(0.1, 260.0) == _vacant(260.0)


def test_clock_set_back() -> None:
    """Wait no longer than the delay after the clock was set back."""
    decider = Decider(_SLOW, _vacant(0.0))
    decider.step(0.9, 5000.0)
    assert decider.step(0.9, 1000.0).occupied is False
    assert decider.due_at() == 1010.0
    assert decider.step(0.9, 1010.0) == _occupied(1010.0)


def test_restart_from_a_kept_decision() -> None:
    """Go on inside the dead band where the last run stood."""
    assert Decider(_PLAIN, _occupied(5.0)).step(0.5, 100.0) == _occupied(5.0)
    assert Decider(_PLAIN, _vacant(5.0)).step(0.5, 100.0) == _vacant(5.0)
    assert Decider(_PLAIN, Decision(None, None)).step(0.5, 100.0) == _vacant(100.0)


@pytest.mark.parametrize("stood", [True, False])
def test_unknown_and_back(*, stood: bool) -> None:
    """Become unknown at once and come back at once; inside the dead band to what stood before."""
    decider = Decider(_SLOW, Decision(stood, 5.0))
    assert decider.step(None, 10.0) == Decision(None, None)
    assert decider.due_at() is None
    assert decider.step(0.5, 20.0) == Decision(stood, 20.0)
    decider.step(None, 30.0)
    assert decider.step(0.1 if stood else 0.9, 40.0) == Decision(not stood, 40.0)


def test_unknown_drops_a_pending_change() -> None:
    """Start a delay anew after an unknown moment."""
    decider = Decider(_SLOW, _occupied(0.0))
    decider.step(0.1, 10.0)
    decider.step(None, 11.0)
    assert decider.due_at() is None
    assert decider.step(0.5, 12.0) == _occupied(12.0)


@given(
    start=st.sampled_from([None, True, False]),
    steps=st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 100.0)), max_size=40),
    on_delay=st.sampled_from([0.0, 20.0]),
    off_delay=st.sampled_from([0.0, 50.0]),
)
@settings(deadline=None)
def test_never_flips_inside_the_dead_band(
    start: bool | None,  # noqa: FBT001 - three-valued state
    steps: list[tuple[float, float]],
    on_delay: float,
    off_delay: float,
) -> None:
    """Flip only on the far side of a threshold, after its delay, and never without a due moment before."""
    parameters = DecisionParameters(
        on_threshold=0.7, off_threshold=0.3, on_delay_seconds=on_delay, off_delay_seconds=off_delay
    )
    decider = Decider(parameters, Decision(start, None if start is None else 0.0))
    now = 0.0
    for probability, elapsed in steps:
        now += elapsed
        before, due = decider.decision, decider.due_at()
        after = decider.step(probability, now)
        if after.occupied == before.occupied:
            assert after == before
            continue
        assert after.since == now
        if before.occupied is None:
            assert after.occupied is (probability >= 0.7)
            continue
        assert probability >= 0.7 if after.occupied else probability < 0.3
        delay = on_delay if after.occupied else off_delay
        assert delay == 0.0 or (due is not None and now >= due)
