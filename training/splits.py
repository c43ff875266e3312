"""Recipe -> slices to draw from, traces to score, and the time that is held out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np

from custom_components.inkling.core.units import Role

from .augment import RECORDED, WHOLE, draw_style, keep_some
from .dataset import HeldOut, Slice
from .progress import watched
from .recipe import Recipe, TestSet, TraceUse
from .simulate import simulate_home, simulate_office
from .sources import SOURCES, folder_of, obtain, read_source
from .trace import Trace, TraceError, zone_of
from .tracks import tracks_of

_DAY_SECONDS = 86_400.0
# Homes differ more than minutes do: few windows from each of many.
_UNIFORM_PER_DAY, _AFTER_EVENT_PER_DAY = 25, 35
# One room in so many that are trained on belongs to no home: an office, used by day.
_OFFICE_EVERY = 8
SIMULATED = "simulated homes, unseen seeds"


class Library:
    """The traces a recipe names, each read once."""

    def __init__(self, data: Path) -> None:
        """Look for data sets in the folders of `data`."""
        self._data = data
        self._read = lru_cache(maxsize=None)(self._obtained)

    def trace(self, source: str, name: str) -> Trace:
        """Return a trace; raise TraceError where the recipe names one that does not exist."""
        if source not in SOURCES:
            raise TraceError(f"the recipe names the source {source!r}; known are {', '.join(SOURCES)}")
        traces = self._read(source)
        if name not in traces:
            raise TraceError(f"the source {source} has no trace {name!r}; it has {', '.join(traces)}")
        return traces[name]

    def _obtained(self, source: str) -> dict[str, Trace]:
        """Return a data set's traces, after fetching what anyone may fetch and is not here yet."""
        obtain(source, self._data)
        return read_source(source, self._data)

    def has(self, source: str) -> bool:
        """Return whether a data set lies here, fetched or put by hand."""
        if source not in SOURCES:
            return False
        folder = folder_of(source, self._data)
        return any((folder / file).is_file() for file in SOURCES[source].files)


def day_span(trace: Trace, day: date) -> tuple[float, float]:
    """Return a date's midnight and the next, epoch seconds, in the home's zone."""
    zone = zone_of(trace)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    following = day + timedelta(days=1)
    return start.timestamp(), datetime(following.year, following.month, following.day, tzinfo=zone).timestamp()


def whole_span(trace: Trace) -> tuple[float, float]:
    """Return when a trace's labels begin and end, epoch seconds."""
    return min(span.start for span in trace.labels), max(span.end for span in trace.labels)


def spans_used(trace: Trace, use: TraceUse | TestSet) -> list[tuple[float, float]]:
    """Return the stretches of time of a trace that a recipe uses."""
    if use.dates:
        return spans_of(trace, use.dates)
    start, end = whole_span(trace)
    zone = zone_of(trace)
    since = start if use.since is None else max(start, use.since.replace(tzinfo=zone).timestamp())
    until = end if use.until is None else min(end, use.until.replace(tzinfo=zone).timestamp())
    if since >= until:
        raise TraceError(f"the recipe uses nothing of {trace.name}: it is recorded from {start:.0f} to {end:.0f}")
    return [(since, until)]


def spans_of(trace: Trace, dates: Sequence[date]) -> list[tuple[float, float]]:
    """Return the stretches of time of some dates, or the whole trace for none."""
    found: list[tuple[float, float]] = []
    for start, end in (day_span(trace, day) for day in sorted(dates)):
        # Days that follow each other are one stretch: the second may remember the first.
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found or [whole_span(trace)]


def slices(
    library: Library, uses: Iterable[TraceUse], window_seconds: float, *, local: bool = False, whole: bool = False
) -> Iterator[Slice]:
    """Yield what is drawn from recorded traces: closed stretches, a window's length after each day's start."""
    for use in uses:
        if not (local or SOURCES[use.source].may_train):
            raise TraceError(f"{use.source} may only be evaluated on: take it out of the recipe's [[train]]")
        trace = library.trace(use.source, use.trace)
        for start, end in spans_used(trace, use):
            yield Slice(
                trace,
                start + window_seconds if use.dates or use.since else start,
                end,
                weight=use.weight,
                draws=use.draws,
                uniform_per_day=120,
                after_event_per_day=120,
                closed=True,
                style=WHOLE if whole else RECORDED,
                clock=1.0 if whole else 0.5,
            )


def simulated_slices(seeds: Sequence[int], days: int) -> Iterator[Slice]:
    """Yield each day of simulated homes, and of an office now and then, but the first, which only warms up."""
    for seed in watched("drawing from simulated homes", seeds):
        trace = (simulate_home if seed % _OFFICE_EVERY else simulate_office)(seed, days)
        start, _ = whole_span(trace)
        for day in range(1, days):
            yield Slice(
                trace,
                start + day * _DAY_SECONDS,
                start + (day + 1) * _DAY_SECONDS,
                uniform_per_day=_UNIFORM_PER_DAY,
                after_event_per_day=_AFTER_EVENT_PER_DAY,
            )


def simulated_tests(seeds: Sequence[int], days: int, fewest_people: int = 1) -> Iterator[Trace]:
    """Yield simulated homes with the signals a home of some style has, labelled from the second day on."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        trace = simulate_home(seed, days)
        if sum(info.role is Role.PERSON for info in trace.signals) < fewest_people:
            continue
        kept = {track.signal.id for track in keep_some(tracks_of(trace), draw_style(rng), rng)}
        start = whole_span(trace)[0] + _DAY_SECONDS
        labels = [replace(span, start=max(span.start, start)) for span in trace.labels if span.end > start]
        yield replace(trace, signals=tuple(info for info in trace.signals if info.id in kept), labels=tuple(labels))


def held_out(library: Library, recipe: Recipe) -> list[HeldOut]:
    """Return all time the recipe scores on."""
    return [
        HeldOut(trace.name, start, end)
        for test in _present(library, recipe.tests)
        for trace in (library.trace(test.source, test.trace),)
        for start, end in spans_used(trace, test)
    ]


def _present(library: Library, tests: Iterable[TestSet]) -> Iterator[TestSet]:
    """Yield the tests whose data lie here; only an optional one may lack."""
    for test in tests:
        if library.has(test.source) or not test.optional:
            yield test


def tests(library: Library, recipe: Recipe) -> list[TestSet]:
    """Return the recipe's tests that can be run here."""
    return list(_present(library, recipe.tests))
