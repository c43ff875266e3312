"""Serve the card's modules, and tell a card which entities its room is made of."""

from collections.abc import Callable
import hashlib
import math
from pathlib import Path
from typing import Any

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import frontend, websocket_api
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from .data import InklingConfigEntry
from .preview import Preview, async_preview
from .rooms import monitors_of, rooms_of
from .targets import loaded_entry
from .websocket_api import ENTITY, asked_for

STATIC_URL = "/inkling_static"
CARD = "inkling-card.js"
# A demo or a developer links the component; the web server serves nothing through links.
FOLDER = Path(__file__).resolve().parent / "frontend"
# Enough to tell versions apart, short enough to read in a log.
HASH_DIGITS = 12


async def async_setup_cards(hass: HomeAssistant) -> str | None:
    """Register what cards ask, serve their modules, and return the address of the folder, None without a web server."""
    for command in (ws_room, ws_past):
        websocket_api.async_register_command(hass, command)
    if "http" not in hass.config.components:
        return None
    url = f"{STATIC_URL}/{await hass.async_add_executor_job(content_hash, FOLDER)}"
    await hass.http.async_register_static_paths([StaticPathConfig(url, str(FOLDER), cache_headers=True)])
    if "frontend" in hass.config.components:
        frontend.add_extra_js_url(hass, f"{url}/{CARD}")
    return url


def content_hash(folder: Path) -> str:
    """Return a name for what a folder holds, so that browsers may keep it for ever."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(path.relative_to(folder).as_posix().encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:HASH_DIGITS]


@websocket_api.websocket_command({vol.Required("type"): "inkling/room", **ENTITY})
@callback
def ws_room(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Answer with the entities of the room an entity is about, and with what they are judged by."""
    entry = loaded_entry(hass)
    found = asked_for(hass, connection, msg)
    if entry is None or found is None:
        return
    _, monitor = found
    permissions = connection.user.permissions
    name = next(item.title for item in monitors_of(entry) if item.id == monitor)
    answer: JsonObjectType = {
        "id": monitor,
        "kind": "home" if monitor == entry.entry_id else "room",
        "name": name,
        "entities": own_entities(hass, entry, monitor),
        "signals": _signals(entry, monitor, lambda entity_id: permissions.check_entity(entity_id, POLICY_READ)),
    }
    connection.send_result(msg["id"], answer)


@websocket_api.websocket_command({vol.Required("type"): "inkling/past", **ENTITY})
@websocket_api.async_response
async def ws_past(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Answer with a room's last day as it would have been judged, for a card of a room that is new."""
    entry = loaded_entry(hass)
    found = asked_for(hass, connection, msg)
    if entry is None or found is None:
        return
    room = rooms_of(entry).get(found[1])
    preview = Preview() if room is None else await async_preview(hass, entry, room.id, room.roles)
    answer: JsonObjectType = {
        "times": [*preview.times],
        "percents": [None if math.isnan(value) else round(value * 100.0) for value in preview.probabilities],
        "occupied": [*preview.occupied],
    }
    connection.send_result(msg["id"], answer)


@callback
def own_entities(hass: HomeAssistant, entry: InklingConfigEntry, monitor: str) -> JsonObjectType:
    """Return a room's or the home's enabled entities by what they say."""
    prefix = f"{monitor}_"
    return {
        found.unique_id.removeprefix(prefix): found.entity_id
        for found in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if found.unique_id.startswith(prefix) and found.disabled_by is None
    }


def _signals(entry: InklingConfigEntry, monitor: str, may_read: Callable[[str], bool]) -> list[JsonValueType]:
    """Return what a room is judged by, as far as it may be read; the home by what belongs to no room."""
    ingest = entry.runtime_data.ingest
    room = None if monitor == entry.entry_id else monitor
    return [
        {"entity_id": item.entity_id, "name": ingest.name_of(item.entity_id), "role": str(item.signal.role)}
        for item in ingest.bindings
        if item.signal.room == room and may_read(item.entity_id)
    ]
