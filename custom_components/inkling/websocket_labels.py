"""What cards and the panel ask about labels: a list by what they are about, and to forget one."""

from typing import Any

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .core.labels import Label
from .data import InklingConfigEntry
from .fault_entity import iso
from .labelling import Labelling
from .rooms import monitors_of
from .targets import loaded_entry, monitor_of, occupancy_entity


@callback
def async_setup_label_websocket(hass: HomeAssistant) -> None:
    """Register the commands, which exist whether or not an entry is loaded."""
    websocket_api.async_register_command(hass, ws_labels)
    websocket_api.async_register_command(hass, ws_label_delete)


@websocket_api.websocket_command({vol.Required("type"): "inkling/labels", vol.Optional("entity_id"): cv.entity_id})
@callback
def ws_labels(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Answer with the labels of the room an entity is about, or of everything the user may read."""
    if (entry := _entry(hass, connection, msg)) is None:
        return
    wanted = None
    if (entity_id := msg.get("entity_id")) is not None:
        wanted = _target_of(hass, entry, entity_id)
        if not connection.user.permissions.check_entity(entity_id, POLICY_READ):
            connection.send_error(msg["id"], websocket_api.ERR_UNAUTHORIZED, "You may not read this entity")
            return
        if wanted is None:
            connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, f"{entity_id} is nothing that is labelled")
            return
    may_read = connection.user.permissions.check_entity
    found = [
        item
        for item in _targets(hass, entry)
        if wanted in (None, item["target"]) and may_read(str(item["entity_id"]), POLICY_READ)
    ]
    connection.send_result(msg["id"], {"targets": found})


@websocket_api.websocket_command({vol.Required("type"): "inkling/label_delete", vol.Required("label_id"): cv.string})
@websocket_api.require_admin
@callback
def ws_label_delete(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Forget a label and what it taught."""
    if (entry := _entry(hass, connection, msg)) is None:
        return
    if not entry.runtime_data.labelling.delete(msg["label_id"]):
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "There is no such label; it may be deleted")
        return
    connection.send_result(msg["id"])


def _entry(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> InklingConfigEntry | None:
    """Return the entry that runs; tell whoever asks when there is none."""
    if (entry := loaded_entry(hass)) is None:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "Inkling is not loaded")
    return entry


def _target_of(hass: HomeAssistant, entry: InklingConfigEntry, entity_id: str) -> str | None:
    """Return what labels about an entity are about: its room, the home, or itself where it is watched."""
    if (monitor := monitor_of(hass, entry, entity_id)) is not None:
        return monitor
    watched = entry.runtime_data.faults.speaker.entity_of
    return next((signal for signal, known in watched.items() if known == entity_id), None)


def _targets(hass: HomeAssistant, entry: InklingConfigEntry) -> list[JsonObjectType]:
    """Return every room and the home, then the labelled signals, each with its labels."""
    labelling, speaker = entry.runtime_data.labelling, entry.runtime_data.faults.speaker
    found: list[JsonObjectType] = []
    for monitor in monitors_of(entry):
        kind = "home" if monitor.subentry_id is None else "room"
        found.append(_target(labelling, monitor.id, kind, monitor.title, occupancy_entity(hass, monitor.id)))
    # One that is watched no more has no name to be shown by.
    labelled = dict.fromkeys(label.target for label in labelling.labels if label.target in speaker.entity_of)
    for signal in labelled:
        entity_id = speaker.entity_of[signal]
        found += [_target(labelling, signal, "signal", speaker.name_of(entity_id), entity_id)]
    return found


def _target(labelling: Labelling, target: str, kind: str, name: str, entity_id: str | None) -> JsonObjectType:
    """Return one target with its labels, the newest first, and the word that stands."""
    hold = labelling.hold_of(target)
    return {
        "target": target,
        "kind": kind,
        "name": name,
        "entity_id": entity_id,
        "held": None if hold is None else {"occupied": hold.occupied, "until": iso(hold.until)},
        "labels": [_label(label) for label in labelling.labels_of(target)],
    }


def _label(label: Label) -> JsonObjectType:
    """Return a label as it is shown."""
    return {
        "id": label.id,
        "label": label.label,
        "start": iso(label.start),
        "end": iso(label.end),
        "created": iso(label.created),
    }
