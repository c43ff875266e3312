"""From a state to an alarm, what users say about it, and what outlives a restart: nothing in between is replaced."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling import fault_learned
from custom_components.inkling.core.faults.classes import Learning, Scope, Severity
from custom_components.inkling.fault_file import FaultFile
from custom_components.inkling.fault_notes import Mode
from custom_components.inkling.fault_status import MonitorState
from custom_components.inkling.fault_watch import SENSORS

from .conftest import settle, state_of
from .faults import (
    CELLAR,
    EVENT,
    FAULT,
    FRIDGE,
    POWER,
    TYPE,
    alarm_of,
    everything_data,
    faults_of,
    signal_of,
    tell,
    watch_fridge,
)

pytestmark = pytest.mark.usefixtures("hand_loaded")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path) -> Iterator[None]:
    """Keep what is learned in a folder of this test's own."""
    with patch.object(fault_learned, "STORAGE_DIR", str(tmp_path / "watch")):
        yield


async def pass_minutes(hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int) -> None:
    """Let minutes pass one by one, each judged."""
    hass.loop.slow_callback_duration = float("inf")
    for _ in range(minutes):
        freezer.tick(timedelta(minutes=1))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)


async def break_fridge(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the fridge's thermometer say what cannot be."""
    await pass_minutes(hass, freezer, 4)
    for value in ("850", "851", "850", "852"):
        hass.states.async_set(FRIDGE, value, {"unit_of_measurement": "°C"})
        await pass_minutes(hass, freezer, 2)
    await pass_minutes(hass, freezer, 4)


async def test_impossible_values(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Raise plain physics from the first day on, and end it when the sensor is well again."""
    freezer.move_to("2026-11-16T12:00:30+00:00")
    entry = await watch_fridge(hass)
    await break_fridge(hass, freezer)
    assert state_of(hass, FAULT) == "on"
    assert state_of(hass, TYPE) == "out_of_physics"
    state = hass.states.get(FAULT)
    assert state is not None
    assert state.attributes["entity"] == FRIDGE
    assert "which cannot be true" in state.attributes["evidence"]
    hass.states.async_set(FRIDGE, "5.5", {"unit_of_measurement": "°C"})
    # A day and an hour: what comes back within one is the same failure still.
    for _ in range(25 * 12):
        hass.states.async_set(FRIDGE, "5.5", {"unit_of_measurement": "°C"}, force_update=True)
        freezer.tick(timedelta(minutes=4))
        await pass_minutes(hass, freezer, 1)
    assert faults_of(entry).active == ()
    assert state_of(hass, FAULT) == "off"
    assert entry.runtime_data.coordinator.timings.counts["loop_fault_event"] > 40


async def test_alarm_outlives_a_restart(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Know after a restart what was known before, and say nothing twice."""
    freezer.move_to("2026-11-16T12:00:30+00:00")
    entry = await watch_fridge(hass)
    await break_fridge(hass, freezer)
    told = state_of(hass, EVENT)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, FAULT) == "on"
    assert state_of(hass, EVENT) == told
    assert len(faults_of(entry).active) == 1


async def test_damaged_state_is_set_aside(
    hass: HomeAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Learn anew from nothing, and keep the file for whoever wants to know."""
    entry = await watch_fridge(hass)
    path = tmp_path / "watch" / f"inkling.{entry.entry_id}.watch"
    await hass.config_entries.async_unload(entry.entry_id)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert "is damaged" in caplog.text
    assert path.with_name(f"{path.name}.damaged").exists()


async def test_disk_that_fails_to_read_is_not_written(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Leave weeks of learning where they are when the disk may yet give them back."""
    with (
        patch.object(FaultFile, "read", side_effect=OSError("no such sector")),
        patch.object(FaultFile, "write") as write,
    ):
        entry = await watch_fridge(hass)
        await faults_of(entry).async_save()
    assert "is not kept: no such sector" in caplog.text
    write.assert_not_called()


async def test_full_disk(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Go on with a disk that is full."""
    entry = await watch_fridge(hass)
    with patch.object(FaultFile, "write", side_effect=OSError("disk full")):
        await faults_of(entry).async_save()
    assert "cannot be written, which is tried again: disk full" in caplog.text


async def test_state_is_saved_hourly_and_at_the_end(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, tmp_path: Path
) -> None:
    """Lose at most an hour to a power cut, and nothing to a stop."""
    freezer.move_to("2026-11-16T12:00:30+00:00")
    entry = await watch_fridge(hass)
    path = tmp_path / "watch" / f"inkling.{entry.entry_id}.watch"
    assert not path.exists()
    await pass_minutes(hass, freezer, 62)
    assert path.exists()
    path.unlink()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert path.exists()
    await hass.config_entries.async_remove(entry.entry_id)
    assert not path.exists()


async def test_failing_judge(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """Go on the minute after whatever happens in the worker."""
    entry = await watch_fridge(hass)
    with patch.object(faults_of(entry).learned, "async_tick", side_effect=ValueError("odd")):
        await pass_minutes(hass, freezer, 1)
    assert "Faults could not be judged" in caplog.text
    await pass_minutes(hass, freezer, 6)
    assert faults_of(entry).statuses[next(iter(faults_of(entry).monitors))].state is MonitorState.LEARNING


async def test_one_minute_at_a_time(hass: HomeAssistant) -> None:
    """Leave out a minute while the one before is still judged."""
    entry = await watch_fridge(hass)
    faults = faults_of(entry)
    faults._handle_minute(None)
    job = faults._job
    faults._handle_minute(None)
    assert faults._job is job
    await hass.async_block_till_done(wait_background_tasks=True)
    assert faults._job is None


async def test_snooze(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """End what is said at once, say nothing until then, and watch again after it."""
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm := alarm_of(hass))
    faults = faults_of(entry)
    everything = faults.signals_of(next(iter(faults.monitors)))
    faults.snooze(everything, alarm.raised + 120.0)
    await hass.async_block_till_done()
    assert state_of(hass, FAULT) == "off"
    assert state_of(hass, "sensor.fridge_fault_watch") == "paused"
    state = hass.states.get(TYPE)
    assert state is not None
    assert state.attributes["snoozed_until"] is not None
    assert faults.context(alarm.raised).paused == everything
    await pass_minutes(hass, freezer, 3)
    assert faults.notes.snoozed == {}
    assert state_of(hass, "sensor.fridge_fault_watch") == "learning"


async def test_closed_twice_is_told_once(hass: HomeAssistant) -> None:
    """Say once that it is over when the user ended it and the judge does after them."""
    entry = await watch_fridge(hass)
    told: list[str] = []
    faults = faults_of(entry)
    stop = faults.listen(next(iter(faults.monitors)), lambda news: told.extend(what for what, _ in news))
    await tell(hass, entry, alarm := alarm_of(hass))
    faults.snooze([alarm.signal], alarm.raised + 60.0)
    await tell(hass, entry)
    assert told == ["onset", "clear"]
    stop()
    await tell(hass, entry, alarm)
    assert told == ["onset", "clear"]


@pytest.mark.parametrize(
    ("mode", "is_away", "paused"),
    [
        (Mode.NORMAL, False, set()),
        (Mode.VACATION, True, set()),
        (Mode.GUEST, False, {"binary_sensor.hall_motion"}),
        (Mode.MAINTENANCE, False, {"binary_sensor.hall_motion", FRIDGE, POWER, CELLAR}),
    ],
)
async def test_modes(hass: HomeAssistant, mode: Mode, is_away: bool, paused: set[str]) -> None:  # noqa: FBT001
    """Judge by what is usual now: nobody home, guests that live otherwise, or nothing at all."""
    signals = {"temperature": [FRIDGE], "power": [POWER], "motion": ["binary_sensor.hall_motion"]}
    entry = await watch_fridge(hass, signals=signals)
    faults = faults_of(entry)
    await hass.services.async_call(
        "select", "select_option", {"entity_id": "select.inkling_home_mode", "option": mode}, blocking=True
    )
    context = faults.context(0.0)
    assert context.is_away is is_away
    assert set(faults.speaker.entities(context.paused)) == paused
    assert state_of(hass, "select.inkling_home_mode") == mode
    state = hass.states.get(TYPE)
    assert state is not None
    assert state.attributes["snoozed_until"] is None
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert faults_of(entry).notes.mode is mode


async def test_peers_are_not_told(hass: HomeAssistant) -> None:
    """Say nothing about a sensor that is only compared with."""
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass, CELLAR))
    assert faults_of(entry).active == ()
    assert state_of(hass, FAULT) == "off"


async def test_device_and_hub_alarms(hass: HomeAssistant) -> None:
    """Tell everybody who watches something of what is gone."""
    entry = await watch_fridge(hass, everything_data())
    device = alarm_of(hass).device
    await tell(hass, entry, alarm_of(hass, POWER, scope=Scope.DEVICE, target=device))
    assert (state_of(hass, FAULT), state_of(hass, "binary_sensor.every_sensor_fault")) == ("on", "on")
    await tell(hass, entry, alarm_of(hass, CELLAR, scope=Scope.HUB, target="no hub of the fridge"))
    assert (state_of(hass, FAULT), state_of(hass, "binary_sensor.every_sensor_fault")) == ("off", "off")


async def test_information_is_no_problem(hass: HomeAssistant) -> None:
    """Leave the problem off for what is worth a line only, but tell its type and score."""
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass, severity=Severity.INFO))
    assert (state_of(hass, FAULT), state_of(hass, TYPE)) == ("off", "bias")
    assert state_of(hass, "sensor.fridge_anomaly_score") == "10.0"


async def test_appliances_tell_beside_sensors(hass: HomeAssistant) -> None:
    """Keep what another judge says apart from what the sensors' judge says."""
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass), source="appliances")
    await tell(hass, entry)
    assert state_of(hass, FAULT) == "on"
    await tell(hass, entry, source="appliances")
    assert state_of(hass, FAULT) == "off"


async def test_feedback_teaches_the_watch(hass: HomeAssistant) -> None:
    """Raise the threshold of what was false, and begin anew what was serviced."""
    entry = await watch_fridge(hass)
    faults, signal = faults_of(entry), signal_of(hass, FRIDGE)
    watch = faults.learned._watch
    row = watch.row_of[signal]
    before = watch.tail.lift[row].copy()
    await tell(hass, entry, alarm_of(hass))
    assert await faults.async_false_alarm([signal]) == 1
    assert (watch.tail.lift[row] > before).sum() == 1
    assert await faults.async_false_alarm([signal]) == 0
    # What is over can still be called false.
    await tell(hass, entry, alarm_of(hass))
    await tell(hass, entry)
    assert await faults.async_false_alarm([signal]) == 1
    watch.tail.blocks[row] = 40
    await faults.async_serviced([signal])
    assert watch.tail.blocks[row] == 0
    assert (watch.tail.lift[row] == before).all()


async def test_another_unit_is_another_sensor(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin the normal anew of a number in another unit that nobody converts."""
    hass.states.async_set("sensor.well", "3", {"unit_of_measurement": "m"})
    entry = await watch_fridge(hass, signals={"generic": ["sensor.well"]})
    watch = faults_of(entry).learned._watch
    row = watch.row_of["sensor.well"]
    watch.tail.blocks[row] = 40
    hass.states.async_set("sensor.well", "300", {"unit_of_measurement": "cm"})
    await pass_minutes(hass, freezer, 1)
    assert watch.tail.blocks[row] == 0


async def test_learning_is_told(hass: HomeAssistant) -> None:
    """Say that a device is still being learned while most of its signals are."""
    entry = await watch_fridge(hass)
    await tell(hass, entry)
    assert state_of(hass, "sensor.fridge_fault_watch") == "ok"
    assert state_of(hass, "sensor.fridge_learned_history") == "9.2"
    faults = faults_of(entry)
    assert faults._health[SENSORS][0].state is Learning.OK


def heading(entry: MockConfigEntry) -> dict[str, tuple[float, float]]:
    """Return when everything was last heard of."""
    return faults_of(entry).notes.heads


async def test_what_died_with_a_restart(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Wait a day for what was there before a restart; then its silence counts."""
    freezer.move_to("2026-11-16T12:00:30+00:00")
    entry = await watch_fridge(hass)
    await pass_minutes(hass, freezer, 2)
    assert set(heading(entry)) == {FRIDGE, POWER, CELLAR}
    hass.states.async_set(FRIDGE, "unavailable")
    await hass.config_entries.async_unload(entry.entry_id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    feed = faults_of(entry)._feed
    assert feed._unheard == {FRIDGE}
    await pass_minutes(hass, freezer, 2)
    assert feed._unheard == {FRIDGE}
    freezer.tick(timedelta(days=1))
    await pass_minutes(hass, freezer, 1)
    assert feed._unheard == set()
