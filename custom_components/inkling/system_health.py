"""A few lines for Home Assistant's system information."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import get_instance

from .const import DOMAIN
from .core.pipeline import Model
from .history import has_recorder
from .rooms import rooms_of


@callback
def async_register(
    hass: HomeAssistant,  # noqa: ARG001 - the platform's signature
    register: system_health.SystemHealthRegistration,
) -> None:
    """Offer the lines."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return which model runs where, and over how much."""
    entries = hass.config_entries.async_entries(DOMAIN)
    loaded = [entry for entry in entries if entry.state is ConfigEntryState.LOADED]
    if not loaded:
        return {"rooms": 0}
    entry = loaded[0]
    model = entry.runtime_data.found.model
    seconds = entry.runtime_data.coordinator.timings.newest("inference")
    return {
        "rooms": len(rooms_of(entry)),
        "signals": len(entry.runtime_data.ingest.bindings),
        "watched": len(entry.runtime_data.faults.plan.signals),
        "history": f"{get_instance(hass).keep_days} d" if has_recorder(hass) else "none",
        "model": _named(model),
        "forecast_model": _named(entry.runtime_data.found_forecast.model),
        "backend": "none" if model is None else model.backend.name,
        "inference": "never" if seconds is None else f"{seconds * 1000.0:.1f} ms",
    }


def _named(model: Model | None) -> str:
    """Return a model's name and version."""
    return "none" if model is None else f"{model.manifest.name} {model.manifest.version}"
