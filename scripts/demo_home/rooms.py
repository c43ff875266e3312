"""Set Inkling up by its own config flow, taking what it suggests, as a user who only clicks on would."""

import asyncio
from typing import Any

from .client import Client, RefusedError

DOMAIN = "inkling"
ROOM = "room"
FLOW = "/api/config/config_entries/flow"
SUBENTRY_FLOW = "/api/config/config_entries/subentries/flow"
MOST_STEPS = 12
POLL_SECONDS = 0.2
ROOM_SECONDS = 60.0


async def add_room(client: Client, area: str) -> bool:
    """Add a room for an area, and Inkling itself before it; return False when there is a room already."""
    entries = await client.command("config_entries/get", domain=DOMAIN)
    if entries and await client.command("config_entries/subentries/list", entry_id=entries[0]["entry_id"]):
        return False
    area_id = await area_of(client, area)
    if entries:
        step = await client.request("POST", SUBENTRY_FLOW, json={"handler": [entries[0]["entry_id"], ROOM]})
    else:
        step = await _add_integration(client)
    await _walk(client, SUBENTRY_FLOW, step, area_id)
    await _wait_for_room(client)
    return True


async def _wait_for_room(client: Client) -> None:
    """Wait until the new room's entities have states: adding it sets Inkling up anew."""
    async with asyncio.timeout(ROOM_SECONDS):
        while True:
            entities = await client.command("config/entity_registry/list")
            states = await client.states()
            ours = [row for row in entities if row["platform"] == DOMAIN and row["config_subentry_id"] is not None]
            wanted = {row["entity_id"] for row in ours if row["disabled_by"] is None}
            if wanted and wanted <= states.keys():
                return
            await asyncio.sleep(POLL_SECONDS)


async def area_of(client: Client, name: str) -> str:
    """Return the id of an area by its name."""
    for area in await client.command("config/area_registry/list"):
        if area["name"] == name:
            return str(area["area_id"])
    raise RefusedError(f"the demo home has no area named {name}")


async def _add_integration(client: Client) -> dict[str, Any]:
    """Add Inkling; return the first step of the room that its flow goes on with."""
    step = await client.request("POST", FLOW, json={"handler": DOMAIN, "show_advanced_options": False})
    done = await _walk(client, FLOW, step, None)
    if (next_flow := done.get("next_flow")) is not None:
        return dict(await client.request("GET", f"{SUBENTRY_FLOW}/{next_flow[1]}"))
    handler = [done["result"]["entry_id"], ROOM]
    return dict(await client.request("POST", SUBENTRY_FLOW, json={"handler": handler}))


async def _walk(client: Client, path: str, step: dict[str, Any], area_id: str | None) -> dict[str, Any]:
    """Answer a flow's steps with what each suggests until it has made its entry."""
    for _ in range(MOST_STEPS):
        match step["type"]:
            case "create_entry":
                return step
            case "form":
                answer = suggested(step["data_schema"], area_id)
                if step.get("errors"):
                    raise RefusedError(
                        f"the step {step['step_id']} was answered with {answer} and said {step['errors']}"
                    )
                step = await client.request("POST", f"{path}/{step['flow_id']}", json=answer)
            case "menu":
                choice = {"next_step_id": next(iter(step["menu_options"]))}
                step = await client.request("POST", f"{path}/{step['flow_id']}", json=choice)
            case "progress":
                await asyncio.sleep(POLL_SECONDS)
                step = await client.request("GET", f"{path}/{step['flow_id']}")
            case _:
                raise RefusedError(f"Inkling's flow ended with {step['type']}: {step.get('reason')}")
    raise RefusedError(f"Inkling's flow did not end after {MOST_STEPS} steps")


def suggested(fields: list[dict[str, Any]], area_id: str | None) -> dict[str, Any]:
    """Return the answer that a form suggests, with the area filled in."""
    answer: dict[str, Any] = {}
    for field in fields:
        if field.get("type") == "expandable":
            answer[field["name"]] = suggested(field["schema"], area_id)
        elif area_id is not None and "area" in field.get("selector", {}):
            answer[field["name"]] = area_id
        elif (value := _suggestion(field)) is not None:
            answer[field["name"]] = value
    return answer


def _suggestion(field: dict[str, Any]) -> object:
    """Return what a field would show before anybody types."""
    described = (field.get("description") or {}).get("suggested_value")
    return field.get("default") if described is None else described
