"""A real Home Assistant and a real browser for each test that asks for them."""

from collections.abc import AsyncGenerator, Callable, Generator
import os
from pathlib import Path
import shutil

from playwright.async_api import Browser, Page, async_playwright
import pytest

from scripts.demo_home.client import Client
from scripts.demo_home.onboarding import PASSWORD, USERNAME
from tests.e2e.launcher import LAUNCHER, ROOT, Demo

OUTPUT = ROOT / "tests" / "e2e" / "output"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A new profile on a closed network: without these Chromium asks its maker's hosts for updates at every start.
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT_PIXELS = {"width": 1400, "height": 1000}

type MakeDemo = Callable[..., Demo]


@pytest.fixture
def make_demo(tmp_path: Path, socket_enabled: None) -> Generator[MakeDemo]:
    """Return a way to start demos; all of them end with the test."""
    demos: list[Demo] = []

    def make(*arguments: str, program: tuple[str, ...] = LAUNCHER) -> Demo:
        """Prepare a demo on a configuration folder of its own."""
        demos.append(Demo(tmp_path / f"home-{len(demos)}", arguments, program))
        return demos[-1]

    yield make
    for demo in demos:
        demo.end()


def browser_path() -> str:
    """Return the browser that scripts/setup found; fail, never skip, where there is none."""
    found = os.environ.get("INKLING_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.fail("no browser: run scripts/setup --browser, or name one in INKLING_BROWSER")
    return found


@pytest.fixture
async def browser(socket_enabled: None) -> AsyncGenerator[Browser]:
    """Start a headless browser with an empty profile."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=browser_path(), args=list(BROWSER_FLAGS))
        yield started
        await started.close()


@pytest.fixture
async def page(browser: Browser, request: pytest.FixtureRequest) -> AsyncGenerator[Page]:
    """Open a page; where a test fails, what it showed last is kept."""
    opened = await browser.new_page(viewport=VIEWPORT_PIXELS, locale="en-GB")  # type: ignore[arg-type]
    opened.set_default_timeout(30_000)
    yield opened
    OUTPUT.mkdir(exist_ok=True)
    await opened.screenshot(path=OUTPUT / f"last-{request.node.name}.png")


async def sign_in_page(page: Page, url: str) -> None:
    """Sign in through the form, as a person does."""
    await page.goto(url)
    await page.fill("input[name=username]", USERNAME)
    await page.fill("input[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("ha-sidebar")


async def sign_in_client(client: Client) -> None:
    """Sign in for the checks that need no eyes."""
    await client.sign_in(USERNAME, PASSWORD)
