"""The scores: what each tells of, how long it must last, and what is known of it before a home was seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
import math

from ..units import Role
from .classes import FaultClass


class Score(IntEnum):
    """Ways in which a signal may be unlike itself."""

    BAD = 0
    """Readings in the last six hours that cannot be true."""
    GONE = 1
    """ln minutes for which it says that it is unavailable."""
    SILENCE = 2
    """ln minutes without a report from its device."""
    OUTAGES = 3
    """Outages in the last day."""
    RUN = 4
    """ln of the changes that were to be expected, by the hour and by what its siblings do, since it last changed."""
    ON = 5
    """ln minutes on."""
    MISSED = 6
    """Movement it should have seen since it last saw any."""
    FEWER = 7
    """Log-likelihood ratio of seeing that little in a day."""
    ALONE = 8
    """Hours on in the last day while nothing else moved."""
    CHATTER = 9
    """ln changes in half an hour."""
    SPIKE = 10
    """ln of the largest there-and-back movement in half an hour."""
    SPIKES = 11
    """ln of the fourth largest in two hours."""
    NOISE = 12
    """ln of the there-and-back movement of two hours."""
    NOISE_LONG = 13
    """ln of that of six hours."""
    JUMP = 14
    """ln of a change at once that stayed for an hour."""
    BIAS = 15
    """Distance from its peers in grains, median of two hours."""
    DRIFT = 16
    """Distance from its peers in grains, the least of four days' means, against five days ago and before."""
    COARSE = 17
    """ln of the smallest change of a day."""
    APART = 18
    """Hours on in the last day while the other sensors of its room saw nobody."""


@dataclass(frozen=True, slots=True)
class ScoreSpec:
    """What is known of a score beforehand."""

    fault: FaultClass
    dwell_bins: int
    """Bins of five minutes for which it must stay above its threshold."""
    floor: float
    """The least distance from usual that matters."""
    spread: float
    """Mean excess of its larger six-hour maxima, before the signal's own are known."""
    least: float = -math.inf
    """A value below which it is never a fault."""
    most: float = math.inf
    """How far beyond all that was ever seen is enough."""
    enough: float = math.inf
    """What is a fault, of who sees people, if it is by `floor` beyond all that was ever seen."""
    sure: float = 1.0
    """From how many times its threshold on it may be more than a line in a log."""


def measure_of(score: Score) -> str:
    """Return what a score measures, as alarms name it."""
    return score.name.lower()


_LN2 = math.log(2.0)
_SPECS: dict[Score, ScoreSpec] = {
    Score.BAD: ScoreSpec(FaultClass.PHYSICS, 1, 1.0, 0.05, 2.0),
    Score.GONE: ScoreSpec(FaultClass.DROPOUT, 1, 0.5, 0.3, math.log(40.0)),
    Score.SILENCE: ScoreSpec(FaultClass.DROPOUT, 1, _LN2, 0.15, math.log(40.0)),
    Score.OUTAGES: ScoreSpec(FaultClass.INTERMITTENT, 1, 3.0, 0.15, 4.0),
    Score.RUN: ScoreSpec(FaultClass.STUCK, 3, 0.5, 0.15, math.log(9.0), 0.5, sure=1.2),
    Score.ON: ScoreSpec(FaultClass.STUCK_ON, 3, _LN2, 0.2, math.log(600.0), enough=math.log(1200.0)),
    Score.MISSED: ScoreSpec(FaultClass.STUCK_OFF, 3, 14.0, 0.7, most=12.0, sure=1.3),
    Score.FEWER: ScoreSpec(FaultClass.BLIND, 12, 9.0, 0.7, most=9.0, sure=1.3),
    Score.ALONE: ScoreSpec(FaultClass.GHOST, 3, 3.0, 0.4, 6.0),
    Score.CHATTER: ScoreSpec(FaultClass.CHATTER, 3, _LN2, 0.2, math.log(30.0), math.log(2.5)),
    Score.SPIKE: ScoreSpec(FaultClass.SPIKE, 1, _LN2, 0.3, most=math.log(6.0)),
    Score.SPIKES: ScoreSpec(FaultClass.SPIKE, 4, 0.4, 0.06, most=0.6, sure=1.2),
    Score.NOISE: ScoreSpec(FaultClass.NOISE, 3, 0.4, 0.06, most=0.6, sure=1.45),
    Score.NOISE_LONG: ScoreSpec(FaultClass.NOISE, 6, 0.4, 0.06, most=0.6, sure=1.3),
    Score.JUMP: ScoreSpec(FaultClass.BIAS, 5, 0.6, 0.12, most=0.5, sure=1.25),
    Score.BIAS: ScoreSpec(FaultClass.BIAS, 6, 3.5, 0.5, sure=1.5),
    Score.DRIFT: ScoreSpec(FaultClass.DRIFT, 3, 4.0, 0.3, most=3.0, sure=1.3),
    Score.COARSE: ScoreSpec(FaultClass.QUANTISATION, 6, 0.85, 0.02),
    Score.APART: ScoreSpec(FaultClass.GHOST, 3, 4.0, 0.4, 8.0, 5.0, sure=1.3),
}
SCORES: tuple[ScoreSpec, ...] = tuple(_SPECS[score] for score in Score)

# The smallest change that means something, in the role's unit: below it a score cannot tell two readings apart.
GRAIN: dict[Role, float] = {
    Role.TEMPERATURE: 0.1,
    Role.HUMIDITY: 1.0,
    Role.CO2: 15.0,
    Role.ILLUMINANCE: 5.0,
    Role.POWER: 2.0,
    Role.SOUND: 0.5,
    Role.GENERIC: 0.1,
}
"""Roles that are not listed are on or off."""
