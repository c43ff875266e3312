"""From the bus into the open bins: what counts, what does not, and what it costs the event loop."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import numpy as np
import pytest

from custom_components.inkling import fault_learned
from custom_components.inkling.core.units import Role
from custom_components.inkling.fault_backtest import _begin, _walk
from custom_components.inkling.fault_config import DeviceConfig, WatchPlan, plan_for
from custom_components.inkling.fault_feed import FaultFeed
from custom_components.inkling.fault_sensors import _last_report
from custom_components.inkling.fault_status import FaultStatus
from custom_components.inkling.timing import Timings

from .conftest import add_entity
from .faults import FRIDGE, alarm_of, faults_of, signal_of, watch_fridge

C = {"unit_of_measurement": "°C"}
BUDGET_SECONDS = 20e-6


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path) -> Iterator[None]:
    """Keep what is learned in a folder of this test's own."""
    with patch.object(fault_learned, "STORAGE_DIR", str(tmp_path / "watch")):
        yield


def plan_of_thermometers(hass: HomeAssistant, count: int) -> WatchPlan:
    """Return a plan of so many thermometers."""
    names = [f"sensor.t{number}" for number in range(count)]
    return plan_for(hass, {"a": DeviceConfig(id="a", title="A", roles={Role.TEMPERATURE: names})}, {})


async def test_states_become_readings(hass: HomeAssistant) -> None:
    """Take what stands, changes and repeats; not what the registry only remembers, nor words; nothing after its end."""
    hass.states.async_set("sensor.t0", "20", C)
    hass.states.async_set("sensor.t1", "20", {**C, "restored": True})
    feed = FaultFeed(hass, plan_of_thermometers(hass, 4), Timings())
    now = dt_util.utcnow().timestamp() + 1.0
    stop = feed.start(now)
    assert feed.drain(now).value.tolist()[:1] == [20.0]
    assert np.isnan(feed.drain(now).value[1:]).all()
    hass.states.async_set("sensor.t1", "21", C)
    hass.states.async_set("sensor.t1", "21", C)
    hass.states.async_set("sensor.t2", "warm", C)
    hass.states.async_set("sensor.t3", "68", {"unit_of_measurement": "°F"})
    await hass.async_block_till_done()
    batch = feed.drain(now)
    assert batch.value.tolist()[:2] == [20.0, 21.0]
    assert batch.value[3] == pytest.approx(20.0)
    assert np.isnan(batch.value[2])
    assert batch.reported[1] > batch.changed[1]
    hass.states.async_remove("sensor.t1")
    await hass.async_block_till_done()
    assert np.isnan(feed.drain(now).value[1])
    stop()
    hass.states.async_set("sensor.t0", "30", C)
    await hass.async_block_till_done()
    assert feed.drain(now).value[0] == 20.0


async def test_state_that_was_confirmed_before_the_start(hass: HomeAssistant) -> None:
    """Know since when a state stands and when it was last confirmed."""
    hass.states.async_set("sensor.t0", "20", C)
    hass.states.async_set("sensor.t0", "20", C)
    state = hass.states.get("sensor.t0")
    assert state is not None
    feed = FaultFeed(hass, plan_of_thermometers(hass, 1), Timings())
    stop = feed.start(now := dt_util.utcnow().timestamp() + 1.0)
    batch = feed.drain(now)
    assert batch.changed[0] == state.last_changed_timestamp
    assert batch.reported[0] == state.last_reported_timestamp
    stop()


async def test_change_costs_little(hass: HomeAssistant) -> None:
    """Hold the event loop for at most 20 µs a change with 200 signals watched."""
    timings = Timings()
    feed = FaultFeed(hass, plan_of_thermometers(hass, 200), timings)
    stop = feed.start(dt_util.utcnow().timestamp())
    for turn in range(5):
        for number in range(200):
            hass.states.async_set(f"sensor.t{number}", f"{20.0 + turn + number / 1000.0}", C)
        await hass.async_block_till_done()
    stop()
    found = list(timings._records["loop_fault_event"])
    assert len(found) == 1000
    # The median, since other work of the machine stretches single ones.
    assert median(found) <= BUDGET_SECONDS


def test_gap_is_no_failure(hass: HomeAssistant) -> None:
    """Judge nothing as gone where nothing says anything: Home Assistant itself was off."""
    work = _begin(plan_of_thermometers(hass, 2), 0.0, 86_400.0)
    work.first = 0.0
    _walk(work, [(10.0, 0, 20.0), (20.0, 1, 20.0), (700.0, 0, float("nan")), (710.0, 1, float("nan"))], 1500.0)
    assert work.gap_until > 1500.0
    assert work.alarms == []


def test_last_report() -> None:
    """Tell when a device was last heard of."""
    assert _last_report(FaultStatus()) is None
    assert _last_report(FaultStatus(last_report=0.0)) == dt_util.utc_from_timestamp(0.0)


@pytest.mark.usefixtures("hand_loaded")
async def test_other_entities_of_a_device(hass: HomeAssistant) -> None:
    """Pass over what a targeted device has besides its sensors."""
    entry = await watch_fridge(hass)
    lamp = add_entity(hass, "light.fridge", state="on")
    er.async_get(hass).async_update_entity(lamp.entity_id, device_id=alarm_of(hass).device)
    data = {"device_id": alarm_of(hass).device, "duration": {"hours": 1}}
    await hass.services.async_call("inkling", "snooze", data, blocking=True)
    assert signal_of(hass, FRIDGE) in faults_of(entry).notes.snoozed
    assert len(faults_of(entry).notes.snoozed) == 2
