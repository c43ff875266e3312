"""What people know: labelled spans of time, the newest winning where two of a target overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
import math
import re
from typing import Any

OCCUPIED, VACANT, NORMAL = "occupied", "vacant", "normal"
FAULT_PREFIX = "fault:"
TARGET_LABELS_LIMIT, LABELS_LIMIT = 200, 2000
"""How many are kept of a target, and in all; the oldest go."""
POINTS_LIMIT = 16
"""More moments of a span would say the same again."""
LEAST_SECONDS = 60.0
"""What splitting leaves of an older label must be this long to be worth keeping."""
_LABEL = re.compile(r"occupied|vacant|normal|fault:[a-z_]{1,32}")
_TEXT_LIMIT = 128
_LOG_ODDS_LIMIT = 12.0
_EPOCH_LIMIT = 1e11

Point = tuple[float, float]
"""Epoch seconds, and the model's log-odds then, before any shift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What somebody says a target was from `start` up to `end` (epoch seconds)."""

    id: str
    target: str
    label: str
    start: float
    end: float
    created: float
    points: tuple[Point, ...] = ()
    """What the model said in the meantime."""
    model: str = ""
    """Which model that was; its log-odds mean nothing to another."""
    shift_before: float = 0.0
    """The room's shift when the label came: what it is scored by."""

    @property
    def occupied(self) -> bool | None:
        """Return whether it says that somebody is there; None where it is about a fault."""
        return {OCCUPIED: True, VACANT: False}.get(self.label)


@dataclass(frozen=True, slots=True)
class Placed:
    """The labels after one more came, and how many older ones it changed or pushed out."""

    labels: tuple[Label, ...]
    changed: int


def place(labels: Iterable[Label], new: Label, new_id: Callable[[], str]) -> Placed:
    """Return labels with a new one, older ones of its target cut where they overlap; the rest of a split gets an id."""
    kept: list[Label] = []
    changed = 0
    for old in labels:
        if old.target != new.target or old.end <= new.start or new.end <= old.start:
            kept.append(old)
            continue
        changed += 1
        before, after = _between(old, old.start, new.start), _between(old, new.end, old.end)
        if before is not None and after is not None:
            after = replace(after, id=new_id())
        kept += [part for part in (before, after) if part is not None]
    found = bounded([*kept, new])
    return Placed(found, changed + len(kept) + 1 - len(found))


def _between(label: Label, start: float, end: float) -> Label | None:
    """Return a part of a label, None where hardly anything is left of it."""
    if end - start < LEAST_SECONDS:
        return None
    points = tuple(point for point in label.points if start <= point[0] <= end)
    return replace(label, start=start, end=end, points=points)


def bounded(labels: Sequence[Label]) -> tuple[Label, ...]:
    """Return as many labels as are kept: the newest of each target, then the newest of all, in order of coming."""
    counts: dict[str, int] = {}
    kept: list[Label] = []
    for label in reversed(sorted(labels, key=lambda item: item.created)):  # noqa: C413 - of equals the last is the newest
        counts[label.target] = counts.get(label.target, 0) + 1
        if counts[label.target] <= TARGET_LABELS_LIMIT and len(kept) < LABELS_LIMIT:
            kept.append(label)
    return tuple(reversed(kept))


def thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return at most POINTS_LIMIT points, evenly among all, the newest with them."""
    if len(points) <= POINTS_LIMIT:
        return tuple(points)
    stride = (len(points) - 1) / (POINTS_LIMIT - 1)
    return tuple(points[round(index * stride)] for index in range(POINTS_LIMIT))


def label_to_json(label: Label) -> dict[str, Any]:
    """Return a label in JSON's types."""
    return {
        "id": label.id,
        "target": label.target,
        "label": label.label,
        "start": label.start,
        "end": label.end,
        "created": label.created,
        "points": [[round(t, 1), round(odds, 3)] for t, odds in label.points],
        "model": label.model,
        "shift_before": label.shift_before,
    }


def label_from_json(data: object) -> Label | None:
    """Return a label of a file, None where it cannot be one."""
    try:
        return _checked(data) if isinstance(data, dict) else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _checked(data: Mapping[str, Any]) -> Label:
    """Return a label; raise whatever comes of data that is none."""
    found = Label(
        id=_text(data["id"]),
        target=_text(data["target"]),
        label=_text(data["label"]),
        start=_number(data["start"], _EPOCH_LIMIT),
        end=_number(data["end"], _EPOCH_LIMIT),
        created=_number(data["created"], _EPOCH_LIMIT),
        points=tuple(
            (_number(t, _EPOCH_LIMIT), _number(odds, _LOG_ODDS_LIMIT)) for t, odds in data["points"][:POINTS_LIMIT]
        ),
        model=str(data["model"])[:_TEXT_LIMIT],
        shift_before=_number(data["shift_before"], _LOG_ODDS_LIMIT),
    )
    if not _LABEL.fullmatch(found.label) or not found.start < found.end:
        raise ValueError
    return found


def _text(value: object) -> str:
    """Return a text that names something."""
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_LIMIT:
        raise ValueError
    return value


def _number(value: object, limit: float) -> float:
    """Return a finite number no farther from 0 than a limit."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.fabs(value) <= limit:
        raise ValueError
    return float(value)
