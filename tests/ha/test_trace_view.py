"""The trace over the wire: for administrators only, made while it is sent, and never more than a day in memory."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
import io
from pathlib import Path
import tracemalloc
from unittest.mock import patch
import zipfile

from aiohttp import ClientPayloadError, ClientResponse, web
from aiohttp.test_utils import TestClient, make_mocked_request
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance, session_scope
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator
from sqlalchemy import text

from custom_components.inkling import export_trace as export_module, history, trace_view as view_module
from custom_components.inkling.const import DOMAIN
from custom_components.inkling.trace_file import TraceZip
from custom_components.inkling.trace_view import TRACE_URL
from training.__main__ import main
from training.trace import Trace, read_trace

from .conftest import set_up
from .test_export_trace import names_in, record

pytestmark = pytest.mark.usefixtures("hand_loaded", "socket_enabled")
type Client = TestClient[web.Request, web.Application]
DAY = timedelta(days=1)
ROWS_A_DAY = 20_000


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


@pytest.fixture
async def home(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return an entry that runs, in a home that serves pages."""
    for component in ("auth", "websocket_api"):
        assert await async_setup_component(hass, component, {})
    await set_up(hass, entry)
    return entry


@pytest.fixture
async def client(home: MockConfigEntry, hass_client: ClientSessionGenerator) -> Client:
    """Return an administrator's client."""
    found: Client = await hass_client()
    return found


async def unpacked(hass: HomeAssistant, data: bytes, folder: Path) -> Trace:
    """Import what was sent with the trainer's own command, and read it."""

    def unpack() -> Trace:
        """Write the zip, import it, read it."""
        path = folder / "sent.zip"
        path.write_bytes(data)
        assert main(["import", "trace-zip", str(path), "--out", str(folder / "out")]) == 0
        return read_trace(folder / "out" / "sent")

    return await hass.async_add_executor_job(unpack)


async def message(response: ClientResponse) -> str:
    """Return what a refused request is told."""
    assert response.status == HTTPStatus.BAD_REQUEST
    found: str = (await response.json())["message"]
    return found


async def test_what_is_sent_is_what_the_trainer_reads(
    hass: HomeAssistant, client: Client, freezer: FrozenDateTimeFactory, tmp_path: Path
) -> None:
    """Send every room, or one, and nothing of it lies about here."""
    await record(hass, freezer)
    response = await client.get(TRACE_URL, params={"days": "1"})
    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="inkling-trace_2')
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.headers["Cache-Control"] == "no-store"
    trace = await unpacked(hass, await response.read(), tmp_path)
    assert {room.name for room in trace.rooms} == {"Office", "Kitchen"}
    assert len(trace.readings["binary_sensor.office_motion"].times) >= 6
    only = await client.get(TRACE_URL, params={"rooms": "kitchen"})
    with zipfile.ZipFile(io.BytesIO(await only.read())) as archive:
        assert sorted(archive.namelist()) == ["events.csv", "labels.csv", "trace.toml"]
        assert archive.testzip() is None
        assert "office" not in archive.read("trace.toml").decode()
    assert names_in(Path(hass.config.path(DOMAIN), "traces")) == []


async def test_a_stretch_of_the_past(hass: HomeAssistant, client: Client, freezer: FrozenDateTimeFactory) -> None:
    """Send only what happened between two moments; an end that is to come is now."""
    begun = datetime.fromtimestamp(await record(hass, freezer), UTC)
    params = {"start": (begun + timedelta(hours=1)).isoformat(), "end": (begun + timedelta(hours=2)).isoformat()}
    with zipfile.ZipFile(io.BytesIO(await (await client.get(TRACE_URL, params=params)).read())) as archive:
        rows = archive.read("events.csv").decode().splitlines()[1:]
    times = [datetime.fromisoformat(row.partition(",")[0]) for row in rows]
    assert begun + timedelta(hours=1) <= min(times)
    # The row of the very end belongs to it.
    assert max(times) <= begun + timedelta(hours=2, seconds=1)
    params["end"] = (dt_util.utcnow() + DAY).isoformat()
    assert (await client.get(TRACE_URL, params=params)).status == HTTPStatus.OK


async def test_nobody_but_administrators(
    hass: HomeAssistant,
    home: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Send nothing to strangers and residents, not even by a path that a resident signed."""
    with patch.object(view_module, "async_wanted") as asked:
        stranger = await hass_client_no_auth()
        assert (await stranger.get(TRACE_URL)).status == HTTPStatus.UNAUTHORIZED
        resident = await hass_client(hass_read_only_access_token)
        assert (await resident.get(TRACE_URL)).status == HTTPStatus.UNAUTHORIZED
        socket = await hass_ws_client(hass, hass_read_only_access_token)
        await socket.send_json_auto_id({"type": "auth/sign_path", "path": TRACE_URL})
        signed = (await socket.receive_json())["result"]["path"]
        assert (await stranger.get(signed)).status == HTTPStatus.UNAUTHORIZED
    asked.assert_not_called()


async def test_a_path_signed_for_the_browser(
    hass: HomeAssistant,
    home: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Send by the path that an administrator's page had signed, and by no other."""
    socket = await hass_ws_client(hass)
    await socket.send_json_auto_id({"type": "auth/sign_path", "path": f"{TRACE_URL}?days=1"})
    signed = (await socket.receive_json())["result"]["path"]
    stranger = await hass_client_no_auth()
    assert (await stranger.get(signed)).status == HTTPStatus.OK
    assert (await stranger.get(signed.replace("days=1", "days=9"))).status == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"days": "0"}, "days"),
        ({"days": "many"}, "days"),
        ({"days": "3", "start": "2026-01-01"}, "since"),
        ({"end": "yesterday"}, "end"),
        ({"format": "parquet"}, "format"),
        ({"start": "2020-01-01T00:00:00Z"}, "at most 366 days"),
        ({"start": "2199-01-01T00:00:00Z"}, "must begin before it ends"),
        ({"rooms": "office, loft"}, "loft"),
    ],
)
async def test_a_request_that_makes_no_sense(client: Client, query: dict[str, str], said: str) -> None:
    """Say what is wrong with it, and send nothing."""
    assert said in await message(await client.get(TRACE_URL, params=query))


async def test_a_home_without_what_is_needed(hass: HomeAssistant, client: Client, home: MockConfigEntry) -> None:
    """Say that there is no recorder, or that Inkling does not run."""
    with patch.object(export_module, "has_recorder", return_value=False):
        assert "recorder does not run" in await message(await client.get(TRACE_URL))
    await hass.config_entries.async_unload(home.entry_id)
    assert "not set up or not loaded" in await message(await client.get(TRACE_URL))


async def test_a_database_that_breaks_on_the_way(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """End without the end mark, so that the browser throws away what came."""
    with patch.object(history, "_read_rows", side_effect=TimeoutError):
        response = await client.get(TRACE_URL)
        assert response.status == HTTPStatus.OK
        with pytest.raises(ClientPayloadError):
            await response.read()
    assert "The trace was not sent to its end" in caplog.text


@pytest.fixture
async def discarded() -> AsyncGenerator[asyncio.Event]:
    """Return what is set once a trace was given up or is over."""
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    discard = TraceZip.discard

    def tell(file: TraceZip) -> None:
        """Give up and tell."""
        discard(file)
        loop.call_soon_threadsafe(done.set)

    with patch.object(TraceZip, "discard", tell):
        yield done


async def test_whoever_asked_is_gone(hass: HomeAssistant, client: Client, discarded: asyncio.Event) -> None:
    """Stop reading the database, and let the next one have a turn."""
    read, asked = history._read_rows, asyncio.Event()
    go_on = asyncio.Event()

    async def slow(home: HomeAssistant, piece: history.Slice) -> object:
        """Wait until the client has left."""
        asked.set()
        await go_on.wait()
        return await hass.async_add_executor_job(read, home, piece)

    with patch.object(export_module, "async_rows", slow):
        response = await client.get(TRACE_URL)
        await asked.wait()
        response.close()
        await asyncio.sleep(0.1)
        go_on.set()
        await asyncio.wait_for(discarded.wait(), 5.0)
    assert (await client.get(TRACE_URL, params={"days": "1"})).status == HTTPStatus.OK


def fill(hass: HomeAssistant, days: int) -> None:
    """Write days of a motion sensor that is never still straight into the database, as its own statement would."""
    now, step_seconds = dt_util.utcnow().timestamp(), DAY.total_seconds() / ROWS_A_DAY
    with session_scope(hass=hass) as session:
        metadata_id = session.execute(
            text("SELECT metadata_id FROM states_meta WHERE entity_id = 'binary_sensor.office_motion'")
        ).scalar_one()
        rows = [
            {"meta": metadata_id, "t": now - place * step_seconds, "state": "on" if place % 2 else "off"}
            for place in range(1, days * ROWS_A_DAY)
        ]
        session.execute(
            text("INSERT INTO states (metadata_id, state, last_updated_ts, origin_idx) VALUES (:meta, :state, :t, 0)"),
            rows,
        )


async def test_a_connection_that_is_lost_already(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Give up quietly where there is no connection left to end."""
    request = make_mocked_request("GET", TRACE_URL)
    wanted = await export_module.async_wanted(hass, home, {})
    with (
        patch.object(view_module, "async_write", side_effect=ConnectionResetError),
        patch.object(web.BaseRequest, "transport", None),
    ):
        assert (await view_module._async_send(hass, request, wanted)).prepared


async def peak_bytes(client: Client, days: int) -> tuple[int, int]:
    """Return the most memory that was in use while days were sent, and how many bytes of them came."""
    tracemalloc.start()
    try:
        response = await client.get(TRACE_URL, params={"days": str(days)})
        count = 0
        async for part in response.content.iter_any():
            count += len(part)
        return tracemalloc.get_traced_memory()[1], count
    finally:
        tracemalloc.stop()


async def test_ten_days_take_no_more_memory_than_two(
    hass: HomeAssistant, client: Client, recorder_mock: Recorder
) -> None:
    """Send ten days of a busy home in the memory that a day needs."""
    hass.states.async_set("binary_sensor.office_motion", "on")
    await async_wait_recording_done(hass)
    await get_instance(hass).async_add_executor_job(fill, hass, 10)
    await client.get(TRACE_URL, params={"days": "1"})
    two, two_sent = await peak_bytes(client, 2)
    ten, ten_sent = await peak_bytes(client, 10)
    assert ten_sent > 4.5 * two_sent
    assert ten < 1.25 * two
    assert ten < 80e6


async def test_a_home_that_serves_no_pages(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set up all the same where Home Assistant runs without its server."""
    await set_up(hass, entry)
    assert "http" not in hass.config.components
