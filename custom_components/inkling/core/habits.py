"""What a room usually does: weighted counts over its past days, several rooms at once.

The past is laid on the clock of the wall, 96 slots a day, so that a day of 23 or 25 hours shifts nothing. A habit is a
weight for each past day (and each small shift of it); what it says of a slot ahead is the weighted mean of what
followed as long after this hour on those days. Nothing here is trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .forecast_channels import PROFILES, STATES
from .slots import SLOT_SECONDS, SLOTS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .slots import Calendar, SlotView

    Array = NDArray[np.float32]

# Sixteen weeks: a season. What is older tells little, and costs as much to weigh.
_DAYS_LIMIT = 112
# A day may repeat an hour, so targets reach this far on the clock of the wall.
_AHEAD = SLOTS_PER_DAY + 4
_NEAR = (-2, -1, 0, 1, 2)
_FAR = (-8, -4, 4, 8)
_REACH = max(_FAR)
_WIDTH = _AHEAD + 2 * _REACH
_RECENT_DAYS, _KIND_DAYS, _STATE_DAYS, _RECENT_STATE_DAYS = 5.0, 30.0, 60.0, 12.0
# How much a day of the other kind counts where days of both kinds do.
_OTHER_KIND = 0.25
_DURATION_SD, _LOOSE_DURATION_SD = 0.5, 1.0
_FAR_WEIGHT = 0.5
_HALF = np.float32(0.5)
# Two past days differ in about a tenth of their slots when they are alike.
_DISTANCE_SCALE = 0.08
_DISTANCE_HALF_SLOTS = 16.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Where on the home's calendar a forecast is made, and where its 96 targets lie."""

    now: float
    day: int
    slot: int
    starts: NDArray[np.float64]
    """Starts of the slots in epoch seconds, shape (96,); the first holds `now`."""
    moments: NDArray[np.float64]
    """The middle of what is left of each slot, shape (96,)."""
    ahead: NDArray[np.int64]
    """Slots from now to each target by the clock of the wall, shape (96,)."""
    slots: NDArray[np.int64]
    tomorrow: NDArray[np.bool_]


def moment_of(calendar: Calendar, now: float) -> Moment:
    """Return where `now` (epoch seconds) and the slots after it lie."""
    starts = (np.floor(now / SLOT_SECONDS) + np.arange(SLOTS_PER_DAY)) * SLOT_SECONDS
    moments = (np.maximum(starts, now) + starts + SLOT_SECONDS) / 2.0
    days, slots = calendar.day_of(starts), calendar.slot_of(starts)
    day, slot = int(days[0]), int(slots[0])
    ahead = np.clip((days - day) * SLOTS_PER_DAY + slots - slot, 0, _AHEAD - 1)
    return Moment(now, day, slot, starts, moments, ahead, slots, days > day)


@dataclass(frozen=True, slots=True)
class Present:
    """How several rooms stand now, each array of shape (rooms,)."""

    state: Array
    """1 occupied, 0 vacant, 0.5 unknown."""
    duration_slots: Array
    """Since when, in slots; NaN unknown."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What each habit says of each target: weighted occupied time and weight, each of shape (rooms, habits, 96)."""

    sums: Array
    weights: Array
    overall: Array
    """Share of all known time that was occupied, shape (rooms,), NaN where nothing is known."""
    days: Array
    """Days' worth of known slots, shape (rooms,)."""
    last_hour: Array
    last_day: Array
    surprise: Array
    """How far the last day was from the profile by kind and the recent one, shape (rooms, 2), NaN unknown."""


@dataclass(frozen=True, slots=True)
class _Past:
    """The past on the wall's clock; the last day of `line` lies ahead and is unknown."""

    line: Array
    known: Array
    anchors: NDArray[np.int64]
    """Where each past day stands at this hour, oldest first, shape (days,)."""
    days: NDArray[np.int64]
    """The index of each of them in the calendar."""


def count_habits(calendar: Calendar, moment: Moment, views: Sequence[SlotView], present: Present) -> Habits:
    """Return what the habits of several rooms say at a moment; `present` tells how the rooms stand."""
    past = _past(calendar, moment, views)
    filled, known = (_rows(part, past.anchors) for part in (past.line, past.known))
    profiles = _profile_weights(calendar, moment, past)
    today, tomorrow = (_profile_sums(weights, filled, known) for weights in profiles)
    chosen = moment.tomorrow[None, None, :]
    at = moment.ahead
    by_clock = [np.where(chosen, late[..., at], early[..., at]) for early, late in zip(today, tomorrow, strict=True)]
    by_state = [part[..., at] for part in _state_sums(calendar, moment, past, present, (filled, known))]
    origin = past.anchors[-1] + SLOTS_PER_DAY if len(past.anchors) else SLOTS_PER_DAY
    return Habits(
        sums=np.concatenate([by_clock[0], by_state[0]], axis=1),
        weights=np.concatenate([by_clock[1], by_state[1]], axis=1),
        overall=_mean(past, slice(None)),
        days=past.known.sum(axis=1) / np.float32(SLOTS_PER_DAY),
        last_hour=_mean(past, slice(origin - 4, origin)),
        last_day=_mean(past, slice(origin - SLOTS_PER_DAY, origin)),
        surprise=_surprise(profiles[0], filled, known),
    )


def _past(calendar: Calendar, moment: Moment, views: Sequence[SlotView]) -> _Past:
    """Return the rooms' past on the clock of the wall, at most sixteen weeks of it."""
    ages = np.arange(min(moment.day, _DAYS_LIMIT), 0, -1)
    base = (moment.day - len(ages) - 1) * SLOTS_PER_DAY + moment.slot
    line = np.full((len(views), (len(ages) + 2) * SLOTS_PER_DAY + _WIDTH), np.nan, np.float32)
    first = min(view.first for view in views)
    numbers = np.arange(first, max(view.first + len(view.shares) for view in views))
    times = (numbers.astype(np.float64) + 0.5) * SLOT_SECONDS
    places = calendar.day_of(times) * SLOTS_PER_DAY + calendar.slot_of(times) - base
    # What the calendar does not reach would be counted to its first day; what is not past yet is nobody's past.
    usable = (times >= calendar.midnights[0]) & (places >= 0) & (places < (len(ages) + 1) * SLOTS_PER_DAY)
    for row, view in enumerate(views):
        own = slice(view.first - first, view.first - first + len(view.shares))
        line[row, places[own][usable[own]]] = view.shares[usable[own]]
    known = np.isfinite(line)
    anchors = (len(ages) + 1 - ages) * SLOTS_PER_DAY
    return _Past(np.where(known, line, np.float32(0.0)), known.astype(np.float32), anchors, moment.day - ages)


def _rows(line: Array, anchors: NDArray[np.int64]) -> Array:
    """Return what lies around each anchor, shape (rooms, days, width): the reach before it comes first."""
    windows = np.lib.stride_tricks.sliding_window_view(line, _WIDTH, axis=1)
    return np.ascontiguousarray(windows[:, anchors - _REACH])


def _mean(past: _Past, part: slice) -> Array:
    """Return the occupied share of a part of the past, NaN where none of it is known, shape (rooms,)."""
    total = past.known[:, part].sum(axis=1)
    sums = past.line[:, part].sum(axis=1)
    return np.where(total > 0.0, sums / np.maximum(total, 1.0), np.float32(np.nan))


def _fade(ages: NDArray[np.int64], half_life_days: float) -> Array:
    """Return the weight of days by their age."""
    return np.exp2(-ages / half_life_days).astype(np.float32)


def _kinds(calendar: Calendar) -> Array:
    """Return 1 for free days and 0 for work days; where nobody knows, Saturday and Sunday are free."""
    return np.where(np.isfinite(calendar.free), calendar.free, calendar.weekdays > 4).astype(np.float32)  # noqa: PLR2004


def _profile_weights(calendar: Calendar, moment: Moment, past: _Past) -> tuple[Array, Array]:
    """Return the weights of past days for targets of today and of tomorrow, each of shape (profiles, days)."""
    ages, last = moment.day - past.days, len(calendar.free) - 1
    kinds = _kinds(calendar)
    found = []
    for later in (0, 1):
        target, days = min(moment.day + later, last), np.minimum(past.days + later, last)
        is_weekday = (calendar.weekdays[days] == calendar.weekdays[target]).astype(np.float32)
        is_kind = (kinds[days] == kinds[target]).astype(np.float32)
        parts = (is_weekday, is_kind * _fade(ages, _KIND_DAYS), _fade(ages, _RECENT_DAYS), np.ones(len(days)))
        found.append(np.stack(parts).astype(np.float32).reshape(len(PROFILES), -1))
    return found[0], found[1]


def _profile_sums(weights: Array, filled: Array, known: Array) -> tuple[Array, Array]:
    """Return weighted sums and weights by targets, each of shape (rooms, profiles, ahead)."""
    ahead = slice(_REACH, _REACH + _AHEAD)
    return weights @ filled[..., ahead], weights @ known[..., ahead]


def _surprise(weights: Array, filled: Array, known: Array) -> Array:
    """Return how far the last day was from what kind and recent profile said of it, shape (rooms, 2).

    The last day is what followed the newest anchor; the profiles are those of the days before it.
    """
    if not weights.shape[1]:
        return np.full((len(filled), 2), np.nan, np.float32)
    day = slice(_REACH, _REACH + SLOTS_PER_DAY)
    chosen = weights[[PROFILES.index("kind"), PROFILES.index("recent")], :-1]
    sums, total = chosen @ filled[:, :-1, day], chosen @ known[:, :-1, day]
    valid = (total > 0.0) * known[:, -1:, day]
    off = np.abs(sums / np.maximum(total, 1e-6) - filled[:, -1:, day]) * valid
    count = valid.sum(axis=2)
    return np.where(count > 0.0, off.sum(axis=2) / np.maximum(count, 1.0), np.float32(np.nan))


def _state_sums(
    calendar: Calendar, moment: Moment, past: _Past, present: Present, rows: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Return weighted sums and weights of the habits by state, each of shape (rooms, habits, ahead)."""
    filled, known = rows
    shape = (len(filled), len(STATES), _AHEAD)
    sums, total = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    days = _day_weights(calendar, moment, past, rows)
    runs = _runs(past)
    for offset in (*_NEAR, *_FAR):
        match, close, loose = _likeness(past, present, runs, offset)
        is_near = offset in _NEAR
        own = np.float32(1.0 if is_near else _FAR_WEIGHT)
        parts = [own * days["state"] * match * close]
        if is_near:
            hard = (match > _HALF).astype(np.float32)
            parts = [days["kind"] * hard, *parts, days["nearest"] * match * loose]
            parts += [days["weekday"] * match * loose, days["recent"] * match * loose]
        weights = np.stack(parts, axis=1)
        chosen = slice(None) if is_near else slice(1, 2)
        span = slice(_REACH + offset, _REACH + offset + _AHEAD)
        sums[:, chosen] += weights @ filled[..., span]
        total[:, chosen] += weights @ known[..., span]
    return sums, total


def _day_weights(calendar: Calendar, moment: Moment, past: _Past, rows: tuple[Array, Array]) -> dict[str, Array]:
    """Return what past days count for, each of shape (rooms or 1, days)."""
    ages, kinds = moment.day - past.days, _kinds(calendar)
    is_kind = (kinds[past.days] == kinds[moment.day]).astype(np.float32)[None]
    is_weekday = (calendar.weekdays[past.days] == calendar.weekdays[moment.day]).astype(np.float32)[None]
    soft = (_OTHER_KIND + (1.0 - _OTHER_KIND) * is_kind) * _fade(ages, _STATE_DAYS)
    return {
        "kind": is_kind,
        "state": soft.astype(np.float32),
        "nearest": (soft * np.exp(-_distances(rows) / _DISTANCE_SCALE)).astype(np.float32),
        "weekday": is_weekday * _fade(ages, _STATE_DAYS),
        "recent": _fade(ages, _RECENT_STATE_DAYS)[None],
    }


def _distances(rows: tuple[Array, Array]) -> Array:
    """Return how far the day before each anchor was from the last one, newest slots first, shape (rooms, days).

    The day before an anchor is what followed the one before it; the oldest has none and counts as far.
    """
    filled, known = (part[..., _REACH : _REACH + SLOTS_PER_DAY] for part in rows)
    if filled.shape[1] == 0:
        return np.empty(filled.shape[:2], np.float32)
    newest = np.exp2(-np.arange(SLOTS_PER_DAY - 1, -1, -1) / _DISTANCE_HALF_SLOTS).astype(np.float32)
    both = known[:, :-1] * known[:, -1:]
    off = (np.abs(filled[:, :-1] - filled[:, -1:]) * both) @ newest
    total = both @ newest
    near = np.where(total > 0.0, off / np.maximum(total, 1e-6), np.float32(1.0))
    return np.concatenate([np.ones((len(near), 1), np.float32), near], axis=1)


def _runs(past: _Past) -> NDArray[np.int32]:
    """Return where the state of each slot began, shape of the line."""
    state = (past.line > _HALF) + past.known
    starts = np.zeros(state.shape, np.int32)
    places = np.arange(1, state.shape[1], dtype=np.int32)
    np.multiply(places, state[:, 1:] != state[:, :-1], out=starts[:, 1:])
    return np.maximum.accumulate(starts, axis=1, out=starts)


def _likeness(past: _Past, present: Present, runs: NDArray[np.int32], offset: int) -> tuple[Array, Array, Array]:
    """Return how alike days stood: in state, and in how long closely and loosely, each of shape (rooms, days)."""
    at = past.anchors + offset
    share, state = past.line[:, at], present.state[:, None]
    match = (state * share + (1.0 - state) * (1.0 - share)) * past.known[:, at]
    lasted = at - runs[:, at] + np.float32(0.5)
    gap = np.log(lasted) - np.log(np.maximum(present.duration_slots, np.float32(0.5)))[:, None]
    # Where nobody knows for how long, every duration is alike.
    square = np.nan_to_num(gap, nan=0.0) ** 2
    close, loose = (np.exp(-square / (2.0 * sd * sd)) for sd in (_DURATION_SD, _LOOSE_DURATION_SD))
    return match.astype(np.float32), close.astype(np.float32), loose.astype(np.float32)
