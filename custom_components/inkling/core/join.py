"""Several signals of a role become one, for many views at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .units import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .home_grid import Block, TrackGrid

# Air mixes, and persons count: their level is the mean of what is known. Elsewhere the strongest counts.
_MIXING_ROLES = frozenset({Role.TEMPERATURE, Role.HUMIDITY, Role.CO2, Role.PERSON})


@dataclass(frozen=True, slots=True)
class _Layer:
    """The k-th signal of every set that has so many."""

    sets: NDArray[np.intp]
    """Which of the sets, counted among those that have any."""
    rows: NDArray[np.intp]


class Joined:
    """Signals of some roles, joined set by set; arrays have shape (sets with any, ends, steps), each made once."""

    def __init__(self, block: Block, rows: Sequence[Sequence[int]], *, mixing: bool) -> None:
        """Take each set's rows in the block, none of them empty."""
        self._block = block
        self._mixing = mixing
        self._layers = [
            _Layer(
                np.array([position for position, found in enumerate(rows) if len(found) > depth]),
                np.array([found[depth] for found in rows if len(found) > depth]),
            )
            for depth in range(max(map(len, rows)))
        ]

    @cached_property
    def known(self) -> NDArray[np.float64]:
        """Return the known share of the signal that is known best."""
        return self._highest(self._block.known)

    @cached_property
    def moment(self) -> NDArray[np.float64]:
        """Return the newest moment of any signal."""
        return self._highest(self._block.moment)

    @cached_property
    def onset(self) -> NDArray[np.float64]:
        """Return the newest beginning of activity of any signal."""
        return self._highest(self._block.onset)

    @cached_property
    def now(self) -> NDArray[np.float64]:
        """Return the highest level that stands at each step's end."""
        return self._highest(self._block.now)

    @cached_property
    def total(self) -> NDArray[np.float64]:
        """Return the sum of the levels that stand at each step's end."""
        out = self._block.now[self._layers[0].rows]
        for layer in self._layers[1:]:
            out[layer.sets] += self._block.now[layer.rows]
        return out

    @cached_property
    def excess(self) -> NDArray[np.float64]:
        """Return the mean of each signal's level above its own lowest, over what is known; 0 where nothing is."""
        total, weight = np.zeros((2, *self.known.shape))
        for layer in self._layers:
            low = self._block.low[layer.rows][..., None]
            known = np.where(np.isfinite(low), self._block.known[layer.rows], 0.0)
            total[layer.sets] += (self._block.mean[layer.rows] - np.where(np.isfinite(low), low, 0.0)) * known
            weight[layer.sets] += known
        return np.asarray(total / np.where(weight > 0.0, weight, 1.0))

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """Return the joined level over known signals only: a dead microphone must not outshout a quiet room."""
        if len(self._layers) == 1:
            return np.asarray(self._block.mean[self._layers[0].rows])
        return self._mixed() if self._mixing else self._strongest()

    def _highest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the highest of each set."""
        out = values[self._layers[0].rows]
        for layer in self._layers[1:]:
            out[layer.sets] = np.maximum(out[layer.sets], values[layer.rows])
        return out

    def _strongest(self) -> NDArray[np.float64]:
        """Return the highest known level of each set, 0 where none is known."""
        out = np.full(self.known.shape, -np.inf)
        for layer in self._layers:
            level = np.where(self._block.known[layer.rows] > 0.0, self._block.mean[layer.rows], -np.inf)
            out[layer.sets] = np.maximum(out[layer.sets], level)
        return np.where(self.known > 0.0, out, 0.0)

    def _mixed(self) -> NDArray[np.float64]:
        """Return the mean level of each set, each signal weighing as much as is known of it."""
        total, weight = np.zeros((2, *self.known.shape))
        for layer in self._layers:
            known = self._block.known[layer.rows]
            total[layer.sets] += self._block.mean[layer.rows] * known
            weight[layer.sets] += known
        return np.asarray(total / np.where(weight > 0.0, weight, 1.0))


@dataclass(frozen=True, slots=True)
class Found:
    """What a scope has of some roles."""

    joined: Joined
    views: NDArray[np.intp]
    """The views that have any."""
    sets: NDArray[np.intp]
    """Which joined set each of them takes."""

    def spread(self, values: NDArray[np.float64], out: NDArray[np.float32] | NDArray[np.float64]) -> None:
        """Write values of the joined sets, (sets with any, ends, steps), to the views that have them."""
        out[self.views] = values[self.sets]


class Scope:
    """One set of signals for each view; views that share a tuple share the work."""

    __slots__ = ("_count", "_found", "_set_of_view", "_sets")

    def __init__(self, signals: Sequence[tuple[TrackGrid, ...]]) -> None:
        """Take every view's signals."""
        # Occlusion asks about many views that differ in one scope only; equal tuples are the same object there.
        positions: dict[int, int] = {}
        self._sets: list[tuple[TrackGrid, ...]] = []
        for found in signals:
            if positions.setdefault(id(found), len(self._sets)) == len(self._sets):
                self._sets.append(found)
        self._set_of_view = np.array([positions[id(found)] for found in signals], dtype=np.intp)
        self._count = len(signals)
        self._found: dict[frozenset[Role], Found | None] = {}

    def find(self, roles: frozenset[Role]) -> Found | None:
        """Return the joined signals of some roles, looked for once; None when no view has any."""
        if roles not in self._found:
            self._found[roles] = self._search(roles)
        return self._found[roles]

    def has(self, roles: frozenset[Role]) -> NDArray[np.bool_]:
        """Return which views have a signal of some roles, shape (views,)."""
        out = np.zeros(self._count, dtype=np.bool_)
        if (found := self.find(roles)) is not None:
            out[found.views] = True
        return out

    def _search(self, roles: frozenset[Role]) -> Found | None:
        """Collect the signals of some roles set by set."""
        chosen = [[grid for grid in found if grid.track.signal.role in roles] for found in self._sets]
        some = [position for position, grids in enumerate(chosen) if grids]
        if not some:
            return None
        blocks = {id(grid.block): grid.block for position in some for grid in chosen[position]}
        if len(blocks) > 1:
            message = "the signals of views that are built together must be gridded in one call"
            raise ValueError(message)
        rank = np.full(len(self._sets), -1)
        rank[some] = np.arange(len(some))
        ranks = rank[self._set_of_view]
        (views,) = np.nonzero(ranks >= 0)
        rows = [[grid.row for grid in chosen[position]] for position in some]
        (block,) = blocks.values()
        return Found(Joined(block, rows, mixing=roles <= _MIXING_ROLES), views, ranks[views])
