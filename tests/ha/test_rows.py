"""Recorder rows on a busy day: the demo's trace, replayed through Home Assistant with the shipped model."""

from collections import Counter
import csv
from datetime import datetime, timedelta
import gzip
from pathlib import Path
from unittest.mock import MagicMock

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.const import DOMAIN
from custom_components.inkling.model_files import load_model
from custom_components.inkling.pacing import Pacer

from .conftest import add_entity, room_data, settle

TRACE = Path(__file__).parents[2] / "scripts" / "demo_home" / "trace" / "events.csv.gz"
# From an hour before somebody comes until both are at work, with a break in it.
START, END = "2017-12-23T10:45", "2017-12-23T14:45"
ROWS_LIMIT = 60
KINDS = {
    "motion": ("binary_sensor", "motion", None, "motion"),
    "co2": ("sensor", "carbon_dioxide", "ppm", "co2"),
    "illuminance": ("sensor", "illuminance", "lx", "illuminance"),
    "sound": ("sensor", "sound_pressure", "dB", "sound"),
    "temperature": ("sensor", "temperature", "°C", "temperature"),
}


def kind_of(signal: str) -> str:
    """Return the kind in a signal's name."""
    return next(kind for kind in KINDS if f"_{kind}" in signal)


def entity_of(signal: str) -> str:
    """Return the entity that plays a signal."""
    return f"{KINDS[kind_of(signal)][0]}.{signal}"


def read_events() -> list[tuple[datetime, str, str]]:
    """Return the stretch of the trace: when, which signal, what state."""
    with gzip.open(TRACE, "rt") as file:
        rows = [row for row in csv.DictReader(file) if START <= row["time"] < END]
    return [(datetime.fromisoformat(row["time"]), row["signal"], row["state"]) for row in rows]


def office_entry(hass: HomeAssistant, signals: list[str]) -> MockConfigEntry:
    """Return an entry with the trace's office as its room."""
    area = ar.async_get(hass).async_create("Office")
    roles: dict[str, list[str]] = {}
    for signal in signals:
        _, device_class, unit, role = KINDS[kind_of(signal)]
        entity_id = entity_of(signal)
        add_entity(hass, entity_id, area_id=area.id, original_device_class=device_class, unit_of_measurement=unit)
        roles.setdefault(role, []).append(entity_id)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Inkling",
        subentries_data=[room_data("Office", area.id, roles)],
        options={"forecast_horizons": ["15", "30", "60", "120"]},
    )
    entry.add_to_hass(hass)
    return entry


async def replay(hass: HomeAssistant, freezer: FrozenDateTimeFactory, events: list[tuple[datetime, str, str]]) -> None:
    """Let the events happen at their times, and the minutes between them."""
    minute = events[0][0]
    for t, signal, state in events:
        while t - minute >= timedelta(minutes=1):
            minute += timedelta(minutes=1)
            freezer.move_to(minute)
            async_fire_time_changed(hass)
            await settle(hass)
        freezer.move_to(t)
        unit = KINDS[kind_of(signal)][2]
        hass.states.async_set(entity_of(signal), state, {} if unit is None else {"unit_of_measurement": unit})
        if unit is None:
            await settle(hass)


@pytest.mark.slow
async def test_at_most_sixty_rows_an_hour(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, forecast_loaded: MagicMock
) -> None:
    """Stay under the budget in every hour of a working day, while saying something, with every horizon shown."""
    forecast_loaded.side_effect = load_model
    events = [event for event in read_events() if event[1].startswith("office_")]
    signals = sorted({signal for _, signal, _ in events})
    assert len(events) > 1000
    freezer.move_to(events[0][0])
    entry = office_entry(hass, signals)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    hours: Counter[tuple[str, int]] = Counter()
    entities: Counter[str] = Counter()

    @callback
    def count(event: Event[EventStateChangedData]) -> None:
        """Count what the recorder would write for the room, and apart from it for the home."""
        entity_id = event.data["entity_id"]
        if entity_id not in {entity_of(signal) for signal in signals}:
            monitor = "home" if "inkling" in entity_id else "office"
            hours[monitor, int((event.time_fired - events[0][0]).total_seconds() // 3600)] += 1
            entities[entity_id] += 1

    stop = hass.bus.async_listen("state_changed", count)
    await replay(hass, freezer, events)
    stop()
    assert max(hours.values()) <= ROWS_LIMIT, (hours, entities)
    assert {entity_id for entity_id in entities if "office" in entity_id} >= {
        "binary_sensor.office_occupancy",
        "sensor.office_occupancy_probability",
        "sensor.office_reason",
        *(f"sensor.office_occupancy_in_{span}" for span in ("15_min", "30_min", "1_h", "2_h")),
        "sensor.office_next_occupied",
    }


def test_pacer_holds_its_rate() -> None:
    """Allow a burst, then one at a time; an urgent write passes and is paid for."""
    pacer = Pacer(burst=2, refill_seconds=60.0)
    assert [pacer.take(0.0), pacer.take(1.0), pacer.take(2.0)] == [True, True, False]
    assert pacer.take(3.0, is_urgent=True)
    assert not pacer.take(40.0)
    assert pacer.take(63.0)
    hour = Pacer(burst=4, refill_seconds=90.0)
    assert sum(hour.take(float(second)) for second in range(3600)) <= 44
