"""What the user chose about forecasts: horizons, threshold, and who knows the free days."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.const import PERCENTAGE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from .const import (
    CONF_FREE_DAYS,
    CONF_HORIZONS,
    CONF_THRESHOLD,
    CONF_WORKDAY,
    DEFAULT_HORIZONS,
    DEFAULT_THRESHOLD_PERCENT,
    HORIZONS_MINUTES,
    THRESHOLD_LIMITS_PERCENT,
)
from .forms import Refusal
from .ingest import has_state

SECTION = "forecast"
_WORKDAY = "workday"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastOptions:
    """The options of forecasts; a threshold is a probability."""

    horizons_minutes: tuple[int, ...]
    threshold: float
    workday: str | None
    free_days: str | None


def forecast_options(options: Mapping[str, Any]) -> ForecastOptions:
    """Return an entry's options about forecasts, with the defaults where nothing was chosen."""
    chosen = {int(minutes) for minutes in options.get(CONF_HORIZONS, DEFAULT_HORIZONS)}
    return ForecastOptions(
        horizons_minutes=tuple(minutes for minutes in HORIZONS_MINUTES if minutes in chosen),
        threshold=float(options.get(CONF_THRESHOLD, DEFAULT_THRESHOLD_PERCENT)) / 100.0,
        workday=options.get(CONF_WORKDAY),
        free_days=options.get(CONF_FREE_DAYS),
    )


def forecast_schema(options: Mapping[str, Any]) -> vol.Schema:
    """Return the fields about forecasts, with what holds now filled in."""
    low, high = THRESHOLD_LIMITS_PERCENT
    percent = NumberSelectorConfig(
        min=low, max=high, step=1, unit_of_measurement=PERCENTAGE, mode=NumberSelectorMode.SLIDER
    )
    horizons = SelectSelectorConfig(
        options=[str(minutes) for minutes in HORIZONS_MINUTES],
        translation_key=CONF_HORIZONS,
        multiple=True,
        mode=SelectSelectorMode.LIST,
    )
    threshold = options.get(CONF_THRESHOLD, DEFAULT_THRESHOLD_PERCENT)
    chosen = list(options.get(CONF_HORIZONS, DEFAULT_HORIZONS))
    workday = EntitySelectorConfig(filter=[{"domain": "binary_sensor", "integration": _WORKDAY}])
    return vol.Schema(
        {
            vol.Required(CONF_HORIZONS, default=chosen): SelectSelector(horizons),
            vol.Required(CONF_THRESHOLD, default=threshold): NumberSelector(percent),
            _entity(CONF_WORKDAY, options): EntitySelector(workday),
            _entity(CONF_FREE_DAYS, options): EntitySelector(EntitySelectorConfig(filter=[{"domain": "calendar"}])),
        }
    )


def kept_forecast(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what holds now, for an answer that says nothing about forecasts."""
    chosen = {key: options[key] for key in (CONF_WORKDAY, CONF_FREE_DAYS) if key in options}
    defaults: dict[str, Any] = forecast_schema(options)({})
    return chosen | defaults


def _entity(key: str, options: Mapping[str, Any]) -> vol.Optional:
    """Return an optional field for an entity, with the one that is chosen filled in."""
    return vol.Optional(key, description={"suggested_value": options.get(key)})


@callback
def forecast_refusal(hass: HomeAssistant, options: Mapping[str, Any]) -> Refusal | None:
    """Return why what was chosen cannot tell free days, None when it can; the pickers' filters only guide the eye."""
    workday, calendar = options.get(CONF_WORKDAY), options.get(CONF_FREE_DAYS)
    if workday is not None and _platform(hass, workday, "binary_sensor") != _WORKDAY:
        return Refusal("not_a_workday", workday)
    if calendar is None:
        return None
    # The workday integration's own calendar lists the days on which people do work.
    if _platform(hass, calendar, "calendar") in (None, _WORKDAY):
        return Refusal("not_free_days", calendar)
    return None


@callback
def _platform(hass: HomeAssistant, entity_id: str, domain: str) -> str | None:
    """Return which integration an entity of a domain is from, "" when nobody says, None without such an entity."""
    if entity_id.split(".", 1)[0] != domain:
        return None
    entry = er.async_get(hass).async_get(entity_id)
    if entry is None:
        return "" if has_state(hass, entity_id) else None
    return entry.platform
