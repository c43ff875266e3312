"""Gridded readings -> the matrix a model sees, named channel by channel in its manifest.

Rooms differ in what they have, so a channel belongs to a role, not to a sensor: several sensors of a role
are joined, and each role carries a channel that says how much of it is known. What happens elsewhere in the
home enters as channels of its own: a sleeper is known by where the last movement was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .grid import Spans, last_active, last_change, make_spans, stands, step_edges, time_weighted
from .units import ACTIVITY_ROLES, ROLE_SPECS, Role
from .window import NEVER, Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

FEATURES_VERSION = 1

# Recency is 1 now, 0 at a day or never, and half after about 27 minutes.
_RECENCY_SCALE_SECONDS = 30.0
_RECENCY_LIMIT_SECONDS = 86_400.0
_ACTIVE_ABOVE = 0.5

_LOG = np.log1p(_RECENCY_LIMIT_SECONDS / _RECENCY_SCALE_SECONDS)


def _scale_power(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compress watts, so that a kettle does not drown a lamp."""
    return np.log10(1.0 + np.maximum(values, 0.0)) / 4.0


def _scale_light(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compress lux as the eye does: 100 lx is half of daylight's 10 000."""
    return np.log10(1.0 + np.maximum(values, 0.0)) / 4.0


_SCALES: dict[Role, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    Role.POWER: _scale_power,
    Role.ILLUMINANCE: _scale_light,
    Role.CO2: lambda values: np.clip((values - 400.0) / 1000.0, -0.2, 3.0),
    Role.TEMPERATURE: lambda values: np.clip((values - 20.0) / 10.0, -3.0, 3.0),
    Role.HUMIDITY: lambda values: (values - 45.0) / 30.0,
    Role.SOUND: lambda values: (values - 40.0) / 40.0,
}
# A rise is small against a level: these bring an hour's usual movement near 1.
_RISE_GAINS: dict[Role, float] = {
    Role.POWER: 2.0,
    Role.ILLUMINANCE: 2.0,
    Role.CO2: 10.0,
    Role.TEMPERATURE: 20.0,
    Role.HUMIDITY: 10.0,
    Role.SOUND: 2.0,
}
_LIMIT = 4.0
"""No channel leaves +-4: a broken sensor must not drive a network out of the range it learned."""


class TrackGrid:
    """One signal on the grid of all ends asked for."""

    __slots__ = ("edges", "known", "mean", "moment", "spans", "track")

    def __init__(self, track: Track, edges: NDArray[np.float64]) -> None:
        """Grid a track; `edges` has shape (ends, steps + 1)."""
        self.track = track
        self.edges = edges
        gap = ROLE_SPECS[track.signal.role].max_gap_seconds
        self.spans: Spans = make_spans(track.times, track.values, gap, float(edges[:, -1].max()))
        mean, self.known = time_weighted(self.spans, edges)
        scale = _SCALES.get(track.signal.role)
        self.mean: NDArray[np.float64] = mean if scale is None else np.where(self.known > 0.0, scale(mean), 0.0)
        self.moment: NDArray[np.float64] = self._moments()

    def _moments(self) -> NDArray[np.float64]:
        """Return when the signal last did what its role counts, at each step's end, epoch seconds, (ends, steps)."""
        ends = self.edges[:, 1:]
        if self.track.signal.role in ACTIVITY_ROLES:
            active = self.track.values > _ACTIVE_ABOVE
            return last_active(self.spans, active, ends, self.track.active_before)
        if self.track.signal.role in (Role.DOOR, Role.GENERIC):
            return last_change(self.spans, ends, self.track.changed_before, self.track.value_before)
        return np.full(ends.shape, NEVER)


def recency(ages: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 for just now falling to 0 for a day ago or never; `ages` in seconds, any shape."""
    clipped = np.clip(ages, 0.0, _RECENCY_LIMIT_SECONDS)
    return np.asarray(1.0 - np.log1p(clipped / _RECENCY_SCALE_SECONDS) / _LOG)


def lead(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return who acted last: +1 we by a day, -1 they by a day, 0 together or neither; epoch seconds, any shape."""
    neither = np.isneginf(ours) & np.isneginf(theirs)
    limit = _RECENCY_LIMIT_SECONDS
    with np.errstate(invalid="ignore"):
        ahead = np.clip(np.where(neither, 0.0, ours - theirs), -limit, limit)
    return np.asarray(np.sign(ahead) * np.log1p(np.abs(ahead) / _RECENCY_SCALE_SECONDS) / _LOG)


@dataclass(frozen=True, slots=True)
class RoomView:
    """What one room's window is made of: its own signals, the other rooms' activity, and the home's."""

    own: tuple[TrackGrid, ...]
    elsewhere: tuple[TrackGrid, ...]
    home: tuple[TrackGrid, ...]


def room_view(room: str, grids: Sequence[TrackGrid]) -> RoomView:
    """Sort a home's gridded signals by what they are to one room."""
    return RoomView(
        own=tuple(grid for grid in grids if grid.track.signal.room == room),
        elsewhere=tuple(
            grid for grid in grids if grid.track.signal.role in ACTIVITY_ROLES and grid.track.signal.room != room
        ),
        home=tuple(grid for grid in grids if grid.track.signal.room is None),
    )


def grid_tracks(
    tracks: Iterable[Track], ends: NDArray[np.float64], steps: int, step_seconds: float
) -> tuple[TrackGrid, ...]:
    """Grid every track at the same ends, shape (ends,) in epoch seconds."""
    edges = step_edges(ends, steps, step_seconds)
    return tuple(TrackGrid(track, edges) for track in tracks)


class ChannelMaker:
    """Computes the channels of one room's view; arrays have shape (ends, steps)."""

    __slots__ = ("_edges", "_shape", "_view")

    def __init__(self, view: RoomView, edges: NDArray[np.float64]) -> None:
        """Take a view whose grids share these edges, shape (ends, steps + 1)."""
        self._view = view
        self._edges = edges
        self._shape = (edges.shape[0], edges.shape[1] - 1)

    def channel(self, name: str) -> NDArray[np.float64]:
        """Return a channel by its name, `scope.role.kind`."""
        scope, subject, kind = name.split(".")
        if subject in ("lead", "exit_lead"):
            return self._lead(scope, subject)
        grids = self._grids(scope, subject)
        if not grids:
            return np.zeros(self._shape)
        if kind == "known":
            return np.max([grid.known for grid in grids], axis=0)
        if kind == "recency":
            return self._recency(grids)
        joined = _join(grids)
        return joined if kind == "mean" else self._rise(grids, joined)

    def _grids(self, scope: str, subject: str) -> list[TrackGrid]:
        """Return the gridded signals a channel speaks of."""
        if subject == "activity":
            # A room's neighbours are told apart from the room by scope alone.
            return list(self._view.elsewhere)
        role = Role(subject)
        source = self._view.own if scope == "room" else self._view.home
        return [grid for grid in source if grid.track.signal.role is role]

    def _recency(self, grids: Sequence[TrackGrid]) -> NDArray[np.float64]:
        """Return how recently any of the signals acted."""
        moment = np.max([grid.moment for grid in grids], axis=0)
        return recency(self._edges[:, 1:] - moment)

    def _rise(self, grids: Sequence[TrackGrid], joined: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each step's level above the mean of the known steps of the window, times the role's gain."""
        known = np.max([grid.known for grid in grids], axis=0)
        weight = known.sum(axis=1, keepdims=True)
        level = (joined * known).sum(axis=1, keepdims=True) / np.where(weight > 0.0, weight, 1.0)
        gain = _RISE_GAINS[grids[0].track.signal.role]
        return np.where(known > 0.0, (joined - level) * gain, 0.0)

    def _lead(self, scope: str, subject: str) -> NDArray[np.float64]:
        """Return by how much the room's activity (or anybody's) is newer than the rival event; 0 without a rival."""
        own = self._moment(self._active(self._view.own))
        if subject == "lead":
            rivals: Sequence[TrackGrid] = self._view.elsewhere
        else:
            rivals = [grid for grid in self._view.home if grid.track.signal.role is Role.DOOR]
        if not rivals:
            return np.zeros(self._shape)
        if scope == "home":
            own = np.maximum(own, self._moment(self._view.elsewhere))
        return lead(own, self._moment(rivals))

    @staticmethod
    def _active(grids: Iterable[TrackGrid]) -> list[TrackGrid]:
        """Return the signals whose activity means movement."""
        return [grid for grid in grids if grid.track.signal.role in ACTIVITY_ROLES]

    def _moment(self, grids: Sequence[TrackGrid]) -> NDArray[np.float64]:
        """Return the newest moment of several signals, -inf where none acted."""
        if not grids:
            return np.full(self._shape, NEVER)
        return np.asarray(np.max([grid.moment for grid in grids], axis=0))


def _join(grids: Sequence[TrackGrid]) -> NDArray[np.float64]:
    """Return one level for several signals of a role: the strongest for events, light and noise, the mean for air.

    Only known steps take part: a dead microphone must not outshout a quiet room.
    """
    known = np.stack([grid.known for grid in grids])
    mean = np.stack([grid.mean for grid in grids])
    if grids[0].track.signal.role in (Role.TEMPERATURE, Role.HUMIDITY, Role.CO2, Role.PERSON):
        weight = known.sum(axis=0)
        return np.asarray((mean * known).sum(axis=0) / np.where(weight > 0.0, weight, 1.0))
    strongest = np.where(known > 0.0, mean, -np.inf).max(axis=0)
    return np.asarray(np.where(np.isneginf(strongest), 0.0, strongest))


_BINARY_KINDS = ("mean", "known")
_EVENT_KINDS = ("mean", "known", "recency")
_NUMERIC_KINDS = ("mean", "known", "rise")
_KINDS: dict[Role, tuple[str, ...]] = {
    Role.MOTION: _EVENT_KINDS,
    Role.PRESENCE: _EVENT_KINDS,
    Role.DOOR: _EVENT_KINDS,
    Role.VIBRATION: _EVENT_KINDS,
    Role.WINDOW: _BINARY_KINDS,
    Role.LIGHT: _BINARY_KINDS,
    Role.MEDIA: _BINARY_KINDS,
    Role.PERSON: _BINARY_KINDS,
    Role.GENERIC: ("known", "recency"),
    **dict.fromkeys(_SCALES, _NUMERIC_KINDS),
}
HOME_CHANNELS = (
    "elsewhere.activity.mean",
    "elsewhere.activity.known",
    "elsewhere.activity.recency",
    "home.door.known",
    "home.door.recency",
    "home.person.mean",
    "home.person.known",
    "room.lead.recency",
    "room.exit_lead.recency",
    "home.exit_lead.recency",
)
ROOM_CHANNELS = tuple(f"room.{role}.{kind}" for role in Role if role is not Role.PERSON for kind in _KINDS[role])
CHANNELS = ROOM_CHANNELS + HOME_CHANNELS
"""Every channel of this features version, in the canonical order."""
_LEADS = tuple(name for name in HOME_CHANNELS if "lead" in name)


def channels_of(roles: Iterable[Role]) -> frozenset[str]:
    """Return the channels that a change in signals of these roles, in the room, can touch."""
    roles = frozenset(roles)
    touched = {name for name in ROOM_CHANNELS if Role(name.split(".")[1]) in roles}
    if roles & ACTIVITY_ROLES:
        touched.update(_LEADS)
    return frozenset(touched)


def build(view: RoomView, channels: Sequence[str], edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the model input of a room at every end, shape (ends, steps, channels), within +-4.

    `edges` has shape (ends, steps + 1), as the view's grids were made with.
    """
    maker = ChannelMaker(view, edges)
    out = np.empty((edges.shape[0], edges.shape[1] - 1, len(channels)), dtype=np.float32)
    for position, name in enumerate(channels):
        out[:, :, position] = maker.channel(name)
    return np.clip(out, -_LIMIT, _LIMIT, out=out)


def rebuild(
    base: NDArray[np.float32],
    view: RoomView,
    channels: Sequence[str],
    touched: frozenset[str],
    edges: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Return a copy of `base` in which only the touched channels are computed anew from the view."""
    maker = ChannelMaker(view, edges)
    out = base.copy()
    for position, name in enumerate(channels):
        if name in touched:
            out[:, :, position] = np.clip(maker.channel(name), -_LIMIT, _LIMIT)
    return out


def is_known_now(grid: TrackGrid) -> NDArray[np.bool_]:
    """Return at each end whether the signal's newest reading still stands, shape (ends,)."""
    return stands(grid.spans, grid.edges[:, -1])
