"""Thresholds and floor of a home's own model: the home's where validation time says so, the shipped ones otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")

from custom_components.inkling.core.decide import DecisionParameters
from custom_components.inkling.core.evidence import Evidence
from custom_components.inkling.core.manifest import InputSpec
from custom_components.inkling.core.pipeline import Model, open_model
from custom_components.inkling.core.units import Role
from training import export
from training.calibration import evidence_of
from training.dataset import Windows
from training.evaluate import Scored
from training.nets import NETS
from training.personal_tuning import between, tuned, with_decision
from training.recipe import RecipeError, read_recipe
from training.runtime import start
from training.splits import Library
from training.trace import LabelSpan, Readings, RoomInfo, SignalInfo, Trace
from training.tuning import best_decision, choose_decision, worth

SHIPPED = DecisionParameters(on_threshold=0.6, off_threshold=0.25)
HOUR = 3600.0
NOON = 1_700_000_000.0
TINY = Path(__file__).parent / "tiny.toml"


def model_of(on: float, off: float, role: str = "motion", floor: float | None = None) -> Model:
    """Return an exported model with one answer (log-odds) while a role's sensor is on and another while it is off."""
    start(1)
    spec = InputSpec(channels=(f"room.{role}.now",), steps=4, step_seconds=60.0)
    network = NETS["logistic"](spec)
    network.set_weights([np.array([[on - off]]), np.array([off])])
    content = export.to_float32(network)
    parts = export.ManifestParts(
        name="made",
        version="1",
        spec=spec,
        quantisation=export.FLOAT32,
        decision=SHIPPED,
        evidence=Evidence(motion_log_odds=floor),
    )
    return open_model(export.manifest_bytes(parts, content), content)


def home(seen: list[tuple[float, str]], labels: list[tuple[float, float, str]], role: Role = Role.MOTION) -> Trace:
    """Return a room whose one sensor says what it says at hours after noon, and a motion sensor that a cat sets off."""
    times = np.array([NOON + hours * HOUR for hours, _ in seen])
    cat = np.array([NOON + hours * HOUR for hours, _ in HALF_HOURS])
    readings = {
        "cat": Readings(cat, tuple(state for _, state in HALF_HOURS)),
        "own": Readings(times, tuple(state for _, state in seen)),
    }
    return Trace(
        name="home",
        source="",
        licence="",
        timezone="UTC",
        rooms=(RoomInfo("den", "Den"),),
        signals=tuple(SignalInfo(name, kind, "", "den") for name, kind in (("own", role), ("cat", Role.MOTION))),
        readings=readings,
        labels=tuple(LabelSpan(NOON + first * HOUR, NOON + last * HOUR, "den", label) for first, last, label in labels),
    )


HALF_HOURS = [(at / 2.0, "on" if at % 2 == 0 else "off") for at in range(24)]
TRUE_LABELS = [(at / 2.0, at / 2.0 + 0.5, "occupied" if at % 2 == 0 else "vacant") for at in range(24)]


def test_thresholds_are_the_homes_where_that_is_better() -> None:
    """Give up a dead band in which an empty room stays occupied."""
    model = model_of(2.0, -0.5)
    found = tuned(model, home(HALF_HOURS, TRUE_LABELS), Evidence())
    assert found.manifest.decision.off_threshold > 0.38
    assert found.manifest.decision.off_delay_seconds == 0.0
    body = with_decision({"decision": {}, "evidence": {"motion_log_odds": 1.0}}, found)
    assert set(body) == {"decision"}
    assert body["decision"]["off_threshold"] == found.manifest.decision.off_threshold


def test_what_came_stays_where_nothing_is_gained() -> None:
    """Keep shipped thresholds and floor that already decide everything right, or that too little is labelled about."""
    sure = model_of(4.0, -4.0, floor=1.0)
    assert tuned(sure, home(HALF_HOURS, TRUE_LABELS), Evidence()).manifest == sure.manifest
    poor = model_of(2.0, -0.5)
    assert tuned(poor, home(HALF_HOURS, TRUE_LABELS[:6]), Evidence()).manifest == poor.manifest
    assert tuned(poor, home(HALF_HOURS, []), Evidence()).manifest == poor.manifest


def test_the_floor_is_the_homes_where_a_cat_moves() -> None:
    """Drop a floor that calls every movement somebody, in a home where the network knows better."""
    model = model_of(3.0, -3.0, role="light", floor=2.5)
    trace = home([(0.0, "off"), (8.0, "on")], [(0.0, 8.0, "vacant"), (8.0, 12.0, "occupied")], Role.LIGHT)
    found = tuned(model, trace, Evidence())
    assert found.manifest.evidence == Evidence()
    assert found.manifest.decision == SHIPPED
    assert tuned(model, trace, Evidence(motion_log_odds=1.5)).manifest == model.manifest
    body = with_decision({"name": "home", "evidence": {"motion_log_odds": 2.5}}, model)
    assert body["evidence"] == {"motion_log_odds": 2.5, "stuck_seconds": 3600.0}


def test_only_labels_between_two_moments_count() -> None:
    """Cut labels at both ends, and keep every reading."""
    trace = home(HALF_HOURS, [(0.0, 4.0, "occupied"), (4.0, 8.0, "vacant"), (8.0, 12.0, "occupied")])
    found = between(trace, NOON + 2.0 * HOUR, NOON + 8.0 * HOUR)
    assert [(span.start - NOON, span.end - NOON) for span in found.labels] == [
        (2.0 * HOUR, 4.0 * HOUR),
        (4.0 * HOUR, 8.0 * HOUR),
    ]
    assert found.readings is trace.readings


def test_movement_is_worth_what_real_windows_say() -> None:
    """Give three quarters of moving windows with somebody there a floor of log 3, and rarer truth none."""
    channels = ("room.light.now", "room.motion.now")

    def windows(moving: int, right: int) -> Windows:
        """Return moving windows of which some are right."""
        inputs = np.ones((moving, 2, 2), np.float16)
        targets = (np.arange(moving) < right).astype(np.float32)
        return Windows(inputs, targets, np.ones(moving, np.float32), np.zeros(moving), np.full(moving, "home"))

    assert evidence_of(windows(1000, 750), channels).motion_log_odds == pytest.approx(np.log(3.0), abs=0.01)
    assert evidence_of(windows(1000, 400), channels) == Evidence()
    assert evidence_of(windows(1000, 750), channels[:1]) == Evidence()


def test_thresholds_spare_a_room_its_dips() -> None:
    """Keep a room on through dips, though that keeps it on for half an hour too long."""
    ends = np.arange(2_000, dtype=np.float64) * 60.0
    truths = np.zeros(2_000)
    truths[:1_000] = 1.0
    probabilities = np.where(truths > 0.5, 0.9, 0.1)
    for late in range(3):
        probabilities[late:1_000:100] = 0.42
    probabilities[1_000:1_030] = 0.42
    scored = [Scored("den", ends, truths, probabilities)]
    found = best_decision(scored)
    assert found.off_threshold < 0.42
    assert worth(scored, found) > worth(scored, DecisionParameters(on_threshold=0.5, off_threshold=0.5))


def test_accuracy_has_no_dead_band(tmp_path: Path) -> None:
    """Decide at even odds where each instant counts by itself."""
    path = tmp_path / "accurate.toml"
    path.write_text(TINY.read_text(encoding="utf-8") + '\n[decision]\nby = "accuracy"\n', encoding="utf-8")
    found = choose_decision(model_of(2.0, -0.5), read_recipe(path), Library(tmp_path))
    assert found == DecisionParameters(on_threshold=0.5, off_threshold=0.5)


def test_a_recipe_that_decides_by_something_else_is_refused(tmp_path: Path) -> None:
    """Name the measures there are."""
    path = tmp_path / "bad.toml"
    path.write_text(TINY.read_text(encoding="utf-8") + '\n[decision]\nby = "luck"\n', encoding="utf-8")
    with pytest.raises(RecipeError, match="'luck', not 'f1' or 'accuracy'"):
        read_recipe(path)
