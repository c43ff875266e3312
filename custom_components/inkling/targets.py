"""Which room, or the home, an entity of ours speaks for."""

from collections.abc import Iterable

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .const import DOMAIN
from .data import InklingConfigEntry
from .rooms import monitors_of, rooms_of


@callback
def loaded_entry(hass: HomeAssistant) -> InklingConfigEntry | None:
    """Return the one entry that runs, None when there is none."""
    entries = hass.config_entries.async_entries(DOMAIN)
    return next((entry for entry in entries if entry.state is ConfigEntryState.LOADED), None)


@callback
def needed_entry(hass: HomeAssistant) -> InklingConfigEntry:
    """Return the one entry that runs; say so when there is none."""
    if (entry := loaded_entry(hass)) is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_loaded")
    return entry


@callback
def occupancy_entity(hass: HomeAssistant, monitor: str) -> str | None:
    """Return the entity that stands for a room or the home."""
    return er.async_get(hass).async_get_entity_id("binary_sensor", DOMAIN, f"{monitor}_occupancy")


@callback
def monitor_of(hass: HomeAssistant, entry: InklingConfigEntry, entity_id: str) -> str | None:
    """Return the room or home an entity of ours is about, None when it is not ours or about a device."""
    found = er.async_get(hass).async_get(entity_id)
    if found is None or found.config_entry_id != entry.entry_id:
        return None
    monitor = found.config_subentry_id or entry.entry_id
    return monitor if monitor == entry.entry_id or monitor in rooms_of(entry) else None


async def async_targets(
    hass: HomeAssistant, entry: InklingConfigEntry, call: ServiceCall, policy: str = POLICY_READ
) -> dict[str, str]:
    """Return what an action is about, the room or home by entity; everything when it names nothing.

    Raise ServiceValidationError where it names what is not ours, Unauthorized what its user may not read, or
    control where that is the `policy`.
    """
    selection = TargetSelection(call.data)
    if not selection.has_any_target:
        found = _by_occupancy(hass, [monitor.id for monitor in monitors_of(entry)])
    else:
        found = _selected(hass, entry, selection)
    if not found:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="nothing_targeted")
    await async_check_user(hass, call, found, policy)
    return found


def _selected(hass: HomeAssistant, entry: InklingConfigEntry, selection: TargetSelection) -> dict[str, str]:
    """Return what a target names: entities as themselves, devices and areas by their occupancy."""
    selected = async_extract_referenced_entity_ids(hass, selection)
    found = {}
    for entity_id in sorted(selected.referenced):
        if (monitor := monitor_of(hass, entry, entity_id)) is None:
            placeholders = {"entity": entity_id}
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="not_an_entity", translation_placeholders=placeholders
            )
        found[entity_id] = monitor
    monitors = {monitor_of(hass, entry, entity_id) for entity_id in selected.indirectly_referenced} - {None}
    return _by_occupancy(hass, sorted(monitor for monitor in monitors if monitor is not None)) | found


def _by_occupancy(hass: HomeAssistant, monitors: Iterable[str]) -> dict[str, str]:
    """Return rooms by the entity that stands for them."""
    return {entity_id: monitor for monitor in monitors if (entity_id := occupancy_entity(hass, monitor)) is not None}


async def async_check_user(
    hass: HomeAssistant, call: ServiceCall, entity_ids: Iterable[str], policy: str = POLICY_READ
) -> None:
    """Let nobody read or control through an action what they may not by themselves."""
    if call.context.user_id is None or (user := await hass.auth.async_get_user(call.context.user_id)) is None:
        return
    for entity_id in entity_ids:
        if not user.permissions.check_entity(entity_id, policy):
            raise Unauthorized(context=call.context, entity_id=entity_id, permission=policy)
