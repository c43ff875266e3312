"""Presence sensors (mmWave radars): what they see late, lose, imagine, see through a wall, and hold on to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..trace import Readings
from .events import edges_of, merged, spells, stray
from .people import Stay

Array = NDArray[np.float64]
_DAY_SECONDS = 86_400.0
_LONG_SECONDS, _PASSING_SECONDS = 900.0, 15.0
_MISSED_IN_PASSING = 0.4
_STUCK = 0.15


@dataclass(frozen=True, slots=True)
class Radar:
    """What one radar and its setting are like; makes and places differ widely."""

    lag_seconds: float
    hold_seconds: float
    losses_per_day: float
    """How often somebody who lies or sits still is lost."""
    ghosts_per_day: float
    through_wall: float
    """Share of stays next door of which it sees a part."""


def draw_radar(ghosts_per_day: float, rng: np.random.Generator) -> Radar:
    """Draw a radar: one in three loses sleepers all night, one in five sees through a wall."""
    return Radar(
        lag_seconds=float(rng.choice((1.0, 3.0, 12.0))),
        hold_seconds=float(np.exp(rng.uniform(np.log(5.0), np.log(180.0)))),
        losses_per_day=float(rng.choice((2.0, 10.0, 40.0))),
        ghosts_per_day=ghosts_per_day,
        through_wall=float(rng.uniform(0.02, 0.3)) if rng.random() < 0.2 else 0.0,  # noqa: PLR2004 - one in five
    )


def presence(
    stays: Sequence[Stay], beside: Sequence[Stay], radar: Radar, start: float, end: float, rng: np.random.Generator
) -> Readings:
    """Return the radar's states between two moments: `stays` are in its room, `beside` next door."""
    parts = [part for spell in zip(*spells(stays), strict=True) for part in _seen(*spell, radar, rng)]
    ghosts = stray(start, end, radar.ghosts_per_day, rng).tolist()
    parts += [(moment, moment + float(rng.lognormal(5.0, 1.0))) for moment in ghosts]
    for stay in beside:
        if rng.random() < radar.through_wall:
            moment = float(rng.uniform(stay.start, stay.end))
            parts.append((moment, min(moment + float(rng.lognormal(4.5, 1.0)), stay.end + radar.hold_seconds)))
    if rng.random() < _STUCK:
        # A fan or a curtain holds a radar for days.
        moment = float(rng.uniform(start, end))
        parts.append((moment, moment + float(rng.uniform(0.3, 4.0)) * _DAY_SECONDS))
    return edges_of(*merged(parts))


def _seen(start: float, stop: float, radar: Radar, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return when somebody who is there from `start` to `stop` is seen: late, and with what is lost between."""
    if stop - start < _PASSING_SECONDS and rng.random() < _MISSED_IN_PASSING:
        return []
    seen = start + float(rng.uniform(0.3, 1.0)) * radar.lag_seconds
    found: list[tuple[float, float]] = []
    for moment in stray(start, stop, radar.losses_per_day, rng).tolist() if stop - start > _LONG_SECONDS else ():
        if moment > seen:
            found.append((seen, moment))
            # The next movement brings them back: a sleeper's may take an hour.
            seen = moment + float(rng.lognormal(5.5, 1.0))
    if stop > seen:
        found.append((seen, stop + radar.hold_seconds))
    return found
