"""What a language model is told: few words, plain names, nothing about an entity that is not exposed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.json import JsonObjectType

from .core.explain import ELSEWHERE, HOME
from .core.faults.classes import Alarm
from .core.slots import SLOT_SECONDS
from .core.verdict import Verdict
from .data import RuntimeData
from .fault_entity import iso
from .fault_status import ranked
from .ingest import standing_state
from .outlook import Outlook
from .phrases import entity_of, reason

type Exposed = Callable[[str], bool]
"""Whether an entity may be spoken of."""

NAME_LIMIT = 80
"""Letters of a name, which somebody else may have chosen."""
_SENTENCE_LIMIT = 400
_SLOTS_AN_HOUR = round(3600.0 / SLOT_SECONDS)


def plain(text: str, limit: int = NAME_LIMIT) -> str:
    """Return a text on one line, of printable letters only and no longer than a limit."""
    letters = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(letters.split())[:limit]


def _percent(probability: float | None) -> int | None:
    """Return a probability in whole percent."""
    return None if probability is None else round(probability * 100.0)


@callback
def occupancy_of(runtime: RuntimeData, monitor: str, may_tell: Exposed) -> JsonObjectType:
    """Return what a room, or the home, is now, and why as far as its sensors may be spoken of."""
    verdict = runtime.coordinator.data.get(monitor)
    if verdict is None:
        return {"occupied": None, "probability_percent": None, "since": None, "reason": None}
    since = verdict.decision.since
    return {
        "occupied": verdict.decision.occupied,
        "probability_percent": _percent(verdict.score.probability),
        "since": None if since is None else iso(since),
        "reason": _reason(runtime, verdict, may_tell) if verdict.contributions else None,
    }


def _reason(runtime: RuntimeData, verdict: Verdict, may_tell: Exposed) -> str:
    """Return the reason in words, without the sensors that are not exposed."""
    told = tuple(
        item for item in verdict.contributions if item.signal in (ELSEWHERE, HOME) or may_tell(entity_of(item.signal))
    )
    masked = filter(may_tell, runtime.ingest.masked_in(verdict.score.room))
    text = reason(replace(verdict, contributions=told), runtime.phrases, runtime.name_of, masked)
    return plain(text, _SENTENCE_LIMIT)


@callback
def people_of(hass: HomeAssistant, entity_ids: Iterable[str]) -> list[JsonObjectType]:
    """Return where people are said to be: at home, or which zone."""
    states = [standing_state(hass, entity_id) for entity_id in entity_ids]
    return [{"name": plain(state.name), "is": plain(state.state)} for state in states if state is not None]


@callback
def forecast_of(runtime: RuntimeData, monitor: str, *, with_hours: bool) -> JsonObjectType:
    """Return what comes: the next changes, the chances that have earned to be shown, and the day by the hour."""
    outlook = runtime.forecasting.outlooks[monitor]
    ahead = {
        f"in_{minutes}_minutes": _percent(horizon.probability)
        for minutes, horizon in outlook.horizons.items()
        if horizon.probability is not None
    }
    found: JsonObjectType = {
        "next_occupied": None if outlook.next_occupied is None else iso(outlook.next_occupied),
        "next_vacant": None if outlook.next_vacant is None else iso(outlook.next_vacant),
        "probability_percent": {**ahead},
        "unknown_because": None if outlook.unknown is None else str(outlook.unknown),
    }
    return {**found, "hours": [*_hours(outlook)]} if with_hours else found


def _hours(outlook: Outlook) -> list[JsonObjectType]:
    """Return the day ahead by the hour, as far as forecasts so far ahead have earned to be shown."""
    found: list[JsonObjectType] = []
    for first in range(0, len(outlook.times), _SLOTS_AN_HOUR):
        chances = outlook.probabilities[first : first + _SLOTS_AN_HOUR]
        if outlook.is_shown(outlook.start + first * SLOT_SECONDS):
            found.append({"from": outlook.times[first], "probability_percent": _percent(sum(chances) / len(chances))})
    return found


@callback
def faults_of(runtime: RuntimeData, devices: Mapping[str, str], may_tell: Exposed, limit: int) -> JsonObjectType:
    """Return what stands about some devices (names by monitor), the worst first."""
    statuses = runtime.faults.statuses
    alarms = {alarm: monitor for monitor in devices for alarm in statuses[monitor].alarms}
    told: list[JsonObjectType] = [
        {
            "device": devices[alarms[alarm]],
            "sensor": plain(runtime.faults.speaker.name(alarm.signal)),
            "type": str(alarm.fault),
            "severity": str(alarm.severity),
            "since": iso(alarm.since),
            "evidence": _evidence(runtime, alarm, may_tell),
        }
        for alarm in ranked(alarms)[:limit]
    ]
    well = [name for monitor, name in devices.items() if not statuses[monitor].alarms]
    return {"faults": [*told], "more_faults": max(0, len(alarms) - limit), "without_fault": [*well[:limit]]}


def _evidence(runtime: RuntimeData, alarm: Alarm, may_tell: Exposed) -> str:
    """Return what speaks for a fault, without witnesses that are not exposed."""
    speaker = runtime.faults.speaker
    told = tuple(signal for signal in alarm.witnesses if may_tell(speaker.entity_of.get(signal, signal)))
    return plain(speaker.evidence(replace(alarm, witnesses=told)), _SENTENCE_LIMIT)
