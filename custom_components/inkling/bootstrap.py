"""Learn the past once: the recorder's days replayed through the occupancy model, then the hours of its statistics.

It runs after the start-up in the background, a room's day at a time with pauses between. What is done is kept with what
was learned, so that a restart goes on where it was.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
import logging
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.recorder import get_instance
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util
import numpy as np

from .bootstrap_day import DAY_SECONDS, JudgedDay, async_tracks, ends_of, has_readings, is_shared, judge_day, shares_of
from .bootstrap_statistics import async_hourly_shares
from .bootstrap_trace import TracePast, read_past, traces_in
from .const import BOOTSTRAP_DAYS_LIMIT, BOOTSTRAP_PAUSE_SECONDS, DOMAIN
from .core.decide import DecisionParameters
from .core.home import home_probability
from .core.pipeline import Model
from .core.slots import SLOT_SECONDS, WEEKS_KEPT
from .core.window import Track
from .history import async_flush, has_recorder
from .rooms import Binding, decision_parameters, monitors_of

if TYPE_CHECKING:
    from .data import InklingConfigEntry

_LOGGER = logging.getLogger(__name__)
_KEY = "bootstrap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Which monitors' past is learned, and how far the pass over the others has come; epoch seconds."""

    done: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    next_day: float = 0.0
    end: float = 0.0

    @classmethod
    def of(cls, kept: Any) -> Progress:  # noqa: ANN401 - whatever was kept
        """Return what was kept; anything else begins anew, which costs time and no truth."""
        try:
            return cls(
                done=frozenset(map(str, kept["done"])),
                pending=frozenset(map(str, kept["pending"])),
                next_day=float(kept["next_day"]),
                end=float(kept["end"]),
            )
        except KeyError, TypeError, ValueError:
            return cls()

    def kept(self) -> dict[str, Any]:
        """Return it in JSON's types."""
        return {
            "done": sorted(self.done),
            "pending": sorted(self.pending),
            "next_day": self.next_day,
            "end": self.end,
        }

    def begun(self, monitors: Iterable[str], first: float, now: float) -> Progress:
        """Return the pass to go on with: the one that was under way, or a new one where others are wanted too."""
        living = frozenset(monitors)
        wanted = living - self.done
        if wanted and wanted == self.pending & living:
            return replace(self, done=self.done & living, pending=wanted)
        return Progress(done=self.done & living, pending=wanted, next_day=first, end=now - now % SLOT_SECONDS)


@callback
def start_bootstrap(hass: HomeAssistant, entry: InklingConfigEntry) -> CALLBACK_TYPE:
    """Learn the past once Home Assistant has started; return what takes that back."""

    @callback
    def begin(_: HomeAssistant) -> None:
        """Learn in the background."""
        entry.async_create_background_task(hass, _async_run(hass, entry), "Inkling learning the past")

    return async_at_started(hass, begin)


async def _async_run(hass: HomeAssistant, entry: InklingConfigEntry) -> None:
    """Learn the past of every monitor whose past is not learned yet."""
    model = entry.runtime_data.found.model
    if model is None or not has_recorder(hass):
        return
    try:
        await Bootstrap(hass, entry, model).async_run()
    except Exception:
        # Without its past a home learns from what happens from now on.
        _LOGGER.exception("The past could not be learned, so forecasts start with what happens from now on")


class Bootstrap:
    """One pass over the recorder's days; lives on the loop, works in the recorder's and other workers."""

    def __init__(self, hass: HomeAssistant, entry: InklingConfigEntry, model: Model) -> None:
        """Decide as the home decides now."""
        self._hass = hass
        self._entry = entry
        self._model = model
        self._runtime = entry.runtime_data
        self._store = entry.runtime_data.forecasting.store
        self._parameters: DecisionParameters = decision_parameters(entry, model.manifest.decision)

    async def async_run(self) -> None:
        """Learn day after day, then the statistics of what is older; say so when it is over."""
        now = dt_util.utcnow().timestamp()
        days = min(BOOTSTRAP_DAYS_LIMIT, get_instance(self._hass).keep_days)
        first = (now // DAY_SECONDS - days) * DAY_SECONDS
        monitors = [monitor.id for monitor in monitors_of(self._entry)]
        progress = Progress.of(self._store.extras.get(_KEY)).begun(monitors, first, now)
        if not progress.pending:
            return
        await async_flush(self._hass)
        while progress.next_day < progress.end:
            stop = min(progress.next_day + DAY_SECONDS, progress.end)
            if not await self._async_day(progress, progress.next_day, stop):
                # The database is out of order; the next start goes on here.
                return
            progress = replace(progress, next_day=stop)
            self._store.keep(_KEY, progress.kept())
        await self._async_traces(progress)
        for monitor in sorted(progress.pending):
            if (found := await async_hourly_shares(self._hass, monitor, now)) is not None:
                self._store.merge(monitor, *found)
        done = Progress(done=progress.done | progress.pending)
        self._store.keep(_KEY, done.kept())
        self._runtime.forecasting.mark_due(progress.pending)
        _LOGGER.debug("Learned the past of %s rooms, the home counted", len(progress.pending))

    async def _async_traces(self, progress: Progress) -> None:
        """Learn what exports of this home tell of days that the recorder does not."""
        wanted = {item.entity_id for item in self._runtime.ingest.bindings}
        folder = Path(self._hass.config.path(DOMAIN, "traces"))
        for path in await self._hass.async_add_executor_job(traces_in, folder):
            oldest = progress.end - WEEKS_KEPT * 7 * DAY_SECONDS
            trace = await self._hass.async_add_executor_job(read_past, path, wanted, oldest, progress.end)
            for start, stop in () if trace is None else trace.days():
                await self._async_day(progress, start, stop, trace)

    async def _async_tracks(
        self, bindings: list[Binding], start: float, stop: float, trace: TracePast | None
    ) -> list[Track] | None:
        """Return what bindings read, by a trace or by the recorder; None when that cannot be read."""
        if trace is not None:
            return await self._hass.async_add_executor_job(trace.tracks, bindings, start, stop)
        return await async_tracks(self._hass, bindings, start, stop)

    async def _async_day(self, progress: Progress, start: float, stop: float, trace: TracePast | None = None) -> bool:
        """Learn a day of every pending monitor; return whether the recorder could be read."""
        bindings = self._runtime.ingest.bindings
        shared = await self._async_tracks([item for item in bindings if is_shared(item)], start, stop, trace)
        if shared is None:
            return False
        is_home = self._entry.entry_id in progress.pending
        judged: list[JudgedDay] = []
        for monitor in monitors_of(self._entry):
            if monitor.subentry_id is None or not (is_home or monitor.id in progress.pending):
                continue
            own = [item for item in bindings if item.signal.room == monitor.id and not is_shared(item)]
            tracks = await self._async_tracks(own, start, stop, trace)
            found = None if tracks is None else await self._async_room(monitor.id, [*shared, *tracks], start, stop)
            if found is None:
                return False
            judged += found
            if found and monitor.id in progress.pending:
                self._store.merge(monitor.id, int(start // SLOT_SECONDS), found[0].shares)
        if is_home and judged:
            self._learn_home(judged, start, stop)
        return True

    async def _async_room(self, room: str, tracks: list[Track], start: float, stop: float) -> list[JudgedDay]:
        """Return a room's judged day, none when nothing of it was recorded."""
        if not has_readings(tracks, room):
            return []
        ends = ends_of(start, stop)
        found = await self._hass.async_add_executor_job(judge_day, self._model, self._parameters, tracks, room, ends)
        await asyncio.sleep(BOOTSTRAP_PAUSE_SECONDS)
        return [found]

    def _learn_home(self, judged: list[JudgedDay], start: float, stop: float) -> None:
        """Learn a day of the home from its rooms' probabilities."""
        ends = ends_of(start, stop)
        rooms = np.array([day.probabilities for day in judged])
        probabilities = np.array([_home_at(column) for column in rooms.T.tolist()])
        self._store.merge(
            self._entry.entry_id, int(start // SLOT_SECONDS), shares_of(self._parameters, ends, probabilities)
        )


def _home_at(rooms: list[float]) -> float:
    """Return the home's probability at one instant, NaN while unknown; who was at home then is not asked."""
    found = home_probability([None if math.isnan(value) else value for value in rooms], [])
    return math.nan if found is None else found
