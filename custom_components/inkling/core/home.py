"""Whether anybody is at home at all, from what every room says, who is said to be away, and the exit door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
import math

from .units import Role
from .window import Signal

Reading = tuple[float, float]
"""When, in epoch seconds, and what; NaN for missing."""
LEFT_SECONDS = 300.0
"""Everybody away for so long, and nothing moved since an exit door did: the home was left."""
DOOR_SLACK_SECONDS = 120.0
"""Whoever goes is seen at the door until shortly after it has closed."""
# One person stays in one room and is seen in one or two more; counting on, fifty idle rooms would make a guest.
_ROOMS_COUNTED = 3
# Log-odds. Phones are left behind and people have none: a word of theirs moves the rooms' answer, it is none by itself.
_SOMEBODY_HOME, _HOME_LEFT = 1.0, -2.0
_LEAST = 0.01
# Where no room knows anything: what held in simulated homes while a phone was at home, and while all were away.
_ONLY_HOME, _ONLY_AWAY = 0.95, 0.3
_MOVEMENT = frozenset({Role.MOTION, Role.PRESENCE, Role.VIBRATION})
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeEvidence:
    """What speaks for or against anybody's being at home, as `home_probability` takes it."""

    people: tuple[float | None, ...]
    away_seconds: float | None
    quiet_seconds: float | None
    door_seconds: float | None

    def probability(self, rooms: Sequence[float | None]) -> float | None:
        """Return the probability that anybody is at home, from this and from the rooms' probabilities."""
        return home_probability(
            rooms,
            self.people,
            away_seconds=self.away_seconds,
            quiet_seconds=self.quiet_seconds,
            door_seconds=self.door_seconds,
        )


@dataclass(frozen=True, slots=True)
class HomeSignals:
    """The ids of the signals that tell of the home as a whole: people, whatever moves, and exit doors."""

    people: tuple[str, ...]
    movement: tuple[str, ...]
    doors: tuple[str, ...]

    @classmethod
    def among(cls, signals: Iterable[Signal]) -> HomeSignals:
        """Return those among a home's signals."""
        found = list(signals)
        return cls(
            tuple(signal.id for signal in found if signal.role is Role.PERSON),
            tuple(signal.id for signal in found if signal.role in _MOVEMENT),
            tuple(signal.id for signal in found if signal.role is Role.DOOR and signal.room is None),
        )

    def present(self, newest: Callable[[str], Reading | None]) -> tuple[float | None, ...]:
        """Return of each person 1 for at home, 0 for away, None for unknown, from the newest readings."""
        return tuple(_value(newest(signal)) for signal in self.people)

    def evidence(self, newest: Callable[[str], Reading | None], now: float) -> HomeEvidence:
        """Return what the newest reading of each signal says at `now`, epoch seconds."""
        values = self.present(newest)
        people = _known(newest(signal) for signal in self.people)
        movement = _known(newest(signal) for signal in self.movement)
        doors = _known(newest(signal) for signal in self.doors)
        is_away = bool(values) and all(value is not None and value <= _HALF for value in values)
        return HomeEvidence(
            people=values,
            away_seconds=min(_resting(people, now)) if is_away else None,
            quiet_seconds=min(_resting(movement, now), default=None),
            door_seconds=min((now - t for t, _ in doors), default=None),
        )


def _known(readings: Iterable[Reading | None]) -> list[Reading]:
    """Return the readings there are that say something."""
    return [reading for reading in readings if reading is not None and _value(reading) is not None]


def _value(reading: Reading | None) -> float | None:
    """Return what a reading says, None where there is none or it is missing."""
    return None if reading is None or math.isnan(reading[1]) else reading[1]


def _resting(readings: Iterable[Reading], now: float) -> list[float]:
    """Return for how long each signal has been off, 0 for one that is on, in seconds."""
    return [0.0 if value > _HALF else now - t for t, value in readings]


def home_probability(
    rooms: Sequence[float | None],
    people: Sequence[float | None],
    *,
    away_seconds: float | None = None,
    quiet_seconds: float | None = None,
    door_seconds: float | None = None,
) -> float | None:
    """Return the probability that anybody is at home, None where neither a room nor a person is known.

    `rooms` are probabilities, `people` 1 at home and 0 away, None unknown each. `away_seconds` tells for how long all
    have been away, `quiet_seconds` for how long nothing has moved, `door_seconds` when an exit door last moved; None
    where that is not known, or not so. The rooms' chances of being empty multiply (noisy-or) over the likeliest three.
    """
    chances = sorted((chance for chance in rooms if chance is not None), reverse=True)[:_ROOMS_COUNTED]
    is_known = any(person is not None for person in people)
    somebody_home = any(person is not None and person > _HALF for person in people)
    if not chances and not is_known:
        return None
    if chances:
        chance = 1.0 - math.prod(1.0 - chance for chance in chances)
        odds = _log_odds(chance) + (_SOMEBODY_HOME if somebody_home else 0.0)
    else:
        odds = _log_odds(_ONLY_HOME if somebody_home else _ONLY_AWAY)
    if not somebody_home and _is_left(away_seconds, quiet_seconds, door_seconds):
        odds += _HOME_LEFT
    return 1.0 / (1.0 + math.exp(-odds))


def _is_left(away_seconds: float | None, quiet_seconds: float | None, door_seconds: float | None) -> bool:
    """Tell whether all three agree that the home was left; one that is not known does not."""
    if away_seconds is None or quiet_seconds is None or door_seconds is None:
        return False
    is_still = min(away_seconds, quiet_seconds) >= LEFT_SECONDS
    return is_still and door_seconds <= quiet_seconds + DOOR_SLACK_SECONDS


def _log_odds(chance: float) -> float:
    """Return log-odds of a chance, neither nearer to 0 nor to 1 than anybody can know."""
    limited = min(max(chance, _LEAST), 1.0 - _LEAST)
    return math.log(limited / (1.0 - limited))
