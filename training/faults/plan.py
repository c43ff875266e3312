"""Which failures the grid injects, and into which recordings: what teaches a signal's normal, what it is tried on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from custom_components.inkling.core.faults.classes import FaultClass
from custom_components.inkling.core.units import Role

from ..simulate import simulate_home
from ..sources import read_source, suthaharan
from ..trace import Readings, Trace, TraceError

F = FaultClass
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Dose:
    """One cell of the grid: a class, a magnitude, hours; `role` None is every role it fits."""

    kind: FaultClass
    magnitude: float
    hours: float
    role: Role | None = None


_T, _H, _C, _S, _L, _P = (
    Role.TEMPERATURE,
    Role.HUMIDITY,
    Role.CO2,
    Role.SOUND,
    Role.ILLUMINANCE,
    Role.POWER,
)
# PEERS' grid; a role without a line of its own is not tried at that class.
NUMBERS: tuple[Dose, ...] = (
    *(Dose(F.DROPOUT, says_so, hours) for hours in (1.0, 6.0, 24.0) for says_so in (0.0, 1.0)),
    *(Dose(F.INTERMITTENT, count, 48.0) for count in (5.0, 20.0)),
    *(Dose(F.STUCK, 0.0, hours) for hours in (2.0, 6.0, 24.0, 168.0)),
    *(Dose(F.SPIKE, sigmas, 3.0) for sigmas in (5.0, 10.0, 20.0)),
    *(Dose(F.NOISE, times, hours) for times in (2.0, 4.0) for hours in (3.0, 12.0)),
    *(Dose(F.BIAS, shift, 24.0, _T) for shift in (-4.0, -2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 4.0)),
    *(Dose(F.BIAS, shift, 24.0, _H) for shift in (-20.0, -10.0, -5.0, 5.0, 10.0, 20.0)),
    *(Dose(F.BIAS, shift, 24.0, _C) for shift in (150.0, 400.0)),
    *(Dose(F.DRIFT, slope, 336.0, _T) for slope in (0.05, 0.1, 0.3, -0.1)),
    *(Dose(F.DRIFT, slope, 336.0, _H) for slope in (0.5, 1.0, -1.0)),
    *(Dose(F.GAIN, factor, 24.0, role) for factor in (0.5, 0.8, 1.2) for role in (_T, _C, _L, _P)),
    Dose(F.GAIN, 1.8, 24.0, _T),
    Dose(F.GAIN, 1e-3, 24.0, _P),
    *(Dose(F.CLIPPING, rail, 24.0, _H) for rail in (0.0, 100.0)),
    Dose(F.CLIPPING, 0.0, 24.0, _T),
    *(Dose(F.QUANTISATION, step, 48.0, _T) for step in (0.5, 1.0)),
    *(Dose(F.QUANTISATION, step, 48.0, _H) for step in (2.0, 5.0)),
    Dose(F.QUANTISATION, 100.0, 48.0, _C),
    *(Dose(F.PHYSICS, value, 6.0, role) for value in (85.0, -127.0) for role in (_T,)),
    *(Dose(F.PHYSICS, 65_535.0, 6.0, role) for role in (_H, _C)),
    Dose(F.PHYSICS, 6.55e8, 6.0, _P),
    *(Dose(F.TIMING, minutes, 48.0) for minutes in (5.0, 30.0)),
)
_SEEING = (Role.MOTION, Role.PRESENCE)
SWITCHES: tuple[Dose, ...] = (
    *(Dose(F.STUCK_ON, 0.0, hours, role) for hours in (24.0, 48.0) for role in _SEEING),
    *(Dose(F.STUCK_OFF, 0.0, hours, role) for hours in (72.0, 168.0) for role in _SEEING),
    *(Dose(F.BLIND, 0.8, hours, role) for hours in (72.0, 168.0) for role in _SEEING),
    *(Dose(F.GHOST, 0.9, hours, role) for hours in (24.0, 48.0) for role in _SEEING),
    *(Dose(F.CHATTER, seconds, 6.0, role) for seconds in (10.0, 30.0) for role in (*_SEEING, Role.DOOR)),
)


PARTS: Mapping[str, tuple[str, ...]] = {
    "development": ("uci-occupancy", "suthaharan-single", "simulated-300", "simulated-301"),
    "held-out": ("uci-room-occupancy", "suthaharan-multi", "graz", "simulated-500", "simulated-501"),
}
"""What scores and thresholds were chosen on, and what nothing was chosen on."""
QUIET_SEEDS: Mapping[str, int] = {"development": 300, "held-out": 5000}
"""The first seed of each part's homes without a failure."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording with the instant up to which it teaches, and how many days must be known before it is judged."""

    name: str
    trace: Trace
    learn_until: float
    learning_days: float
    may_tune: bool = True
    longest_hours: float = 336.0
    """No failure lasts longer: the recording ends."""
    unsound: frozenset[str] = frozenset()
    """Signals to which something really happened: neither are they made to fail nor are alarms about them counted."""


def recordings(data: Path, names: tuple[str, ...]) -> Mapping[str, Recording]:
    """Return the recordings of these names; data sets lie in `data`, `simulated-SEED` is made."""
    return {name: _recording(name, data) for name in names}


def _recording(name: str, data: Path) -> Recording:
    """Return one recording."""
    if name.startswith("simulated-"):
        trace = simulate_home(int(name.removeprefix("simulated-")), 36)
        return Recording(name, trace, _first(trace) + 21 * _DAY, 7.0)
    if name == "uci-room-occupancy":
        trace = read_source(name, data)["all"]
        return Recording(name, trace, _first(trace) + 2.05 * _DAY, 1.5, longest_hours=12.0)
    if name == "uci-occupancy":
        trace = _chained(read_source(name, data))
        return Recording(name, trace, _first(trace) + 9.05 * _DAY, 4.0, longest_hours=48.0)
    if name in ("suthaharan-single", "suthaharan-multi"):
        trace = _slowed(read_source("suthaharan", data)[name.removeprefix("suthaharan-")])
        return Recording(
            name, trace, _first(trace) + 1.55 * _DAY, 1.25, longest_hours=12.0, unsound=_with_events(trace)
        )
    if name == "graz":
        trace = read_source("graz", data)["all"]
        return Recording(name, trace, _first(trace) + 60 * _DAY, 7.0, may_tune=False)
    if name != "casas":
        raise TraceError(f"there is no recording {name!r} for the grid: use one of {', '.join(_known())}")
    trace = read_source("casas", data)["all"]
    return Recording(name, trace, _first(trace) + 14 * _DAY, 7.0, may_tune=False, longest_hours=168.0)


def _known() -> tuple[str, ...]:
    """Return the names of the recordings."""
    return (*dict.fromkeys(name for part in PARTS.values() for name in part), "simulated-SEED", "casas")


def _with_events(trace: Trace) -> frozenset[str]:
    """Return the signals of the motes to which steam or heat was brought, as the labels say."""
    motes = {span.target for span in trace.labels if span.label == suthaharan.EVENT}
    return frozenset(item.id for item in trace.signals if item.device in motes)


def _first(trace: Trace) -> float:
    """Return the time of the first reading, epoch seconds."""
    return min(float(item.times[0]) for item in trace.readings.values() if len(item.times))


def _chained(parts: Mapping[str, Trace]) -> Trace:
    """Return one room's three recordings as one, in the order of time."""
    order = [parts[name] for name in ("test_1", "training", "test_2")]
    readings = {
        item.id: Readings(
            np.concatenate([part.readings[item.id].times for part in order]),
            tuple(state for part in order for state in part.readings[item.id].states),
        )
        for item in order[0].signals
    }
    return replace(order[0], name="uci_occupancy", readings=readings, labels=())


def _slowed(trace: Trace) -> Trace:
    """Return a network whose readings count minutes: six hours of a reading each 5 s teach no habits of a day."""
    stretch = 60.0 / suthaharan.STEP_SECONDS
    origin = suthaharan.ORIGIN
    readings = {
        name: Readings(origin + (item.times - origin) * stretch, item.states) for name, item in trace.readings.items()
    }
    labels = tuple(
        replace(span, start=origin + (span.start - origin) * stretch, end=origin + (span.end - origin) * stretch)
        for span in trace.labels
    )
    last = min(item.times[-1] for item in readings.values())
    # Two motes were switched off an hour before the others.
    readings = {
        name: Readings(item.times[item.times <= last], item.states[: int(np.sum(item.times <= last))])
        for name, item in readings.items()
    }
    return replace(trace, readings=readings, labels=labels)
