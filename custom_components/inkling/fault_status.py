"""What a device monitor says now, worked out of alarms and of how much is known; computes, remembers nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from .core.faults.classes import Alarm, Learning, Scope, Severity, SignalHealth, WatchedSignal

_SEVERITIES = list(Severity)


class MonitorState(StrEnum):
    """How far a monitor is."""

    LEARNING = "learning"
    OK = "ok"
    FAULT = "fault"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultStatus:
    """One monitor's newest answer; nothing is known before the first tick."""

    alarms: tuple[Alarm, ...] = ()
    """What stands, the worst first."""
    score: float | None = None
    """0 as usual, 100 at a threshold or beyond."""
    state: MonitorState | None = None
    history_days: float | None = None
    last_report: float | None = None
    """When anything of it was last heard of, epoch seconds."""
    snoozed_until: float | None = None

    @property
    def worst(self) -> Alarm | None:
        """Return the alarm that matters most."""
        return self.alarms[0] if self.alarms else None

    @property
    def is_faulty(self) -> bool:
        """Return whether something stands that is worth a warning."""
        return self.worst is not None and is_serious(self.worst)


def is_serious(alarm: Alarm) -> bool:
    """Return whether an alarm is worth anybody's attention: a warning or worse."""
    return alarm.severity is not Severity.INFO


def covered(alarm: Alarm, signals: Iterable[WatchedSignal]) -> frozenset[str]:
    """Return the signals an alarm is about: one, or all that hang on the device or the hub."""
    if alarm.scope is Scope.DEVICE:
        return frozenset(signal.id for signal in signals if signal.device == alarm.target)
    if alarm.scope is Scope.HUB:
        return frozenset(signal.id for signal in signals if signal.hub == alarm.target)
    return frozenset({alarm.signal})


def ranked(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """Return alarms with the worst first, of equals the surest."""
    return tuple(sorted(alarms, key=lambda alarm: (-_SEVERITIES.index(alarm.severity), -alarm.confidence)))


def status_of(
    alarms: Iterable[Alarm],
    health: Iterable[SignalHealth],
    reported: Mapping[str, float],
    paused: Mapping[str, float],
    appliances: Iterable[SignalHealth] = (),
) -> FaultStatus:
    """Return what one monitor's signals come to; `reported` by signal, `paused` until when, epoch seconds.

    Of a device that is an appliance, how it works is what takes longest to learn, so that this is what is told.
    """
    found, works, stands = list(health), list(appliances), ranked(alarms)
    learned = works or found
    names = [item.signal for item in found]
    heard = [reported[name] for name in names if name in reported]
    is_paused = bool(names) and all(name in paused for name in names)
    return FaultStatus(
        alarms=stands,
        score=max((item.score for item in (*found, *works)), default=None),
        state=_state(stands, learned, is_paused=is_paused),
        history_days=median(item.history_days for item in learned) if learned else None,
        last_report=max(heard, default=None),
        snoozed_until=min(paused[name] for name in names) if is_paused else None,
    )


def _state(alarms: tuple[Alarm, ...], health: list[SignalHealth], *, is_paused: bool) -> MonitorState | None:
    """Return how far a monitor is: it has learned when most of its signals have."""
    if not health:
        return None
    if is_paused:
        return MonitorState.PAUSED
    if alarms:
        return MonitorState.FAULT
    learning = sum(item.state is Learning.LEARNING for item in health)
    return MonitorState.LEARNING if 2 * learning > len(health) else MonitorState.OK
