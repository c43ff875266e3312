"""Speak to Home Assistant's REST and WebSocket interfaces as its own frontend does."""

import asyncio
from types import TracebackType
from typing import Any, Self

import aiohttp

REQUEST_SECONDS = 60.0

# What Home Assistant takes and gives; each caller knows the shape it asked for.
type Json = Any


class RefusedError(RuntimeError):
    """Say what Home Assistant answered to a request that it refused."""


class Client:
    """One signed-in user."""

    def __init__(self, url: str) -> None:
        """Talk to the Home Assistant at an address."""
        self.url = url
        self.client_id = f"{url}/"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS))
        self._token: str | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._last_id = 0

    async def __aenter__(self) -> Self:
        """Open nothing yet; each call connects when it must."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        if self._socket is not None:
            await self._socket.close()
        await self._session.close()

    async def request(self, method: str, path: str, **options: Json) -> Json:
        """Return the JSON answer to one request; raise RefusedError."""
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        async with self._session.request(method, self.url + path, headers=headers, **options) as answer:
            if answer.status >= 400:  # noqa: PLR2004 - the border of HTTP's errors
                raise RefusedError(f"{method} {path} was refused with {answer.status}: {await answer.text()}")
            return await answer.json()

    async def sign_in(self, username: str, password: str) -> None:
        """Sign in by the login form's own steps."""
        flow = await self.request(
            "POST",
            "/auth/login_flow",
            json={"client_id": self.client_id, "handler": ["homeassistant", None], "redirect_uri": self.client_id},
        )
        answer = await self.request(
            "POST",
            f"/auth/login_flow/{flow['flow_id']}",
            json={"client_id": self.client_id, "username": username, "password": password},
        )
        if answer["type"] != "create_entry":
            raise RefusedError(f"{username} could not sign in: {answer.get('errors')}")
        await self.take_code(answer["result"])

    async def has_user(self) -> bool:
        """Tell whether somebody can sign in; a new home refuses to name its ways of signing in."""
        try:
            await self.request("GET", "/auth/providers")
        except RefusedError:
            return False
        return True

    async def take_code(self, code: str) -> None:
        """Exchange an authorisation code for a token."""
        form = {"grant_type": "authorization_code", "code": code, "client_id": self.client_id}
        self._token = (await self.request("POST", "/auth/token", data=form))["access_token"]

    async def command(self, kind: str, **fields: Json) -> Json:
        """Return the result of one WebSocket command; raise RefusedError."""
        socket = self._socket or await self._connect()
        self._last_id += 1
        await socket.send_json({"id": self._last_id, "type": kind, **fields})
        while (message := await socket.receive_json(timeout=REQUEST_SECONDS)).get("id") != self._last_id:
            pass
        if not message["success"]:
            raise RefusedError(f"{kind} was refused: {message['error'].get('message')}")
        return message["result"]

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        """Open the WebSocket and show the token."""
        socket = await self._session.ws_connect(f"{self.url}/api/websocket")
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": self._token})
        if (answer := await socket.receive_json())["type"] != "auth_ok":
            raise RefusedError(f"Home Assistant did not take the token: {answer.get('message')}")
        self._socket = socket
        return socket

    async def call(self, domain: str, service: str, **data: Json) -> None:
        """Perform one action."""
        await self.request("POST", f"/api/services/{domain}/{service}", json=data)

    async def states(self) -> dict[str, dict[str, Any]]:
        """Return all states by entity."""
        return {state["entity_id"]: state for state in await self.request("GET", "/api/states")}


async def is_answering(url: str) -> bool:
    """Tell whether the web server at an address speaks yet."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/manifest.json", timeout=_PROBE) as answer:
            return answer.status == 200  # noqa: PLR2004 - HTTP's OK
    except TimeoutError, aiohttp.ClientError, asyncio.IncompleteReadError:
        return False


_PROBE = aiohttp.ClientTimeout(total=2.0)
