"""Set Inkling up by its own config flow, taking what it suggests, as a user who only clicks on would."""

import asyncio
from typing import Any

from .client import Client, RefusedError

DOMAIN = "inkling"
FLOW = "/api/config/config_entries/flow"
MOST_STEPS = 12
POLL_SECONDS = 0.2
ROOM_SECONDS = 60.0


async def add_rooms(client: Client) -> bool:
    """Add Inkling with every room it suggests; return False when it is there already."""
    if await client.command("config_entries/get", domain=DOMAIN):
        return False
    step = await client.request("POST", FLOW, json={"handler": DOMAIN, "show_advanced_options": False})
    await _walk(client, step)
    await _wait_for_rooms(client)
    return True


async def _wait_for_rooms(client: Client) -> None:
    """Wait until the new rooms' entities have states."""
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


async def _walk(client: Client, step: dict[str, Any]) -> None:
    """Answer a flow's steps with what each suggests until it has made its entry."""
    for _ in range(MOST_STEPS):
        match step["type"]:
            case "create_entry":
                return
            case "form":
                answer = suggested(step["data_schema"])
                if step.get("errors"):
                    raise RefusedError(
                        f"the step {step['step_id']} was answered with {answer} and said {step['errors']}"
                    )
                step = await client.request("POST", f"{FLOW}/{step['flow_id']}", json=answer)
            case "menu":
                choice = {"next_step_id": next(iter(step["menu_options"]))}
                step = await client.request("POST", f"{FLOW}/{step['flow_id']}", json=choice)
            case _:
                raise RefusedError(f"Inkling's flow ended with {step['type']}: {step.get('reason')}")
    raise RefusedError(f"Inkling's flow did not end after {MOST_STEPS} steps")


def suggested(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the answer that a form suggests."""
    answer: dict[str, Any] = {}
    for field in fields:
        if field.get("type") == "expandable":
            answer[field["name"]] = suggested(field["schema"])
        elif (value := _suggestion(field)) is not None:
            answer[field["name"]] = value
    return answer


def _suggestion(field: dict[str, Any]) -> object:
    """Return what a field would show before anybody types."""
    described = (field.get("description") or {}).get("suggested_value")
    return field.get("default") if described is None else described
