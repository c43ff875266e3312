"""A forecast that waits for its time, and the sums that say whether such forecasts beat the simple rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
import math

FORGET_SECONDS = 30.0 * 86_400.0
"""What was scored a month ago counts a third of what is scored now."""
PRIOR_WEIGHT = 300.0
"""What was measured before shipping counts as three days of quarters of an hour."""
PRIOR_FADES_COUNT = 1200.0
"""And less the more was scored here: a horizon that is a hundredth worse than a rule for good is not shown for ever."""
LEVEL_WEIGHT = 96.0
"""After a day the room's own rules say how hard it is to forecast; in a room hardly used a small loss is a loss."""
SHOW_AGAIN_SKILL = 0.02
"""What was hidden must be better than the rule by this much: a forecast just like the rule does not come and go."""
CERTAIN_BRIER = 0.0005
"""At most two points from the truth in the mean: right enough to show, even where a rule that says 0 is righter."""
LEARNING_COUNT = 96.0
"""Below a day of scores what is shown rests on what was measured before shipping."""

_BASELINES_LIMIT = 16
_NAME_LIMIT = 32


class SkillError(ValueError):
    """Scores that cannot be read or kept, in one sentence."""


class SkillReason(StrEnum):
    """Why a horizon is shown or hidden."""

    BETTER = "better_than_baseline"
    CERTAIN = "certain"
    LEARNING_PRIOR = "learning_prior"
    """Shown, for what was measured before shipping; too little was scored here."""
    WORSE_THAN_BASELINE = "worse_than_baseline"
    NO_EVIDENCE = "no_evidence"
    """Hidden: what was measured before shipping does not speak for it, and too little was scored here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonPrior:
    """What was measured for a horizon before shipping, in homes the model did not learn from."""

    brier: float
    baseline_brier: float

    def __post_init__(self) -> None:
        """Refuse scores that no forecast can have."""
        if not (0.0 <= self.brier <= 1.0 and 0.0 < self.baseline_brier <= 1.0):
            raise SkillError(f"Brier scores lie between 0 and 1, not {self.brier} and {self.baseline_brier}")

    @property
    def skill(self) -> float:
        """Return the share of the best rule's Brier score that the model saves."""
        return 1.0 - self.brier / self.baseline_brier


NO_PRIOR = HorizonPrior(brier=0.1, baseline_brier=0.1)
"""Where nothing was measured a forecast must show its worth here first."""


@dataclass(slots=True)
class Note:
    """A forecast that waits for its time."""

    made_at: float
    probability: float
    baselines: dict[str, float]

    def __post_init__(self) -> None:
        """Refuse what cannot be scored."""
        chances = (self.probability, *self.baselines.values())
        if not all(0.0 <= chance <= 1.0 for chance in chances) or not 0.0 <= self.made_at < math.inf:
            raise SkillError(f"a forecast made at {self.made_at} says {chances}, which are no probabilities")
        if not 0 < len(self.baselines) <= _BASELINES_LIMIT or max(map(len, self.baselines)) > _NAME_LIMIT:
            raise SkillError(f"a forecast is scored against 1 to {_BASELINES_LIMIT} rules with short names")


@dataclass(slots=True)
class Tally:
    """Sums of squared errors of one room and horizon, old ones forgotten."""

    shown: bool
    at: float = 0.0
    count: float = 0.0
    total: float = 0.0
    baselines: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse sums that cannot have come about."""
        sums = (self.total, *self.baselines.values())
        if not all(0.0 <= number < math.inf for number in (self.at, self.count, *sums)) or max(sums) > self.count:
            raise SkillError("kept scores hold sums that cannot be; forget them or restore a backup")
        if (self.count > 0.0) != bool(self.baselines) or len(self.baselines) > _BASELINES_LIMIT:
            raise SkillError("kept scores name no rules, or too many; forget them or restore a backup")

    def add(self, note: Note, now: float, *, occupied: bool) -> None:
        """Score a forecast whose time has come; other rules than before begin a new tally."""
        if self.baselines.keys() != note.baselines.keys():
            self.count, self.total, self.baselines = 0.0, 0.0, dict.fromkeys(note.baselines, 0.0)
        # A clock that leaps ahead by years must not make a home forget what it knows.
        kept = math.exp(-min(max(now - self.at, 0.0), FORGET_SECONDS) / FORGET_SECONDS) if self.count else 0.0
        self.at = float(now)
        self.count = kept * self.count + 1.0
        self.total = kept * self.total + (note.probability - occupied) ** 2
        self.baselines = {
            name: kept * total + (note.baselines[name] - occupied) ** 2 for name, total in self.baselines.items()
        }

    @property
    def best(self) -> tuple[str, float] | None:
        """Return the best rule and its sum, None before the first score."""
        return min(self.baselines.items(), key=lambda item: item[1]) if self.baselines else None

    def skill(self, prior: HorizonPrior) -> float:
        """Return the share of the best rule's score that is saved, shrunk towards the prior's."""
        total = 0.0 if self.best is None else self.best[1]
        level = (LEVEL_WEIGHT * prior.baseline_brier + total) / (LEVEL_WEIGHT + self.count)
        mass = PRIOR_WEIGHT * math.exp(-self.count / PRIOR_FADES_COUNT) * level
        return (mass * prior.skill + total - self.total) / (mass + total)

    def judge(self, prior: HorizonPrior) -> None:
        """Show or hide what has become better or worse than the best rule; never by the scores of part of a day."""
        if self.count >= LEARNING_COUNT:
            self.shown = self.skill(prior) > (0.0 if self.shown else SHOW_AGAIN_SKILL)

    @property
    def is_certain(self) -> bool:
        """Tell whether the forecast is as good as always right here."""
        return self.count >= LEARNING_COUNT and self.total < CERTAIN_BRIER * self.count

    @property
    def reason(self) -> SkillReason:
        """Return why the horizon is shown or hidden."""
        if self.shown:
            return SkillReason.LEARNING_PRIOR if self.count < LEARNING_COUNT else SkillReason.BETTER
        if self.is_certain:
            return SkillReason.CERTAIN
        return SkillReason.NO_EVIDENCE if self.count < LEARNING_COUNT else SkillReason.WORSE_THAN_BASELINE
