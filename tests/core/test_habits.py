"""What counting finds in a room's past: the clock on the wall, weights of days, and what is unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.forecast_channels import HABITS, PROFILES
from custom_components.inkling.core.habits import Habits, Present, count_habits, moment_of
from custom_components.inkling.core.slots import SLOT_SECONDS, SLOTS_PER_DAY, Calendar, SlotView

_BERLIN = ZoneInfo("Europe/Berlin")
_NAN = float("nan")


def _calendar(first: datetime, days: int, free: float = _NAN) -> Calendar:
    """Return days from a local midnight on."""
    midnights = [(first + timedelta(days=day)).timestamp() for day in range(days + 1)]
    weekdays = [(first + timedelta(days=day)).weekday() for day in range(days)]
    return Calendar(np.array(midnights), np.full(days, free, np.float32), np.array(weekdays, np.int8))


def _utc(days: int = 40) -> Calendar:
    """Return days of UTC from a Monday on."""
    return _calendar(datetime(2026, 6, 1, tzinfo=UTC), days)


def _view(calendar: Calendar, now: float, pattern: NDArray[np.floating], days: int) -> SlotView:
    """Return a past that repeats a day's pattern up to now, by the clock on the wall."""
    last = int(now // SLOT_SECONDS)
    numbers = np.arange(last - days * SLOTS_PER_DAY, last)
    return SlotView(
        int(numbers[0]), pattern[calendar.slot_of(np.asarray(numbers * SLOT_SECONDS, np.float64))].astype(np.float32)
    )


def _evening() -> NDArray[np.float64]:
    """Return a day that is occupied from 18 to 19 h."""
    pattern = np.zeros(SLOTS_PER_DAY)
    pattern[72:76] = 1.0
    return pattern


def _present(*states: float, slots: float = _NAN) -> Present:
    """Return rooms as they stand."""
    return Present(np.array(states, np.float32), np.full(len(states), slots, np.float32))


def _share(habits: Habits, name: str, room: int = 0) -> NDArray[np.floating]:
    """Return what a habit says of the targets."""
    at = HABITS.index(name)
    return np.asarray(habits.sums[room, at] / habits.weights[room, at])


@pytest.mark.parametrize("name", HABITS)
def test_habit_repeats_the_clock(name: str) -> None:
    """Say of a room that does the same every day what it always does, whatever the habit; a wide one blurs it."""
    calendar = _utc()
    now = calendar.midnights[30] + 12.2 * 3600.0
    habits = count_habits(calendar, moment_of(calendar, now), [_view(calendar, now, _evening(), 28)], _present(0.0))
    at_evening, at_night = _share(habits, name)[25], _share(habits, name)[60]
    assert at_night == pytest.approx(0.0)
    assert at_evening > (0.3 if name in {"age", "smooth", "wide_state", "duration"} else 0.59)
    if name in PROFILES:
        assert_allclose(_share(habits, name), np.roll(_evening(), -48), atol=1e-6)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_change_of_clocks_moves_no_habit(day: str, hours: int) -> None:
    """Expect the evening at its hour by the wall before, on and after a day of 23 or 25 hours."""
    first = datetime.fromisoformat(day).replace(tzinfo=_BERLIN) - timedelta(days=20)
    calendar = _calendar(first, 30)
    assert calendar.midnights[21] - calendar.midnights[20] == hours * 3600.0
    for number in (20, 21, 22):
        evening = (first + timedelta(days=number, hours=18)).timestamp()
        for before_hours in (1, 10, 17):
            now = evening - before_hours * 3600.0
            view = _view(calendar, now, _evening(), 14)
            habits = count_habits(calendar, moment_of(calendar, now), [view], _present(0.0))
            assert_allclose(_share(habits, "long")[4 * before_hours : 4 * before_hours + 4], 1.0, atol=0.08)
            assert _share(habits, "long")[4 * before_hours - 1] < 0.08


def test_targets_follow_the_wall() -> None:
    """Reach the last target of a day that is an hour short without leaving the day that was counted."""
    first = datetime(2026, 3, 20, tzinfo=_BERLIN)
    calendar = _calendar(first, 15)
    moment = moment_of(calendar, calendar.midnights[9] - 600.0)
    assert moment.ahead.max() == SLOTS_PER_DAY - 1
    assert (np.diff(moment.ahead) >= 0).all()
    assert moment.moments[0] == pytest.approx(calendar.midnights[9] - 300.0)


def test_days_of_the_same_kind_count() -> None:
    """Tell a free day's evening from a work day's, by what the calendar says and without it by the weekend."""
    for free in (_NAN, 0.0):
        calendar = _utc()
        kinds = np.full_like(calendar.free, free)
        kinds[calendar.weekdays == 2] = 1.0
        calendar = Calendar(calendar.midnights, kinds, calendar.weekdays)
        now = calendar.midnights[30] + 60.0
        numbers = np.arange(int(calendar.midnights[0] // SLOT_SECONDS), int(now // SLOT_SECONDS))
        shares = (kinds[calendar.day_of(np.asarray(numbers * SLOT_SECONDS, np.float64))] == 1.0).astype(np.float32)
        habits = count_habits(calendar, moment_of(calendar, now), [SlotView(int(numbers[0]), shares)], _present(1.0))
        assert calendar.weekdays[30] == 2
        weekday = _share(habits, "weekday")
        assert_allclose(weekday[:90], 1.0)
        if free == 0.0:
            assert_allclose(_share(habits, "kind")[:90], 1.0)
        assert _share(habits, "long")[20] == pytest.approx(4 / 30)


def test_recent_days_outweigh_old_ones() -> None:
    """Forget an old life: a room that was used all day until a week ago."""
    calendar = _utc()
    now = calendar.midnights[35] + 60.0
    days = np.arange(35 * SLOTS_PER_DAY) // SLOTS_PER_DAY
    view = SlotView(int(calendar.midnights[0] // SLOT_SECONDS), (days < 28).astype(np.float32))
    habits = count_habits(calendar, moment_of(calendar, now), [view], _present(0.0))
    assert _share(habits, "recent")[40] < 0.4
    assert _share(habits, "long")[40] > 0.75
    assert habits.recall.surprise[0, 0] > habits.recall.surprise[0, 1] > 0.3
    assert habits.recall.week[0] == 0.0


def test_longer_stays_are_told_from_short_ones() -> None:
    """Expect somebody who has been here for long to stay where only short stays end soon."""
    calendar = _utc()
    now = calendar.midnights[30] + 12.0 * 3600.0 + 60.0
    pattern = np.zeros((30, SLOTS_PER_DAY))
    pattern[0::2, 40:60] = 1.0
    pattern[1::2, 47:50] = 1.0
    shares = np.concatenate([pattern.reshape(-1), np.zeros(48)]).astype(np.float32)
    view = SlotView(int(calendar.midnights[0] // SLOT_SECONDS), shares)
    long, short = (
        count_habits(calendar, moment_of(calendar, now), [view], _present(1.0, slots=slots)) for slots in (8.5, 1.5)
    )
    assert _share(long, "duration")[5] > 0.8
    assert _share(short, "duration")[5] < 0.4
    assert _share(long, "wide_state")[5] > _share(short, "wide_state")[5]


def test_stays_at_another_hour_tell_how_long_one_lasts() -> None:
    """Learn from evenings how long somebody will be here who has never been here at noon."""
    calendar = _utc()
    now = calendar.midnights[30] + 12.0 * 3600.0 + 60.0
    pattern = np.zeros(SLOTS_PER_DAY)
    pattern[62:70] = 1.0
    view = _view(calendar, now, pattern, 28)
    habits = count_habits(calendar, moment_of(calendar, now), [view], _present(1.0, slots=2.5))
    assert habits.weights[0, HABITS.index("duration"), 0] == 0.0
    assert habits.weights[0, HABITS.index("age"), 0] > 1.0
    assert _share(habits, "age")[3] > 0.95
    assert _share(habits, "age")[8] < 0.05


def test_yesterday_is_remembered() -> None:
    """Say of today what yesterday was, and after midnight what today was."""
    calendar = _utc()
    now = calendar.midnights[30] + 12.2 * 3600.0
    shares = np.zeros(30 * SLOTS_PER_DAY + 48, np.float32)
    shares[29 * SLOTS_PER_DAY + 60], shares[30 * SLOTS_PER_DAY + 20] = 1.0, 1.0
    view = SlotView(int(calendar.midnights[0] // SLOT_SECONDS), shares)
    found = _share(count_habits(calendar, moment_of(calendar, now), [view], _present(0.0)), "yesterday")
    assert found[[12, 48 + 20]].tolist() == [1.0, 1.0]
    assert found.sum() == 2.0


def test_unknown_time_is_no_evidence() -> None:
    """Count nothing where nothing is known, and nothing ahead of the present or beyond the calendar."""
    calendar = _utc()
    now = calendar.midnights[3] + 7.0 * 3600.0
    first = int(calendar.midnights[0] // SLOT_SECONDS)
    gaps = np.full(200, np.nan, np.float32)
    beyond = np.ones(5 * SLOTS_PER_DAY, np.float32)
    early = np.ones(50, np.float32)
    views = [SlotView(first, gaps), SlotView(first, np.empty(0, np.float32)), SlotView(first - 60, early)]
    habits = count_habits(calendar, moment_of(calendar, now), views, _present(0.5, 0.0, 1.0))
    assert not habits.weights.any()
    assert np.isnan(habits.recall.overall).all()
    assert np.isnan(habits.recall.run_slots).all()
    assert np.isnan(habits.recall.surprise).all()
    late = count_habits(calendar, moment_of(calendar, now), [SlotView(first, beyond)], _present(1.0))
    assert late.recall.days[0] == pytest.approx(3.0 + 7.0 / 24.0)


def test_first_day_of_a_calendar_has_no_past_days() -> None:
    """Answer on the calendar's first day, from that day's own hours."""
    calendar = _utc()
    now = calendar.midnights[0] + 5.0 * 3600.0
    view = _view(calendar, now, np.ones(SLOTS_PER_DAY), 1)
    habits = count_habits(calendar, moment_of(calendar, now), [view], _present(1.0))
    assert not habits.weights.any()
    assert habits.recall.hour[0] == 1.0


def test_the_run_before_is_remembered() -> None:
    """Tell how long the last stay was, whether the present slot or an earlier one began the state."""
    calendar = _utc()
    now = calendar.midnights[2] + 3600.0
    shares = np.zeros(2 * SLOTS_PER_DAY + 4, np.float32)
    shares[100:106] = 1.0
    view = SlotView(int(calendar.midnights[0] // SLOT_SECONDS), shares)
    habits = count_habits(calendar, moment_of(calendar, now), [view, view], _present(0.0, 1.0))
    assert habits.recall.run_slots.tolist() == [6.0, 90.0]
    assert habits.recall.day_changes.tolist() == [2.0, 2.0]


def test_rooms_do_not_touch_each_other() -> None:
    """Find for several rooms at once what each alone is found to do."""
    calendar = _utc()
    rng = np.random.default_rng(3)
    now = calendar.midnights[25] + 9.7 * 3600.0
    last = int(now // SLOT_SECONDS)
    views = []
    for days in (3, 11, 24):
        shares = rng.random(days * SLOTS_PER_DAY).round().astype(np.float32)
        shares[rng.random(len(shares)) < 0.05] = np.nan
        views.append(SlotView(last - len(shares), shares))
    states = (0.0, 1.0, 0.5)
    together = count_habits(calendar, moment_of(calendar, now), views, _present(*states, slots=3.0))
    for row, (view, state) in enumerate(zip(views, states, strict=True)):
        alone = count_habits(calendar, moment_of(calendar, now), [view], _present(state, slots=3.0))
        assert_allclose(alone.sums[0], together.sums[row], atol=1e-4)
        assert_allclose(alone.weights[0], together.weights[row], atol=1e-4)
        assert_allclose(alone.recall.surprise[0], together.recall.surprise[row], atol=1e-5)
