"""One room while it runs: its decision, its newest verdict, and when it wants to be explained."""

from dataclasses import replace

from .const import EXPLAIN_POINTS, EXPLAIN_SECONDS
from .core.decide import Decider, DecisionParameters
from .core.verdict import Decision, Score, UnknownReason, Verdict

_UNDECIDED = Decision(None, None)


class Room:
    """Turns scores into verdicts; lives on the event loop."""

    __slots__ = ("_decider", "_explained", "_restored", "id", "verdict")

    def __init__(self, room_id: str, parameters: DecisionParameters | None, restored: Verdict | None) -> None:
        """Start from the verdict kept over a restart; without parameters there is no model, so no decision."""
        self.id = room_id
        self._restored = restored is not None
        self._decider = None
        if parameters is not None:
            self._decider = Decider(parameters, None if restored is None else restored.decision)
        self._explained: tuple[float, float | None, bool | None] | None = None
        self.verdict = restored

    @property
    def is_unexplained(self) -> bool:
        """Return whether no explanation was ever given."""
        return self._explained is None

    def use(self, parameters: DecisionParameters | None) -> None:
        """Decide by another model's parameters from now on; the decision stands until its first score."""
        decision = None if self.verdict is None else self.verdict.decision
        self._decider = None if parameters is None else Decider(parameters, decision)
        self._explained = None

    def forget_explanation(self) -> None:
        """Want to be explained with the next score."""
        self._explained = None

    def due_at(self) -> float | None:
        """Return when a pending change of the decision takes effect, in epoch seconds, None without one."""
        return None if self._decider is None else self._decider.due_at()

    def apply(self, score: Score, model: str | None, backend: str | None, *, is_settled: bool) -> bool:
        """Take over a score and return whether the verdict wants to be explained anew.

        Before the start-up is settled, a room whose sensors are not back yet keeps what was restored.
        """
        if self._restored and score.unknown is UnknownReason.NO_SIGNALS and not is_settled:
            return False
        self._restored = False
        decision = _UNDECIDED if self._decider is None else self._decider.step(score.probability, score.end)
        contributions = score.contributions
        if contributions is not None:
            self._explained = (score.end, score.probability, decision.occupied)
        elif score.probability is not None and self.verdict is not None:
            contributions = self.verdict.contributions
        self.verdict = Verdict(
            score=score, decision=decision, contributions=contributions or (), model=model, backend=backend
        )
        return score.probability is not None and self._wants_explanation(score, decision)

    def explain(self, score: Score) -> None:
        """Add an explanation asked for after the fact to the verdict it belongs to."""
        if self.verdict is None or score.contributions is None:
            return
        self._explained = (score.end, score.probability, self.verdict.decision.occupied)
        self.verdict = replace(self.verdict, contributions=score.contributions)

    def _wants_explanation(self, score: Score, decision: Decision) -> bool:
        """Return whether the newest explanation no longer fits."""
        if self._explained is None:
            return True
        end, probability, occupied = self._explained
        if probability is None or score.probability is None or occupied != decision.occupied:
            return True
        return abs(score.probability - probability) >= EXPLAIN_POINTS or score.end - end >= EXPLAIN_SECONDS
