"""The home as one more room: is anybody in it at all."""

from collections.abc import Iterable
import math

from .core.decide import DecisionParameters
from .core.home import home_probability
from .core.units import Role
from .core.verdict import Score, Verdict
from .ingest import Ingest
from .room import Room

_MOVEMENT = frozenset({Role.MOTION, Role.PRESENCE, Role.VIBRATION})
_HALF = 0.5


class HomeMonitor:
    """Judges the home by its rooms and people; lives on the event loop."""

    def __init__(self, room: Room, ingest: Ingest) -> None:
        """Decide as a room does; people are what the ingest last read of them."""
        self._room = room
        self._ingest = ingest
        signals = [binding.signal for binding in ingest.bindings]
        self._people = [signal.id for signal in signals if signal.role is Role.PERSON]
        self._doors = [signal.id for signal in signals if signal.role is Role.DOOR and signal.room is None]
        self._movement = [signal.id for signal in signals if signal.role in _MOVEMENT]

    @property
    def id(self) -> str:
        """Return the id the home is told by, which is the entry's."""
        return self._room.id

    @property
    def verdict(self) -> Verdict | None:
        """Return the newest verdict."""
        return self._room.verdict

    def use(self, parameters: DecisionParameters | None) -> None:
        """Decide by another model's parameters from now on."""
        self._room.use(parameters)

    def due_at(self) -> float | None:
        """Return when a pending change of the decision takes effect, in epoch seconds, None without one."""
        return self._room.due_at()

    def people_home(self) -> float | None:
        """Return the share of the people who are at home among those it is known of, None when of nobody."""
        known = [value for value in self._people_values() if value is not None]
        return sum(known) / len(known) if known else None

    def _people_values(self) -> list[float | None]:
        """Return of each person 1 for at home, 0 for away, None for unknown."""
        newest = [self._ingest.window.last_reading(signal) for signal in self._people]
        return [None if reading is None or math.isnan(reading[1]) else reading[1] for reading in newest]

    def _readings(self, signals: Iterable[str]) -> list[tuple[float, float]]:
        """Return the newest known reading of each signal that has one: time in epoch seconds, and value."""
        newest = [self._ingest.window.last_reading(signal) for signal in signals]
        return [reading for reading in newest if reading is not None and not math.isnan(reading[1])]

    def _resting(self, signals: Iterable[str], now: float) -> list[float]:
        """Return for how long each signal has been off, 0 for one that is on, in seconds."""
        return [0.0 if value > _HALF else now - t for t, value in self._readings(signals)]

    def _away_seconds(self, now: float) -> float | None:
        """Return for how long everybody has been away, None when somebody is not or nobody says."""
        values = self._people_values()
        if not values or any(value is None or value > _HALF for value in values):
            return None
        return _least(self._resting(self._people, now))

    def judge(self, rooms: Iterable[Room], now: float) -> bool:
        """Judge by the rooms' newest verdicts at `now` (epoch seconds); return whether anything shown changed."""
        before = self._room.verdict
        verdicts = [room.verdict for room in rooms if room.verdict is not None]
        if not verdicts:
            return False
        probability = home_probability(
            [verdict.score.probability for verdict in verdicts],
            self._people_values(),
            away_seconds=self._away_seconds(now),
            quiet_seconds=_least(self._resting(self._movement, now)),
            door_seconds=_least(now - t for t, _ in self._readings(self._doors)),
        )
        score = Score(
            room=self.id,
            end=now,
            probability=probability,
            coverage=sum(verdict.score.coverage for verdict in verdicts) / len(verdicts),
            history=min(verdict.score.history for verdict in verdicts),
            unknown=verdicts[0].score.unknown if probability is None else None,
        )
        self._room.apply(score, verdicts[0].model, verdicts[0].backend, is_settled=True)
        after = self._room.verdict
        return before is None or after is None or _shown(before) != _shown(after)


def _least(seconds: Iterable[float]) -> float | None:
    """Return the least of some durations, None when there are none."""
    return min(seconds, default=None)


def _shown(verdict: Verdict) -> tuple[object, ...]:
    """Return what entities show of a verdict."""
    return verdict.score.probability, verdict.score.unknown, verdict.decision
