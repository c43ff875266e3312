"""What labels may do to a room, and what they may never do, however wrong they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import time
from typing import Any

import numpy as np
import pytest

from custom_components.inkling.core.calibrate import (
    LOG_ODDS_LIMIT,
    log_odds_of_one,
    probability,
    probability_of_one,
)
from custom_components.inkling.core.decide import Decider, DecisionParameters
from custom_components.inkling.core.feedback import (
    BOTH_KINDS_LIMIT,
    ONE_KIND_LIMIT,
    Bounds,
    RoomFeedback,
    bounds,
    default_start,
    fit_shift,
    kinds,
    marks,
    weight,
)
from custom_components.inkling.core.hold import SURE
from custom_components.inkling.core.labels import Label
from custom_components.inkling.core.trail import PACE_SECONDS, Spread, Trail
from custom_components.inkling.core.verdict import Decision, Score, UnknownReason

from .test_hold import hold_of

PARAMETERS = DecisionParameters(on_threshold=0.6, off_threshold=0.3)
FLOOR = 2.471
HALF_HOUR, DAY = 1800.0, 86_400.0
WIDE = Bounds(-BOTH_KINDS_LIMIT, BOTH_KINDS_LIMIT)
MODEL = "hand 1"


def label_of(
    odds: Sequence[float],
    *,
    occupied: bool,
    at: float = 0.0,
    **changes: Any,  # noqa: ANN401 - handed on
) -> Label:
    """Return a label of half an hour in which the model said these log-odds."""
    points = tuple((at + index, value) for index, value in enumerate(odds))
    found = Label(
        id=str(at),
        target="office",
        label="occupied" if occupied else "vacant",
        start=at,
        end=at + HALF_HOUR,
        created=at + HALF_HOUR,
        points=points,
        model=MODEL,
    )
    return replace(found, **changes)


def spread_of(odds: Sequence[float], count: int = 720) -> Spread:
    """Return how log-odds are spread that a room was at in equal parts."""
    found = Spread()
    for index in range(count):
        found.add(index * PACE_SECONDS, odds[index % len(odds)])
    return found


USED = spread_of([-4.0] * 7 + [3.0] * 3)
"""A room as they are: quiet most of the day, and clearly in use when it is."""


def test_one_number_as_many() -> None:
    """Turn one probability into log-odds and back as an array's would be."""
    for chance in (0.01, 0.5, 0.97):
        assert probability_of_one(log_odds_of_one(chance)) == pytest.approx(chance)
        assert log_odds_of_one(float(probability(np.array(1.3)))) == pytest.approx(1.3)
    assert (log_odds_of_one(0.0), log_odds_of_one(1.0)) == (-LOG_ODDS_LIMIT, LOG_ODDS_LIMIT)


def test_a_label_moves_the_room_at_once_and_with_measure() -> None:
    """Go by about a third for one label that contradicts, and hardly for one that agrees."""
    contradicts = fit_shift([label_of([-1.4] * 4, occupied=True)], MODEL, WIDE, HALF_HOUR, Spread())
    agrees = fit_shift([label_of([-4.0] * 4, occupied=False)], MODEL, WIDE, HALF_HOUR, Spread())
    assert 0.25 < contradicts < 0.45
    assert -0.02 < agrees < 0.0
    assert fit_shift([], MODEL, WIDE, 0.0, Spread()) == 0.0


def test_the_shift_is_the_most_probable_one() -> None:
    """Find where the posterior is highest, which a scan over all shifts confirms."""
    labels = [label_of([-1.0, 0.0], occupied=True), label_of([-2.0, 0.5], occupied=False, at=9000.0)]
    found = fit_shift(labels, MODEL, WIDE, 9000.0 + HALF_HOUR, Spread())
    shifts = np.linspace(-1.5, 1.5, 3001)
    odds = np.array([-1.0, 0.0, -2.0, 0.5])[:, None] + shifts
    chances = np.where(np.array([[1], [1], [0], [0]]) == 1, probability(odds), probability(-odds))
    weights = np.array([weight(label, 9000.0 + HALF_HOUR) / 2.0 for label in labels for _ in label.points])
    posterior = weights @ np.log(chances) - shifts**2 / (2.0 * 0.7**2)
    assert found == pytest.approx(float(shifts[posterior.argmax()]), abs=2e-3)


def test_more_labels_move_further_and_both_kinds_balance() -> None:
    """Learn more from more labels, stop at the bound, and go back where others say the opposite."""
    one_sided = [label_of([-1.5] * 8, occupied=True, at=at * DAY) for at in range(20)]
    shifts = [fit_shift(one_sided[:count], MODEL, WIDE, 20 * DAY, Spread()) for count in (1, 3, 20)]
    assert shifts == sorted(shifts)
    assert shifts[-1] <= BOTH_KINDS_LIMIT
    others = [label_of([-1.5] * 8, occupied=False, at=(30 + at) * DAY) for at in range(40)]
    assert fit_shift([*one_sided, *others], MODEL, WIDE, 70 * DAY, Spread()) < 0.5 * shifts[-1]


def test_time_that_nobody_complains_of_counts_too() -> None:
    """Go less far where most of the room's time would be judged otherwise, and not where it is sure anyway."""
    labels = [label_of([1.0] * 8, occupied=False, at=at * DAY) for at in range(6)]
    alone = fit_shift(labels, MODEL, WIDE, 6 * DAY, Spread())
    sleeper = fit_shift(labels, MODEL, WIDE, 6 * DAY, spread_of([-5.0, 1.2]))
    sure = fit_shift(labels, MODEL, WIDE, 6 * DAY, spread_of([-6.0, 6.0]))
    assert alone < sure < 0.95 * alone < sleeper < 0.0


def test_labels_age_and_length_counts_within_limits() -> None:
    """Halve a label after ninety days, and let neither a blink nor a week outweigh the rest."""
    label = label_of([0.0], occupied=True)
    assert weight(label, HALF_HOUR) == pytest.approx(1.0)
    assert weight(label, HALF_HOUR + 90 * DAY) == pytest.approx(0.5)
    assert weight(replace(label, end=60.0), HALF_HOUR) == pytest.approx(0.25)
    assert weight(replace(label, end=7 * DAY, created=7 * DAY), 7 * DAY) == pytest.approx(3.0)
    assert weight(label, 0.0) == pytest.approx(1.0)


def test_labels_of_another_model_or_of_faults_teach_nothing() -> None:
    """Go by what this model said only."""
    labels = [
        label_of([-2.0], occupied=True, model="other 2"),
        label_of([], occupied=True),
        label_of([-2.0], occupied=True, label="fault:stuck"),
    ]
    assert fit_shift(labels, MODEL, WIDE, DAY, Spread()) == 0.0
    assert kinds(labels, MODEL) == 0
    assert kinds([label_of([1.0], occupied=True), label_of([1.0], occupied=False)], MODEL) == 2


def test_bounds() -> None:
    """Be small with one kind or an unknown room, and never take its quiet, its life or fresh movement away."""
    assert bounds(Spread(), PARAMETERS, FLOOR, both_kinds=True) == Bounds(-ONE_KIND_LIMIT, ONE_KIND_LIMIT)
    assert bounds(USED, PARAMETERS, FLOOR, both_kinds=False) == Bounds(-ONE_KIND_LIMIT, ONE_KIND_LIMIT)
    assert bounds(USED, PARAMETERS, FLOOR, both_kinds=True) == Bounds(-BOTH_KINDS_LIMIT, BOTH_KINDS_LIMIT)
    hardly_quiet = bounds(spread_of([-1.6] * 9 + [3.0]), PARAMETERS, None, both_kinds=True)
    assert 0.0 < hardly_quiet.high < 0.5
    never_quiet = bounds(spread_of([0.0, 3.0]), PARAMETERS, None, both_kinds=True)
    assert never_quiet.high == 0.0
    hardly_alive = bounds(spread_of([-4.0] * 9 + [1.2]), PARAMETERS, None, both_kinds=True)
    assert -0.5 < hardly_alive.low < 0.0
    dead = bounds(spread_of([-4.0]), PARAMETERS, None, both_kinds=True)
    assert dead.low == 0.0
    weak_floor = bounds(USED, PARAMETERS, 0.9, both_kinds=True)
    assert -0.3 < weak_floor.low < 0.0


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("lie", ["always occupied", "always vacant", "the opposite", "at random"])
def test_no_label_makes_a_room_always_on_or_off(seed: int, lie: str) -> None:
    """Turn on with movement and off in quiet whatever two hundred labels claim, in rooms of every kind."""
    rng = np.random.default_rng(seed)
    quiet, lively = rng.uniform(-6.0, -1.2), rng.uniform(0.5, 5.0)
    share = rng.uniform(0.05, 0.9)
    odds = np.where(rng.random(720) < share, lively, quiet) + rng.normal(0.0, 0.2, 720)
    truth = odds > (quiet + lively) / 2.0
    claims = {
        "always occupied": np.ones(720, bool),
        "always vacant": np.zeros(720, bool),
        "the opposite": ~truth,
        "at random": rng.random(720) < 0.5,
    }[lie]
    labels = [
        label_of(odds[3 * at : 3 * at + 3].tolist(), occupied=bool(claims[3 * at]), at=at * HALF_HOUR)
        for at in range(200)
    ]
    spread = spread_of(odds.tolist())
    limits = bounds(spread, PARAMETERS, FLOOR, both_kinds=kinds(labels, MODEL) > 1)
    shift = fit_shift(labels, MODEL, limits, 200 * HALF_HOUR, spread)
    assert abs(shift) <= BOTH_KINDS_LIMIT
    alone, taught = _decisions(odds), _decisions(odds + shift)
    # What the model alone turns on and off still turns on and off.
    assert (True in alone, False in alone) == (True in taught, False in taught)
    assert probability_of_one(FLOOR + shift) >= PARAMETERS.on_threshold
    assert np.array_equal(np.argsort(odds), np.argsort(odds + shift))


def _decisions(odds: Sequence[float] | np.ndarray) -> set[bool | None]:
    """Return the decisions that a room comes to."""
    decider = Decider(PARAMETERS)
    return {decider.step(probability_of_one(float(value)), float(at)).occupied for at, value in enumerate(odds)}


def test_marks_are_by_what_stood_before_the_label() -> None:
    """Score each label by the shift before it came, and the model alone beside it."""
    labels = [
        label_of([0.3, 0.3], occupied=False),
        label_of([0.3, 0.3], occupied=False, at=DAY, shift_before=-1.0),
        label_of([], occupied=True, at=2 * DAY),
        label_of([], occupied=True, at=3 * DAY, label="normal"),
    ]
    found = marks(labels, MODEL, PARAMETERS)
    assert (found.labels, found.scored) == (3, 2)
    assert (found.accuracy_before, found.accuracy_after) == (0.0, 0.5)
    alone, taught = probability_of_one(0.3) ** 2, probability_of_one(-0.7) ** 2
    assert found.brier_before == pytest.approx(alone)
    assert found.brier_after == pytest.approx((alone + taught) / 2.0)
    nothing = marks(labels[2:], MODEL, PARAMETERS)
    assert (nothing.labels, nothing.scored, nothing.accuracy_before) == (1, 0, None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [((700.0, 400.0), 700.0), ((None, 400.0), 700.0), ((None, None), 700.0), ((2000.0, 950.0), 950.0)],
)
def test_default_start(changes: tuple[float | None, ...], expected: float) -> None:
    """Begin with the last change, where that is not long ago; what is still to come is none."""
    assert default_start(changes, 1000.0, within_seconds=500.0, else_seconds=300.0) == expected


def test_trail() -> None:
    """Keep a moment in two minutes over the last day, and the newest always."""
    trail = Trail()
    assert trail.note(0.0, 1.0)
    assert not trail.note(60.0, 2.0)
    assert trail.between(0.0, 60.0) == [(0.0, 1.0), (60.0, 2.0)]
    for index in range(1, 800):
        assert trail.note(index * PACE_SECONDS, -1.0)
    found = trail.between(0.0, 1e9)
    assert len(found) == 720
    assert found[0][0] == 80 * PACE_SECONDS
    assert found == sorted(found)
    # A clock that was set back.
    assert trail.note(50.0, 0.5)
    assert trail.between(40.0, 60.0) == [(50.0, 0.5)]
    assert Trail().between(0.0, 1e9) == []


def test_spread() -> None:
    """Know the quiet and the lively end of a room, forget old weeks, and come back from a file."""
    assert not Spread().is_known
    assert (Spread().below(0.5), Spread().above(0.5)) == (-7.5, 7.5)
    assert USED.is_known
    assert (USED.below(0.05), USED.above(0.01)) == (-3.5, 3.0)
    far = spread_of([-20.0, 20.0])
    assert (far.below(0.1), far.above(0.1)) == (-7.5, 7.5)
    kept = Spread(USED.counts)
    assert kept.counts == USED.counts
    assert Spread([1.0, 2.0]).counts == Spread().counts
    total = sum(far.counts)
    far.add(720 * PACE_SECONDS + 7 * DAY, 0.0)
    assert sum(far.counts) == pytest.approx(total / 2.0, rel=0.02)
    full = Spread([float("nan")] * 32)
    assert (full.below(0.5), full.above(0.5)) == (8.0, -8.0)


def score_of(odds: float | None, end: float = 0.0) -> Score:
    """Return a score of the office."""
    chance = None if odds is None else probability_of_one(odds)
    unknown = UnknownReason.NO_SIGNALS if odds is None else None
    return Score(room="office", end=end, probability=chance, coverage=1.0, history=1.0, unknown=unknown)


def room_of(ends: list[int], moved_at: float | None = None) -> RoomFeedback:
    """Return a room's feedback that notes in `ends` when a word is over."""
    return RoomFeedback(lambda: moved_at, lambda: ends.append(1), Spread())


def test_a_room_without_labels_is_left_alone() -> None:
    """Hand the very score back, and keep what the model said."""
    feedback = room_of([])
    score = score_of(-1.0, 5.0)
    assert feedback.take(score, MODEL, PARAMETERS) is score
    assert feedback.trail.newest is not None
    assert feedback.trail.newest == pytest.approx((5.0, -1.0))
    assert feedback.said is None
    nothing = score_of(None)
    assert feedback.take(nothing, MODEL, PARAMETERS) is nothing


def test_a_room_is_shifted_held_and_let_go() -> None:
    """Shift by what was learned, show a word while it stands, and tell its end once."""
    ends: list[int] = []
    feedback = room_of(ends)
    feedback.take(score_of(-1.0), MODEL, PARAMETERS)
    feedback.shift = 0.4
    assert feedback.take(score_of(-1.0), MODEL, PARAMETERS).probability == pytest.approx(probability_of_one(-0.6))
    feedback.hold = hold_of(occupied=True, reference=-1.0)
    assert feedback.take(score_of(-1.0, 60.0), MODEL, PARAMETERS).probability == SURE
    assert (feedback.said, ends) == (True, [])
    assert feedback.take(score_of(-4.0, 120.0), MODEL, PARAMETERS).probability == pytest.approx(
        probability_of_one(-3.6)
    )
    assert (feedback.said, ends) == (None, [1])


def test_a_word_waits_for_no_delay() -> None:
    """Decide at once what a user says, whatever delays a model has."""
    decider = Decider(replace(PARAMETERS, on_delay_seconds=60.0, off_delay_seconds=600.0))
    decider.step(0.1, 0.0)
    assert decider.say(5.0, occupied=True) == Decision(occupied=True, since=5.0)
    assert decider.say(6.0, occupied=False) == Decision(occupied=False, since=6.0)


def test_another_model_begins_anew() -> None:
    """Forget shift, spread and trail of a model that is gone, and measure a word by the new one."""
    feedback = room_of([])
    feedback.take(score_of(1.0), MODEL, PARAMETERS)
    feedback.shift, feedback.hold = 0.4, hold_of(occupied=True, reference=1.0)
    kept = feedback.spread
    feedback.take(score_of(-4.0, 10.0), "other 2", PARAMETERS)
    assert (feedback.shift, feedback.model) == (0.0, "other 2")
    assert feedback.spread is not kept
    assert feedback.hold is not None
    assert feedback.hold.reference == pytest.approx(-4.0)
    feedback.take(score_of(-4.0, 20.0), None, PARAMETERS)
    assert feedback.model == ""


def test_it_costs_next_to_nothing() -> None:
    """Take a score in microseconds, and learn from two hundred labels within the loop's two milliseconds."""
    feedback = room_of([])
    feedback.shift = 0.1
    scores = [score_of(-1.0, at * 10.0) for at in range(2000)]
    start = time.perf_counter()
    for score in scores:
        feedback.take(score, "", PARAMETERS)
    # A tenth of what is typical would do; machines that test are slow.
    assert (time.perf_counter() - start) / len(scores) < 50e-6
    labels = [label_of([-1.0] * 16, occupied=bool(at % 2), at=at * HALF_HOUR) for at in range(200)]
    assert min(_seconds(labels) for _ in range(5)) < 0.01


def _seconds(labels: list[Label]) -> float:
    """Return how long a fit takes."""
    start = time.perf_counter()
    fit_shift(labels, MODEL, WIDE, 400 * HALF_HOUR, Spread())
    return time.perf_counter() - start
