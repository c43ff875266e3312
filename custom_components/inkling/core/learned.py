"""All that was learned in a home, and the events that change it: the same whether they happen or are read back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
import json
from types import MappingProxyType
from typing import Any
import zlib

import numpy as np

from .skill import HorizonPrior, SkillBook, SkillError
from .slots import SlotError, SlotHistory

Event = list[Any]
"""A letter and its arguments, in JSON's types; rooms are told by the number they got with their first event."""

_ROOMS_LIMIT = 4096
_NAME_LIMIT = 128
_EXTRAS_LIMIT = 64
_PLAIN_LIMIT = 1 << 25
_MERGE_LIMIT = 1 << 16
_VERSION = 1


class LearnedError(ValueError):
    """What was kept of a home cannot be read, in one sentence."""


class Learned:
    """Slots and scores of every room, and whatever else is kept by name; owned by one thread at a time."""

    __slots__ = ("_extras", "_histories", "_numbers", "_priors", "_rooms", "skill")

    def __init__(self) -> None:
        """Know nothing yet."""
        self._rooms: list[str | None] = []
        self._numbers: dict[str, int] = {}
        self._histories: dict[str, SlotHistory] = {}
        self._extras: dict[str, Any] = {}
        self._priors: dict[str, Any] = {}
        self.skill = SkillBook({})

    @property
    def histories(self) -> Mapping[str, SlotHistory]:
        """Return what is known of each room's past."""
        return MappingProxyType(self._histories)

    @property
    def extras(self) -> Mapping[str, Any]:
        """Return what else is kept, by name."""
        return MappingProxyType(self._extras)

    def number_of(self, room: str) -> int | None:
        """Return the number events tell a room by, None before its first."""
        return self._numbers.get(room)

    def apply(self, event: Event) -> bool:
        """Let an event happen and return whether it changed anything; raise LearnedError where it cannot."""
        try:
            return self._happen(event)
        except (IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise LearnedError(f"an event that was kept cannot happen ({error}); what follows it is lost") from error

    def _happen(self, event: Event) -> bool:
        """Do what an event says, whatever is wrong with it an exception; return whether it changed anything."""
        match event:
            case ["r", str(room)]:
                self._add_room(room)
            case ["s", start, end, list(occupied), list(vacant)]:
                self._observe(start, end, occupied, vacant)
            case ["n", number, int(horizon), made_at, chance, dict(rules)]:
                return self.skill.note(self._name(number), horizon, made_at, chance, rules)
            case ["t", number, now, bool() | None as occupied]:
                return self.skill.settle(self._name(number), now, occupied)
            case ["m", number, int(first), str(packed)]:
                plain = _inflated(b64decode(packed, validate=True), _MERGE_LIMIT)
                self._histories[self._name(number)].merge(first, np.frombuffer(plain, "<f4"))
            case ["p", dict(priors)]:
                return self._use(priors)
            case ["x", str(name), value]:
                self._keep(name, value)
            case ["f", number]:
                self._forget(number)
            case _:
                raise ValueError(f"{event!r:.60}")
        return True

    def _add_room(self, room: str) -> None:
        """Give a room its number."""
        if room in self._numbers or len(room) > _NAME_LIMIT or len(self._rooms) >= _ROOMS_LIMIT:
            raise ValueError(f"{room!r:.40} is no new room")
        self._numbers[room] = len(self._rooms)
        self._rooms.append(room)
        self._histories[room] = SlotHistory()

    def _name(self, number: int) -> str:
        """Return the room of a number."""
        room = self._rooms[number] if number >= 0 else None
        if room is None:
            raise KeyError(number)
        return room

    def _observe(self, start: float, end: float, occupied: list[int], vacant: list[int]) -> None:
        """Add that some rooms were occupied and some vacant from a start to an end."""
        for numbers, state in ((occupied, True), (vacant, False)):
            for number in numbers:
                self._histories[self._name(number)].observe(state, start, end)

    def _keep(self, name: str, value: Any) -> None:  # noqa: ANN401 - whatever its owner makes of it
        """Keep something by name; None lets go of it."""
        self._extras.pop(name, None)
        if value is not None:
            if len(self._extras) >= _EXTRAS_LIMIT or len(name) > _NAME_LIMIT:
                raise ValueError(f"{name!r:.40} is one name too many, or too long")
            self._extras[name] = value

    def _use(self, priors: Mapping[str, Any]) -> bool:
        """Judge by what was measured of a model before shipping; return whether it is another than before."""
        if priors == self._priors:
            return False
        self.skill.use(
            {int(horizon): HorizonPrior(brier=own, baseline_brier=rule) for horizon, (own, rule) in priors.items()}
        )
        self._priors = dict(priors)
        return True

    def _forget(self, number: int) -> None:
        """Forget a room; its number is not given again."""
        room = self._name(number)
        self._rooms[number] = None
        del self._numbers[room], self._histories[room]
        self.skill.forget(room)

    def to_bytes(self) -> bytes:
        """Return all of it packed."""
        histories = {room: b64encode(kept.to_bytes()).decode() for room, kept in self._histories.items()}
        data = {
            "version": _VERSION,
            "rooms": self._rooms,
            "histories": histories,
            "skill": self.skill.to_json(),
            "priors": self._priors,
            "extras": self._extras,
        }
        return zlib.compress(json.dumps(data, separators=(",", ":")).encode())

    @classmethod
    def from_bytes(cls, packed: bytes) -> Learned:
        """Return what `to_bytes` packed; raise LearnedError where it is anything else."""
        found = cls()
        try:
            found._take(json.loads(_inflated(packed, _PLAIN_LIMIT)))
        except (LearnedError, SlotError, SkillError) as error:
            raise LearnedError(str(error)) from error
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise LearnedError("what was learned is not laid out as Inkling does; restore a backup") from error
        return found

    def _take(self, data: Any) -> None:  # noqa: ANN401 - whatever a file held
        """Take over kept data, whatever is wrong with it an exception."""
        if data["version"] != _VERSION:
            raise LearnedError(f"what was learned is of version {data['version']}, not {_VERSION}; update Inkling")
        for number, room in enumerate(data["rooms"]):
            self._add_room(f" {number}" if room is None else room)
            if room is None:
                self._forget(number)
        for room, packed in data["histories"].items():
            self._histories[self._name(self._numbers[room])] = SlotHistory.from_bytes(b64decode(packed, validate=True))
        self.skill = SkillBook.from_json(data["skill"], {})
        if not self.skill.rooms <= self._numbers.keys():
            raise LearnedError("scores are kept of a room that is not; restore a backup")
        self._use(data.get("priors", {}))
        for name, value in data["extras"].items():
            self._keep(name, value)


def merge_event(number: int, first: int, shares: np.ndarray[Any, np.dtype[np.floating[Any]]]) -> Event:
    """Return the event that fills in a room's slots from `first` on, shape (n,)."""
    packed = b64encode(zlib.compress(np.asarray(shares, "<f4").tobytes())).decode()
    return ["m", number, first, packed]


def _inflated(packed: bytes, limit: int) -> bytes:
    """Return what was compressed, up to a limit; raise LearnedError where it is more or something else."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(packed, limit)
    except zlib.error as error:
        raise LearnedError(f"what was learned cannot be unpacked ({error}); restore a backup") from error
    if not unpacker.eof or unpacker.unused_data:
        raise LearnedError("what was learned is not of a size that Inkling writes; restore a backup")
    return plain
