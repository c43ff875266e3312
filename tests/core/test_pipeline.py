"""The one composition: live, replay, batches, and every way to refuse a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
import hashlib
from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core import pipeline
from custom_components.inkling.core.backends import BackendKind, ModelFault, ModelRefusedError
from custom_components.inkling.core.calibrate import Calibration
from custom_components.inkling.core.features import CHANNELS
from custom_components.inkling.core.manifest import InputSpec, OutputKind
from custom_components.inkling.core.pipeline import Model, Request, input_chunks, open_model, replay, score_batch
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.verdict import UnknownReason
from custom_components.inkling.core.window import HomeSnapshot, Track
from tests.core.builders import (
    MODEL_BYTES,
    NAN,
    T0,
    BrokenBackend,
    LinearBackend,
    encode,
    linear_model,
    make_manifest,
    manifest_source,
    track,
)

_WEIGHTS = {"room.motion.mean": 2.0, "room.co2.rise": -0.5, "elsewhere.activity.recency": -1.0, "home.person.mean": 0.5}


def _home(rng: np.random.Generator, rooms: int = 3) -> list[Track]:
    """Return a home of random readings over three hours."""
    tracks = []
    for room in range(rooms):
        for role, low, high in ((Role.MOTION, 0, 2), (Role.CO2, 400, 1500), (Role.LIGHT, 0, 2)):
            seconds = np.sort(rng.choice(10_800, size=40, replace=False)) - 7200.0
            values = rng.integers(low, high, size=40).astype(float)
            values[rng.random(40) < 0.1] = NAN
            tracks.append(track(role, zip(seconds, values, strict=True), room=f"room {room}"))
    tracks.append(track(Role.PERSON, [(-7200, 1.0), (1000, 0.0)], room=None))
    tracks.append(track(Role.DOOR, [(-7200, 0.0), (900, 1.0), (905, 0.0)], room=None))
    return tracks


def _until(tracks: list[Track], end: float) -> tuple[Track, ...]:
    """Return the tracks as they were known at an end."""
    return tuple(
        replace(item, times=item.times[item.times <= end], values=item.values[item.times <= end]) for item in tracks
    )


def _ends() -> NDArray[np.float64]:
    """Return some ends all over the readings."""
    return np.asarray(T0 + np.arange(-7300.0, 3700.0, 433.0), dtype=np.float64)


@pytest.fixture(name="loaded")
def _loaded(monkeypatch: pytest.MonkeyPatch) -> LinearBackend:
    """Put a backend that fits the builders' manifest in the place of the real loader."""
    backend = LinearBackend((1.0, 1.0), 4)
    monkeypatch.setattr(pipeline, "load", lambda *_: backend)
    return backend


def test_score() -> None:
    """Give probability, coverage and history of a room."""
    motion = track(Role.MOTION, [(-240, 0.0), (-30, 1.0)])
    air = track(Role.CO2, [(-9000, 900.0), (-4, NAN)])
    model = linear_model({"room.motion.mean": 2.0})
    score = score_batch(model, HomeSnapshot(T0, (motion, air)), [Request("kitchen")])["kitchen"]
    assert (score.room, score.end, score.unknown, score.contributions) == ("kitchen", T0, None, None)
    assert score.probability == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert score.coverage == 0.5
    assert score.history == pytest.approx((0.5 + 476 / 480) / 2)


def test_nothing_asked() -> None:
    """Answer nothing when nothing is asked, without running the model."""
    model = linear_model(_WEIGHTS)
    assert score_batch(model, HomeSnapshot(T0, ()), []) == {}


@pytest.mark.parametrize(
    "tracks",
    [
        [],
        [track(Role.MOTION, [(-100, 1.0)], room="hall")],
        [track(Role.MOTION, [])],
        [track(Role.MOTION, [(-100, 1.0), (-5, NAN)])],
        [track(Role.MOTION, [(5, 1.0)])],
    ],
    ids=["nothing", "elsewhere only", "never spoke", "unavailable", "speaks later"],
)
def test_no_signals(tracks: list[Track]) -> None:
    """Be unknown, and never ask the model, where no signal of the room can be read."""
    model = linear_model(_WEIGHTS)
    score = score_batch(model, HomeSnapshot(T0, tuple(tracks)), [Request("kitchen", explain=True)])["kitchen"]
    assert (score.probability, score.unknown, score.coverage) == (None, UnknownReason.NO_SIGNALS, 0.0)
    assert score.contributions is None
    assert isinstance(model.backend, LinearBackend)
    assert model.backend.batches == []


def test_first_reading_at_the_very_end() -> None:
    """Answer from a first reading that comes at the instant asked for."""
    item = track(Role.MOTION, [(0, 1.0)])
    score = score_batch(linear_model(_WEIGHTS), HomeSnapshot(T0, (item,)), [Request("kitchen")])["kitchen"]
    assert score.probability is not None
    assert (score.coverage, score.history) == (1.0, 0.0)


def test_one_batch_for_all() -> None:
    """Ask the model once for all rooms and all their questions."""
    model = linear_model(_WEIGHTS)
    tracks = (*_until(_home(np.random.default_rng(1)), T0), track(Role.LIGHT, [], room="empty"))
    requests = [Request("room 0", explain=True), Request("empty", explain=True), Request("room 1"), Request("room 2")]
    found = score_batch(model, HomeSnapshot(T0, tracks), requests)
    assert isinstance(model.backend, LinearBackend)
    # Room 0 with its three signals, elsewhere and home; rooms 1 and 2.
    assert model.backend.batches == [6 + 1 + 1]
    assert found["empty"].unknown is UnknownReason.NO_SIGNALS
    for request in requests:
        alone = score_batch(model, HomeSnapshot(T0, tracks), [request])[request.room]
        assert alone == found[request.room]


def test_model_failed() -> None:
    """Be unknown where the model failed, and say why; a room that cannot be read has its own reason."""
    manifest = make_manifest(("room.motion.mean",), 4, 60.0)
    tracks = (track(Role.MOTION, [(-100, 1.0)]), track(Role.MOTION, [], room="hall"))
    for backend in (BrokenBackend([1.0], 4), LinearBackend([1.0], 4, bias=NAN)):
        found = score_batch(Model(manifest, backend), HomeSnapshot(T0, tracks), [Request("kitchen"), Request("hall")])
        assert found["kitchen"].unknown is UnknownReason.MODEL_FAILED
        assert (found["kitchen"].probability, found["kitchen"].coverage) == (None, 1.0)
        assert found["hall"].unknown is UnknownReason.NO_SIGNALS


def test_calibration_and_output_kind() -> None:
    """Calibrate log-odds, and turn probabilities into log-odds first."""
    inputs = np.full((3, 4, 1), 0.75, dtype=np.float32)
    backend = LinearBackend([1.0], 4)
    manifest = replace(make_manifest(("room.motion.mean",), 4, 60.0), calibration=Calibration(2.0, 1.0))
    assert Model(manifest, backend).log_odds(inputs).tolist() == pytest.approx([2.5] * 3)
    manifest = replace(manifest, output=OutputKind.PROBABILITY)
    assert Model(manifest, backend).log_odds(inputs).tolist() == pytest.approx([2.0 * np.log(3.0) + 1.0] * 3)


def test_live_is_replay() -> None:
    """Give the same at every end live, from what was known then, as replayed from the whole record."""
    model = linear_model(_WEIGHTS)
    tracks = _home(np.random.default_rng(2))
    for room in ("room 0", "room 2"):
        replayed = replay(model, tracks, room, _ends())
        for end, expected in zip(_ends(), replayed, strict=True):
            score = score_batch(model, HomeSnapshot(float(end), _until(tracks, end)), [Request(room)])[room]
            found = np.nan if score.probability is None else score.probability
            assert_allclose(found, expected, rtol=1e-6)
        assert np.isnan(replayed[0])
        assert np.isfinite(replayed[5:]).any()


@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(0, 24))
@settings(deadline=None, max_examples=25)
def test_the_future_does_not_matter(seed: int, cut: int) -> None:
    """Answer the same at an end whatever was shuffled, altered or added after it."""
    rng = np.random.default_rng(seed)
    model = linear_model(_WEIGHTS)
    tracks = _home(rng)
    ends = _ends()
    past = ends[: cut + 1]
    altered = []
    for item in tracks:
        later = item.times > past[-1]
        values = item.values.copy()
        values[later] = rng.permutation(values[later])[::-1] + rng.integers(0, 2)
        times = np.append(np.where(later, item.times + 0.25, item.times), max(item.times[-1], past[-1]) + 99.0)
        altered.append(replace(item, times=times, values=np.append(values, np.float32(1.0))))
    for room in ("room 0", "room 1"):
        expected = replay(model, tracks, room, ends)[: cut + 1]
        assert_allclose(replay(model, altered, room, past), expected, rtol=1e-6)


def test_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the same answers in many small slices as in one."""
    model = linear_model(_WEIGHTS)
    tracks = _home(np.random.default_rng(3))
    expected = replay(model, tracks, "room 1", _ends())
    monkeypatch.setattr(pipeline, "_CHUNK_ENDS", 4)
    assert_allclose(replay(model, tracks, "room 1", _ends()), expected)
    assert replay(model, tracks, "room 1", np.empty(0)).shape == (0,)


def test_replay_of_a_room_without_signals() -> None:
    """Know nothing of a room that has no signal, at every end."""
    model = linear_model(_WEIGHTS)
    tracks = _home(np.random.default_rng(4))
    assert np.isnan(replay(model, tracks, "attic", _ends())).all()
    (chunk,) = input_chunks(tracks, "attic", _ends(), InputSpec(channels=CHANNELS, steps=8, step_seconds=60.0), None)
    assert chunk.inputs.shape == (len(_ends()), 8, len(CHANNELS))
    assert not chunk.inputs.any()
    assert not chunk.readable.any()


def test_open_model(loaded: LinearBackend) -> None:
    """Open a model that fits, on the backend that loads it."""
    model = open_model(encode(manifest_source()), MODEL_BYTES)
    assert model.backend is loaded
    assert model.manifest.name == "occupancy"


def test_open_model_asks_for_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand the file and the kind of backend on."""
    asked: list[tuple[bytes, BackendKind]] = []

    def load(data: bytes, kind: BackendKind) -> LinearBackend:
        """Remember what was asked for."""
        asked.append((data, kind))
        return LinearBackend((1.0, 1.0), 4)

    monkeypatch.setattr(pipeline, "load", load)
    open_model(encode(manifest_source()), MODEL_BYTES, BackendKind.LITERT)
    open_model(encode(manifest_source()), MODEL_BYTES)
    assert asked == [(MODEL_BYTES, BackendKind.LITERT), (MODEL_BYTES, BackendKind.PORTABLE)]


def _change(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Return a change of one field."""

    def change(source: dict[str, Any]) -> None:
        """Set the field."""
        source[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "fault", "sentence"),
    [
        (_change("name", "X"), ModelFault.MANIFEST_MISFIT, "'name' reads 'X'"),
        (_change("features_version", 1), ModelFault.MANIFEST_MISFIT, "features version 1, this is 2"),
        (
            _change("input", {"channels": ["room.aura.mean"], "steps": 4, "step_seconds": 60}),
            ModelFault.MANIFEST_MISFIT,
            "channels that do not exist: room.aura.mean",
        ),
        (_change("sha256", "0" * 64), ModelFault.HASH_MISMATCH, "its manifest says 000000000000"),
        (
            _change("input", {"channels": ["room.motion.mean"], "steps": 4, "step_seconds": 60}),
            ModelFault.MANIFEST_MISFIT,
            r"its manifest says \(4, 1\) to 1",
        ),
        (
            _change("input", {"channels": ["room.motion.mean", "room.co2.mean"], "steps": 5, "step_seconds": 60}),
            ModelFault.MANIFEST_MISFIT,
            r"its manifest says \(5, 2\) to 1",
        ),
    ],
    ids=["manifest", "features", "channel", "hash", "channels", "steps"],
)
@pytest.mark.usefixtures("loaded")
def test_misfits(change: Callable[[dict[str, Any]], None], fault: ModelFault, sentence: str) -> None:
    """Refuse every misfit with its name."""
    source = manifest_source()
    change(source)
    with pytest.raises(ModelRefusedError, match=sentence) as caught:
        open_model(encode(source), MODEL_BYTES)
    assert caught.value.fault is fault


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        (((4, 2), (4, 2)), ((1,),)),
        ((), ((1,),)),
        (((4, 2),), ((2,),)),
        (((4, 2),), ((1,), (1,))),
        (((4, 2),), ()),
    ],
)
def test_shapes_that_do_not_fit(
    loaded: LinearBackend, inputs: tuple[tuple[int, ...], ...], outputs: tuple[tuple[int, ...], ...]
) -> None:
    """Refuse a model with other inputs or outputs than one window in and one number out."""
    loaded.input_shapes, loaded.output_shapes = inputs, outputs
    with pytest.raises(ModelRefusedError, match="the model takes") as caught:
        open_model(encode(manifest_source()), MODEL_BYTES)
    assert caught.value.fault is ModelFault.MANIFEST_MISFIT


def test_output_of_no_dimension(loaded: LinearBackend) -> None:
    """Take one number in any shape."""
    loaded.output_shapes = ((),)
    assert open_model(encode(manifest_source()), MODEL_BYTES).backend is loaded


def test_a_real_file_the_whole_way() -> None:
    """Open a real `.tflite`, score live as replayed, and refuse the file when a byte of it differs."""
    data = (Path(__file__).parents[1] / "golden" / "tcn_float32.tflite").read_bytes()
    source = manifest_source(data)
    channels = ["motion.mean", "motion.recency", "light.mean", "co2.mean", "co2.known", "co2.rise"]
    source["input"] = {"channels": [f"room.{name}" for name in channels], "steps": 16, "step_seconds": 60}
    source["output"] = {"kind": "probability"}
    model = open_model(encode(source), data)
    tracks = _home(np.random.default_rng(5))
    replayed = replay(model, tracks, "room 0", _ends())
    assert np.isfinite(replayed[5:]).sum() > 10
    assert len(np.unique(replayed[np.isfinite(replayed)])) > 5
    for end, expected in zip(_ends(), replayed, strict=True):
        score = score_batch(model, HomeSnapshot(float(end), _until(tracks, end)), [Request("room 0", explain=True)])
        found = score["room 0"].probability
        assert_allclose(np.nan if found is None else found, expected, atol=1e-6)
    with pytest.raises(ModelRefusedError) as caught:
        open_model(encode(source), data[:-1] + b"\x00\x01")
    assert caught.value.fault is ModelFault.HASH_MISMATCH
    cut = data[: len(data) // 2]
    source["sha256"] = hashlib.sha256(cut).hexdigest()
    with pytest.raises(ModelRefusedError) as caught:
        open_model(encode(source), cut)
    assert caught.value.fault in (ModelFault.TRUNCATED, ModelFault.NOT_A_MODEL, ModelFault.BAD_GRAPH)
