"""What is learned lives on the loop and comes back after a restart, whatever the disk does."""

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.inkling.journal import Journal
from custom_components.inkling.slot_store import FLUSH_SECONDS, SPAN_LIMIT_SECONDS, LearnedStore, StoreProblem

T0 = 1_700_006_400.0
RULES = {"same": 0.2, "persistence": 1.0}


async def _loaded(hass: HomeAssistant, *rooms: str) -> LearnedStore:
    """Return a store that has read its files."""
    store = LearnedStore(hass, "entry")
    await store.async_load(rooms)
    return store


async def _flush(hass: HomeAssistant) -> None:
    """Let the store's timer run out and the write end."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=FLUSH_SECONDS))
    await hass.async_block_till_done()


def _learn(store: LearnedStore, slots: int = 2) -> None:
    """Record some quarters of an hour, minute by minute: an office that is used and a kitchen that is not."""
    for minute in range(15 * slots):
        start = T0 + 60.0 * minute
        store.record("office", True, start, start + 60.0)
        store.record("kitchen", False, start, start + 60.0)


async def test_learned_is_back_after_a_kill(hass: HomeAssistant, learned_folder: Path) -> None:
    """Read back from the lines what was written a second after it happened, without any closing."""
    store = await _loaded(hass, "office", "kitchen")
    _learn(store)
    await _flush(hass)
    store.note("office", 30, T0, 0.91234567, RULES)
    store.keep("bootstrapped", {"at": T0})
    await _flush(hass)
    assert (learned_folder / ".").is_dir()
    again = await _loaded(hass, "office", "kitchen")
    np.testing.assert_array_equal(again.histories["office"].view(T0 + 1800.0).shares, [1.0, 1.0])
    np.testing.assert_array_equal(again.histories["kitchen"].view(T0 + 1800.0).shares, [0.0, 0.0])
    assert again.skill.to_json() == store.skill.to_json()
    assert again.extras == {"bootstrapped": {"at": T0}}
    assert again.problem is None
    await store.async_close()
    await again.async_close()


async def test_scores_follow_what_was_noted(hass: HomeAssistant) -> None:
    """Score a forecast when its time comes, and keep the score."""
    store = await _loaded(hass, "office")
    store.note("office", 30, T0, 0.75, RULES)
    store.settle("office", T0 + 900.0, True)
    assert store.skill.skill("office", 30).count == 0
    store.settle("office", T0 + 1800.0, True)
    assert store.skill.skill("office", 30).brier == pytest.approx(0.0625)
    await store.async_close()
    again = await _loaded(hass, "office")
    assert again.skill.skill("office", 30).baseline == "persistence"
    await again.async_close()


async def test_rooms_that_are_gone_are_forgotten(hass: HomeAssistant) -> None:
    """Keep nothing of a room that was removed, also not when it was removed while Home Assistant was off."""
    store = await _loaded(hass, "office", "kitchen")
    _learn(store)
    store.forget("kitchen")
    store.forget("cellar")
    assert set(store.histories) == {"office"}
    await store.async_close()
    again = await _loaded(hass)
    assert not again.histories
    await again.async_close()
    assert not (await _loaded(hass, "office")).histories


async def test_rooms_of_a_tick_share_an_event(hass: HomeAssistant) -> None:
    """Write a minute of many rooms as one event, in the order in which things happened."""
    store = await _loaded(hass, *"abc")
    for start in (T0, T0 + 60.0):
        for room, occupied in (("a", True), ("b", False), ("c", True)):
            store.record(room, occupied, start, start + 60.0)
    store.record("a", False, T0 + 60.0, T0 + 120.0)
    assert store._events[-2:] == [
        ["s", T0 + 60, T0 + 120, [0, 2], [1]],
        ["s", T0 + 60, T0 + 120, [], [0]],
    ]
    await store.async_close()
