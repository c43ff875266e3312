"""Every class of failure is found, named and placed in a home that is otherwise well; a well home is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from custom_components.inkling.core.faults.bank import Bank
from custom_components.inkling.core.faults.classes import (
    Alarm,
    Context,
    FaultClass,
    Learning,
    Scope,
    Severity,
    WatchedSignal,
)
from custom_components.inkling.core.faults.intake import BIN_SECONDS, Field
from custom_components.inkling.core.faults.judge import Judge, _Open
from custom_components.inkling.core.faults.naming import Suspect, is_sudden, name_fault
from custom_components.inkling.core.faults.table import Score
from custom_components.inkling.core.units import Role

from .home import DAY, HOUR, NAN, SIGNALS, T0, Lived, Readings, born, changed, readings, with_spells

START = T0 + 12.0 * DAY + 10.0 * HOUR
END = T0 + 14.0 * DAY
Home = tuple[Lived, Readings]
Breaks = Callable[[Readings], Readings]


def _map(name: str, change: Callable[[float, float], float | None]) -> Breaks:
    """Return what changes one signal from START on."""
    return lambda given: changed(given, name, START, END, change)


def _noise(sigma: float, seed: int = 3) -> Callable[[float, float], float]:
    """Return what adds noise to a reading."""
    rng = np.random.default_rng(seed)
    return lambda _, value: value + float(rng.normal(0.0, sigma))


def _spells(name: str, length: float, gap: float) -> Breaks:
    """Return what makes an on/off signal turn on for `length` of each `length + gap` seconds."""
    spells = [(t, t + length) for t in np.arange(START + 1.0, END - length, length + gap).tolist()]
    return lambda given: with_spells(given, name, spells, START, END)


def _held(name: str) -> Breaks:
    """Return what repeats a signal's last value from START on."""

    def hold(given: Readings) -> Readings:
        """Repeat it."""
        last = [value for t, value in given[name] if t < START][-1]
        return changed(given, name, START, END, lambda *_: last)

    return hold


CASES: dict[str, tuple[Breaks, str, set[FaultClass]]] = {
    "unavailable": (_map("t3", lambda *_: NAN), "t3", {FaultClass.DROPOUT}),
    "stuck": (_held("t1"), "t1", {FaultClass.STUCK}),
    "at a rail": (_map("h1", lambda *_: 100.0), "h1", {FaultClass.CLIPPING}),
    "noise": (_map("t2", _noise(0.8)), "t2", {FaultClass.NOISE}),
    "spikes": (_map("t1", lambda t, v: v + 6.0 * (t % 2100.0 < 300.0)), "t1", {FaultClass.SPIKE}),
    "bias": (_map("t2", lambda _, v: v + 2.0), "t2", {FaultClass.BIAS}),
    "damp": (_map("h1", lambda _, v: v + 15.0), "h1", {FaultClass.BIAS}),
    "fahrenheit": (_map("t2", lambda _, v: v * 1.8 + 32.0), "t2", {FaultClass.GAIN}),
    "half": (_map("t3", lambda _, v: v * 0.5), "t3", {FaultClass.GAIN}),
    "coarse": (_map("h1", lambda _, v: 3.0 * round(v / 3.0)), "h1", {FaultClass.QUANTISATION}),
    "impossible": (_map("t2", lambda t, v: 85.0 if t % 900.0 < 300.0 else v), "t2", {FaultClass.PHYSICS}),
    "blind": (_map("motion", lambda *_: 0.0), "motion", {FaultClass.STUCK_OFF, FaultClass.BLIND}),
    "stuck on": (_spells("motion_b", 30.0 * HOUR, HOUR), "motion_b", {FaultClass.STUCK_ON}),
    "ghost": (_spells("motion_b", 3000.0, 300.0), "motion_b", {FaultClass.GHOST}),
    "chatter": (_spells("motion_b", 8.0, 8.0), "motion_b", {FaultClass.CHATTER}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_failure_is_found_named_and_placed(lived: Home, case: str) -> None:
    """Break one signal: the first alarm at warning names it and its class."""
    breaks, signal, kinds = CASES[case]
    home = lived[0].copy()
    home.walk(breaks(lived[1]), END)
    found = [alarm for alarm in home.alarms if alarm.severity is not Severity.INFO]
    assert [(alarm.signal, alarm.fault in kinds) for alarm in found[:1]] == [(signal, True)], found
    assert START - HOUR <= found[0].since <= found[0].raised
    assert found[0].responsible[0][0] == signal


def test_a_well_home_is_left_alone(lived: Home) -> None:
    """Walk four more days as the eleven before: nothing is said."""
    home = lived[0].copy().walk(lived[1], T0 + 15.0 * DAY)
    assert [alarm for alarm in home.alarms if alarm.severity is not Severity.INFO] == []


def test_a_silent_device_is_one_alarm_and_a_silent_bridge_another(lived: Home) -> None:
    """Silence a device of two signals, then all of a bridge: one alarm each."""
    one = lived[1]
    for name in ("t1", "h1"):
        one = changed(one, name, START, END, lambda *_: None)
    home = lived[0].copy().walk(one, START + 3.0 * HOUR)
    assert [(alarm.target, alarm.scope, alarm.fault) for alarm in home.alarms] == [
        ("air", Scope.DEVICE, FaultClass.DROPOUT)
    ]
    every = lived[1]
    for name in ("t1", "h1", "t2", "t3", "co2"):
        every = changed(every, name, START, END, lambda *_: None)
    home = lived[0].copy().walk(every, START + 3.0 * HOUR)
    assert [(alarm.target, alarm.scope) for alarm in home.alarms] == [("bridge", Scope.HUB)]


def test_silence_is_no_fault_while_a_sibling_speaks(lived: Home) -> None:
    """Let the humidity of a device that still tells its temperature be silent for 50 minutes."""
    home = lived[0].copy().walk(changed(lived[1], "h1", START, END, lambda *_: None), START + 50.0 * 60.0)
    assert home.alarms == []


def test_an_alarm_ends_when_its_signal_is_well_again(lived: Home) -> None:
    """Stop the noise: the alarm closes, and only once."""
    noisy = changed(lived[1], "t2", START, START + 6.0 * HOUR, _noise(0.8))
    home = lived[0].copy().walk(noisy, START + 42.0 * HOUR)
    raised = [alarm.signal for alarm in home.alarms if alarm.severity is not Severity.INFO]
    assert [alarm.signal for alarm in home.closed] == raised == ["t2"]


def test_short_outages_of_a_day_are_told_as_such(lived: Home) -> None:
    """Let a signal be gone for ten minutes of each hour."""
    drops = changed(lived[1], "t3", START, END, lambda t, v: NAN if t % HOUR < 900.0 else v)
    home = lived[0].copy().walk(drops, END)
    assert FaultClass.INTERMITTENT in {alarm.fault for alarm in home.alarms}


def test_a_slow_drift_is_found(lived: Home) -> None:
    """Let a thermometer creep by half a degree a day: it is found within five days, and named a drift."""
    start = T0 + 11.5 * DAY
    drifting = changed(lived[1], "t2", start, T0 + 18.0 * DAY, lambda t, v: v + 0.5 * (t - start) / DAY)
    home = lived[0].copy().walk(drifting, T0 + 16.5 * DAY)
    assert [(alarm.signal, alarm.fault) for alarm in home.alarms[:1]] == [("t2", FaultClass.DRIFT)]


def test_nothing_but_physics_speaks_in_the_first_days() -> None:
    """Break everything on the second day: only what cannot be true is told."""
    given = readings(2.5)
    given = changed(given, "t1", T0 + DAY, T0 + 3.0 * DAY, lambda _, v: v + 9.0)
    given = changed(given, "co2", T0 + DAY, T0 + 3.0 * DAY, lambda *_: 65_535.0)
    home = born().walk(given, T0 + 2.0 * DAY)
    assert {(alarm.signal, alarm.fault) for alarm in home.alarms} == {("co2", FaultClass.PHYSICS)}
    report = home.watch.tick(home.intake.drain(home.now + 60.0), Context(home.now + 60.0))
    assert {item.signal: item.state for item in report.health}["t1"] is Learning.LEARNING
    assert {item.signal: item.state for item in report.health}["co2"] is Learning.FAULT


def test_what_the_user_says_is_remembered(lived: Home) -> None:
    """Call an alarm false: it ends, and the same movement raises none; serviced begins the signal anew."""
    noisy = changed(lived[1], "t2", START, END, _noise(0.25))
    home = lived[0].copy().walk(noisy, START + 3.0 * HOUR)
    alarms = [alarm for alarm in home.alarms if alarm.severity is not Severity.INFO]
    row = home.watch.row_of["t2"]
    before = home.watch.tail.reach[row].copy()
    home.watch.false_alarm(alarms[0])
    assert home.watch.judge.active == ()
    assert (home.watch.tail.reach[row] > before).sum() >= 1
    home.watch.false_alarm(replace(alarms[0], signal="nobody"))
    home.watch.serviced("t2")
    home.watch.serviced("nobody")
    assert home.watch.tail.blocks[row] == 0
    report = home.watch.tick(home.intake.drain(home.now), Context(home.now))
    assert {item.signal: item.state for item in report.health}["t2"] is Learning.LEARNING


def test_what_is_paused_or_starting_is_not_judged(lived: Home) -> None:
    """Silence a signal that is paused, and all while Home Assistant starts: nothing is said."""
    gone = changed(lived[1], "t3", START, END, lambda *_: NAN)
    paused = lived[0].copy().walk(gone, START + 3.0 * HOUR, paused=frozenset({"t3"}))
    assert paused.alarms == []
    raised = lived[0].copy().walk(gone, START + 2.0 * HOUR)
    raised.walk(gone, START + 3.0 * HOUR, paused=frozenset({"t3"}))
    assert [alarm.signal for alarm in raised.closed] == ["t3"]
    starting = lived[0].copy().walk(lived[1], START - HOUR).walk(gone, START + 3.0 * HOUR, is_starting=True)
    assert starting.alarms == []


def test_weather_and_windows_are_no_faults(lived: Home) -> None:
    """Warm all rooms at once, and let a window of the room be opened: no thermometer is blamed."""
    warm = lived[1]
    for name in ("t1", "t2", "t3"):
        warm = changed(warm, name, START, END, lambda _, value: value + 3.0)
    home = lived[0].copy().walk(warm, START + 4.0 * HOUR)
    assert [alarm for alarm in home.alarms if alarm.measure == "jump"] == []
    shifted = changed(lived[1], "t2", START, END, lambda _, value: value - 3.0)
    aired = with_spells(shifted, "window", [(START, START + HOUR)], START - 60.0, END)
    assert lived[0].copy().walk(aired, START + 4.0 * HOUR).alarms == []


def test_a_freezer_that_is_gone_is_critical(lived: Home) -> None:
    """Lose the one thermometer that much depends on: the alarm is critical."""
    gone = changed(lived[1], "t2", START, END, lambda *_: NAN)
    home = lived[0].copy().walk(gone, START + 3.0 * HOUR)
    assert [alarm.severity for alarm in home.alarms] == [Severity.CRITICAL]


def test_a_home_without_signals_has_nothing_to_say() -> None:
    """Watch nothing."""
    home = born(())
    assert home.watch.tick(home.intake.drain(T0), Context(T0)).active == ()


def test_a_worker_that_slept_for_days_goes_on(lived: Home) -> None:
    """Tick once after three days: only the last day's bins are walked."""
    home = lived[0].copy()
    now = home.now + 3.0 * DAY
    report = home.watch.tick(home.intake.drain(now), Context(now, is_starting=True))
    assert report.now == now
    assert home.watch.bank.number == int(now // BIN_SECONDS) - 1


def test_in_an_empty_home_nothing_need_change(lived: Home) -> None:
    """Hold a thermometer while everybody is away: nothing is said."""
    held = _held("t2")(lived[1])
    assert lived[0].copy().walk(held, START + 1.7 * HOUR, is_away=True).alarms == []


def test_two_signals_of_a_device_are_one_alarm_and_two_devices_two(lived: Home) -> None:
    """Let both signals of a device go wild, and one of another: two alarms."""
    given = changed(lived[1], "co2", START - HOUR, END, lambda *_: NAN)
    for name, sigma in (("t1", 0.8), ("h1", 5.0)):
        given = changed(given, name, START, END, _noise(sigma))
    home = lived[0].copy().walk(given, START + 6.0 * HOUR)
    found = [alarm.device for alarm in home.alarms if alarm.severity is not Severity.INFO]
    assert sorted(found) == ["air", "shelf"]


def test_an_outage_after_outages_is_told_as_one_of_many(lived: Home) -> None:
    """Drop out twice for ten minutes and then for good: it comes and goes."""
    drops = changed(lived[1], "t3", START, END, lambda t, v: NAN if (t - START) % HOUR < 600.0 else v)
    drops = changed(drops, "t3", START + 1.5 * HOUR, END, lambda *_: NAN)
    home = lived[0].copy().walk(drops, START + 5.0 * HOUR)
    assert [alarm.fault for alarm in home.alarms] == [FaultClass.INTERMITTENT]


def test_a_level_of_hours_only_is_called_sudden() -> None:
    """Ask of a home that has no history of its peers: nothing speaks for a drift."""
    assert is_sudden(Bank(SIGNALS), 0)


def test_what_comes_back_within_the_day_is_the_same_alarm_and_physics_breaks_in(lived: Home) -> None:
    """Let noise come, go for six hours and come back: one alarm; let the same signal then say 85: another."""
    noisy = changed(lived[1], "t2", START, START + 6.0 * HOUR, _noise(0.8))
    noisy = changed(noisy, "t2", START + 18.0 * HOUR, START + 22.0 * HOUR, _noise(0.8))
    noisy = changed(noisy, "t2", START + 22.0 * HOUR, END, lambda *_: 85.0)
    home = lived[0].copy().walk(noisy, START + 24.0 * HOUR)
    found = [alarm.fault for alarm in home.alarms if alarm.severity is not Severity.INFO]
    assert found == [FaultClass.NOISE, FaultClass.PHYSICS]


def test_a_ghost_that_never_lets_go_is_stuck(lived: Home) -> None:
    """Ask what a sensor is that is on alone, for seven hours without a break: stuck on, not haunted."""
    home = lived[0].copy().walk(CASES["stuck on"][0](lived[1]), START + 7.0 * HOUR)
    row = home.watch.row_of["motion_b"]
    suspect = Suspect(home.watch.bank, row, SIGNALS[row], 1.0)
    assert name_fault(suspect, [Score.ALONE], home.watch.excess[row]) == (FaultClass.STUCK_ON, Score.ALONE)


def test_a_level_that_spikes_pull_along_is_named_after_the_spikes(lived: Home) -> None:
    """Ask what a level is that is wrong while single readings stand far out: spikes, not a bias."""
    home = lived[0].copy().walk(CASES["spikes"][0](lived[1]), START + 3.0 * HOUR)
    row = home.watch.row_of["t1"]
    excess = home.watch.excess[row]
    assert excess[Score.SPIKES] >= 1.0
    suspect = Suspect(home.watch.bank, row, SIGNALS[row], 0.1)
    assert name_fault(suspect, [Score.BIAS], excess) == (FaultClass.SPIKE, Score.BIAS)


def test_large_but_uneven_steps_are_no_rounding(lived: Home) -> None:
    """Move seldom, by half a percent to three quarters: whatever that is, no resolution was lost."""
    steps = np.random.default_rng(4).uniform(0.5, 0.75, 200) * np.where(np.arange(200) % 24 < 12, 1.0, -1.0)
    levels = 45.0 + np.cumsum(steps)
    uneven = changed(lived[1], "h1", START, END, lambda t, _: float(levels[int((t - START) // 1800.0)]))
    home = lived[0].copy().walk(uneven, START + 12.0 * HOUR)
    assert home.watch.excess[home.watch.row_of["h1"], Score.COARSE] >= 1.0
    assert FaultClass.QUANTISATION not in {alarm.fault for alarm in home.alarms}


def test_who_sees_less_is_blind_and_who_sees_nothing_is_stuck(lived: Home) -> None:
    """Ask what a sensor is whose neighbours foretold more: blind while it saw somebody lately, else stuck off."""
    home = lived[0].copy().walk(CASES["blind"][0](lived[1]), START + 12.0 * HOUR)
    row = home.watch.row_of["motion"]
    suspect = Suspect(home.watch.bank, row, SIGNALS[row], 1.0)
    assert name_fault(suspect, [Score.FEWER], home.watch.excess[row]) == (FaultClass.STUCK_OFF, Score.FEWER)
    home.watch.bank.at(Field.HIGH, 0)[row] = 1.0
    assert name_fault(suspect, [Score.FEWER], home.watch.excess[row]) == (FaultClass.BLIND, Score.FEWER)


def test_what_comes_slowly_does_not_teach_that_it_is_normal(lived: Home) -> None:
    """Hold a motion sensor on for 19 hours: its threshold stays, though blocks of six hours ended meanwhile."""
    home = lived[0].copy().walk(lived[1], START)
    row = home.watch.row_of["motion_b"]
    before = home.watch.tail.usual[row, Score.ON] + home.watch.tail.reach[row, Score.ON]
    home.walk(_spells("motion_b", 40.0 * HOUR, HOUR)(lived[1]), START + 19.0 * HOUR)
    after = home.watch.tail.usual[row, Score.ON] + home.watch.tail.reach[row, Score.ON]
    assert after <= before + 0.1


def test_a_door_that_nobody_uses_is_not_silent(lived: Home) -> None:
    """Let a window, which reports only as it moves, say nothing for two days: nothing is said."""
    home = lived[0].copy().walk(changed(lived[1], "button", T0, END, lambda *_: None), END)
    assert {alarm.signal for alarm in home.alarms} & {"button", "window"} == set()


def test_an_alarm_that_fades_goes_on_when_its_measure_fires_again() -> None:
    """Take the same measure within the day for the same failure, another one or a line in a log for news."""
    judge = Judge((WatchedSignal("a", Role.TEMPERATURE, "kitchen", "device"),))
    alarm = Alarm(
        target="a", scope=Scope.SIGNAL, signal="a", device="device", fault=FaultClass.BIAS, severity=Severity.WARNING,
        since=0.0, raised=0.0, measure="bias", expected=20.0, seen=24.0, confidence=0.8, witnesses=(), responsible=(),
    )  # fmt: skip
    fired = np.zeros(len(Score), dtype=bool)
    fired[Score.BIAS] = True
    for severity, measure, goes_on in (
        (Severity.WARNING, "bias", True),
        (Severity.WARNING, "noise", False),
        (Severity.INFO, "bias", False),
    ):
        judge.open["a"] = _Open(replace(alarm, severity=severity, measure=measure), (0,), Score.BIAS, well_bins=100)
        assert judge._goes_on(0, fired) is goes_on
        assert judge.open["a"].well_bins == (0 if goes_on else 100)
