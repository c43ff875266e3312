"""Gridded readings -> the matrix a model sees, named channel by channel in its manifest.

Rooms differ in what they have, so a channel belongs to a role, not to a sensor: several sensors of a role
are joined, and each role carries a channel that says how much of it is known. What happens elsewhere in the
home enters as channels of its own: a sleeper is known by where the last movement was.

Any number of views is built at once, so that a tick of many rooms costs few and large NumPy operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .home_grid import SCALES, RoomView, TrackGrid, grid_tracks, is_known_now, room_view, room_views
from .join import Scope
from .memory import COMPANY_KINDS
from .units import ACTIVITY_ROLES, Role
from .window import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .join import Joined

    Offsets = NDArray[np.float64] | float | None

__all__ = [
    "CHANNELS",
    "FEATURES_VERSION",
    "HOME_CHANNELS",
    "MEMORY_CHANNELS",
    "ROOM_CHANNELS",
    "RoomView",
    "TrackGrid",
    "build",
    "build_views",
    "grid_tracks",
    "is_known_now",
    "lead",
    "recency",
    "room_view",
    "room_views",
]

FEATURES_VERSION = 2

# Recency is 1 now, 0 at a day or never, and half after about 27 minutes.
_RECENCY_SCALE_SECONDS = 30.0
_RECENCY_LIMIT_SECONDS = 86_400.0
_LOG = float(np.log1p(_RECENCY_LIMIT_SECONDS / _RECENCY_SCALE_SECONDS))

# A rise is small against a level: these bring an hour's usual movement near 1.
_RISE_GAINS: dict[Role, float] = {
    Role.POWER: 2.0,
    Role.ILLUMINANCE: 2.0,
    Role.CO2: 10.0,
    Role.TEMPERATURE: 20.0,
    Role.HUMIDITY: 10.0,
    Role.SOUND: 2.0,
}
# What stays of a level above the lowest of half a day: a lived-in room's rise comes near 1.
_EXCESS_GAINS: dict[Role, float] = {
    Role.POWER: 1.0,
    Role.ILLUMINANCE: 1.0,
    Role.CO2: 2.0,
    Role.TEMPERATURE: 4.0,
    Role.HUMIDITY: 3.0,
    Role.SOUND: 1.0,
}
# Persons and rooms are told in fours: a fifth adds little.
_FEW = 4.0
_DAY_SECONDS = 86_400.0
_WEEKEND_FROM = 5
# 1970 began on a Thursday, the fourth day of a week that begins on Monday.
_FIRST_WEEKDAY = 3
_LIMIT = 4.0
"""No channel leaves +-4: a broken sensor must not drive a network out of the range it learned."""

_BINARY_KINDS = ("mean", "known", "now")
_EVENT_KINDS = ("mean", "known", "recency", "now")
_ACTIVITY_KINDS = (*_EVENT_KINDS, "onset")
_NUMERIC_KINDS = ("mean", "known", "rise", "excess")
_KINDS: dict[Role, tuple[str, ...]] = {
    Role.MOTION: _ACTIVITY_KINDS,
    Role.PRESENCE: _ACTIVITY_KINDS,
    Role.DOOR: _EVENT_KINDS,
    Role.VIBRATION: _ACTIVITY_KINDS,
    Role.WINDOW: _BINARY_KINDS,
    Role.LIGHT: _BINARY_KINDS,
    Role.MEDIA: _BINARY_KINDS,
    Role.GENERIC: ("known", "recency"),
    **dict.fromkeys(SCALES, _NUMERIC_KINDS),
}
HOME_CHANNELS = (
    "elsewhere.activity.mean",
    "elsewhere.activity.known",
    "elsewhere.activity.recency",
    "elsewhere.activity.now",
    "elsewhere.rooms.since",
    "home.door.known",
    "home.door.recency",
    "home.person.mean",
    "home.person.known",
    "home.person.total",
    *(f"home.company.{kind}" for kind in COMPANY_KINDS),
    "home.clock.sin",
    "home.clock.cos",
    "home.clock.weekend",
    "home.clock.known",
    "room.lead.recency",
    "room.lead.sign",
    "room.exit_lead.recency",
    "room.exit_lead.sign",
    "home.exit_lead.recency",
    "home.exit_lead.sign",
)
ROOM_CHANNELS = tuple(f"room.{role}.{kind}" for role in Role if role is not Role.PERSON for kind in _KINDS[role])
CHANNELS = ROOM_CHANNELS + HOME_CHANNELS
"""Every channel of this features version, in the canonical order."""
MEMORY_CHANNELS = frozenset(name for name in CHANNELS if name.endswith(".excess") or ".company." in name)
"""Channels that look further back than the window and its leads: half a day of levels, a day of movement."""


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


class ChannelMaker:
    """Computes the channels of many views; arrays have shape (views, ends, steps)."""

    __slots__ = ("_elsewhere", "_ends", "_home", "_local", "_own", "_shape", "_views")

    def __init__(self, views: Sequence[RoomView], edges: NDArray[np.float64], offsets: Offsets = None) -> None:
        """Take views whose grids were all made in one call with these edges, shape (ends, steps + 1)."""
        self._views = views
        self._local = None if offsets is None else edges[:, 1:] + np.reshape(offsets, (-1, 1))
        self._own = Scope([view.own for view in views])
        self._elsewhere = Scope([view.elsewhere for view in views])
        self._home = Scope([view.home for view in views])
        self._ends = edges[:, 1:]
        self._shape = (len(views), edges.shape[0], edges.shape[1] - 1)

    def write(self, name: str, out: NDArray[np.float32]) -> None:
        """Write a channel, called `scope.role.kind`, over zeros; views without its signals keep them."""
        scope_name, subject, kind = name.split(".")
        special = {"clock": self._clock, "company": self._company, "rooms": self._rooms}
        if subject in ("lead", "exit_lead"):
            ahead = self._lead(scope_name, subject)
            # Who shut the door five seconds after the last step is gone for hours: the order counts, not the distance.
            out[:] = np.sign(ahead) if kind == "sign" else ahead
            return
        if subject in special:
            out[:] = special[subject](kind)
            return
        scope = {"room": self._own, "elsewhere": self._elsewhere, "home": self._home}[scope_name]
        roles = ACTIVITY_ROLES if subject == "activity" else frozenset((Role(subject),))
        if (found := scope.find(roles)) is not None:
            found.spread(np.clip(self._values(found.joined, subject, kind), -_LIMIT, _LIMIT), out)

    def _values(self, joined: Joined, subject: str, kind: str) -> NDArray[np.float64]:
        """Return a channel of joined signals, shape (sets, ends, steps)."""
        if kind == "recency":
            return recency(self._ends - joined.moment)
        if kind == "onset":
            return recency(self._ends - joined.onset)
        if kind == "rise":
            return _rise(joined.mean, joined.known) * _RISE_GAINS[Role(subject)]
        if kind == "excess":
            return joined.excess * _EXCESS_GAINS[Role(subject)]
        if kind == "total":
            return joined.total / _FEW
        found: NDArray[np.float64] = getattr(joined, kind)
        return found

    def _clock(self, kind: str) -> NDArray[np.float64] | float:
        """Return the time of day and week on the home's clock, shape (ends, steps); 0 where its offset is unknown."""
        if self._local is None:
            return 0.0
        if kind == "known":
            return 1.0
        if kind == "weekend":
            weekday = (np.floor(self._local / _DAY_SECONDS) + _FIRST_WEEKDAY) % 7
            return np.where(weekday >= _WEEKEND_FROM, 1.0, 0.0)
        angle = self._local * (2.0 * np.pi / _DAY_SECONDS)
        return np.asarray(np.sin(angle) if kind == "sin" else np.cos(angle))

    def _company(self, kind: str) -> NDArray[np.float64]:
        """Return what the day shows of how many live here, (views, ends, 1), to views that know other rooms."""
        found = np.zeros((*self._shape[:2], 1))
        for position, view in enumerate(self._views):
            if view.elsewhere:
                found[position, :, 0] = view.elsewhere[0].block.company[COMPANY_KINDS.index(kind)]
        return found

    def _rooms(self, _: str) -> NDArray[np.float64]:
        """Return in how many other rooms somebody moved after the last movement here, in fours, within the limit."""
        ours = self._moment(self._own, ACTIVITY_ROLES)
        found = np.zeros(self._shape)
        places: dict[int, NDArray[np.float64]] = {}
        for position, view in enumerate(self._views):
            if not view.elsewhere:
                continue
            if (moments := places.get(id(view.elsewhere))) is None:
                moments = places[id(view.elsewhere)] = _newest_by_room(view.elsewhere)
            found[position] = (moments > ours[position]).sum(axis=0)
        return np.minimum(found / _FEW, _LIMIT)

    def _lead(self, scope_name: str, subject: str) -> NDArray[np.float64]:
        """Return by how much the room's activity (or anybody's) is newer than the rival event; 0 without a rival."""
        ours = self._moment(self._own, ACTIVITY_ROLES)
        rival, roles = (self._elsewhere, ACTIVITY_ROLES)
        if subject == "exit_lead":
            rival, roles = (self._home, frozenset((Role.DOOR,)))
        if scope_name == "home":
            ours = np.maximum(ours, self._moment(self._elsewhere, ACTIVITY_ROLES))
        return lead(ours, self._moment(rival, roles)) * rival.has(roles)[:, None, None]

    def _moment(self, scope: Scope, roles: frozenset[Role]) -> NDArray[np.float64]:
        """Return the newest moment of each view's signals of some roles, -inf where none acted."""
        moment = np.full(self._shape, NEVER)
        if (found := scope.find(roles)) is not None:
            found.spread(found.joined.moment, moment)
        return moment


def _newest_by_room(grids: Sequence[TrackGrid]) -> NDArray[np.float64]:
    """Return the newest moment of each room among some signals, shape (rooms, ends, steps)."""
    rooms: dict[str | None, int] = {}
    places = [rooms.setdefault(grid.track.signal.room, len(rooms)) for grid in grids]
    moments = grids[0].block.moment[[grid.row for grid in grids]]
    if len(rooms) == len(grids):
        return moments
    found = np.full((len(rooms), *moments.shape[1:]), NEVER)
    np.maximum.at(found, places, moments)
    return found


def _rise(mean: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each step's level above the mean of the window's known part, 0 where unknown, same shape."""
    weight = known.sum(axis=-1, keepdims=True)
    level = (mean * known).sum(axis=-1, keepdims=True) / np.where(weight > 0.0, weight, 1.0)
    return np.where(known > 0.0, mean - level, 0.0)


def build_views(
    views: Sequence[RoomView], channels: Sequence[str], edges: NDArray[np.float64], offsets: Offsets = None
) -> NDArray[np.float32]:
    """Return the model input of every view at every end, shape (views, ends, steps, channels), within +-4.

    `edges` has shape (ends, steps + 1), as the views' grids were made with, all in one call. `offsets`, what the home's
    clock is ahead of UTC in seconds, has shape (ends,) or is one number; None leaves the time of day unknown.
    """
    maker = ChannelMaker(views, edges, offsets)
    out = np.zeros((len(views), edges.shape[0], edges.shape[1] - 1, len(channels)), dtype=np.float32)
    for position, name in enumerate(channels):
        maker.write(name, out[..., position])
    return out


def build(
    view: RoomView, channels: Sequence[str], edges: NDArray[np.float64], offsets: Offsets = None
) -> NDArray[np.float32]:
    """Return the model input of a room at every end, shape (ends, steps, channels), within +-4."""
    return np.asarray(build_views([view], channels, edges, offsets)[0])
