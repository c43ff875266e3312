"""Whether anybody is at home at all, from what every room says, who is said to be away, and the exit door."""

from __future__ import annotations

from collections.abc import Sequence
import math

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
    somebody_home = any(person is not None and person > 0.5 for person in people)  # noqa: PLR2004 - at home
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
