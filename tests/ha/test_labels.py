"""The action label: whom it is about, since when, what is refused, and what it does at once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_fire_time_changed
import voluptuous as vol
import yaml

from custom_components.inkling.core.faults.classes import FaultClass
from custom_components.inkling.labelling import Labelling

from .conftest import device_of, room_id, set_up, settle, state_of
from .faults import FAULT, FRIDGE, POWER, alarm_of, signal_of, tell, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")
OFFICE, KITCHEN, HOME = (
    "binary_sensor.office_occupancy",
    "binary_sensor.kitchen_occupancy",
    "binary_sensor.inkling_anybody_home",
)
MOTION = "binary_sensor.office_motion"


async def say(
    hass: HomeAssistant,
    label: str,
    entity_id: str = OFFICE,
    context: Context | None = None,
    **data: Any,  # noqa: ANN401 - handed on
) -> dict[str, Any]:
    """Label something and return what was made of it."""
    target = {} if {"area_id", "device_id"} & set(data) else {"entity_id": entity_id}
    answer: Any = await hass.services.async_call(
        "inkling", "label", {"label": label, **target, **data}, blocking=True, return_response=True, context=context
    )
    await settle(hass)
    found: dict[str, Any] = answer[entity_id]
    return found


async def after(hass: HomeAssistant, freezer: FrozenDateTimeFactory, **time: float) -> None:
    """Let time pass, minute by minute as the home does."""
    left = timedelta(**time)
    while left > timedelta():
        step = min(left, timedelta(minutes=1))
        freezer.tick(step)
        left -= step
        async_fire_time_changed(hass)
        await settle(hass)


def labelling_of(entry: MockConfigEntry) -> Labelling:
    """Return what keeps the labels."""
    found: Labelling = entry.runtime_data.labelling
    return found


def span(found: dict[str, Any]) -> float:
    """Return how long a label is, in seconds."""
    times = [dt_util.parse_datetime(found[key], raise_on_error=True).timestamp() for key in ("start", "end")]
    return times[1] - times[0]


async def test_i_am_here(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Be occupied at once, hold it though the model says otherwise, and let go after two hours."""
    await set_up(hass, entry)
    assert state_of(hass, OFFICE) == "off"
    found = await say(hass, "occupied")
    assert state_of(hass, OFFICE) == "on"
    assert int(state_of(hass, "sensor.office_occupancy_probability")) >= 95
    assert found["held_until"] is not None
    await after(hass, freezer, hours=1, minutes=50)
    assert state_of(hass, OFFICE) == "on"
    await after(hass, freezer, minutes=15)
    assert state_of(hass, OFFICE) == "off"
    assert labelling_of(entry).hold_of(room_id(entry, "Office")) is None


async def test_nobody_is_here(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Be vacant at once, stay so though the sensor is stuck on, and be occupied with the first new movement."""
    await set_up(hass, entry)
    hass.states.async_set(MOTION, "on")
    await settle(hass)
    await after(hass, freezer, minutes=3)
    assert state_of(hass, OFFICE) == "on"
    await say(hass, "vacant")
    assert state_of(hass, OFFICE) == "off"
    await after(hass, freezer, minutes=30)
    assert state_of(hass, OFFICE) == "off"
    assert int(state_of(hass, "sensor.office_occupancy_probability")) <= 5
    hass.states.async_set(MOTION, "off")
    await settle(hass)
    freezer.tick(timedelta(seconds=10))
    hass.states.async_set(MOTION, "on")
    await settle(hass)
    await after(hass, freezer, seconds=30)
    assert state_of(hass, OFFICE) == "on"


async def test_nobody_home(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Take a word about the home as a whole; its rooms go by their own."""
    await set_up(hass, entry)
    hass.states.async_set(MOTION, "on")
    await settle(hass)
    assert state_of(hass, HOME) == "on"
    found = await say(hass, "vacant", HOME)
    assert found["held_until"] is not None
    assert (state_of(hass, HOME), state_of(hass, OFFICE)) == ("off", "on")


async def test_whom_it_is_about(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Take any entity of a room, its device or its area for the room, and label it once."""
    await set_up(hass, entry)
    office = room_id(entry, "Office")
    device = device_of(hass, entry, office)
    assert device is not None
    await say(hass, "occupied", "sensor.office_occupancy_probability")
    await say(hass, "vacant", OFFICE, device_id=device.id)
    await say(hass, "occupied", OFFICE, area_id=str(entry.subentries[office].unique_id))
    assert {label.target for label in labelling_of(entry).labels} == {office}


@pytest.mark.parametrize(("minutes_ago", "seconds"), [(12.0, 720.0), (45.0, 300.0), (0.2, 60.0)])
async def test_since_when(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory, minutes_ago: float, seconds: float
) -> None:
    """Begin with what is contradicted, or five minutes ago where that was long ago; a minute is the least."""
    await set_up(hass, entry)
    await after(hass, freezer, hours=1)
    hass.states.async_set(MOTION, "on")
    await settle(hass)
    freezer.tick(timedelta(minutes=minutes_ago))
    found = await say(hass, "vacant")
    assert span(found) == pytest.approx(seconds, abs=2.0)


async def test_who_takes_their_word_back_was_right_before(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Begin a few minutes ago, not when the room became what the same person said."""
    await set_up(hass, entry)
    await say(hass, "occupied")
    await after(hass, freezer, minutes=20)
    found = await say(hass, "vacant")
    assert span(found) == pytest.approx(300.0, abs=2.0)
    assert [label.label for label in labelling_of(entry).labels] == ["occupied", "vacant"]


async def test_a_time_that_is_over(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Label the past without touching what is now; a later label cuts an older one."""
    await set_up(hass, entry)
    now = dt_util.now()
    old = await say(hass, "vacant", start=now - timedelta(hours=5), end=now - timedelta(hours=1))
    assert (old["held_until"], old["replaced"]) == (None, 0)
    new = await say(hass, "occupied", start=now - timedelta(hours=3), end=now - timedelta(hours=2))
    assert new["replaced"] == 1
    assert state_of(hass, OFFICE) == "off"
    found = labelling_of(entry).labels_of(room_id(entry, "Office"))
    assert [label.label for label in found] == ["vacant", "occupied", "vacant"]
    assert len({label.id for label in found}) == 3
    without_start = await say(hass, "vacant", end=now - timedelta(hours=2, minutes=10))
    assert span(without_start) == pytest.approx(300.0, abs=2.0)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"end": timedelta(minutes=5)}, "label_future"),
        ({"start": timedelta(minutes=5)}, "label_future"),
        ({"start": timedelta(hours=-1), "end": timedelta(hours=-2)}, "label_backwards"),
        ({"start": timedelta(days=-32)}, "label_long"),
        ({"start": timedelta(days=-402), "end": timedelta(days=-401)}, "label_old"),
        ({"fault_type": "stuck"}, "label_fault_type"),
    ],
)
async def test_what_is_refused(hass: HomeAssistant, entry: MockConfigEntry, data: dict[str, Any], key: str) -> None:
    """Say in one sentence what does not fit, and keep nothing of it."""
    await set_up(hass, entry)
    now = dt_util.now()
    given: Any = {name: now + value if isinstance(value, timedelta) else value for name, value in data.items()}
    with pytest.raises(ServiceValidationError) as caught:
        await say(hass, "occupied", **given)
    assert caught.value.translation_key == key
    assert labelling_of(entry).labels == ()


async def test_who_and_what_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """Refuse a label of nothing, of what is not ours, of no known kind, by who may not, and without Inkling."""
    await set_up(hass, entry)
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call("inkling", "label", {"label": "occupied"}, blocking=True)
    assert caught.value.translation_key == "label_no_target"
    with pytest.raises(ServiceValidationError) as caught:
        await say(hass, "occupied", MOTION)
    assert caught.value.translation_key == "not_an_entity"
    with pytest.raises(vol.Invalid):
        await say(hass, "somebody")
    with pytest.raises(Unauthorized) as refused:
        await say(hass, "occupied", context=Context(user_id=hass_read_only_user.id))
    assert refused.value.permission == POLICY_CONTROL
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await say(hass, "occupied")
    assert caught.value.translation_key == "not_loaded"


async def test_faults(hass: HomeAssistant) -> None:
    """Label what is watched: since its alarm began, or the last minutes; our own entity means all that it watches."""
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass))
    found = await say(hass, "fault", FRIDGE, fault_type="bias")
    assert found["label"] == "fault:bias"
    assert span(found) == pytest.approx(7200.0, abs=5.0)
    assert span(await say(hass, "fault:stuck", POWER)) == pytest.approx(300.0, abs=2.0)
    answer: Any = await hass.services.async_call(
        "inkling", "label", {"label": "normal", "entity_id": FAULT}, blocking=True, return_response=True
    )
    assert set(answer) == {FRIDGE, POWER}
    assert answer[FRIDGE]["held_until"] is None
    labels = labelling_of(entry).labels_of(signal_of(hass, FRIDGE))
    assert labels[0].label == "normal"
    unknown = await say(hass, "fault", FRIDGE)
    assert unknown["label"] == "fault:unknown"
    with pytest.raises(ServiceValidationError):
        await say(hass, "normal", OFFICE)


async def test_a_false_alarm_is_a_normal_time(hass: HomeAssistant) -> None:
    """Remember as normal what stood and was called false, since it began; what did not stand says nothing."""
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass))
    await hass.services.async_call("inkling", "false_alarm", {"entity_id": FAULT}, blocking=True)
    (label,) = labelling_of(entry).labels
    assert (label.target, label.label) == (signal_of(hass, FRIDGE), "normal")
    assert label.end - label.start == pytest.approx(7200.0, abs=5.0)


def test_the_form_offers_every_kind_of_fault() -> None:
    """Offer in the form what the schema takes."""
    folder = Path(__file__).parents[2] / "custom_components" / "inkling"
    fields = yaml.safe_load((folder / "services.yaml").read_text())["label"]["fields"]
    assert fields["fault_type"]["selector"]["select"]["options"] == [str(kind) for kind in FaultClass]
