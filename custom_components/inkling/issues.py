"""Repairs: what the user should know and can do, raised and cleared from one place."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .model_files import FoundModel, Origin

_MODEL = "model_"
_FORECAST = "forecast_model_"
_FORECAST_RUNTIME_ID = "forecast_failed"
_RUNTIME_ID = "runtime_failed"
_BACKEND_ID = "backend_missing"
MISSING = "missing_entities_"
MOVED = "moved_entities_"
HOME_SCOPE = "home"


@callback
def sync_model_issues(hass: HomeAssistant, found: FoundModel) -> None:
    """Raise one repair for each refused model file, and clear those that no longer hold."""
    wanted = set()
    for problem in found.problems:
        issue_id = f"{_MODEL}{problem.origin}_{problem.fault}"
        wanted.add(issue_id)
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR if found.model is None else ir.IssueSeverity.WARNING,
            # A home's own model has a stand-in, the shipped one has none: two sentences.
            translation_key=f"{'home_model' if problem.origin is Origin.HOME else 'model'}_{problem.fault}",
            translation_placeholders={"file": problem.file, "detail": problem.detail},
        )
    if found.backend_missing:
        wanted.add(_BACKEND_ID)
        ir.async_create_issue(
            hass,
            DOMAIN,
            _BACKEND_ID,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=_BACKEND_ID,
        )
    stale = [issue_id for issue_id in _ids(hass) if issue_id.startswith(_MODEL) or issue_id == _BACKEND_ID]
    _delete(hass, set(stale) - wanted)
    clear_runtime_issue(hass)


@callback
def sync_forecast_issues(hass: HomeAssistant, found: FoundModel) -> None:
    """Raise one repair for each refused forecast model, and clear those that no longer hold; occupancy goes on."""
    wanted = set()
    for problem in found.problems:
        wanted.add(issue_id := f"{_FORECAST}{problem.origin}_{problem.fault}")
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="home_forecast_model" if problem.origin is Origin.HOME else "forecast_model",
            translation_placeholders={"file": problem.file, "detail": problem.detail},
        )
    _delete(hass, {issue_id for issue_id in _ids(hass) if issue_id.startswith(_FORECAST)} - wanted)
    clear_forecast_issue(hass)


@callback
def raise_forecast_issue(hass: HomeAssistant, model: str, failures: int) -> None:
    """Say that a forecast model was given up."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _FORECAST_RUNTIME_ID,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_FORECAST_RUNTIME_ID,
        translation_placeholders={"model": model, "failures": str(failures)},
    )


@callback
def clear_forecast_issue(hass: HomeAssistant) -> None:
    """Take back that a forecast model was given up."""
    ir.async_delete_issue(hass, DOMAIN, _FORECAST_RUNTIME_ID)


@callback
def raise_runtime_issue(hass: HomeAssistant, model: str, failures: int) -> None:
    """Say that a model was given up."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _RUNTIME_ID,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=_RUNTIME_ID,
        translation_placeholders={"model": model, "failures": str(failures)},
    )


@callback
def clear_runtime_issue(hass: HomeAssistant) -> None:
    """Take back that a model was given up."""
    ir.async_delete_issue(hass, DOMAIN, _RUNTIME_ID)


@callback
def sync_entity_issue(
    hass: HomeAssistant, kind: str, scope: str, title: str, entity_ids: Iterable[str], data: dict[str, str]
) -> None:
    """Raise, change or clear a scope's repair about entities: a room's, or the home's.

    `kind` is MISSING or MOVED; `data` is what the fix flow needs to open the right form.
    """
    listed = "\n".join(f"- `{entity_id}`" for entity_id in sorted(entity_ids))
    issue_id = f"{kind}{scope}"
    if not listed:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=kind.rstrip("_"),
        translation_placeholders={"room": title, "entities": listed},
        data={**data, "room": title, "entities": listed},
    )


@callback
def forget_other_rooms(hass: HomeAssistant, scopes: Iterable[str]) -> None:
    """Delete the repairs of rooms that no longer exist."""
    kept = {f"{kind}{scope}" for kind in (MISSING, MOVED) for scope in scopes}
    _delete(hass, {found for found in _ids(hass) if found.startswith((MISSING, MOVED))} - kept)


@callback
def delete_all(hass: HomeAssistant) -> None:
    """Delete every repair of ours."""
    _delete(hass, _ids(hass))


def _ids(hass: HomeAssistant) -> set[str]:
    """Return the ids of our repairs."""
    return {issue_id for domain, issue_id in ir.async_get(hass).issues if domain == DOMAIN}


def _delete(hass: HomeAssistant, issue_ids: Iterable[str]) -> None:
    """Delete some repairs."""
    for issue_id in issue_ids:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
