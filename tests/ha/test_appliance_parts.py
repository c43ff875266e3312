"""The small parts of watching appliances: who is one, what tells the outdoors, when days end, how numbers are told."""

from dataclasses import replace
from datetime import date
import math
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.inkling import appliance_feed
from custom_components.inkling.appliance_config import (
    ApplianceConfig,
    appliances_of,
    outdoor_celsius,
    suggested_outdoor,
)
from custom_components.inkling.appliance_days import midnight_after, watched
from custom_components.inkling.appliance_feed import ApplianceFeed
from custom_components.inkling.appliance_phrases import appliance_numbers
from custom_components.inkling.core.faults.appliance_alarm import ApplianceAlarm
from custom_components.inkling.core.faults.classes import FaultClass, Scope, Severity
from custom_components.inkling.core.faults.days import ApplianceKind
from custom_components.inkling.core.units import Role
from custom_components.inkling.fault_config import DeviceConfig, DeviceKind, plan_for
from custom_components.inkling.fault_phrases import Speaker

from .conftest import add_entity
from .faults import FRIDGE, POWER, add_fridge

ALARM = ApplianceAlarm(
    target="a",
    scope=Scope.SIGNAL,
    signal="a",
    device="",
    fault=FaultClass.DEGRADATION,
    severity=Severity.WARNING,
    since=0.0,
    raised=0.0,
    measure="cycle_length",
    expected=28.2,
    seen=41.4,
    confidence=0.9,
    low=25.1,
    high=31.0,
)

IDLE = {"measure": "idle_draw", "seen": 9.0, "expected": 2.0, "low": 0.0, "high": 4.4}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ("41 min", "28 min", "25", "31")),
        ({"seen": 240.0, "expected": 186.0, "low": 180.0, "high": 190.0}, ("4.0 h", "3.1 h", "3.0", "3.2")),
        (IDLE, ("9.0 W", "2.0 W", "0.0", "4.4")),
        ({"measure": "starts", "seen": 9.0, "expected": 2.0, "low": 1.0, "high": 4.0}, ("9", "2", "1", "4")),
        ({"measure": "temperature", "seen": 12.0, "expected": 4.0}, ("12.0 °C", "4.0 °C", "25.1", "31.0")),
        ({"measure": "cycle_energy", "seen": 1500.0, "expected": 1200.0}, ("1.5 kWh", "1.2 kWh", "0.0", "0.0")),
        ({"low": math.nan}, ("41 min", "28 min", None, "31")),
    ],
)  # fmt: skip
def test_numbers(changes: dict[str, Any], told: tuple[str | None, ...]) -> None:
    """Tell all numbers of a sentence in the one unit that suits them."""
    found = appliance_numbers(replace(ALARM, **changes))
    assert tuple(found[name] for name in ("seen", "expected", "low", "high")) == told


def test_kinds_are_the_same_here_and_there() -> None:
    """Judge every kind a form offers, but what only senses."""
    assert {kind.appliance for kind in DeviceKind} == {None, *ApplianceKind}


def test_who_is_an_appliance(hass: HomeAssistant) -> None:
    """Make an appliance of each meter once, with its thermometer where it holds a temperature."""
    add_fridge(hass)
    roles = {Role.POWER: [POWER], Role.TEMPERATURE: [FRIDGE]}
    fridge = DeviceConfig(
        id="a", title="Fridge", roles=roles, kind=DeviceKind.FRIDGE, false_alarms_per_year=6.0, outdoor="weather.home"
    )
    washer = replace(fridge, id="b", kind=DeviceKind.WASHING_MACHINE)
    senses = replace(fridge, id="c", kind=DeviceKind.SENSOR)
    (found,) = appliances_of(plan_for(hass, {"a": fridge, "b": washer}, {})).values()
    assert (found.entity_ids, found.kind, found.outdoor) == ((POWER, FRIDGE), ApplianceKind.FRIDGE, "weather.home")
    # The sensitivity is shared by two signals and the appliance.
    assert found.false_alarms_per_year == 2.0
    (found,) = appliances_of(plan_for(hass, {"b": washer}, {})).values()
    assert (found.entity_ids, found.inside) == ((POWER,), None)
    assert appliances_of(plan_for(hass, {"c": senses}, {})) == {}


@pytest.mark.parametrize(
    ("state", "celsius"),
    [
        (None, math.nan),
        (State("sensor.a", "50", {"unit_of_measurement": "°F"}), 10.0),
        (State("sensor.a", "unavailable"), math.nan),
        (State("sensor.a", "warm"), math.nan),
        (State("weather.a", "sunny", {"temperature": 50, "temperature_unit": "°F"}), 10.0),
        (State("weather.a", "sunny", {"temperature": 10.5}), 10.5),
        (State("weather.a", "sunny", {"temperature": "mild"}), math.nan),
        (State("weather.a", "sunny", {"temperature": 10.5, "temperature_unit": "°N"}), math.nan),
    ],
)
def test_outdoors(state: State | None, celsius: float) -> None:
    """Read a thermometer or a weather entity, in degrees Celsius."""
    assert outdoor_celsius(state) == pytest.approx(celsius, nan_ok=True)


def test_outdoors_is_suggested(hass: HomeAssistant) -> None:
    """Suggest what was chosen before, else a thermometer outdoors, else the weather."""
    assert suggested_outdoor(hass, []) is None
    hass.states.async_set("weather.home", "sunny")
    assert suggested_outdoor(hass, [{}, {"outdoor": []}]) == "weather.home"
    entry = add_entity(hass, "sensor.garden_outdoor_temperature", original_device_class="temperature")
    add_entity(hass, "sensor.outdoor_humidity", original_device_class="humidity")
    assert suggested_outdoor(hass, []) == entry.entity_id
    assert suggested_outdoor(hass, [{"outdoor": ["sensor.roof"]}]) == "sensor.roof"
    er.async_get(hass).async_update_entity(entry.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    assert suggested_outdoor(hass, []) == "weather.home"


async def test_days_end_at_local_midnight(hass: HomeAssistant) -> None:
    """Close days of 23 and 25 hours when the clocks change, and each day once."""
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    start = dt_util.start_of_local_day(date(2026, 3, 28)).timestamp()
    hours = [midnight_after(date(2026, 3, 28)) - start, midnight_after(date(2026, 3, 29)) - start]
    assert hours == [24.0 * 3600.0, 47.0 * 3600.0]
    autumn = dt_util.start_of_local_day(date(2026, 10, 25)).timestamp()
    assert midnight_after(date(2026, 10, 25)) - autumn == 25.0 * 3600.0
    item = watched(ApplianceConfig(signal="a", entity_id="sensor.a", title="A", kind=ApplianceKind.FRIDGE), start)
    assert not item.take([(start + 60.0, 80.0)], [], start + 120.0)
    assert item.take([(start + 120.0, 1.0), (start + hours[0] + 60.0, 80.0)], [], start + hours[1] - 1.0)
    assert item.open.day == date(2026, 3, 29)
    assert item.unit.days_learned == 1
    # After a week without Home Assistant only today is under way.
    assert item.take([], [], start + 9.0 * 86_400.0)
    assert item.open.day == date(2026, 4, 6)


async def test_readings_wait_within_limits(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a worker that is stuck leaves behind from filling the memory."""
    monkeypatch.setattr(appliance_feed, "_MOST_WAITING", 2)
    config = ApplianceConfig(signal="a", entity_id="sensor.a", title="A", kind=ApplianceKind.FRIDGE, inside="sensor.b")
    hass.states.async_set("sensor.a", "80", {"restored": True})
    hass.states.async_set("sensor.b", "4.5", {"unit_of_measurement": "°C"})
    feed = ApplianceFeed(hass, {"a": config})
    stop = feed.start(100.0)
    for watts in (1, 1, 2, 3):
        hass.states.async_set("sensor.a", str(watts), {"unit_of_measurement": "W"})
    await hass.async_block_till_done()
    found = feed.drain()
    assert [value for _, value in found["sensor.a"]] == [1.0, 1.0]
    assert [value for _, value in found["sensor.b"]] == [4.5]
    stop()
    hass.states.async_set("sensor.a", "5")
    await hass.async_block_till_done()
    assert feed.drain() == {"sensor.a": [], "sensor.b": []}


def test_slow_decay_is_said_to_be_slow() -> None:
    """Say that no single day is odd where none was, and call a meter by its own name where it has no appliance."""
    phrases = {
        "fault_cycle_length": "{name} runs {seen}; usual is {expected} ({low} to {high}).",
        "fault_slow": "For days.",
        "fault_confidence": "{percent}%.",
        "fault_type_degradation": "worse",
    }
    speaker = Speaker(phrases, {"a": "sensor.a"}, {}, str.upper, {"a": "Fridge"})
    assert speaker.evidence(replace(ALARM, is_slow=True)) == (
        "Fridge runs 41 min; usual is 28 min (25 to 31). For days. 90%."
    )
    assert replace(speaker, titles={}).title(ALARM) == "SENSOR.A"
