"""A sensor comes after set-up: a repair tells of it and opens the room's form with it filled in."""

from playwright.async_api import Page, expect
import pytest

from scripts.demo_home.client import Client
from scripts.demo_home.rooms import add_rooms
from tests.e2e import home, screens
from tests.e2e.conftest import OUTPUT, MakeDemo

pytestmark = pytest.mark.browser
LATE = "binary_sensor.bathroom_door"
REPAIR = "New sensors in Bathroom"
# Inkling looks half a minute after the registry came to rest.
REPAIR_SECONDS = 60.0


async def test_late_sensor_is_offered_by_a_repair(make_demo: MakeDemo, page: Page) -> None:
    """Find the repair, follow it to the form, and see it gone once the sensor is taken."""
    demo = make_demo("--empty")
    demo.start()
    async with home.signed_in(demo.url) as client:
        await _set_disabled(client, "user")
        assert await add_rooms(client)
        await _set_disabled(client, None)
        await home.eventually(lambda: _told(client), REPAIR_SECONDS, "the repair")
        await screens.sign_in(page, demo.url)
        await page.goto(f"{demo.url}/config/repairs")
        await screens.shoot(page, OUTPUT, "new-sensor-1-repairs")
        await page.get_by_text(REPAIR).first.click()
        dialog = screens.flow(page)
        await expect(dialog).to_contain_text("Bathroom has sensors that its room in Inkling does not use yet")
        await screens.shoot(page, OUTPUT, "new-sensor-2-repair")
        await dialog.get_by_text("Open the form of the room").click()
        await expect(dialog).to_contain_text("Sensors of Bathroom")
        await expect(dialog).to_contain_text("Bathroom door")
        await screens.shoot(page, OUTPUT, "new-sensor-3-form")
        await screens.press(page, "Submit")
        await expect(dialog).to_contain_text("The last 24 hours in Bathroom")
        await screens.press(page, "Submit")
        await expect(dialog).to_contain_text("successful")
        # The changed room is set up anew, and its area is looked at again at once.
        await page.wait_for_timeout(screens.SETTLE_MS)
        assert await _told(client) is None
    assert demo.own_errors() == []


async def _set_disabled(client: Client, by: str | None) -> None:
    """Disable or enable the sensor that comes late."""
    await client.command("config/entity_registry/update", entity_id=LATE, disabled_by=by)


async def _told(client: Client) -> bool | None:
    """Return that there is a repair about new sensors, None while there is none."""
    issues = (await client.command("repairs/list_issues"))["issues"]
    return True if any(issue["translation_key"] == "new_sensors" for issue in issues) else None
