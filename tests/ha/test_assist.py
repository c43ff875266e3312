# ruff: noqa: RUF001 - Chinese has punctuation of its own
"""Questions to Home Assistant's own Assist, in English and Chinese, as they are spoken."""

from dataclasses import replace
from datetime import UTC, datetime
import json
from pathlib import Path
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling.assist_sentences import Question, minutes_ahead, plain, sentences
from custom_components.inkling.core.faults.classes import Severity

from .automate import foresee
from .conftest import room_id, set_up
from .faults import FAULT, alarm_of, everything_data, tell, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")
OFFICE, KITCHEN = "binary_sensor.office_occupancy", "binary_sensor.kitchen_occupancy"
FOLDER = Path(__file__).parents[2] / "custom_components" / "inkling" / "translations"
NOON = datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _assist(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Have Home Assistant's own Assist at noon."""
    freezer.move_to(NOON)
    hass.loop.slow_callback_duration = float("inf")
    for name in ("homeassistant", "conversation"):
        assert await async_setup_component(hass, name, {})
    await hass.config.async_set_time_zone("UTC")


@pytest.fixture
async def home(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return a home of two rooms that Assist may tell about."""
    await set_up(hass, entry)
    for entity_id in (OFFICE, KITCHEN):
        expose(hass, entity_id)
    foresee(entry, "Office", {30: 0.8, 60: 0.3})
    return entry


def expose(hass: HomeAssistant, entity_id: str, *, is_exposed: bool = True) -> None:
    """Let Assist tell of an entity, or forbid it."""
    async_expose_entity(hass, "conversation", entity_id, is_exposed)


async def ask(hass: HomeAssistant, text: str, language: str = "en") -> str:
    """Return what Assist answers."""
    result = await conversation.async_converse(hass, text, None, Context(), language=language)
    found: str = result.response.speech["plain"]["speech"]
    return found


def say(language: str, key: str, **values: str) -> str:
    """Return one of our sentences in a language, as its translation has it."""
    file = {"en": "en.json", "zh-CN": "zh-Hans.json"}[language]
    found: str = json.loads((FOLDER / file).read_text(encoding="utf-8"))["common"][f"assist_{key}"]
    return found.format(**values)


def show(entry: MockConfigEntry, title: str, *, occupied: bool | None) -> None:
    """Let a room be occupied, empty or unknown."""
    coordinator, room = entry.runtime_data.coordinator, room_id(entry, title)
    verdict = coordinator.data[room]
    coordinator.data = {
        **coordinator.data,
        room: replace(verdict, decision=replace(verdict.decision, occupied=occupied)),
    }
    coordinator.async_update_listeners()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Is somebody in the office?"),
        ("en", "is there anyone in office right now"),
        ("en", "Is the office occupied"),
        ("en", "is the office empty?"),
        ("zh-CN", "Office有人吗？"),
        ("zh-CN", "现在有人在Office里吗"),
    ],
)
async def test_now(hass: HomeAssistant, home: MockConfigEntry, language: str, text: str) -> None:
    """Say who is there, in the language of the question."""
    assert await ask(hass, text, language) == say(language, "vacant", room="Office")
    show(home, "Office", occupied=True)
    assert await ask(hass, text, language) == say(language, "occupied", room="Office")
    show(home, "Office", occupied=None)
    assert await ask(hass, text, language) == say(language, "unknown", room="Office")


@pytest.mark.parametrize(
    ("language", "text", "chance", "clock"),
    [
        ("en", "Will somebody be in the office in half an hour?", 80, "12:30"),
        ("en", "will there be anybody in the office in 35 minutes", 80, "12:35"),
        ("en", "will the office be empty in an hour", 30, "13:00"),
        ("zh-CN", "半小时后Office会有人吗？", 80, "12:30"),
        ("zh-CN", "一小时后Office会有人吗", 30, "13:00"),
        ("zh-CN", "Office30分钟以后会不会有人", 80, "12:30"),
    ],
)
async def test_later(
    hass: HomeAssistant, home: MockConfigEntry, language: str, text: str, chance: int, clock: str
) -> None:
    """Say how probable somebody is at that time."""
    key = "will" if chance >= 50 else "will_not"
    assert await ask(hass, text, language) == say(language, key, room="Office", time=clock, percent=f"{chance}")


async def test_later_unknown(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Give no chance that is not good enough, nor any of a time that cannot be understood or is too far."""
    foresee(home, "Office", {30: 0.8}, is_shown=False)
    unknown = say("en", "will_unknown", room="Office", time="12:30")
    assert await ask(hass, "will somebody be in the office in 30 minutes") == unknown
    for text in ("in a while", "in 30 hours", "in banana hours"):
        assert "look ahead" in await ask(hass, f"will somebody be in the office {text}")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Which rooms are occupied?"),
        ("en", "where is everybody"),
        ("en", "who is where"),
        ("zh-CN", "哪些房间有人？"),
        ("zh-CN", "哪里有人"),
    ],
)
async def test_rooms(hass: HomeAssistant, home: MockConfigEntry, language: str, text: str) -> None:
    """Say where somebody is, and about which rooms nothing is known."""
    assert await ask(hass, text, language) == say(language, "rooms_empty")
    show(home, "Office", occupied=True)
    office = say(language, "rooms", rooms="Office")
    assert await ask(hass, text, language) == office
    show(home, "Kitchen", occupied=True)
    both = say(language, "list", first="Office", second="Kitchen")
    assert await ask(hass, text, language) == say(language, "rooms", rooms=both)
    show(home, "Kitchen", occupied=None)
    assert await ask(hass, text, language) == f"{office} {say(language, 'rooms_unknown', rooms='Kitchen')}"


async def test_exposure(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Tell nothing of what is not exposed, and say where to change that."""
    show(home, "Kitchen", occupied=True)
    expose(hass, KITCHEN, is_exposed=False)
    assert "may not tell" in await ask(hass, "is somebody in the kitchen")
    assert "may not tell" in await ask(hass, "will somebody be in the kitchen in an hour")
    assert "Kitchen" not in await ask(hass, "which rooms are occupied")
    expose(hass, OFFICE, is_exposed=False)
    assert "no room that I may tell about" in await ask(hass, "which rooms are occupied")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "What is failing?"),
        ("en", "which sensors are broken"),
        ("zh-CN", "哪些传感器坏了？"),
        ("zh-CN", "有什么东西坏了吗"),
    ],
)
async def test_failing(hass: HomeAssistant, language: str, text: str) -> None:
    """Say what fails and how, once, but nothing that is only information or not exposed."""
    entry = await watch_fridge(hass, everything_data())
    assert await ask(hass, text, language) == say(language, "none_watched")
    every = er.async_get(hass).async_get_entity_id(
        "binary_sensor", "inkling", f"{next(item for item in faults(entry) if item != fridge(entry))}_fault"
    )
    assert every is not None
    for entity_id in (FAULT, every):
        expose(hass, entity_id)
    await tell(hass, entry, alarm_of(hass, severity=Severity.INFO))
    assert await ask(hass, text, language) == say(language, "well")
    await tell(hass, entry, alarm_of(hass))
    kind = {"en": "reads too high or too low"}.get(language) or chinese("fault_type_bias")
    fault = say(language, "fault", name="fridge temperature", type=kind)
    assert await ask(hass, text, language) == say(language, "failing", faults=fault)


def chinese(key: str) -> str:
    """Return one of our Chinese texts."""
    found: str = json.loads((FOLDER / "zh-Hans.json").read_text(encoding="utf-8"))["common"][key]
    return found


def faults(entry: MockConfigEntry) -> list[str]:
    """Return the ids of what is watched."""
    return list(entry.runtime_data.faults.monitors)


def fridge(entry: MockConfigEntry) -> str:
    """Return the fridge's id."""
    found: str = next(item.subentry_id for item in entry.subentries.values() if item.title == "Fridge")
    return found


async def test_other_questions_go_on(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Leave what names no room of ours, and what is none of our business, to Home Assistant."""
    assert "there:" not in await ask(hass, "is somebody in the attic")
    assert await ask(hass, "is office occupancy occupied") == "No, off"
    found = hass.states.get(OFFICE)
    assert found is not None
    hass.states.async_set(OFFICE, "on", found.attributes)
    assert await ask(hass, "is office occupancy occupied") == "Yes"


async def test_rooms_get_other_names(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Follow what rooms are called, aliases included, and fall silent when Inkling is unloaded."""
    area = ar.async_get(hass).async_get_area_by_name("Office")
    assert area is not None
    ar.async_get(hass).async_update(area.id, name="Studio (1st floor)", aliases={"书房"})
    await hass.async_block_till_done()
    assert "Nobody is there" in await ask(hass, "is somebody in the studio 1st floor")
    assert await ask(hass, "书房有人吗", "zh-CN") == say("zh-CN", "vacant", room="Office")
    await hass.config_entries.async_unload(home.entry_id)
    assert "there:" not in await ask(hass, "is somebody in the studio 1st floor")


async def test_room_without_an_entity(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Leave out a room whose occupancy was removed."""
    er.async_get(hass).async_remove(KITCHEN)
    area = ar.async_get(hass).async_get_area_by_name("Office")
    assert area is not None
    ar.async_get(hass).async_update(area.id, aliases={"den"})
    await hass.async_block_till_done()
    assert "there:" not in await ask(hass, "is somebody in the kitchen")
    assert "Nobody" in await ask(hass, "which rooms are occupied")


async def test_removed_area(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Know a room by its own name when its area is gone."""
    area = ar.async_get(hass).async_get_area_by_name("Office")
    assert area is not None
    with patch.object(ar.async_get(hass), "async_get_area", return_value=None):
        ar.async_get(hass).async_update(area.id, name="Studio")
        await hass.async_block_till_done()
    assert "Nobody is there" in await ask(hass, "is somebody in the office")


async def test_another_language(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Answer in English what is asked in words we know in a language we do not."""
    assert await ask(hass, "is somebody in the office", "ja") == "Nobody is there: Office."


def test_names_are_plain() -> None:
    """Keep what means something in a template out of a room's name, and have no sentence without one."""
    assert plain("Anna's [old] room: 2|3") == "Anna's old room 2 3"
    assert sentences(Question.NOW, ["(?)"]) == []


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("an hour", 60.0),
        ("Half an hour", 30.0),
        ("2 hours", 120.0),
        ("1.5 hours", 90.0),
        ("forty-five minutes", 45.0),
        ("a quarter of an hour", 15.0),
        ("一个半小时", 90.0),
        ("两个小时", 120.0),
        ("半个小时", 30.0),
        ("三十分钟", 30.0),
        ("soon", None),
        ("many hours", None),
    ],
)
def test_times(text: str, minutes: float | None) -> None:
    """Understand how far ahead one asks."""
    assert minutes_ahead(text) == minutes
