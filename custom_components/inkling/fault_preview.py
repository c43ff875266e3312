"""What a backtest found, in words for a form and in numbers for an action."""

from collections import Counter
from collections.abc import Collection

from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from .core.faults.classes import Alarm
from .fault_backtest import Backtest
from .fault_entity import alarm_attributes, iso
from .fault_phrases import Speaker
from .fault_status import covered, is_serious

_LISTED = 10


def alarms_of(work: Backtest, signals: Collection[str]) -> list[Alarm]:
    """Return the alarms of a backtest that are about some signals."""
    return [alarm for alarm in work.alarms if covered(alarm, work.plan.signals) & frozenset(signals)]


def preview_text(work: Backtest | None, signals: Collection[str], speaker: Speaker) -> str:
    """Return what would have been said, as Markdown."""
    phrases = speaker.phrases
    if work is None:
        return phrases["backtest_no_recorder"]
    if work.first is None:
        return phrases["backtest_no_history"]
    alarms = [alarm for alarm in alarms_of(work, signals) if is_serious(alarm)]
    head = phrases["backtest_alarms" if alarms else "backtest_quiet"]
    head = head.replace("{days}", f"{work.days:.0f}").replace("{count}", str(len(alarms)))
    lines = [f"- {_day(alarm)}: {speaker.evidence(alarm)}" for alarm in alarms[:_LISTED]]
    if len(alarms) > _LISTED:
        lines.append(f"- {phrases['backtest_more'].replace('{count}', str(len(alarms) - _LISTED))}")
    learned = phrases["backtest_learning"].replace("{days}", f"{work.watch.settings.learning_days:.0f}")
    daily = phrases["backtest_appliances"] if work.appliances else ""
    return "\n\n".join(filter(None, (head, "\n".join(lines), learned, daily)))


def _day(alarm: Alarm) -> str:
    """Return the local day an alarm would have been raised on."""
    return dt_util.as_local(dt_util.utc_from_timestamp(alarm.raised)).date().isoformat()


def backtest_response(work: Backtest, signals: Collection[str], speaker: Speaker) -> JsonObjectType:
    """Return what would have been said, with counts."""
    alarms = alarms_of(work, signals)
    return {
        "start": None if work.first is None else iso(work.first),
        "end": iso(work.end),
        "days": round(work.days, 2),
        "judged_days": round(work.judged_days, 2),
        "signals": len(signals),
        "count": len(alarms),
        "by_severity": dict(Counter(str(alarm.severity) for alarm in alarms)),
        "by_type": dict(Counter(str(alarm.fault) for alarm in alarms)),
        "alarms": [{"raised": iso(alarm.raised), **alarm_attributes(alarm, speaker)} for alarm in alarms],
    }
