"""How bad what stands of a device is: what triggers, conditions and sentences ask for."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.typing import VolDictType
import voluptuous as vol

from .const import DOMAIN
from .core.faults.classes import Severity
from .fault_status import FaultStatus
from .targets import loaded_entry

CONF_SEVERITY = "severity"
_ORDER = list(Severity)


def is_at_least(severity: object, least: Severity) -> bool:
    """Return whether a severity, as an entity tells it, is so bad or worse."""
    return severity in _ORDER and _ORDER.index(Severity(str(severity))) >= _ORDER.index(least)


@callback
def status_of_entity(hass: HomeAssistant, entity_id: str) -> FaultStatus | None:
    """Return the status of the device that an entity of ours is about."""
    found = er.async_get(hass).async_get(entity_id)
    if (entry := loaded_entry(hass)) is None or found is None or found.config_subentry_id is None:
        return None
    return entry.runtime_data.faults.statuses.get(found.config_subentry_id)


@callback
def ours(hass: HomeAssistant, entity_ids: Iterable[str]) -> set[str]:
    """Return the entities that Inkling made."""
    registry = er.async_get(hass)
    entries = {entity_id: registry.async_get(entity_id) for entity_id in entity_ids}
    return {entity_id for entity_id, entry in entries.items() if entry is not None and entry.platform == DOMAIN}


def _severity(value: object) -> Severity:
    """Return a severity; say which there are."""
    if value not in _ORDER:
        raise vol.Invalid(f"{CONF_SEVERITY} must be one of {', '.join(_ORDER)}")
    return Severity(str(value))


SEVERITY_OPTIONS: VolDictType = {vol.Required(CONF_SEVERITY, default=Severity.WARNING): _severity}
