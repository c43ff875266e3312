"""The watch and its rivals on the same failures at equal false alarms: who finds how many of which class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.classes import Alarm, Settings, Severity

from .ablation_channels import Channels, clock_of
from .ablation_methods import Teach
from .grid import Case, draw_cases
from .plan import Recording, recordings
from .replay import Home, Series, all_series, watched
from .rivals import Bench, CasePath, alarms_of, failing_series, judged_days

_GRACE_SECONDS = 3600.0
WATCH = "the watch"
FACTORS = np.geomspace(0.2, 30.0, 300)
"""What thresholds are tried times."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A recording with the failures that all detectors are tried on."""

    recording: Recording
    series: Mapping[str, Series]
    channels: Channels
    cases: tuple[Case, ...]
    changed: tuple[Mapping[str, Series], ...]
    """The readings that each failure changes."""

    @property
    def signal_days(self) -> float:
        """Return for how many signal-days it was watched untouched."""
        return judged_days(self.channels, self.recording.unsound)


@dataclass(frozen=True, slots=True)
class Found:
    """What the watch said of one failure: None of what it missed."""

    case: Case
    alarm: Alarm | None
    vector: NDArray[np.float32] | None
    """The excess of every score of the signal that answers, as the alarm was raised."""

    @property
    def delay_hours(self) -> float | None:
        """Return the hours to the alarm, None without one."""
        return None if self.alarm is None else (self.alarm.raised - self.case.fault.start) / 3600.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watch said of a subject."""

    found: tuple[Found, ...]
    false_alarms: int


def subjects(data: Path, names: Sequence[str], per_dose: int, seed: int) -> dict[str, Subject]:
    """Return the recordings of these names, each with its failures; `per_dose` 0 leaves them untouched."""
    return {
        # A simulated home has more signals than all recordings together: half as many cases tell as much.
        name: _subject(item, (per_dose + 1) // 2 if name.startswith("simulated-") else per_dose, seed)
        for name, item in recordings(data, tuple(names)).items()
    }


def _subject(recording: Recording, per_dose: int, seed: int) -> Subject:
    """Return one recording with its failures."""
    signals, series = watched(recording.trace), all_series(recording.trace)
    channels = Channels(signals, series, clock_of(series, recording.learn_until))
    home = Home(signals, series, Settings(learning_days=recording.learning_days))
    drawn, _ = draw_cases(recording, home, series, per_dose, np.random.default_rng(seed))
    cases = tuple(sorted(drawn, key=lambda item: item.fault.start))
    changed = tuple(failing_series(case, channels, series, seed + number) for number, case in enumerate(cases))
    return Subject(recording, series, channels, cases, changed)


def watch_subject(subject: Subject, budget: float) -> Watched:
    """Return what the watch says untouched, and of each failure."""
    recording = subject.recording
    home = Home(subject.channels.signals, subject.series, Settings(budget, recording.learning_days))
    list(home.walk(recording.learn_until))
    found, alarms = [], []
    for case, changed in zip(subject.cases, subject.changed, strict=True):
        alarms += list(home.walk(case.fault.start))
        is_ill = any(_is_loud(item) and item.signal == case.signal.id for item in home.watch.judge.active)
        # Who is thought ill already finds nothing new: that is a miss, as it is of every rival.
        found.append(Found(case, None, None) if is_ill else _found(home, case, changed))
    alarms += list(home.walk(home.end))
    loud = [item for item in alarms if _is_loud(item) and item.signal not in recording.unsound]
    return Watched(tuple(found), len(loud))


def _is_loud(alarm: Alarm) -> bool:
    """Return whether an alarm is told to anybody."""
    return alarm.severity is not Severity.INFO


def _found(home: Home, case: Case, changed: Mapping[str, Series]) -> Found:
    """Return the first alarm that a failure causes, from where the quiet walk stands."""
    branch = home.branch(changed)
    for alarm in branch.walk(min(case.fault.end + _GRACE_SECONDS, home.end)):
        caused = alarm.signal in changed or case.signal.id in dict(alarm.responsible)
        if caused and _is_loud(alarm):
            return Found(case, alarm, branch.watch.excess[branch.watch.row_of[alarm.signal]].copy())
    return Found(case, None, None)


@dataclass(frozen=True, slots=True)
class Tried:
    """A rival on a subject: how many false alarms at each factor, and its path through each failure."""

    false_alarms: NDArray[np.int64]
    paths: tuple[CasePath, ...]


def try_rival(subject: Subject, teach: Teach) -> Tried:
    """Return what a rival says untouched, and of each failure."""
    bench = Bench(teach, subject.channels)
    alarms = [alarms_of(bench, subject.channels, subject.recording.unsound, float(factor)) for factor in FACTORS]
    paths = [bench.case(case, changed) for case, changed in zip(subject.cases, subject.changed, strict=True)]
    return Tried(np.array(alarms), tuple(paths))


def factor_for(tried: Sequence[Tried], most_alarms: float) -> float:
    """Return the least factor from which on no more false alarms than that are raised in all."""
    total = np.sum([item.false_alarms for item in tried], axis=0)
    over = np.flatnonzero(total > most_alarms)
    return float(FACTORS[min(int(over[-1]) + 1 if len(over) else 0, len(FACTORS) - 1)])


def alarms_at(tried: Sequence[Tried], factor: float) -> int:
    """Return the false alarms at a factor of those that were tried."""
    place = int(np.searchsorted(FACTORS, factor - 1e-9))
    return int(sum(item.false_alarms[place] for item in tried))
