"""What would have been said: the recorder's days through the watch, in an action, in the form and as a first lesson."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.db_schema import States, StatesMeta
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.recorder import get_instance, session_scope
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.inkling import fault_backtest, fault_preview
from custom_components.inkling.core.units import Role
from custom_components.inkling.fault_backtest import _begin, _readings, async_backtest
from custom_components.inkling.fault_preview import preview_text
from custom_components.inkling.fault_setup import async_learn_past

from .conftest import settle
from .faults import FAULT, FRIDGE, POWER, alarm_of, faults_of, signal_of, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")
START = dt_util.parse_datetime("2026-11-08T00:00:00+00:00")
DAYS = 3
# Noon of the second day.
BROKEN_AT = 86_400.0 * 1.5


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replay without resting: a test that stops the clock would rest for ever."""
    monkeypatch.setattr(fault_backtest, "BACKTEST_PAUSE_SECONDS", 0.0)


def insert(hass: HomeAssistant) -> None:
    """Write three days of a fridge whose thermometer says for an hour what cannot be."""
    assert START is not None
    start = START.timestamp()
    with session_scope(hass=hass) as session:
        meta = StatesMeta(entity_id=FRIDGE)
        session.add(meta)
        session.flush()
        for second in range(0, 86_400 * DAYS, 600):
            is_broken = BROKEN_AT <= second < BROKEN_AT + 3600.0
            text = "850" if is_broken else f"{5.0 + (second // 600) % 3 * 0.1:.1f}"
            t = start + second
            # Each reading was confirmed once, which makes no row of its own.
            session.add(States(metadata_id=meta.metadata_id, state=text, last_updated_ts=t, last_reported_ts=t + 300.0))
        session.add(States(metadata_id=meta.metadata_id, state="warm", last_updated_ts=start + 86_400 * DAYS - 1.0))


@pytest.fixture
async def entry(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """Return a home that has watched its fridge for as long as the recorder has."""
    assert START is not None
    freezer.move_to(START + timedelta(days=DAYS))
    hass.loop.slow_callback_duration = float("inf")
    await get_instance(hass).async_add_executor_job(insert, hass)
    found = await watch_fridge(hass)
    await async_wait_recording_done(hass)
    return found


async def backtest(hass: HomeAssistant, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - handed on
    """Return what the action answers."""
    found = await hass.services.async_call(
        "inkling", "backtest", {"entity_id": FAULT, **data}, blocking=True, return_response=True
    )
    assert found is not None
    return dict(found)


async def test_action(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Tell the one failure there was, with counts, however far back is asked for."""
    found = await backtest(hass)
    assert (found["count"], found["by_type"]) == (1, {"out_of_physics": 1})
    assert found["days"] == pytest.approx(DAYS, abs=0.01)
    assert (found["judged_days"], found["signals"]) == (0.0, 2)
    alarm = found["alarms"][0]
    assert alarm["entity"] == FRIDGE
    assert START is not None
    raised = dt_util.parse_datetime(alarm["raised"])
    assert raised is not None
    assert 0.0 < (raised - START).total_seconds() - BROKEN_AT <= 1800.0
    assert "which cannot be true" in alarm["evidence"]


async def test_chosen_time(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Answer about the time that is asked for only."""
    assert START is not None
    found = await backtest(hass, start=START, end=START + timedelta(days=1))
    assert (found["count"], found["days"]) == (0, 1.0)
    nothing = await backtest(hass, start=START - timedelta(days=9), end=START - timedelta(days=8))
    assert (nothing["count"], nothing["start"], nothing["days"]) == (0, None, 0.0)


async def test_first_lesson(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Know at once what the recorder knew, and nothing twice."""
    watch = faults_of(entry).learned._watch
    row = watch.row_of[signal_of(hass, FRIDGE)]
    # Three days hold twelve blocks, less those with the failure and the day after it.
    assert 3 <= watch.tail.blocks[row] <= 11
    assert signal_of(hass, FRIDGE) not in faults_of(entry).learned.unknown
    # Three signals and the fridge itself.
    assert len(faults_of(entry).notes.taught) == 4
    blocks = int(watch.tail.blocks[row])
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert faults_of(entry).learned._watch.tail.blocks[row] == blocks


async def test_database_that_cannot_be_read(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say so instead of calling the past quiet."""
    with (
        patch.object(fault_backtest, "async_rows", return_value=None),
        pytest.raises(ServiceValidationError, match="history could not be read"),
    ):
        await backtest(hass)


async def test_form_shows_the_past(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """List what would have been said before anything is saved."""
    faults = faults_of(entry)
    now = dt_util.utcnow().timestamp()
    seen: list[float] = []
    work = await async_backtest(hass, faults.plan, now - 4 * 86_400.0, now, seen.append)
    assert work is not None
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    own = [signal_of(hass, FRIDGE)]
    text = preview_text(work, own, faults.speaker)
    assert text.startswith("**1 alarms** in the 3 days that the recorder holds:\n\n- 2026-11-09: ")
    with patch.object(fault_preview, "_LISTED", 0):
        assert "and 1 more" in preview_text(work, own, faults.speaker)
    work.alarms.clear()
    assert preview_text(work, own, faults.speaker).startswith("**No alarm** in the 3 days")
    empty = _begin(faults.plan, now - 1.0, now)
    assert "holds nothing about these sensors" in preview_text(empty, own, faults.speaker)
    assert "recorder is off" in preview_text(None, own, faults.speaker)


def test_rows_become_readings() -> None:
    """Take each row and its repetition inside the day, and neither yesterday's nor what is no news."""
    rows = [("4", 10.0, 120.0), ("5", 150.0, 90.0), ("warm", 160.0, None), (None, 170.0, None), ("6", 180.0, 900.0)]
    found = _readings(rows, 7, Role.TEMPERATURE, "°C", 100.0, 200.0)
    assert [(t, index) for t, index, _ in found] == [(120.0, 7), (150.0, 7), (170.0, 7), (180.0, 7)]
    assert [value for _, _, value in found if value == value] == [4.0, 5.0, 6.0]  # noqa: PLR0124 - not NaN


async def test_alarm_of_a_peer_is_not_listed(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """List only what is about the chosen signals."""
    faults = faults_of(entry)
    work = _begin(faults.plan, 0.0, 1.0)
    work.alarms.append(alarm_of(hass))
    assert fault_preview.alarms_of(work, ["another"]) == []


async def test_lesson_about_a_newcomer(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Learn the past of what is new only, and look for it once."""
    faults = faults_of(entry)
    watch, signal, other = faults.learned._watch, signal_of(hass, FRIDGE), signal_of(hass, POWER)
    row = watch.row_of[signal]
    blocks = int(watch.tail.blocks[row])
    watch.tail.blocks[row] = 0
    watch.tail.blocks[watch.row_of[other]] = 40
    watch.tail.lift[row] = 3.0
    with patch("custom_components.inkling.fault_setup.async_backtest") as again:
        await async_learn_past(hass, faults)
    again.assert_not_called()
    faults.notes.taught = frozenset()
    with patch("custom_components.inkling.fault_setup.async_backtest", return_value=None):
        await async_learn_past(hass, faults)
    assert faults.notes.taught == frozenset()
    await async_learn_past(hass, faults)
    assert faults.learned._watch is watch
    assert watch.tail.blocks[row] == blocks
    assert (watch.tail.blocks[watch.row_of[other]], watch.tail.lift[row].min()) == (40, 3.0)
