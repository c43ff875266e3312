"""Forecasts in a running home: learned from decisions, published, scored when due, hidden while a rule is better."""

from datetime import UTC, datetime, timedelta
from unittest.mock import MagicMock, patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import numpy as np
from numpy.typing import NDArray
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.const import FAILURES_LIMIT, HORIZONS_MINUTES
from custom_components.inkling.forecast_setup import priors_of
from custom_components.inkling.forecasting import Forecasting
from custom_components.inkling.learned_file import LearnedFile
from custom_components.inkling.model_files import FoundModel, Origin, Problem

from .conftest import (
    HandForecastBackend,
    hand_forecast_model,
    issue_ids,
    manifest_bytes,
    room_id,
    set_up,
    settle,
    state_of,
)

pytestmark = pytest.mark.usefixtures("hand_loaded")
START = datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC)
SENSOR = "sensor.office_occupancy_in_30_min"


@pytest.fixture(autouse=True)
def _noon(freezer: FrozenDateTimeFactory) -> None:
    """Begin shortly after a slot does."""
    freezer.move_to(START)


async def pass_minutes(hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int) -> None:
    """Let minutes pass, each with its tick."""
    for _ in range(minutes):
        freezer.tick(timedelta(minutes=1))
        async_fire_time_changed(hass)
        await settle(hass)


def worse() -> FoundModel:
    """Return a model that was measured to be worse than the best rule at every horizon."""
    horizons = {str(minutes): {"brier": 0.2, "baseline_brier": 0.1} for minutes in HORIZONS_MINUTES}
    return FoundModel(hand_forecast_model(evaluation={"horizons": horizons}), Origin.SHIPPED)


def attribute(hass: HomeAssistant, entity_id: str, name: str) -> object:
    """Return an attribute of a state."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state.attributes.get(name)


async def test_a_forecast_follows_the_decision(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Say what the model says of the empty room, and soon after somebody comes what it says then."""
    await set_up(hass, entry)
    assert state_of(hass, SENSOR) == "5"
    assert attribute(hass, SENSOR, "reason") == "learning_prior"
    hass.states.async_set("binary_sensor.office_motion", "on")
    await pass_minutes(hass, freezer, 1)
    assert state_of(hass, SENSOR) == "95"
    assert state_of(hass, "sensor.kitchen_occupancy_in_30_min") == "5"
    assert state_of(hass, "sensor.inkling_occupancy_in_30_min") == "95"


async def test_a_hidden_horizon_is_unknown(
    hass: HomeAssistant, entry: MockConfigEntry, forecast_loaded: MagicMock
) -> None:
    """Show nothing, with the reason, where a simple rule was measured to be better."""
    forecast_loaded.return_value = worse()
    await set_up(hass, entry)
    assert state_of(hass, SENSOR) == "unknown"
    assert attribute(hass, SENSOR, "reason") == "no_evidence"
    assert state_of(hass, "sensor.office_next_occupied") == "unknown"
    curve = attribute(hass, "sensor.office_next_occupied", "forecast")
    assert isinstance(curve, list)
    assert len(curve) == 96
    assert not any(point["is_shown"] for point in curve)


async def test_forecasts_are_scored_when_due(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Score what was said of the next half hour by what came, beside every rule, and learn the slots."""
    await set_up(hass, entry)
    forecasting: Forecasting = entry.runtime_data.forecasting
    office = room_id(entry, "Office")
    assert forecasting.store.skill.skill(office, 30).count == 0
    await pass_minutes(hass, freezer, 61)
    skill = forecasting.store.skill.skill(office, 30)
    assert skill.count == 3
    assert skill.brier == pytest.approx(0.05**2, rel=0.1)
    assert skill.baseline == "persistence"
    assert skill.baseline_brier == 0.0
    view = forecasting.store.histories[office].view(freezer.time_to_freeze.replace(tzinfo=UTC).timestamp())
    assert view.shares.tolist() == [0.0] * 4


async def test_live_scores_hide_a_horizon(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Hide what was good elsewhere and is worse than a rule here, as soon as the scores say so."""
    await set_up(hass, entry)
    forecasting: Forecasting = entry.runtime_data.forecasting
    office = room_id(entry, "Office")
    now = freezer.time_to_freeze.replace(tzinfo=UTC).timestamp()
    for index in range(1000):
        made_at = now - (1002 - index) * 900.0
        forecasting.store.note(office, 30, made_at, 0.9, {"same": 0.1})
        forecasting.store.settle(office, made_at + 1800.0, occupied=False)
    assert not forecasting.store.skill.skill(office, 30).shown
    await pass_minutes(hass, freezer, 16)
    assert state_of(hass, SENSOR) == "unknown"
    assert attribute(hass, SENSOR, "reason") == "worse_than_baseline"
    assert state_of(hass, "sensor.office_occupancy_in_1_h") == "5"


async def test_a_restart_keeps_everything(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Know after a reload what was learned, scored and noted before it."""
    await set_up(hass, entry)
    await pass_minutes(hass, freezer, 46)
    office = room_id(entry, "Office")
    before: Forecasting = entry.runtime_data.forecasting
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    after: Forecasting = entry.runtime_data.forecasting
    assert after is not before
    assert after.store.skill.to_json() == before.store.skill.to_json()
    now = freezer.time_to_freeze.replace(tzinfo=UTC).timestamp()
    assert after.store.histories[office].view(now).shares.tolist() == [0.0] * 3
    await pass_minutes(hass, freezer, 15)
    assert after.store.skill.skill(office, 30).count == before.store.skill.skill(office, 30).count + 1


async def test_a_kill_costs_less_than_a_minute(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Have on the disk, second by second, what every room was until less than a minute ago."""
    await set_up(hass, entry)
    written = freezer.time_to_freeze.replace(tzinfo=UTC).timestamp()
    lost_seconds = []
    with patch.object(LearnedFile, "write", autospec=True, side_effect=LearnedFile.write) as write:
        for _ in range(130):
            freezer.tick(timedelta(seconds=1))
            now = freezer.time_to_freeze.replace(tzinfo=UTC).timestamp()
            # The worst moment to be killed is just before what has come together is written.
            lost_seconds.append(now - written)
            async_fire_time_changed(hass)
            await settle(hass)
            events = [event for call in write.call_args_list for event in call.args[1]]
            written = max([written, *(event[2] for event in events if event[0] == "s" and len(event[4]) > 2)])
    assert 20.0 < max(lost_seconds) < 60.0


async def test_a_missing_model_leaves_occupancy_alone(
    hass: HomeAssistant, entry: MockConfigEntry, forecast_loaded: MagicMock
) -> None:
    """Say why there is no forecast, raise a repair, and take a model up when it is there."""
    found = forecast_loaded.return_value
    refused = Problem("missing", Origin.SHIPPED, "forecast.tflite", "no model came with this installation")
    forecast_loaded.return_value = FoundModel(None, None, (refused,))
    await set_up(hass, entry)
    assert issue_ids(hass) == {"forecast_model_shipped_missing"}
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"
    assert state_of(hass, SENSOR) == "unknown"
    assert attribute(hass, SENSOR, "reason") == "no_model"
    forecast_loaded.return_value = found
    await hass.services.async_call("inkling", "reload_models", blocking=True)
    await settle(hass)
    assert not issue_ids(hass)
    assert state_of(hass, SENSOR) == "5"


async def test_a_model_that_fails_is_given_up(
    hass: HomeAssistant, entry: MockConfigEntry, forecast_loaded: MagicMock
) -> None:
    """Ask no more after some failures in a row, say so in a repair, and forget a failure that passes."""

    class Moody(HandForecastBackend):
        """Fails while it is told to."""

        fails = True

        def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
            """Answer, or fail."""
            if self.fails:
                raise RuntimeError("out of order")
            return super().run(*inputs)

    backend = Moody()
    forecast_loaded.return_value = FoundModel(hand_forecast_model(backend), Origin.SHIPPED)
    await set_up(hass, entry)
    forecasting: Forecasting = entry.runtime_data.forecasting
    assert attribute(hass, SENSOR, "reason") == "model_failed"
    backend.fails = False
    forecasting.mark_due(forecasting.outlooks)
    await settle(hass)
    assert (state_of(hass, SENSOR), forecasting.failures) == ("5", 0)
    backend.fails = True
    for _ in range(FAILURES_LIMIT + 1):
        forecasting.mark_due(forecasting.outlooks)
        await settle(hass)
    assert forecasting.failures == FAILURES_LIMIT
    assert issue_ids(hass) == {"forecast_failed"}
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


async def test_horizons_are_an_option(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Show the chosen horizons only, and remove the entities of those that are not wanted any more."""
    await set_up(hass, entry)
    options = {**entry.options, "forecast_horizons": ["15", "120"], "forecast_threshold": 70}
    hass.config_entries.async_update_entry(entry, options=options)
    await settle(hass)
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    kept = {item.unique_id.rsplit("_", 2)[-2:][1] for item in found if "_forecast_" in item.unique_id}
    assert kept == {"15", "120"}
    assert state_of(hass, "sensor.office_occupancy_in_2_h") == "6"


async def test_the_next_change_is_a_moment(
    hass: HomeAssistant, entry: MockConfigEntry, forecast_loaded: MagicMock
) -> None:
    """Name the moment the curve crosses the threshold, in steps of five minutes, for the room and the home."""

    class Evening(HandForecastBackend):
        """Says that somebody comes in three hours."""

        def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
            """Return log-odds that turn after three hours."""
            return (np.where(inputs[0][:, 0, 1] > 3.0 / 24.0, 4.0, -4.0).astype(np.float32)[:, None],)

    forecast_loaded.return_value = FoundModel(hand_forecast_model(Evening()), Origin.SHIPPED)
    await set_up(hass, entry)
    assert state_of(hass, "sensor.office_next_occupied") == "2026-11-21T15:00:00+00:00"
    assert state_of(hass, "sensor.inkling_next_arrival") == "2026-11-21T15:00:00+00:00"
    assert state_of(hass, "sensor.office_next_vacant") == "unknown"
    assert attribute(hass, "sensor.office_next_vacant", "reason") == "not_within_a_day"


async def test_a_day_of_25_hours(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Run through the night the clocks go back without repeating or losing a slot."""
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    freezer.move_to(datetime(2026, 10, 24, 23, 30, 5, tzinfo=UTC))
    for entity_id in ("binary_sensor.office_motion", "binary_sensor.kitchen_motion"):
        # What they say was said before this moment.
        hass.states.async_set(entity_id, "off", force_update=True)
    await set_up(hass, entry)
    curve = attribute(hass, "sensor.office_next_occupied", "forecast")
    assert isinstance(curve, list)
    moments = [datetime.fromisoformat(point["datetime"]) for point in curve]
    assert [moment - moments[0] for moment in moments] == [timedelta(minutes=15 * index) for index in range(96)]
    assert {moment.utcoffset() for moment in moments} == {timedelta(hours=1), timedelta(hours=2)}
    await pass_minutes(hass, freezer, 91)
    now = freezer.time_to_freeze.replace(tzinfo=UTC).timestamp()
    view = entry.runtime_data.forecasting.store.histories[room_id(entry, "Office")].view(now)
    assert view.shares.tolist() == [0.0] * 6


async def test_midnight_lays_out_the_days_anew(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Move the calendar on with the day, and ask a source that comes late."""
    await hass.config.async_set_time_zone("UTC")
    hass.config_entries.async_update_entry(entry, options={**entry.options, "workday_entity": "binary_sensor.workday"})
    await set_up(hass, entry)
    forecasting: Forecasting = entry.runtime_data.forecasting
    first = forecasting._calendar.midnights[0]
    freezer.move_to(datetime(2026, 11, 22, 0, 0, 5, tzinfo=UTC))
    async_fire_time_changed(hass)
    await settle(hass)
    assert forecasting._calendar.midnights[0] == first + 86_400.0
    for state in ("unavailable", "on"):
        hass.states.async_set("binary_sensor.workday", state)
        await settle(hass)


async def test_an_always_used_room_clears_when_left(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Never let a past of nothing but presence hold a room that is left now."""
    await set_up(hass, entry)
    office = room_id(entry, "Office")
    now = freezer.time_to_freeze.replace(tzinfo=UTC).timestamp()
    entry.runtime_data.forecasting.store.merge(office, int(now // 900) - 28 * 96, np.ones(28 * 96))
    hass.states.async_set("binary_sensor.office_motion", "on")
    await pass_minutes(hass, freezer, 1)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    hass.states.async_set("binary_sensor.office_motion", "off")
    await pass_minutes(hass, freezer, 2)
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


@pytest.mark.parametrize(
    "horizons",
    [None, {"soon": {}}, {"30": None}, {"30": {"brier": 2.0, "baseline_brier": 0.1}}, {"30": {"brier": "x"}}],
)
def test_priors_of_a_silent_manifest(horizons: object) -> None:
    """Take nothing for measured that is not two Brier scores."""
    assert priors_of(hand_forecast_model(evaluation={"horizons": horizons})) == {}
    assert priors_of(None) == {}
    assert manifest_bytes()
