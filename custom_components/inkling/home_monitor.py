"""The home as one more room: is anybody in it at all."""

from collections.abc import Iterable

from .core.decide import DecisionParameters
from .core.home import HomeSignals
from .core.verdict import Score, Verdict
from .ingest import Ingest
from .room import Room


class HomeMonitor:
    """Judges the home by its rooms and people; lives on the event loop."""

    def __init__(self, room: Room, ingest: Ingest) -> None:
        """Decide as a room does; people are what the ingest last read of them."""
        self.room = room
        self._ingest = ingest
        self._signals = HomeSignals.among(binding.signal for binding in ingest.bindings)

    @property
    def id(self) -> str:
        """Return the id the home is told by, which is the entry's."""
        return self.room.id

    @property
    def verdict(self) -> Verdict | None:
        """Return the newest verdict."""
        return self.room.verdict

    def use(self, parameters: DecisionParameters | None) -> None:
        """Decide by another model's parameters from now on."""
        self.room.use(parameters)

    def due_at(self) -> float | None:
        """Return when a pending change of the decision takes effect, in epoch seconds, None without one."""
        return self.room.due_at()

    def people_home(self) -> float | None:
        """Return the share of the people who are at home among those it is known of, None when of nobody."""
        known = [value for value in self._signals.present(self._ingest.window.last_reading) if value is not None]
        return sum(known) / len(known) if known else None

    def judge(self, rooms: Iterable[Room], now: float) -> bool:
        """Judge by the rooms' newest verdicts at `now` (epoch seconds); return whether anything shown changed."""
        before = self.room.verdict
        verdicts = [room.verdict for room in rooms if room.verdict is not None]
        if not verdicts:
            return False
        evidence = self._signals.evidence(self._ingest.window.last_reading, now)
        probability = evidence.probability([verdict.score.probability for verdict in verdicts])
        score = Score(
            room=self.id,
            end=now,
            probability=probability,
            coverage=sum(verdict.score.coverage for verdict in verdicts) / len(verdicts),
            history=min(verdict.score.history for verdict in verdicts),
            unknown=verdicts[0].score.unknown if probability is None else None,
        )
        self.room.apply(score, verdicts[0].model, verdicts[0].backend, is_settled=True)
        after = self.room.verdict
        return before is None or after is None or _shown(before) != _shown(after)


def _shown(verdict: Verdict) -> tuple[object, ...]:
    """Return what entities show of a verdict."""
    return verdict.score.probability, verdict.score.unknown, verdict.decision
