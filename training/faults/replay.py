"""Walk a recorded home through the two halves of the watch, as Home Assistant would have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Self

import numpy as np

from custom_components.inkling.core.faults.classes import Alarm, Context, Settings, WatchedSignal
from custom_components.inkling.core.faults.intake import BIN_SECONDS
from custom_components.inkling.core.faults.watch import Watch

from .feed import Feed
from .readings import Series, all_series, series_of, watched

__all__ = ["Home", "Series", "all_series", "series_of", "watched"]

# What came back after all of the home was away is compared with nothing older.
_AFTER_GAP_SECONDS = 7200.0


class Home:
    """A recorded home and a watch that has seen it up to an instant."""

    def __init__(
        self,
        signals: tuple[WatchedSignal, ...],
        series: Mapping[str, Series],
        settings: Settings,
        away: tuple[float, float] = (np.inf, np.inf),
    ) -> None:
        """Begin before the first reading; all people are known to be out from the first to the second of `away`."""
        self._away = away
        self.signals = signals
        self.watch = Watch(signals, settings)
        self._feed = Feed(signals, series)
        self.bin = self._feed.first
        self.end = self._feed.end
        """When the recording ends, epoch seconds."""
        self._gap_until = -np.inf

    @property
    def now(self) -> float:
        """Return where the walk stands, epoch seconds."""
        return float(self.bin * BIN_SECONDS)

    def branch(self, changed: Mapping[str, Series]) -> Self:
        """Return a copy that goes on from here with other readings of some signals."""
        other = object.__new__(type(self))
        other.signals, other.end = self.signals, self.end
        other.watch = deepcopy(self.watch)
        other._feed = self._feed.changed(changed)
        other.bin, other._gap_until, other._away = self.bin, self._gap_until, self._away
        return other

    def walk(self, until: float) -> Iterator[Alarm]:
        """Go on to an instant, and yield the alarms as they are raised."""
        while self.now + BIN_SECONDS <= until:
            yield from self._step()

    def _step(self) -> tuple[Alarm, ...]:
        """Feed one bin and judge it."""
        batch = self._feed.batch(self.bin)
        self.bin += 1
        # A recording that says nothing of anything was not running: the watch was not either.
        if np.isnan(batch.value).all():
            self._gap_until = batch.now + _AFTER_GAP_SECONDS
        is_away = self._away[0] <= batch.now < self._away[1]
        context = Context(batch.now, is_away, is_starting=batch.now < self._gap_until)
        return self.watch.tick(batch, context, with_health=False).opened
