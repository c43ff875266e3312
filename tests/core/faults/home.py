"""A small home of ten days that the tests of faults learn from, and ways to break it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np

from custom_components.inkling.core.faults.classes import Alarm, Context, Settings, WatchedSignal
from custom_components.inkling.core.faults.intake import BIN_SECONDS, Intake
from custom_components.inkling.core.faults.watch import Watch
from custom_components.inkling.core.units import Role

T0 = 1_704_067_200.0
DAY, HOUR = 86_400.0, 3_600.0
NAN = float("nan")
SIGNALS = (
    WatchedSignal("t1", Role.TEMPERATURE, "a", "air", "bridge"),
    WatchedSignal("h1", Role.HUMIDITY, "a", "air", "bridge"),
    WatchedSignal("t2", Role.TEMPERATURE, "a", "clock", "bridge", weight=2.0),
    WatchedSignal("t3", Role.TEMPERATURE, "b", "shelf", "bridge"),
    WatchedSignal("co2", Role.CO2, "b", "shelf", "bridge"),
    WatchedSignal("motion", Role.MOTION, "a"),
    WatchedSignal("radar", Role.PRESENCE, "a"),
    WatchedSignal("motion_b", Role.MOTION, "b"),
    WatchedSignal("window", Role.WINDOW, "a"),
    WatchedSignal("plug", Role.POWER, "a"),
    WatchedSignal("button", Role.GENERIC, "b", on_off=True),
)
Readings = dict[str, list[tuple[float, float]]]
Change = Callable[[float, float], float | None]


def readings(days: float, seed: int = 1, start: float = T0) -> Readings:
    """Return what every signal says, a reading each five minutes and each spell of movement."""
    rng = np.random.default_rng(seed)
    times = start + np.arange(0.0, days * DAY, 300.0) + 10.0
    wave = np.sin(2.0 * np.pi * (times % DAY) / DAY)
    found: Readings = {signal.id: [] for signal in SIGNALS}
    levels = {
        "t1": np.round(21.0 + 1.5 * wave + rng.normal(0.0, 0.03, len(times)), 2),
        "t2": np.round(21.4 + 1.4 * wave + rng.normal(0.0, 0.03, len(times)), 2),
        "t3": np.round(20.0 + 1.2 * wave + rng.normal(0.0, 0.03, len(times)), 2),
        "h1": np.round(45.0 - 5.0 * wave + rng.normal(0.0, 0.2, len(times)), 1),
        "co2": np.round(650.0 + 150.0 * wave + rng.normal(0.0, 6.0, len(times))),
        "plug": np.where(times % HOUR < 1200.0, 90.0, 1.0) + np.round(rng.normal(0.0, 0.4, len(times)), 1),
    }
    for name, values in levels.items():
        found[name] = list(zip(times.tolist(), values.tolist(), strict=True))
    for name in ("motion", "radar", "motion_b", "window", "button"):
        found[name] = [(start + 1.0, 0.0)]
    for t in times.tolist():
        if 7.0 <= t % DAY / HOUR < 23.0 and rng.random() < 0.5:
            found["motion"] += [(t + 1.0, 1.0), (t + 60.0, 0.0)]
            found["radar"] += [(t + 2.0, 1.0), (t + 200.0, 0.0)]
            if rng.random() < 0.6:
                found["motion_b"] += [(t + 70.0, 1.0), (t + 130.0, 0.0)]
    return found


def changed(given: Readings, name: str, start: float, end: float, change: Change) -> Readings:
    """Return readings of which one signal's in a stretch are changed; None drops one."""
    found = []
    for t, value in given[name]:
        if start <= t < end:
            new = change(t, value)
            if new is None:
                continue
            found.append((t, new))
        else:
            found.append((t, value))
    return {**given, name: found}


def with_spells(
    given: Readings, name: str, spells: Iterable[tuple[float, float]], start: float, end: float
) -> Readings:
    """Return readings of which an on/off signal is on in these spells only, from start to end."""
    kept = [(t, value) for t, value in given[name] if not start <= t < end]
    made = [(start, 0.0), *(pair for on, off in spells for pair in ((on, 1.0), (off, 0.0)))]
    return {**given, name: sorted([*kept, *made])}


@dataclass(slots=True)
class Lived:
    """A watch and its intake at an instant of their walk."""

    intake: Intake
    watch: Watch
    now: float
    alarms: list[Alarm] = field(default_factory=list)
    closed: list[Alarm] = field(default_factory=list)

    def copy(self) -> Lived:
        """Return one that goes its own way from here."""
        return deepcopy(self)

    def walk(self, given: Mapping[str, list[tuple[float, float]]], until: float, **context: object) -> Lived:
        """Feed readings and tick each bin, up to an instant."""
        rows = {signal.id: row for row, signal in enumerate(self.watch.signals)}
        merged = sorted(
            (t, rows[name], value)
            for name, pairs in given.items()
            if name in rows
            for t, value in pairs
            if self.now <= t < until
        )
        place = 0
        while self.now + BIN_SECONDS <= until:
            end = self.now + BIN_SECONDS
            while place < len(merged) and merged[place][0] < end:
                t, row, value = merged[place]
                self.intake.append(row, t, value)
                place += 1
            report = self.watch.tick(self.intake.drain(end), Context(end, **context))  # type: ignore[arg-type]
            self.alarms += report.opened
            self.closed += report.closed
            self.now = end
        return self


def born(signals: tuple[WatchedSignal, ...] = SIGNALS, settings: Settings | None = None) -> Lived:
    """Return a watch that has seen nothing."""
    return Lived(Intake(signals), Watch(signals, settings or Settings()), T0)
