"""What is watched and what is said about it: signals, classes, alarms, settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ..units import ROLE_SPECS, Kind, Role


class FaultClass(StrEnum):
    """The kinds of failure; the names are what users, labels and the injection grid use."""

    DROPOUT = "dropout"
    INTERMITTENT = "intermittent"
    STUCK = "stuck"
    STUCK_ON = "stuck_on"
    STUCK_OFF = "stuck_off"
    SPIKE = "spike"
    NOISE = "noise"
    BIAS = "bias"
    DRIFT = "drift"
    GAIN = "gain"
    CLIPPING = "clipping"
    QUANTISATION = "quantisation"
    PHYSICS = "out_of_physics"
    BLIND = "blind"
    GHOST = "ghost"
    CHATTER = "chatter"
    TIMING = "mis_timing"
    DEGRADATION = "degradation"
    SHORT_CYCLING = "short_cycling"
    BASE_LOAD = "base_load"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How much an alarm matters: consequence times confidence."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Scope(StrEnum):
    """What an alarm is about: one entity, a whole device, or what several devices hang on."""

    SIGNAL = "signal"
    DEVICE = "device"
    HUB = "hub"


class Learning(StrEnum):
    """What is known of a signal's normal."""

    LEARNING = "learning"
    OK = "ok"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class WatchedSignal:
    """One entity that is watched; an empty text says that there is none, or that it is not known."""

    id: str
    role: Role
    room: str = ""
    device: str = ""
    hub: str = ""
    """What its device reaches Home Assistant through: a bridge, a coordinator, a config entry."""
    weight: float = 1.0
    """How much depends on it: 2 for a freezer's thermometer or a leak sensor, 0.5 for a spare one."""
    on_off: bool = False
    """Whether a generic signal is only on or off."""
    share: float = 1.0
    """Its part of the false alarms that all may raise, beside the others' parts."""

    @property
    def is_binary(self) -> bool:
        """Return whether it is only on or off."""
        return self.on_off or ROLE_SPECS[self.role].kind is Kind.BINARY


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose."""

    false_alarms_per_year: float = 6.0
    """What all watched signals together may raise in error, at warning or above."""
    learning_days: float = 7.0
    """Before that much was seen of a signal only plain physics is judged."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the worker is told of an instant: epoch seconds, and what makes silence or stillness normal."""

    now: float
    is_away: bool = False
    """Nobody is expected at home: what nobody did is no fault, what moves is odd."""
    paused: frozenset[str] = frozenset()
    """Signals under maintenance or snoozed: neither judged nor learned from."""
    is_starting: bool = False
    """Home Assistant is starting: what is missing may still come."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One failure, as first said; times in epoch seconds, numbers in the unit of `measure`."""

    target: str
    """The signal, device or hub that fails."""
    scope: Scope
    signal: str
    """The entity held responsible first."""
    device: str
    fault: FaultClass
    severity: Severity
    since: float
    raised: float
    measure: str
    """What was measured, a key for a phrase: one of the names of scores."""
    expected: float
    seen: float
    confidence: float
    """From 0 to 1: how far above its threshold, with how much history and how many witnesses."""
    witnesses: tuple[str, ...] = ()
    """Signals that contradict the one that fails."""
    responsible: tuple[tuple[str, float], ...] = ()
    """Signals by how much of the evidence is theirs, the first the most."""


@dataclass(frozen=True, slots=True)
class SignalHealth:
    """What is known of one signal."""

    signal: str
    state: Learning
    history_days: float
    score: float
    """0 as usual, 100 at its threshold or beyond."""
    measure: str
    """Which of its scores is nearest to its threshold."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a tick found."""

    now: float
    opened: tuple[Alarm, ...] = ()
    closed: tuple[Alarm, ...] = ()
    active: tuple[Alarm, ...] = ()
    health: tuple[SignalHealth, ...] = field(default=())
