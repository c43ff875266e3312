"""A recipe: everything one model is made from, in one TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
import tomllib
from typing import Any

from custom_components.inkling.core.features import CHANNELS
from custom_components.inkling.core.manifest import InputSpec

F1, ACCURACY = "f1", "accuracy"
_NONE = {"first": 0, "homes": 0}
_NO_HOMES: Mapping[str, Any] = {"days": 1, "train": _NONE, "validation": _NONE, "test": _NONE}


class RecipeError(ValueError):
    """Say in one sentence what is wrong with a recipe."""


class GateError(ValueError):
    """Say in one sentence why a model is not published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceUse:
    """A recorded trace and the part of it that is used."""

    source: str
    trace: str
    dates: tuple[date, ...] = ()
    since: datetime | None = None
    """On the home's clock, as `until`; both only where no dates are named."""
    until: datetime | None = None
    weight: float = 1.0
    draws: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """Simulated homes: which seeds for what, and how many days each; the first day only warms up."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSet:
    """A held-out set, by its name in the report."""

    __test__ = False
    name: str
    source: str
    trace: str
    dates: tuple[date, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    drop: tuple[str, ...] = ()
    every_seconds: float = 60.0
    optional: bool = False
    """Whether the set may be absent: data that not everybody can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The least (or most) a figure of a test set may be for the model to be published."""

    set: str
    figure: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Folds:
    """How each fold of a cross-validation trains on from what all folds share."""

    epochs: int = 4
    learning_rate: float = 3e-4
    replay: float = 1.0
    """Shared windows that are seen again, for each of the fold's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All of it."""

    name: str
    version: str
    network: str
    seed: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    most_bytes: int
    spec: InputSpec
    train: tuple[TraceUse, ...]
    validation: tuple[TraceUse, ...]
    simulated: Simulated
    tests: tuple[TestSet, ...]
    gates: tuple[Gate, ...]
    folds: Folds = Folds()
    local: bool = False
    """Whether it is only to measure with: it may learn from data that cannot be passed on, and is never published."""
    whole: bool = False
    """Whether a recorded room always has all of its sensors and its clock in training: a room's own model."""
    decide_by: str = F1
    """What is decided for: "f1" less what false switch-offs cost, or "accuracy" of each instant, at even odds."""

    def __post_init__(self) -> None:
        """Refuse a measure that thresholds cannot be chosen for."""
        if self.decide_by not in (F1, ACCURACY):
            message = f"decision.by is {self.decide_by!r}, not {F1!r} or {ACCURACY!r}"
            raise ValueError(message)


def read_recipe(path: Path) -> Recipe:
    """Return the recipe in a file; raise RecipeError naming what does not fit."""
    try:
        source = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise RecipeError(f"the recipe {path} cannot be read: {err.strerror}") from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise RecipeError(f"the recipe {path} is not valid TOML: {err}") from err
    try:
        return _recipe(source)
    except KeyError as err:
        raise RecipeError(f"the recipe {path} lacks the entry {err.args[0]!r}") from err
    except (TypeError, ValueError) as err:
        raise RecipeError(f"the recipe {path} has an entry that does not fit: {err}") from err


def _recipe(source: Mapping[str, Any]) -> Recipe:
    """Return the recipe of parsed TOML."""
    window, training = source["input"], source["training"]
    simulated = source.get("simulated", _NO_HOMES)
    channels = tuple(window.get("channels", CHANNELS))
    return Recipe(
        name=source["name"],
        version=source["version"],
        network=training["network"],
        seed=int(training["seed"]),
        epochs=int(training["epochs"]),
        batch_size=int(training["batch_size"]),
        learning_rate=float(training["learning_rate"]),
        weight_decay=float(training["weight_decay"]),
        most_bytes=int(source["most_bytes"]),
        spec=InputSpec(channels=channels, steps=int(window["steps"]), step_seconds=float(window["step_seconds"])),
        train=tuple(_use(item) for item in source.get("train", ())),
        validation=tuple(_use(item) for item in source.get("validation", ())),
        simulated=Simulated(
            train=_seeds(simulated["train"]),
            validation=_seeds(simulated["validation"]),
            test=_seeds(simulated["test"]),
            days=int(simulated["days"]),
        ),
        tests=tuple(_test(item) for item in source.get("test", ())),
        gates=tuple(Gate(**item) for item in source.get("gate", ())),
        folds=Folds(**source.get("folds", {})),
        local=bool(source.get("local", False)),
        whole=bool(source.get("whole", False)),
        decide_by=str(source.get("decision", {}).get("by", F1)),
    )


def _seeds(span: Mapping[str, int]) -> tuple[int, ...]:
    """Return the seeds from `first` on, `homes` of them."""
    return tuple(range(int(span["first"]), int(span["first"]) + int(span["homes"])))


def _use(item: Mapping[str, Any]) -> TraceUse:
    """Return a used trace."""
    return TraceUse(**{**item, "dates": tuple(item.get("dates", ()))})


def _test(item: Mapping[str, Any]) -> TestSet:
    """Return a test set."""
    return TestSet(**{**item, "dates": tuple(item.get("dates", ())), "drop": tuple(item.get("drop", ()))})
