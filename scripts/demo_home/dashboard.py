"""Lay out the demo's dashboard: what Inkling says beside the sensors it hears."""

from typing import Any

from .client import Client
from .plan import Plan

PATH = "inkling-demo"
DOMAIN = "inkling"
SENSOR_HOURS = 24
BUTTONS = {
    "Skip to the next arrival": "button.demo_recording_skip_to_the_next_arrival",
    "Skip to the next departure": "button.demo_recording_skip_to_the_next_departure",
}
SENSOR_ROLES = ("motion", "presence", "door", "window", "light", "media", "power", "co2", "illuminance", "sound")

FULL = {"columns": "full"}

type Card = dict[str, Any]
type States = dict[str, dict[str, Any]]


async def write_dashboard(client: Client, plan: Plan) -> str:
    """Write the dashboard anew and make it the first page; return its address."""
    dashboards = await client.command("lovelace/dashboards/list")
    if all(dashboard["url_path"] != PATH for dashboard in dashboards):
        await client.command(
            "lovelace/dashboards/create",
            url_path=PATH,
            title="Inkling demo",
            icon="mdi:home-heart",
            show_in_sidebar=True,
            require_admin=False,
        )
    entities = await client.command("config/entity_registry/list")
    ours = [entity for entity in entities if entity["platform"] == DOMAIN and entity["disabled_by"] is None]
    devices = {device["id"]: device["name_by_user"] or device["name"] for device in await _devices(client)}
    sections = [*_verdicts(ours, devices, await client.states()), *(_sensors(plan, room) for room in plan.rooms)]
    config = {"title": "Inkling demo", "views": [{"type": "sections", "max_columns": 3, "sections": sections}]}
    await client.command("lovelace/config/save", url_path=PATH, config=config)
    await client.command("frontend/set_system_data", key="core", value={"default_panel": PATH})
    return f"{client.url}/{PATH}"


async def _devices(client: Client) -> list[dict[str, Any]]:
    """Return all devices."""
    return list(await client.command("config/device_registry/list"))


def _verdicts(ours: list[dict[str, Any]], devices: dict[str, str], states: States) -> list[Card]:
    """Return one section a device of Inkling's: its state now, why, and the last minutes."""
    by_device: dict[str, list[str]] = {}
    for entity in ours:
        if entity["entity_category"] is None and entity["entity_id"] in states:
            by_device.setdefault(entity["device_id"], []).append(entity["entity_id"])
    if not by_device:
        return [_section("Inkling is not set up yet", [_invitation()])]
    return [_verdict(devices[device_id], sorted(found), states) for device_id, found in by_device.items()]


def _verdict(name: str, entity_ids: list[str], states: States) -> Card:
    """Return what one of Inkling's devices says: a room or the home in its card, a watched device as tiles."""
    about = [entity_id for entity_id in entity_ids if _is_occupancy(states, entity_id)]
    cards = [{"type": "custom:inkling-card", "entity": entity_id} for entity_id in about]
    shown = about or entity_ids
    tiles = [{"type": "tile", "entity": entity_id, "grid_options": FULL} for entity_id in shown]
    heading = "Inkling: anybody home" if name == "Inkling" else f"Inkling: {name}"
    return _section(heading, [*cards, *tiles])


def _is_occupancy(states: States, entity_id: str) -> bool:
    """Return whether an entity says that somebody is there."""
    return entity_id.startswith("binary_sensor.") and _attribute(states, entity_id, "device_class") in (
        "occupancy",
        "presence",
    )


def _sensors(plan: Plan, room: str) -> Card:
    """Return what was recorded in one room."""
    graphs = [
        _graph(role.capitalize() if role != "co2" else "CO2", SENSOR_HOURS, [entity.entity_id for entity in found])
        for role in SENSOR_ROLES
        if (found := plan.entity_of(room, role))
    ]
    buttons = [_button(name, entity_id) for name, entity_id in BUTTONS.items()]
    first = room == plan.rooms[0]
    credit = {"type": "markdown", "content": f"Replayed: {plan.trace}. Data: {plan.credit}."}
    return _section(
        f"{room}: what the sensors say", [*(buttons if first else []), *graphs, *([credit] if first else [])]
    )


def _button(name: str, entity_id: str) -> Card:
    """Return a card that presses a button instead of telling about it."""
    press = {"action": "perform-action", "perform_action": "button.press", "target": {"entity_id": entity_id}}
    size = {"columns": 6, "rows": 2}
    return {"type": "button", "name": name, "entity": entity_id, "tap_action": press, "grid_options": size}


def _graph(title: str, hours: float, entity_ids: list[str]) -> Card:
    """Return a history graph of the last hours."""
    entities = [{"entity": name} for name in entity_ids]
    return {"type": "history-graph", "title": title, "hours_to_show": hours, "entities": entities, "grid_options": FULL}


def _invitation() -> Card:
    """Return the way to set Inkling up by hand."""
    text = (
        "1. [Add Inkling](/config/integrations/dashboard/add?domain=inkling): it lists the rooms that it found.\n"
        "2. Press **Submit**, then **Finish**.\n"
        "3. Press **Skip to the next arrival** and watch the office's probability rise."
    )
    return {"type": "markdown", "content": text, "grid_options": FULL}


def _section(title: str, cards: list[Card]) -> Card:
    """Return one column of the dashboard."""
    return {"type": "grid", "cards": [{"type": "heading", "heading": title}, *cards]}


def _attribute(states: States, entity_id: str, name: str) -> object:
    """Return an attribute of an entity's state, None when it has none."""
    return states[entity_id]["attributes"].get(name)
