"""What importers of sampled tables share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..trace import OCCUPIED, VACANT, LabelSpan, Readings, TraceError


def read_csv(path: Path, columns: Iterable[str], *, nameless_first: bool = False) -> list[dict[str, str]]:
    """Return a CSV file's rows, with the columns that are needed; the first one may have no name in the header."""
    if not path.is_file():
        raise TraceError(f"{path} is not there: unpack the data set's own files into {path.parent}")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        table = csv.reader(stream)
        names = [""] * nameless_first + next(table, [])
        rows = [row for row in table if row]
    missing = sorted(set(columns) - set(names)) or [f"of its header, {len(names)} in all"] * (not rows)
    if missing or any(len(row) != len(names) for row in rows):
        raise TraceError(
            f"{path} has not in every row the columns {', '.join(missing or names)}: is it the data set's own file?"
        )
    return [dict(zip(names, row, strict=True)) for row in rows]


def with_gaps(
    times: NDArray[np.float64], states: Sequence[str], max_gap_seconds: float, *, edges_only: bool = False
) -> Readings:
    """Return sampled states as readings: `unavailable` at gaps, and for binary sensors only what changes."""
    found: list[tuple[float, str]] = []
    last = None
    for index, (t, state) in enumerate(zip(times.tolist(), states, strict=True)):
        if not edges_only or state != last:
            found.append((t, state))
            last = state
        if index + 1 == len(times) or times[index + 1] - t > max_gap_seconds:
            found.append((t + max_gap_seconds, "unavailable"))
            last = None
    return Readings(np.array([t for t, _ in found]), tuple(state for _, state in found))


def spans_of(
    times: NDArray[np.float64], occupied: NDArray[np.bool_], target: str, max_gap_seconds: float
) -> list[LabelSpan]:
    """Return label spans of sampled truth: a sample stands until the next, or the usual step before a gap."""
    between = np.diff(times)
    step = float(np.median(between[between <= max_gap_seconds]))
    stops = np.append(times[1:], times[-1] + step)
    stops = np.where(stops - times > max_gap_seconds, times + step, stops)
    found: list[LabelSpan] = []
    for start, stop, here in zip(times.tolist(), stops.tolist(), occupied.tolist(), strict=True):
        label = OCCUPIED if here else VACANT
        if found and found[-1].end == start and found[-1].label == label:
            found[-1] = LabelSpan(found[-1].start, stop, target, label)
        else:
            found.append(LabelSpan(start, stop, target, label))
    return found
