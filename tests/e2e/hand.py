"""A hand that counts its clicks."""

from dataclasses import dataclass, field
import time

from playwright.async_api import Locator, Page


@dataclass(slots=True)
class Hand:
    """Clicks on a page, one thing after the other, and remembers on what and when."""

    page: Page
    clicks: list[str] = field(default_factory=list)
    _began: float | None = None

    async def click(self, target: Locator, name: str) -> None:
        """Click on something once it is there."""
        self._count(name)
        await target.click()

    async def follow(self, url: str, name: str) -> None:
        """Click on a link that stands elsewhere, such as a button in the documentation."""
        self._count(name)
        await self.page.goto(url)

    @property
    def passed_seconds(self) -> float:
        """Return how long ago the first click was."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    def _count(self, name: str) -> None:
        """Count a click before it is made, so that one that hangs is seen in the list."""
        if self._began is None:
            self._began = time.monotonic()
        self.clicks.append(name)
