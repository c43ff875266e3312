"""The recorder's weeks of a fridge: learned at set-up, judged in a backtest, caught up with after a kill."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.db_schema import StateAttributes, States, StatesMeta
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance, session_scope
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.inkling import appliance_past, fault_backtest
from custom_components.inkling.appliance_days import Watched
from custom_components.inkling.fault_backtest import async_backtest
from custom_components.inkling.fault_preview import preview_text

from .appliances import fridge_day, look, midnight
from .conftest import settle
from .faults import CELLAR, FAULT, FRIDGE, POWER, faults_of, signal_of, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")
DAYS, BAD = 14, 12
WEATHER = "weather.home"


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replay without resting, which would be for ever where the clock stands, and appliances only."""
    monkeypatch.setattr(fault_backtest, "BACKTEST_PAUSE_SECONDS", 0.0)
    # What sensors say of the same weeks is another file's, and takes most of the time.
    monkeypatch.setattr(fault_backtest, "_judge", lambda _, __: None)


def insert(hass: HomeAssistant, days: range, bad: int) -> None:
    """Write a fridge's days, from day `bad` on with a compressor that labours, and the weather."""
    with session_scope(hass=hass) as session:
        metas = {}
        for name in (POWER, WEATHER, CELLAR, FRIDGE):
            metas[name] = session.query(StatesMeta).filter_by(entity_id=name).first() or StatesMeta(entity_id=name)
            session.add(metas[name])
        warm = StateAttributes(hash=1, shared_attrs='{"temperature": 59.0, "temperature_unit": "°F"}')
        session.add(warm)
        session.flush()
        for day in days:
            noon = midnight(day) + 43_200.0
            sky = States(metadata_id=metas[WEATHER].metadata_id, state="sunny", last_updated_ts=noon)
            sky.attributes_id = warm.attributes_id
            session.add(sky)
            for name, text in ((CELLAR, "12.5"), (FRIDGE, "4.5")):
                session.add(States(metadata_id=metas[name].metadata_id, state=text, last_updated_ts=noon))
            for t, watts in fridge_day(day, longer=1.5 if day >= bad else 1.0):
                row = States(metadata_id=metas[POWER].metadata_id, state=f"{watts:.0f}", last_updated_ts=t)
                # Said once more, which makes no row of its own.
                row.last_reported_ts = t + 60.0
                session.add(row)


@pytest.fixture
async def home(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> HomeAssistant:
    """Return a home whose recorder knows two weeks of a fridge, the last two days of them bad."""
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    hass.loop.slow_callback_duration = float("inf")
    freezer.move_to(dt_util.utc_from_timestamp(midnight(DAYS) + 3600.0))
    await get_instance(hass).async_add_executor_job(insert, hass, range(DAYS), BAD)
    return hass


async def watch(hass: HomeAssistant, **changes: Any) -> MockConfigEntry:  # noqa: ANN401 - handed on
    """Watch the fridge by its meter."""
    entry = await watch_fridge(hass, **{"signals": {"power": [POWER]}, "peers": {}, **changes})
    await async_wait_recording_done(hass)
    return entry


def item_of(hass: HomeAssistant, entry: MockConfigEntry) -> Watched:
    """Return what is known of the fridge."""
    found: Watched = faults_of(entry).appliances._units[signal_of(hass, POWER)]
    return found


async def test_first_lesson(home: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Know at once what the recorder knew, and say what stands."""
    entry = await watch(home)
    item = item_of(home, entry)
    assert item.unit.days_learned == BAD
    assert item.unit.alarm is not None
    await look(home, freezer, midnight(DAYS) + 3700.0)
    state = home.states.get(FAULT)
    assert state is not None
    assert state.state == "on"
    await home.config_entries.async_reload(entry.entry_id)
    await settle(home)
    assert item_of(home, entry).unit.days_learned == BAD


@pytest.mark.parametrize("outdoor", [WEATHER, CELLAR])
async def test_backtest(home: HomeAssistant, outdoor: str) -> None:
    """Tell the bad days of the past, in the action and in the form, with what it was outdoors."""
    entry = await watch(home, signals={"power": [POWER], "temperature": [FRIDGE]}, outdoor=[outdoor])
    found = await home.services.async_call(
        "inkling", "backtest", {"entity_id": FAULT}, blocking=True, return_response=True
    )
    assert found is not None
    answer: dict[str, Any] = dict(found)
    told = [alarm for alarm in answer["alarms"] if alarm["type"] == "degradation"]
    assert len(told) == 1
    assert "a cycle; usual is" in told[0]["evidence"]
    assert told[0]["raised"] == dt_util.utc_from_timestamp(midnight(BAD + 1)).astimezone(
        dt_util.get_default_time_zone()
    ).isoformat(timespec="seconds")
    faults = faults_of(entry)
    now = dt_util.utcnow().timestamp()
    seen: list[float] = []
    work = await async_backtest(home, faults.plan, now - 16 * 86_400.0, now, seen.append)
    assert work is not None
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    text = preview_text(work, [signal_of(home, POWER)], faults.speaker)
    assert told[0]["evidence"] in text
    assert text.endswith("Appliances are judged once a day, at midnight.")
    days = work.appliances[signal_of(home, POWER)].unit._past.days
    assert {round(day.outdoor, 1) for day in days} == {15.0 if outdoor == WEATHER else 12.5}


async def test_database_that_fails(home: HomeAssistant) -> None:
    """Say that nothing can be said where only the appliance's rows cannot be read, whichever they are."""
    entry = await watch(home, signals={"power": [POWER], "temperature": [FRIDGE]}, outdoor=[CELLAR])
    faults, now = faults_of(entry), dt_util.utcnow().timestamp()
    for role in ("power", "temperature"):

        async def fail(hass: HomeAssistant, piece: Any, role: str = role) -> Any:  # noqa: ANN401 - stands in
            """Fail for one role."""
            return None if role in piece.roles else []

        with patch.object(appliance_past, "async_rows", fail):
            assert await async_backtest(home, faults.plan, now - 86_400.0, now) is None


async def test_kill(home: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Take in what the recorder holds of the hours and days since the last save, and no more than that."""
    entry = await watch(home)
    await home.config_entries.async_unload(entry.entry_id)
    await get_instance(home).async_add_executor_job(insert, home, range(DAYS, DAYS + 1), BAD)
    # It was off for a day and a half after that.
    freezer.move_to(dt_util.utc_from_timestamp(midnight(DAYS + 2) + 43_200.0))
    assert await home.config_entries.async_setup(entry.entry_id)
    await settle(home)
    item = item_of(home, entry)
    assert item.unit.days_learned == BAD
    assert item.unit.alarm is not None
    assert item.open.day == dt_util.now().date()
    assert item.heard >= midnight(DAYS + 1) - 7200.0
    # Nobody saw the day after: it is no day on which it stood still.
    assert str(item.unit.alarm.fault) == "degradation"


async def test_recorder_that_fails_later(home: HomeAssistant) -> None:
    """Go on with what was learned when the time since cannot be read."""
    entry = await watch(home)
    with patch.object(appliance_past, "async_rows", return_value=None):
        await home.config_entries.async_reload(entry.entry_id)
        await settle(home)
    item = item_of(home, entry)
    assert item.unit.days_learned == BAD
    assert faults_of(entry).appliances.is_caught_up


async def test_nothing_to_learn_from(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin with nothing where the recorder knows nothing, and look once."""
    entry = await watch(hass)
    assert item_of(hass, entry).unit.days_learned == 0
    assert len([name for name in faults_of(entry).notes.taught if name.startswith("appliance ")]) == 1
    freezer.tick(timedelta(minutes=1))


async def test_nothing_at_all(hass: HomeAssistant) -> None:
    """Learn nothing of what never had a state; it waits for its first readings."""
    entry = await watch(hass, signals={"power": ["sensor.not_there"]})
    appliances = faults_of(entry).appliances
    assert appliances.blank == {"sensor.not_there"}
    assert appliances.is_caught_up


async def test_kind_that_is_said_later(home: HomeAssistant) -> None:
    """Learn how a device works when it is known what it is; its signals are known already."""
    entry = await watch(home, kind="sensor")
    assert faults_of(entry).appliances.configs == {}
    (subentry,) = entry.subentries.values()
    watched_before = faults_of(entry).notes.taught
    home.config_entries.async_update_subentry(entry, subentry, data={**subentry.data, "kind": "fridge"})
    await settle(home)
    assert item_of(home, entry).unit.days_learned == BAD
    assert len(faults_of(entry).notes.taught) == len(watched_before) + 1
