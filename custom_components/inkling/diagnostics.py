"""What a bug report needs, without what a home's owner would not tell.

Entity ids, names and areas are replaced by numbers ("binary_sensor.3", "room 1"): an entity keeps its number
throughout the file, so that what belongs together is seen, while a hash of a guessable name could be reversed.
"""

from dataclasses import asdict
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np

from .const import CONF_EXIT_DOORS, CONF_FREE_DAYS, CONF_PEOPLE, CONF_REGISTRY_IDS, CONF_WORKDAY, HORIZONS_MINUTES
from .core.explain import ELSEWHERE, HOME
from .core.verdict import Verdict
from .data import InklingConfigEntry, RuntimeData
from .fault_watch import FaultWatch
from .forecasting import Forecasting
from .label_card import label_card
from .model_files import FoundModel
from .outlook import NOTHING
from .phrases import entity_of
from .rooms import RoomConfig, rooms_of


class _Pseudonyms:
    """Gives each entity and room a number, the same throughout one file."""

    def __init__(self, rooms: dict[str, RoomConfig]) -> None:
        """Give the rooms their numbers."""
        self._rooms = {room_id: f"room {number}" for number, room_id in enumerate(rooms, start=1)}
        self._entities: dict[str, str] = {}

    def room(self, room_id: str | None) -> str:
        """Return a room's number; None stands for the home."""
        return HOME if room_id is None else self._rooms[room_id]

    def entity(self, entity_id: str) -> str:
        """Return an entity's domain and number."""
        if entity_id in (ELSEWHERE, HOME):
            return entity_id
        domain = entity_id.split(".", 1)[0]
        return self._entities.setdefault(entity_id, f"{domain}.{len(self._entities) + 1}")


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant,  # noqa: ARG001 - the platform's signature
    entry: InklingConfigEntry,
) -> dict[str, Any]:
    """Return the state of the whole integration."""
    runtime = entry.runtime_data
    rooms = rooms_of(entry)
    names = _Pseudonyms(rooms)
    hidden = (CONF_EXIT_DOORS, CONF_PEOPLE, CONF_REGISTRY_IDS, CONF_WORKDAY, CONF_FREE_DAYS)
    return {
        "options": {key: value for key, value in entry.options.items() if key not in hidden},
        "model": _model(runtime.found),
        "signals": _signals(runtime, names),
        "rooms": {names.room(room_id): _verdict(runtime.coordinator.data.get(room_id), names) for room_id in rooms},
        "home": _verdict(runtime.coordinator.data.get(entry.entry_id), names),
        "forecast": {
            "model": _model(runtime.found_forecast),
            "failures_in_a_row": runtime.forecasting.failures,
            "store_problem": runtime.forecasting.store.problem,
            "free_days_known": len(runtime.forecasting.days.known),
            "rooms": {names.room(room_id): _learned(runtime.forecasting, room_id) for room_id in rooms},
            "home": _learned(runtime.forecasting, entry.entry_id),
        },
        "labels": {
            "are_kept": runtime.labelling.are_kept,
            "rooms": {names.room(room_id): label_card(runtime.labelling, room_id) for room_id in rooms},
            "home": label_card(runtime.labelling, entry.entry_id),
        },
        "faults": _faults(runtime.faults, names),
        "failures_in_a_row": runtime.coordinator.failures,
        "timings": runtime.coordinator.timings.summary(),
    }


def _faults(faults: FaultWatch, names: _Pseudonyms) -> dict[str, Any]:
    """Return what is watched, how far it is, and what stands."""
    monitors = [
        {
            "kind": monitor.kind,
            "signals": len(faults.signals_of(monitor_id)),
            "state": faults.statuses[monitor_id].state,
            "score": faults.statuses[monitor_id].score,
            "history_days": faults.statuses[monitor_id].history_days,
        }
        for monitor_id, monitor in faults.monitors.items()
    ]
    alarms = [
        {
            "entity": names.entity(faults.speaker.entities([alarm.signal])[0]),
            "type": alarm.fault,
            "severity": alarm.severity,
            "measure": alarm.measure,
            "since": alarm.since,
            "confidence": round(alarm.confidence, 3),
            "witnesses": len(alarm.witnesses),
        }
        for alarm in faults.active
    ]
    return {"mode": faults.notes.mode, "snoozed": len(faults.notes.snoozed), "monitors": monitors, "active": alarms}


def _model(found: FoundModel) -> dict[str, Any]:
    """Return which model runs and which were refused."""
    manifest = None if found.model is None else found.model.manifest
    return {
        "name": None if manifest is None else manifest.name,
        "version": None if manifest is None else manifest.version,
        "sha256": None if manifest is None else manifest.sha256,
        "origin": found.origin,
        "backend": None if found.model is None else found.model.backend.name,
        "backend_missing": found.backend_missing,
        "refused": [
            {"fault": problem.fault, "origin": problem.origin, "detail": problem.detail} for problem in found.problems
        ],
    }


def _learned(forecasting: Forecasting, monitor: str) -> dict[str, Any]:
    """Return how much is known of a monitor's past, and how its forecasts did."""
    history = forecasting.store.histories.get(monitor)
    shares = None if history is None else history.view(dt_util.utcnow().timestamp()).shares
    outlook = forecasting.outlooks.get(monitor, NOTHING)
    return {
        "slots": 0 if shares is None else len(shares),
        "slots_known": 0 if shares is None else int(np.isfinite(shares).sum()),
        "packed_bytes": 0 if history is None else len(history.to_bytes()),
        "unknown": outlook.unknown,
        "scores": {
            str(minutes): asdict(forecasting.store.skill.skill(monitor, minutes)) for minutes in HORIZONS_MINUTES
        },
    }


def _signals(runtime: RuntimeData, names: _Pseudonyms) -> list[dict[str, Any]]:
    """Return each signal's role and how old its newest reading is; never the reading of a person's place."""
    now = dt_util.utcnow().timestamp()
    found = []
    for binding in runtime.ingest.bindings:
        newest = runtime.ingest.window.last_reading(binding.signal.id)
        found.append(
            {
                "entity": names.entity(binding.entity_id),
                "role": binding.signal.role,
                "room": names.room(binding.signal.room),
                "newest_reading_age_seconds": None if newest is None else round(now - newest[0], 1),
            }
        )
    return found


def _verdict(verdict: Verdict | None, names: _Pseudonyms) -> dict[str, Any] | None:
    """Return a room's verdict."""
    if verdict is None:
        return None
    return {
        "probability": verdict.score.probability,
        "coverage": verdict.score.coverage,
        "history": verdict.score.history,
        "unknown": verdict.score.unknown,
        "occupied": verdict.decision.occupied,
        "since": verdict.decision.since,
        "contributions": [
            {"source": names.entity(entity_of(item.signal)), "log_odds": round(item.log_odds, 3)}
            for item in verdict.contributions
        ],
    }
