"""A home with a few areas and sensors, and a model whose answer can be worked out by hand."""

from collections.abc import Generator, Mapping
from datetime import timedelta
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import MagicMock, patch

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.util import dt as dt_util
import numpy as np
from numpy.typing import NDArray
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling import slot_store
from custom_components.inkling.const import COALESCE_SECONDS, DOMAIN, FORECAST_COALESCE_SECONDS, HORIZONS_MINUTES
from custom_components.inkling.core.backends import Backend
from custom_components.inkling.core.features import FEATURES_VERSION
from custom_components.inkling.core.manifest import parse_manifest
from custom_components.inkling.core.pipeline import Model
from custom_components.inkling.model_files import FoundModel, Origin

FORECAST_INPUTS = ("now.state.sign", "lag.days.linear")
CHANNELS = ("room.motion.mean", "room.motion.known", "room.motion.recency", "room.co2.rise", "elsewhere.activity.mean")


class HandBackend:
    """Says log-odds 6 x motion in the last step + 2 x CO2's rise - 1 x movement elsewhere - 2."""

    name: str = "by hand"
    input_shapes: tuple[tuple[int, ...], ...] = ((64, len(CHANNELS)),)
    output_shapes: tuple[tuple[int, ...], ...] = ((1,),)

    def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return log-odds for a batch."""
        last = inputs[0][:, -1, :]
        odds = 6.0 * (last[:, 0] > 0.0) + 2.0 * last[:, 3] - (last[:, 4] > 0.0) - 2.0
        return (odds.astype(np.float32)[:, None],)


def manifest_bytes(**changes: object) -> bytes:
    """Return a manifest for the model by hand."""
    source = {
        "name": "hand",
        "task": "occupancy",
        "version": "1",
        "features_version": FEATURES_VERSION,
        "input": {"channels": list(CHANNELS), "steps": 64, "step_seconds": 60.0},
        "output": {"kind": "log_odds"},
        "quantisation": "float32",
        "calibration": {"slope": 1.0, "intercept": 0.0},
        "decision": {"on_threshold": 0.6, "off_threshold": 0.4, "on_delay_seconds": 0.0, "off_delay_seconds": 0.0},
        "sha256": "0" * 64,
        "provenance": {},
        "evaluation": {},
    }
    return json.dumps({**source, **changes}).encode()


def hand_model(backend: Backend | None = None) -> Model:
    """Return the model by hand, or its manifest on another backend."""
    return Model(parse_manifest(manifest_bytes()), backend or HandBackend())


class HandForecastBackend:
    """Says that what is now stays, the less surely the farther ahead: log-odds 3 x state x (1 - days ahead)."""

    name: str = "by hand"
    input_shapes: tuple[tuple[int, ...], ...] = ((1, len(FORECAST_INPUTS)),)
    output_shapes: tuple[tuple[int, ...], ...] = ((1,),)

    def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return log-odds for a batch of slots."""
        sign, days = inputs[0][:, 0, 0], inputs[0][:, 0, 1]
        return ((3.0 * sign * (1.0 - days)).astype(np.float32)[:, None],)


def hand_forecast_model(backend: Backend | None = None, **changes: object) -> Model:
    """Return the forecast by hand; it was measured to be far better than every rule, so it is shown."""
    evaluation = {"horizons": {str(minutes): {"brier": 0.02, "baseline_brier": 0.1} for minutes in HORIZONS_MINUTES}}
    spec = {"channels": list(FORECAST_INPUTS), "steps": 1, "step_seconds": 900.0}
    source = {"name": "hand_forecast", "task": "forecast", "input": spec, "evaluation": evaluation, **changes}
    return Model(parse_manifest(manifest_bytes(**source)), backend or HandForecastBackend())


@pytest.fixture(autouse=True)
def forecast_loaded() -> Generator[MagicMock]:
    """Load the forecast by hand instead of the shipped one; tests of loading undo it."""
    found = FoundModel(hand_forecast_model(), Origin.SHIPPED)
    with patch("custom_components.inkling.forecast_setup.load_model", return_value=found) as loaded:
        yield loaded


@pytest.fixture(autouse=True)
def _no_pauses() -> Generator[None]:
    """Learn the past without resting: a test that stops the clock would rest for ever."""
    with (
        patch("custom_components.inkling.bootstrap.BOOTSTRAP_PAUSE_SECONDS", 0.0),
        patch("custom_components.inkling.appliance_past.BACKTEST_PAUSE_SECONDS", 0.0),
    ):
        yield


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant see custom integrations."""


@pytest.fixture(autouse=True)
def learned_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what is learned in a folder of this test's own: those files are real, unlike Home Assistant's in tests."""
    folder = tmp_path / "learned"
    monkeypatch.setattr(slot_store, "STORAGE_DIR", str(folder))
    return folder


@pytest.fixture
def hand_loaded() -> Generator[None]:
    """Load the model by hand instead of the shipped one."""
    found = FoundModel(hand_model(), Origin.SHIPPED)
    with patch("custom_components.inkling.load_model", return_value=found):
        yield


def add_entity(
    hass: HomeAssistant,
    entity_id: str,
    *,
    area_id: str | None = None,
    state: str | None = None,
    **kwargs: Any,  # noqa: ANN401 - handed on
) -> er.RegistryEntry:
    """Register an entity, put it into an area and give it a state."""
    domain, name = entity_id.split(".")
    unit = kwargs.get("unit_of_measurement")
    registry = er.async_get(hass)
    entry = registry.async_get_or_create(domain, "test", name, suggested_object_id=name, **kwargs)
    if area_id is not None:
        entry = registry.async_update_entity(entry.entity_id, area_id=area_id)
    if state is not None:
        hass.states.async_set(entity_id, state, {} if unit is None else {"unit_of_measurement": unit})
    return entry


@pytest.fixture
def office(hass: HomeAssistant) -> ar.AreaEntry:
    """Return an area with a motion and a CO2 sensor."""
    area = ar.async_get(hass).async_create("Office")
    add_entity(hass, "binary_sensor.office_motion", area_id=area.id, state="off", original_device_class="motion")
    add_entity(
        hass,
        "sensor.office_co2",
        area_id=area.id,
        state="500",
        original_device_class="carbon_dioxide",
        unit_of_measurement="ppm",
    )
    return area


@pytest.fixture
def kitchen(hass: HomeAssistant) -> ar.AreaEntry:
    """Return an area with a motion sensor and a lamp."""
    area = ar.async_get(hass).async_create("Kitchen")
    add_entity(hass, "binary_sensor.kitchen_motion", area_id=area.id, state="off", original_device_class="motion")
    add_entity(hass, "light.kitchen", area_id=area.id, state="off")
    return area


def room_data(title: str, area_id: str, signals: Mapping[str, list[str]]) -> ConfigSubentryData:
    """Return a room's subentry as the flow makes it."""
    return ConfigSubentryData(
        data=MappingProxyType({"area_id": area_id, "signals": dict(signals), "outside": []}),
        subentry_type="room",
        title=title,
        unique_id=area_id,
    )


@pytest.fixture
def entry(hass: HomeAssistant, office: ar.AreaEntry, kitchen: ar.AreaEntry) -> MockConfigEntry:
    """Return an entry with two rooms, not set up yet."""
    rooms = [
        room_data("Office", office.id, {"motion": ["binary_sensor.office_motion"], "co2": ["sensor.office_co2"]}),
        room_data("Kitchen", kitchen.id, {"motion": ["binary_sensor.kitchen_motion"], "light": ["light.kitchen"]}),
    ]
    found = MockConfigEntry(
        domain=DOMAIN, title="Inkling", subentries_data=rooms, options={"exit_doors": [], "people": []}
    )
    found.add_to_hass(hass)
    return found


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up and wait for its first verdicts."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)


async def settle(hass: HomeAssistant) -> None:
    """Wait until background work and the verdicts it leads to are done, coalesced ones included."""
    await hass.async_block_till_done(wait_background_tasks=True)
    # Sleeping would last for ever in a test that stops the clock.
    for seconds in (COALESCE_SECONDS, FORECAST_COALESCE_SECONDS):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
        await hass.async_block_till_done(wait_background_tasks=True)


def state_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return a state's text."""
    state = hass.states.get(entity_id)
    assert state is not None, f"{entity_id} has no state"
    return state.state


def room_id(entry: MockConfigEntry, title: str) -> str:
    """Return the id of a room by its name."""
    found: str = next(room.subentry_id for room in entry.subentries.values() if room.title == title)
    return found


def issue_ids(hass: HomeAssistant) -> set[str]:
    """Return the ids of our repairs, but for the one that most tests would have since they run without a recorder."""
    found = {issue_id for domain, issue_id in ir.async_get(hass).issues if domain == DOMAIN}
    return found if "recorder" in hass.config.components else found - {"recorder_off"}


def device_of(hass: HomeAssistant, entry: MockConfigEntry, room_id: str) -> dr.DeviceEntry | None:
    """Return a room's device."""
    return dr.async_get(hass).async_get_device_by_identifier((DOMAIN, room_id), entry.entry_id)
