"""The panel: in the sidebar while there is an entry, over reloads, and nowhere without a frontend."""

import json
import re

from homeassistant.components.frontend import DATA_PANELS, async_panel_exists
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.inkling.cards import FOLDER
from custom_components.inkling.const import DOMAIN
from custom_components.inkling.panel import MODULE

from .conftest import set_up

IMPORTED = re.compile(r'^(?:import|export)\b[^;"]*?(?:from |import )"([^"]+)";$|^import "([^"]+)";$', re.MULTILINE)
# A sentence's key is a text or a template: in `t(...)`, in a list of keys, or in a choice between two.
QUOTED = re.compile(r'"([a-z][a-z0-9_]*)"')
TEMPLATE = re.compile(r"`(?:([a-z0-9_]+)\$\{[^}]*\}|\$\{[^}]*\}(_[a-z0-9_]+))`")
CALLED = re.compile(r'\bt\(\s*"([a-z][a-z0-9_]*)"')
pytestmark = pytest.mark.usefixtures("hand_loaded")


@pytest.fixture
async def frontend(hass: HomeAssistant) -> None:
    """Serve pages."""
    assert await async_setup_component(hass, "frontend", {})


@pytest.mark.usefixtures("frontend", "socket_enabled")
async def test_the_panel_and_its_module(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Stand in the sidebar for everybody and behind the integration's button, and serve what it names."""
    await set_up(hass, entry)
    panel = hass.data[DATA_PANELS][DOMAIN]
    assert (panel.sidebar_title, panel.require_admin, panel.config_panel_domain) == ("Inkling", False, DOMAIN)
    assert panel.config is not None
    config = panel.config["_panel_custom"]
    assert (config["name"], config["embed_iframe"], config["trust_external"]) == ("inkling-panel", False, False)
    client = await hass_client_no_auth()
    response = await client.get(config["module_url"])
    assert response.status == 200
    assert "javascript" in response.headers["Content-Type"]
    assert 'define("inkling-panel"' in await response.text()
    assert config["module_url"].endswith(f"/{MODULE}")


@pytest.mark.usefixtures("frontend")
async def test_the_panel_stays_over_a_reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Throw nobody out who looks at it while rooms are changed."""
    await set_up(hass, entry)
    updates = async_capture_events(hass, "panels_updated")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert async_panel_exists(hass, DOMAIN)
    assert updates == []


@pytest.mark.usefixtures("frontend")
async def test_the_panel_goes_with_the_entry(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Go when Inkling is disabled or removed, come back when it is, and take no notice of others."""
    await set_up(hass, entry)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()
    assert not async_panel_exists(hass, DOMAIN)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await hass.async_block_till_done()
    assert async_panel_exists(hass, DOMAIN)
    await hass.config_entries.async_remove(entry.entry_id)
    MockConfigEntry(domain="test").add_to_hass(hass)
    other = MockConfigEntry(domain="test")
    other.add_to_hass(hass)
    hass.config_entries.async_update_entry(other, title="Other")
    await hass.async_block_till_done()
    assert not async_panel_exists(hass, DOMAIN)


async def test_a_home_without_pages(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Register no panel where nobody can open one."""
    await set_up(hass, entry)
    assert not async_panel_exists(hass, DOMAIN)


def test_every_module_is_small_and_on_its_own() -> None:
    """Import only what lies beside it: no build step, no other host."""
    for path in FOLDER.rglob("*.js"):
        source = path.read_text(encoding="utf-8")
        for found in map("".join, IMPORTED.findall(source)):
            assert found.startswith("./"), f"{path.name} imports {found}"
            assert (path.parent / found).is_file(), f"{path.name} imports {found}"
        assert source.count("\n") <= 400, path.name


def test_every_sentence_is_there_and_used() -> None:
    """Name no sentence that the translations lack, and translate none that nobody reads."""
    strings = json.loads((FOLDER.parent / "strings.json").read_text(encoding="utf-8"))["config_panel"]["panel"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("panel*.js"))
    assert set(CALLED.findall(source)) <= strings.keys()
    begins, ends = zip(*TEMPLATE.findall(source), strict=True)
    made = [
        key for key in strings if key.startswith(tuple(filter(None, begins))) or key.endswith(tuple(filter(None, ends)))
    ]
    assert strings.keys() - set(QUOTED.findall(source)) - set(made) == set()
