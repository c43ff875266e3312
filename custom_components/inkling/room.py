"""One room while it runs: its decision, its newest verdict, and when it wants to be explained."""

from dataclasses import replace

from .const import EXPLAIN_POINTS, EXPLAIN_SECONDS
from .core.decide import Decider, DecisionParameters
from .core.feedback import RoomFeedback
from .core.verdict import Decision, Score, UnknownReason, Verdict

_UNDECIDED = Decision(None, None)


class Room:
    """Turns scores into verdicts; lives on the event loop."""

    __slots__ = ("_decider", "_explained", "_feedback", "_parameters", "_restored", "id", "verdict")

    def __init__(
        self,
        room_id: str,
        parameters: DecisionParameters | None,
        restored: Verdict | None,
        feedback: RoomFeedback | None = None,
    ) -> None:
        """Start from the verdict kept over a restart; without parameters there is no model, so no decision."""
        self.id = room_id
        self._restored = restored is not None
        self._parameters = parameters
        self._feedback = feedback
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
        self._parameters = parameters
        self._decider = None if parameters is None else Decider(parameters, decision)
        self._explained = None

    def say(self, now: float, *, occupied: bool) -> None:
        """Be what a user says from now on (epoch seconds), before the next score; one that is unknown stays so."""
        self._explained = None
        if self._decider is None or self.verdict is None or self.verdict.score.probability is None:
            return
        self.verdict = replace(self.verdict, decision=self._decider.say(now, occupied=occupied), said=occupied)

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
        if self._feedback is not None and self._parameters is not None:
            score = self._feedback.take(score, model, self._parameters)
        decision = _UNDECIDED if self._decider is None else self._decider.step(score.probability, score.end)
        contributions = score.contributions
        if contributions is not None:
            self._explained = (score.end, score.probability, decision.occupied)
        elif score.probability is not None and self.verdict is not None:
            contributions = self.verdict.contributions
        self.verdict = Verdict(
            score=score,
            decision=decision,
            contributions=contributions or (),
            model=model,
            backend=backend,
            said=None if self._feedback is None else self._feedback.said,
        )
        return score.probability is not None and self._wants_explanation(score, decision)

    def explain(self, score: Score) -> None:
        """Add an explanation asked for after the fact to the verdict it belongs to."""
        if self.verdict is None or score.contributions is None:
            return
        # What is shown is compared with what is shown: a user's word may have moved it.
        self._explained = (score.end, self.verdict.score.probability, self.verdict.decision.occupied)
        self.verdict = replace(self.verdict, contributions=score.contributions)

    def _wants_explanation(self, score: Score, decision: Decision) -> bool:
        """Return whether the newest explanation no longer fits."""
        if self._explained is None:
            return True
        end, probability, occupied = self._explained
        if probability is None or score.probability is None or occupied != decision.occupied:
            return True
        return abs(score.probability - probability) >= EXPLAIN_POINTS or score.end - end >= EXPLAIN_SECONDS
