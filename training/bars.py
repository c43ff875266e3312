"""Every bar of the occupancy model in one run: the figure, what it must reach, and the rules on the same instants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from custom_components.inkling.core.evidence import Evidence
from custom_components.inkling.core.pipeline import Model

from .cross import leave_one_day_out
from .evaluate import Scored, figures, score_trace
from .make import make
from .recipe import TestSet, read_recipe
from .splits import Library, simulated_tests, spans_used

RECIPES = Path(__file__).parent / "recipes" / "bars"
_SEEDS = range(9_000, 9_040)
_DAYS = 3
_FEWEST_PEOPLE = 2
_HOLD_MINUTES = 60
_BEDROOM = "Bedroom"


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure that was promised."""

    set: str
    figure: str
    value: float | None
    bar: float
    rules: Mapping[str, float | None]
    """The same figure of each rule, where it has one."""
    most: bool = False
    """Whether the bar is a ceiling."""

    @property
    def is_reached(self) -> bool:
        """Return whether the model keeps the promise."""
        if self.value is None:
            return False
        return self.value <= self.bar if self.most else self.value >= self.bar


def bars(model: Model, data: Path) -> Iterator[Bar]:
    """Yield every bar whose data lie here; the set's own recipes are trained on the way."""
    library = Library(data)
    if library.has("casas"):
        yield from _casas(model, library)
    yield from _simulated(model)
    if library.has("uci-occupancy"):
        yield from _own("uci_with_light", data, {"uci_occupancy test 1": 0.980, "uci_occupancy test 2": 0.993})
        without = {"uci_occupancy test 1 without light": 0.95, "uci_occupancy test 2 without light": 0.92}
        yield from _own("uci_without_light", data, without)
    if library.has("graz"):
        yield from _graz(model, library, data)
    if library.has("uci-occupancy") and library.has("uci-room-occupancy"):
        found = leave_one_day_out(read_recipe(RECIPES / "uci_room.toml"), data, "uci-room-occupancy")
        yield _bar("uci_room_occupancy, each day left out", found["all days"], "accuracy", 0.9838)
        yield _bar("uci_room_occupancy, each day left out", found["all days"], "f1", 0.958)


def _bar(name: str, found: Mapping[str, Any], figure: str, bar: float, *, most: bool = False) -> Bar:
    """Return one bar out of a table of figures."""
    rules = {rule: row.get(figure) for rule, row in found["results"].items() if rule != "model"}
    return Bar(name, figure, found["results"]["model"][figure], bar, rules, most)


def _casas(model: Model, library: Library) -> Iterator[Bar]:
    """Yield the bars of a home the model has never seen, and what the floor of evidence does there."""
    trace = library.trace("casas", "home")
    scored = score_trace(model, trace, every_seconds=60.0, hold_minutes=_HOLD_MINUTES)
    decision = model.manifest.decision
    yield _bar("casas_al_home, zero-shot", figures(scored, decision), "f1", 0.96)
    bedroom = figures([item for item in scored if item.room == _BEDROOM], decision)
    yield _bar("casas_al_home, asleep", bedroom, "recall", 0.98)


def _simulated(model: Model) -> Iterator[Bar]:
    """Yield the bars of simulated homes of two to five people, and the same without the floor of evidence."""
    bare = replace(model, manifest=replace(model.manifest, evidence=Evidence()))
    for name, chosen in (("simulated homes of 2-5", model), ("simulated homes of 2-5, no floor", bare)):
        found = figures(_homes(chosen), model.manifest.decision)
        yield _bar(name, found, "class_macro_f1", 0.92)
        yield _bar(name, found, "calibration_error", 0.03, most=True)


def _homes(model: Model) -> list[Scored]:
    """Return the scored rooms of simulated homes with several people in them."""
    return [
        replace(item, room=f"{trace.name} {item.room}")
        for trace in simulated_tests(_SEEDS, _DAYS, fewest_people=_FEWEST_PEOPLE)
        for item in score_trace(model, trace, every_seconds=120.0, hold_minutes=5)
    ]


def _own(name: str, data: Path, wanted: Mapping[str, float]) -> Iterator[Bar]:
    """Yield the bars of a model that is trained on the set's own training part."""
    made = make(read_recipe(RECIPES / f"{name}.toml"), data)
    for test, bar in wanted.items():
        yield _bar(f"{test}, own training part", made.evaluation[test], "accuracy", bar)


def _graz(model: Model, library: Library, data: Path) -> Iterator[Bar]:
    """Yield the bars of the room in Graz: trained on its first part, and with the model that ships."""
    recipe = read_recipe(RECIPES / "graz.toml")
    found = make(recipe, data).evaluation[recipe.tests[0].name]
    yield _bar("graz_room, own first part", found, "auc", 0.965)
    yield _bar("graz_room, own first part", found, "f1", 0.75)
    zero = figures(_part(model, library, recipe.tests[0]), model.manifest.decision)
    yield _bar("graz_room, zero-shot", zero, "auc", 0.90)


def _part(model: Model, library: Library, test: TestSet) -> list[Scored]:
    """Return a test set scored by a model."""
    trace = library.trace(test.source, test.trace)
    spans = spans_used(trace, test)
    return score_trace(model, trace, every_seconds=test.every_seconds, hold_minutes=_HOLD_MINUTES, spans=spans)


def bar_table(found: Sequence[Bar]) -> str:
    """Return the bars as a Markdown table, the best rule beside each."""
    lines = ["| set | figure | bar | model | reached | best rule |", "|---|---|---|---|---|---|"]
    for item in found:
        rules = {name: value for name, value in item.rules.items() if value is not None}
        best: Callable[..., str] = min if item.most else max
        rule = best(rules, key=rules.__getitem__) if rules else ""
        beside = f"{rule} {rules[rule]:.4f}" if rule else ""
        value = "" if item.value is None else f"{item.value:.4f}"
        sign = "≤" if item.most else "≥"
        reached = "yes" if item.is_reached else "no"
        lines.append(f"| {item.set} | {item.figure} | {sign} {item.bar:g} | {value} | {reached} | {beside} |")
    return "\n".join(lines) + "\n"


def as_json(found: Sequence[Bar]) -> dict[str, Any]:
    """Return the bars for a file."""
    return {
        "bars": [
            {
                "set": item.set,
                "figure": item.figure,
                "bar": item.bar,
                "value": item.value,
                "reached": item.is_reached,
                "rules": dict(item.rules),
            }
            for item in found
        ]
    }
