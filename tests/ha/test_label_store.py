"""What becomes of labels over restarts, model changes, bad files and the end of the entry."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.label_store import LabelStore
from custom_components.inkling.model_files import FoundModel, Origin

from .conftest import hand_model, room_id, set_up, settle, state_of
from .test_labels import HOME, MOTION, OFFICE, after, labelling_of, say

pytestmark = pytest.mark.usefixtures("hand_loaded")


def key_of(entry: MockConfigEntry) -> str:
    """Return the name of the file."""
    return f"inkling.{entry.entry_id}.labels"


async def reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set the entry up anew, as a restart does."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


async def test_everything_outlives_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """Keep labels, the word that stands, what was learned, and how the room's answers are spread."""
    await set_up(hass, entry)
    await say(hass, "occupied")
    office = room_id(entry, "Office")
    labels, feedback = labelling_of(entry).labels, labelling_of(entry).feedback_of(office)
    shift, counts = feedback.shift, list(feedback.spread.counts)
    assert shift > 0.0
    await reload(hass, entry)
    again = labelling_of(entry).feedback_of(office)
    assert again is not feedback
    (kept,) = labelling_of(entry).labels
    assert (kept.id, kept.start, kept.end) == (labels[0].id, labels[0].start, labels[0].end)
    assert again.shift == pytest.approx(shift, abs=1e-3)
    assert sum(again.spread.counts) >= sum(counts)
    assert state_of(hass, OFFICE) == "on"
    assert hass_storage[key_of(entry)]["version"] == 1


async def test_removed_with_the_entry(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """Leave no file behind."""
    await set_up(hass, entry)
    await say(hass, "occupied")
    await hass.config_entries.async_unload(entry.entry_id)
    assert key_of(entry) in hass_storage
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert key_of(entry) not in hass_storage


async def test_a_word_that_is_over_is_not_kept(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    """Write that a word has ended, so that no restart brings it back."""
    await set_up(hass, entry)
    await say(hass, "vacant")
    hass.states.async_set(MOTION, "on")
    await settle(hass)
    await after(hass, freezer, minutes=2)
    assert state_of(hass, OFFICE) == "on"
    assert hass_storage[key_of(entry)]["data"]["holds"] == {}


async def test_a_later_version_is_left_alone(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Take labels all the same, and write none of them over what a later version knows."""
    later = {"version": 2, "minor_version": 1, "key": key_of(entry), "data": {"labels": "elsewhere"}}
    hass_storage[key_of(entry)] = later
    await set_up(hass, entry)
    assert "written by a later Inkling" in caplog.text
    assert not labelling_of(entry).are_kept
    await say(hass, "occupied")
    assert state_of(hass, OFFICE) == "on"
    await hass.config_entries.async_unload(entry.entry_id)
    assert hass_storage[key_of(entry)] == later


async def test_what_a_file_cannot_mean_is_left_out(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """Take from a damaged file what is whole: no label of a room that is gone, no false hold, no false spread."""
    office = room_id(entry, "Office")
    label = {
        "id": "1",
        "target": office,
        "label": "occupied",
        "start": 100.0,
        "end": 200.0,
        "created": 200.0,
        "points": [],
        "model": "hand 1",
        "shift_before": 0.0,
    }
    data = {
        "labels": [label, {**label, "target": "a room that is gone"}, {**label, "end": 50.0}, "label"],
        "holds": {office: {"occupied": "yes"}},
        "spreads": {
            office: {"model": 3, "counts": []},
            "kitchen": {"model": "hand 1", "counts": ["many"]},
            "attic": {"model": "hand 1", "counts": [-1.0] * 32},
            "cellar": [],
        },
    }
    hass_storage[key_of(entry)] = {"version": 1, "minor_version": 1, "key": key_of(entry), "data": data}
    store = LabelStore(hass, entry.entry_id)
    await store.async_load([office])
    assert [item.id for item in store.labels] == ["1"]
    assert (store.holds, store.spreads) == ({}, {})
    hass_storage[key_of(entry)]["data"] = {"labels": 3, "holds": 3}
    await store.async_load([office])
    assert (store.labels, store.holds) == ((), {})
    await store.async_close()
    assert hass_storage[key_of(entry)]["data"] == {"labels": 3, "holds": 3}


async def test_another_model_learns_anew(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Let go of a shift with its model, keep the labels, and go without one while there is no model."""
    await set_up(hass, entry)
    await say(hass, "occupied")
    feedback = labelling_of(entry).feedback_of(room_id(entry, "Office"))
    assert feedback.shift > 0.0
    for found, model in ((FoundModel(None, None), ""), (FoundModel(hand_model(), Origin.SHIPPED), "hand 1")):
        with patch("custom_components.inkling.services.load_model", return_value=found):
            await hass.services.async_call("inkling", "reload_models", blocking=True)
        await settle(hass)
        assert (feedback.model, len(labelling_of(entry).labels)) == (model, 1)
        assert (feedback.shift > 0.0) == bool(model)


async def test_labels_age_and_limits_follow(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Learn anew every hour: what was said long ago counts less."""
    await set_up(hass, entry)
    await say(hass, "occupied")
    feedback = labelling_of(entry).feedback_of(room_id(entry, "Office"))
    shift = feedback.shift
    freezer.tick(timedelta(days=90))
    async_fire_time_changed(hass, dt_util.utcnow())
    await settle(hass)
    assert 0.4 * shift < feedback.shift < 0.7 * shift


async def test_no_label_no_work(hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]) -> None:
    """Write no file for a home that never said anything."""
    await set_up(hass, entry)
    await labelling_of(entry).async_learn()
    await hass.config_entries.async_unload(entry.entry_id)
    assert key_of(entry) not in hass_storage


async def test_the_word_that_stands_can_be_taken_back(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Forget labels of what is no room, of an older time, and of the home."""
    await set_up(hass, entry)
    labelling = labelling_of(entry)
    watched = labelling.add("a signal", "normal", None, None, None).label
    home = await say(hass, "occupied", HOME)
    now = dt_util.utcnow()
    old = await say(hass, "vacant", start=now - timedelta(hours=3), end=now - timedelta(hours=2))
    assert state_of(hass, HOME) == "on"
    for label_id in (watched.id, home["id"], old["id"]):
        assert labelling.delete(label_id)
    await settle(hass)
    assert (labelling.labels, state_of(hass, HOME)) == ((), "off")
    assert not labelling.delete(watched.id)
