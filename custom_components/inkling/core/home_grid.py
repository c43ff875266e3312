"""A home's signals on one grid, and what each of them is to a room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .grid import last_active, last_change, last_onset, locate, make_spans, stands, step_edges, time_weighted
from .memory import COMPANY_KINDS, company, lows
from .units import ACTIVITY_ROLES, ROLE_SPECS, Role
from .window import NEVER, Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

_ACTIVE_ABOVE = 0.5
# What counts for these is that they changed, either way.
_CHANGE_ROLES = frozenset({Role.DOOR, Role.GENERIC})
# Numbers in one temporary array while gridding: signals are taken in turn so that a replay's memory stays bounded.
_NUMBERS_AT_ONCE = 1 << 20


def _scale_power(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compress watts, so that a kettle does not drown a lamp."""
    return np.log10(1.0 + np.maximum(values, 0.0)) / 4.0


def _scale_light(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compress lux as the eye does: 100 lx is half of daylight's 10 000."""
    return np.log10(1.0 + np.maximum(values, 0.0)) / 4.0


SCALES: dict[Role, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    Role.POWER: _scale_power,
    Role.ILLUMINANCE: _scale_light,
    Role.CO2: lambda values: np.clip((values - 400.0) / 1000.0, -0.2, 3.0),
    Role.TEMPERATURE: lambda values: np.clip((values - 20.0) / 10.0, -3.0, 3.0),
    Role.HUMIDITY: lambda values: (values - 45.0) / 30.0,
    Role.SOUND: lambda values: (values - 40.0) / 40.0,
}


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Signals on one grid, shapes (signals, ends, steps); `edges` has shape (ends, steps + 1)."""

    edges: NDArray[np.float64]
    mean: NDArray[np.float64]
    known: NDArray[np.float64]
    moment: NDArray[np.float64]
    onset: NDArray[np.float64]
    now: NDArray[np.float64]
    """The level that stands at each step's end, 0 where none does; not scaled."""
    standing: NDArray[np.bool_]
    """Whether the newest reading still stands at each end, shape (signals, ends)."""
    low: NDArray[np.float64]
    """The scaled lowest level of the last half day, shape (signals, ends); inf where nothing was known."""
    company: NDArray[np.float64]
    """What the last day shows of how many people there are, shape (kinds, ends); of activity only."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackGrid:
    """One signal's row of a block."""

    track: Track
    block: Block
    row: int

    @property
    def edges(self) -> NDArray[np.float64]:
        """Return the borders of the steps, shape (ends, steps + 1), epoch seconds."""
        return self.block.edges

    @property
    def mean(self) -> NDArray[np.float64]:
        """Return the scaled level of each step, 0 where unknown, shape (ends, steps)."""
        return np.asarray(self.block.mean[self.row])

    @property
    def known(self) -> NDArray[np.float64]:
        """Return the known share of each step, shape (ends, steps)."""
        return np.asarray(self.block.known[self.row])

    @property
    def moment(self) -> NDArray[np.float64]:
        """Return when the signal last did what its role counts, at each step's end, epoch seconds, (ends, steps)."""
        return np.asarray(self.block.moment[self.row])

    @property
    def onset(self) -> NDArray[np.float64]:
        """Return when the signal last began to be active, at each step's end, epoch seconds, (ends, steps)."""
        return np.asarray(self.block.onset[self.row])

    @property
    def now(self) -> NDArray[np.float64]:
        """Return the level that stands at each step's end, 0 where none does, not scaled, (ends, steps)."""
        return np.asarray(self.block.now[self.row])


def is_known_now(grid: TrackGrid) -> NDArray[np.bool_]:
    """Return at each end whether the signal's newest reading still stands, shape (ends,)."""
    return np.asarray(grid.block.standing[grid.row])


def grid_tracks(
    tracks: Iterable[Track], ends: NDArray[np.float64], steps: int, step_seconds: float
) -> tuple[TrackGrid, ...]:
    """Grid every track at the same ends, shape (ends,) in epoch seconds; signals of a role share one block."""
    edges = step_edges(ends, steps, step_seconds)
    tracks = tuple(tracks)
    kinds: dict[tuple[bool, bool], list[int]] = defaultdict(list)
    for position, track in enumerate(tracks):
        kinds[track.signal.role in ACTIVITY_ROLES, track.signal.role in _CHANGE_ROLES].append(position)
    grids: dict[int, TrackGrid] = {}
    for positions in kinds.values():
        block = _make_block([tracks[position] for position in positions], edges)
        grids.update((position, TrackGrid(tracks[position], block, row)) for row, position in enumerate(positions))
    return tuple(grids[position] for position in range(len(tracks)))


def _make_block(tracks: Sequence[Track], edges: NDArray[np.float64]) -> Block:
    """Grid tracks whose roles count the same kind of moment."""
    shape = (len(tracks), edges.shape[0], edges.shape[1] - 1)
    # Levels have no moments: one number stands for all of theirs.
    counts_moments = tracks[0].signal.role in ACTIVITY_ROLES | _CHANGE_ROLES
    moment = np.empty(shape) if counts_moments else np.broadcast_to(NEVER, shape)
    onset = np.empty(shape) if tracks[0].signal.role in ACTIVITY_ROLES else np.broadcast_to(NEVER, shape)
    standing, low = np.empty(shape[:2], np.bool_), np.full(shape[:2], np.inf)
    seen = np.zeros((len(COMPANY_KINDS), shape[1]))
    block = Block(edges, np.empty(shape), np.empty(shape), moment, onset, np.empty(shape), standing, low, seen)
    if not edges.size:
        return block
    _remember(block, tracks)
    bounds = np.array([edges[:, 0].min(), edges[:, -1].max()])
    pieces = [trim(track, bounds) for track in tracks]
    at_once = max(1, _NUMBERS_AT_ONCE // max(edges.size, *(len(piece.times) for piece in pieces)))
    for start in range(0, len(pieces), at_once):
        _fill(block, slice(start, start + at_once), pieces[start : start + at_once])
    _scale(block, tracks)
    return block


def _remember(block: Block, tracks: Sequence[Track]) -> None:
    """Fill in what reaches further back than the window."""
    ends = block.edges[:, -1]
    if tracks[0].signal.role in ACTIVITY_ROLES:
        block.company[:] = company(tracks, ends)
    for row, track in enumerate(tracks):
        if (scale := SCALES.get(track.signal.role)) is not None:
            low = lows(track, ends)
            known = np.isfinite(low)
            block.low[row, known] = scale(low[known])


def trim(track: Track, bounds: NDArray[np.float64]) -> Track:
    """Return the readings that hold from the first bound to the second, with what those before them did."""
    first, stop = track.times.searchsorted(bounds, side="right").tolist()
    first = max(first - 1, 0)
    piece = Track(
        track.signal,
        track.times[first:stop],
        track.values[first:stop],
        track.active_before,
        track.changed_before,
        track.value_before,
        track.onset_before,
    )
    if not first:
        return piece
    if track.signal.role in ACTIVITY_ROLES:
        return _remember_activity(track, piece, first)
    return _remember_change(track, piece, first) if track.signal.role in _CHANGE_ROLES else piece


def _remember_activity(track: Track, piece: Track, first: int) -> Track:
    """Return the piece with the last activity among the readings before it, and when that began."""
    active = track.values[:first] > _ACTIVE_ABOVE
    (places,) = np.nonzero(active)
    if not len(places):
        return piece
    before = np.concatenate(((track.active_before >= track.times[0],), active[:-1]))
    (begun,) = np.nonzero(active & ~before)
    onset = float(track.times[begun[-1]]) if len(begun) else track.onset_before
    return replace(piece, active_before=float(track.times[places[-1] + 1]), onset_before=onset)


def _remember_change(track: Track, piece: Track, first: int) -> Track:
    """Return the piece with the last change and value among the readings before it."""
    known = np.flatnonzero(~np.isnan(track.values[:first]))
    if not len(known):
        return piece
    values = track.values[known]
    before = values[:1] if np.isnan(track.value_before) else np.array([track.value_before])
    changes = known[np.diff(values, prepend=before) != 0.0]
    changed = float(track.times[changes[-1]]) if len(changes) else track.changed_before
    return replace(piece, changed_before=changed, value_before=float(values[-1]))


def _fill(block: Block, rows: slice, pieces: Sequence[Track]) -> None:
    """Grid some of a block's signals into their rows."""
    roles = [piece.signal.role for piece in pieces]
    gaps = np.array([ROLE_SPECS[role].max_gap_seconds for role in roles])
    horizon = float(block.edges[:, -1].max())
    spans = make_spans([piece.times for piece in pieces], [piece.values for piece in pieces], gaps, horizon)
    places = locate(spans, block.edges)
    block.mean[rows], block.known[rows] = time_weighted(spans, places)
    standing = stands(spans, places)
    block.standing[rows] = standing[..., -1]
    block.now[rows] = np.where(standing, spans.values.take(places.flat), 0.0)[..., 1:]
    if roles[0] in ACTIVITY_ROLES:
        active = spans.values > _ACTIVE_ABOVE
        earlier = np.array([piece.active_before for piece in pieces])
        begun = np.array([piece.onset_before for piece in pieces])
        block.moment[rows] = last_active(spans, active, places, earlier)[..., 1:]
        block.onset[rows] = last_onset(spans, active, places, begun, earlier)[..., 1:]
    elif roles[0] in _CHANGE_ROLES:
        earlier = np.array([piece.changed_before for piece in pieces])
        before = np.array([piece.value_before for piece in pieces])
        block.moment[rows] = last_change(spans, places, earlier, before)[..., 1:]


def _scale(block: Block, tracks: Sequence[Track]) -> None:
    """Bring each quantity near 1, in place; unknown steps stay 0."""
    rows: dict[Role, list[int]] = defaultdict(list)
    for row, track in enumerate(tracks):
        rows[track.signal.role].append(row)
    for role in rows.keys() & SCALES.keys():
        chosen = rows[role]
        block.mean[chosen] = np.where(block.known[chosen] > 0.0, SCALES[role](block.mean[chosen]), 0.0)


@dataclass(frozen=True, slots=True)
class RoomView:
    """What one room's window is made of: its own signals, the other rooms' activity, and the home's."""

    own: tuple[TrackGrid, ...]
    elsewhere: tuple[TrackGrid, ...]
    home: tuple[TrackGrid, ...]


def room_view(room: str, grids: Iterable[TrackGrid]) -> RoomView:
    """Sort a home's gridded signals by what they are to one room."""
    return room_views([room], grids)[0]


def room_views(rooms: Iterable[str], grids: Iterable[TrackGrid]) -> list[RoomView]:
    """Sort a home's gridded signals by what they are to each room."""
    own: dict[str | None, list[TrackGrid]] = defaultdict(list)
    activity: list[tuple[str | None, TrackGrid]] = []
    for grid in grids:
        signal = grid.track.signal
        own[signal.room].append(grid)
        if signal.role in ACTIVITY_ROLES:
            activity.append((signal.room, grid))
    home = tuple(own[None])
    return [
        RoomView(tuple(own[room]), tuple(grid for place, grid in activity if place != room), home) for room in rooms
    ]
