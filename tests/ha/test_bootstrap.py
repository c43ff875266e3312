"""The past, learned once: from the recorder's days, then from the hours of its statistics; over restarts."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from sqlalchemy.exc import OperationalError

from custom_components.inkling import bootstrap, bootstrap_day, bootstrap_statistics
from custom_components.inkling.bootstrap import Progress
from custom_components.inkling.core.slots import SlotView
from custom_components.inkling.model_files import FoundModel

from .conftest import room_id, set_up, settle

pytestmark = pytest.mark.usefixtures("hand_loaded")
DAY_SLOTS = 96


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


@pytest.fixture(autouse=True)
def _few_days() -> Any:  # noqa: ANN401 - a generator
    """Look at two days only: a year of tests is long enough."""
    with patch.object(bootstrap, "BOOTSTRAP_DAYS_LIMIT", 2):
        yield


async def record(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> float:
    """Record motion from 18 to 19 UTC of the day before yesterday; return that hour's start (epoch seconds)."""
    now = dt_util.utcnow()
    evening = now.replace(hour=18, minute=0, second=0, microsecond=0) - timedelta(days=2)
    for moment, state in ((-3, "unavailable"), (-2, "off"), (0, "on"), (1, "off"), (5, "unavailable")):
        freezer.move_to(evening + timedelta(hours=moment))
        hass.states.async_set("binary_sensor.office_motion", state)
    freezer.move_to(now)
    hass.states.async_set("binary_sensor.office_motion", "off")
    await async_wait_recording_done(hass)
    return evening.timestamp()


def view_of(entry: MockConfigEntry, monitor: str) -> SlotView:
    """Return what is known of a monitor's past."""
    histories = entry.runtime_data.forecasting.store.histories
    view: SlotView = histories[monitor].view(dt_util.utcnow().timestamp())
    return view


def share_at(view: SlotView, t: float) -> float:
    """Return the share of the slot at an instant."""
    return float(view.shares[int(t // 900) - view.first])


async def test_the_recorders_days(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Know the evening in which somebody was there, the hours without anybody, and nothing of what was not read."""
    evening = await record(hass, freezer)
    await set_up(hass, entry)
    for monitor in (room_id(entry, "Office"), entry.entry_id):
        view = view_of(entry, monitor)
        assert share_at(view, evening + 1800.0) == 1.0
        assert share_at(view, evening - 1800.0) == 0.0
        assert share_at(view, evening + 3.0 * 3600.0) == 0.0
        assert np.isnan(share_at(view, evening + 6.0 * 3600.0))
    progress = Progress.of(entry.runtime_data.forecasting.store.extras["bootstrap"])
    assert progress.done == {entry.entry_id, *entry.subentries}
    assert not progress.pending


async def test_it_is_learned_once(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Not read the past again at the next start; read it for a room that is new."""
    await record(hass, freezer)
    await set_up(hass, entry)
    with patch.object(bootstrap, "async_tracks") as read:
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    assert not read.called
    store = entry.runtime_data.forecasting.store
    kept = store.extras["bootstrap"]
    store.keep("bootstrap", {**kept, "done": [room for room in kept["done"] if room != room_id(entry, "Kitchen")]})
    asked: list[str] = []
    judge = bootstrap_day.judge_day

    def watch(*arguments: Any) -> Any:  # noqa: ANN401 - handed on
        """Note which room is judged."""
        asked.append(arguments[3])
        return judge(*arguments)

    with patch.object(bootstrap, "judge_day", watch):
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    assert set(asked) <= {room_id(entry, "Kitchen")}


@pytest.mark.parametrize("failing", ["shared", "own"])
async def test_a_database_out_of_order(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory, failing: str
) -> None:
    """Stop at the day that cannot be read, and go on there at the next start."""
    evening = await record(hass, freezer)
    read = bootstrap_day.async_tracks
    calls: list[int] = []

    async def fail(*arguments: Any) -> Any:  # noqa: ANN401 - handed on
        """Fail from the second day on, at the readings that all rooms share or at a room's own."""
        calls.append(1)
        limit = 3 if failing == "shared" else 4
        return None if len(calls) > limit else await read(*arguments)

    with patch.object(bootstrap, "async_tracks", fail):
        await set_up(hass, entry)
    progress = Progress.of(entry.runtime_data.forecasting.store.extras["bootstrap"])
    assert progress.pending
    assert 0.0 < progress.next_day < progress.end
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert not Progress.of(entry.runtime_data.forecasting.store.extras["bootstrap"]).pending
    assert share_at(view_of(entry, room_id(entry, "Office")), evening + 1800.0) == 1.0


async def test_what_breaks_costs_no_forecast(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Go on without the past when learning it fails in a way nobody thought of."""
    with patch.object(bootstrap, "get_instance", side_effect=RuntimeError("what")):
        await set_up(hass, entry)
    assert "The past could not be learned" in caplog.text


async def test_without_a_model(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Learn nothing of the past while nobody can judge it."""
    with patch("custom_components.inkling.load_model", return_value=FoundModel(None, None)):
        await set_up(hass, entry)
    assert "bootstrap" not in entry.runtime_data.forecasting.store.extras


async def test_statistics_of_older_hours(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Fill hours that nothing better is known of with the mean of our own probability."""
    await set_up(hass, entry)
    hour = dt_util.utcnow().replace(minute=0, second=0, microsecond=0) - timedelta(days=30)
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.ARITHMETIC,
        has_sum=False,
        name=None,
        source="recorder",
        statistic_id="sensor.office_occupancy_probability",
        unit_class=None,
        unit_of_measurement="%",
    )
    means = [StatisticData(start=hour, mean=80.0), StatisticData(start=hour + timedelta(hours=2), mean=10.0)]
    async_import_statistics(hass, metadata, means)
    await async_wait_recording_done(hass)
    entry.runtime_data.forecasting.store.keep("bootstrap", None)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    view = view_of(entry, room_id(entry, "Office"))
    shares = [share_at(view, hour.timestamp() + index * 900.0) for index in range(12)]
    assert shares[:4] == pytest.approx([0.8] * 4)
    assert np.isnan(shares[4:8]).all()
    assert shares[8:] == pytest.approx([0.1] * 4)


async def test_statistics_that_cannot_be_read(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Go on without them."""
    await set_up(hass, entry)
    now = dt_util.utcnow().timestamp()
    assert await bootstrap_statistics.async_hourly_shares(hass, "nobody", now) is None
    failure = OperationalError("select", {}, Exception("locked"))
    with patch("homeassistant.components.recorder.statistics.statistics_during_period", side_effect=failure):
        assert await bootstrap_statistics.async_hourly_shares(hass, entry.entry_id, now) is None
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize("kept", [None, {}, {"done": 1}, {"done": [], "pending": [], "next_day": "x", "end": 0.0}])
def test_progress_that_is_none(kept: object) -> None:
    """Begin anew with what is no progress."""
    assert Progress.of(kept) == Progress()
