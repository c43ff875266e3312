"""The warm start from the recorder."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from sqlalchemy.exc import OperationalError

from custom_components.inkling import history
from custom_components.inkling.core.sample import Quality
from custom_components.inkling.core.units import Role
from custom_components.inkling.history import Row, Slice, samples_of
from custom_components.inkling.preview import PreviewProblem, async_preview

from .conftest import add_entity, hand_model, room_id, set_up, settle, state_of

pytestmark = pytest.mark.usefixtures("hand_loaded")
PPM = {"unit_of_measurement": "ppm"}


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


async def record(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> float:
    """Record two hours: motion for the first ten minutes, CO2 every ten; return when they began (epoch seconds)."""
    now = dt_util.utcnow()
    start = now - timedelta(hours=2)
    for minute in range(0, 120, 10):
        freezer.move_to(start + timedelta(minutes=minute))
        hass.states.async_set("binary_sensor.office_motion", "on" if minute < 10 else "off")
        hass.states.async_set("sensor.office_co2", str(500 + minute), PPM)
        # Reported again five minutes later, which makes no row of its own.
        freezer.move_to(start + timedelta(minutes=minute + 5))
        hass.states.async_set("sensor.office_co2", str(500 + minute), PPM)
    await async_wait_recording_done(hass)
    freezer.move_to(now)
    return start.timestamp()


async def test_history_before_the_first_verdict(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Know right after a start what happened before it."""
    start = await record(hass, freezer)
    await set_up(hass, entry)
    office = room_id(entry, "Office")
    tracks = {track.signal.id: track for track in entry.runtime_data.ingest.window.snapshot(2e9).tracks}
    motion = tracks[f"{office}/motion/binary_sensor.office_motion"]
    assert motion.times.tolist()[-2:] == [start, start + 600.0]
    assert motion.values.tolist()[-2:] == [1.0, 0.0]
    co2 = tracks[f"{office}/co2/sensor.office_co2"]
    # Far more than the model's window of 66 minutes, each reading with its repetition; the first was no news.
    assert co2.times[0] == start + 10 * 60.0
    assert co2.values[:4].tolist() == [510.0, 510.0, 520.0, 520.0]
    verdict = entry.runtime_data.coordinator.data[office]
    assert verdict.score.history > 0.99
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


async def test_verdict_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Say the same as before when the sensors have not come back yet."""
    await record(hass, freezer)
    freezer.tick(60.0)
    hass.states.async_set("binary_sensor.office_motion", "on")
    await async_wait_recording_done(hass)
    for entity_id in ("binary_sensor.office_motion", "sensor.office_co2"):
        hass.states.async_set(entity_id, "unavailable", {"restored": True})
    freezer.tick(5.0)
    await set_up(hass, entry)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    assert int(state_of(hass, "sensor.office_occupancy_probability")) > 90


async def test_nothing_recorded(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set up on an empty database, with the coverage of what is there now."""
    add_entity(hass, "sensor.never", original_device_class="carbon_dioxide")
    office = entry.subentries[room_id(entry, "Office")]
    signals = {"motion": ["binary_sensor.office_motion"], "co2": ["sensor.never"]}
    hass.config_entries.async_update_subentry(entry, office, data={**office.data, "signals": signals})
    await set_up(hass, entry)
    verdict = entry.runtime_data.coordinator.data[room_id(entry, "Office")]
    assert verdict.score.coverage == 0.5
    assert verdict.score.history < 0.01
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


@pytest.mark.parametrize("failure", [OperationalError("select", {}, Exception("locked")), TimeoutError()])
async def test_database_out_of_order(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    """Start without history when it cannot be read, saying so once each: at the start, for the past, in the chart."""
    with patch.object(history, "_read", side_effect=failure):
        await set_up(hass, entry)
    roles = {Role.MOTION: ["binary_sensor.office_motion"]}
    with patch.object(history, "_read", side_effect=failure):
        preview = await async_preview(hass, entry, None, roles)
    assert preview.problem is PreviewProblem.NO_HISTORY
    assert caplog.text.count("The recorder's history cannot be read") == 3
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


async def test_history_takes_too_long(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Begin with what there is when the whole of it takes too long."""
    with patch("custom_components.inkling.async_warm", side_effect=TimeoutError):
        await set_up(hass, entry)
    assert "took too long" in caplog.text
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


async def test_history_breaks(hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture) -> None:
    """Tick all the same when the warm start fails in a way nobody thought of."""
    with patch("custom_components.inkling.async_warm", side_effect=RuntimeError("what")):
        await set_up(hass, entry)
    assert "starts without it" in caplog.text
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


async def test_flush_that_hangs(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Do not wait for a recorder that does not write."""
    with (
        patch.object(history, "QUERY_TIMEOUT_SECONDS", 0.01),
        patch(
            "homeassistant.components.recorder.Recorder.async_get_commit_future", return_value=hass.loop.create_future()
        ),
    ):
        await history.async_flush(hass)
    with patch("homeassistant.components.recorder.Recorder.async_get_commit_future", return_value=None):
        await history.async_flush(hass)


async def test_clock_set_back_reads_history_again(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Begin anew when the clock jumps back, up to the time that is."""
    start = await record(hass, freezer)
    await set_up(hass, entry)
    coordinator, ingest = entry.runtime_data.coordinator, entry.runtime_data.ingest
    before = ingest.window
    freezer.move_to(dt_util.utcnow() - timedelta(minutes=30))
    # The test's clock takes the loop's with it, which a real one does not.
    coordinator._last_start = -float("inf")
    coordinator.mark_due([None])
    await settle(hass)
    assert ingest.window is not before
    now = dt_util.utcnow().timestamp()
    tracks = {track.signal.id: track for track in ingest.window.snapshot(now).tracks}
    office = room_id(entry, "Office")
    assert tracks[f"{office}/motion/binary_sensor.office_motion"].times[0] == start
    co2 = tracks[f"{office}/co2/sensor.office_co2"]
    assert co2.times[-1] <= now
    assert len(co2.times) > 8
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


async def test_preview_of_a_day(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Judge the recorded day of a room that does not exist yet, and of one that would change."""
    await record(hass, freezer)
    await set_up(hass, entry)
    roles = {Role.MOTION: ["binary_sensor.office_motion"], Role.CO2: ["sensor.office_co2"]}
    for room in (None, room_id(entry, "Office")):
        preview = await async_preview(hass, entry, room, roles)
        assert preview.problem is None
        assert preview.history_hours == pytest.approx(2.0, abs=0.01)
        assert len(preview.times) == 289
        assert preview.occupied[0] is None
        assert preview.occupied.count(True) == 2
    assert (await async_preview(hass, entry, None, {Role.MOTION: ["sensor.x"]})).problem is PreviewProblem.NO_HISTORY


async def test_preview_that_fails(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Say that there is no chart when the model breaks over it, or when there is no model."""
    await record(hass, freezer)
    await set_up(hass, entry)
    roles = {Role.MOTION: ["binary_sensor.office_motion"]}
    with patch("custom_components.inkling.preview.replay", side_effect=ValueError):
        assert (await async_preview(hass, entry, None, roles)).problem is PreviewProblem.FAILED
    no_model = entry.runtime_data.found.__class__(None, None)
    with patch.object(entry, "runtime_data", new=_Without(entry.runtime_data, no_model)):
        assert (await async_preview(hass, entry, None, roles)).problem is PreviewProblem.NO_MODEL
    assert hand_model().manifest.name == "hand"


class _Without:
    """Runtime data with another model."""

    def __init__(self, runtime: Any, found: Any) -> None:  # noqa: ANN401 - a stand-in
        """Replace what was found."""
        self.found = found
        self.ingest = runtime.ingest


def piece(role: Role) -> Slice:
    """Return a slice of one role up to the second 1000."""
    return Slice("sensor.x", frozenset({role}), 0.0, 1000.0, None)


def test_rows_become_samples() -> None:
    """Drop rows out of order, repeats of what stands, and repetitions after the end."""
    rows: list[Row] = [
        ("on", 10.0, None),
        ("on", 20.0, None),
        ("off", 15.0, None),
        (None, 30.0, None),
        ("unknown", 40.0, None),
    ]
    found = samples_of(rows, Role.MOTION, piece(Role.MOTION))
    assert [(sample.t, sample.quality) for sample in found] == [
        (10.0, Quality.GOOD),
        (15.0, Quality.GOOD),
        (30.0, Quality.MISSING),
    ]
    meter: list[Row] = [("500", 10.0, 10.0), ("600", 20.0, 25.0), ("700", 900.0, 1100.0), ("800", 900.0, None)]
    found = samples_of(meter, Role.CO2, piece(Role.CO2))
    assert [(sample.t, sample.value) for sample in found] == [
        (10.0, 500.0),
        (20.0, 600.0),
        (25.0, 600.0),
        (900.0, 700.0),
    ]
