"""What a home would have been shown: forecasts replayed through the book that shows or hides them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.skill import NOTE_SECONDS, HorizonPrior, SkillBook
from custom_components.inkling.core.tally import CERTAIN_BRIER

from .score import HORIZONS_MINUTES, MODEL, ScoredRoom, sorts_of

Shown = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One room's forecasts of every quarter of an hour, and which were shown, shape (instants, horizons)."""

    scored: ScoredRoom
    shown: Shown

    def errors(self, name: str) -> NDArray[np.float64]:
        """Return the squared errors of the model or a rule by what was shown, summed by horizon, shape (horizons,)."""
        square = (self.scored.said[name] - self.scored.truths) ** 2
        return np.asarray(np.nansum(np.where(self.shown, square, np.nan), axis=0))

    @property
    def counts(self) -> NDArray[np.int64]:
        """Return how many shown forecasts could be scored, shape (horizons,)."""
        return np.asarray((self.shown & np.isfinite(self.scored.truths)).sum(axis=0))


def priors_in(horizons: Mapping[str, Mapping[str, Any]]) -> dict[int, HorizonPrior]:
    """Return the priors of a manifest's `evaluation.horizons`, as the integration takes them."""
    return {
        int(minutes): HorizonPrior(brier=scores["brier"], baseline_brier=scores["baseline_brier"])
        for minutes, scores in horizons.items()
    }


def replay(scored: ScoredRoom, priors: Mapping[int, HorizonPrior]) -> Replayed:
    """Return what a new home would have been shown of a room that was forecast every quarter of an hour."""
    book = SkillBook(priors)
    shown = np.zeros(scored.truths.shape, np.bool_)
    rules = [name for name in scored.said if name != MODEL]
    # A forecast's truth a quarter of an hour ahead is the room's state when the next one is made.
    states = [None, *(None if np.isnan(state) else bool(state) for state in scored.truths[:-1, 0])]
    for at, state in enumerate(states):
        now = at * NOTE_SECONDS
        book.settle(scored.room, now, state)
        for index, minutes in enumerate(HORIZONS_MINUTES):
            said = {name: float(scored.said[name][at, index]) for name in rules}
            book.note(scored.room, minutes, now, float(scored.said[MODEL][at, index]), said)
            shown[at, index] = book.skill(scored.room, minutes).shown
    return Replayed(scored, shown)


def shown_skill(rooms: Sequence[Replayed]) -> list[float | None]:
    """Return the skill of what was shown by horizon, None where nothing was or where the forecast is as good as sure.

    The best rule is chosen afterwards for the rooms together. Where the forecast errs by two points in the mean it is
    shown as certain: a rule that says 0 is righter still, and nobody is misled.
    """
    counts = np.sum([room.counts for room in rooms], axis=0)
    ours = np.sum([room.errors(MODEL) for room in rooms], axis=0)
    rules = [name for name in rooms[0].scored.said if name != MODEL]
    best = np.min([np.sum([room.errors(name) for room in rooms], axis=0) for name in rules], axis=0)
    return [
        None if not count or error < CERTAIN_BRIER * count else round(float(1.0 - error / max(rule, 1e-12)), 4)
        for count, error, rule in zip(counts.tolist(), ours.tolist(), best.tolist(), strict=True)
    ]


def shown_share(rooms: Sequence[Replayed]) -> list[float]:
    """Return the share of the time each horizon was shown."""
    return [round(float(share), 4) for share in np.mean([room.shown.mean(axis=0) for room in rooms], axis=0)]


def shown_by_sort(scored: Iterable[ScoredRoom], horizons: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return share of time shown and skill of what was shown, by sort of room and horizon."""
    priors = priors_in(horizons)
    replayed = {(room.home, room.room): replay(room, priors) for room in scored}
    found = {}
    for name, chosen in sorts_of([item.scored for item in replayed.values()]).items():
        rooms = [replayed[room.home, room.room] for room in chosen]
        found[name] = {"count": len(rooms), "share": shown_share(rooms), "skill": shown_skill(rooms)}
    return found
