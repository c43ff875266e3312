"""The tick: coalescing, one job at a time, failures and explanations."""

import asyncio
from datetime import timedelta
import threading
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import numpy as np
from numpy.typing import NDArray
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling import coordinator as coordinator_module
from custom_components.inkling.const import EXPLAIN_SECONDS, FAILURES_LIMIT
from custom_components.inkling.core.backends import ModelFault, ModelRefusedError
from custom_components.inkling.core.decide import DecisionParameters
from custom_components.inkling.core.pipeline import Request, score_batch
from custom_components.inkling.core.verdict import Contribution, Decision, Score, UnknownReason, Verdict
from custom_components.inkling.model_files import FoundModel, Origin
from custom_components.inkling.room import Room

from .conftest import HandBackend, hand_model, issue_ids, room_id, set_up, settle, state_of


class Calls:
    """Counts batches, and notices two at a time."""

    def __init__(self) -> None:
        """Start without any."""
        self.batches: list[list[Request]] = []
        self.overlapped = False
        self._lock = threading.Lock()

    def __call__(self, model: Any, snapshot: Any, requests: Any) -> dict[str, Score]:  # noqa: ANN401 - handed on
        """Score as usual."""
        self.overlapped |= not self._lock.acquire(blocking=False)
        self.batches.append(list(requests))
        found = score_batch(model, snapshot, requests)
        if self._lock.locked():
            self._lock.release()
        return found

    def plain(self) -> int:
        """Return how many batches did not ask for an explanation."""
        return sum(not any(request.explain for request in batch) for batch in self.batches)


@pytest.fixture
def calls(hand_loaded: None) -> Any:  # noqa: ANN401 - a generator of Calls
    """Watch every batch."""
    found = Calls()
    with patch.object(coordinator_module, "score_batch", found):
        yield found


async def test_first_tick_judges_all_rooms_in_one_batch(
    hass: HomeAssistant, entry: MockConfigEntry, calls: Calls
) -> None:
    """Score every room at once, with an explanation each."""
    await set_up(hass, entry)
    assert [{request.room for request in batch} for batch in calls.batches] == [set(entry.subentries)]
    assert all(request.explain for request in calls.batches[0])


async def test_a_thousand_edges_make_few_batches(hass: HomeAssistant, entry: MockConfigEntry, calls: Calls) -> None:
    """Coalesce a storm of edges into ten batches a second, never two at a time."""
    await set_up(hass, entry)
    await asyncio.sleep(0.15)
    calls.batches.clear()
    began = hass.loop.time()
    for count in range(1000):
        hass.states.async_set("binary_sensor.office_motion", "on" if count % 2 == 0 else "off")
        if count % 20 == 0:
            await asyncio.sleep(0.005)
    hass.states.async_set("binary_sensor.office_motion", "on")
    await settle(hass)
    await asyncio.sleep(0.15)
    lasted = hass.loop.time() - began
    assert 1 < calls.plain() <= lasted / 0.1 + 2
    assert not calls.overlapped
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    assert entry.runtime_data.coordinator.timings.counts["loop_event"] >= 1000


async def test_an_edge_after_quiet_is_judged_at_once(hass: HomeAssistant, entry: MockConfigEntry, calls: Calls) -> None:
    """Wait for nothing when nothing happened for a while."""
    await set_up(hass, entry)
    await asyncio.sleep(0.15)
    hass.states.async_set("binary_sensor.office_motion", "on")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    assert state_of(hass, "binary_sensor.kitchen_occupancy") == "off"
    assert {request.room for request in calls.batches[1]} == {room_id(entry, "Office")}


async def test_an_edge_of_the_home_concerns_every_room(
    hass: HomeAssistant, entry: MockConfigEntry, calls: Calls
) -> None:
    """Judge all rooms when a door that leads out opens."""
    hass.config_entries.async_update_entry(entry, options={"exit_doors": ["binary_sensor.front"], "people": []})
    hass.states.async_set("binary_sensor.front", "off")
    await set_up(hass, entry)
    calls.batches.clear()
    hass.states.async_set("binary_sensor.front", "on")
    await settle(hass)
    assert {request.room for request in calls.batches[0]} == set(entry.subentries)


async def test_events_during_a_job_wait(hass: HomeAssistant, entry: MockConfigEntry, calls: Calls) -> None:
    """Queue what comes while a batch runs, and judge it in the next."""
    await set_up(hass, entry)
    await asyncio.sleep(0.15)
    running, release = threading.Event(), threading.Event()

    def slow(model: Any, snapshot: Any, requests: Any) -> dict[str, Score]:  # noqa: ANN401 - handed on
        """Score when told to."""
        running.set()
        release.wait(5.0)
        return calls(model, snapshot, requests)

    calls.batches.clear()
    with patch.object(coordinator_module, "score_batch", slow):
        hass.states.async_set("binary_sensor.office_motion", "on")
        await asyncio.to_thread(running.wait, 5.0)
        hass.states.async_set("binary_sensor.kitchen_motion", "on")
        await asyncio.sleep(0.15)
        assert not calls.batches
        release.set()
        await settle(hass)
        await asyncio.sleep(0.15)
        await settle(hass)
    assert state_of(hass, "binary_sensor.kitchen_occupancy") == "on"
    assert not calls.overlapped


async def test_the_minute_judges_all(
    hass: HomeAssistant, entry: MockConfigEntry, calls: Calls, freezer: FrozenDateTimeFactory
) -> None:
    """Judge every room each minute, since silence means more with time."""
    await set_up(hass, entry)
    calls.batches.clear()
    freezer.tick(61.0)
    async_fire_time_changed(hass)
    await settle(hass)
    assert {request.room for request in calls.batches[0]} == set(entry.subentries)


async def test_a_room_is_followed_after_an_edge(
    hass: HomeAssistant, entry: MockConfigEntry, calls: Calls, freezer: FrozenDateTimeFactory
) -> None:
    """Judge a room every ten seconds for a minute after something happened there, then leave it to the minute."""
    await set_up(hass, entry)
    hass.states.async_set("binary_sensor.office_motion", "on")
    await settle(hass)
    calls.batches.clear()
    for _ in range(12):
        freezer.tick(10.1)
        async_fire_time_changed(hass)
        await settle(hass)
    office = [batch for batch in calls.batches if {request.room for request in batch} == {room_id(entry, "Office")}]
    assert 5 <= len(office) <= 8


async def test_settling_marks_what_never_came(
    hass: HomeAssistant, entry: MockConfigEntry, calls: Calls, freezer: FrozenDateTimeFactory
) -> None:
    """After the start-up, count sensors that did not come as missing, and say that nothing can be read."""
    for entity_id in ("binary_sensor.office_motion", "sensor.office_co2"):
        hass.states.async_set(entity_id, "unavailable", {"restored": True})
    await set_up(hass, entry)
    for _ in range(5):
        freezer.tick(61.0)
        async_fire_time_changed(hass)
        await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "unavailable"


class BrokenBackend(HandBackend):
    """Fails as often as it is told to."""

    def __init__(self, error: Exception, times: int = 10**9) -> None:
        """Take the error and how often it comes."""
        self._error = error
        self._left = times

    def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Fail, or answer once it may."""
        self._left -= 1
        if self._left >= 0:
            raise self._error
        return super().run(*inputs)


async def judge(hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int) -> None:
    """Let minutes pass."""
    for _ in range(minutes):
        freezer.tick(61.0)
        async_fire_time_changed(hass)
        await settle(hass)


@pytest.mark.parametrize(
    "error", [ModelRefusedError(ModelFault.RUNTIME, "overflow"), ValueError("shapes"), MemoryError()]
)
async def test_a_model_that_keeps_failing_is_given_up(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory, error: Exception
) -> None:
    """Say unknown with the reason, raise one repair, and stop asking."""
    found = FoundModel(hand_model(BrokenBackend(error)), Origin.SHIPPED)
    with patch("custom_components.inkling.load_model", return_value=found):
        await set_up(hass, entry)
    assert state_of(hass, "binary_sensor.office_occupancy") == "unknown"
    assert state_of(hass, "sensor.office_reason") == "The model failed."
    assert not issue_ids(hass)
    await judge(hass, freezer, FAILURES_LIMIT)
    assert issue_ids(hass) == {"runtime_failed"}
    assert entry.runtime_data.coordinator.failures == FAILURES_LIMIT
    assert entry.runtime_data.coordinator.data[room_id(entry, "Office")].score.coverage == 1.0


async def test_a_model_that_recovers(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Count failures in a row only."""
    found = FoundModel(hand_model(BrokenBackend(ValueError("once"), times=2)), Origin.SHIPPED)
    with patch("custom_components.inkling.load_model", return_value=found):
        await set_up(hass, entry)
    await judge(hass, freezer, 3)
    assert entry.runtime_data.coordinator.failures == 0
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


async def test_no_model(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say that there is no model, and how much could be read."""
    with patch("custom_components.inkling.load_model", return_value=FoundModel(None, None)):
        await set_up(hass, entry)
    assert state_of(hass, "binary_sensor.office_occupancy") == "unknown"
    assert state_of(hass, "sensor.office_occupancy_probability") == "unknown"
    assert state_of(hass, "sensor.office_reason") == "There is no model that can be used."


async def test_off_delay_is_waited_for(
    hass: HomeAssistant, entry: MockConfigEntry, calls: Calls, freezer: FrozenDateTimeFactory
) -> None:
    """Turn off when the user's delay is over, without waiting for the minute."""
    hass.config_entries.async_update_entry(entry, options={"off_delay_seconds": 10})
    await set_up(hass, entry)
    freezer.tick(5.0)
    hass.states.async_set("binary_sensor.office_motion", "on")
    freezer.tick(5.0)
    await settle(hass)
    hass.states.async_set("binary_sensor.office_motion", "off")
    freezer.tick(61.0)
    async_fire_time_changed(hass)
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    freezer.tick(11.0)
    async_fire_time_changed(hass)
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


PARAMETERS = DecisionParameters(on_threshold=0.6, off_threshold=0.4)


def score(probability: float | None, end: float, unknown: UnknownReason | None = None, **extra: Any) -> Score:  # noqa: ANN401
    """Return a score of room a."""
    return Score(room="a", end=end, probability=probability, coverage=1.0, history=1.0, unknown=unknown, **extra)


def test_when_a_room_wants_an_explanation() -> None:
    """Ask anew at a flip, at five points, after a quarter of an hour, and not otherwise."""
    room = Room("a", PARAMETERS, None)
    assert room.is_unexplained
    assert room.apply(score(0.5, 0.0), "m", "b", is_settled=True)
    given: tuple[Contribution, ...] = (Contribution("x", 1.0),)
    room.explain(score(0.5, 0.0, contributions=given))
    assert room.verdict is not None
    assert room.verdict.contributions == given
    assert not room.apply(score(0.54, 10.0), "m", "b", is_settled=True)
    assert room.verdict.contributions == given
    assert room.apply(score(0.55, 20.0), "m", "b", is_settled=True)
    assert not room.apply(score(0.5, EXPLAIN_SECONDS - 1.0), "m", "b", is_settled=True)
    assert room.apply(score(0.5, EXPLAIN_SECONDS), "m", "b", is_settled=True)
    room.explain(score(0.58, EXPLAIN_SECONDS, contributions=given))
    assert room.apply(score(0.61, EXPLAIN_SECONDS + 1.0), "m", "b", is_settled=True)
    assert not room.apply(score(None, 2000.0, UnknownReason.NO_SIGNALS), "m", "b", is_settled=True)
    assert len(room.verdict.contributions) == 0
    room.explain(score(None, 2000.0))
    assert len(room.verdict.contributions) == 0


def test_a_restored_room_waits_for_its_sensors() -> None:
    """Keep what was restored until the sensors are back or the start-up is over."""
    restored = Verdict(
        score=score(0.9, 0.0), decision=Decision(occupied=True, since=0.0), contributions=(), model=None, backend=None
    )
    room = Room("a", PARAMETERS, restored)
    assert not room.apply(score(None, 5.0, UnknownReason.NO_SIGNALS), "m", "b", is_settled=False)
    assert room.verdict is restored
    room.apply(score(0.5, 6.0), "m", "b", is_settled=False)
    assert room.verdict is not None
    assert room.verdict.decision == Decision(occupied=True, since=0.0)
    room.apply(score(None, 7.0, UnknownReason.NO_SIGNALS), "m", "b", is_settled=False)
    assert room.verdict.decision.occupied is None


async def test_nothing_ticks_before_the_history_is_read(
    hass: HomeAssistant, entry: MockConfigEntry, calls: Calls
) -> None:
    """Let edges wait for the warm start, and unload cleanly in the middle of it."""
    reading = asyncio.Event()

    async def never(*_: object) -> int:
        """Read for ever."""
        reading.set()
        await asyncio.Event().wait()
        return 0

    with patch("custom_components.inkling.async_warm", never):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await reading.wait()
        hass.states.async_set("binary_sensor.office_motion", "on")
        await asyncio.sleep(0.15)
        assert not calls.batches
        assert state_of(hass, "binary_sensor.office_occupancy") == "unknown"
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_decision_timer_ends_with_the_entry(hass: HomeAssistant, entry: MockConfigEntry, calls: Calls) -> None:
    """Leave no timer behind when a change is still pending."""
    hass.config_entries.async_update_entry(entry, options={"off_delay_seconds": 600})
    hass.states.async_set("binary_sensor.office_motion", "on")
    await set_up(hass, entry)
    hass.states.async_set("binary_sensor.office_motion", "off")
    await hass.async_block_till_done()
    with patch.object(coordinator_module, "_now", lambda: asyncio.get_running_loop().time() + 2e9):
        entry.runtime_data.coordinator.mark_due([None])
        await asyncio.sleep(timedelta(milliseconds=300).total_seconds())
    assert entry.runtime_data.coordinator._decision_timer is not None
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_clock_set_forward(
    hass: HomeAssistant, entry: MockConfigEntry, calls: Calls, freezer: FrozenDateTimeFactory
) -> None:
    """Go on judging after a jump ahead, with what stands still standing."""
    await set_up(hass, entry)
    freezer.tick(timedelta(days=400))
    async_fire_time_changed(hass)
    await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"
    hass.states.async_set("binary_sensor.office_motion", "on")
    freezer.tick(1.0)
    await settle(hass)
    await judge(hass, freezer, 1)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
