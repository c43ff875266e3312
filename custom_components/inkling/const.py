"""Names and defaults of the integration; each number with its reason."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from homeassistant.const import Platform

from .core.memory import LOW_SECONDS

DOMAIN: Final = "inkling"
PLATFORMS: Final = [Platform.BINARY_SENSOR, Platform.EVENT, Platform.SELECT, Platform.SENSOR]
SUBENTRY_ROOM: Final = "room"
SUBENTRY_DEVICE: Final = "device"
SUBENTRY_EVERYTHING: Final = "everything"

CONF_AREA_ID: Final = "area_id"
CONF_SIGNALS: Final = "signals"
CONF_OUTSIDE: Final = "outside"
"""Entities of a room that lay outside its area when the user confirmed them: no news when they still do."""
CONF_REGISTRY_IDS: Final = "registry_ids"
"""The registry's lasting ids of the entities, by which a rename is noticed that nobody listened to."""
CONF_OFFERED: Final = "offered"
"""Lasting ids of the sensors that the user was shown, so that only later ones are news: a room's, or all by area."""
CONF_ROOMS: Final = "rooms"
CONF_WATCH_EVERYTHING: Final = "watch_everything"
CONF_EXIT_DOORS: Final = "exit_doors"
CONF_PEOPLE: Final = "people"
CONF_BACKEND: Final = "backend"
CONF_SENSITIVITY: Final = "sensitivity"
CONF_OFF_DELAY_SECONDS: Final = "off_delay_seconds"
CONF_HORIZONS: Final = "forecast_horizons"
CONF_THRESHOLD: Final = "forecast_threshold"
CONF_WORKDAY: Final = "workday_entity"
CONF_FREE_DAYS: Final = "free_days_calendar"
CONF_DEVICE_ID: Final = "device_id"
CONF_ENTITIES: Final = "entities"
CONF_PEERS: Final = "peers"
CONF_KIND: Final = "kind"
CONF_OUTDOOR: Final = "outdoor"
"""What tells how warm it is outdoors: a list with one entity, or with none."""
CONF_FALSE_ALARMS: Final = "false_alarms_per_year"
CONF_EXCLUDED: Final = "excluded"


class Sensitivity(StrEnum):
    """How easily a room counts as occupied."""

    CALM = "calm"
    BALANCED = "balanced"
    EAGER = "eager"


# Log-odds added to both thresholds: 0.85 turns 50 % into 70 %, which is felt and still turns on for real motion.
THRESHOLD_SHIFTS: Final = {Sensitivity.CALM: 0.85, Sensitivity.BALANCED: 0.0, Sensitivity.EAGER: -0.85}
OFF_DELAY_LIMIT_SECONDS: Final = 7200

# Edges are judged at once; a storm of them ten times a second, which a person does not see as late.
COALESCE_SECONDS: Final = 0.1
# A model judges a step by how much of it was motion, so the seconds after an edge say more than the edge itself.
FOLLOW_SECONDS: Final = 10.0
RESTLESS_SECONDS: Final = 65.0
# Slow signals and the passing of time; one model step.
TICK_INTERVAL: Final = timedelta(minutes=1)
# An explanation costs a batch of questions, so it is asked when the picture has changed, or now and then.
EXPLAIN_POINTS: Final = 0.05
EXPLAIN_SECONDS: Final = 900.0
# A model that fails this often in a row will not recover by being asked again.
FAILURES_LIMIT: Final = 5

# Recency features look back a day; meters need the lowest of half a day and the model's window of 64 minutes.
HISTORY_SECONDS: Final = 86_400.0
DETAIL_SECONDS: Final = LOW_SECONDS + 3_960.0
# One entity's day takes milliseconds; this only cuts off a database that hangs.
QUERY_TIMEOUT_SECONDS: Final = 10.0
WARMUP_TIMEOUT_SECONDS: Final = 60.0
# Sensors of slow networks report within minutes of a start; until then what was known before stands.
START_GRACE_SECONDS: Final = 180.0
# A decision older than this says nothing about now.
RESTORE_LIMIT_SECONDS: Final = 3_600.0
SAVE_DELAY_SECONDS: Final = 30.0

# 12 probability rows an hour, 8 of the reason and 18 of forecasts leave 22 of the 60 allowed for bursts and for
# occupancy, which is never held back; a graph of a room shows no difference to twice as many.
ROW_BURST: Final = 3
ROW_REFILL_SECONDS: Final = 300.0
# A reason in words is read by people, not by graphs.
REASON_SECONDS: Final = 480.0

# How far ahead a forecast can be an entity, in minutes; the whole day is an action's answer.
HORIZONS_MINUTES: Final = (15, 30, 60, 120)
# Half an hour is for air, an hour for heat.
DEFAULT_HORIZONS: Final = ("30", "60")
DEFAULT_THRESHOLD_PERCENT: Final = 50
THRESHOLD_LIMITS_PERCENT: Final = (5, 95)
# What a calendar knows: the days that are learned from, and the next ones.
PAST_DAYS: Final = 141
FUTURE_DAYS: Final = 3
# An action of another integration that does not answer must not hold up a day.
ASK_TIMEOUT_SECONDS: Final = 10.0

# A kill costs what was seen since it was last told, and the second until it is written: well under a minute.
LEARN_SECONDS: Final = 30
# Decisions of several rooms change together when somebody walks; one batch forecasts them all.
FORECAST_COALESCE_SECONDS: Final = 1.0
# Copying a room's twenty weeks takes some tens of microseconds; so many at once hold the loop well under a millisecond.
FORECAST_ROOMS_AT_ONCE: Final = 4
# A forecast moves by quarters of an hour, and what is far ahead moves slower.
FORECAST_BURST: Final = 2
FORECAST_REFILL_SECONDS: Final = {15: 900.0, 30: 900.0, 60: 1800.0, 120: 1800.0}
NEXT_REFILL_SECONDS: Final = 900.0
# It holds no curve that blueprints read, so it need not move with every quarter.
NEXT_VACANT_REFILL_SECONDS: Final = 1800.0

# Learning the past: no more than the recorder keeps by default three times over, and no more than learned of it.
BOOTSTRAP_DAYS_LIMIT: Final = 30
BOOTSTRAP_STEP_SECONDS: Final = 300.0
# A room's day takes a part of a second of one core; the home's other work goes first.
BOOTSTRAP_PAUSE_SECONDS: Final = 0.5

# One false alarm in a year is the least that can be asked for: never would mean never saying anything.
STRICTEST_FALSE_ALARMS: Final = 1.0
DEFAULT_FALSE_ALARMS: Final = 2.0
MOST_FALSE_ALARMS: Final = 52.0
# The recorder keeps ten days by default; a month shows a week of learning and three of judging.
BACKTEST_DAYS: Final = 30
# A pause after each replayed day leaves other work its turns.
BACKTEST_PAUSE_SECONDS: Final = 0.05
# What was learned changes slowly; a power cut costs an hour of it.
FAULT_SAVE_SECONDS: Final = 3_600.0
SNOOZE_LIMIT_DAYS: Final = 90

OVERVIEW_SECONDS: Final = 1.0
"""Pause between two messages to an open panel: nobody reads faster."""
OVERVIEW_PARTS_AT_ONCE: Final = 8
"""Rooms and devices put into words in one turn of the loop, which takes well under a millisecond."""

EVENT_FAULT: Final = f"{DOMAIN}_fault"
"""On the bus and in the logbook: a fault began or ended, with its evidence."""
EVENT_ANSWER: Final = f"{DOMAIN}_answer"
"""On the bus and in the logbook: what the user said, by whatever button."""
ATTR_MESSAGE: Final = "message"
