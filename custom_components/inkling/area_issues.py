"""Repairs about areas: sensors that came later, one repair an area, and areas that were deleted."""

from collections.abc import Callable, Iterable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .area_news import AreaNews
from .const import DOMAIN
from .rooms import RoomConfig

NEWS = "new_sensors_"
_NEW_ROOM = "new_room"
GONE = "area_gone_"


@callback
def sync_area_issues(
    hass: HomeAssistant,
    entry_id: str,
    news: Iterable[AreaNews],
    homeless: Iterable[RoomConfig],
    name_of: Callable[[str], str],
) -> None:
    """Raise or change the repairs that hold, and take back those that no longer do."""
    wanted = set()
    for item in news:
        wanted.add(issue_id := f"{NEWS}{item.area_id}")
        listed = "\n".join(f"- {name_of(entity_id)} (`{entity_id}`)" for entity_id in item.entity_ids)
        names = {"area": item.name, "entities": listed}
        key = _NEW_ROOM if item.room is None else NEWS.rstrip("_")
        _raise(hass, issue_id, key, names, {"entry_id": entry_id, "area_id": item.area_id})
    for room in homeless:
        wanted.add(issue_id := f"{GONE}{room.id}")
        _raise(hass, issue_id, GONE.rstrip("_"), {"room": room.title}, {"entry_id": entry_id, "subentry_id": room.id})
    _take_back(hass, wanted)


@callback
def _raise(hass: HomeAssistant, issue_id: str, key: str, names: dict[str, str], target: dict[str, str]) -> None:
    """Raise one repair, or change what it says; ignored, it stays ignored."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders=names,
        data={**names, **target},
    )


@callback
def _take_back(hass: HomeAssistant, wanted: set[str]) -> None:
    """Delete the repairs that no longer hold."""
    registry = ir.async_get(hass)
    for domain, issue_id in list(registry.issues):
        if domain != DOMAIN or not issue_id.startswith((NEWS, GONE)) or issue_id in wanted:
            continue
        # Deleting it would forget that the user ignored it, and a sensor that comes back would bother them again.
        if registry.issues[domain, issue_id].dismissed_version is None:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
