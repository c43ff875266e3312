"""What a person does on Home Assistant's pages, in the words of those pages."""

from pathlib import Path

from playwright.async_api import Locator, Page, expect

from scripts.demo_home.onboarding import PASSWORD, USERNAME

DIALOG = "dialog-data-entry-flow"
SETTLE_MS = 1_500


async def sign_in(page: Page, url: str) -> None:
    """Sign in through the form."""
    await page.goto(url)
    await page.fill("input[name=username]", USERNAME)
    await page.fill("input[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("ha-sidebar")


async def shoot(page: Page, folder: Path, name: str) -> None:
    """Keep a picture of the page once it stands still."""
    await page.wait_for_timeout(SETTLE_MS)
    await page.screenshot(path=folder / f"{name}.png")


async def open_new_integration(page: Page, url: str, name: str) -> None:
    """Look an integration up in the list of new ones and start its flow."""
    await page.goto(f"{url}/config/integrations/dashboard")
    await page.get_by_text("Add integration", exact=True).last.click()
    await page.get_by_placeholder("Search for a brand name").fill(name)
    await page.locator("ha-integration-list-item").get_by_text(name, exact=True).click()


def flow(page: Page) -> Locator:
    """Return the open flow's dialog."""
    return page.locator(DIALOG)


async def press(page: Page, label: str) -> None:
    """Press one of the open step's buttons."""
    await flow(page).get_by_role("button", name=label, exact=True).click()


async def finish(page: Page) -> None:
    """Close the flow's last word and find the dialog gone."""
    await press(page, "Finish")
    await expect(flow(page).locator("ha-dialog")).to_have_count(0)


async def open_device(page: Page, url: str, device_id: str) -> None:
    """Go to the page of a device."""
    await page.goto(f"{url}/config/devices/device/{device_id}")
    await page.wait_for_selector("ha-device-entities-card")
