"""Repairs about faults: warnings and worse only, one a device, closed when well, and an ignored one stays ignored."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .core.faults.classes import Alarm, Severity
from .fault_phrases import Speaker
from .fault_status import is_serious, ranked

FAULT = "fault_"


@callback
def sync_fault_issues(hass: HomeAssistant, entry_id: str, speaker: Speaker, alarms: Iterable[Alarm]) -> None:
    """Raise one repair for each faulty device, and close those of devices that are well again."""
    wanted: dict[str, Alarm] = {}
    for alarm in ranked(alarm for alarm in alarms if is_serious(alarm)):
        wanted.setdefault(alarm.device or alarm.target, alarm)
    by_id = {f"{FAULT}{target}_{alarm.fault}": alarm for target, alarm in wanted.items()}
    for issue_id, alarm in by_id.items():
        _raise(hass, entry_id, issue_id, speaker, alarm)
    registry = ir.async_get(hass)
    for domain, issue_id in list(registry.issues):
        if domain != DOMAIN or not issue_id.startswith(FAULT) or issue_id in by_id:
            continue
        # Deleting it would forget that the user ignored it, and the next alarm would bother them again.
        if registry.issues[domain, issue_id].dismissed_version is None:
            ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def _raise(hass: HomeAssistant, entry_id: str, issue_id: str, speaker: Speaker, alarm: Alarm) -> None:
    """Raise one repair, or leave the one that stands as it is."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    if found is not None and found.active:
        return
    placeholders = {
        "name": speaker.title(alarm),
        "type": speaker.phrases[f"fault_type_{alarm.fault}"],
        "evidence": speaker.evidence(alarm),
    }
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR if alarm.severity is Severity.CRITICAL else ir.IssueSeverity.WARNING,
        translation_key="fault",
        translation_placeholders=placeholders,
        data={**placeholders, "entry_id": entry_id, "signal": alarm.signal},
    )
