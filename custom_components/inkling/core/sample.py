"""One reading, and the one rule that turns a state's text into a number: live, from a database and from a trace."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
import math

from .units import ROLE_SPECS, Kind, Role, to_canonical


class Quality(StrEnum):
    """How far a reading can be trusted."""

    GOOD = "good"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Sample:
    """A reading: epoch seconds, value in the role's canonical unit (NaN when missing), and its quality."""

    t: float
    value: float
    quality: Quality = Quality.GOOD


_ON = frozenset({"on", "open", "opening", "closing", "true", "detected", "occupied"})
_OFF = frozenset({"off", "closed", "false", "clear", "clean", "vacant"})
_MISSING = frozenset({"unavailable", "unknown", "none", ""})

# A paused film is no proof of anybody; a television that only says "on" is the proof there is.
_MEDIA_ON = frozenset({"on", "playing", "buffering"})
_MEDIA_OFF = frozenset({"off", "idle", "paused", "standby"})


def _binary(role: Role, text: str) -> float | None:
    """Return 1.0 or 0.0 for a state of a binary role, None when the text is no state of it."""
    if role is Role.MEDIA:
        return 1.0 if text in _MEDIA_ON else 0.0 if text in _MEDIA_OFF else None
    if role is Role.PERSON:
        # Any other text is the name of a zone, so the person is not at home; "on" is a switch that stands for a guest.
        return 1.0 if text in ("home", "on") else 0.0
    if text in _ON:
        return 1.0
    return 0.0 if text in _OFF else None


def _number(text: str) -> float | None:
    """Return the finite number in the text, None when there is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_value(role: Role, text: str, unit: str | None = None) -> float | None:
    """Return a state's value in the role's canonical unit, or None when it says nothing.

    `unavailable`, `unknown`, words that are no state of the role, NaN, infinities, foreign units and
    physically impossible numbers all say nothing.
    """
    word = text.strip().lower()
    if word in _MISSING:
        return None
    kind = ROLE_SPECS[role].kind
    if kind is Kind.BINARY:
        return _binary(role, word)
    if kind is Kind.EITHER and (state := _binary(role, word)) is not None:
        return state
    number = _number(word)
    return None if number is None else to_canonical(role, number, unit)


def parse_sample(role: Role, t: float, text: str, unit: str | None = None) -> Sample:
    """Return the sample of a state text at epoch seconds `t`; a text that says nothing gives a missing one."""
    value = read_value(role, text, unit)
    if value is None:
        return Sample(t, math.nan, Quality.MISSING)
    return Sample(t, value)
