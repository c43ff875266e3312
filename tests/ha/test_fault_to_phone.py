"""The blueprint that tells a phone about faults, with the real event entity and the real actions behind its buttons."""

from collections.abc import AsyncGenerator
from pathlib import Path

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.inkling.core.faults.classes import Severity

from .blueprints import automate, end, install
from .faults import EVENT, FRIDGE, alarm_of, faults_of, signal_of, tell, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")


@pytest.fixture
async def messages(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what the phone is told."""
    calls: list[ServiceCall] = async_mock_service(hass, "notify", "mobile_app_anna_s_phone")
    return calls


@pytest.fixture
async def entry(hass: HomeAssistant, tmp_path: Path, messages: list[ServiceCall]) -> AsyncGenerator[MockConfigEntry]:
    """Return a home with a watched fridge, a phone and the automation."""
    install(hass, tmp_path)
    found = await watch_fridge(hass)
    owner = MockConfigEntry(domain="mobile_app", title="Anna's phone")
    owner.add_to_hass(hass)
    phone = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("mobile_app", "anna")}, name="Anna's phone"
    )
    await automate(hass, "fault_to_phone", faults=[EVENT], phone=phone.id, snooze_days=3)
    yield found
    await end(hass)


async def press(hass: HomeAssistant, button: str) -> None:
    """Press a button of the message, as the app tells it."""
    hass.bus.async_fire("mobile_app_notification_action", {"action": button})
    await hass.async_block_till_done()


async def test_onset_and_clear(hass: HomeAssistant, entry: MockConfigEntry, messages: list[ServiceCall]) -> None:
    """Tell the evidence with two buttons, and take the message back when it is well again."""
    hass.states.async_set(FRIDGE, "9.5", {"unit_of_measurement": "°C", "friendly_name": "Fridge"})
    await tell(hass, entry, alarm_of(hass))
    assert len(messages) == 1
    told = messages[0].data
    assert "reads 9.5 °C" in told["message"]
    assert told["title"] == "Fridge"
    assert [item["action"] for item in told["data"]["actions"]] == [
        f"INKLING_SNOOZE {FRIDGE}",
        f"INKLING_FALSE_ALARM {FRIDGE}",
    ]
    await tell(hass, entry)
    assert messages[1].data == {"message": "clear_notification", "data": {"tag": f"inkling_{FRIDGE}"}}


async def test_what_is_not_worth_a_message(
    hass: HomeAssistant, entry: MockConfigEntry, messages: list[ServiceCall]
) -> None:
    """Say nothing about information only."""
    await tell(hass, entry, alarm_of(hass, severity=Severity.INFO))
    assert not messages


async def test_snooze_button(hass: HomeAssistant, entry: MockConfigEntry, messages: list[ServiceCall]) -> None:
    """Leave the sensor alone for the chosen days, and take the message back."""
    await tell(hass, entry, alarm_of(hass))
    await press(hass, f"INKLING_SNOOZE {FRIDGE}")
    until = faults_of(entry).notes.snoozed[signal_of(hass, FRIDGE)]
    assert until == pytest.approx(dt_util.utcnow().timestamp() + 3 * 86_400.0, abs=60.0)
    assert messages[-1].data["message"] == "clear_notification"


async def test_false_alarm_button(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Count the false alarm, and leave other apps' buttons alone."""
    await tell(hass, entry, alarm_of(hass))
    await press(hass, "OPEN_GARAGE")
    assert faults_of(entry).notes.false_alarms == {}
    await press(hass, f"INKLING_FALSE_ALARM {FRIDGE}")
    assert faults_of(entry).notes.false_alarms == {signal_of(hass, FRIDGE): 1}
    assert faults_of(entry).active == ()
