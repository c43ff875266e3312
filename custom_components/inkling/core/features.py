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
from .units import ACTIVITY_ROLES, Role
from .window import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "CHANNELS",
    "FEATURES_VERSION",
    "HOME_CHANNELS",
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

FEATURES_VERSION = 1

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
_LIMIT = 4.0
"""No channel leaves +-4: a broken sensor must not drive a network out of the range it learned."""

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
    Role.GENERIC: ("known", "recency"),
    **dict.fromkeys(SCALES, _NUMERIC_KINDS),
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

    __slots__ = ("_elsewhere", "_ends", "_home", "_own", "_shape")

    def __init__(self, views: Sequence[RoomView], edges: NDArray[np.float64]) -> None:
        """Take views whose grids were all made in one call with these edges, shape (ends, steps + 1)."""
        self._own = Scope([view.own for view in views])
        self._elsewhere = Scope([view.elsewhere for view in views])
        self._home = Scope([view.home for view in views])
        self._ends = edges[:, 1:]
        self._shape = (len(views), edges.shape[0], edges.shape[1] - 1)

    def write(self, name: str, out: NDArray[np.float32]) -> None:
        """Write a channel, called `scope.role.kind`, over zeros; views without its signals keep them."""
        scope_name, subject, kind = name.split(".")
        if subject in ("lead", "exit_lead"):
            out[:] = self._lead(scope_name, subject)
            return
        scope = {"room": self._own, "elsewhere": self._elsewhere, "home": self._home}[scope_name]
        roles = ACTIVITY_ROLES if subject == "activity" else frozenset((Role(subject),))
        if (found := scope.find(roles)) is None:
            return
        joined = found.joined
        if kind == "known":
            values = joined.known
        elif kind == "recency":
            values = recency(self._ends - joined.moment)
        elif kind == "rise":
            values = _rise(joined.mean, joined.known) * _RISE_GAINS[Role(subject)]
        else:
            values = joined.mean
        found.spread(np.clip(values, -_LIMIT, _LIMIT), out)

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


def _rise(mean: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each step's level above the mean of the window's known part, 0 where unknown, same shape."""
    weight = known.sum(axis=-1, keepdims=True)
    level = (mean * known).sum(axis=-1, keepdims=True) / np.where(weight > 0.0, weight, 1.0)
    return np.where(known > 0.0, mean - level, 0.0)


def build_views(views: Sequence[RoomView], channels: Sequence[str], edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the model input of every view at every end, shape (views, ends, steps, channels), within +-4.

    `edges` has shape (ends, steps + 1), as the views' grids were made with, all in one call.
    """
    maker = ChannelMaker(views, edges)
    out = np.zeros((len(views), edges.shape[0], edges.shape[1] - 1, len(channels)), dtype=np.float32)
    for position, name in enumerate(channels):
        maker.write(name, out[..., position])
    return out


def build(view: RoomView, channels: Sequence[str], edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the model input of a room at every end, shape (ends, steps, channels), within +-4."""
    return np.asarray(build_views([view], channels, edges)[0])
