"""The names of what the forecast's network is told, in one place that the models' loader may read."""

from __future__ import annotations

FORECAST_VERSION = 1

PROFILES = ("weekday", "kind", "recent", "long", "yesterday")
"""Habits that look at the clock alone: same weekday, same kind of day, the last week, every day, the day before."""
WIDEST = ("age",)
"""Habits that look up to six hours before and after: days that were as long in this state, at whatever hour."""
WIDE = ("smooth", "wide_state", "duration")
"""Habits that also look an hour or two before and after: every day, days in this state, and those as long in it."""
NARROW = ("markov", "nearest", "weekday_state", "recent_state")
"""Habits of days that stood like this one within half an hour: of this kind, most alike, same weekday, lately."""
STATES = WIDEST + WIDE + NARROW
HABITS = PROFILES + STATES

FORECAST_CHANNELS: tuple[str, ...] = (
    *(f"habit.{name}.logit" for name in HABITS),
    *(f"habit.{name}.evidence" for name in HABITS),
    "now.verdict.logit",
    "now.state.sign",
    "now.duration.log",
    "now.duration.signed",
    "now.duration.known",
    "past.hour.share",
    "past.hours.share",
    "past.day.share",
    "past.week.share",
    "past.day.changes",
    "past.changes.rate",
    "past.run.log",
    "past.overall.logit",
    "past.days.log",
    "past.kind.surprise",
    "past.recent.surprise",
    "lag.hours.log",
    "lag.days.linear",
    "target.clock.sin",
    "target.clock.cos",
    "target.halfday.sin",
    "target.halfday.cos",
    "target.day.free",
    "today.day.free",
    "people.home.share",
    "people.home.known",
    "room.home.flag",
)
