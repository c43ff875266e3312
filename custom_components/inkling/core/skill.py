"""Whether a room's forecast has earned to be shown: its live Brier score against the best simple rule's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .tally import NO_PRIOR, HorizonPrior, Note, SkillError, SkillReason, Tally

__all__ = ["NOTE_SECONDS", "HorizonPrior", "HorizonSkill", "SkillBook", "SkillError", "SkillReason"]

NOTE_SECONDS = 900.0
"""One forecast in so many seconds is scored for each room and horizon: those between would say the same again."""
_LATE_SECONDS = 300.0
"""A state so much later still stands for the moment that was forecast."""
_CLOCK_SLACK_SECONDS = 60.0
_HORIZON_LIMIT_MINUTES = 1440
_HORIZONS_LIMIT = 16
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonSkill:
    """How a room's forecast for a horizon has done here, and what follows."""

    count: int
    """How many forecasts were scored, old ones counting less."""
    brier: float | None
    baseline: str | None
    """The simple rule that did best."""
    baseline_brier: float | None
    skill: float | None
    """Share of the best rule's Brier score that is saved, shrunk towards what was measured before shipping."""
    shown: bool
    reason: SkillReason


class SkillBook:
    """The live scores of every room and horizon, and the forecasts that wait for theirs; time is an argument."""

    __slots__ = ("_notes", "_priors", "_tallies")

    def __init__(self, priors: Mapping[int, HorizonPrior]) -> None:
        """Begin with what was measured before shipping, by horizon in minutes."""
        self._priors = dict(priors)
        self._notes: dict[str, dict[int, list[Note]]] = {}
        self._tallies: dict[str, dict[int, Tally]] = {}

    @property
    def rooms(self) -> frozenset[str]:
        """Return the rooms something is kept of."""
        return frozenset(self._notes) | frozenset(self._tallies)

    def _prior(self, horizon_minutes: int) -> HorizonPrior:
        """Return the prior of a horizon or, where it was not measured, of the nearest one that was."""
        if not self._priors:
            return NO_PRIOR
        return self._priors[min(self._priors, key=lambda measured: abs(measured - horizon_minutes))]

    def use(self, priors: Mapping[int, HorizonPrior]) -> None:
        """Take over what was measured of another model; what was scored here stays and is forgotten as ever."""
        self._priors = dict(priors)

    def note(
        self, room: str, horizon_minutes: int, made_at: float, probability: float, baselines: Mapping[str, float]
    ) -> bool:
        """Keep a forecast until its time comes, one for each quarter of an hour, and return whether it is kept."""
        note = Note(float(made_at), float(probability), {name: float(chance) for name, chance in baselines.items()})
        notes = self._notes.setdefault(room, {}).setdefault(_checked_horizon(horizon_minutes), [])
        if notes and -_CLOCK_SLACK_SECONDS < made_at - notes[-1].made_at < NOTE_SECONDS:
            return False
        notes.append(note)
        del notes[: -_notes_limit(horizon_minutes)]
        return True

    def settle(self, room: str, now: float, occupied: bool | None) -> bool:  # noqa: FBT001 - three-valued state
        """Score what is due by the state at `now`, drop it where nobody knows; return whether anything was due."""
        changed = False
        for horizon, notes in self._notes.get(room, {}).items():
            # What was made after now was told by a clock that has been set back since.
            waiting = [
                note for note in notes if note.made_at - _CLOCK_SLACK_SECONDS <= now < note.made_at + horizon * 60.0
            ]
            if len(waiting) == len(notes):
                continue
            changed = True
            for note in notes:
                if occupied is not None and 0.0 <= now - note.made_at - horizon * 60.0 <= _LATE_SECONDS:
                    self._score(room, horizon, note, now, occupied=occupied)
            notes[:] = waiting
        return changed

    def _score(self, room: str, horizon: int, note: Note, now: float, *, occupied: bool) -> None:
        """Add a score, and show or hide the horizon by it."""
        prior = self._prior(horizon)
        tally = self._tallies.setdefault(room, {}).setdefault(horizon, Tally(prior.skill > 0.0))
        tally.add(note, now, occupied=occupied)
        tally.judge(prior)

    def skill(self, room: str, horizon_minutes: int) -> HorizonSkill:
        """Return how a room's forecast has done and whether it is shown."""
        prior = self._prior(horizon_minutes)
        tally = self._tallies.get(room, {}).get(horizon_minutes, Tally(prior.skill > 0.0))
        best = tally.best
        return HorizonSkill(
            count=round(tally.count),
            brier=None if best is None else tally.total / tally.count,
            baseline=None if best is None else best[0],
            baseline_brier=None if best is None else best[1] / tally.count,
            skill=tally.skill(prior),
            shown=tally.shown or tally.is_certain,
            reason=tally.reason,
        )

    def forget(self, room: str) -> None:
        """Forget a room's scores and what waits for one."""
        self._notes.pop(room, None)
        self._tallies.pop(room, None)

    def to_json(self) -> dict[str, Any]:
        """Return what is kept, in JSON's types."""
        notes = {
            room: {
                str(horizon): [[note.made_at, note.probability, note.baselines] for note in waiting]
                for horizon, waiting in horizons.items()
            }
            for room, horizons in self._notes.items()
        }
        tallies = {
            room: {
                str(horizon): [tally.shown, tally.at, tally.count, tally.total, tally.baselines]
                for horizon, tally in horizons.items()
            }
            for room, horizons in self._tallies.items()
        }
        return {"version": _VERSION, "notes": notes, "tallies": tallies}

    @classmethod
    def from_json(cls, data: object, priors: Mapping[int, HorizonPrior]) -> SkillBook:
        """Return a book from what `to_json` gave; raise SkillError where it is anything else."""
        book = cls(priors)
        try:
            book._take(data)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            if isinstance(error, SkillError):
                raise
            raise SkillError("kept scores are not laid out as Inkling does; forget them or restore a backup") from error
        return book

    def _take(self, data: Any) -> None:  # noqa: ANN401 - whatever a file held
        """Take over kept scores, whatever is wrong with them an exception."""
        if data["version"] != _VERSION:
            raise SkillError(f"kept scores are of version {data['version']}, not {_VERSION}; update Inkling")
        for room, horizons in data["notes"].items():
            self._notes[str(room)] = {
                horizon: [
                    Note(_number(made_at), _number(chance), _numbers(rules)) for made_at, chance, rules in waiting
                ][-_notes_limit(horizon) :]
                for horizon, waiting in _by_horizon(horizons)
            }
        for room, horizons in data["tallies"].items():
            self._tallies[str(room)] = {
                horizon: Tally(_flag(shown), _number(at), _number(count), _number(total), _numbers(rules))
                for horizon, (shown, at, count, total, rules) in _by_horizon(horizons)
            }


def _notes_limit(horizon_minutes: int) -> int:
    """Return how many forecasts for a horizon can wait at once."""
    return int(horizon_minutes * 60.0 // NOTE_SECONDS) + 2


def _checked_horizon(horizon_minutes: int) -> int:
    """Return a horizon that can be scored."""
    if not 0 < horizon_minutes <= _HORIZON_LIMIT_MINUTES:
        raise SkillError(f"a forecast reaches 1 to {_HORIZON_LIMIT_MINUTES} minutes ahead, not {horizon_minutes}")
    return horizon_minutes


def _by_horizon(horizons: Any) -> list[tuple[int, Any]]:  # noqa: ANN401 - whatever a file held
    """Return what is kept by horizon in minutes."""
    if len(horizons) > _HORIZONS_LIMIT:
        raise SkillError(f"kept scores have more than {_HORIZONS_LIMIT} horizons; forget them or restore a backup")
    return [(_checked_horizon(int(horizon)), kept) for horizon, kept in horizons.items()]


def _number(value: object) -> float:
    """Return a number of a file; a truth value or a text is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _flag(value: object) -> bool:
    """Return a truth value of a file."""
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is no truth value")
    return value


def _numbers(values: Any) -> dict[str, float]:  # noqa: ANN401 - whatever a file held
    """Return numbers by name."""
    return {str(name): _number(value) for name, value in values.items()}
