"""Windows to learn from: drawn from traces through the core's own grid and features, with a guard against leaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.features import RoomView, TrackGrid, build, grid_tracks, is_known_now, room_view
from custom_components.inkling.core.manifest import InputSpec
from custom_components.inkling.core.units import ACTIVITY_ROLES
from custom_components.inkling.core.window import NEVER, Track

from .augment import WHOLE, Style, break_some, draw_style, event_times, keep_some
from .labels import occupancy_at
from .trace import OCCUPIED, LabelSpan, Trace
from .tracks import cut, offsets_of, tracks_of

# What happened before this is beyond any feature's reach but "more than a day ago".
_MEMORY_SECONDS = 86_400.0
# A home that was set up today has no day to tell who lives in it, and is not an empty one for that.
_YOUNG, _YOUNG_SECONDS = 0.2, 28_800.0
_GRACE_SECONDS = 90.0
_FRESH_SECONDS, _FRESH_WEIGHT = 3.0, 2.0


class LeakError(ValueError):
    """Say which held-out time a training window would have seen."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of a trace to draw from; nothing outside it is looked at when `closed`."""

    trace: Trace
    start: float
    end: float
    weight: float = 1.0
    draws: int = 1
    uniform_per_day: int = 50
    after_event_per_day: int = 80
    closed: bool = False
    style: Style | None = None
    """What signals to leave out; None draws a kind of home each time."""
    clock: float = 0.5
    """Share of draws that know the time of day."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Model inputs (n, steps, channels) in float16, truths (n,), weights (n,), and where each comes from."""

    inputs: NDArray[np.float16]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]
    ends: NDArray[np.float64]
    groups: NDArray[np.str_]

    def __len__(self) -> int:
        """Return how many windows there are."""
        return len(self.targets)


def join(parts: Sequence[Windows]) -> Windows:
    """Return several sets of windows as one."""
    return Windows(
        np.concatenate([part.inputs for part in parts]),
        np.concatenate([part.targets for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )


def draw_windows(slices: Iterable[Slice], spec: InputSpec, rng: np.random.Generator) -> Windows:
    """Return windows of every room of every slice, signals left out anew for each draw."""
    parts: list[Windows] = []
    for item in slices:
        tracks = tracks_of(item.trace)
        reach = item.start if item.closed else item.start - _MEMORY_SECONDS
        tracks = cut(tracks, reach, item.end)
        for _ in range(item.draws):
            parts.extend(_draw(item, tracks, spec, rng))
    return join(parts)


def _draw(item: Slice, tracks: Sequence[Track], spec: InputSpec, rng: np.random.Generator) -> list[Windows]:
    """Draw one home out of a slice, and windows of each of its rooms."""
    style = draw_style(rng) if item.style is None else item.style
    if style is not WHOLE and rng.random() < _YOUNG:
        tracks = cut(tracks, item.start - float(rng.uniform(0.0, _YOUNG_SECONDS)), item.end)
    kept = break_some(keep_some(tracks, style, rng), style, item.start, item.end, rng)
    ends = _ends(item, kept, rng)
    if not kept or not len(ends):
        return []
    alone = bool(rng.random() < style.alone)
    # The time of day is a hint that must never be needed: half the homes have none.
    offsets = offsets_of(item.trace, ends) if rng.random() < item.clock else None
    grids = grid_tracks(kept, ends, spec.steps, spec.step_seconds)
    found = (_room_windows(item, room.id, grids, offsets, spec, alone=alone) for room in item.trace.rooms)
    return [windows for windows in found if windows is not None]


def _ends(item: Slice, tracks: Sequence[Track], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw instants: evenly, and at any distance after something happened, most of them soon."""
    days = (item.end - item.start) / 86_400.0
    even = rng.uniform(item.start, item.end, round(item.uniform_per_day * days))
    moments = event_times(tracks)
    moments = moments[(moments >= item.start) & (moments < item.end)]
    if not len(moments):
        return np.sort(even)
    # Never more than there are events: else the few false alarms of an empty day would outweigh everything real.
    count = min(round(item.after_event_per_day * days), len(moments))
    after = rng.choice(moments, count) + np.exp(rng.uniform(np.log(0.05), np.log(10_800.0), count))
    ends = np.concatenate((even, after))
    return np.sort(ends[ends < item.end])


def _room_windows(
    item: Slice,
    room: str,
    grids: Sequence[TrackGrid],
    offsets: NDArray[np.float64] | None,
    spec: InputSpec,
    *,
    alone: bool,
) -> Windows | None:
    """Return one room's windows where it is labelled and something can be read, None where there are none."""
    view = room_view(room, grids)
    if not view.own:
        return None
    ends = grids[0].edges[:, -1]
    if alone:
        view = RoomView(view.own, (), ())
    truth = occupancy_at(_near(item.trace.labels, item), room, ends)
    usable = (
        ~np.isnan(truth) & ~_just_left(item, room, ends) & np.any([is_known_now(grid) for grid in view.own], axis=0)
    )
    if not usable.any():
        return None
    inputs = build(view, spec.channels, view.own[0].edges, offsets)[usable].astype(np.float16)
    count = int(usable.sum())
    groups = np.full(count, item.trace.name)
    weights = np.where(_just_moved(view)[usable], _FRESH_WEIGHT, 1.0) * item.weight
    return Windows(inputs, truth[usable], weights.astype(np.float32), ends[usable], groups)


def _just_moved(view: RoomView) -> NDArray[np.bool_]:
    """Return which ends come within seconds of a movement in the room: rare moments, and those people watch."""
    moments = [grid.moment[:, -1] for grid in view.own if grid.track.signal.role in ACTIVITY_ROLES]
    ends = view.own[0].edges[:, -1]
    newest = np.max(moments, axis=0) if moments else np.full(len(ends), NEVER)
    return np.asarray(ends - newest <= _FRESH_SECONDS)


def _just_left(item: Slice, room: str, ends: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which instants come just after the room emptied: nobody minds a lamp that is on a minute longer."""
    found = np.zeros(len(ends), bool)
    for span in _near(item.trace.labels, item):
        if span.target == room and span.label == OCCUPIED:
            found |= (ends >= span.end) & (ends < span.end + _GRACE_SECONDS)
    return found & (occupancy_at(_near(item.trace.labels, item), room, ends) < 0.5)  # noqa: PLR2004 - vacant


def _near(labels: Iterable[LabelSpan], item: Slice) -> list[LabelSpan]:
    """Return the label spans that touch a slice."""
    return [span for span in labels if span.end > item.start and span.start < item.end]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Time of a trace on which a model is scored."""

    group: str
    start: float
    end: float


def guard_against_leaks(windows: Windows, held_out: Iterable[HeldOut], window_seconds: float) -> None:
    """Raise LeakError when a window's span [end - window, end] touches held-out time of its own trace."""
    for held in held_out:
        same = windows.groups == held.group
        touching = same & (windows.ends > held.start) & (windows.ends - window_seconds < held.end)
        if touching.any():
            raise LeakError(
                f"{int(touching.sum())} training windows of {held.group} see held-out time: "
                f"{held.start} to {held.end} in epoch seconds"
            )
