"""Events do the same whether they happen or are read back, and false ones are refused."""

from __future__ import annotations

import json
from typing import Any
import zlib

import numpy as np
import pytest

from custom_components.inkling.core.learned import Event, Learned, LearnedError, merge_event

T0 = 1_700_006_400
RULES = {"same": 0.5}
EVENTS: list[Event] = [
    ["r", "office"],
    ["r", "kitchen"],
    ["r", "attic"],
    ["s", T0, T0 + 900, [0], [1]],
    ["n", 0, 15, T0, 0.9, RULES],
    ["t", 0, T0 + 900, True],
    merge_event(1, T0 // 900 - 2, np.array([0.5, 1.0])),
    ["x", "day", {"kind": "work"}],
    ["x", "gone", 1],
    ["x", "gone", None],
    ["n", 2, 15, T0, 0.9, RULES],
    ["f", 2],
    ["r", "hall"],
    ["s", T0, T0 + 900, [3], []],
]


def _learned() -> Learned:
    """Return what the events lead to."""
    learned = Learned()
    for event in EVENTS:
        assert learned.apply(event)
    return learned


def test_events_happen() -> None:
    """Find in slots, scores and extras what the events said."""
    learned = _learned()
    assert learned.histories["office"].view(T0 + 900).shares.tolist() == [1.0]
    assert learned.histories["kitchen"].view(T0 + 900).shares.tolist() == [0.5, 1.0, 0.0]
    assert learned.skill.skill("office", 15).count == 1
    assert learned.extras == {"day": {"kind": "work"}}
    assert set(learned.histories) == {"office", "kitchen", "hall"}
    assert learned.number_of("hall") == 3
    assert learned.number_of("attic") is None
    assert not learned.apply(["t", 0, T0 + 900, True])
    assert not learned.apply(["t", 1, T0 + 900, None])


def test_reading_back_is_happening_again() -> None:
    """Pack in the middle, go on with events as JSON tells them, and find the same bytes."""
    for cut in range(len(EVENTS) + 1):
        learned = Learned()
        for event in EVENTS[:cut]:
            learned.apply(event)
        learned = Learned.from_bytes(learned.to_bytes())
        for event in json.loads(json.dumps(EVENTS[cut:])):
            learned.apply(event)
        assert learned.to_bytes() == _learned().to_bytes()


@pytest.mark.parametrize(
    "event",
    [
        [],
        ["?"],
        ["r", 5],
        ["r", "office"],
        ["r", "x" * 200],
        ["s", T0, T0 + 900, [9], []],
        ["s", T0, T0 + 900, [-1], []],
        ["s", T0, T0 + 900, [2], []],
        ["s", "now", T0 + 900, [0], []],
        ["n", 0, 15, T0, 2.0, RULES],
        ["n", 0, 15, T0, "x", RULES],
        ["t", 0, T0, 1],
        ["m", 0, 5, "not base64!"],
        ["m", 0, 5, "AAAA"],
        ["m", 0, 5, merge_event(0, 5, np.zeros(1 << 15))[3]],
        ["x", "n" * 200, 1],
        ["f", 7],
    ],
)
def test_false_events(event: Event) -> None:
    """Refuse an event that cannot happen, with a sentence, and change nothing by it."""
    learned = _learned()
    before = learned.to_bytes()
    with pytest.raises(LearnedError, match="cannot happen"):
        learned.apply(event)
    assert learned.to_bytes() == before


def _learned_history() -> str:
    """Return a room's packed history."""
    history: str = json.loads(zlib.decompress(_learned().to_bytes()))["histories"]["office"]
    return history


def _packed(**changes: object) -> bytes:
    """Return packed data with something changed."""
    data: dict[str, Any] = json.loads(zlib.decompress(_learned().to_bytes()))
    return zlib.compress(json.dumps({**data, **changes}).encode())


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (b"junk", "cannot be unpacked"),
        (zlib.compress(bytes(1 << 26)), "size"),
        (zlib.compress(b"[]"), "laid out"),
        (zlib.compress(b"[" * 100_000), "laid out"),
        (_packed(version=2), "version 2"),
        (_packed(rooms=[1]), "laid out"),
        (_packed(rooms=["a", "a"]), "laid out"),
        (_packed(histories={"cellar": _learned_history()}), "laid out"),
        (_packed(histories={"office": ""}), "size"),
        (_packed(histories={"office": "!"}), "laid out"),
        (_packed(skill={}), "laid out"),
        (
            _packed(rooms=["office"], histories={}, skill={"version": 1, "notes": {"hall": {}}, "tallies": {}}),
            "that is not",
        ),
        (_packed(extras=[]), "laid out"),
    ],
)
def test_untrusted_bytes(packed: bytes, message: str) -> None:
    """Refuse what was never packed, with a sentence."""
    with pytest.raises(LearnedError, match=message):
        Learned.from_bytes(packed)
