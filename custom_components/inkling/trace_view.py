"""The home's trace over the wire: made while it is sent, so that a long one needs neither memory nor disk here."""

import asyncio
from http import HTTPStatus
import logging
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components.http import KEY_HASS
from homeassistant.components.http.auth import SIGN_QUERY_PARAM
from homeassistant.components.http.decorators import require_admin
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .export_trace import (
    ATTR_DAYS,
    ATTR_END,
    ATTR_ROOMS,
    ATTR_START,
    MOST_DAYS,
    STAMP,
    Wanted,
    async_wanted,
    async_write,
)
from .targets import needed_entry
from .trace_file import trace_into

_LOGGER = logging.getLogger(__name__)
TRACE_URL: Final = f"/api/{DOMAIN}/trace"
_QUERY = vol.Schema(
    {
        vol.Exclusive(ATTR_DAYS, "since"): vol.All(vol.Coerce(int), vol.Range(min=1, max=MOST_DAYS)),
        vol.Exclusive(ATTR_START, "since"): vol.All(cv.datetime, dt_util.as_utc),
        vol.Optional(ATTR_END): vol.All(cv.datetime, dt_util.as_utc),
        vol.Optional(ATTR_ROOMS): cv.ensure_list_csv,
    }
)


@callback
def async_setup_trace_view(hass: HomeAssistant, exporting: asyncio.Lock) -> None:
    """Serve traces where anything is served at all; `exporting` lets one export at a time read the database."""
    if "http" in hass.config.components:
        hass.http.register_view(TraceView(exporting))


class TraceView(HomeAssistantView):
    """Sends who was where and when to administrators, and to nobody else."""

    url = TRACE_URL
    name = f"api:{DOMAIN}:trace"

    def __init__(self, exporting: asyncio.Lock) -> None:
        """Share the turn with the action that writes a file."""
        self._exporting = exporting

    @require_admin
    async def get(self, request: web.Request) -> web.StreamResponse:
        """Send a trace; say in words what is wrong with a request before anything is sent."""
        hass = request.app[KEY_HASS]
        try:
            data = _QUERY({key: value for key, value in request.query.items() if key != SIGN_QUERY_PARAM})
            async with self._exporting:
                wanted = await async_wanted(hass, needed_entry(hass), data)
                return await _async_send(hass, request, wanted)
        except vol.Invalid as err:
            return self.json_message(f"This export cannot be made: {err}", HTTPStatus.BAD_REQUEST, "no_such_export")
        except ServiceValidationError as err:
            return self.json_message(str(err), HTTPStatus.BAD_REQUEST, err.translation_key)


class _Outbox:
    """Holds what the zip has put out since it was last sent; never more than a day's."""

    def __init__(self) -> None:
        """Begin empty."""
        self._waiting = bytearray()

    def write(self, data: bytes, /) -> int:
        """Take some bytes and return how many."""
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: what waits is sent after each day."""

    def close(self) -> None:
        """Do nothing: the zip closes only what it opened itself."""

    def take(self) -> bytes:
        """Return what waits, and hold it no longer."""
        waiting, self._waiting = bytes(self._waiting), bytearray()
        return waiting


def _response() -> web.StreamResponse:
    """Return the answer's head: a file that nothing on the way may keep."""
    name = f"{DOMAIN}-trace_{dt_util.now().strftime(STAMP)}.zip"
    headers = {
        hdrs.CONTENT_TYPE: "application/zip",
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        hdrs.CACHE_CONTROL: "no-store",
    }
    return web.StreamResponse(headers=headers)


async def _async_send(hass: HomeAssistant, request: web.Request, wanted: Wanted) -> web.StreamResponse:
    """Send a trace a day at a time, no faster than it is taken; end at once when whoever asked is gone."""
    outbox, response = _Outbox(), _response()

    async def send() -> None:
        """Send what waits."""
        if waiting := outbox.take():
            await response.write(waiting)

    file = await hass.async_add_executor_job(trace_into, outbox, dt_util.get_default_time_zone())
    try:
        await response.prepare(request)
        await async_write(hass, file, wanted, send)
        await hass.async_add_executor_job(file.close, wanted.head)
        await send()
        await response.write_eof()
    except (ConnectionError, HomeAssistantError) as err:
        # What is sent cannot be taken back: an end without the end mark tells the browser that the file is no good.
        _LOGGER.warning("The trace was not sent to its end: %s", str(err) or type(err).__name__)
        if request.transport is not None:
            request.transport.abort()
    finally:
        await hass.async_add_executor_job(file.discard)
    return response
