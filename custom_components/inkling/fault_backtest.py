"""What a watch would have said of a time that is over: the recorder's rows through the same two halves."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
import math
from operator import itemgetter

from homeassistant.core import HomeAssistant
import numpy as np

from .appliance_config import appliances_of
from .appliance_days import Watched, watched
from .appliance_past import async_replay
from .const import BACKTEST_PAUSE_SECONDS
from .core.faults.classes import Alarm, Context
from .core.faults.intake import BIN_SECONDS, Intake, raw_value
from .core.faults.watch import Watch
from .core.units import Role
from .fault_config import WatchPlan
from .history import Row, Slice, async_flush, async_rows, has_recorder
from .ingest import unit_of

_DAY_SECONDS = 86_400.0
# What came back after all of the home was away is compared with nothing older.
_AFTER_GAP_SECONDS = 7_200.0

type Reading = tuple[float, int, float]
"""Epoch seconds, the signal's place, its value."""


@dataclass(slots=True)
class Backtest:
    """A watch that has seen a time that is over; epoch seconds."""

    plan: WatchPlan
    intake: Intake
    watch: Watch
    start: float
    end: float
    alarms: list[Alarm] = field(default_factory=list)
    first: float | None = None
    """When the recorder's rows begin, None without any."""
    gap_until: float = -math.inf
    appliances: dict[str, Watched] = field(default_factory=dict)
    """Appliances by the signal of their meter, with all that was learned of them."""

    @property
    def days(self) -> float:
        """Return how many days were seen."""
        return 0.0 if self.first is None else (self.end - self.first) / _DAY_SECONDS

    @property
    def judged_days(self) -> float:
        """Return how many of them were judged by more than plain physics."""
        return max(0.0, self.days - self.watch.settings.learning_days)


async def async_backtest(
    hass: HomeAssistant,
    plan: WatchPlan,
    start: float,
    end: float,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Backtest | None:
    """Walk from `start` to `end` (epoch seconds), a day at a time; None without a recorder that can be read."""
    if not has_recorder(hass):
        return None
    await async_flush(hass)
    units = {entity_id: unit_of(hass, entity_id) for entity_id in plan.entities}
    work = await hass.async_add_executor_job(_begin, plan, start, end)
    share = 0.5 if work.appliances else 1.0
    if not await _async_sensors(hass, work, units, lambda done: on_progress(done * share)):
        return None
    if not work.appliances:
        return work
    first = await async_replay(
        hass, work.appliances, start, end, on_progress=lambda done: on_progress(share + done * (1.0 - share))
    )
    if first is None:
        return None
    work.alarms += [alarm for item in work.appliances.values() for alarm in item.opened]
    work.alarms.sort(key=lambda alarm: alarm.raised)
    return work


async def _async_sensors(
    hass: HomeAssistant, work: Backtest, units: Mapping[str, str | None], on_progress: Callable[[float], None]
) -> bool:
    """Walk the signals through their time, a day at a time; return whether the recorder could be read."""
    plan, start, end = work.plan, work.start, work.end
    day = start
    while day < end:
        until = min(day + _DAY_SECONDS, end)
        readings: list[Reading] = []
        for index, (entity_id, signal) in enumerate(zip(plan.entities, plan.signals, strict=True)):
            unit = units[entity_id]
            rows = await async_rows(hass, Slice(entity_id, frozenset({signal.role}), day, until, unit))
            if rows is None:
                return False
            readings += await hass.async_add_executor_job(_readings, rows, index, signal.role, unit, day, until)
        if readings and work.first is None:
            work.first = day = max(day, min(readings)[0])
        if work.first is not None:
            await hass.async_add_executor_job(_walk, work, readings, until)
        day = until
        on_progress((day - start) / (end - start))
        # Replaying holds Python's lock; the home's other work goes first.
        await asyncio.sleep(BACKTEST_PAUSE_SECONDS)
    return True


def _begin(plan: WatchPlan, start: float, end: float) -> Backtest:
    """Return a watch that knows nothing."""
    appliances = {signal: watched(config, start) for signal, config in appliances_of(plan).items()}
    intake, watch = Intake(plan.signals), Watch(plan.signals, plan.settings)
    return Backtest(plan, intake, watch, start, end, appliances=appliances)


def _readings(rows: Sequence[Row], index: int, role: Role, unit: str | None, start: float, end: float) -> list[Reading]:
    """Return a day's readings of one signal; the row before it was yesterday's."""
    found = []
    for state, updated, reported in rows:
        value = raw_value(role, state or "", unit)
        if value is None:
            continue
        if updated >= start:
            found.append((updated, index, value))
        if reported is not None and max(updated, start) < reported <= end:
            found.append((reported, index, value))
    return found


def _walk(work: Backtest, readings: list[Reading], until: float) -> None:
    """Feed a day and judge its bins; runs in a worker, one call at a time."""
    readings.sort(key=itemgetter(0))
    place, count = 0, len(readings)
    first = work.first if work.watch.bank.number < 0 and work.first is not None else None
    bin_number = work.watch.bank.number + 1 if first is None else int(first // BIN_SECONDS)
    while (end := float((bin_number + 1) * BIN_SECONDS)) <= until:
        while place < count and readings[place][0] < end:
            t, index, value = readings[place]
            work.intake.append(index, t, value)
            place += 1
        _judge(work, end)
        bin_number += 1
    for t, index, value in readings[place:]:
        work.intake.append(index, t, value)


def _judge(work: Backtest, end: float) -> None:
    """Judge one bin; where nothing says anything Home Assistant was not running, and the watch was not either."""
    batch = work.intake.drain(end)
    if np.isnan(batch.value).all():
        work.gap_until = end + _AFTER_GAP_SECONDS
    report = work.watch.tick(batch, Context(end, is_starting=end < work.gap_until))
    work.alarms += report.opened
