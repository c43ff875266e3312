"""What the panel asks: the home at a glance, once or whenever a part of it changes, and how good the models are."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import batched
from typing import Any

from homeassistant.auth.models import User
from homeassistant.components import websocket_api
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange, ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, entity_registry as er, issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util.json import JsonObjectType, JsonValueType

from .const import DOMAIN, OVERVIEW_PARTS_AT_ONCE, OVERVIEW_SECONDS
from .data import InklingConfigEntry, RuntimeData
from .overview import CARE, DEVICE, HOME, ROOM, Viewer, keys_of, part_of
from .report import async_report
from .rooms import rooms_of
from .targets import loaded_entry

_UNSENT = object()
_FOR_A_MOMENT = (ConfigEntryState.UNLOAD_IN_PROGRESS, ConfigEntryState.SETUP_IN_PROGRESS)

type Send = Callable[[JsonObjectType, int], None]
"""Takes parts by key, None for what is gone, and how many are still to come."""


@callback
def async_setup_panel_websocket(hass: HomeAssistant) -> None:
    """Register the commands, which exist whether or not an entry is loaded."""
    for command in (ws_overview, ws_subscribe_overview, ws_report):
        websocket_api.async_register_command(hass, command)


@websocket_api.websocket_command({"type": "inkling/overview"})
@websocket_api.async_response
async def ws_overview(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Answer with every part that the user may read."""
    viewer, parts = Viewer(hass, connection.user), dict[str, JsonObjectType]()
    for some in batched(keys_of(loaded_entry(hass)), OVERVIEW_PARTS_AT_ONCE, strict=False):
        # Anew for each few: between two of them the home may have been reloaded.
        entry = loaded_entry(hass)
        parts |= {key: part for key in some if (part := part_of(viewer, entry, key)) is not None}
        await asyncio.sleep(0)
    connection.send_result(msg["id"], {"parts": parts})


@websocket_api.websocket_command({"type": "inkling/subscribe_overview"})
@callback
def ws_subscribe_overview(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Send every part that the user may read, then those that change."""

    @callback
    def send(parts: JsonObjectType, waiting: int) -> None:
        """Send some parts, None for what is gone, and say how many are still to come."""
        event = {"parts": parts, "waiting": waiting}
        connection.send_message(websocket_api.event_message(msg["id"], event))

    stream = OverviewStream(hass, connection.user, send)
    connection.subscriptions[msg["id"]] = stream.stop
    connection.send_result(msg["id"])
    stream.start()


@websocket_api.websocket_command({"type": "inkling/report"})
@websocket_api.async_response
async def ws_report(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Answer with how good the models are."""
    if (entry := loaded_entry(hass)) is None:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "Inkling is not set up or not loaded")
        return
    connection.send_result(msg["id"], await async_report(Viewer(hass, connection.user), entry))


class OverviewStream:
    """Sends one user what changes, a few parts at a time; outlives reloads and the integration's absence."""

    def __init__(self, hass: HomeAssistant, user: User, send: Send) -> None:
        """Prepare; nothing is followed before `start`."""
        self._hass = hass
        self._viewer = Viewer(hass, user)
        self._send = send
        self._sent: dict[str, JsonObjectType | None] = {}
        self._due: dict[str, None] = {}
        self._runtime: RuntimeData | None = None
        self._of_runtime: list[CALLBACK_TYPE] = []
        self._stops: list[CALLBACK_TYPE] = []
        self._timer: asyncio.TimerHandle | None = None
        self._is_waiting = False

    @callback
    def start(self) -> None:
        """Send everything, and follow whatever may change it."""
        self._stops = [
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._handle_entry),
            self._hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, self._handle_issue),
            self._hass.bus.async_listen(ar.EVENT_AREA_REGISTRY_UPDATED, self._handle_registry),
            self._hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._handle_registry),
        ]
        self._attach()
        self._flush()

    @callback
    def stop(self) -> None:
        """End."""
        for stop in (*self._stops, *self._of_runtime):
            stop()
        self._cancel()

    def _cancel(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    @callback
    def _attach(self) -> None:
        """Follow what runs now, and look at everything anew."""
        entry = loaded_entry(self._hass)
        for stop in self._of_runtime:
            stop()
        self._of_runtime, self._runtime = [], None
        if entry is not None:
            self._runtime = entry.runtime_data
            self._follow(entry, entry.runtime_data)
        # What was there and is no more is told too.
        self._mark([*keys_of(entry), *self._sent])

    def _follow(self, entry: InklingConfigEntry, runtime: RuntimeData) -> None:
        """Listen to every room, the home and every device."""
        for monitor in (entry.entry_id, *rooms_of(entry)):
            changed = self._marker(HOME if monitor == entry.entry_id else f"{ROOM}{monitor}")
            self._of_runtime.append(runtime.coordinator.async_add_listener(changed, monitor))
            self._of_runtime.append(runtime.forecasting.async_listen(monitor, changed))
        for monitor in runtime.faults.monitors:
            self._of_runtime.append(runtime.faults.listen(monitor, self._marker(f"{DEVICE}{monitor}")))

    def _marker(self, key: str) -> Callable[..., None]:
        """Return what notes that a part may have changed, whatever it is told of the change."""

        @callback
        def mark(*_: object) -> None:
            """Note it."""
            self._mark([key])

        return mark

    @callback
    def _handle_entry(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Begin anew when Inkling was loaded, unloaded or changed."""
        if entry.domain == DOMAIN:
            self._attach()

    @callback
    def _handle_issue(self, event: Event[ir.EventIssueRegistryUpdatedData]) -> None:
        """Count the repairs again when one of ours changed."""
        if event.data["domain"] == DOMAIN:
            self._mark([CARE])

    @callback
    def _handle_registry(self, _: Event[Any]) -> None:
        """Look at names and entities again."""
        self._mark(keys_of(loaded_entry(self._hass)))

    @callback
    def _mark(self, keys: Iterable[str]) -> None:
        """Note what may have changed; it is looked at when the pause after the last message is over."""
        self._due |= dict.fromkeys(keys)
        if self._due and self._timer is None:
            self._timer = self._hass.loop.call_later(OVERVIEW_SECONDS, self._flush)

    def _is_reloading(self) -> bool:
        """Return whether Inkling is only away for a moment, which is not worth telling."""
        return any(entry.state in _FOR_A_MOMENT for entry in self._hass.config_entries.async_entries(DOMAIN))

    @callback
    def _flush(self) -> None:
        """Send some of what changed, at once; the rest follows a loop's turn later."""
        self._cancel()
        entry, parts = loaded_entry(self._hass), dict[str, JsonValueType]()
        if entry is None and self._is_reloading():
            self._mark(())
            return
        for key in list(self._due)[:OVERVIEW_PARTS_AT_ONCE]:
            del self._due[key]
            part = part_of(self._viewer, entry, key)
            if part != self._sent.get(key, _UNSENT):
                self._sent[key] = parts[key] = part
        if parts or self._is_waiting is not bool(self._due):
            self._is_waiting = bool(self._due)
            self._send(parts, len(self._due))
        if self._due:
            self._timer = self._hass.loop.call_later(0.0, self._flush)
