"""The panel in the sidebar: there while Inkling is, for everybody, since it shows nobody what they may not read."""

from typing import Final

from homeassistant.components import frontend, panel_custom
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .const import DOMAIN
from .ws_panel import async_setup_panel_websocket

URL_PATH: Final = DOMAIN
ELEMENT: Final = "inkling-panel"
MODULE: Final = "panel.js"
TITLE: Final = "Inkling"
ICON: Final = "mdi:home-search-outline"


@callback
def async_setup_panel(hass: HomeAssistant, url: str | None) -> None:
    """Register what the panel asks, and show it while there is an entry; `url` is where its modules are served."""
    async_setup_panel_websocket(hass)
    if url is None or "frontend" not in hass.config.components:
        return

    @callback
    def sync() -> None:
        """Show or hide the panel; a reload leaves it, so that nobody is thrown out who looks at it."""
        entries = hass.config_entries.async_entries(DOMAIN, include_disabled=False)
        is_shown = frontend.async_panel_exists(hass, URL_PATH)
        if entries and not is_shown:
            hass.async_create_task(_async_show(hass, f"{url}/{MODULE}"), "Inkling panel")
        elif is_shown and not entries:
            frontend.async_remove_panel(hass, URL_PATH)

    @callback
    def handle_entry(_: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Look again when an entry of ours was added, removed, enabled or disabled."""
        if entry.domain == DOMAIN:
            sync()

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, handle_entry)
    sync()


async def _async_show(hass: HomeAssistant, module_url: str) -> None:
    """Put the panel into the sidebar, and behind the integration's own button."""
    await panel_custom.async_register_panel(
        hass,
        frontend_url_path=URL_PATH,
        webcomponent_name=ELEMENT,
        sidebar_title=TITLE,
        sidebar_icon=ICON,
        module_url=module_url,
        require_admin=False,
        config_panel_domain=DOMAIN,
    )
