"""Movement in the room now: the least a model may say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custom_components.inkling.core.evidence import Evidence
from custom_components.inkling.core.features import grid_tracks, room_view
from custom_components.inkling.core.manifest import ManifestError, parse_manifest
from custom_components.inkling.core.pipeline import Model, Request, replay, score_batch
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.window import HomeSnapshot, Track
from tests.core.builders import NAN, T0, encode, linear_model, manifest_source, track

_FLOOR = Evidence(motion_log_odds=2.0, stuck_seconds=600.0)


def _floor(evidence: Evidence, *tracks: Track, end: float = 0.0) -> float:
    """Return the least log-odds of the kitchen at one end."""
    grids = grid_tracks(tracks, np.array([T0 + end]), 4, 60.0)
    return float(evidence.floor(room_view("kitchen", grids))[0])


def _sceptic() -> Model:
    """Return a model that never believes anything, with a floor."""
    model = linear_model({"room.light.mean": 0.0, "room.motion.mean": -9.0})
    return replace(model, manifest=replace(model.manifest, evidence=_FLOOR))


def test_an_edge_lifts_at_once_and_lets_go_with_it() -> None:
    """Hold from the very edge to the last moment on, and not a moment before or after."""
    pir = track(Role.MOTION, [(-900, 0.0), (0, 1.0), (60, 0.0)])
    said = [_floor(_FLOOR, pir, end=end) for end in (-0.1, 0.0, 59.9, 60.0)]
    assert said == [-np.inf, 2.0, 2.0, -np.inf]


@pytest.mark.parametrize(
    "tracks",
    [
        [],
        [track(Role.PRESENCE, [(-60, 1.0)])],
        [track(Role.MOTION, [(-60, 1.0)], room="hall")],
        [track(Role.MOTION, [(-86_400, 1.0)])],
        [track(Role.MOTION, [(-60, 1.0), (-30, NAN)])],
    ],
    ids=["nothing", "radar", "another room", "stuck for a day", "unavailable"],
)
def test_what_is_no_evidence(tracks: list[Track]) -> None:
    """Leave alone what is no fresh movement in the room itself."""
    lamp = track(Role.LIGHT, [(-900, 0.0)])
    assert _floor(_FLOOR, lamp, *tracks) == -np.inf


def test_one_of_two_sensors_is_enough() -> None:
    """Believe the sensor that moves beside one that is stuck; without a measured floor believe none."""
    pair = [track(Role.MOTION, [(-90_000, 1.0)], name="stuck"), track(Role.MOTION, [(-5, 1.0)], name="fresh")]
    assert _floor(_FLOOR, *pair) == 2.0
    assert _floor(Evidence(), *pair) == -np.inf


def test_live_and_replay_hold_to_it() -> None:
    """Raise a sceptical model in both ways through the pipeline, and show it in the explanation."""
    tracks = (track(Role.MOTION, [(-900, 0.0), (-5, 1.0)]), track(Role.LIGHT, [(-900, 0.0)]))
    score = score_batch(_sceptic(), HomeSnapshot(T0, tracks), [Request("kitchen", explain=True)])["kitchen"]
    assert score.probability == pytest.approx(1.0 / (1.0 + np.exp(-2.0)))
    assert replay(_sceptic(), tracks, "kitchen", np.array([T0]))[0] == pytest.approx(score.probability)
    assert score.contributions is not None
    assert {item.signal: item.log_odds for item in score.contributions} == {"kitchen.motion": 2.0, "kitchen.light": 0.0}


def test_manifest() -> None:
    """Read the floor from a manifest, and name what does not fit; without one the network is trusted alone."""
    source = manifest_source()
    assert parse_manifest(encode(source)).evidence == Evidence()
    entry = {"motion_log_odds": 2.0, "stuck_seconds": 600.0}
    assert parse_manifest(encode({**source, "evidence": entry})).evidence == _FLOOR
    for wrong, name in ((7, "evidence"), ({**entry, "motion_log_odds": 1e9}, "motion_log_odds"), ({}, "motion_log")):
        with pytest.raises(ManifestError, match=name):
            parse_manifest(encode({**source, "evidence": wrong}))
