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
    from typing import Any

    from numpy.typing import NDArray

    from .slots import Calendar, SlotView

    Array = NDArray[np.float32]

# Twenty weeks: a season. What is older tells little, and costs as much to weigh.
_DAYS_LIMIT = 140
_NEAR = (-2, -1, 0, 1, 2)
_FAR = (-8, -4, 4, 8)
_FARTHEST = (-24, -16, 16, 24)
_REACH = max(_FARTHEST)
_RECENT_DAYS, _KIND_DAYS, _STATE_DAYS, _RECENT_STATE_DAYS = 5.0, 30.0, 60.0, 12.0
# How much a day of the other kind counts where days of both kinds do.
_OTHER_KIND = 0.25
_DURATION_SD, _LOOSE_DURATION_SD = 0.5, 1.0
_FAR_WEIGHT = 0.5
# How long somebody stays away depends on the hour less than whether somebody leaves.
_AGE_HOURS_SD = 3.0
_HALF = np.float32(0.5)
# Two past days differ in about a tenth of their slots when they are alike.
_DISTANCE_SCALE = 0.08
_DISTANCE_HALF_SLOTS = 16.0
_WEEK_SLOTS = 7 * SLOTS_PER_DAY


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
    """The slot of the day of each target, shape (96,)."""


def moment_of(calendar: Calendar, now: float) -> Moment:
    """Return where `now` (epoch seconds) and the slots after it lie."""
    starts = (np.floor(now / SLOT_SECONDS) + np.arange(SLOTS_PER_DAY)) * SLOT_SECONDS
    moments = (np.maximum(starts, now) + starts + SLOT_SECONDS) / 2.0
    days, slots = calendar.day_of(starts), calendar.slot_of(starts)
    day, slot = int(days[0]), int(slots[0])
    # A day of 23 hours ends an hour early on the wall: its last targets stand for the hour that is left.
    ahead = np.clip((days - day) * SLOTS_PER_DAY + slots - slot, 0, SLOTS_PER_DAY - 1)
    return Moment(now, day, slot, starts, moments, ahead, slots)


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
    recall: Recall


@dataclass(frozen=True, slots=True)
class Recall:
    """What is remembered of the past as a whole, each of shape (rooms,) but the last; NaN where nothing is known."""

    overall: Array
    """Share of all known time that was occupied."""
    days: Array
    """Days' worth of known slots."""
    hour: Array
    """Occupied share of the last hour, of the last three, the last day and the last week."""
    hours: Array
    day: Array
    week: Array
    day_changes: Array
    """Changes of state in the last day, and in a usual one."""
    usual_changes: Array
    run_slots: Array
    """How long the state before this one lasted."""
    surprise: Array
    """How far the last day was from the profile by kind and the recent one, shape (rooms, 2)."""


@dataclass(frozen=True, slots=True)
class _Past:
    """The past on the wall's clock, shape (rooms, slots); now stands at `origin`, and a past day every 96 before it."""

    line: Array
    known: Array
    starts: NDArray[np.int16]
    """Where the run of each slot's state began."""
    origin: int
    days: NDArray[np.int64]
    """Past days by their index in the calendar, oldest first, shape (days,)."""

    def after(self, part: Array, offset: int) -> Array:
        """Return the day that follows each past day's hour, moved by an offset, shape (rooms, days, 96), as a view."""
        first = self.origin - len(self.days) * SLOTS_PER_DAY + offset
        rows = part[:, first : first + len(self.days) * SLOTS_PER_DAY]
        return rows.reshape(len(part), len(self.days), SLOTS_PER_DAY)

    def at(self, part: NDArray[Any], offset: int) -> NDArray[Any]:
        """Return a part at each past day's hour, moved by an offset, shape (rooms, days), as a view."""
        return self.after(part, offset)[..., 0]


def count_habits(calendar: Calendar, moment: Moment, views: Sequence[SlotView], present: Present) -> Habits:
    """Return what the habits of at least one room say at a moment; `present` tells how the rooms stand."""
    past = _past(calendar, moment, views)
    profiles = _profile_weights(calendar, moment, past)
    today, tomorrow = ([weights @ past.after(part, 0) for part in (past.line, past.known)] for weights in profiles)
    is_tomorrow = moment.slot + np.arange(SLOTS_PER_DAY) >= SLOTS_PER_DAY
    by_clock = [np.where(is_tomorrow, *pair) for pair in zip(tomorrow, today, strict=True)]
    by_state = _state_sums(calendar, moment, past, present)
    sums, weights = (np.concatenate(pair, axis=1) for pair in zip(by_clock, by_state, strict=True))
    return Habits(
        sums=np.take(sums, moment.ahead, axis=2),
        weights=np.take(weights, moment.ahead, axis=2),
        recall=_recall(past, present, profiles[0]),
    )


def _past(calendar: Calendar, moment: Moment, views: Sequence[SlotView]) -> _Past:
    """Return the rooms' past on the clock of the wall."""
    count = min(moment.day, _DAYS_LIMIT)
    origin = (count + 1) * SLOTS_PER_DAY
    first = min(view.first for view in views)
    numbers = np.arange(first, max(view.first + len(view.shares) for view in views))
    times = (numbers.astype(np.float64) + 0.5) * SLOT_SECONDS
    base = moment.day * SLOTS_PER_DAY + moment.slot - origin
    places = calendar.day_of(times) * SLOTS_PER_DAY + calendar.slot_of(times) - base
    # What the calendar does not reach would be counted to its first day; what is not past yet is nobody's past.
    usable = (times >= calendar.midnights[0]) & (places >= 0) & (places < origin)
    line = np.full((len(views), origin + SLOTS_PER_DAY + _REACH), np.nan, np.float32)
    for begin, end in _stretches(places, usable):
        for row, view in enumerate(views):
            start = max(begin, view.first - first)
            stop = max(start, min(end, view.first - first + len(view.shares)))
            at = start - (view.first - first)
            line[row, places[begin] + start - begin : places[begin] + stop - begin] = view.shares[
                at : at + stop - start
            ]
    known = np.isfinite(line)
    np.fmax(line, np.float32(0.0), out=line)
    changed = _changed(line > _HALF, known)
    return _Past(line, known.astype(np.float32), _starts(changed), origin, np.arange(moment.day - count, moment.day))


def _stretches(places: NDArray[np.int64], usable: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where usable places follow each other without a break: clocks change twice a year at most."""
    (found,) = np.nonzero(usable)
    breaks = np.nonzero(np.diff(places[found]) != 1)[0] + 1
    return [(int(part[0]), int(part[-1]) + 1) for part in np.split(found, breaks) if len(part)]


def _changed(state: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether each slot but the first begins a run; unknown is a state of its own."""
    return np.asarray((state[:, 1:] != state[:, :-1]) | (known[:, 1:] != known[:, :-1]))


def _starts(changed: NDArray[np.bool_]) -> NDArray[np.int16]:
    """Return where the run of each slot's state began, shape (rooms, slots); twenty weeks of slots fit 16 bits."""
    starts = np.zeros((len(changed), changed.shape[1] + 1), np.int16)
    np.multiply(np.arange(1, starts.shape[1], dtype=np.int16), changed, out=starts[:, 1:])
    return np.asarray(np.maximum.accumulate(starts, axis=1, out=starts))


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
        parts = (
            is_weekday,
            is_kind * _fade(ages, _KIND_DAYS),
            _fade(ages, _RECENT_DAYS),
            np.ones(len(days)),
            ages == 1,
        )
        found.append(np.stack(parts).astype(np.float32))
    return found[0], found[1]


def _state_sums(calendar: Calendar, moment: Moment, past: _Past, present: Present) -> tuple[Array, Array]:
    """Return weighted sums and weights of the habits by state, each of shape (rooms, habits, 96)."""
    shape = (len(past.line), len(STATES), SLOTS_PER_DAY)
    sums, total = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    days = _day_weights(calendar, moment, past)
    for offset in (*_NEAR, *_FAR, *_FARTHEST):
        match, close, loose = _likeness(past, present, offset)
        is_near = offset in _NEAR
        own = np.float32(1.0 if is_near else _FAR_WEIGHT)
        parts = [_age_weight(offset) * days["state"] * match * close]
        if offset not in _FARTHEST:
            parts += [own * days["kinds"] * past.at(past.known, offset), own * days["kinds"] * match * loose]
            parts.append(own * days["state"] * match * close)
        if is_near:
            hard = (match > _HALF).astype(np.float32)
            parts += [days["kind"] * hard, days["nearest"] * match * loose]
            parts += [days["weekday"] * match * loose, days["recent"] * match * loose]
        weights = np.stack(parts, axis=1)
        sums[:, : len(parts)] += weights @ past.after(past.line, offset)
        total[:, : len(parts)] += weights @ past.after(past.known, offset)
    return sums, total


def _age_weight(offset: int) -> np.float32:
    """Return how much a day counts for how long a state lasts, by the slots between its hour and this one."""
    return np.float32(np.exp(-0.5 * (offset / (4.0 * _AGE_HOURS_SD)) ** 2))


def _day_weights(calendar: Calendar, moment: Moment, past: _Past) -> dict[str, Array]:
    """Return what past days count for, each of shape (rooms or 1, days)."""
    ages, kinds = moment.day - past.days, _kinds(calendar)
    is_kind = (kinds[past.days] == kinds[moment.day]).astype(np.float32)[None]
    is_weekday = (calendar.weekdays[past.days] == calendar.weekdays[moment.day]).astype(np.float32)[None]
    soft = np.float32(_OTHER_KIND) + np.float32(1.0 - _OTHER_KIND) * is_kind
    faded = soft * _fade(ages, _STATE_DAYS)
    return {
        "kind": is_kind,
        "kinds": soft,
        "state": faded,
        "nearest": faded * np.exp(-_distances(past) / np.float32(_DISTANCE_SCALE)),
        "weekday": is_weekday * _fade(ages, _STATE_DAYS),
        "recent": _fade(ages, _RECENT_STATE_DAYS)[None],
    }


def _distances(past: _Past) -> Array:
    """Return how unlike the day before each past day's hour was to the last day, newest slots first, (rooms, days).

    Two slots are unlike as often as an instant of one and an instant of the other differ: a + b - 2 a b.
    """
    line, known = (past.after(part, -SLOTS_PER_DAY) for part in (past.line, past.known))
    newest = np.exp2(-np.arange(SLOTS_PER_DAY - 1, -1, -1) / _DISTANCE_HALF_SLOTS).astype(np.float32)
    last = slice(past.origin - SLOTS_PER_DAY, past.origin)
    share, weight = past.line[:, last], past.known[:, last] * newest
    off = line @ (weight * (1.0 - 2.0 * share))[..., None] + known @ (weight * share)[..., None]
    total = (known @ weight[..., None])[..., 0]
    return np.where(total > 0.0, off[..., 0] / np.maximum(total, np.float32(1e-6)), np.float32(1.0))


def _likeness(past: _Past, present: Present, offset: int) -> tuple[Array, Array, Array]:
    """Return how alike days stood: in state, and in how long closely and loosely, each of shape (rooms, days)."""
    share, state = past.at(past.line, offset), present.state[:, None]
    match = (state * share + (1.0 - state) * (1.0 - share)) * past.at(past.known, offset)
    places = past.origin + offset - np.arange(len(past.days), 0, -1) * SLOTS_PER_DAY
    lasted = (places - past.at(past.starts, offset)).astype(np.float32) + _HALF
    gap = np.log(lasted) - np.log(np.maximum(present.duration_slots, _HALF))[:, None]
    # Where nobody knows for how long, every duration is alike.
    square = np.nan_to_num(gap, nan=0.0) ** 2
    close, loose = (np.exp(square * np.float32(-0.5 / (sd * sd))) for sd in (_DURATION_SD, _LOOSE_DURATION_SD))
    return match, close, loose


def _recall(past: _Past, present: Present, profiles: Array) -> Recall:
    """Return what is remembered of the past as a whole."""
    known = past.known.sum(axis=1)
    last = slice(past.origin - SLOTS_PER_DAY, past.origin)
    # Where a run begins, unknown time's too: few enough to be of no weight.
    changes = past.starts[:, 1:] != past.starts[:, :-1]
    days = known / np.float32(SLOTS_PER_DAY)
    return Recall(
        overall=_mean(past, SLOTS_PER_DAY * (_DAYS_LIMIT + 2)),
        days=days,
        hour=_mean(past, 4),
        hours=_mean(past, 12),
        day=_mean(past, SLOTS_PER_DAY),
        week=_mean(past, _WEEK_SLOTS),
        day_changes=changes[:, last].sum(axis=1).astype(np.float32),
        usual_changes=changes.sum(axis=1) / np.maximum(days, np.float32(0.5)),
        run_slots=_run_before(past, present),
        surprise=_surprise(past, profiles),
    )


def _mean(past: _Past, slots: int) -> Array:
    """Return the occupied share of the last slots, NaN where none of them is known, shape (rooms,)."""
    part = slice(max(0, past.origin - slots), past.origin)
    total = past.known[:, part].sum(axis=1)
    sums = past.line[:, part].sum(axis=1)
    return np.where(total > 0.0, sums / np.maximum(total, np.float32(1.0)), np.float32(np.nan))


def _run_before(past: _Past, present: Present) -> Array:
    """Return how many slots the state before the present one lasted, NaN where nobody knows, shape (rooms,)."""
    rooms = np.arange(len(past.line))
    is_same = (past.line[:, past.origin - 1] > _HALF) == (present.state > _HALF)
    end = np.where(is_same, past.starts[:, past.origin - 1], past.origin).astype(np.int64)
    before = np.maximum(end - 1, 0)
    lasted = (end - past.starts[rooms, before]).astype(np.float32)
    return np.where(past.known[rooms, before] > 0.0, lasted, np.float32(np.nan))


def _surprise(past: _Past, profiles: Array) -> Array:
    """Return how far the last day was from what kind and recent profile said of it, shape (rooms, 2).

    The last day is what followed the newest past day's hour; the profiles are those of the days before it.
    """
    if not len(past.days):
        return np.full((len(past.line), 2), np.nan, np.float32)
    line, known = past.after(past.line, 0), past.after(past.known, 0)
    chosen = profiles[[PROFILES.index("kind"), PROFILES.index("recent")], :-1]
    sums, total = chosen @ line[:, :-1], chosen @ known[:, :-1]
    valid = (total > 0.0) * known[:, -1:]
    off = np.abs(sums / np.maximum(total, np.float32(1e-6)) - line[:, -1:]) * valid
    count = valid.sum(axis=2)
    return np.where(count > 0.0, off.sum(axis=2) / np.maximum(count, np.float32(1.0)), np.float32(np.nan))
