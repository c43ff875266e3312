"""What is learned lives on the loop and comes back after a restart, whatever the disk does."""

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from zlib import crc32

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.inkling.const import HORIZONS_MINUTES, LEARN_SECONDS
from custom_components.inkling.journal import Journal
from custom_components.inkling.slot_store import (
    FLUSH_SECONDS,
    SPAN_LIMIT_SECONDS,
    SYNC_SECONDS,
    LearnedStore,
    StoreProblem,
)

T0 = 1_700_006_400.0
RULES = {"same": 0.2, "persistence": 1.0}
NAMES = ("same", "persistence", "profile", "markov")


async def _loaded(hass: HomeAssistant, *rooms: str) -> LearnedStore:
    """Return a store that has read its files."""
    store = LearnedStore(hass, "entry")
    await store.async_load(rooms)
    return store


def _files(folder: Path) -> dict[str, bytes]:
    """Return the files of the store by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def _flush(hass: HomeAssistant) -> None:
    """Let the store's timer run out and the write end."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=FLUSH_SECONDS))
    await hass.async_block_till_done()


def _learn(store: LearnedStore, slots: int = 2) -> None:
    """Record some quarters of an hour, minute by minute: an office that is used and a kitchen that is not."""
    for minute in range(15 * slots):
        start = T0 + 60.0 * minute
        store.record("office", occupied=True, start=start, end=start + 60.0)
        store.record("kitchen", occupied=False, start=start, end=start + 60.0)


async def test_learned_is_back_after_a_kill(hass: HomeAssistant, learned_folder: Path) -> None:
    """Read back from the lines what was written a second after it happened, without any closing."""
    store = await _loaded(hass, "office", "kitchen")
    _learn(store)
    await _flush(hass)
    store.note("office", 30, T0, 0.91234567, RULES)
    store.keep("bootstrapped", {"at": T0})
    await _flush(hass)
    assert set(_files(learned_folder)) == {
        "inkling.entry.learned",
        "inkling.entry.learned.journal",
    }
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
    store.settle("office", T0 + 900.0, occupied=True)
    assert store.skill.skill("office", 30).count == 0
    store.settle("office", T0 + 1800.0, occupied=True)
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
    store.record("a", occupied=False, start=T0 + 60.0, end=T0 + 120.0)
    assert store._events[-2:] == [
        ["s", T0 + 60, T0 + 120, [0, 2], [1]],
        ["s", T0 + 60, T0 + 120, [], [0]],
    ]
    await store.async_close()


async def test_what_tells_nothing_is_not_kept(hass: HomeAssistant) -> None:
    """Record no unknown state, no span that runs backwards, and none so long that the clock must have leapt."""
    store = await _loaded(hass, "office")
    store.record("office", None, T0, T0 + 60.0)
    store.record("office", occupied=True, start=T0, end=T0 - 60.0)
    store.record("office", occupied=True, start=T0, end=T0 + SPAN_LIMIT_SECONDS + 1.0)
    assert not store.histories
    store.settle("office", T0, occupied=True)
    assert store._events == [["r", "office"]]
    await store.async_close()


async def test_history_of_others_is_kept(hass: HomeAssistant) -> None:
    """Keep slots that were merged from the recorder."""
    store = await _loaded(hass, "office")
    store.merge("office", int(T0 // 900), np.array([0.5, np.nan, 1.0], np.float32))
    await store.async_close()
    again = await _loaded(hass, "office")
    np.testing.assert_array_equal(again.histories["office"].view(T0 + 2700.0).shares, [0.5, np.nan, 1.0])
    await again.async_close()


async def test_disk_is_written_once_a_minute(hass: HomeAssistant) -> None:
    """Hand every second's changes to the system, and to the disk itself once a minute."""
    store = await _loaded(hass, "office")
    store.keep("first", 1)
    await _flush(hass)
    with patch.object(Journal, "append", autospec=True) as append:
        for number in range(3):
            store.keep("number", number)
            await _flush(hass)
        store._last_sync -= SYNC_SECONDS
        store.keep("number", 3)
        await _flush(hass)
    assert [call.kwargs["sync"] for call in append.call_args_list] == [False, False, False, True]
    await store.async_close()


async def test_a_day_of_lines_is_small(hass: HomeAssistant, learned_folder: Path) -> None:
    """Write at most 70 KB of lines a day and room, and 150 KB a home, while every horizon is scored."""
    sizes = []
    for rooms in (["home"], [f"room_{number}" for number in range(6)]):
        store = LearnedStore(hass, f"of_{len(rooms)}")
        await store.async_load(rooms)
        for second in range(0, 6 * 3600, LEARN_SECONDS):
            now = T0 + second
            for room in rooms:
                store.record(room, occupied=second % 7200 < 3600, start=now, end=now + LEARN_SECONDS)
                store.settle(room, now + LEARN_SECONDS, occupied=second % 7200 < 3600)
                for minutes in HORIZONS_MINUTES:
                    store.note(room, minutes, now + 0.123456, 0.1234, dict.fromkeys(NAMES, 0.1234))
            await store.async_flush()
        sizes.append(4 * (learned_folder / f"inkling.of_{len(rooms)}.learned.journal").stat().st_size)
        await store.async_close()
    per_room = (sizes[1] - sizes[0]) / 5
    assert 20_000 < per_room < 70_000
    assert sizes[0] - per_room < 150_000


async def test_stop_writes_everything(hass: HomeAssistant, learned_folder: Path) -> None:
    """Write one snapshot when Home Assistant stops, and nothing afterwards."""
    store = await _loaded(hass, "office")
    _learn(store)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    before = _files(learned_folder)
    assert "inkling.entry.learned.journal" not in before
    _learn(store, 4)
    await _flush(hass)
    await store.async_close()
    assert before == _files(learned_folder)
    assert len((await _loaded(hass, "office")).histories) == 1


async def test_full_disk_is_told_once_and_survived(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Go on learning while the disk is full, and write all of it once there is room."""
    store = await _loaded(hass, "office", "kitchen")
    with patch("custom_components.inkling.journal.os.fsync", side_effect=OSError("no space left on device")):
        for _ in range(2):
            _learn(store)
            await _flush(hass)
    told = store.problem
    assert told is StoreProblem.UNWRITABLE
    assert caplog.text.count("cannot be written, which is tried again") == 1
    store.keep("there is", "room")
    await _flush(hass)
    assert store.problem is None
    again = await _loaded(hass, "office", "kitchen")
    np.testing.assert_array_equal(again.histories["office"].view(T0 + 1800.0).shares, [1.0, 1.0])
    await store.async_close()
    await again.async_close()


async def test_newer_files_stay_as_they_are(hass: HomeAssistant, learned_folder: Path) -> None:
    """Learn without keeping it where a later version wrote the files."""
    store = await _loaded(hass, "office")
    _learn(store)
    await store.async_close()
    file = learned_folder / "inkling.entry.learned"
    file.write_bytes(file.read_bytes().replace(b'"version": 1', b'"version": 2'))
    before = file.read_bytes()
    store = await _loaded(hass, "office")
    assert store.problem is StoreProblem.NEWER_VERSION
    _learn(store)
    await _flush(hass)
    await store.async_close()
    assert set(store.histories) == {"office", "kitchen"}
    assert file.read_bytes() == before


async def test_disk_that_cannot_be_read(hass: HomeAssistant) -> None:
    """Begin anew in memory where the disk fails."""
    with patch.object(Journal, "load", side_effect=OSError("input/output error")):
        store = await _loaded(hass, "office")
    assert store.problem is StoreProblem.UNREADABLE
    await store.async_close()


@pytest.mark.parametrize("line", [b"3", b"[3]", b'[["?"]]'])
async def test_damage_is_told(hass: HomeAssistant, learned_folder: Path, line: bytes) -> None:
    """Use what can be read of damaged files: lines that cannot be events, a snapshot that is none."""
    store = await _loaded(hass, "office", "kitchen")
    _learn(store, 1)
    await store.async_close()
    checksum = crc32(b"1 " + line)
    (learned_folder / "inkling.entry.learned.journal").write_bytes(b"1 %08x %s\n" % (checksum, line))
    again = await _loaded(hass, "office", "kitchen")
    assert again.problem is StoreProblem.DAMAGED
    assert set(again.histories) == {"office", "kitchen"}
    _learn(again, 2)
    await again.async_close()
    file = learned_folder / "inkling.entry.learned"
    file.write_bytes(file.read_bytes().split(b"\n")[0])
    last = await _loaded(hass, "office", "kitchen")
    assert last.problem is StoreProblem.DAMAGED
    assert set(last.histories) == {"office", "kitchen"}
    await last.async_close()


async def test_snapshot_that_holds_something_else(hass: HomeAssistant, learned_folder: Path) -> None:
    """Refuse a whole snapshot of what no home can have learned."""
    Journal(learned_folder / "inkling.entry.learned").compact(b"something else")
    store = await _loaded(hass, "office")
    assert store.problem is StoreProblem.DAMAGED
    assert not store.histories
    await store.async_close()


async def test_many_lines_become_a_snapshot(hass: HomeAssistant, learned_folder: Path) -> None:
    """Begin a new journal when the old one has grown."""
    store = await _loaded(hass, "office", "kitchen")
    with patch("custom_components.inkling.learned_file.LINES_LIMIT", 2):
        for number in range(4):
            store.keep("number", number)
            await _flush(hass)
    assert (learned_folder / "inkling.entry.learned.old").exists()
    await store.async_close()


async def test_remove_leaves_nothing(hass: HomeAssistant, learned_folder: Path) -> None:
    """Delete the files with the entry."""
    store = await _loaded(hass, "office")
    _learn(store)
    await store.async_close()
    await store.async_remove()
    assert _files(learned_folder) == {}
