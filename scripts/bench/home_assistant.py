"""Measure Inkling inside a real Home Assistant: what a state change costs, and how soon its room answers.

Twenty rooms of five entities each, the recorder on. Motion events arrive at random (so that bursts are coalesced), and
each is timed from the moment it is fired to the moment the room's occupancy entity has turned on: before it all of the
room's sensors are gone and the entity says nothing. A room that stays off on motion ends the measurement.
"""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
import json
from pathlib import Path
import random
import shutil
import socket
import statistics
import sys
import tempfile
import time
from types import MappingProxyType
from typing import Any

from homeassistant import bootstrap, runner
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigSubentry
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import area_registry as ar, entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from scripts.demo_home.configuration import bind_to_loopback

ROOT = Path(__file__).resolve().parents[2]
# Mean time between motion events: with twenty rooms awake some fall into one tick, as on a busy evening.
_MEAN_GAP_SECONDS = 0.06
_ANSWER_TIMEOUT_SECONDS = 5.0
_WARM_UP_EVENTS = 40
LATENCY_BAR_MS = 150.0
LOOP_BAR_MS = 1.0
_SAID = frozenset({"on", "off"})
_CONFIGURATION = """
homeassistant:
  time_zone: UTC
recorder:
logger:
  default: critical
"""


@dataclass(frozen=True, slots=True)
class BenchRoom:
    """One room's entities, and the one that answers."""

    entities: dict[str, list[str]]
    occupancy: str

    @property
    def motion(self) -> str:
        """Return the room's motion sensor."""
        return self.entities["motion"][0]


def _states(room: int) -> dict[str, list[tuple[str, str, dict[str, str]]]]:
    """Return a room's entities by role: id, state and attributes."""
    name = f"bench_{room}"
    return {
        "motion": [(f"binary_sensor.{name}_motion", "off", {"device_class": "motion"})],
        "door": [(f"binary_sensor.{name}_door", "off", {"device_class": "door"})],
        "illuminance": [(f"sensor.{name}_light", "12", {"device_class": "illuminance", "unit_of_measurement": "lx"})],
        "co2": [(f"sensor.{name}_co2", "520", {"device_class": "carbon_dioxide", "unit_of_measurement": "ppm"})],
        "temperature": [
            (f"sensor.{name}_temperature", "20.5", {"device_class": "temperature", "unit_of_measurement": "°C"})
        ],
    }


def _free_port() -> int:
    """Return a port of loopback on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _configuration() -> Iterator[Path]:
    """Make a throw-away configuration folder with this checkout's integration and models in it."""
    folder = Path(tempfile.mkdtemp(prefix="inkling-bench-"))
    try:
        (folder / "configuration.yaml").write_text(_CONFIGURATION)
        bind_to_loopback(folder, _free_port())
        (folder / "custom_components").mkdir()
        (folder / "custom_components" / "inkling").symlink_to(ROOT / "custom_components" / "inkling")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _start(folder: Path) -> HomeAssistant:
    """Start a real Home Assistant and wait until it has started."""
    hass = await bootstrap.async_setup_hass(runner.RuntimeConfig(config_dir=str(folder), skip_pip=True))
    if hass is None:
        message = "Home Assistant did not start; see the lines above"
        raise SystemExit(message)
    await hass.async_start()
    await hass.async_block_till_done()
    return hass


def _add_entities(
    hass: HomeAssistant,
    registry: er.EntityRegistry,
    area: ar.AreaEntry,
    roles: dict[str, list[tuple[str, str, dict[str, str]]]],
) -> dict[str, list[str]]:
    """Register and set one room's entities, and return their ids by role."""
    signals: dict[str, list[str]] = {}
    for role, states in roles.items():
        for entity_id, state, attributes in states:
            domain, object_id = entity_id.split(".")
            item = registry.async_get_or_create(
                domain,
                "bench",
                object_id,
                suggested_object_id=object_id,
                original_device_class=attributes["device_class"],
                unit_of_measurement=attributes.get("unit_of_measurement"),
            )
            registry.async_update_entity(item.entity_id, area_id=area.id)
            hass.states.async_set(entity_id, state, attributes)
            signals.setdefault(role, []).append(entity_id)
    return signals


async def _add_rooms(hass: HomeAssistant, count: int) -> tuple[ConfigEntry, list[BenchRoom]]:
    """Add Inkling by its flow, then its rooms with one reload, and return them once every one has an entity."""
    areas, registry = ar.async_get(hass), er.async_get(hass)
    found: list[tuple[ar.AreaEntry, dict[str, list[str]]]] = []
    for room in range(count):
        area = areas.async_get_or_create(f"Bench {room}")
        found.append((area, _add_entities(hass, registry, area, _states(room))))
    result = await hass.config_entries.flow.async_init("inkling", context={"source": SOURCE_USER})
    while result["type"] == "form":
        result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
    entry: ConfigEntry = result["result"]
    for area, signals in found:
        data = MappingProxyType({"area_id": area.id, "signals": signals, "outside": []})
        subentry = ConfigSubentry(data=data, subentry_type="room", title=area.name, unique_id=area.id)
        hass.config_entries.async_add_subentry(entry, subentry)
    await hass.async_block_till_done()
    rooms = []
    for subentry_id, subentry in entry.subentries.items():
        occupancy = registry.async_get_entity_id("binary_sensor", "inkling", f"{subentry_id}_occupancy")
        if occupancy is None:
            message = f"room {subentry.title} has no occupancy entity"
            raise SystemExit(message)
        rooms.append(BenchRoom(subentry.data["signals"], occupancy))
    return entry, rooms


class Stopwatch:
    """Times motion events to the change of their room's occupancy entity."""

    def __init__(self, hass: HomeAssistant, rooms: Sequence[BenchRoom]) -> None:
        """Listen to every room's entity."""
        self._hass = hass
        self._answers: dict[str, asyncio.Future[float]] = {}
        async_track_state_change_event(hass, [room.occupancy for room in rooms], self._handle)

    @callback
    def _handle(self, event: Event[EventStateChangedData]) -> None:
        """Stop the clock of a room that has answered what was waited for."""
        now = time.perf_counter()
        answer = self._answers.get(event.data["entity_id"])
        new = event.data["new_state"]
        if answer is not None and not answer.done() and new is not None and new.state == "on":
            answer.set_result(now)

    async def blind(self, room: BenchRoom) -> None:
        """Take all of a room's sensors away, and wait until its occupancy is unknown."""
        for entity_ids in room.entities.values():
            for entity_id in entity_ids:
                known = self._hass.states.get(entity_id)
                self._hass.states.async_set(entity_id, "unavailable", known.attributes if known else None)
        deadline = time.perf_counter() + 120.0
        while (state := self._hass.states.get(room.occupancy)) is not None and state.state in _SAID:
            if time.perf_counter() > deadline:
                message = f"{room.occupancy} still says {state.state} though all its sensors are gone"
                raise SystemExit(message)
            await asyncio.sleep(0.01)

    async def motion(self, room: BenchRoom) -> float:
        """Fire a motion event and return the seconds until the occupancy entity turned on."""
        answer = self._hass.loop.create_future()
        self._answers[room.occupancy] = answer
        known = self._hass.states.get(room.motion)
        start = time.perf_counter()
        self._hass.states.async_set(room.motion, "on", known.attributes if known else None)
        try:
            stop = await asyncio.wait_for(answer, _ANSWER_TIMEOUT_SECONDS)
        except TimeoutError:
            said = [
                (state.entity_id, state.state) for state in self._hass.states.async_all() if self._is_of(room, state)
            ]
            message = f"{room.occupancy} did not turn on within {_ANSWER_TIMEOUT_SECONDS} s of motion; it says {said}"
            raise SystemExit(message) from None
        return float(stop - start)

    @staticmethod
    def _is_of(room: BenchRoom, state: State) -> bool:
        """Return whether a state is one of Inkling's of a room."""
        return state.entity_id.split(".")[1].startswith(room.occupancy.split(".")[1].removesuffix("_occupancy"))


async def _measure(hass: HomeAssistant, rooms: Sequence[BenchRoom], events: int) -> list[float]:
    """Return the latencies of `events` motion events at random rooms and times."""
    chance = random.Random(20)  # noqa: S311 - a schedule, not a secret
    watch = Stopwatch(hass, rooms)
    free: asyncio.Queue[BenchRoom] = asyncio.Queue()
    for room in chance.sample(list(rooms), len(rooms)):
        free.put_nowait(room)
    found: list[float] = []

    async def one(room: BenchRoom) -> None:
        """Time one event in a room that is made unknown first."""
        await watch.blind(room)
        found.append(await watch.motion(room))
        free.put_nowait(room)

    # A group, so that one event without an answer ends the measurement instead of waiting for its room for ever.
    async with asyncio.TaskGroup() as group:
        for _ in range(events):
            await asyncio.sleep(chance.expovariate(1.0 / _MEAN_GAP_SECONDS))
            group.create_task(one(await free.get()))
    return found


def _percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile of values."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def _run(rooms_count: int, events: int) -> dict[str, Any]:
    """Run the whole measurement and return its figures."""
    with _configuration() as folder:
        hass = await _start(folder)
        try:
            entry, rooms = await _add_rooms(hass, rooms_count)
            await _measure(hass, rooms, _WARM_UP_EVENTS)
            found = await _measure(hass, rooms, events)
            timings = entry.runtime_data.coordinator.timings.summary()
        finally:
            await hass.async_stop(force=True)
    return {
        "rooms": rooms_count,
        "events": len(found),
        "latency_ms": {
            "p50": round(statistics.median(found) * 1e3, 1),
            "p99": round(_percentile(found, 0.99) * 1e3, 1),
            "max": round(max(found) * 1e3, 1),
        },
        "timings": timings,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the JSON form is for machines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rooms", type=int, default=20)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    figures = asyncio.run(_run(options.rooms, options.events), loop_factory=runner.create_event_loop)
    latency = figures["latency_ms"]
    print(f"motion event to occupancy entity, {figures['events']} events, {figures['rooms']} rooms: {latency} ms")
    for kind, summary in figures["timings"].items():
        print(f"  {kind:15} {summary}")
    loop_us = sum(figures["timings"][kind]["p99_us"] for kind in ("loop_event", "loop_snapshot", "loop_publish"))
    bars = f"latency p99 {LATENCY_BAR_MS:.0f} ms, loop {LOOP_BAR_MS:.0f} ms"
    print(f"on the loop, the three 99th percentiles together: {loop_us / 1e3:.2f} ms (bars: {bars})")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2))
    return int(latency["p99"] > LATENCY_BAR_MS or loop_us / 1e3 > LOOP_BAR_MS)


if __name__ == "__main__":
    sys.exit(main())
