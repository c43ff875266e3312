"""What was learned survives a restart, follows the signals of today, and no damaged byte of it is believed."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
import json
from typing import Any
import zlib

import numpy as np
import pytest

from custom_components.inkling.core.faults.classes import Context, FaultClass, Scope, Settings, WatchedSignal
from custom_components.inkling.core.faults.state import StateError, dump, load
from custom_components.inkling.core.units import Role

from .home import DAY, HOUR, NAN, SIGNALS, T0, Lived, Readings, changed

Home = tuple[Lived, Readings]
START = T0 + 12.0 * DAY
_HEAD = 8 + 32


def _packed(data: bytes, change: Callable[[dict[str, Any]], object], cut: int = 0) -> bytes:
    """Return a state whose head is changed and whose checksum is right again."""
    plain = zlib.decompress(data[_HEAD:])
    size = int.from_bytes(plain[:4], "big")
    head = json.loads(plain[4 : 4 + size])
    new = change(head)
    text = json.dumps(head if new is None else new).encode()
    packed = zlib.compress(len(text).to_bytes(4, "big") + text + plain[4 + size : len(plain) - cut])
    return data[:8] + sha256(packed).digest() + packed


@pytest.fixture(scope="module", name="ill")
def ill_fixture(lived: Home) -> tuple[Lived, Readings]:
    """Return a home with one dead sensor, a dead device and a signal that lost one reading."""
    given = changed(lived[1], "t3", START, START + DAY, lambda *_: NAN)
    for name in ("t1", "h1"):
        given = changed(given, name, START, START + DAY, lambda *_: None)
    return lived[0].copy().walk(given, START + 3.0 * HOUR), given


def test_a_loaded_watch_goes_on_as_the_one_that_was_written(ill: Home) -> None:
    """Write and read: thresholds, history and the alarms that stand are the same."""
    watch = ill[0].watch
    again = load(dump(watch), SIGNALS, Settings())
    assert repr(again.judge.active) == repr(watch.judge.active)
    assert {alarm.scope for alarm in again.judge.active} == {Scope.SIGNAL, Scope.DEVICE}
    for name in ("maxima", "reach", "lift", "blocks"):
        np.testing.assert_array_equal(getattr(again.tail, name), getattr(watch.tail, name))
    np.testing.assert_array_equal(again.bank.fine, watch.bank.fine)
    np.testing.assert_array_equal(again.company.together, watch.company.together)
    assert (again.bank.number, again.hours) == (watch.bank.number, watch.hours)
    assert dump(again) == dump(watch)


def test_signals_come_and_go_between_two_starts(ill: Home) -> None:
    """Load for other signals: who stayed keeps its history, a new role begins anew, an alarm of none is dropped."""
    now = (
        WatchedSignal("new", Role.MOTION, "a"),
        WatchedSignal("t2", Role.TEMPERATURE, "a"),
        WatchedSignal("co2", Role.HUMIDITY, "b"),
        WatchedSignal("radar", Role.PRESENCE, "a"),
    )
    again = load(dump(ill[0].watch), now, Settings())
    assert again.judge.active == ()
    assert again.tail.blocks.tolist()[0] == 0 == again.tail.blocks.tolist()[2]
    assert again.tail.blocks[1] == ill[0].watch.tail.blocks[2]
    assert again.company.alone[1] == ill[0].watch.company.alone[1]
    assert again.tick(ill[0].copy().intake.drain(START), Context(START)).opened == ()


def test_an_alarm_of_a_hub_is_taken_up_by_all_its_signals(lived: Home) -> None:
    """Silence a bridge, write and read: all of its signals are in alarm."""
    given = lived[1]
    for name in ("t1", "h1", "t2", "t3", "co2"):
        given = changed(given, name, START, START + DAY, lambda *_: None)
    watch = lived[0].copy().walk(given, START + 3.0 * HOUR).watch
    again = load(dump(watch), SIGNALS, Settings())
    assert again.judge.in_alarm.tolist() == [signal.hub == "bridge" for signal in SIGNALS]
    assert again.judge.active[0].fault is FaultClass.DROPOUT


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "another version": lambda data: b"INKLFLT0" + data[8:],
    "a flipped bit": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "no zlib": lambda data: data[:8] + sha256(b"x").digest() + b"x",
    "no table": lambda data: _packed(data, lambda _: [1]),
    "a number that is a word": lambda data: _packed(data, lambda head: head.update(number="7")),
    "a number that is true": lambda data: _packed(data, lambda head: head.update(hours=True)),
    "a number beyond time": lambda data: _packed(data, lambda head: head.update(number=2**40)),
    "no signals": lambda data: _packed(data, lambda head: head.update(signals=None)),
    "a signal that is none": lambda data: _packed(data, lambda head: head["signals"].append(["x", 3, True])),
    "other switches": lambda data: _packed(data, lambda head: head["binaries"].clear()),
    "cut short": lambda data: _packed(data, lambda _: None, cut=8),
    "alarms that are none": lambda data: _packed(data, lambda head: head.update(alarms=[[{"target": 1}, "GONE"]])),
    "no alarms": lambda data: _packed(data, lambda head: head.pop("alarms") and None),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_damaged_state_is_refused_with_one_sentence(ill: Home, case: str) -> None:
    """Refuse it, and say that it is learned anew."""
    with pytest.raises(StateError, match="learned anew"):
        load(HOSTILE[case](dump(ill[0].watch)), SIGNALS, Settings())


def test_counts_that_cannot_be_are_refused(ill: Home) -> None:
    """Refuse a state that counted less than nothing."""
    home = ill[0].copy()
    home.watch.company.together[0, 0] = -1.0
    with pytest.raises(StateError, match="cannot be counted"):
        load(dump(home.watch), SIGNALS, Settings())
