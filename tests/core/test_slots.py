"""Quarters of an hour of a room's past: every second counted once, whatever clocks and restarts do."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
import struct
import zlib
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.slots import (
    SLOT_SECONDS,
    SLOTS_PER_DAY,
    WEEKS_KEPT,
    Calendar,
    SlotError,
    SlotHistory,
)

T0 = 1_700_006_400.0
FIRST = int(T0 // SLOT_SECONDS)
KEPT = WEEKS_KEPT * 7 * SLOTS_PER_DAY
HOUR = 3600.0

SPANS = st.lists(st.tuples(st.booleans(), st.floats(0, 4 * HOUR), st.floats(0, HOUR)), max_size=12)


def _history(*spans: tuple[bool, float, float]) -> SlotHistory:
    """Return a history of spans: a state, a start after T0 and a length, in seconds."""
    history = SlotHistory()
    for occupied, start, length in spans:
        history.observe(occupied=occupied, start=T0 + start, end=T0 + start + length)
    return history


def _shares(history: SlotHistory, now: float, slots: int) -> NDArray[np.float32]:
    """Return the shares of the last slots before `now` seconds after T0, unknown ones at the front included."""
    view = history.view(T0 + now)
    assert view.first + len(view.shares) == FIRST + now // SLOT_SECONDS
    return np.concatenate((np.full(slots, np.nan, np.float32), view.shares))[-slots:]


def test_spans_become_shares() -> None:
    """Share a span among the slots it crosses; a slot that is not complete is not told yet."""
    history = _history((False, 0, 600), (True, 600, 1200), (False, 1800, 500))
    assert_allclose(_shares(history, 1800, 2), [300 / 900, 1.0], atol=0.002)
    assert_allclose(_shares(history, 2699, 2), [300 / 900, 1.0], atol=0.002)
    assert_allclose(_shares(history, 2700, 3), [300 / 900, 1.0, 0.0], atol=0.002)


def test_half_a_slot_makes_it_known() -> None:
    """Call a slot known from half of it on; an unknown state and an impossible span tell nothing."""
    history = _history((True, 0, 449), (True, 900, 450), (True, 1800, -5))
    history.observe(occupied=None, start=T0, end=T0 + 900)
    history.observe(occupied=True, start=float("nan"), end=T0 + 900)
    history.observe(occupied=True, start=T0, end=float("inf"))
    assert_array_equal(_shares(history, 1800, 2), [np.nan, 1.0])


def test_long_gaps_are_unknown() -> None:
    """Know nothing of the time nobody looked, and forget what is older than twenty weeks."""
    history = _history((True, 0, 900), *[(False, 86_400.0 + 900 * slot, 900) for slot in range(20)])
    shares = _shares(history, 86_400 + 18_000, 96 + 20)
    assert shares[0] == 1.0
    assert np.isnan(shares[1:96]).all()
    later = KEPT * SLOT_SECONDS
    for slot in range(20):
        history.observe(occupied=True, start=T0 + later + 900 * slot, end=T0 + later + 900 * (slot + 1))
    view = history.view(T0 + later + 18_000)
    assert view.first == FIRST + SLOTS_PER_DAY
    assert len(view.shares) == KEPT + 20 - SLOTS_PER_DAY


def test_clock_set_back_an_hour() -> None:
    """Count an hour that comes twice once, as it was the second time."""
    history = _history((True, 0, 2 * HOUR), *[(False, HOUR + 60 * minute, 60) for minute in range(60)])
    assert_array_equal(_shares(history, 2 * HOUR, 8), [1, 1, 1, 1, 0, 0, 0, 0])


def test_clock_forward_a_day_and_back() -> None:
    """Drop what was told by a clock that was a day ahead for an hour, and lose nothing by it."""
    history = _history((True, 0, HOUR), (True, 86_400 + HOUR, HOUR))
    for slot in range(4, 20):
        history.observe(occupied=False, start=T0 + slot * 900, end=T0 + (slot + 1) * 900)
    assert_array_equal(_shares(history, 5 * HOUR, 20), [1] * 4 + [0] * 16)
    assert np.isnan(_shares(history, 86_400 + 4 * HOUR, 16)).all()


@pytest.mark.parametrize("day", [datetime(2026, 3, 29), datetime(2026, 10, 25)])  # noqa: DTZ001 - local midnights
def test_clock_change_neither_doubles_nor_drops(day: datetime) -> None:
    """Keep a slot for every quarter of an hour that passed on the days of 23 and 25 hours."""
    zone = ZoneInfo("Europe/Berlin")
    start = day.replace(tzinfo=zone).timestamp()
    end = (day + timedelta(days=1)).replace(tzinfo=zone).timestamp()
    history = SlotHistory()
    for at in np.arange(start, end, 60.0).tolist():
        history.observe(int(at) % 1800 < 900, at, at + 60.0)
    view = history.view(end)
    assert len(view.shares) == (end - start) / SLOT_SECONDS
    assert_array_equal(view.shares, np.arange(len(view.shares)) % 2 == 0)


def test_clock_of_last_year() -> None:
    """Lose nothing to a machine that starts with a clock of long ago, for hours even."""
    history = _history(*[(True, 900.0 * slot, 900.0) for slot in range(20)])
    ago = 2 * KEPT * SLOT_SECONDS
    for slot in range(20):
        history.observe(occupied=False, start=T0 - ago + slot * 900, end=T0 - ago + (slot + 1) * 900)
    assert_array_equal(_shares(history, 18_000, 12), np.ones(12))


def test_view_is_a_copy() -> None:
    """Hand out what later observations do not change, also for a time before all of them."""
    history = _history((True, 0, 900))
    view = history.view(T0 + 900)
    history.observe(occupied=False, start=T0, end=T0 + 900)
    assert_array_equal(view.shares, [1.0])
    assert len(history.view(T0 - 86_400).shares) == 0
    assert len(SlotHistory().view(T0).shares) == 0
    many = _history(*[(True, 900.0 * slot, 900.0) for slot in range(20)])
    assert len(many.view(T0 - 86_400).shares) == 0


def test_merge_fills_only_what_is_unknown() -> None:
    """Take older slots from history, and leave alone what was observed."""
    history = _history(*[(False, 900.0 * slot, 900.0) for slot in range(12)])
    history.merge(FIRST - 3, np.array([0.5, np.nan, 2.0, 1.0, 1.0], np.float64))
    history.merge(-2, np.ones(1))
    assert_array_equal(_shares(history, 12 * 900, 15), [0.5, np.nan, 1.0] + [0.0] * 12)
    history.merge(FIRST - 2 * KEPT, np.ones(1))
    assert _shares(history, 12 * 900, 15)[0] == 0.5
    fresh = SlotHistory()
    fresh.merge(FIRST - KEPT - 5, np.full(KEPT + 5, 0.25))
    assert len(fresh.view(T0).shares) == KEPT


def test_packing_keeps_everything() -> None:
    """Go on after a restart in the middle of a slot as if there had been none."""
    spans = [(slot % 3 == 0, 900.0 * slot, 900.0) for slot in range(30)]
    history = _history(*spans, (True, 27_000.0, 300.0))
    again = SlotHistory.from_bytes(history.to_bytes())
    assert again.to_bytes() == history.to_bytes()
    for kept in (history, again):
        kept.observe(occupied=False, start=T0 + 27_300.0, end=T0 + 27_900.0)
    assert_array_equal(_shares(again, 27_900, 31), _shares(history, 27_900, 31))
    assert _shares(again, 27_900, 1)[0] == pytest.approx(1 / 3, abs=0.002)
    assert SlotHistory.from_bytes(SlotHistory().to_bytes()).to_bytes() == SlotHistory().to_bytes()


def test_a_room_costs_a_few_kilobytes() -> None:
    """Pack twenty weeks of a room that is used at odd times into less than 10 KB, the worst into less than 16."""
    history, noise = SlotHistory(), SlotHistory()
    rng = np.random.default_rng(1)
    visits = (rng.random(KEPT) < 0.2) * rng.random(KEPT)
    history.merge(FIRST, visits)
    noise.merge(FIRST, rng.random(KEPT))
    assert len(history.to_bytes()) < 10_000
    assert len(noise.to_bytes()) < 16_000


def _packed(last: int = FIRST, kept: bytes = b"", opened: bytes = b"", *, version: int = 1, count: int = -1) -> bytes:
    """Return packed bytes with anything in them."""
    head = struct.pack("<BqHB", version, last, len(kept) if count < 0 else count, len(opened) // 234)
    return zlib.compress(head + kept + opened)


def _open(slot: int, known: int = 1, busy: int = 0) -> bytes:
    """Return a packed slot kept by the second."""
    return struct.pack("<q", slot) + known.to_bytes(113, "little") + busy.to_bytes(113, "little")


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (b"", "size"),
        (b"nonsense", "cannot be unpacked"),
        (zlib.compress(b"short"), "size"),
        (zlib.compress(bytes(1 << 20)), "size"),
        (_packed(kept=b"\0") + b"more", "size"),
        (_packed(version=2), "version 2"),
        (_packed(count=5), "size they say"),
        (_packed(last=-2), "size they say"),
        (_packed(last=1 << 60), "size they say"),
        (_packed(kept=b"\xfb"), "no room"),
        (_packed(last=-1, kept=b"\0"), "no room"),
        (_packed(kept=bytes(KEPT + 1)), "no room"),
        (_packed(opened=_open(-1)), "seconds"),
        (_packed(opened=_open(FIRST, 1 << 900)), "seconds"),
        (_packed(opened=_open(FIRST, 1, 2)), "seconds"),
        (_packed(opened=_open(FIRST) * 2), "seconds"),
        (_packed(opened=b"".join(_open(FIRST + slot) for slot in range(9))), "size|seconds"),
    ],
)
def test_untrusted_bytes(packed: bytes, message: str) -> None:
    """Refuse what no history packs to, with one sentence."""
    with pytest.raises(SlotError, match=message):
        SlotHistory.from_bytes(packed)


@given(SPANS)
@settings(max_examples=60, deadline=None)
def test_repeats_change_nothing(spans: list[tuple[bool, float, float]]) -> None:
    """Tell the last two hours twice and find the same shares, between 0 and 1."""
    near = [(occupied, start / 4, length / 2) for occupied, start, length in spans]
    once, twice = _history(*near), _history(*near, *near)
    assert_array_equal(_shares(once, 6 * HOUR, 24), _shares(twice, 6 * HOUR, 24))
    known = _shares(once, 6 * HOUR, 24)
    assert np.all(np.isnan(known) | ((known >= 0.0) & (known <= 1.0)))


@given(
    start=st.floats(0, 3 * HOUR),
    length=st.floats(0, HOUR),
    cuts=st.lists(st.floats(0, 1), max_size=6),
    occupied=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_cutting_changes_nothing(start: float, length: float, cuts: list[float], *, occupied: bool) -> None:
    """Tell a span in pieces and find what one piece tells, also where it is packed in between."""
    edges = [start, *(start + length * cut for cut in sorted(cuts)), start + length]
    pieces = SlotHistory()
    for begin, end in pairwise(edges):
        pieces.observe(occupied=occupied, start=T0 + begin, end=T0 + end)
        pieces = SlotHistory.from_bytes(pieces.to_bytes())
    whole = _history((occupied, start, length))
    assert_array_equal(_shares(pieces, 6 * HOUR, 24), _shares(whole, 6 * HOUR, 24))


@given(st.lists(st.tuples(st.booleans() | st.none(), st.floats(), st.floats()), max_size=8), st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_nothing_crashes(spans: list[tuple[bool | None, float, float]], junk: bytes) -> None:
    """Take any numbers and any bytes without falling over."""
    history = SlotHistory()
    for occupied, start, end in spans:
        history.observe(occupied=occupied, start=start, end=min(end, start + 86_400.0))
    assert SlotHistory.from_bytes(history.to_bytes()).to_bytes() == history.to_bytes()
    with pytest.raises(SlotError):
        SlotHistory.from_bytes(zlib.compress(junk) if len(junk) % 2 else junk)


def _calendar(first: datetime, days: int, zone: str = "Europe/Berlin") -> Calendar:
    """Return a calendar of local days."""
    dates = [first + timedelta(days=day) for day in range(days + 1)]
    midnights = np.array([date.replace(tzinfo=ZoneInfo(zone)).timestamp() for date in dates])
    weekdays = np.array([date.weekday() for date in dates[:-1]], np.int8)
    return Calendar(midnights, (weekdays >= 5).astype(np.float32), weekdays)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo"])
def test_slots_of_the_wall_clock(zone: str) -> None:
    """Tell a day's slot by the clock on the wall all year but for one hour of one night."""
    calendar = _calendar(datetime(2026, 1, 1), 365, zone)  # noqa: DTZ001 - local midnights
    times = np.arange(calendar.midnights[0], calendar.midnights[-1], SLOT_SECONDS)
    walls = [datetime.fromtimestamp(t, ZoneInfo(zone)) for t in times.tolist()]
    expected = np.array([wall.hour * 4 + wall.minute // 15 for wall in walls])
    assert np.sum(calendar.slot_of(times) != expected) <= 4
    assert_array_equal(calendar.weekdays[calendar.day_of(times)], [wall.weekday() for wall in walls])
    assert np.unique(calendar.slot_of(times)).tolist() == list(range(96))


def test_times_beyond_the_calendar() -> None:
    """Count a time that no day holds to the nearest."""
    calendar = _calendar(datetime(2026, 5, 1), 3)  # noqa: DTZ001 - local midnights
    outside = calendar.midnights[[0, -1]] + [-1e6, 1e6]
    assert_array_equal(calendar.day_of(outside), [0, 2])
    assert_array_equal(calendar.slot_of(outside), [0, 95])


def test_calendars_that_are_none() -> None:
    """Refuse days that do not rise, and kinds that are not one a day."""
    days = np.array([0.0, 86_400.0])
    with pytest.raises(ValueError, match="rise"):
        Calendar(days[::-1], np.zeros(1, np.float32), np.zeros(1, np.int8))
    with pytest.raises(ValueError, match="one midnight more"):
        Calendar(days, np.zeros(2, np.float32), np.zeros(1, np.int8))
