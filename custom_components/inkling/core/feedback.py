"""What labels teach at once: a bounded shift of one room's log-odds, and how good it has been.

Source of the fit: Platt (1999) with the slope left at 1, as the most probable intercept under a normal prior.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
import math

import numpy as np

from .calibrate import log_odds_of_one, probability_of_one
from .decide import DecisionParameters
from .hold import Hold
from .labels import Label
from .trail import Spread, Trail
from .verdict import Score

PRIOR_DEVIATION = 0.7
"""Log-odds. One label of half an hour that contradicts a model at 20 % moves it by about a third."""
ONE_KIND_LIMIT, BOTH_KINDS_LIMIT = 0.5, 1.5
"""Log-odds. Labels of one kind say that the model errs, not where it should stop."""
_MARGIN = 0.25
_QUIET_SHARE, _LIVELY_SHARE = 0.05, 0.01
_FULL_SECONDS = 1800.0
_WEIGHTS = (0.25, 3.0)
"""The least and the most that one label weighs: neighbouring minutes are no new evidence."""
_HALF_LIFE_SECONDS = 90 * 86_400.0
_STEPS = 16
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a room's shift may go, in log-odds: `low` <= 0 <= `high`."""

    low: float
    high: float

    def within(self, shift: float) -> float:
        """Return a shift kept within."""
        return min(self.high, max(self.low, shift))


def bounds(spread: Spread, parameters: DecisionParameters, floor: float | None, *, both_kinds: bool) -> Bounds:
    """Return how far a shift may go without taking a room's quiet or its life away.

    `floor` is the least log-odds of fresh movement, None where the model has none.
    """
    most = BOTH_KINDS_LIMIT if both_kinds and spread.is_known else ONE_KIND_LIMIT
    low, high = -most, most
    turns_on, turns_off = log_odds_of_one(parameters.on_threshold), log_odds_of_one(parameters.off_threshold)
    if spread.is_known:
        high = min(high, max(0.0, turns_off - _MARGIN - spread.below(_QUIET_SHARE)))
        low = max(low, min(0.0, turns_on + _MARGIN - spread.above(_LIVELY_SHARE)))
    if floor is not None:
        low = max(low, min(0.0, turns_on + _MARGIN - floor))
    return Bounds(low, high)


def _usable(labels: Iterable[Label], model: str) -> list[Label]:
    """Return the labels that say something about a model's log-odds."""
    return [label for label in labels if label.occupied is not None and label.points and label.model == model]


def kinds(labels: Iterable[Label], model: str) -> int:
    """Return whether labels of neither, one or both kinds say something about a model."""
    return len({label.occupied for label in _usable(labels, model)})


def weight(label: Label, now: float) -> float:
    """Return what a label counts at `now` (epoch seconds): its length within limits, less with age."""
    least, most = _WEIGHTS
    age = max(0.0, now - label.created)
    freshness = math.exp2(-age / _HALF_LIFE_SECONDS)
    return min(most, max(least, (label.end - label.start) / _FULL_SECONDS)) * freshness


def fit_shift(labels: Sequence[Label], model: str, limits: Bounds, now: float, spread: Spread) -> float:
    """Return the most probable shift of a room's log-odds within limits, 0.0 without labels of this model.

    People speak when a room is wrong. All the time they say nothing of counts as much as all they say, for the model.
    """
    usable = _usable(labels, model)
    if not usable:
        return 0.0
    counts = [len(label.points) for label in usable]
    odds = np.array([found for label in usable for _, found in label.points])
    truth = np.repeat([float(bool(label.occupied)) for label in usable], counts)
    weights = np.repeat([weight(label, now) / len(label.points) for label in usable], counts)
    middles, shares = map(np.array, spread.shares())
    odds, truth = np.append(odds, middles), np.append(truth, 1.0 / (1.0 + np.exp(-middles)))
    weights = np.append(weights, shares * weights.sum())
    low, high = limits.low, limits.high

    def slope(shift: float) -> float:
        """Return the rise of the log posterior: it falls with the shift, so its zero is the answer."""
        errors = truth - 1.0 / (1.0 + np.exp(-(odds + shift)))
        return float(weights @ errors) - shift / PRIOR_DEVIATION**2

    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if slope(middle) > 0.0 else (low, middle)
    return limits.within((low + high) / 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How good a room has been on labelled time: accuracy and Brier score of the model alone, and as it was shown.

    As it was shown means by the shift before each label came, so that no label is scored by what it taught.
    """

    labels: int
    scored: int
    accuracy_before: float | None = None
    accuracy_after: float | None = None
    brier_before: float | None = None
    brier_after: float | None = None


def marks(labels: Sequence[Label], model: str, parameters: DecisionParameters) -> Marks:
    """Return how good a room has been on its labels, each counting as much as another."""
    usable = _usable(labels, model)
    told = [label for label in labels if label.occupied is not None]
    if not usable:
        return Marks(labels=len(told), scored=0)
    line = (parameters.on_threshold + parameters.off_threshold) * _HALF
    found = {}
    for name, by in (("before", 0.0), ("after", 1.0)):
        right, squares = zip(*(_marks_of(label, by * label.shift_before, line) for label in usable), strict=True)
        found[f"accuracy_{name}"] = math.fsum(right) / len(usable)
        found[f"brier_{name}"] = math.fsum(squares) / len(usable)
    return Marks(labels=len(told), scored=len(usable), **found)


def _marks_of(label: Label, shift: float, line: float) -> tuple[float, float]:
    """Return a label's share of moments on the right side of a line, and its mean square error."""
    chances = [probability_of_one(odds + shift) for _, odds in label.points]
    truth = bool(label.occupied)
    right = sum((chance >= line) is truth for chance in chances)
    return right / len(chances), math.fsum((chance - truth) ** 2 for chance in chances) / len(chances)


def default_start(changes: Iterable[float | None], now: float, *, within_seconds: float, else_seconds: float) -> float:
    """Return when what a user contradicts at `now` began: with the last change, where that is not long ago.

    Nobody knows when something of hours ago became wrong: then only the last minutes are said.
    """
    known = [moment for moment in changes if moment is not None and moment <= now]
    last = max(known, default=-math.inf)
    return last if now - last <= within_seconds else now - else_seconds


class RoomFeedback:
    """What a user has said about one room while it runs: a shift, a word that stands, what the model said itself.

    Lives on the event loop; `moved_at` returns when the room's newest movement began, epoch seconds.
    """

    __slots__ = ("_moved_at", "_on_end", "hold", "model", "shift", "spread", "trail")

    def __init__(self, moved_at: Callable[[], float | None], on_end: Callable[[], None], spread: Spread) -> None:
        """Begin without a word; `on_end` is told when one is over."""
        self._moved_at = moved_at
        self._on_end = on_end
        self.spread = spread
        self.trail = Trail()
        self.model = ""
        self.shift = 0.0
        self.hold: Hold | None = None

    @property
    def said(self) -> bool | None:
        """Return the word that stands, None without one."""
        return None if self.hold is None else self.hold.occupied

    def take(self, score: Score, model: str | None, parameters: DecisionParameters) -> Score:
        """Return a score as the user has taught it; one that is unknown stays so."""
        if score.probability is None:
            return score
        if model != self.model:
            self.begin(model or "")
        odds = log_odds_of_one(score.probability)
        if self.trail.note(score.end, odds):
            self.spread.add(score.end, odds)
        hold = self.hold
        if hold is not None and hold.is_over(odds, score.end, self._moved_at(), parameters):
            hold = self.hold = None
            self._on_end()
        if hold is None and not self.shift:
            return score
        found = probability_of_one(odds + self.shift)
        return replace(score, probability=found if hold is None else hold.raised(found, parameters))

    def begin(self, model: str) -> None:
        """Forget what another model said: its log-odds mean nothing to this one, nor does the shift."""
        if self.model:
            self.spread, self.shift = Spread(), 0.0
        if self.hold is not None:
            self.hold.reference = self.hold.lowest = None
        self.trail, self.model = Trail(), model
