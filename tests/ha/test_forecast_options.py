"""The options of forecasts: what is offered, what is refused, and what holds when nothing was chosen."""

from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.inkling.forecast_options import ForecastOptions, forecast_options

from .conftest import set_up, settle


def register(hass: HomeAssistant, domain: str, platform: str, name: str) -> str:
    """Register an entity of a platform and return its id."""
    entry = er.async_get(hass).async_get_or_create(domain, platform, name, suggested_object_id=name)
    return str(entry.entity_id)


def test_defaults() -> None:
    """Show half an hour and an hour, at even odds, with nobody asked about free days."""
    assert forecast_options({}) == ForecastOptions(
        horizons_minutes=(30, 60), threshold=0.5, workday=None, free_days=None
    )


async def test_choices_are_kept_flat(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Take over horizons in their order, the threshold and both sources of free days."""
    workday = register(hass, "binary_sensor", "workday", "workday_sensor")
    holidays = register(hass, "calendar", "holiday", "holidays")
    await set_up(hass, entry)
    with patch("custom_components.inkling.config_flow.available", return_value=False):
        step = await hass.config_entries.options.async_init(entry.entry_id)
    chosen = {
        "forecast_horizons": ["120", "15"],
        "forecast_threshold": 70,
        "workday_entity": workday,
        "free_days_calendar": holidays,
    }
    answer = {"sensitivity": "balanced", "forecast": chosen}
    done = await hass.config_entries.options.async_configure(step["flow_id"], answer)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert "forecast" not in entry.options
    assert forecast_options(entry.options) == ForecastOptions(
        horizons_minutes=(15, 120), threshold=0.7, workday=workday, free_days=holidays
    )
    await settle(hass)


@pytest.mark.parametrize(
    ("field", "entity_id", "error"),
    [
        ("workday_entity", "binary_sensor.office_motion", "not_a_workday"),
        ("workday_entity", "binary_sensor.nowhere", "not_a_workday"),
        ("workday_entity", "calendar.days", "not_a_workday"),
        ("free_days_calendar", "calendar.nowhere", "not_free_days"),
        ("free_days_calendar", "light.kitchen", "not_free_days"),
        ("free_days_calendar", "calendar.work_days", "not_free_days"),
    ],
)
async def test_what_tells_no_free_days_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, field: str, entity_id: str, error: str
) -> None:
    """Name the entity that cannot tell, above all the calendar that lists the opposite."""
    register(hass, "calendar", "workday", "work_days")
    hass.states.async_set("calendar.days", "off")
    await set_up(hass, entry)
    with patch("custom_components.inkling.config_flow.available", return_value=False):
        step = await hass.config_entries.options.async_init(entry.entry_id)
        answer = {"sensitivity": "calm", "forecast": {field: entity_id}}
        refused = await hass.config_entries.options.async_configure(step["flow_id"], answer)
        assert refused["errors"] == {"base": error}
        assert refused["description_placeholders"] == {"entity": entity_id, "role": ""}
        answer["forecast"] = {"free_days_calendar": "calendar.days"}
        done = await hass.config_entries.options.async_configure(refused["flow_id"], answer)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)


async def test_what_was_chosen_is_shown_and_kept(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Fill the section in with what holds, which a default of the section itself would hide, and keep it untouched."""
    workday = register(hass, "binary_sensor", "workday", "workday_sensor")
    hass.config_entries.async_update_entry(entry, options={"workday_entity": workday, "forecast_threshold": 70})
    await set_up(hass, entry)
    with patch("custom_components.inkling.config_flow.available", return_value=False):
        step = await hass.config_entries.options.async_init(entry.entry_id)
    assert step["data_schema"] is not None
    form = step["data_schema"].schema
    assert next(marker for marker in form if marker == "forecast").default is vol.UNDEFINED
    marker = next(marker for marker in form["forecast"].schema.schema if marker == "workday_entity")
    assert marker.description == {"suggested_value": workday}
    await hass.config_entries.options.async_configure(step["flow_id"], {"sensitivity": "calm"})
    assert (entry.options["workday_entity"], entry.options["forecast_threshold"]) == (workday, 70)
    await settle(hass)
