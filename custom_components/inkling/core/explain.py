"""Why: what each signal adds to the log-odds, found by leaving it out and asking the model again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .home_grid import RoomView
from .verdict import Contribution

if TYPE_CHECKING:
    from collections.abc import Sequence

ELSEWHERE = "elsewhere"
HOME = "home"


@dataclass(frozen=True, slots=True)
class Occlusion:
    """One question: what would the model say without this signal, or group of signals."""

    signal: str
    view: RoomView


def occlusions(view: RoomView) -> tuple[Occlusion, ...]:
    """Return a question for each of the room's signals, one for the rest of the home and one for the home's own.

    Source: Zeiler and Fergus (2014), occlusion sensitivity; signals are left out whole, as if never configured.
    """
    questions = []
    for position, grid in enumerate(view.own):
        own = view.own[:position] + view.own[position + 1 :]
        questions.append(Occlusion(grid.track.signal.id, RoomView(own, view.elsewhere, view.home)))
    if view.elsewhere:
        questions.append(Occlusion(ELSEWHERE, RoomView(view.own, (), view.home)))
    if view.home:
        questions.append(Occlusion(HOME, RoomView(view.own, view.elsewhere, ())))
    return tuple(questions)


def contributions(
    log_odds: float, questions: Sequence[Occlusion], without: Sequence[float]
) -> tuple[Contribution, ...]:
    """Return what each question's signal adds: log-odds with it less log-odds without it, strongest first."""
    found = [Contribution(question.signal, log_odds - left) for question, left in zip(questions, without, strict=True)]
    return tuple(sorted(found, key=lambda item: -abs(item.log_odds)))
