"""What a model may not talk itself out of: movement seen in the room now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .units import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .home_grid import RoomView

_ACTIVE_ABOVE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The least log-odds of a room whose own motion sensor is on, as measured on training data; from its manifest.

    Presence sensors get none: a radar's ghost may last all day. Nor does a motion sensor that has been on for longer
    than `stuck_seconds`.
    """

    motion_log_odds: float | None = None
    """None trusts the network alone."""
    stuck_seconds: float = 3600.0

    def floor(self, view: RoomView) -> NDArray[np.float64]:
        """Return the least log-odds at each end of a room's view, shape (ends,) or (1,); -inf where there is none."""
        motion = [grid for grid in view.own if grid.track.signal.role is Role.MOTION]
        if self.motion_log_odds is None or not motion:
            return np.full(1, -np.inf)
        ends = motion[0].edges[:, -1]
        moving = [
            (grid.now[:, -1] > _ACTIVE_ABOVE) & (ends - grid.onset[:, -1] <= self.stuck_seconds) for grid in motion
        ]
        return np.where(np.any(moving, axis=0), self.motion_log_odds, -np.inf)
