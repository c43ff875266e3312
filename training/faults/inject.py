"""Put a failure into a signal: every class of the grid, on real or simulated readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.classes import FaultClass
from custom_components.inkling.core.units import ROLE_SPECS, Kind, Role

from ..trace import LabelSpan, Readings, Trace, TraceError
from .replay import Series, series_of

Doubles = NDArray[np.float64]
_OUTAGE_SECONDS = (300.0, 3600.0)
_SPIKES_AN_HOUR = 5.0
_APART = 5
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What fails, how much, from when up to when (epoch seconds)."""

    kind: FaultClass
    magnitude: float
    start: float
    end: float


def inject(series: Series, role: Role, fault: Fault, rng: np.random.Generator) -> Series:
    """Return the readings with the failure in them; raise TraceError where the class does not fit the role."""
    is_binary = ROLE_SPECS[role].kind is Kind.BINARY
    if fault.kind not in _ANY and (fault.kind in _SWITCHES) != is_binary:
        raise TraceError(f"a signal of the role {role} cannot have the fault {fault.kind}: it is for the other kind")
    if fault.kind not in INJECTORS:
        raise TraceError(f"there is no way to inject {fault.kind}: use one of {', '.join(sorted(INJECTORS))}")
    found = INJECTORS[fault.kind](series, fault, rng)
    if fault.kind not in _WITHIN_RANGE:
        return found
    # A sensor's noise does not leave its range: a dark room has no negative light.
    spec = ROLE_SPECS[role]
    return Series(found.times, np.clip(found.values, spec.low, spec.high))


def _inside(series: Series, fault: Fault) -> NDArray[np.bool_]:
    """Return which readings fall into the fault, shape (n,)."""
    return (series.times >= fault.start) & (series.times < fault.end)


def _value_at(series: Series, t: float) -> float:
    """Return what stands at an instant, NaN before the first reading."""
    place = int(np.searchsorted(series.times, t, side="right")) - 1
    return float(series.values[place]) if place >= 0 else float("nan")


def _joined(parts: list[tuple[Doubles, Doubles]]) -> Series:
    """Return readings of parts in time order; of two at one time the later part stands."""
    times = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    keep = np.append(np.diff(times) > 0.0, True) if len(times) else np.zeros(0, dtype=bool)
    return Series(times[keep], values[keep])


def _without(series: Series, start: float, end: float) -> tuple[Doubles, Doubles]:
    """Return the readings outside a stretch."""
    keep = (series.times < start) | (series.times >= end)
    return series.times[keep], series.values[keep]


def _silenced(series: Series, start: float, end: float, *, says_so: bool) -> Series:
    """Return the readings without a stretch; `says_so` writes that it is unavailable, and what stands after it."""
    parts = [_without(series, start, end)]
    if says_so:
        parts.insert(0, (np.array([start, end]), np.array([np.nan, _value_at(series, end)])))
    return _joined(parts)


def _dropout(series: Series, fault: Fault, _: np.random.Generator) -> Series:
    """Say nothing (magnitude 0), or that it is unavailable (1)."""
    return _silenced(series, fault.start, fault.end, says_so=fault.magnitude > 0.0)


def _intermittent(series: Series, fault: Fault, rng: np.random.Generator) -> Series:
    """Drop out `magnitude` times a day for 5 to 60 minutes."""
    count = max(2, round(fault.magnitude * (fault.end - fault.start) / _DAY))
    for start in np.sort(rng.uniform(fault.start, fault.end, count)).tolist():
        stop = min(start + float(rng.uniform(*_OUTAGE_SECONDS)), fault.end)
        series = _silenced(series, start, stop, says_so=True)
    return series


def _stuck(series: Series, fault: Fault, _: np.random.Generator) -> Series:
    """Repeat the last value."""
    return _mapped(series, fault, lambda values: np.full_like(values, _value_at(series, fault.start)))


def _held(state: float) -> Callable[[Series, Fault, np.random.Generator], Series]:
    """Return an injector that holds an on/off signal."""

    def hold(series: Series, fault: Fault, _: np.random.Generator) -> Series:
        """Hold the state from start to end, and come back to what is true then."""
        back = (np.array([fault.start, fault.end]), np.array([state, _value_at(series, fault.end)]))
        return _joined([back, _without(series, fault.start, fault.end)])

    return hold


def _mapped(series: Series, fault: Fault, change: Callable[[Doubles], Doubles]) -> Series:
    """Return the readings with those of the fault changed."""
    inside = _inside(series, fault) & ~np.isnan(series.values)
    values = series.values.copy()
    values[inside] = change(values[inside])
    return Series(series.times, values)


def step_sigma(series: Series, before: float) -> float:
    """Return the standard deviation of the changes from reading to reading before an instant."""
    steps = np.diff(series.values[series.times < before])
    steps = steps[~np.isnan(steps)]
    return float(np.std(steps)) if len(steps) else 1.0


def _spike(series: Series, fault: Fault, rng: np.random.Generator) -> Series:
    """Throw five readings an hour `magnitude` step deviations off, either way; one reading each."""
    inside = np.flatnonzero(_inside(series, fault) & ~np.isnan(series.values))
    count = max(1, min(len(inside) // 2, round(_SPIKES_AN_HOUR * (fault.end - fault.start) / 3600.0)))
    # Readings that stand alone: each is five from the next, as far as there are so many.
    places = inside[2::5] if len(inside) > _APART else inside[-1:]
    hit = rng.choice(places, min(count, len(places)), replace=False)
    values = series.values.copy()
    values[hit] += fault.magnitude * step_sigma(series, fault.start) * rng.choice((-1.0, 1.0), len(hit))
    return Series(series.times, values)


def _noise(series: Series, fault: Fault, rng: np.random.Generator) -> Series:
    """Add Gaussian noise so that the movement from reading to reading is `magnitude` times as wide."""
    sigma = step_sigma(series, fault.start) * np.sqrt(max(fault.magnitude**2 - 1.0, 0.0) / 2.0)
    return _mapped(series, fault, lambda values: values + rng.normal(0.0, sigma, len(values)))


def _bias(series: Series, fault: Fault, _: np.random.Generator) -> Series:
    """Shift by `magnitude` in the role's unit."""
    return _mapped(series, fault, lambda values: values + fault.magnitude)


def _drift(series: Series, fault: Fault, _: np.random.Generator) -> Series:
    """Shift by `magnitude` more each day."""
    inside = _inside(series, fault)
    values = series.values.copy()
    values[inside] += fault.magnitude * (series.times[inside] - fault.start) / _DAY
    return Series(series.times, values)


def _gain(series: Series, fault: Fault, _: np.random.Generator) -> Series:
    """Multiply by `magnitude`; 1.8 is Fahrenheit taken for Celsius."""
    offset = 32.0 if fault.magnitude == 1.8 else 0.0  # noqa: PLR2004 - the scale of Fahrenheit
    return _mapped(series, fault, lambda values: values * fault.magnitude + offset)


def _clipping(series: Series, fault: Fault, _: np.random.Generator) -> Series:
    """Rest at a rail: 0 or 100 as the magnitude says."""
    return _mapped(series, fault, lambda values: np.full_like(values, fault.magnitude))


def _quantisation(series: Series, fault: Fault, _: np.random.Generator) -> Series:
    """Round to steps of `magnitude`."""
    return _mapped(series, fault, lambda values: np.round(values / fault.magnitude) * fault.magnitude)


def _physics(series: Series, fault: Fault, rng: np.random.Generator) -> Series:
    """Say `magnitude` in every third reading or so, which it cannot be."""
    return _mapped(series, fault, lambda values: np.where(rng.random(len(values)) < 1 / 3, fault.magnitude, values))


def _blind(series: Series, fault: Fault, rng: np.random.Generator) -> Series:
    """Lose a share `magnitude` of what it should see: whole spells of on."""
    inside = _inside(series, fault)
    values = series.values.copy()
    lost = False
    for place in np.flatnonzero(inside).tolist():
        if series.values[place] == 1.0:
            lost = bool(rng.random() < fault.magnitude)
        values[place] = 0.0 if lost else values[place]
    return Series(series.times, values)


def _ghost(series: Series, fault: Fault, rng: np.random.Generator) -> Series:
    """Be on for a share `magnitude` of the time with nobody there, in spells of minutes to hours."""
    parts = [(series.times, series.values)]
    t = fault.start
    while t < fault.end:
        spell = float(rng.uniform(1200.0, 7200.0))
        on_until = min(t + spell * fault.magnitude, fault.end)
        parts = [_without(_joined(parts), t, on_until), (np.array([t, on_until]), np.array([1.0, 0.0]))]
        t += spell
    return _joined(parts)


def _chatter(series: Series, fault: Fault, _: np.random.Generator) -> Series:
    """Turn on and off every `magnitude` seconds."""
    times = np.arange(fault.start, fault.end, fault.magnitude, dtype=np.float64)
    turns = (times, (np.arange(len(times)) % 2).astype(np.float64))
    back = (np.array([fault.end]), np.array([_value_at(series, fault.end)]))
    return _joined([back, _without(series, fault.start, fault.end), turns])


def _timing(series: Series, fault: Fault, _: np.random.Generator) -> Series:
    """Report `magnitude` minutes late."""
    inside = _inside(series, fault)
    late = series.times[inside] + 60.0 * fault.magnitude
    return _joined([_without(series, fault.start, fault.end), (late, series.values[inside])])


INJECTORS: dict[FaultClass, Callable[[Series, Fault, np.random.Generator], Series]] = {
    FaultClass.DROPOUT: _dropout,
    FaultClass.INTERMITTENT: _intermittent,
    FaultClass.STUCK: _stuck,
    FaultClass.STUCK_ON: _held(1.0),
    FaultClass.STUCK_OFF: _held(0.0),
    FaultClass.SPIKE: _spike,
    FaultClass.NOISE: _noise,
    FaultClass.BIAS: _bias,
    FaultClass.DRIFT: _drift,
    FaultClass.GAIN: _gain,
    FaultClass.CLIPPING: _clipping,
    FaultClass.QUANTISATION: _quantisation,
    FaultClass.PHYSICS: _physics,
    FaultClass.BLIND: _blind,
    FaultClass.GHOST: _ghost,
    FaultClass.CHATTER: _chatter,
    FaultClass.TIMING: _timing,
}
_SWITCHES = frozenset(
    {FaultClass.STUCK_ON, FaultClass.STUCK_OFF, FaultClass.BLIND, FaultClass.GHOST, FaultClass.CHATTER}
)
_WITHIN_RANGE = frozenset({FaultClass.SPIKE, FaultClass.NOISE, FaultClass.BIAS, FaultClass.DRIFT})
_ANY = frozenset({FaultClass.DROPOUT, FaultClass.INTERMITTENT, FaultClass.TIMING})


def inject_trace(trace: Trace, signal: str, fault: Fault, seed: int) -> Trace:
    """Return a trace with one signal failing and a label that says so; raise TraceError when it cannot be done."""
    infos = {item.id: item for item in trace.signals}
    if signal not in infos:
        raise TraceError(f"the trace has no signal {signal!r}: use one of {', '.join(sorted(infos))}")
    if fault.end <= fault.start:
        raise TraceError("--end must be after --start")
    before = series_of(trace.readings[signal], infos[signal])
    after = inject(before, infos[signal].role, fault, np.random.default_rng(seed))
    label = LabelSpan(fault.start, fault.end, signal, f"fault:{fault.kind}")
    readings = {**trace.readings, signal: _as_readings(trace.readings[signal], before, after)}
    return replace(trace, readings=readings, labels=(*trace.labels, label))


def _as_readings(original: Readings, before: Series, after: Series) -> Readings:
    """Return numbers as states again; what did not change keeps the text it had."""
    texts = dict(zip(original.times.tolist(), original.states, strict=True))
    kept = dict(zip(before.times.tolist(), before.values.tolist(), strict=True))
    is_switch = bool({"on", "off"} & set(original.states))
    states = []
    for t, value in zip(after.times.tolist(), after.values.tolist(), strict=True):
        same = t in texts and (kept.get(t) == value or (np.isnan(value) and np.isnan(kept.get(t, 0.0))))
        states.append(texts[t] if same else _text(value, is_switch=is_switch))
    return Readings(after.times, tuple(states))


def _text(value: float, *, is_switch: bool) -> str:
    """Return a number as Home Assistant would write it."""
    if np.isnan(value):
        return "unavailable"
    if is_switch:
        return "on" if value else "off"
    return f"{value:.4f}".rstrip("0").rstrip(".")
