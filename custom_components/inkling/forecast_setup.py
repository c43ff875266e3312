"""What forecasts need at set-up: their model, what was learned, the days' kinds; and what keeps the days right."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event, async_track_time_change
from homeassistant.helpers.start import async_at_started

from .const import CONF_BACKEND
from .coordinator import InklingCoordinator
from .core.backends import BackendKind
from .core.manifest import Task
from .core.pipeline import Model
from .core.skill import HorizonPrior
from .day_kinds import DayKinds
from .forecast_options import forecast_options
from .forecasting import Forecasting
from .issues import sync_forecast_issues
from .model_files import FoundModel, load_model
from .rooms import monitors_of
from .slot_store import LearnedStore

if TYPE_CHECKING:
    from .data import InklingConfigEntry


async def async_load_forecast_model(hass: HomeAssistant, entry: InklingConfigEntry) -> FoundModel:
    """Return the forecast model that fits, with a repair for what does not."""
    wished = BackendKind(entry.options.get(CONF_BACKEND, BackendKind.PORTABLE))
    found = await hass.async_add_executor_job(load_model, Path(hass.config.config_dir), wished, Task.FORECAST)
    sync_forecast_issues(hass, found)
    return found


async def async_make_forecasting(
    hass: HomeAssistant,
    entry: InklingConfigEntry,
    coordinator: InklingCoordinator,
    found: FoundModel,
    people: Callable[[], float | None],
) -> Forecasting:
    """Return what forecasts, with all that was learned before."""
    monitors = monitors_of(entry)
    options = forecast_options(entry.options)
    store = LearnedStore(hass, entry.entry_id)
    await store.async_load([monitor.id for monitor in monitors])
    store.use(priors_of(found.model))
    return Forecasting(
        hass,
        entry,
        coordinator=coordinator,
        monitors=monitors,
        store=store,
        days=DayKinds(hass, store, options),
        model=found.model,
        people=people,
    )


def priors_of(model: Model | None) -> dict[int, HorizonPrior]:
    """Return what was measured of a model before shipping, by minutes ahead; nothing where its manifest is silent."""
    if model is None:
        return {}
    horizons = model.manifest.evaluation.get("horizons")
    found = {}
    for minutes, scores in (horizons if isinstance(horizons, Mapping) else {}).items():
        if str(minutes).isdecimal() and (prior := _prior(scores)) is not None:
            found[int(minutes)] = prior
    return found


def _prior(scores: Any) -> HorizonPrior | None:  # noqa: ANN401 - whatever a manifest holds
    """Return a horizon's measured scores, None where they are not two Brier scores."""
    if not isinstance(scores, Mapping):
        return None
    brier, baseline = scores.get("brier"), scores.get("baseline_brier")
    if not isinstance(brier, float) or not isinstance(baseline, float):
        return None
    if not (0.0 <= brier <= 1.0 and 0.0 <= baseline <= 1.0):
        return None
    return HorizonPrior(brier=brier, baseline_brier=baseline)


@callback
def follow_days(hass: HomeAssistant, entry: InklingConfigEntry, forecasting: Forecasting) -> CALLBACK_TYPE:
    """Keep the calendar right: over midnight, another time zone, and sources that come late; return what ends it."""
    sources = [source for source in (forecasting.options.workday, forecasting.options.free_days) if source is not None]

    async def refresh() -> None:
        """Ask about the days anew and lay them out."""
        await forecasting.days.async_refresh()
        forecasting.use_calendar()

    @callback
    def begin(_: object = None) -> None:
        """Ask without holding anything up."""
        entry.async_create_background_task(hass, refresh(), "Inkling calendar")

    @callback
    def handle_source(event: Event[EventStateChangedData]) -> None:
        """Ask a source that has just come back, or that says something else now."""
        new = event.data["new_state"]
        if new is not None and new.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            begin()

    stops = [
        async_track_time_change(hass, begin, hour=0, minute=0, second=5),
        hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, begin),
        async_track_state_change_event(hass, sources, handle_source),
        # Before everything is loaded, other integrations' actions do not exist.
        async_at_started(hass, begin),
    ]

    @callback
    def stop() -> None:
        """Stop following."""
        for unsubscribe in stops:
            unsubscribe()

    return stop
