"""What the logbook tells beside states: a fault with its evidence, and what the user answered."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
    LazyEventPartialState,
)
from homeassistant.const import ATTR_ENTITY_ID, ATTR_NAME
from homeassistant.core import HomeAssistant, callback

from .const import ATTR_MESSAGE, DOMAIN, EVENT_ANSWER, EVENT_FAULT


@callback
def async_describe_events(
    hass: HomeAssistant,  # noqa: ARG001 - the platform's signature
    async_describe_event: Callable[[str, str, Callable[[LazyEventPartialState], dict[str, Any]]], None],
) -> None:
    """Offer a sentence for each of our events; it was put into the user's language when it was fired."""
    for event_type in (EVENT_FAULT, EVENT_ANSWER):
        async_describe_event(DOMAIN, event_type, _describe)


@callback
def _describe(event: LazyEventPartialState) -> dict[str, Any]:
    """Return an event's line."""
    return {
        LOGBOOK_ENTRY_NAME: event.data[ATTR_NAME],
        LOGBOOK_ENTRY_MESSAGE: event.data[ATTR_MESSAGE],
        LOGBOOK_ENTRY_ENTITY_ID: event.data.get(ATTR_ENTITY_ID),
    }
