"""What the recorder keeps of us: rows an hour and room over a recorded day, and bytes of attributes a row."""

from collections import Counter
from dataclasses import fields
import json
from unittest.mock import MagicMock

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling.core.faults.appliance_alarm import ApplianceAlarm
from custom_components.inkling.core.faults.classes import Alarm, Severity
from custom_components.inkling.model_files import load_model
from custom_components.inkling.pacing import Pacer

from .busy_day import flat_entry, read_plan, replay
from .conftest import settle
from .faults import EVENT, FAULT, POWER, TYPE, alarm_of, tell, watch_fridge
from .recorded import Row, our_rows

ROWS_LIMIT = 60
BYTES_LIMIT = 200
HOUR_SECONDS = 3600.0
OFFICE = {
    "binary_sensor.office_occupancy",
    "sensor.office_occupancy_probability",
    "sensor.office_reason",
    *(f"sensor.office_occupancy_in_{span}" for span in ("15_min", "30_min", "1_h", "2_h")),
    "sensor.office_next_occupied",
}


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


def titles_of(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Return the room of each of our entities; those of no room are the home's."""
    rows = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    rooms = {key: room.title for key, room in entry.subentries.items()}
    return {row.entity_id: rooms.get(row.config_subentry_id or "", "home") for row in rows}


def longest(rows: list[Row]) -> Row:
    """Return the row with the most attributes."""
    return max(rows, key=lambda row: row.attribute_bytes)


def busiest(
    rows: list[Row], titles: dict[str, str], begin_seconds: float
) -> list[tuple[tuple[str, int], Counter[str]]]:
    """Return the hours over the limit, and what was written in them."""
    found: dict[tuple[str, int], Counter[str]] = {}
    for row in rows:
        hour = int((row.t - begin_seconds) // HOUR_SECONDS)
        found.setdefault((titles[row.entity_id], hour), Counter())[row.entity_id] += 1
    return [(place, written) for place, written in found.items() if written.total() > ROWS_LIMIT]


@pytest.mark.slow
async def test_at_most_sixty_rows_an_hour(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    forecast_loaded: MagicMock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Stay under both budgets in every hour and room of a whole day, while saying something, every horizon shown."""
    forecast_loaded.side_effect = load_model
    plan = read_plan()
    begin_seconds = plan.anchor.wall_seconds
    freezer.move_to(dt_util.utc_from_timestamp(begin_seconds))
    entry = flat_entry(hass, plan)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    await replay(hass, freezer, plan)
    rows = await our_rows(hass)
    titles = titles_of(hass, entry)
    hours = Counter((titles[row.entity_id], int((row.t - begin_seconds) // HOUR_SECONDS)) for row in rows)
    most = {title: max(count for (room, _), count in hours.items() if room == title) for title in titles.values()}
    with capsys.disabled():
        print(  # noqa: T201 - a bar's figure is to be read
            f"\nmost recorder rows in one hour of {len(plan.timeline)} readings, at most {ROWS_LIMIT}: {most}; "
            f"longest attributes of {len(rows)} rows: {longest(rows).attribute_bytes} of at most {BYTES_LIMIT} bytes"
        )
    assert most.keys() == {*plan.rooms, "home"}
    assert max(most.values()) <= ROWS_LIMIT, busiest(rows, titles, begin_seconds)
    assert longest(rows).attribute_bytes <= BYTES_LIMIT, longest(rows)
    assert {row.entity_id for row in rows} >= OFFICE


def labouring(alarm: Alarm) -> ApplianceAlarm:
    """Return an appliance's alarm about the same meter."""
    told = {field.name: getattr(alarm, field.name) for field in fields(alarm)}
    return ApplianceAlarm(**{**told, "measure": "duty"}, low=25.1, high=31.0, is_slow=True)


async def test_alarms_in_few_bytes(hass: HomeAssistant, capsys: pytest.CaptureFixture[str]) -> None:
    """Keep of an alarm what failed and how badly; live states keep all that is known of it."""
    entry = await watch_fridge(hass)
    await tell(hass, entry)
    await tell(hass, entry, alarm_of(hass), labouring(alarm_of(hass, POWER, severity=Severity.CRITICAL)))
    live = {entity_id: hass.states.get(entity_id) for entity_id in (FAULT, EVENT, TYPE)}
    await tell(hass, entry)
    rows = await our_rows(hass)
    with capsys.disabled():
        print(  # noqa: T201 - a bar's figure is to be read
            f"\nlongest attributes of {len(rows)} rows with alarms: {longest(rows).attribute_bytes} of at most "
            f"{BYTES_LIMIT} bytes"
        )
    assert longest(rows).attribute_bytes <= BYTES_LIMIT, longest(rows)
    kept = [json.loads(row.attributes) for row in rows if row.entity_id == FAULT]
    worst = next(attributes for attributes in kept if "type" in attributes)
    assert (worst["entity"], worst["type"], worst["severity"]) == (POWER, "bias", "critical")
    assert {row.entity_id for row in rows} >= live.keys()
    told = [{} if state is None else dict(state.attributes) for state in live.values()]
    assert all("evidence" in str(attributes) for attributes in told)
    assert "usual_low" in told[0]


def test_pacer_holds_its_rate() -> None:
    """Allow a burst, then one at a time; an urgent write passes and is paid for, a flurry with a burst at most."""
    pacer = Pacer(burst=2, refill_seconds=60.0)
    assert [pacer.take(0.0), pacer.take(1.0), pacer.take(2.0)] == [True, True, False]
    assert pacer.take(3.0, is_urgent=True)
    assert not pacer.take(63.0)
    assert pacer.take(121.0)
    assert all(pacer.take(122.0, is_urgent=True) for _ in range(20))
    assert not pacer.take(122.0 + 179.0)
    assert pacer.take(122.0 + 181.0)
    hour = Pacer(burst=4, refill_seconds=90.0)
    assert sum(hour.take(float(second)) for second in range(3600)) <= 44
