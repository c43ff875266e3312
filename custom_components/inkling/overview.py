"""The home at a glance for the panel: each room, each watched device, the models; as much as a user may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, entity_registry as er, issue_registry as ir
from homeassistant.helpers.recorder import get_instance
from homeassistant.util.json import JsonObjectType, JsonValueType

from .const import DOMAIN
from .core.verdict import Verdict
from .data import InklingConfigEntry, RuntimeData
from .fault_entity import alarm_attributes, iso
from .history import has_recorder
from .model_files import FoundModel
from .outlook import Outlook
from .phrases import reason
from .rooms import rooms_of

STATUS: Final = "status"
HOME: Final = "home"
MODELS: Final = "models"
CARE: Final = "care"
ROOM: Final = "room/"
DEVICE: Final = "device/"
_NOT_SHOWN = "hidden"
_NOT_WITHIN_A_DAY = "not_within_a_day"
_ROOM_ENTITIES: Mapping[str, tuple[str, str]] = {
    "occupancy": ("binary_sensor", "occupancy"),
    "probability": ("sensor", "probability"),
    "reason": ("sensor", "reason"),
    "next_occupied": ("sensor", "next_occupied"),
    "next_vacant": ("sensor", "next_vacant"),
}
_DEVICE_ENTITIES: Mapping[str, tuple[str, str]] = {
    "fault": ("binary_sensor", "fault"),
    "score": ("sensor", "anomaly_score"),
    "type": ("sensor", "fault_type"),
}

type Entities = dict[str, JsonValueType]
"""Our own entities of a monitor that the user may read, by what they say."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks: no value is told whose entity they may not read."""

    hass: HomeAssistant
    user: User

    def entities(self, monitor: str, wanted: Mapping[str, tuple[str, str]]) -> Entities:
        """Return the entities of a monitor that may be read; one that was removed is None for who may read all."""
        registry, may = er.async_get(self.hass), self.user.permissions
        found: Entities = {}
        for name, (platform, key) in wanted.items():
            entity_id = registry.async_get_entity_id(platform, DOMAIN, f"{monitor}_{key}")
            if may.access_all_entities(POLICY_READ) or (
                entity_id is not None and may.check_entity(entity_id, POLICY_READ)
            ):
                found[name] = entity_id
        return found


@callback
def keys_of(entry: InklingConfigEntry | None) -> list[str]:
    """Return the keys of all parts, the status first."""
    if entry is None:
        return [STATUS, CARE]
    rooms = [f"{ROOM}{room_id}" for room_id in rooms_of(entry)]
    devices = [f"{DEVICE}{monitor}" for monitor in entry.runtime_data.faults.monitors]
    return [STATUS, CARE, MODELS, HOME, *devices, *rooms]


@callback
def part_of(viewer: Viewer, entry: InklingConfigEntry | None, key: str) -> JsonObjectType | None:
    """Return one part, None where there is none any more or the user may read nothing of it."""
    if key == STATUS:
        return _status(entry)
    if key == CARE:
        return _care(viewer)
    if entry is None:
        return None
    runtime = entry.runtime_data
    if key == MODELS:
        return {"occupancy": model_of(runtime.found), "forecast": model_of(runtime.found_forecast)}
    if key == HOME:
        return _monitor(viewer, runtime, entry.entry_id, entry.title)
    kind, monitor = key.split("/", 1)
    return _device(viewer, runtime, monitor) if kind == "device" else _room(viewer, entry, monitor)


def _status(entry: InklingConfigEntry | None) -> JsonObjectType:
    """Return whether Inkling runs, and how much there is to see for who may see everything."""
    return {
        "is_running": entry is not None,
        "rooms": 0 if entry is None else len(rooms_of(entry)),
        "devices": 0 if entry is None else len(entry.runtime_data.faults.monitors),
    }


def _care(viewer: Viewer) -> JsonObjectType | None:
    """Return what only administrators look after: repairs, and how many days a trace can hold."""
    if not viewer.user.is_admin:
        return None
    issues = ir.async_get(viewer.hass).issues.values()
    waiting = [item for item in issues if item.domain == DOMAIN and item.active and item.dismissed_version is None]
    return {
        "repairs": len(waiting),
        "history_days": get_instance(viewer.hass).keep_days if has_recorder(viewer.hass) else None,
    }


@callback
def model_of(found: FoundModel) -> JsonObjectType:
    """Return which model runs, and how many files were refused."""
    manifest = None if found.model is None else found.model.manifest
    return {
        "name": None if manifest is None else manifest.name,
        "version": None if manifest is None else manifest.version,
        "origin": None if found.origin is None else str(found.origin),
        "backend": None if found.model is None else found.model.backend.name,
        "refused": len(found.problems),
    }


def _room(viewer: Viewer, entry: InklingConfigEntry, room_id: str) -> JsonObjectType | None:
    """Return a room."""
    room, runtime = rooms_of(entry).get(room_id), entry.runtime_data
    if room is None or (found := _monitor(viewer, runtime, room_id, room.title)) is None:
        return None
    area = ar.async_get(viewer.hass).async_get_area(room.area_id)
    found["area_id"] = room.area_id
    found["area"] = None if area is None else area.name
    found["icon"] = None if area is None else area.icon
    return found


def _monitor(viewer: Viewer, runtime: RuntimeData, monitor: str, title: str) -> JsonObjectType | None:
    """Return what a room and the home have in common, None where its occupancy may not be read."""
    entities = viewer.entities(monitor, _ROOM_ENTITIES)
    if "occupancy" not in entities:
        return None
    verdict = runtime.coordinator.data.get(monitor)
    found: JsonObjectType = {"id": monitor, "title": title, "entities": dict(entities), **_decided(verdict)}
    if "probability" in entities:
        probability = None if verdict is None else verdict.score.probability
        found["probability"] = None if probability is None else round(probability * 100.0)
    if "reason" in entities and verdict is not None:
        masked = runtime.ingest.masked_in(monitor)
        found["reason"] = reason(verdict, runtime.phrases, runtime.name_of, masked)
    outlook = runtime.forecasting.outlooks.get(monitor)
    if outlook is not None and {"next_occupied", "next_vacant"} <= entities.keys():
        found["next"] = _next(outlook, is_occupied=found["state"] == "occupied")
    return found


def _decided(verdict: Verdict | None) -> JsonObjectType:
    """Return a decision, since when it stands, and why there is none."""
    occupied = None if verdict is None else verdict.decision.occupied
    since = None if verdict is None else verdict.decision.since
    return {
        "state": None if occupied is None else "occupied" if occupied else "vacant",
        "since": None if since is None else iso(since),
        "unknown": None if verdict is None or verdict.score.unknown is None else str(verdict.score.unknown),
    }


def _next(outlook: Outlook, *, is_occupied: bool) -> JsonObjectType:
    """Return the next change, or why none is told."""
    moment = outlook.next_vacant if is_occupied else outlook.next_occupied
    why: str | None = None
    if moment is None:
        why = _NOT_WITHIN_A_DAY if outlook.unknown is None else str(outlook.unknown)
    elif not outlook.is_shown(moment):
        why = _NOT_SHOWN
    shown = moment is not None and why is None
    return {
        "state": "vacant" if is_occupied else "occupied",
        "at": iso(moment) if moment is not None and shown else None,
        "unknown": why,
    }


def _device(viewer: Viewer, runtime: RuntimeData, monitor: str) -> JsonObjectType | None:
    """Return a watched device with all that stands, the worst first."""
    faults, entities = runtime.faults, viewer.entities(monitor, _DEVICE_ENTITIES)
    if "fault" not in entities or (config := faults.monitors.get(monitor)) is None:
        return None
    status = faults.statuses[monitor]
    found: JsonObjectType = {
        "id": monitor,
        "title": config.title,
        "entities": dict(entities),
        "device_id": None if config.device is None else config.device.id,
        "is_everything": config.is_everything,
        "signals": len(config.entity_ids),
        "state": None if status.state is None else str(status.state),
        "is_faulty": status.is_faulty,
        "history_days": None if status.history_days is None else round(status.history_days, 1),
        "learning_days": faults.plan.settings.learning_days,
        "snoozed_until": _until(status.snoozed_until),
        "alarms": [alarm_attributes(alarm, faults.speaker) for alarm in status.alarms],
    }
    if "score" in entities:
        found["score"] = None if status.score is None else round(status.score)
    return found


def _until(t: float | None) -> str | None:
    """Return when a rest ends, None without one and for one that lasts until somebody ends it."""
    return None if t is None or t == float("inf") else iso(t)
