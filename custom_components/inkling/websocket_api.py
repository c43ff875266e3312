"""What a card asks: a room's day ahead, once or whenever it changes."""

from typing import Any

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
import voluptuous as vol

from .forecasting import Forecasting
from .services_forecast import day_of
from .targets import loaded_entry, monitor_of

ENTITY: VolDictType = {vol.Required("entity_id"): cv.entity_id}


@callback
def async_setup_websocket(hass: HomeAssistant) -> None:
    """Register the commands, which exist whether or not an entry is loaded."""
    websocket_api.async_register_command(hass, ws_forecast)
    websocket_api.async_register_command(hass, ws_subscribe_forecast)


@websocket_api.websocket_command({vol.Required("type"): "inkling/forecast", **ENTITY})
@callback
def ws_forecast(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Answer with the newest forecast of the room an entity is about."""
    if (found := asked_for(hass, connection, msg)) is not None:
        connection.send_result(msg["id"], day_of(*found))


@websocket_api.websocket_command({vol.Required("type"): "inkling/subscribe_forecast", **ENTITY})
@callback
def ws_subscribe_forecast(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Send the newest forecast of the room an entity is about, then each that follows."""
    if (found := asked_for(hass, connection, msg)) is None:
        return
    forecasting, monitor = found

    @callback
    def send() -> None:
        """Send the newest forecast, of whatever runs now: a card outlives a reload."""
        entry = loaded_entry(hass)
        if entry is not None and monitor in entry.runtime_data.forecasting.outlooks:
            day = day_of(entry.runtime_data.forecasting, monitor)
            connection.send_message(websocket_api.event_message(msg["id"], day))

    stop: CALLBACK_TYPE = forecasting.async_listen(monitor, send)
    connection.subscriptions[msg["id"]] = stop
    connection.send_result(msg["id"])
    send()


@callback
def asked_for(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> tuple[Forecasting, str] | None:
    """Return who forecasts and for whom; tell the card when there is nobody, or nothing it may read."""
    entity_id = msg["entity_id"]
    if not connection.user.permissions.check_entity(entity_id, POLICY_READ):
        connection.send_error(msg["id"], websocket_api.ERR_UNAUTHORIZED, "You may not read this entity")
        return None
    entry = loaded_entry(hass)
    monitor = None if entry is None else monitor_of(hass, entry, entity_id)
    if entry is None or monitor is None:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, f"{entity_id} is no entity of a running Inkling")
        return None
    return entry.runtime_data.forecasting, monitor
