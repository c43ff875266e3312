"""What a user said of now, and until when it stands against the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .calibrate import log_odds_of_one
from .decide import DecisionParameters

OCCUPIED_SECONDS, VACANT_SECONDS = 7200.0, 28_800.0
"""The longest a word stands. Who sits still for longer says it again; a sensor that is stuck is not stuck for ever."""
DROP, RISE = 2.0, 1.0
"""Log-odds: seven times surer of nobody than when "I am here" was said, and than it takes to clear the room; three
times surer of somebody than since "nobody is here" was."""
SURE = 0.95
"""The probability that is shown at least of what was said."""
_CLOCK_SLACK_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Hold:
    """One word of a user; times in epoch seconds, log-odds as the model says them."""

    label_id: str
    occupied: bool
    since: float
    reference: float | None
    """What the model said when the user spoke."""
    lowest: float | None
    """The least it has said since."""

    @property
    def until(self) -> float:
        """Return when it ends at the latest."""
        return self.since + (OCCUPIED_SECONDS if self.occupied else VACANT_SECONDS)

    def is_over(self, log_odds: float, now: float, moved_at: float | None, parameters: DecisionParameters) -> bool:
        """Return whether it ends at `now`; `moved_at` is when the room's newest movement began."""
        if not self.since - _CLOCK_SLACK_SECONDS <= now < self.until:
            return True
        if self.reference is None or self.lowest is None:
            self.reference = self.lowest = log_odds
        self.lowest = min(self.lowest, log_odds)
        turns_off = log_odds_of_one(parameters.off_threshold)
        if self.occupied:
            # Who speaks while they move sits still a moment later: that alone says nothing against them.
            return log_odds <= min(self.reference, turns_off) - DROP
        if log_odds < turns_off:
            return True
        if moved_at is not None and moved_at > self.since:
            return True
        return log_odds >= max(self.lowest + RISE, log_odds_of_one(parameters.on_threshold))

    def raised(self, probability: float, parameters: DecisionParameters) -> float:
        """Return a probability as it is shown meanwhile: at least, or at most, what the word stands for."""
        if self.occupied:
            return max(probability, SURE, parameters.on_threshold)
        return min(probability, 1.0 - SURE, parameters.off_threshold / 2.0)

    def to_json(self) -> dict[str, Any]:
        """Return it in JSON's types."""
        return {
            "label_id": self.label_id,
            "occupied": self.occupied,
            "since": self.since,
            "reference": self.reference,
            "lowest": self.lowest,
        }


def hold_from_json(data: object) -> Hold | None:
    """Return a hold of a file, None where it cannot be one."""
    if not isinstance(data, dict):
        return None
    since, occupied, label_id = data.get("since"), data.get("occupied"), data.get("label_id")
    reference, lowest = data.get("reference"), data.get("lowest")
    if not isinstance(occupied, bool) or not isinstance(label_id, str) or not isinstance(since, float):
        return None
    if not isinstance(reference, float) or not isinstance(lowest, float):
        reference = lowest = None
    return Hold(label_id=label_id, occupied=occupied, since=since, reference=reference, lowest=lowest)
