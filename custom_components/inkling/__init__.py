"""Inkling: small TFLite models that say, per room, whether somebody is there."""

import asyncio
import logging
from pathlib import Path

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .area_watch import AreaWatch
from .assist import start_assist
from .bootstrap import start_bootstrap
from .cards import async_setup_cards
from .const import CONF_BACKEND, DOMAIN, PLATFORMS, WARMUP_TIMEOUT_SECONDS
from .coordinator import InklingCoordinator
from .core.backends import BackendKind
from .data import InklingConfigEntry, RuntimeData
from .devices import ensure_hub, ensure_rooms, is_stale, move_room
from .fault_setup import async_forget_faults, async_learn_past, async_make_faults, follow_registry
from .forecast_setup import async_load_forecast_model, async_make_forecasting, follow_days
from .health_issues import follow_health
from .home_monitor import HomeMonitor
from .ingest import Ingest
from .issues import delete_all, sync_model_issues
from .label_store import LabelStore
from .labelling import Labelling
from .model_files import load_model
from .offered import gather_offered, migrate
from .panel import async_setup_panel
from .phrases import async_load_phrases
from .renames import follow_missed
from .room import Room
from .rooms import bindings_of, decision_parameters, rooms_of
from .services import async_setup_services
from .slot_store import LearnedStore
from .store import DecisionStore
from .timing import Timings
from .warmup import async_warm
from .watch import RegistryWatch
from .websocket_api import async_setup_websocket
from .websocket_labels import async_setup_label_websocket

_LOGGER = logging.getLogger(__name__)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:  # noqa: ARG001 - the platform's signature
    """Register the actions."""
    async_setup_services(hass)
    async_setup_websocket(hass)
    async_setup_label_websocket(hass)
    async_setup_panel(hass, await async_setup_cards(hass))
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: InklingConfigEntry) -> bool:
    """Bring an entry of an earlier version up to date; Home Assistant itself refuses one of a later version."""
    migrate(hass, entry)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: InklingConfigEntry) -> bool:
    """Set up the home: load its model, follow its sensors, and judge its rooms once the history is read."""
    follow_missed(hass, entry)
    gather_offered(hass, entry)
    wished = BackendKind(entry.options.get(CONF_BACKEND, BackendKind.PORTABLE))
    found = await hass.async_add_executor_job(load_model, Path(hass.config.config_dir), wished)
    sync_model_issues(hass, found)
    timings = Timings()
    ingest = Ingest(hass, bindings_of(entry), timings)
    rooms = rooms_of(entry)
    store = DecisionStore(hass, entry.entry_id)
    await store.async_load([*rooms, entry.entry_id])
    labels = LabelStore(hass, entry.entry_id)
    await labels.async_load([*rooms, entry.entry_id])
    labelling = Labelling(hass, entry, ingest, labels)
    parameters = None if found.model is None else decision_parameters(entry, found.model.manifest.decision)
    now = dt_util.utcnow().timestamp()
    made = [
        Room(monitor, parameters, store.restored(monitor, now), labelling.feedback_of(monitor))
        for monitor in (*rooms, entry.entry_id)
    ]
    home = HomeMonitor(made[-1], ingest)
    coordinator = InklingCoordinator(
        hass,
        entry,
        ingest=ingest,
        model=found.model,
        rooms=made[:-1],
        home=home,
        store=store,
        timings=timings,
    )
    found_forecast = await async_load_forecast_model(hass, entry)
    phrases = await async_load_phrases(hass)
    hub_id = ensure_hub(hass, entry)
    new_rooms = ensure_rooms(hass, entry, hub_id, rooms.values())
    entry.runtime_data = RuntimeData(
        coordinator=coordinator,
        ingest=ingest,
        forecasting=await async_make_forecasting(hass, entry, coordinator, found_forecast, home.people_home),
        faults=await async_make_faults(hass, entry, ingest, coordinator, phrases),
        store=store,
        labelling=labelling,
        found=found,
        found_forecast=found_forecast,
        phrases=phrases,
        name_of=ingest.name_of,
        hub_id=hub_id,
    )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    for room in new_rooms:
        # Once, so that the user may move it; and late, since an entity's first id would repeat the area's name.
        move_room(hass, entry, room.id, room.area_id)
    entry.async_on_unload(labelling.start(coordinator, found.model))
    entry.async_on_unload(ingest.start(coordinator.handle_edge))
    entry.async_on_unload(RegistryWatch(hass, entry, ingest).start())
    entry.async_on_unload(start_assist(hass, entry))
    entry.async_on_unload(AreaWatch(hass, entry).start())
    faults = entry.runtime_data.faults
    entry.async_on_unload(faults.start())
    entry.async_on_unload(follow_registry(hass, entry, faults))
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    # Start-up does not wait for the database, and verdicts wait for the history.
    entry.async_create_background_task(hass, _async_begin(hass, entry), "Inkling warm start")
    return True


async def _async_begin(hass: HomeAssistant, entry: InklingConfigEntry) -> None:
    """Read the history, then begin to tick."""
    runtime = entry.runtime_data
    await _async_warm(hass, entry)

    @callback
    def warm_again() -> None:
        """Read the history up to the time a clock was set back to."""
        entry.async_create_background_task(hass, _async_warm(hass, entry), "Inkling warm start")

    stop: CALLBACK_TYPE = runtime.coordinator.start(warm_again)
    entry.async_on_unload(stop)
    runtime.forecasting.start()
    entry.async_on_unload(follow_days(hass, entry, runtime.forecasting))
    entry.async_on_unload(start_bootstrap(hass, entry))
    entry.async_on_unload(follow_health(hass, entry))
    await async_learn_past(hass, runtime.faults)


async def _async_warm(hass: HomeAssistant, entry: InklingConfigEntry) -> None:
    """Fill the windows from the recorder, within limits."""
    runtime = entry.runtime_data
    try:
        async with asyncio.timeout(WARMUP_TIMEOUT_SECONDS):
            with runtime.coordinator.timings.measure("warm_start"):
                await async_warm(hass, runtime.ingest, dt_util.utcnow().timestamp())
    except TimeoutError:
        _LOGGER.warning("Reading the history took too long, so Inkling starts with what it has")
    except Exception:
        # Without its history a home is judged by what happens from now on, which is better than not at all.
        _LOGGER.exception("The history cannot be used, so Inkling starts without it")


async def _async_reload(hass: HomeAssistant, entry: InklingConfigEntry) -> None:
    """Begin anew with changed rooms or options."""
    await hass.config_entries.async_reload(entry.entry_id)


async def async_unload_entry(hass: HomeAssistant, entry: InklingConfigEntry) -> bool:
    """Unload the platforms; listeners, timers and tasks end with the entry."""
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    runtime = entry.runtime_data
    # What is seen after this is not learned any more.
    runtime.forecasting.stop()
    await runtime.forecasting.store.async_close()
    await runtime.faults.async_close()
    await runtime.store.async_close()
    await runtime.labelling.async_close()
    if entry.disabled_by is not None:
        delete_all(hass)
    return True


async def async_remove_entry(hass: HomeAssistant, entry: InklingConfigEntry) -> None:
    """Leave nothing behind: neither repairs nor the files of decisions and of what was learned."""
    delete_all(hass)
    await DecisionStore(hass, entry.entry_id).async_remove()
    await LearnedStore(hass, entry.entry_id).async_remove()
    await LabelStore(hass, entry.entry_id).async_remove()
    await async_forget_faults(hass, entry)


async def async_remove_config_entry_device(
    hass: HomeAssistant,  # noqa: ARG001 - the platform's signature
    entry: InklingConfigEntry,
    device_entry: AnyDeviceEntry,
) -> bool:
    """Let the user delete a device that belongs to no room any more."""
    return is_stale(entry, device_entry)
