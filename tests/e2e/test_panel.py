"""The panel in a real Home Assistant: the home at a glance, readable by everybody, and a trace that trains."""

from collections.abc import AsyncGenerator
from pathlib import Path

from playwright.async_api import Page, expect
import pytest

from scripts.demo_home.client import Client
from scripts.demo_home.onboarding import PASSWORD
from tests.e2e import home, screens
from tests.e2e.accessibility import grave_findings
from tests.e2e.conftest import OUTPUT, MakeDemo
from training.__main__ import main
from training.trace import read_trace

pytestmark = pytest.mark.browser
PAGES = ("overview", "accuracy", "backtest", "labels", "trace")
LOOKS = [("light", 1400), ("dark", 1400), ("light", 390), ("dark", 390)]
OFFICE = "binary_sensor.office_occupancy"
LIVING_ROOM = "binary_sensor.living_room_occupancy"
RESIDENT = "resident"
BACKTEST_MS = 120_000.0
# The panel asks again every ten seconds.
RECOVERY_MS = 40_000.0


@pytest.fixture
async def client(make_demo: MakeDemo) -> AsyncGenerator[Client]:
    """Return a client of a demo home that has its rooms."""
    demo = make_demo()
    demo.start()
    async with home.signed_in(demo.url) as found:
        yield found
    assert demo.own_errors() == []


async def open_panel(page: Page, url: str) -> None:
    """Sign in, and open the panel by its place in the sidebar."""
    await screens.sign_in(page, url)
    await page.locator("ha-sidebar").get_by_text("Inkling", exact=True).click()
    await expect(page.locator("inkling-panel .room .title").first).to_be_visible()


async def open_tab(page: Page, name: str) -> None:
    """Press one of the panel's tabs."""
    await page.locator("inkling-panel nav").get_by_role("link", name=name).click()


async def test_panel_is_read_by_everybody(client: Client, page: Page) -> None:
    """See every room; find nothing serious with axe on any page, in both modes and widths; keep pictures."""
    await client.call("inkling", "label", entity_id=OFFICE, label="occupied")
    await open_panel(page, client.url)
    panel = page.locator("inkling-panel")
    areas = {row["name"] for row in await client.command("config/area_registry/list")}
    shown = set(await panel.locator(".room .title").all_inner_texts())
    assert shown
    assert shown <= areas
    await expect(panel.locator(".room .ribbon .area").first).to_be_attached()
    for mode, width in LOOKS:
        await page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
        await page.set_viewport_size({"width": width, "height": 900})
        for name in PAGES:
            await page.goto(f"{client.url}/inkling/{name}")
            await expect(panel.locator("h2:visible").first).to_be_visible()
            await screens.shoot(page, OUTPUT, f"panel-{name}-{mode}-{width}")
            assert await grave_findings(panel) == [], f"{name}, {mode}, {width} px"
            assert await panel.evaluate("(panel) => panel.scrollWidth <= panel.clientWidth"), f"{name} at {width} px"


async def test_panel_is_walked_with_the_keyboard(client: Client, page: Page) -> None:
    """Reach the next page and a room's details without a mouse."""
    await open_panel(page, client.url)
    await page.locator("inkling-panel nav a").nth(1).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("inkling-panel-report table").first).to_be_visible()
    assert page.url.endswith("/inkling/accuracy")
    await page.go_back()
    await page.locator("inkling-panel .room .head").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("ha-more-info-dialog")).to_contain_text("History")


async def test_panel_downloads_a_trace(client: Client, page: Page, tmp_path: Path) -> None:
    """Leave a room out, download the rest, and read it with the trainer."""
    await open_panel(page, client.url)
    await open_tab(page, "Download")
    form = page.locator("inkling-panel-trace")
    await form.get_by_label("Office").uncheck()
    await form.get_by_label("How much").select_option("1")
    async with page.expect_download() as waiting:
        await form.get_by_role("button", name="Download").click()
    download = await waiting.value
    path = tmp_path / download.suggested_filename
    await download.save_as(path)
    assert path.name.startswith("inkling-trace_")
    assert main(["import", "trace-zip", str(path), "--out", str(tmp_path / "out")]) == 0
    trace = read_trace(tmp_path / "out" / path.stem)
    assert "Office" not in {room.name for room in trace.rooms}
    assert len(trace.rooms) >= 1
    assert sum(len(item.times) for item in trace.readings.values()) > 1000


async def test_panel_judges_the_past(client: Client, page: Page) -> None:
    """Run a backtest of every sensor on the demo's two days, which are only enough to learn."""
    await watch_everything(client)
    await open_panel(page, client.url)
    await open_tab(page, "Backtest")
    outcome = page.locator("inkling-panel-backtest")
    await outcome.get_by_role("button", name="Run").click()
    await expect(outcome).to_contain_text("only enough to learn", timeout=BACKTEST_MS)
    await expect(outcome.locator(".timeline .learning").first).to_be_visible()
    await screens.shoot(page, OUTPUT, "panel-backtest-run")


async def watch_everything(client: Client) -> None:
    """Watch every sensor for faults, where the demo does not yet."""
    entry = (await client.command("config_entries/get", domain="inkling"))[0]
    path = "/api/config/config_entries/subentries/flow"
    step = await client.request("POST", path, json={"handler": [entry["entry_id"], "everything"]})
    if step["type"] == "form":
        step = await client.request("POST", f"{path}/{step['flow_id']}", json={})
    assert step["type"] == "create_entry" or step["reason"] == "already_configured"


async def test_panel_takes_a_label_back(client: Client, page: Page) -> None:
    """See what somebody said, and delete it after a question."""
    await client.call("inkling", "label", entity_id=OFFICE, label="occupied")
    await open_panel(page, client.url)
    await open_tab(page, "Labels")
    labels = page.locator("inkling-panel-labels")
    await expect(labels.locator("tbody tr")).to_have_count(1)
    await labels.get_by_role("button", name="Delete Occupied of Office").click()
    await labels.locator("dialog").get_by_role("button", name="Cancel").click()
    await expect(labels.locator("tbody tr")).to_have_count(1)
    await labels.get_by_role("button", name="Delete Occupied of Office").click()
    await labels.locator("dialog").get_by_role("button", name="Delete").click()
    await expect(labels).to_contain_text("Nobody has said anything yet")
    await expect(page.locator("inkling-panel .said")).to_contain_text("was deleted")


async def test_panel_goes_on_after_a_restart(client: Client, page: Page) -> None:
    """Leave the page open while Home Assistant restarts, and find the rooms again without reloading it."""
    await open_panel(page, client.url)
    await page.evaluate("window.wasHereBefore = true")
    await home.restart(client, client.url)
    room = page.locator("inkling-panel .room .title").first
    await expect(room).to_be_visible(timeout=RECOVERY_MS)
    async with home.signed_in(client.url) as again:
        await again.call("inkling", "label", entity_id=LIVING_ROOM, label="occupied")
    living_room = page.locator("inkling-panel .room", has_text="Living Room")
    await expect(living_room).to_contain_text("You said that somebody is here", timeout=RECOVERY_MS)
    assert await page.evaluate("window.wasHereBefore")


async def test_panel_of_a_resident(client: Client, page: Page) -> None:
    """Show a resident the rooms, and neither repairs nor the download."""
    user = await client.command("config/auth/create", name="Resident", group_ids=["system-users"])
    await client.command(
        "config/auth_provider/homeassistant/create", user_id=user["user"]["id"], username=RESIDENT, password=PASSWORD
    )
    await page.goto(f"{client.url}/inkling")
    await page.fill("input[name=username]", RESIDENT)
    await page.fill("input[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    panel = page.locator("inkling-panel")
    await expect(panel.locator(".room .title").first).to_be_visible()
    await expect(panel.locator("nav a")).to_have_count(len(PAGES) - 1)
    await expect(panel).not_to_contain_text("Repairs")
    await page.goto(f"{client.url}/inkling/trace")
    await expect(panel.locator(".room .title").first).to_be_visible()


async def test_panel_of_an_empty_home(client: Client, page: Page) -> None:
    """Say in one sentence that there is no room, and where to add one; go with the integration."""
    entry = (await client.command("config_entries/get", domain="inkling"))[0]
    await open_panel(page, client.url)
    for row in await client.command("config_entries/subentries/list", entry_id=entry["entry_id"]):
        which = {"entry_id": entry["entry_id"], "subentry_id": row["subentry_id"]}
        await client.command("config_entries/subentries/delete", **which)
    panel = page.locator("inkling-panel")
    await expect(panel).to_contain_text("There is no room yet")
    await screens.shoot(page, OUTPUT, "panel-no-rooms")
    await panel.get_by_role("link", name="Open Inkling's settings").first.click()
    await expect(page.locator("ha-config-entry-row").first).to_be_visible()
    await client.command("config_entries/disable", entry_id=entry["entry_id"], disabled_by="user")
    await expect(page.locator("ha-sidebar").get_by_text("Inkling", exact=True)).to_have_count(0)
