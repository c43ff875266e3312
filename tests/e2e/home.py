"""What the tests ask the running Home Assistant, beside what they see on its pages."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
import time

import aiohttp

from scripts.demo_home.client import Client, RefusedError
from scripts.demo_home.onboarding import PASSWORD, USERNAME, wait_running

POLL_SECONDS = 0.25
AUTOMATION = "office_light"
# Long enough for the clicks, so that nobody comes before there is an automation.
QUIET_SECONDS = 600.0


@asynccontextmanager
async def signed_in(url: str) -> AsyncGenerator[Client]:
    """Give a client that has signed in with the printed name and password."""
    async with Client(url) as client:
        await client.sign_in(USERNAME, PASSWORD)
        yield client


async def eventually[Found](ask: Callable[[], Awaitable[Found | None]], seconds: float, what: str) -> Found:
    """Ask until there is an answer; fail with what was waited for."""
    began = time.monotonic()
    while (found := await ask()) is None:
        assert time.monotonic() - began < seconds, f"waited {seconds:.0f} s for {what}"
        await asyncio.sleep(POLL_SECONDS)
    return found


async def keep_empty(client: Client) -> None:
    """Put the next arrival off, however slow the machine is with what is to be done before it."""
    await client.call("inkling_demo", "skip", to="arrival", in_seconds=QUIET_SECONDS)


@dataclass(frozen=True, slots=True)
class RoomStates:
    """The states of one of Inkling's rooms, as Home Assistant writes them."""

    occupancy: str
    probability: str
    reason: str

    @property
    def percent(self) -> float | None:
        """Return the probability, None while it is unknown or unavailable."""
        try:
            return float(self.probability)
        except ValueError:
            return None


async def room_entities(client: Client, room: str) -> dict[str, str]:
    """Return the entity ids of one of Inkling's rooms by what they say."""
    device_id = await room_device(client, room)
    registry = await client.command("config/entity_registry/list")
    ours = [row for row in registry if row["device_id"] == device_id and row["disabled_by"] is None]
    return {row["unique_id"].partition("_")[2]: row["entity_id"] for row in ours if row["platform"] == "inkling"}


async def room_device(client: Client, room: str) -> str:
    """Return the device of one of Inkling's rooms."""
    return (await _room_devices(client))[room]


async def _room_devices(client: Client) -> dict[str, str]:
    """Return the devices of Inkling's rooms by name."""
    devices = await client.command("config/device_registry/list")
    return {row["name"]: row["id"] for row in devices if (row["manufacturer"], row["model"]) == ("Inkling", "Room")}


async def room_states(client: Client, room: str) -> RoomStates:
    """Return what Inkling says of one of its rooms."""
    ids, states = await room_entities(client, room), await client.states()
    kinds = ("occupancy", "probability", "reason")
    return RoomStates(*(states[ids[kind]]["state"] if ids.get(kind) in states else "absent" for kind in kinds))


async def probabilities(client: Client) -> dict[str, float | None]:
    """Return the probability of each room, None where it is unknown."""
    return {room: (await room_states(client, room)).percent for room in await _room_devices(client)}


async def state_of(client: Client, entity_id: str) -> str:
    """Return the state of an entity."""
    return str((await client.states())[entity_id]["state"])


async def add_automation(client: Client, area_id: str) -> None:
    """Save an automation on Home Assistant's own occupancy trigger, as its editor does."""
    automation = {
        "alias": "Office: somebody came in",
        "description": "Home Assistant's own trigger, on the area; it knows nothing of Inkling.",
        "mode": "single",
        "triggers": [
            {"trigger": "occupancy.detected", "target": {"area_id": area_id}, "options": {"behavior": "each"}}
        ],
        "conditions": [],
        "actions": [
            {"action": "persistent_notification.create", "data": {"title": "Office", "message": "Somebody came in"}}
        ],
    }
    await client.request("POST", f"/api/config/automation/config/{AUTOMATION}", json=automation)


async def fired(client: Client) -> str | None:
    """Return when the automation was last triggered, None when it never was."""
    automations = [state for name, state in (await client.states()).items() if name.startswith("automation.")]
    return next((state["attributes"].get("last_triggered") for state in automations), None)


async def restart(client: Client, url: str) -> None:
    """Restart Home Assistant by its own action and wait until it runs again."""
    # The server may end before it has answered.
    with suppress(RefusedError, aiohttp.ClientError):
        await client.call("homeassistant", "restart")
    await asyncio.sleep(2.0)

    async def is_back() -> bool | None:
        """Sign in once more, None while it is down or still starting."""
        try:
            async with signed_in(url) as again:
                await wait_running(again)
        except aiohttp.ClientError, RefusedError, KeyError, TimeoutError:
            return None
        return True

    await eventually(is_back, 60.0, "Home Assistant to come back")
