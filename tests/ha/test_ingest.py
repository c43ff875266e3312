"""States and reports on their way into the window."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.inkling.core.units import Role
from custom_components.inkling.ingest import Ingest
from custom_components.inkling.rooms import bind
from custom_components.inkling.timing import Timings

CELSIUS = {"unit_of_measurement": "°C"}


class Reader:
    """An ingest on its own, and what it read."""

    def __init__(self, hass: HomeAssistant, rooms: dict[str, dict[Role, list[str]]]) -> None:
        """Bind the rooms and begin."""
        self.hass = hass
        bindings = [binding for room, roles in rooms.items() for binding in bind(room, roles)]
        self.ingest = Ingest(hass, bindings, Timings())
        self.edges: list[set[str | None]] = []
        self.stop = self.ingest.start(lambda rooms: self.edges.append(set(rooms)))

    def values(self, signal_id: str) -> list[float | None]:
        """Return a signal's readings, oldest first, None for missing."""
        (track,) = [track for track in self.ingest.window.snapshot(2e9).tracks if track.signal.id == signal_id]
        return [None if math.isnan(value) else round(float(value), 2) for value in track.values]

    def times(self, signal_id: str) -> list[float]:
        """Return when a signal's readings were taken, epoch seconds."""
        (track,) = [track for track in self.ingest.window.snapshot(2e9).tracks if track.signal.id == signal_id]
        return [float(t) for t in track.times]


@pytest.fixture(autouse=True)
def _monday(freezer: FrozenDateTimeFactory) -> None:
    """Stop the clock at a known moment."""
    freezer.move_to(datetime(2026, 6, 1, 12, tzinfo=UTC))


async def put(hass: HomeAssistant, freezer: FrozenDateTimeFactory, entity_id: str, *states: str, **unit: str) -> None:
    """Set states ten seconds apart."""
    attributes = {"unit_of_measurement": unit["unit"]} if unit else {}
    for state in states:
        freezer.tick(10.0)
        hass.states.async_set(entity_id, state, attributes)
        await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("role", "unit", "state", "value"),
    [
        (Role.TEMPERATURE, "°F", "68", 20.0),
        (Role.TEMPERATURE, "K", "293.15", 20.0),
        (Role.POWER, "kW", "1.5", 1500.0),
        (Role.POWER, "mW", "500", 0.5),
        (Role.ILLUMINANCE, "klx", "2", 2000.0),
        (Role.CO2, "ppm", "800", 800.0),
        (Role.CO2, "ppb", "800000", 800.0),
        (Role.TEMPERATURE, "kg", "20", None),
        (Role.TEMPERATURE, "°C", "nan", None),
        (Role.TEMPERATURE, "°C", "inf", None),
        (Role.TEMPERATURE, "°C", "warm", None),
        (Role.TEMPERATURE, "°C", "-300", None),
        (Role.TEMPERATURE, "°C", "unknown", None),
        (Role.TEMPERATURE, "°C", "unavailable", None),
    ],
)
async def test_units_and_words(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    role: Role,
    unit: str,
    state: str,
    value: float | None,
) -> None:
    """Read each state in its own unit; what says nothing is missing, never zero."""
    reader = Reader(hass, {"a": {role: ["sensor.x"]}})
    await put(hass, freezer, "sensor.x", state, unit=unit)
    assert reader.values(f"a/{role}/sensor.x") == [value]
    reader.stop()


async def test_repeats_are_readings_of_meters(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Take a report of an unchanged value as proof that the meter lives; a lamp's is no news."""
    reader = Reader(hass, {"a": {Role.CO2: ["sensor.x"], Role.LIGHT: ["light.x"]}})
    await put(hass, freezer, "sensor.x", "500", "500", "500", unit="ppm")
    await put(hass, freezer, "light.x", "on", "on")
    assert reader.values("a/co2/sensor.x") == [500.0, 500.0, 500.0]
    assert reader.values("a/light/light.x") == [1.0]
    start = datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp()
    assert reader.times("a/co2/sensor.x") == [start + 10.0, start + 20.0, start + 30.0]
    reader.stop()


async def test_attributes_alone_are_no_news(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Keep a lamp's changes of colour out of its ring, but take a meter's change of unit."""
    reader = Reader(hass, {"a": {Role.LIGHT: ["light.x"], Role.TEMPERATURE: ["sensor.x"]}})
    for brightness in (1, 2, 3):
        freezer.tick(10.0)
        hass.states.async_set("light.x", "on", {"brightness": brightness})
        await hass.async_block_till_done()
    await put(hass, freezer, "sensor.x", "20", unit="°C")
    await put(hass, freezer, "sensor.x", "20", unit="°F")
    assert reader.values("a/light/light.x") == [1.0]
    assert reader.values("a/temperature/sensor.x") == [20.0, pytest.approx(-6.67)]
    assert reader.edges == [{"a"}]
    reader.stop()


async def test_one_entity_in_several_roles(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Feed every room and role that reads an entity, and make each of those rooms due."""
    reader = Reader(
        hass,
        {
            "a": {Role.MOTION: ["binary_sensor.x"]},
            "b": {Role.MOTION: ["binary_sensor.x"], Role.GENERIC: ["binary_sensor.x"]},
        },
    )
    await put(hass, freezer, "binary_sensor.x", "off", "on")
    for signal_id in ("a/motion/binary_sensor.x", "b/motion/binary_sensor.x", "b/generic/binary_sensor.x"):
        assert reader.values(signal_id) == [0.0, 1.0]
    assert reader.edges == [{"a", "b"}, {"a", "b"}]
    reader.stop()


async def test_slow_signals_make_no_room_due(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Leave meters to the minute, and strangers out altogether."""
    reader = Reader(hass, {"a": {Role.CO2: ["sensor.x"], Role.WINDOW: ["binary_sensor.w"]}})
    await put(hass, freezer, "sensor.x", "500", "600", unit="ppm")
    await put(hass, freezer, "binary_sensor.w", "off", "on")
    await put(hass, freezer, "binary_sensor.stranger", "on")
    assert reader.edges == []
    reader.stop()


async def test_removed_state_is_missing(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Count a state that is taken away as missing from then on."""
    reader = Reader(hass, {"a": {Role.MOTION: ["binary_sensor.x"]}})
    await put(hass, freezer, "binary_sensor.x", "on")
    freezer.tick(10.0)
    hass.states.async_remove("binary_sensor.x")
    await hass.async_block_till_done()
    assert reader.values("a/motion/binary_sensor.x") == [1.0, None]
    assert reader.ingest.readable_share("a") == 0.0
    assert reader.ingest.readable_share("nowhere") == 0.0
    reader.stop()


async def test_states_that_stand_are_taken(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Take what is there at the start, as of when it began and was last confirmed; placeholders are nothing."""
    began = datetime.now(UTC).timestamp()
    hass.states.async_set("sensor.x", "500", {"unit_of_measurement": "ppm"})
    hass.states.async_set("sensor.y", "unavailable", {"restored": True})
    freezer.tick(100.0)
    hass.states.async_set("sensor.x", "500", {"unit_of_measurement": "ppm"})
    freezer.tick(100.0)
    reader = Reader(hass, {"a": {Role.CO2: ["sensor.x", "sensor.y", "sensor.never"]}})
    assert reader.times("a/co2/sensor.x") == [began, began + 100.0]
    assert reader.values("a/co2/sensor.y") == []
    reader.ingest.settle(began + 300.0)
    assert reader.values("a/co2/sensor.x") == [500.0, 500.0]
    assert reader.values("a/co2/sensor.y") == [None]
    assert reader.values("a/co2/sensor.never") == [None]
    reader.stop()


async def test_daylight_saving_is_no_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Keep readings evenly spaced across the hour that comes twice."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    reader = Reader(hass, {"a": {Role.CO2: ["sensor.x"]}})
    for value in range(500, 507):
        freezer.tick(timedelta(minutes=10))
        hass.states.async_set("sensor.x", str(value), {"unit_of_measurement": "ppm"})
        await hass.async_block_till_done()
    times = reader.times("a/co2/sensor.x")
    assert [after - before for before, after in pairwise(times)] == [600.0] * 6
    reader.stop()


async def test_clock_set_back(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Go on reading after a reset, with what stands moved to the time that is."""
    reader = Reader(hass, {"a": {Role.MOTION: ["binary_sensor.x"]}})
    await put(hass, freezer, "binary_sensor.x", "on")
    earlier = datetime(2026, 6, 1, 11, tzinfo=UTC)
    freezer.move_to(earlier)
    reader.ingest.reset(earlier.timestamp())
    assert reader.times("a/motion/binary_sensor.x") == [earlier.timestamp()]
    await put(hass, freezer, "binary_sensor.x", "off")
    assert reader.values("a/motion/binary_sensor.x") == [1.0, 0.0]
    reader.stop()


async def test_names(hass: HomeAssistant) -> None:
    """Know an entity by its friendly name, else by its id."""
    reader = Reader(hass, {"a": {Role.MOTION: ["binary_sensor.x"]}})
    hass.states.async_set("binary_sensor.x", "on", {"friendly_name": "Desk"})
    assert reader.ingest.name_of("binary_sensor.x") == "Desk"
    assert reader.ingest.name_of("binary_sensor.y") == "binary_sensor.y"
    reader.stop()
