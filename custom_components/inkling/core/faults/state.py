"""What was learned, as bytes: versioned, checksummed, and checked field by field before anything of it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
import json
import math
from typing import Any
import zlib

import numpy as np
from numpy.typing import NDArray

from .bank import BINS, COLUMNS, HOURS
from .classes import Alarm, FaultClass, Scope, Settings, Severity, WatchedSignal
from .table import SCORES, Score
from .tail import BLOCKS, MOST_SCARCITY
from .watch import Watch

_MAGIC = b"INKLFLT3"
_DIGEST_BYTES = 32
_MOST_SIGNALS = 5000
_MOST_HEAD_BYTES = 8 * 2**20
_MOST_NUMBER = 2**31
_MOST_LIFT = 1e6
Array = NDArray[Any]
# Everything that belongs to one signal: its shape after the signals' own axis.
_SHAPES: Mapping[str, tuple[tuple[int, ...], str]] = {
    "fine": ((COLUMNS, BINS), "<f4"),
    "hour_mean": ((HOURS,), "<f4"),
    "maxima": ((len(SCORES), BLOCKS), "<f4"),
    "current": ((len(SCORES),), "<f4"),
    "lift": ((len(SCORES),), "<f4"),
    "scarcity": ((), "<f8"),
    "blocks": ((), "<i8"),
    "missed": ((), "<f8"),
    "still": ((), "<f8"),
    "pace": ((2, 24), "<f8"),
    "was_ill": ((), "<i8"),
}


class StateError(ValueError):
    """Say in one sentence why a stored state is refused."""


def dump(watch: Watch) -> bytes:
    """Return all that a watch has learned."""
    arrays = _arrays(watch)
    body = b"".join(np.ascontiguousarray(arrays[name], dtype=kind).tobytes() for name, (_, kind) in _SHAPES.items())
    rows = watch.company.rows.tolist()
    company = (watch.company.together, watch.company.alone, watch.company.seen, watch.company.foretold)
    body += b"".join(np.ascontiguousarray(item, dtype="<f8").tobytes() for item in company)
    head = {
        "number": watch.bank.number,
        "hours": watch.hours,
        "signals": [[signal.id, str(signal.role), signal.is_binary] for signal in watch.signals],
        "binaries": [watch.signals[row].id for row in rows],
        "alarms": [[asdict(item.alarm), item.score.name] for item in watch.judge.open.values()],
    }
    text = json.dumps(head).encode()
    packed = zlib.compress(len(text).to_bytes(4, "big") + text + body, 6)
    return _MAGIC + sha256(packed).digest() + packed


def _arrays(watch: Watch) -> dict[str, Array]:
    """Return what belongs to single signals, the signals' axis first."""
    return {
        "fine": np.moveaxis(watch.bank.fine, 1, 0),
        "hour_mean": watch.bank.hour_mean,
        "maxima": watch.tail.maxima,
        "current": watch.tail.current,
        "lift": watch.tail.lift,
        "scarcity": watch.tail.scarcity[:, 0],
        "blocks": watch.tail.blocks,
        "missed": watch.scorer.missed,
        "still": watch.scorer.still,
        "pace": watch.scorer.pace,
        "was_ill": watch.was_ill,
    }


def load(data: bytes, signals: Sequence[WatchedSignal], settings: Settings) -> Watch:
    """Return a watch of today's signals with what was learned of them; raise StateError when the bytes are refused."""
    head, body = _opened(data)
    names, binaries = _names(head)
    arrays, company = _split(body, len(names), len(binaries))
    watch = Watch(signals, settings)
    pairs = [
        (watch.row_of[name], row)
        for row, (name, role, is_binary) in enumerate(names)
        if name in watch.row_of
        and (str(signals[watch.row_of[name]].role), signals[watch.row_of[name]].is_binary) == (role, is_binary)
    ]
    new, old = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    for name, mine in _arrays(watch).items():
        mine[new] = arrays[name][old]
    watch.tail.lift = np.clip(np.nan_to_num(watch.tail.lift, nan=1.0), 1.0, _MOST_LIFT)
    scarcity = np.nan_to_num(watch.tail.scarcity, nan=1.0)
    watch.tail.scarcity = np.clip(scarcity, 1.0, MOST_SCARCITY)
    watch.tail.blocks = np.clip(watch.tail.blocks, 0, BLOCKS)
    watch.bank.number, watch.hours = _count(head, "number"), max(0, _count(head, "hours"))
    _load_company(watch, binaries, company)
    _load_alarms(watch, head.get("alarms"))
    watch.refresh()
    return watch


def _opened(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the head and the arrays of a state whose checksum is right."""
    start = len(_MAGIC) + _DIGEST_BYTES
    if data[: len(_MAGIC)] != _MAGIC:
        raise StateError("the stored fault state is of another version or no such state: it is learned anew")
    if sha256(data[start:]).digest() != data[len(_MAGIC) : start]:
        raise StateError("the stored fault state is damaged: it is learned anew")
    most = _MOST_HEAD_BYTES + _MOST_SIGNALS * _bytes_of(1, 0)
    try:
        plain = zlib.decompressobj().decompress(data[start:], most)
        size = int.from_bytes(plain[:4], "big")
        head = json.loads(plain[4 : 4 + size])
    except (zlib.error, ValueError, RecursionError) as err:
        raise StateError("the stored fault state cannot be read: it is learned anew") from err
    if not isinstance(head, dict):
        raise StateError("the stored fault state has no head: it is learned anew")
    return head, plain[4 + size :]


def _count(head: Mapping[str, Any], key: str) -> int:
    """Return a whole number of the head."""
    value = head.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not -1 <= value < _MOST_NUMBER:
        raise StateError(f"the stored fault state has no {key} that can be true: it is learned anew")
    return value


def _names(head: Mapping[str, Any]) -> tuple[list[tuple[str, str, bool]], list[str]]:
    """Return the signals and the on/off signals of the head."""
    signals, binaries = head.get("signals"), head.get("binaries")
    if not isinstance(signals, list) or not isinstance(binaries, list) or len(signals) > _MOST_SIGNALS:
        raise StateError("the stored fault state lists no signals: it is learned anew")
    found = []
    for item in signals:
        if not (isinstance(item, list) and [type(part) for part in item] == [str, str, bool]):
            raise StateError("the stored fault state names a signal that is none: it is learned anew")
        found.append((item[0], item[1], item[2]))
    if binaries != [name for name, _, is_binary in found if is_binary]:
        raise StateError("the stored fault state contradicts itself about its on/off signals: it is learned anew")
    return found, binaries


def _bytes_of(count: int, binaries: int) -> int:
    """Return how long the arrays of so many signals are."""
    one = sum(np.dtype(kind).itemsize * math.prod(shape) for shape, kind in _SHAPES.values())
    return count * one + 8 * (binaries * binaries + 3 * binaries)


def _split(body: bytes, count: int, binaries: int) -> tuple[dict[str, Array], list[Array]]:
    """Return the arrays."""
    if len(body) != _bytes_of(count, binaries):
        raise StateError("the stored fault state is not as long as it says: it is learned anew")
    place = 0
    found = []
    shapes = [((count, *shape), kind) for shape, kind in _SHAPES.values()]
    shapes += [((binaries, binaries), "<f8"), *(((binaries,), "<f8") for _ in range(3))]
    for shape, kind in shapes:
        length = math.prod(shape)
        found.append(np.frombuffer(body, kind, length, place).reshape(shape))
        place += length * np.dtype(kind).itemsize
    return dict(zip(_SHAPES, found, strict=False)), found[len(_SHAPES) :]


def _load_company(watch: Watch, binaries: Sequence[str], arrays: Sequence[Array]) -> None:
    """Take over how often on/off signals were active together."""
    if any(not np.isfinite(item).all() or (item < 0.0).any() for item in arrays):
        raise StateError("the stored fault state counts what cannot be counted: it is learned anew")
    row_of = {name: row for row, name in enumerate(binaries)}
    pairs = [
        (new, row_of[watch.signals[row].id])
        for new, row in enumerate(watch.company.rows.tolist())
        if watch.signals[row].id in row_of
    ]
    new, old = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    together, alone, seen, foretold = arrays
    watch.company.together[np.ix_(new, new)] = together[np.ix_(old, old)]
    watch.company.alone[new] = np.maximum(alone[old], 1e-9)
    watch.company.seen[new] = np.maximum(seen[old], 1e-9)
    watch.company.foretold[new] = np.maximum(foretold[old], 1e-9)


def _load_alarms(watch: Watch, alarms: Any) -> None:  # noqa: ANN401 - anything may stand in a file
    """Take up the alarms that stood, of signals that are still watched."""
    try:
        for fields, score in alarms:
            alarm = Alarm(
                **{
                    **fields,
                    "scope": Scope(fields["scope"]),
                    "fault": FaultClass(fields["fault"]),
                    "severity": Severity(fields["severity"]),
                    "witnesses": tuple(str(name) for name in fields["witnesses"]),
                    "responsible": tuple((str(name), float(share)) for name, share in fields["responsible"]),
                }
            )
            watch.adopt(alarm, Score[score])
    except (TypeError, ValueError, KeyError) as err:
        raise StateError("the stored fault state holds an alarm that is none: it is learned anew") from err
