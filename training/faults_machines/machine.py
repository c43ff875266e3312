"""The machine's temperature: windows hit, lead, false alarms a week, and the benchmark's own score of that file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.faults.series import DAY_SECONDS, SeriesSettings, SeriesWatch

from ..sources import nab
from ..trace import LabelSpan

ARTIME = 82.0
"""The best published detector's normalised score of this file, its threshold tuned on it too."""
GRID = tuple(product((4.0, 8.0), (0.5, 1.0, 2.0)))
FALSE_WEIGHT = 0.11
_PROBATION_ROWS = 750
_FAR_BEYOND = 3.0
"""Beyond that many window lengths a false alarm costs its whole weight."""
_WEEK_SECONDS = 7 * DAY_SECONDS
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """The recording: times and values (n,), and the marked windows as (first row, row after the last)."""

    times: Floats
    values: Floats
    windows: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class MachineFigure:
    """What one detector's alarms are worth; lead hours to a window's end, None for a window that was missed."""

    method: str
    hit: int
    lead_hours: tuple[float | None, ...]
    false_alarms: int
    false_per_week: float
    score: float


def read_series(folder: Path) -> Series:
    """Read the recording; its clock that ran back is made to run on, as it did."""
    trace = nab.read(folder)["machine"]
    found = trace.readings[nab.SIGNAL.id]
    spans = [label for label in trace.labels if label.label == nab.EVENT]
    return Series(found.times, np.array([float(state) for state in found.states]), _rows(found.times, spans))


def _rows(times: Floats, spans: Sequence[LabelSpan]) -> tuple[tuple[int, int], ...]:
    """Return windows as rows."""
    return tuple((int(np.searchsorted(times, s.start)), int(np.searchsorted(times, s.end))) for s in spans)


def alarms(series: Series, settings: SeriesSettings) -> list[int]:
    """Return the rows at which an alarm begins."""
    watch = SeriesWatch(settings)
    states = [watch.append(float(t), float(value)) for t, value in zip(series.times, series.values, strict=True)]
    return [row for row, state in enumerate(states) if state is not None and state.is_alarm]


def robust_z(series: Series, limit: float) -> list[int]:
    """Return alarms of the value against the median of all that came before, a day apart."""
    values = series.values
    away = np.zeros(len(values))
    for row in range(_PROBATION_ROWS, len(values), 12):
        middle = float(np.median(values[:row]))
        spread = 1.4826 * float(np.median(np.abs(values[:row] - middle)))
        away[row : row + 12] = np.abs(values[row : row + 12] - middle) / max(spread, 1e-6)
    return _daily(series, away > limit)


def cusum(series: Series, limit: float) -> list[int]:
    """Return alarms of a two-sided CUSUM of hourly deviations from what came before, begun anew at each."""
    hours = [series.values[row : row + 12].mean() for row in range(0, len(series.values), 12)]
    found, up, down = [], 0.0, 0.0
    for hour in range(_PROBATION_ROWS // 12 + 1, len(hours)):
        past = np.array(hours[:hour])
        z = (hours[hour] - past.mean()) / max(float(past.std()), 1e-6)
        up, down = max(0.0, up + z - 0.5), max(0.0, down - z - 0.5)
        if max(up, down) > limit:
            found.append(min(hour * 12 + 11, len(series.values) - 1))
            up = down = 0.0
    return found


def _daily(series: Series, is_over: NDArray[np.bool_]) -> list[int]:
    """Return the rows where something begins to be over, at most one a day."""
    found: list[int] = []
    for row in np.flatnonzero(is_over & ~np.roll(is_over, 1)):
        if not found or series.times[row] - series.times[found[-1]] > DAY_SECONDS:
            found.append(int(row))
    return found


def figure(method: str, series: Series, rows: Sequence[int]) -> MachineFigure:
    """Score alarms by where they begin."""
    rows = [row for row in rows if row >= _PROBATION_ROWS]
    leads = []
    for first, stop in series.windows:
        inside = [row for row in rows if first <= row < stop]
        leads.append((series.times[stop - 1] - series.times[inside[0]]) / 3600.0 if inside else None)
    false = [row for row in rows if not any(first <= row < stop for first, stop in series.windows)]
    marked = sum(series.times[stop - 1] - series.times[first] for first, stop in series.windows)
    weeks = (series.times[-1] - series.times[_PROBATION_ROWS] - marked) / _WEEK_SECONDS
    hit = sum(lead is not None for lead in leads)
    return MachineFigure(method, hit, tuple(leads), len(false), len(false) / weeks, standard_score(series, rows))


def standard_score(series: Series, rows: Sequence[int]) -> float:
    """Return the benchmark's standard-profile score of this file, 0 for silence and 100 for perfection."""
    total = 0.0
    for first, stop in series.windows:
        inside = [row for row in rows if first <= row < stop]
        total += _sigmoid(-(stop - inside[0]) / (stop - first)) if inside else -1.0
    for row in rows:
        if any(first <= row < stop for first, stop in series.windows):
            continue
        before = [window for window in series.windows if window[1] <= row]
        reach = (row - before[-1][1] + 1) / (before[-1][1] - before[-1][0] - 1) if before else math.inf
        total += FALSE_WEIGHT * (_sigmoid(reach) if reach <= _FAR_BEYOND else -1.0)
    count = len(series.windows)
    return 100.0 * (total + count) / (count * _sigmoid(-1.0) + count)


def _sigmoid(position: float) -> float:
    """Return the benchmark's weight of a place: near 1 at a window's left edge, 0 at its right, below 0 after it."""
    return 2.0 / (1.0 + math.exp(5.0 * position)) - 1.0


def machine_figures(folder: Path) -> list[MachineFigure]:
    """Score ours at its default and over the grid it was chosen from, and each baseline at the best of its own grid."""
    series = read_series(folder)
    found = [figure("inkling", series, alarms(series, SeriesSettings()))]
    for tail, margin in GRID:
        name = f"inkling, tail {tail:.0f} margin {margin:.1f}"
        found.append(figure(name, series, alarms(series, SeriesSettings(tail=tail, margin=margin))))
    zs = [figure(f"robust z > {limit:.0f}", series, robust_z(series, limit)) for limit in (3.0, 4.0, 5.0, 6.0, 8.0)]
    sums = [figure(f"CUSUM > {limit:.0f}", series, cusum(series, limit)) for limit in (10.0, 20.0, 40.0, 60.0, 80.0)]
    return [*found, *(max(rule, key=lambda item: item.score) for rule in (zs, sums))]


def machine_table(found: Sequence[MachineFigure]) -> str:
    """Return the figures as a table."""
    lines = [
        "",
        "| detector | windows | hours before the window's end | false | a week | standard score |",
        "|---" * 6 + "|",
    ]
    for item in found:
        leads = ", ".join("-" if lead is None else f"{lead:.0f}" for lead in item.lead_hours)
        windows = f"{item.hit}/{len(item.lead_hours)}"
        false = f"{item.false_alarms} | {item.false_per_week:.2f}"
        lines.append(f"| {item.method} | {windows} | {leads} | {false} | {item.score:.1f} |")
    lines.append(f"One file: settings were chosen on it (in-sample), as ARTime's {ARTIME:.0f} was.")
    return "\n".join(lines)
