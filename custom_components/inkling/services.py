"""Actions: what an automation or a curious user may ask of Inkling."""

import asyncio
from dataclasses import replace
from pathlib import Path

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util.json import JsonObjectType

from .const import CONF_BACKEND, DOMAIN
from .core.backends import BackendKind
from .data import InklingConfigEntry
from .export_trace import SCHEMA, async_export
from .forecast_setup import async_load_forecast_model, priors_of
from .issues import sync_model_issues
from .model_files import FoundModel, load_model
from .rooms import decision_parameters
from .services_fault import async_setup_fault_services
from .services_forecast import async_setup_forecast_services
from .services_label import async_setup_label_services
from .trace_view import async_setup_trace_view

SERVICE_EXPORT_TRACE = "export_trace"
SERVICE_RELOAD_MODELS = "reload_models"


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, which exist whether or not an entry is loaded."""

    async def reload_models(_: ServiceCall) -> ServiceResponse:
        """Read the model files again."""
        found, found_forecast = await _async_reload_models(hass, _loaded_entry(hass))
        return {**_response(found), "forecast": _response(found_forecast)}

    async_setup_forecast_services(hass)
    async_setup_fault_services(hass)
    async_setup_label_services(hass)
    exporting = asyncio.Lock()
    async_setup_trace_view(hass, exporting)

    async def export_trace(call: ServiceCall) -> ServiceResponse:
        """Write the home's history as a trace; one at a time, since each reads the whole database."""
        async with exporting:
            return await async_export(hass, _loaded_entry(hass), call.data)

    async_register_admin_service(
        hass, DOMAIN, SERVICE_EXPORT_TRACE, export_trace, SCHEMA, supports_response=SupportsResponse.OPTIONAL
    )
    async_register_admin_service(
        hass, DOMAIN, SERVICE_RELOAD_MODELS, reload_models, supports_response=SupportsResponse.OPTIONAL
    )


def _loaded_entry(hass: HomeAssistant) -> InklingConfigEntry:
    """Return the one entry that runs; say so when there is none."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED:
            return entry
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_loaded")


async def _async_reload_models(hass: HomeAssistant, entry: InklingConfigEntry) -> tuple[FoundModel, FoundModel]:
    """Swap the models in place: windows, decisions and entities stay as they are."""
    wished = BackendKind(entry.options.get(CONF_BACKEND, BackendKind.PORTABLE))
    found = await hass.async_add_executor_job(load_model, Path(hass.config.config_dir), wished)
    parameters = None if found.model is None else decision_parameters(entry, found.model.manifest.decision)
    await entry.runtime_data.coordinator.async_swap_model(found.model, parameters)
    found_forecast = await async_load_forecast_model(hass, entry)
    entry.runtime_data.forecasting.store.use(priors_of(found_forecast.model))
    entry.runtime_data.forecasting.use(found_forecast.model)
    entry.runtime_data = replace(entry.runtime_data, found=found, found_forecast=found_forecast)
    entry.runtime_data.labelling.use(found.model)
    sync_model_issues(hass, found)
    return found, found_forecast


def _response(found: FoundModel) -> JsonObjectType:
    """Return what was loaded and what was refused, for whoever asks."""
    loaded: JsonObjectType | None = None
    if found.model is not None:
        loaded = {
            "name": found.model.manifest.name,
            "version": found.model.manifest.version,
            "origin": str(found.origin),
            "backend": found.model.backend.name,
        }
    return {
        "loaded": loaded,
        "refused": [
            {"file": item.file, "origin": str(item.origin), "fault": str(item.fault), "detail": item.detail}
            for item in found.problems
        ],
    }
