"""Hold a part of a page to WCAG with axe-core."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Locator

GRAVE = ("serious", "critical")


async def grave_findings(part: Locator) -> list[str]:
    """Return what axe finds serious or critical in a part of a page, shadow trees included; empty when all is well."""
    await part.page.evaluate(AXE_SCRIPT)
    found = await part.evaluate("async (part) => (await axe.run(part, { resultTypes: ['violations'] })).violations")
    return [
        f"{row['id']} ({row['impact']}): {node['html']}"
        for row in found
        if row["impact"] in GRAVE
        for node in row["nodes"]
    ]
