"""A real Home Assistant and a real browser for each test that asks for them."""

from collections.abc import AsyncGenerator, Callable, Generator
import os
from pathlib import Path
import shutil

from playwright.async_api import Page, ViewportSize, async_playwright
import pytest

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
VIEWPORT_PIXELS = ViewportSize(width=1400, height=1000)
PATIENCE_MS = 30_000

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


@pytest.fixture(scope="session", autouse=True)
def _output() -> None:
    """Begin with an empty folder of screenshots."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()


@pytest.fixture
async def page(socket_enabled: None, request: pytest.FixtureRequest) -> AsyncGenerator[Page]:
    """Open a page in a headless browser with an empty profile; what it showed last is kept."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=list(BROWSER_FLAGS))
        opened = await browser.new_page(viewport=VIEWPORT_PIXELS, locale="en-GB")
        opened.set_default_timeout(PATIENCE_MS)
        yield opened
        await opened.screenshot(path=OUTPUT / f"last-{request.node.name}.png")
        await browser.close()
