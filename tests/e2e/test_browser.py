"""A person adds Inkling and corrects a room; somebody comes in; an automation fires; a restart forgets nothing."""

import time

from playwright.async_api import Page, expect
import pytest

from scripts.demo_home.__main__ import DEFAULT_TRACE
from scripts.demo_home.client import Client
from scripts.demo_home.dashboard import write_dashboard
from scripts.demo_home.plan import make_plan
from scripts.demo_home.rooms import area_of
from tests.e2e import home, screens
from tests.e2e.conftest import OUTPUT, MakeDemo
from training.trace import read_trace

pytestmark = pytest.mark.browser
ROOM = "Office"
FIRST_VERDICT_SECONDS = 30.0
# The model wants to see more than a moment of motion, and judges once a minute between edges.
ARRIVAL_SECONDS = 150.0
RESTORE_SECONDS = 15.0


async def test_home_from_nothing_to_automation(make_demo: MakeDemo, page: Page) -> None:
    """Walk the whole way in one home, as a new user does."""
    demo = make_demo("--empty")
    demo.start()
    async with home.signed_in(demo.url) as client:
        # The demo's own minute is for a person who only looks; walking the whole way takes longer.
        await home.keep_empty(client)
    await screens.sign_in(page, demo.url)
    await _add_inkling(page, demo.url)
    await _correct_a_room(page, demo.url)
    async with home.signed_in(demo.url) as client:
        before = await _first_verdict(client)
        await home.add_automation(client, await area_of(client, ROOM))
        await _look_at_automation(page, demo.url)
        await write_dashboard(client, make_plan(read_trace(DEFAULT_TRACE), time.time(), 0.0, 1.0))
        assert before.occupancy == "off"
        assert await home.fired(client) is None
        await _skip_to_arrival(page, demo.url)
        occupied = await _somebody_came(client, before)
        await _look_at_dashboard(page, demo.url, occupied)
        await screens.open_device(page, demo.url, await home.room_device(client, ROOM))
        await screens.shoot(page, OUTPUT, "8-room-device")
        fired_at = await home.fired(client)
        await home.restart(client, demo.url)
    await _nothing_is_forgotten(demo.url, occupied, fired_at)
    await screens.shoot(page, OUTPUT, "9-after-restart")
    assert demo.own_errors() == []


async def _add_inkling(page: Page, url: str) -> None:
    """Add Inkling with every room it found."""
    await screens.open_new_integration(page, url, "Inkling")
    await expect(screens.flow(page)).to_contain_text("Set up Inkling")
    await screens.press(page, "Submit")
    await screens.finish(page)


async def _correct_a_room(page: Page, url: str) -> None:
    """Open a room's own form, see what it is judged by and what that made of the last day, and change nothing."""
    await page.goto(f"{url}/config/integrations/integration/inkling")
    row = page.locator("ha-config-sub-entry-row", has_text=ROOM)
    await row.get_by_role("button", name="Change room").first.click()
    await expect(screens.flow(page)).to_contain_text("Which room?")
    await screens.press(page, "Submit")
    await expect(screens.flow(page)).to_contain_text(f"Sensors of {ROOM}")
    await expect(screens.flow(page)).to_contain_text("Office motion 1")
    await screens.shoot(page, OUTPUT, "3-sensors-by-role")
    await screens.press(page, "Submit")
    await expect(screens.flow(page)).to_contain_text(f"The last 24 hours in {ROOM}")
    await expect(screens.flow(page).locator("img[src^='data:image']")).to_be_visible()
    await screens.shoot(page, OUTPUT, "4-last-24-hours")
    await screens.press(page, "Submit")
    await expect(screens.flow(page)).to_contain_text("successful")


async def _first_verdict(client: Client) -> home.RoomStates:
    """Wait for the first probability, which yesterday's history makes possible at once."""

    async def known() -> home.RoomStates | None:
        """Return the room's states once there is a probability."""
        states = await home.room_states(client, ROOM)
        return states if states.percent is not None else None

    return await home.eventually(known, FIRST_VERDICT_SECONDS, "the first probability")


async def _look_at_automation(page: Page, url: str) -> None:
    """Find the trigger understood by Home Assistant's own editor."""
    await page.goto(f"{url}/config/automation/edit/{home.AUTOMATION}")
    await expect(page.locator("ha-automation-trigger-row").first).to_be_visible()
    await screens.shoot(page, OUTPUT, "5-automation")


async def _skip_to_arrival(page: Page, url: str) -> None:
    """Press the demo's button on its dashboard."""
    await page.goto(f"{url}/inkling-demo")
    await page.get_by_text("Skip to the next arrival").first.click()
    await screens.shoot(page, OUTPUT, "6-empty-room")


async def _look_at_dashboard(page: Page, url: str, occupied: home.RoomStates) -> None:
    """See from the top of the page what Home Assistant said: the probability, and that somebody is there."""
    await page.goto(f"{url}/inkling-demo")
    await expect(page.locator("inkling-card").first).to_contain_text("%")
    await expect(page.locator("hui-tile-card", has_text="ccupancy").first).to_be_visible()
    await expect(page.get_by_text(occupied.reason[:30]).first).to_be_visible()
    await screens.shoot(page, OUTPUT, "7-dashboard-occupied")


async def _somebody_came(client: Client, before: home.RoomStates) -> home.RoomStates:
    """Wait until the probability has risen, the room is occupied and the automation has fired."""

    async def occupied() -> home.RoomStates | None:
        """Return the room's states once somebody is there and the automation knows."""
        states = await home.room_states(client, ROOM)
        return states if states.occupancy == "on" and await home.fired(client) is not None else None

    after = await home.eventually(occupied, ARRIVAL_SECONDS, "the room to be occupied and the automation to fire")
    assert after.percent is not None
    assert before.percent is not None
    assert after.percent > before.percent + 20.0
    assert after.reason not in ("absent", "unknown", "unavailable", "")
    return after


async def _nothing_is_forgotten(url: str, before: home.RoomStates, fired_at: str | None) -> None:
    """Find the room still occupied, and judged anew, seconds after a restart."""
    async with home.signed_in(url) as client:

        async def judged() -> home.RoomStates | None:
            """Return the room's states once there is a probability again."""
            states = await home.room_states(client, ROOM)
            return states if states.percent is not None else None

        after = await home.eventually(judged, RESTORE_SECONDS, "a probability after the restart")
        assert after.occupancy == before.occupancy == "on"
        # The automation must not take the restart for an arrival.
        assert await home.fired(client) == fired_at
