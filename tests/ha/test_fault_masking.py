"""A sensor that is not to be believed counts as missing in its room, and the room says so."""

from collections.abc import Iterator
from datetime import timedelta
from types import MappingProxyType
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.const import DOMAIN
from custom_components.inkling.core.faults.classes import FaultClass, Severity
from custom_components.inkling.fault_watch import FaultWatch

from .conftest import add_entity, room_data, room_id, set_up, settle, state_of
from .faults import alarm_of, tell

pytestmark = pytest.mark.usefixtures("hand_loaded")
MOTION, OTHER, AIR = "binary_sensor.hall_motion", "binary_sensor.hall_radar", "sensor.hall_co2"
DEVICE: dict[str, object] = {
    "device_id": None,
    "peers": {},
    "kind": "sensor",
    "false_alarms_per_year": 2.0,
    "registry_ids": {},
}


@pytest.fixture(autouse=True)
def _no_minutes() -> Iterator[None]:
    """Leave out the watch's own minutes, in which it would find nothing wrong."""
    with patch.object(FaultWatch, "_handle_minute"):
        yield


@pytest.fixture
async def entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return a hall with a motion sensor that is watched."""
    hall = ar.async_get(hass).async_create("Hall")
    add_entity(hass, MOTION, area_id=hall.id, state="on", original_device_class="motion")
    add_entity(
        hass, AIR, area_id=hall.id, state="500", original_device_class="carbon_dioxide", unit_of_measurement="ppm"
    )
    watched = {**DEVICE, "signals": {"motion": [MOTION], "co2": [AIR]}}
    device = ConfigSubentryData(
        data=MappingProxyType(watched), subentry_type="device", title="Hall sensors", unique_id=None
    )
    rooms = [room_data("Hall", hall.id, {"motion": [MOTION], "co2": [AIR]}), device]
    found = MockConfigEntry(
        domain=DOMAIN, title="Inkling", subentries_data=rooms, options={"exit_doors": [], "people": []}
    )
    found.add_to_hass(hass)
    await set_up(hass, found)
    return found


async def pass_steps(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let what was seen before leave the model's newest step, and a reason be due again."""
    hass.loop.slow_callback_duration = float("inf")
    for _ in range(7):
        freezer.tick(timedelta(minutes=1))
        async_fire_time_changed(hass)
        await settle(hass)


async def test_suspect_is_masked_and_named(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Do without a sensor while it fails, say so, and believe it again when it is well."""
    assert state_of(hass, "binary_sensor.hall_occupancy") == "on"
    ingest, hall = entry.runtime_data.ingest, room_id(entry, "Hall")
    await tell(hass, entry, alarm := alarm_of(hass, MOTION, fault=FaultClass.STUCK_ON))
    assert ingest.masked == {MOTION}
    await pass_steps(hass, freezer)
    assert ingest.masked_in(hall) == [MOTION]
    assert ingest.readable_share(hall) == 0.5
    assert state_of(hass, "binary_sensor.hall_occupancy") == "off"
    assert "Left out as faulty: hall motion." in state_of(hass, "sensor.hall_reason")
    # What it says meanwhile is not heard, and no edge either.
    hass.states.async_set(MOTION, "off")
    hass.states.async_set(MOTION, "on")
    await pass_steps(hass, freezer)
    assert state_of(hass, "binary_sensor.hall_occupancy") == "off"
    await tell(hass, entry)
    await pass_steps(hass, freezer)
    assert ingest.masked == frozenset()
    assert state_of(hass, "binary_sensor.hall_occupancy") == "on"
    await tell(hass, entry, alarm_of(hass, MOTION, severity=Severity.INFO, raised=alarm.raised))
    assert ingest.masked == frozenset()


async def test_masked_meter_is_not_read_either(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Hear neither repetitions nor, after a clock was set back, the state of a sensor that is not believed."""
    ingest, hall = entry.runtime_data.ingest, room_id(entry, "Hall")
    await tell(hass, entry, alarm_of(hass, AIR))
    hass.states.async_set(AIR, "500", {"unit_of_measurement": "ppm"})
    await settle(hass)
    assert ingest.readable_share(hall) == 0.5
    ingest.reset(alarm_of(hass).raised)
    assert ingest.readable_share(hall) == 0.5
    assert ingest.mask(frozenset({AIR, "sensor.elsewhere"}), 0.0) == frozenset()
