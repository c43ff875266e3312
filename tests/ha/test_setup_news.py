"""Sensors that come after set-up, and areas that go."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from unittest.mock import patch

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.area_repairs import NewSensorsFlow
from custom_components.inkling.repairs import ChooseAgainFlow, async_create_fix_flow

from .conftest import add_entity, issue_ids, room_id, set_up, settle
from .test_room_flow import EMPTY, role_field

pytestmark = pytest.mark.usefixtures("hand_loaded")
NEW = "binary_sensor.office_radar"


@pytest.fixture
def look(hass: HomeAssistant) -> Callable[[], Awaitable[None]]:
    """Return a way to let the debounced look happen."""

    async def _look() -> None:
        """Let half a minute pass."""
        await settle(hass)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
        await settle(hass)

    return _look


@pytest.fixture
async def home(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return the home with two rooms, set up; it was offered all there is."""
    await set_up(hass, entry)
    assert not issue_ids(hass)
    return entry


def add_radar(hass: HomeAssistant, area: ar.AreaEntry) -> None:
    """Put a new sensor into an area."""
    add_entity(hass, NEW, area_id=area.id, state="off", original_device_class="occupancy")


async def fix(hass: HomeAssistant, issue_id: str) -> SubentryFlowResult:
    """Go through a repair to the form it opens."""
    issue = ir.async_get(hass).async_get_issue("inkling", issue_id)
    assert issue is not None
    flow = await async_create_fix_flow(hass, issue_id, issue.data)
    assert isinstance(flow, NewSensorsFlow | ChooseAgainFlow)
    flow.hass = hass
    begun = await flow.async_step_init()
    if isinstance(flow, NewSensorsFlow):
        assert (begun["type"], begun["menu_options"]) == (FlowResultType.MENU, ["form", "ignore"])
        done = await flow.async_step_form()
    else:
        assert (begun["type"], begun["step_id"]) == (FlowResultType.FORM, "confirm")
        done = await flow.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    ir.async_delete_issue(hass, "inkling", issue_id)
    # As the page asks for a flow it is sent to.
    return await hass.config_entries.subentries.async_configure(done["next_flow"][1])


async def ignore(hass: HomeAssistant, issue_id: str) -> None:
    """Ask a repair to leave its area alone."""
    issue = ir.async_get(hass).async_get_issue("inkling", issue_id)
    assert issue is not None
    flow = await async_create_fix_flow(hass, issue_id, issue.data)
    assert isinstance(flow, NewSensorsFlow)
    flow.hass = hass
    assert (await flow.async_step_ignore())["reason"] == "issue_ignored"


async def finish(hass: HomeAssistant, step: SubentryFlowResult, movement: dict[str, list[str]]) -> None:
    """Send the form of the sensors and see it out."""
    configure = hass.config_entries.subentries.async_configure
    step = await configure(step["flow_id"], {**EMPTY, "movement": movement, "air": {"co2": ["sensor.office_co2"]}})
    assert step["step_id"] == "preview"
    await configure(step["flow_id"], {})
    await settle(hass)


async def test_new_sensor_is_offered_and_taken(
    hass: HomeAssistant, home: MockConfigEntry, office: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Tell of a sensor that came, open the room's form with it filled in, and be done with it."""
    before = dict(home.subentries[room_id(home, "Office")].data)
    add_radar(hass, office)
    await look()
    assert issue_ids(hass) == {f"new_sensors_{office.id}"}
    issue = ir.async_get(hass).async_get_issue("inkling", f"new_sensors_{office.id}")
    assert issue is not None
    assert issue.translation_key == "new_sensors"
    assert issue.translation_placeholders == {"area": "Office", "entities": f"- office radar (`{NEW}`)"}
    # Nothing is added behind the user's back.
    assert home.subentries[room_id(home, "Office")].data == before
    step = await fix(hass, f"new_sensors_{office.id}")
    assert (step["step_id"], role_field(step, "movement", "presence")) == ("roles", [NEW])
    assert role_field(step, "movement", "motion") == ["binary_sensor.office_motion"]
    await finish(hass, step, {"motion": ["binary_sensor.office_motion"], "presence": [NEW]})
    await look()
    assert home.subentries[room_id(home, "Office")].data["signals"]["presence"] == [NEW]
    assert not issue_ids(hass)


async def test_new_sensor_is_offered_and_left(
    hass: HomeAssistant, home: MockConfigEntry, office: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Ask no more once the user took it out of the form."""
    add_radar(hass, office)
    await look()
    step = await fix(hass, f"new_sensors_{office.id}")
    await finish(hass, step, {"motion": ["binary_sensor.office_motion"]})
    await look()
    assert not issue_ids(hass)


async def test_ignored_stays_ignored(
    hass: HomeAssistant, home: MockConfigEntry, office: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Keep quiet about an area that was ignored, when sensors go and come and after a restart of the entry."""
    add_radar(hass, office)
    await look()
    issue_id = f"new_sensors_{office.id}"
    await ignore(hass, issue_id)
    er.async_get(hass).async_remove(NEW)
    await look()
    add_radar(hass, office)
    add_entity(hass, "light.office", area_id=office.id, state="off")
    await look()
    assert await hass.config_entries.async_reload(home.entry_id)
    await look()
    issue = ir.async_get(hass).async_get_issue("inkling", issue_id)
    assert issue is not None
    assert issue.dismissed_version is not None


async def test_gone_with_the_sensor(
    hass: HomeAssistant, home: MockConfigEntry, office: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Take the repair back when the sensor went, was disabled or stands elsewhere; say so in a fix that is open."""
    add_radar(hass, office)
    await look()
    issue_id = f"new_sensors_{office.id}"
    issue = ir.async_get(hass).async_get_issue("inkling", issue_id)
    assert issue is not None
    flow = await async_create_fix_flow(hass, issue_id, issue.data)
    assert isinstance(flow, NewSensorsFlow)
    flow.hass = hass
    er.async_get(hass).async_update_entity(NEW, disabled_by=er.RegistryEntryDisabler.USER)
    await look()
    assert not issue_ids(hass)
    assert (await flow.async_step_form())["reason"] == "no_news"
    await hass.config_entries.async_unload(home.entry_id)
    assert (await flow.async_step_form())["reason"] == "not_running"


async def test_area_becomes_a_room(
    hass: HomeAssistant, home: MockConfigEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Offer a room for an area that has come to have enough, and not one that still has too little."""
    hall = ar.async_get(hass).async_create("Hall")
    add_entity(hass, "light.hall", area_id=hall.id, state="off")
    await look()
    assert not issue_ids(hass)
    add_entity(hass, "binary_sensor.hall_motion", area_id=hall.id, state="off", original_device_class="motion")
    await look()
    issue = ir.async_get(hass).async_get_issue("inkling", f"new_sensors_{hall.id}")
    assert issue is not None
    assert issue.translation_key == "new_room"
    step = await fix(hass, f"new_sensors_{hall.id}")
    assert (step["step_id"], role_field(step, "movement", "motion")) == ("roles", ["binary_sensor.hall_motion"])
    assert role_field(step, "use", "light") == ["light.hall"]
    configure = hass.config_entries.subentries.async_configure
    await configure(step["flow_id"], {**EMPTY, "movement": {"motion": ["binary_sensor.hall_motion"]}})
    done = await configure(step["flow_id"], {})
    assert (done["type"], done["title"]) == (FlowResultType.CREATE_ENTRY, "Hall")
    await look()
    assert not issue_ids(hass)


async def test_area_that_was_left_out_stays_out(
    hass: HomeAssistant, home: MockConfigEntry, office: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Ask nothing about a room that was removed, until something telling comes to its area."""
    hass.config_entries.async_remove_subentry(home, room_id(home, "Office"))
    await look()
    add_entity(
        hass,
        "sensor.office_heat",
        area_id=office.id,
        original_device_class="temperature",
        unit_of_measurement="°C",
    )
    await look()
    assert not issue_ids(hass)
    add_radar(hass, office)
    await look()
    assert issue_ids(hass) == {f"new_sensors_{office.id}"}


async def test_device_that_is_put_into_an_area(
    hass: HomeAssistant, home: MockConfigEntry, office: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Notice a sensor that gets its place by its device, later, as it does when a device joins."""
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    devices = dr.async_get(hass)
    device = devices.async_get_or_create(config_entry_id=owner.entry_id, identifiers={("test", "a")})
    add_entity(hass, NEW, state="off", original_device_class="occupancy", device_id=device.id)
    await look()
    assert not issue_ids(hass)
    devices.async_update_device(device.id, area_id=office.id)
    await look()
    assert issue_ids(hass) == {f"new_sensors_{office.id}"}


async def test_moved_sensor_is_told_once(
    hass: HomeAssistant, home: MockConfigEntry, kitchen: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Leave a sensor that another room reads to the repair about moves."""
    er.async_get(hass).async_update_entity("binary_sensor.office_motion", area_id=kitchen.id)
    await look()
    assert issue_ids(hass) == {f"moved_entities_{room_id(home, 'Office')}"}


async def test_deleted_area(
    hass: HomeAssistant, home: MockConfigEntry, office: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Ask which area a room is now, and stop asking when it is said."""
    office_id = room_id(home, "Office")
    ar.async_get(hass).async_delete(office.id)
    await look()
    assert issue_ids(hass) == {f"area_gone_{office_id}"}
    step = await fix(hass, f"area_gone_{office_id}")
    assert step["step_id"] == "user"
    study = ar.async_get(hass).async_create("Study")
    step = await hass.config_entries.subentries.async_configure(step["flow_id"], {"area_id": study.id})
    await finish(hass, step, {"motion": ["binary_sensor.office_motion"]})
    await look()
    assert not issue_ids(hass)
    assert home.subentries[office_id].unique_id == study.id


async def test_nothing_is_looked_at_before_the_start(
    hass: HomeAssistant, entry: MockConfigEntry, office: ar.AreaEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Wait until everything is loaded, and look then without being told to."""
    hass.config_entries.async_update_entry(entry, minor_version=2, data={"offered": {}})
    hass.set_state(CoreState.starting)
    await set_up(hass, entry)
    add_radar(hass, office)
    await look()
    assert not issue_ids(hass)
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await settle(hass)
    assert issue_ids(hass) == {f"new_sensors_{office.id}"}


async def test_only_telling_changes_are_looked_at(
    hass: HomeAssistant, home: MockConfigEntry, look: Callable[[], Awaitable[None]]
) -> None:
    """Spend nothing on a new icon, nor on a device's new name, and one look on a burst."""
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=owner.entry_id, identifiers={("test", "a")})
    await look()
    with patch("custom_components.inkling.area_watch.news_of", return_value=[]) as looked:
        er.async_get(hass).async_update_entity("light.kitchen", icon="mdi:lamp")
        dr.async_get(hass).async_update_device(device.id, name_by_user="A")
        await look()
        assert not looked.called
        for name in ("One", "Two", "Three"):
            ar.async_get(hass).async_create(name)
        await look()
        assert looked.call_count == 1
