"""An evening of somebody who cooks, sits down to read for hours and goes to bed, as cheap sensors see it."""

from collections.abc import Sequence
from dataclasses import dataclass
import random

READING = (90, 295)
"""From and to in minutes after the evening begins."""
MINUTES = 420
_MOTION_MINUTES = 1.0
# Somebody with a book turns a page that a motion sensor does not see; now and then they reach for the cup.
_STILL_MINUTES, _LONGEST_STILL = 6.0, 25.0
_OUTDOOR_PPM, _PERSON_PPM_AN_HOUR, _AIR_CHANGES = 450.0, 450.0, 0.7


@dataclass(frozen=True, slots=True)
class Evening:
    """What is seen by the minute: motion in the kitchen and the office, and the office's CO2 in ppm."""

    kitchen: tuple[bool, ...]
    office: tuple[bool, ...]
    co2: tuple[float, ...]


def evening(seed: int) -> Evening:
    """Return an evening with other moments of stillness for each seed."""
    draw = random.Random(seed)  # noqa: S311 - reproducible, not secret
    seen: set[int] = set()
    at = float(READING[0])
    while at < READING[1]:
        seen.add(int(at))
        at += _MOTION_MINUTES + min(draw.expovariate(1.0 / _STILL_MINUTES), _LONGEST_STILL)
    # Who sits down and who gets up moves.
    seen |= {READING[0], READING[0] + 1, READING[1] - 1}
    cooking = [range(0, READING[0], 3), range(READING[1], READING[1] + 15, 2)]
    kitchen = {minute for part in cooking for minute in part}
    return Evening(
        kitchen=tuple(minute in kitchen for minute in range(MINUTES)),
        office=tuple(minute in seen for minute in range(MINUTES)),
        co2=_air(),
    )


def _air() -> tuple[float, ...]:
    """Return the CO2 of a small room that one person sits in, by the balance of its air."""
    found, now = [], _OUTDOOR_PPM
    for minute in range(MINUTES):
        breathed = _PERSON_PPM_AN_HOUR if READING[0] <= minute < READING[1] else 0.0
        now += (breathed - _AIR_CHANGES * (now - _OUTDOOR_PPM)) / 60.0
        found.append(now)
    return tuple(found)


def off_by_timer(motion: Sequence[bool], minutes: int) -> tuple[int, int]:
    """Return how often a light with a timer after motion leaves a reader in the dark, and how long it burns after."""
    dark, last, burnt = 0, -minutes, 0
    for minute, moved in enumerate(motion):
        is_reading = READING[0] <= minute < READING[1]
        dark += is_reading and not moved and minute - last == minutes
        last = minute if moved else last
        burnt += minute >= READING[1] and minute - last < minutes
    return dark, burnt
