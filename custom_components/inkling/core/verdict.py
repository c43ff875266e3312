"""What a monitor says at an instant, and the parts it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class UnknownReason(StrEnum):
    """Why a monitor says nothing."""

    NO_MODEL = "no_model"
    NO_SIGNALS = "no_signals"
    MODEL_FAILED = "model_failed"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one signal adds to the log-odds of occupancy: positive speaks for somebody, negative against.

    `signal` is a signal's id, or "elsewhere" and "home" for what the rest of the home says.
    """

    signal: str
    log_odds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A model's answer for one room at one instant, before any decision."""

    room: str
    end: float
    """Epoch seconds the answer is for."""
    probability: float | None
    """Calibrated probability of occupancy, None when unknown."""
    coverage: float
    """Share of the room's signals that can be read at this instant, 0 to 1."""
    history: float
    """Share of the model's window, over the room's signals, that is known, 0 to 1."""
    contributions: tuple[Contribution, ...] | None = None
    """Per signal, strongest first; None when no explanation was asked for."""
    unknown: UnknownReason | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The state after hysteresis: None while unknown, and since when, in epoch seconds."""

    occupied: bool | None
    since: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What entities show: score, decision, explanation, and which model on which backend said so."""

    score: Score
    decision: Decision
    contributions: tuple[Contribution, ...]
    """The newest explanation, strongest first."""
    model: str | None
    backend: str | None
    said: bool | None = None
    """What a user said and still stands: somebody is here, nobody is; None where it is the model's own answer."""
