"""Make the demo's user, or sign in as the one an earlier start made."""

import asyncio

from .client import Client

NAME = "Demo"
USERNAME = "demo"
PASSWORD = "inkling-demo"  # noqa: S105 - printed, and valid on loopback only
RUNNING_SECONDS = 300.0
POLL_SECONDS = 0.2


async def sign_in(client: Client) -> None:
    """Sign in, making the user first on a new home."""
    if await client.has_user():
        await client.sign_in(USERNAME, PASSWORD)
        return
    user = {"client_id": client.client_id, "name": NAME, "username": USERNAME, "password": PASSWORD, "language": "en"}
    answer = await client.request("POST", "/api/onboarding/users", json=user)
    await client.take_code(answer["auth_code"])


async def wait_running(client: Client) -> None:
    """Wait until Home Assistant has set everything up."""
    # Another process has no event to wait for: its state must be asked.
    async with asyncio.timeout(RUNNING_SECONDS):
        while (await client.request("GET", "/api/config"))["state"] != "RUNNING":  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)
