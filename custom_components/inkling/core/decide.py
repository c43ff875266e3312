"""Probability to decision: two thresholds and two delays, so that a state does not flutter."""

from __future__ import annotations

from dataclasses import dataclass

from .verdict import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionParameters:
    """Thresholds and delays of one model; from its manifest, or the user's options."""

    on_threshold: float
    """Occupied at or above this probability."""
    off_threshold: float
    """Vacant below this probability; between the two the state stays."""
    on_delay_seconds: float = 0.0
    """How long the probability must stay above before the room counts as occupied."""
    off_delay_seconds: float = 0.0
    """How long the probability must stay below before the room counts as vacant."""

    def __post_init__(self) -> None:
        """Refuse thresholds that cross and delays that run backwards."""
        if not 0.0 < self.off_threshold <= self.on_threshold < 1.0:
            message = f"thresholds must rise within 0 to 1, not off {self.off_threshold} and on {self.on_threshold}"
            raise ValueError(message)
        if min(self.on_delay_seconds, self.off_delay_seconds) < 0.0:
            message = "decision delays must not be negative"
            raise ValueError(message)


class Decider:
    """The decision of one room; time is always an argument."""

    __slots__ = ("_decision", "_last_known", "_parameters", "_pending_since")

    def __init__(self, parameters: DecisionParameters, decision: Decision | None = None) -> None:
        """Start undecided, or from a decision that was kept over a restart."""
        self._parameters = parameters
        self._decision = decision if decision is not None else Decision(None, None)
        self._last_known = self._decision.occupied
        self._pending_since: float | None = None

    @property
    def decision(self) -> Decision:
        """Return the decision as it stands."""
        return self._decision

    def step(self, probability: float | None, now: float) -> Decision:
        """Return the decision after a probability at `now` (epoch seconds); None makes it unknown."""
        if probability is None:
            return self._settle(None, now)
        wanted = self._wanted(probability)
        if wanted == self._decision.occupied:
            self._pending_since = None
            return self._decision
        if self._decision.occupied is None:
            return self._settle(wanted, now)
        # The least of both: a clock set back must not stretch the delay by as much.
        self._pending_since = now if self._pending_since is None else min(self._pending_since, now)
        delay = self._parameters.on_delay_seconds if wanted else self._parameters.off_delay_seconds
        return self._settle(wanted, now) if now - self._pending_since >= delay else self._decision

    def say(self, now: float, *, occupied: bool) -> Decision:
        """Return the decision after a user's word at `now` (epoch seconds), for which no delay is waited."""
        return self._settle(occupied, now)

    def due_at(self) -> float | None:
        """Return when a pending change takes effect if the probability stays, in epoch seconds, else None."""
        if self._pending_since is None:
            return None
        delay = self._parameters.off_delay_seconds if self._decision.occupied else self._parameters.on_delay_seconds
        return self._pending_since + delay

    def _wanted(self, probability: float) -> bool:
        """Return the state the probability asks for, given the last one known: a radio's hiccup wakes no dead band."""
        if self._last_known:
            return probability >= self._parameters.off_threshold
        return probability >= self._parameters.on_threshold

    def _settle(self, occupied: bool | None, now: float) -> Decision:  # noqa: FBT001 - three-valued state
        """Take over a state; its start stays when it was that already."""
        self._pending_since = None
        if occupied is not None:
            self._last_known = occupied
        if occupied != self._decision.occupied:
            self._decision = Decision(occupied, None if occupied is None else now)
        return self._decision
