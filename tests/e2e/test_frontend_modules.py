"""The parts of the frontend that need no page: history as shapes, times and numbers as a profile wants them."""

import pytest

from tests.e2e.modules import evaluate

HOUR_MS = 3_600_000
DAY = '{"start": 0, "now": 500, "end": 1000}'


def test_states_that_say_yes() -> None:
    """Take doors, covers, people and counts for what they say, and no number for no."""
    states = ["on", "open", "home", "2", "0", "off", "closed", "unavailable", ""]
    found = evaluate("series.js", f"{states}.map(m.isOn)")
    assert found == [True, True, True, True, False, False, False, False, False]


def test_steps_know_what_is_unknown() -> None:
    """Cut a history to its window, and leave a gap where a sensor said nothing."""
    points = '[{t: -5, state: "10"}, {t: 10, state: "unavailable"}, {t: 20, state: "130"}, {t: 30, state: ""}]'
    found = evaluate("series.js", f"m.steps({points}, 0, 40).map((s) => [s.from, s.to, s.percent])")
    assert found == [[0, 10, 10], [10, 20, None], [20, 30, 100], [30, 40, None]]


def test_spans_of_several_sensors_are_one() -> None:
    """Join what overlaps or touches."""
    first = '[{t: 0, state: "on"}, {t: 10, state: "off"}]'
    second = '[{t: 5, state: "on"}, {t: 20, state: "off"}, {t: 30, state: "on"}]'
    found = evaluate("series.js", f"m.spans([{first}, {second}], 0, 40).map((s) => [s.from, s.to])")
    assert found == [[0, 20], [30, 40]]


def test_newer_history_counts() -> None:
    """Replace what a second reading repeats, and forget what ended before the window."""
    old = '[{t: 0, state: "a"}, {t: 5, state: "b"}, {t: 9, state: "c"}]'
    newer = '[{t: 9, state: "d"}, {t: 12, state: "e"}]'
    assert evaluate("series.js", f"m.joined({old}, {newer}, 6).map((p) => p.state)") == ["b", "d", "e"]
    assert evaluate("series.js", f"m.joined({old}, [], 6).length") == 3


def test_slots_begin_now() -> None:
    """Leave out quarters that have passed, and begin the running one now."""
    rows = ",".join(
        f'{{datetime: "2026-11-21T10:{minute:02d}:00+01:00", probability: {minute}, is_shown: true}}'
        for minute in (0, 15, 30)
    )
    now = 'Date.parse("2026-11-21T09:20:00Z")'
    found = evaluate("series.js", f"m.slots([{rows}], {now}, {now} + {HOUR_MS}).map((s) => [s.percent, s.to - s.from])")
    assert found == [[15, 600_000], [30, 900_000]]


def test_nothing_hidden_is_read_out() -> None:
    """Say what was and what may be shown, and nothing of a slot that has not earned it."""
    past = "[{from: 0, to: 5, percent: 7}]"
    ahead = "[{from: 5, to: 6, percent: 80, isShown: true}, {from: 6, to: 7, percent: 90, isShown: false}]"
    assert evaluate("series.js", f"[2, 5, 6, 8].map((t) => m.percentAt({past}, {ahead}, t))") == [7, 80, None, None]


def test_means_keep_their_weight() -> None:
    """Weigh a step by how long it lasted, in stretches that end where the clock says."""
    steps = "[{from: 2, to: 8, percent: 0}, {from: 8, to: 12, percent: 100}, {from: 12, to: 14, percent: null}]"
    found = evaluate("series.js", f"m.smoothed({steps}, 10).map((s) => [s.from, s.to, s.percent])")
    assert found == [[2, 10, 25], [10, 14, 100]]


def test_hidden_hours_interrupt_the_curve() -> None:
    """Draw a curve of its own on either side of hours that are not shown."""
    slots = ",".join(
        f"{{from: {t}, to: {t + 100}, percent: 50, isShown: {'false' if t == 700 else 'true'}}}"
        for t in (500, 600, 700, 800)
    )
    runs = evaluate("shapes.js", f"m.aheadRuns({DAY}, [{slots}], 90)")
    assert [run[0] for run in runs] == [[50, 90], [80, 50]]
    assert [run[-1][0] for run in runs] == [70, 90]


@pytest.mark.parametrize(
    ("profile", "shown"),
    [
        ("'en', undefined, true", ["6:05 PM", "6 PM"]),
        ("'en', undefined, false", ["18:05", "18:05"]),
        ("'de', undefined, undefined", ["18:05", "18:05"]),
        ("'en', 'America/New_York', false", ["13:05", "13:05"]),
    ],
)
def test_clock(profile: str, shown: list[str]) -> None:
    """Count hours as the profile or the language does, in the zone it names."""
    moment = 'Date.parse("2026-11-21T18:05:00Z")'
    found = evaluate("time.js", f"((c) => [c.time({moment}), c.hour({moment})])(m.makeClock({profile}))")
    assert [text.replace("\u202f", " ") for text in found] == shown


def test_marks_follow_the_local_day() -> None:
    """Mark the local day's hours over a change to winter time."""
    start, end = ('Date.parse("2026-10-24T22:00:00Z")', 'Date.parse("2026-10-25T23:00:00Z")')
    clock = "m.makeClock('en-GB', 'Europe/Berlin', false)"
    found = evaluate("time.js", f"{clock}.marks({start}, {end}, 6).map((k) => [k.label, k.isMidnight])")
    assert found == [["Sun", True], ["6:00", False], ["12:00", False], ["18:00", False], ["Mon", True]]


@pytest.mark.parametrize(
    ("language", "choice", "shown"),
    [
        ("en", "language", ["97%", "1,234.5", "1 hr 5 min"]),
        ("de", "language", ["97 %", "1.234,5", "1 Std. 5 Min."]),
        ("en", "decimal_comma", ["97%", "1.234,5", "1 hr 5 min"]),
        ("en", "none", ["97%", "1234.5", "1 hr 5 min"]),
    ],
)
def test_numbers(language: str, choice: str, shown: list[str]) -> None:
    """Write numbers in the profile's language, with the separators it wants."""
    expression = (
        f"((n) => [n.percent(96.6), n.plain(1234.5, 1), n.duration(3900000)])(m.makeNumbers('{language}', '{choice}'))"
    )
    assert [text.replace("\xa0", " ") for text in evaluate("numbers.js", expression)] == shown
