"""The actions about forecasts: a whole day ahead, and how good forecasts have been."""

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .const import DOMAIN, HORIZONS_MINUTES
from .core.slots import SLOT_SECONDS
from .forecasting import Forecasting
from .label_card import label_card
from .outlook import curve
from .targets import async_targets, needed_entry

SERVICE_FORECAST = "forecast"
SERVICE_REPORT_CARD = "report_card"
SCHEMA = vol.Schema(dict(cv.TARGET_SERVICE_FIELDS))


@callback
def async_setup_forecast_services(hass: HomeAssistant) -> None:
    """Register the actions, which exist whether or not an entry is loaded."""

    async def forecast(call: ServiceCall) -> ServiceResponse:
        """Answer with the day ahead of what is targeted."""
        entry = needed_entry(hass)
        found = await async_targets(hass, entry, call)
        return {entity_id: day_of(entry.runtime_data.forecasting, monitor) for entity_id, monitor in found.items()}

    async def report_card(call: ServiceCall) -> ServiceResponse:
        """Answer with how good the forecasts of what is targeted have been, and its answers where users said better."""
        entry = needed_entry(hass)
        found = await async_targets(hass, entry, call)
        runtime = entry.runtime_data
        return {
            entity_id: {**card_of(runtime.forecasting, monitor), "feedback": label_card(runtime.labelling, monitor)}
            for entity_id, monitor in found.items()
        }

    for name, handler in ((SERVICE_FORECAST, forecast), (SERVICE_REPORT_CARD, report_card)):
        hass.services.async_register(DOMAIN, name, handler, SCHEMA, supports_response=SupportsResponse.ONLY)


def _iso(t: float | None) -> str | None:
    """Return an instant (epoch seconds) on the clock of the wall."""
    return None if t is None else dt_util.as_local(dt_util.utc_from_timestamp(t)).isoformat()


@callback
def day_of(forecasting: Forecasting, monitor: str) -> JsonObjectType:
    """Return a monitor's newest forecast, for actions and cards."""
    outlook = forecasting.outlooks[monitor]
    return {
        "made_at": None if outlook.unknown is not None else _iso(outlook.made_at),
        "next_occupied": _iso(outlook.next_occupied),
        "next_vacant": _iso(outlook.next_vacant),
        "unknown": None if outlook.unknown is None else str(outlook.unknown),
        "forecast": [*curve(outlook, forecasting.options.threshold)],
    }


@callback
def card_of(forecasting: Forecasting, monitor: str) -> JsonObjectType:
    """Return a monitor's scores by horizon; the truth they are scored by is its own decision."""
    now = dt_util.utcnow().timestamp()
    history = forecasting.store.histories.get(monitor)
    view = None if history is None else history.view(now)
    return {
        "since": None if view is None or not len(view.shares) else _iso(view.first * SLOT_SECONDS),
        "truth": "own_decision",
        "horizons": {str(minutes): _scores(forecasting, monitor, minutes) for minutes in HORIZONS_MINUTES},
    }


def _scores(forecasting: Forecasting, monitor: str, minutes: int) -> JsonObjectType:
    """Return one horizon's scores."""
    skill = forecasting.store.skill.skill(monitor, minutes)
    return {
        "count": skill.count,
        "brier": None if skill.brier is None else round(skill.brier, 4),
        "baseline": skill.baseline,
        "baseline_brier": None if skill.baseline_brier is None else round(skill.baseline_brier, 4),
        "skill": None if skill.skill is None else round(skill.skill, 4),
        "shown": skill.shown,
        "reason": str(skill.reason),
    }
