"""From an empty home to every room predicted and a light that obeys, by clicks alone, counted against the bar."""

from collections.abc import AsyncGenerator
import re

from aiohttp import web
from playwright.async_api import Page, expect
import pytest

from scripts.demo_home.client import Client
from tests.e2e import home, screens
from tests.e2e.conftest import OUTPUT, MakeDemo
from tests.e2e.hand import Hand
from tests.e2e.launcher import ROOT, free_port

pytestmark = pytest.mark.browser
MOST_CLICKS = 15
MOST_SECONDS = 180.0
ROOMS = {"Office", "Living Room", "Kitchen", "Bedroom", "Bathroom", "Hallway"}
LIGHT = "light.office_light"
BLUEPRINT = "Inkling - light while somebody is there"
# The first motion comes half a minute before the recorded head count rises.
ARRIVAL_SECONDS = 40.0


@pytest.fixture
async def blueprint_url(socket_enabled: None) -> AsyncGenerator[str]:
    """Serve the checkout's blueprints, as the project's page does."""
    app = web.Application()
    app.router.add_static("/", ROOT / "blueprints" / "automation" / "inkling")
    runner, port = web.AppRunner(app), free_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/light.yaml"
    await runner.cleanup()


async def test_every_room_and_a_light_in_few_clicks(
    make_demo: MakeDemo, page: Page, blueprint_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Add Inkling and the blueprint as a new user does; the light comes on when somebody comes."""
    demo = make_demo("--empty")
    demo.start()
    async with home.signed_in(demo.url) as client:
        await home.keep_empty(client)
        await screens.sign_in(page, demo.url)
        hand = Hand(page)
        await _add_inkling(hand)
        await _add_automation(hand, demo.url, blueprint_url)
        predicted = await home.eventually(lambda: _predicted(client), 30.0, "a probability in every room")
        assert await home.state_of(client, LIGHT) == "off"
        clicked_seconds = hand.passed_seconds
        await client.call("inkling_demo", "skip", to="arrival", in_seconds=ARRIVAL_SECONDS)
        await home.eventually(lambda: _is_lit(client), MOST_SECONDS, "the light to come on")
    took_seconds = hand.passed_seconds
    with capsys.disabled():
        print(  # noqa: T201 - a bar's figure is to be read
            f"\n{len(hand.clicks)} clicks of at most {MOST_CLICKS}: {', '.join(hand.clicks)}; all is set up after "
            f"{clicked_seconds:.0f} s, and the light on after {took_seconds:.0f} s of at most {MOST_SECONDS:.0f}"
        )
    assert predicted == ROOMS
    assert len(hand.clicks) <= MOST_CLICKS
    assert took_seconds <= MOST_SECONDS
    await _look_at_the_rooms(page, demo.url)
    assert demo.own_errors() == []


async def _add_inkling(hand: Hand) -> None:
    """Follow the invitation and take what is suggested."""
    page, dialog = hand.page, screens.flow(hand.page)
    await hand.click(page.get_by_text("Add Inkling").first, "Add Inkling")
    await hand.click(page.locator("dialog-box").get_by_role("button", name="OK"), "OK")
    await expect(dialog).to_contain_text("Set up Inkling")
    await expect(dialog).to_contain_text("Kitchen: Motion, Light")
    await screens.shoot(page, OUTPUT, "1-every-room")
    await hand.click(dialog.get_by_role("button", name="Submit", exact=True), "Submit")
    await expect(dialog).to_contain_text("Name and assign")
    await screens.shoot(page, OUTPUT, "2-rooms-made")
    await hand.click(dialog.get_by_role("button", name="Finish", exact=True), "Finish")
    await expect(dialog.locator("ha-dialog")).to_have_count(0)


async def _add_automation(hand: Hand, url: str, blueprint_url: str) -> None:
    """Import the blueprint by its button, choose the room and its light, and save."""
    page = hand.page
    await hand.follow(f"{url}/config/blueprint/dashboard/import?blueprint_url={blueprint_url}", "Import blueprint")
    dialog = page.locator("ha-dialog-import-blueprint")
    await hand.click(dialog.get_by_role("button", name="Preview"), "Preview")
    await hand.click(dialog.get_by_role("button", name="Import blueprint"), "Import blueprint")
    await hand.click(page.get_by_text(BLUEPRINT).last, BLUEPRINT)
    for picker, item in enumerate(("Office", "Office light")):
        await hand.click(page.locator("ha-selector-entity").nth(picker), "a picker")
        await hand.click(page.locator("ha-combo-box-item", has_text=item).last, item)
    await screens.shoot(page, OUTPUT, "3-light-automation")
    await hand.click(page.get_by_role("button", name="Save").last, "Save")
    await page.wait_for_url(re.compile(r"/config/automation/edit/\d+"))


async def _predicted(client: Client) -> set[str] | None:
    """Return the rooms that have a probability once all of them do."""
    found = await home.probabilities(client)
    return set(found) if found and all(value is not None for value in found.values()) else None


async def _is_lit(client: Client) -> bool | None:
    """Return that the light is on, None while it is off."""
    return True if await home.state_of(client, LIGHT) == "on" else None


async def _look_at_the_rooms(page: Page, url: str) -> None:
    """See every room on Inkling's own page."""
    await page.goto(f"{url}/config/integrations/integration/inkling")
    for room in ROOMS:
        await expect(page.locator("ha-config-sub-entry-row", has_text=room).first).to_be_visible()
    await screens.shoot(page, OUTPUT, "4-rooms-of-the-integration")
