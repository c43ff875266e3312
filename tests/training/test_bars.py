"""What the bars stand on: parts of a trace, a room's own recipe, measured evidence, and the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.evidence import Evidence
from custom_components.inkling.core.features import CHANNELS
from custom_components.inkling.core.manifest import InputSpec
from training.augment import WHOLE, break_some, keep_some
from training.bars import RECIPES, Bar, as_json, bar_table
from training.dataset import Windows
from training.fit import measured_evidence
from training.metrics import Counts
from training.publish import publish
from training.recipe import GateError, Recipe, TraceUse, read_recipe
from training.simulate import simulate_home
from training.simulate.people import AWAY, Walk, draw_person
from training.splits import Library, simulated_tests, slices, spans_used, whole_span
from training.trace import Trace, TraceError
from training.tracks import offsets_of, tracks_of

T0 = 1_704_067_200.0


@pytest.fixture(scope="module", name="home")
def home_fixture() -> Trace:
    """Return a simulated home of two days."""
    return simulate_home(3, 2)


def test_a_part_of_a_trace_by_its_own_clock(home: Trace) -> None:
    """Cut at moments on the home's clock, and refuse a part in which nothing is recorded."""
    start, end = whole_span(home)
    noon = datetime.fromtimestamp(start + 43_200.0, UTC).replace(tzinfo=None)
    at_noon = replace(home, timezone="UTC")
    assert spans_used(at_noon, TraceUse(source="x", trace="y", until=noon)) == [(start, start + 43_200.0)]
    assert spans_used(at_noon, TraceUse(source="x", trace="y", since=noon)) == [(start + 43_200.0, end)]
    earlier = replace(home, timezone="Etc/GMT-2")
    assert spans_used(earlier, TraceUse(source="x", trace="y", until=noon))[0][1] == start + 43_200.0 - 7200.0
    with pytest.raises(TraceError, match="uses nothing"):
        spans_used(at_noon, TraceUse(source="x", trace="y", until=datetime(1999, 1, 1)))  # noqa: DTZ001


def test_days_that_follow_each_other_are_one_stretch(home: Trace) -> None:
    """Let the second of two days remember the first, and keep days apart that are."""
    start, _ = whole_span(home)
    first, second, fourth = (datetime.fromtimestamp(start + day * 86_400.0, UTC).date() for day in (0, 1, 3))
    use = TraceUse(source="x", trace="y", dates=(fourth, second, first))
    spans = spans_used(replace(home, timezone="UTC"), use)
    assert spans == [(start, start + 2 * 86_400.0), (start + 3 * 86_400.0, start + 4 * 86_400.0)]


def test_only_a_local_recipe_may_learn_from_what_cannot_be_passed_on() -> None:
    """Refuse evaluation-only data in a recipe whose model could ship."""
    with pytest.raises(TraceError, match="may only be evaluated on"):
        next(slices(Library(Path("nowhere")), [TraceUse(source="casas", trace="home")], 60.0))


def test_a_room_of_its_own_keeps_everything(home: Trace) -> None:
    """Leave nothing out and break nothing where a room's own model is trained."""
    rng = np.random.default_rng(1)
    tracks = tracks_of(home)
    kept = break_some(keep_some(tracks, WHOLE, rng), WHOLE, *whole_span(home), rng)
    assert kept == list(tracks)


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_recipes_of_bars_are_never_published(path: Path, tmp_path: Path) -> None:
    """Read every recipe, each only to measure with; publishing one is refused."""
    recipe = read_recipe(path)
    assert recipe.local
    made = type("MadeStub", (), {"recipe": recipe})()
    with pytest.raises(GateError, match="only to measure with"):
        publish(made, "", tmp_path)
    assert not list(tmp_path.iterdir())


def _recipe() -> Recipe:
    """Return a recipe with every channel."""
    recipe = read_recipe(RECIPES / "uci_with_light.toml")
    return replace(recipe, spec=InputSpec(channels=CHANNELS, steps=2, step_seconds=60.0))


def _windows(moving: int, right: int) -> Windows:
    """Return windows with the motion sensor on, some of them rightly so, and as many with it off."""
    inputs = np.zeros((2 * moving, 2, len(CHANNELS)), np.float16)
    inputs[:moving, -1, CHANNELS.index("room.motion.now")] = 1.0
    targets = np.zeros(2 * moving, np.float32)
    targets[:right] = 1.0
    ones = np.ones(2 * moving)
    return Windows(inputs, targets, ones.astype(np.float32), ones, np.full(2 * moving, "home"))


def test_evidence_is_measured() -> None:
    """Take as floor the log-odds of somebody being there while the sensor is on, and none from few or useless ones."""
    found = measured_evidence(_recipe(), _windows(998, 949))
    assert found.motion_log_odds == pytest.approx(np.log(0.95 / 0.05), abs=1e-3)
    assert measured_evidence(_recipe(), _windows(50, 50)) == Evidence()
    assert measured_evidence(_recipe(), _windows(200, 90)) == Evidence()
    assert measured_evidence(read_recipe(RECIPES / "uci_with_light.toml"), _windows(200, 200)) == Evidence()


def test_offsets_follow_summer_time() -> None:
    """Give a home's offset on both sides of a change of the clock, in any order."""
    home = replace(simulate_home(3, 1), timezone="Europe/Brussels")
    change = datetime(2015, 3, 29, 1, 0, tzinfo=UTC).timestamp()
    assert offsets_of(home, np.array([change + 1.0, change - 1.0])).tolist() == [7200.0, 3600.0]


def test_macro_f1_is_of_both_states() -> None:
    """Average the F1 of occupied and of vacant; with one never there and never said there is none."""
    assert Counts(hits=6, false_alarms=2, misses=2, rejections=10).class_macro_f1 == pytest.approx((0.75 + 10 / 12) / 2)
    assert Counts(hits=3, false_alarms=0, misses=0, rejections=0).class_macro_f1 is None


def test_simulated_homes_of_several() -> None:
    """Yield only homes with so many people."""
    names = [home.name for home in simulated_tests(range(8), 2, fewest_people=2)]
    assert 0 < len(names) < 8
    for home in simulated_tests(range(8), 2, fewest_people=2):
        assert any(span.label == "occupied" for span in home.labels)


def test_nobody_leaves_through_a_bedroom() -> None:
    """Pass the living room on every way out and in, where there is no hall."""
    rooms = [("living_1", "living"), ("kitchen_1", "kitchen"), ("bathroom_1", "bathroom"), ("bedroom_1", "bedroom")]
    rng = np.random.default_rng(5)
    walk = Walk(replace(draw_person(0, "bedroom_1", rng), works_out=True), rooms, T0, rng).stays(5, T0)
    pairs = [(a.room, b.room) for a, b in pairwise(walk[1:]) if AWAY in (a.room, b.room)]
    assert pairs
    assert sum("bedroom_1" in pair for pair in pairs) == 0


def test_table_says_what_is_reached() -> None:
    """Name the best rule beside each figure, floors and ceilings alike, and what has no figure is not reached."""
    found = [
        Bar("homes", "f1", 0.97, 0.96, {"last motion wins": 0.8, "held": 0.9, "silent": None}),
        Bar("homes", "calibration_error", 0.04, 0.03, {}, most=True),
        Bar("room", "auc", None, 0.9, {}),
    ]
    lines = bar_table(found).splitlines()
    assert lines[2] == "| homes | f1 | ≥ 0.96 | 0.9700 | yes | held 0.9000 |"
    assert lines[3] == "| homes | calibration_error | ≤ 0.03 | 0.0400 | no |  |"
    assert "| no |" in lines[4]
    assert [row["reached"] for row in as_json(found)["bars"]] == [True, False, False]
