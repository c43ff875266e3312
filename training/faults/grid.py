"""The injection grid: failures put into held-out stretches of recordings, one at a time, and what was said of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.classes import Alarm, FaultClass, Settings, Severity, WatchedSignal
from custom_components.inkling.core.faults.table import GRAIN

from .inject import Fault, inject
from .plan import NUMBERS, SWITCHES, Dose, Recording
from .replay import Home, Series, all_series, watched

_HOUR, _DAY = 3600.0, 86_400.0
_GRACE_SECONDS = 3600.0
_TRIES = 8
# What follows a gap of the recording is a start: nothing is judged then.
_SETTLED_SECONDS = 9000.0
# A radio that fails takes all of its device along.
_OF_DEVICES = frozenset({FaultClass.DROPOUT, FaultClass.INTERMITTENT})


@dataclass(frozen=True, slots=True)
class Case:
    """One failure to inject."""

    signal: WatchedSignal
    fault: Fault


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case: the first alarm that the failure caused, None when there was none."""

    recording: str
    case: Case
    alarm: Alarm | None
    vector: NDArray[np.float32] | None = None
    """The excess of every score of the signal held responsible as the alarm was raised."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A recording walked once without failures, and once for each case."""

    recording: str
    outcomes: tuple[Outcome, ...]
    without_effect: int
    quiet_alarms: tuple[Alarm, ...]
    """Alarms at warning or above in the held-out stretch without a failure: all of them false."""
    signal_days: float
    masked: int = 0
    """Cases left out because a false alarm stood about their signal as they began."""


def walk(recording: Recording, settings: Settings, per_dose: int, seed: int) -> Walk:
    """Learn on the first part of a recording, then try the grid on the rest."""
    rng = np.random.default_rng(seed)
    signals, series = watched(recording.trace), all_series(recording.trace)
    home = Home(signals, series, settings)
    list(home.walk(recording.learn_until))
    cases, without_effect = draw_cases(recording, home, series, per_dose, rng)
    outcomes, alarms, masked = [], [], 0
    for case in sorted(cases, key=lambda item: item.fault.start):
        alarms += list(home.walk(case.fault.start))
        if any(
            alarm.signal == case.signal.id and alarm.severity is not Severity.INFO for alarm in home.watch.judge.active
        ):
            # Whoever is thought ill already cannot fall ill: told apart, and not counted as found.
            masked += 1
            continue
        outcomes.append(_try(recording.name, home, case, series, rng))
    alarms += list(home.walk(home.end))
    loud = tuple(
        alarm for alarm in alarms if alarm.severity is not Severity.INFO and alarm.signal not in recording.unsound
    )
    days = sum(_days(series[item.id], recording.learn_until) for item in signals if item.id not in recording.unsound)
    return Walk(recording.name, tuple(outcomes), without_effect, loud, days, masked)


def _days(series: Series, since: float) -> float:
    """Return for how many days a signal was there after an instant."""
    times = np.clip(series.times, since, None)
    known = ~np.isnan(series.values[:-1])
    return float(np.diff(times)[known].sum()) / _DAY


def draw_cases(
    recording: Recording, home: Home, series: dict[str, Series], per_dose: int, rng: np.random.Generator
) -> tuple[list[Case], int]:
    """Return the cases of a recording, and how many were left out because they changed nothing that is read."""
    found: list[Case] = []
    idle = 0
    for dose in (*NUMBERS, *SWITCHES):
        if dose.hours > recording.longest_hours and dose.kind is FaultClass.DRIFT:
            continue
        fitting = [item for item in home.signals if _fits(dose, item) and item.id not in recording.unsound]
        for _ in range(per_dose if fitting else 0):
            case, tries = _draw(recording, home, series, (dose, fitting), rng)
            found += [case] if case is not None else []
            idle += tries
    return found, idle


def _fits(dose: Dose, signal: WatchedSignal) -> bool:
    """Return whether a signal can fail like that."""
    if signal.is_binary:
        return dose in SWITCHES and dose.role is signal.role
    return dose in NUMBERS and dose.role in (None, signal.role)


def _draw(
    recording: Recording,
    home: Home,
    series: dict[str, Series],
    what: tuple[Dose, list[WatchedSignal]],
    rng: np.random.Generator,
) -> tuple[Case | None, int]:
    """Return a case that has an effect on what is read, None when none was found; and how many had none."""
    dose, fitting = what
    seconds = min(dose.hours, recording.longest_hours) * _HOUR
    for tried in range(_TRIES):
        signal = fitting[int(rng.integers(len(fitting)))]
        start = float(rng.uniform(recording.learn_until + _HOUR, max(home.end - seconds, recording.learn_until + _DAY)))
        fault = Fault(dose.kind, dose.magnitude, start, min(start + seconds, home.end))
        if has_effect(signal, series[signal.id], fault, np.random.default_rng(int(rng.integers(2**31)))):
            return Case(signal, fault), tried
    return None, _TRIES


def has_effect(signal: WatchedSignal, series: Series, fault: Fault, rng: np.random.Generator) -> bool:
    """Return whether a failure changes what is read: a dark room's light sensor that is stuck at dark is well."""
    inside = (series.times >= fault.start) & (series.times < fault.end)
    if not inside.any() or np.isnan(series.values[inside]).mean() > 0.01:  # noqa: PLR2004 - a gap of the recording
        return False
    before = (series.times >= fault.start - _SETTLED_SECONDS) & (series.times < fault.start)
    if np.isnan(series.values[before]).any() or not (before.any() or signal.is_binary):
        return False
    steps = np.diff(series.times[inside])
    if len(steps) and float(steps.max()) > _GRACE_SECONDS and not signal.is_binary:
        return False
    after = inject(series, signal.role, fault, rng)
    if len(after.times) != len(series.times) or fault.kind is FaultClass.TIMING:
        return True
    changed = np.nan_to_num(after.values - series.values)[inside]
    return bool(np.sqrt(np.mean(changed**2)) >= (0.01 if signal.is_binary else GRAIN.get(signal.role, 0.1)))


def _try(name: str, home: Home, case: Case, series: dict[str, Series], rng: np.random.Generator) -> Outcome:
    """Return what the watch says of a failure, from where the quiet walk stands."""
    fault = case.fault
    names = [case.signal.id]
    if fault.kind in _OF_DEVICES and case.signal.device:
        names = [item.id for item in home.signals if item.device == case.signal.device]
    seed = int(rng.integers(2**31))
    failing = {name: inject(series[name], case.signal.role, fault, np.random.default_rng(seed)) for name in names}
    branch = home.branch(failing)
    for alarm in branch.walk(min(fault.end + _GRACE_SECONDS, home.end)):
        caused = alarm.signal in names or case.signal.id in dict(alarm.responsible)
        if caused and alarm.severity is not Severity.INFO:
            return Outcome(name, case, alarm, branch.watch.excess[branch.watch.row_of[alarm.signal]].copy())
    return Outcome(name, case, None)


def walks(given: Iterator[Recording], settings_of: Settings, per_dose: int, seed: int) -> Iterator[Walk]:
    """Yield every recording's walk."""
    for recording in given:
        settings = Settings(settings_of.false_alarms_per_year, recording.learning_days)
        yield walk(recording, settings, per_dose, seed)
