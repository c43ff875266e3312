"""The blueprint that asks a phone when a room is unsure, with the real action behind its buttons."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from .blueprints import automate, end, install
from .conftest import room_id, set_up, settle, state_of

pytestmark = pytest.mark.usefixtures("hand_loaded")
PROBABILITY, OFFICE = "sensor.office_occupancy_probability", "binary_sensor.office_occupancy"


@pytest.fixture
async def messages(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what the phone is told."""
    calls: list[ServiceCall] = async_mock_service(hass, "notify", "mobile_app_anna_s_phone")
    return calls


@pytest.fixture
async def home(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
    messages: list[ServiceCall],
) -> AsyncGenerator[MockConfigEntry]:
    """Return a home at noon with a phone and the automation."""
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    freezer.move_to("2026-12-01T12:00:00+01:00")
    await set_up(hass, entry)
    install(hass, tmp_path)
    owner = MockConfigEntry(domain="mobile_app", title="Anna's phone")
    owner.add_to_hass(hass)
    phone = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("mobile_app", "anna")}, name="Anna's phone"
    )
    await automate(hass, "ask_when_unsure", probabilities=[PROBABILITY], phone=phone.id, at_home=["person.anna"])
    hass.states.async_set("person.anna", "home")
    yield entry
    await end(hass)


async def waver(hass: HomeAssistant, freezer: FrozenDateTimeFactory, percent: str = "50") -> None:
    """Let the room be unsure for a little longer than the automation waits."""
    hass.states.async_set(PROBABILITY, "5")
    await hass.async_block_till_done()
    hass.states.async_set(PROBABILITY, percent)
    await hass.async_block_till_done()
    freezer.tick(timedelta(minutes=10, seconds=1))
    # Only the automation's timer: the home would be sure again.
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def press(hass: HomeAssistant, button: str) -> None:
    """Press a button of the message, as the app tells it."""
    hass.bus.async_fire("mobile_app_notification_action", {"action": button})
    await settle(hass)


def buttons(message: ServiceCall) -> list[str]:
    """Return what the buttons of a message do."""
    found: list[dict[str, Any]] = message.data["data"]["actions"]
    return [item["action"] for item in found]


async def test_ask_and_answer(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory, messages: list[ServiceCall]
) -> None:
    """Ask by the room's name, take the answer at once, and take the question back."""
    await waver(hass, freezer)
    assert messages[0].data["message"] == "Is somebody there: Office?"
    await press(hass, "OPEN_GARAGE")
    await press(hass, "INKLING_OCCUPIED sensor.elsewhere 1")
    assert state_of(hass, OFFICE) == "off"
    await press(hass, buttons(messages[0])[0])
    assert state_of(hass, OFFICE) == "on"
    assert messages[-1].data == {"message": "clear_notification", "data": {"tag": f"inkling_{PROBABILITY}"}}
    label = home.runtime_data.labelling.labels_of(room_id(home, "Office"))[0]
    assert (label.label, len(messages)) == ("occupied", 2)


async def test_a_late_answer_is_about_then(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory, messages: list[ServiceCall]
) -> None:
    """Label the time of the question, and leave what is now alone."""
    await waver(hass, freezer)
    asked = dt_util.utcnow().timestamp()
    freezer.tick(timedelta(minutes=45))
    await press(hass, buttons(messages[0])[1].replace("VACANT", "OCCUPIED"))
    label = home.runtime_data.labelling.labels_of(room_id(home, "Office"))[0]
    assert label.end == pytest.approx(asked, abs=1.0)
    assert state_of(hass, OFFICE) == "off"


@pytest.mark.parametrize(
    ("time", "person", "percent"),
    [("12:00", "not_home", "50"), ("23:30", "home", "50"), ("05:00", "home", "50"), ("12:00", "home", "90")],
)
async def test_when_nothing_is_asked(
    hass: HomeAssistant,
    home: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    messages: list[ServiceCall],
    time: str,
    person: str,
    percent: str,
) -> None:
    """Leave a phone alone at night, away from home, and where there is nothing to ask."""
    freezer.move_to(f"2026-12-02T{time}:00+01:00")
    hass.states.async_set("person.anna", person)
    await waver(hass, freezer, percent)
    assert messages == []


async def test_not_too_often(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory, messages: list[ServiceCall]
) -> None:
    """Ask once in three hours, whatever wavers."""
    await waver(hass, freezer)
    await waver(hass, freezer)
    assert len(messages) == 1
    freezer.tick(timedelta(hours=3))
    await waver(hass, freezer)
    assert len(messages) == 2
