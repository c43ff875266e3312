"""Score any trace with `fault:*` labels: events, not samples; an alarm counts only if it begins inside a failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from custom_components.inkling.core.faults.classes import Alarm, Settings, Severity

from ..trace import LabelSpan, Trace, TraceError
from .replay import Home, all_series, watched
from .score import per_home_month

_GRACE_SECONDS = 3600.0
_DAY = 86_400.0
_PREFIX = "fault:"


def evaluate_trace(trace: Trace, settings: Settings) -> dict[str, Any]:
    """Return event precision, recall and F1, a row a failure, and the false alarms; raise TraceError without labels."""
    faults = [span for span in trace.labels if span.label.startswith(_PREFIX)]
    if not faults:
        raise TraceError(f"the trace {trace.name!r} has no label fault:<type>: add them, or make them with inject")
    signals = watched(trace)
    home = Home(signals, all_series(trace), settings)
    begin = home.now
    alarms = [alarm for alarm in home.walk(home.end) if alarm.severity is not Severity.INFO]
    events = [_event(span, alarms, trace) for span in faults]
    explained = {id(alarm) for span in faults for alarm in alarms if _is_hit(span, alarm)}
    false = [alarm for alarm in alarms if id(alarm) not in explained]
    judged_days = max(0.0, (home.end - begin) / _DAY - settings.learning_days)
    hits = sum(event["delay_hours"] is not None for event in events)
    named = hits + len(false)
    precision, recall = (hits / named if named else 0.0), hits / len(events)
    return {
        "trace": trace.name,
        "events": events,
        "precision": precision,
        "recall": recall,
        "f1": 2.0 * precision * recall / (precision + recall) if hits else 0.0,
        "false": [{"signal": alarm.signal, "fault": str(alarm.fault), "raised": alarm.raised} for alarm in false],
        "false_alarms": per_home_month(len(false), len(signals) * judged_days),
    }


def _is_hit(span: LabelSpan, alarm: Alarm) -> bool:
    """Return whether an alarm begins in a failure or just after it; an earlier one is a false alarm."""
    return span.start <= alarm.raised <= span.end + _GRACE_SECONDS


def _event(span: LabelSpan, alarms: Sequence[Alarm], trace: Trace) -> dict[str, Any]:
    """Return what was said of one failure: the first alarm that its target has a part in."""
    of_device = {item.id for item in trace.signals if item.device == span.target}
    for alarm in alarms:
        is_about = span.target in (alarm.target, alarm.signal) or alarm.signal in of_device
        if _is_hit(span, alarm) and (is_about or span.target in dict(alarm.responsible)):
            return {
                "target": span.target,
                "fault": span.label.removeprefix(_PREFIX),
                "said": str(alarm.fault),
                "delay_hours": (alarm.raised - span.start) / 3600.0,
                "place_right": is_about,
            }
    return {
        "target": span.target,
        "fault": span.label.removeprefix(_PREFIX),
        "said": None,
        "delay_hours": None,
        "place_right": False,
    }


def event_table(found: dict[str, Any]) -> str:
    """Return the figures as text, a line a failure."""
    lines = [f"{'target':28} {'fault':16} {'said':16} {'delay h':>8}"]
    for event in found["events"]:
        delay = "never" if event["delay_hours"] is None else f"{event['delay_hours']:.2f}"
        lines.append(f"{event['target']:28} {event['fault']:16} {event['said'] or '-':16} {delay:>8}")
    quiet = found["false_alarms"]
    lines.append(
        f"event F1 {found['f1']:.3f} (precision {found['precision']:.3f}, recall {found['recall']:.3f}); "
        f"{quiet['false_alarms']} false alarms in {quiet['home_months']:.3f} home-months"
    )
    return "\n".join(lines)
