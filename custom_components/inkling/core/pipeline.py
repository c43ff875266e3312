"""Snapshot in, scores out: the one composition that Home Assistant, replay, training and evaluation all run."""

from __future__ import annotations

from dataclasses import dataclass
import hashlib
from typing import TYPE_CHECKING

import numpy as np

from .backends import Backend, BackendKind, ModelFault, ModelRefusedError, load
from .calibrate import log_odds_of, probability
from .explain import Occlusion, contributions, occlusions
from .features import (
    CHANNELS,
    FEATURES_VERSION,
    RoomView,
    TrackGrid,
    build,
    build_views,
    grid_tracks,
    is_known_now,
    room_view,
    room_views,
)
from .forecast_channels import FORECAST_CHANNELS, FORECAST_VERSION
from .manifest import Manifest, ManifestError, OutputKind, Task, parse_manifest
from .verdict import Contribution, Score, UnknownReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from .manifest import InputSpec
    from .window import HomeSnapshot, Track

# Ends gridded at once: bounds a replay's memory to a few tens of megabytes.
_CHUNK_ENDS = 256


@dataclass(frozen=True, slots=True)
class Model:
    """A model that fits: its manifest, and its file on a backend."""

    manifest: Manifest
    backend: Backend

    def log_odds(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return calibrated log-odds, shape (batch,), for inputs of shape (batch, steps, channels).

        An answer that is no number raises ModelRefusedError (RUNTIME): compared with a threshold it would read vacant.
        """
        (out,) = self.backend.run(inputs)
        raw = out.reshape(len(inputs))
        if not np.isfinite(raw).all():
            raise ModelRefusedError(ModelFault.RUNTIME, "the model answered with something that is no number")
        found = log_odds_of(raw) if self.manifest.output is OutputKind.PROBABILITY else raw
        return self.manifest.calibration.apply(found)


def open_model(manifest_bytes: bytes, model_bytes: bytes, kind: BackendKind = BackendKind.PORTABLE) -> Model:
    """Return the model of a manifest and a `.tflite`, every misfit refused by ModelRefusedError with its name."""
    try:
        manifest = parse_manifest(manifest_bytes)
    except ManifestError as err:
        raise ModelRefusedError(ModelFault.MANIFEST_MISFIT, str(err)) from err
    _check_features(manifest)
    found = hashlib.sha256(model_bytes).hexdigest()
    if found != manifest.sha256:
        detail = f"the model file's sha256 begins {found[:12]}, its manifest says {manifest.sha256[:12]}"
        raise ModelRefusedError(ModelFault.HASH_MISMATCH, detail)
    backend = load(model_bytes, kind)
    wanted = (manifest.input.steps, len(manifest.input.channels))
    if backend.input_shapes != (wanted,) or [int(np.prod(shape)) for shape in backend.output_shapes] != [1]:
        detail = (
            f"the model takes {backend.input_shapes} and gives {backend.output_shapes}, its manifest says {wanted} to 1"
        )
        raise ModelRefusedError(ModelFault.MANIFEST_MISFIT, detail)
    return Model(manifest, backend)


def _check_features(manifest: Manifest) -> None:
    """Refuse a manifest made for other features than its task has."""
    is_forecast = manifest.task is Task.FORECAST
    version, channels = (FORECAST_VERSION, FORECAST_CHANNELS) if is_forecast else (FEATURES_VERSION, CHANNELS)
    if manifest.features_version != version:
        detail = f"the model was made for features version {manifest.features_version}, this is {version}"
        raise ModelRefusedError(ModelFault.MANIFEST_MISFIT, detail)
    unknown = sorted(set(manifest.input.channels) - set(channels))
    if unknown:
        detail = f"the model wants channels that do not exist: {', '.join(unknown[:3])}"
        raise ModelRefusedError(ModelFault.MANIFEST_MISFIT, detail)


@dataclass(frozen=True, slots=True)
class Request:
    """Which room to score, and whether to explain."""

    room: str
    explain: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One room's part of a batch."""

    request: Request
    view: RoomView
    readable: bool
    questions: tuple[Occlusion, ...]

    @property
    def views(self) -> list[RoomView]:
        """Return what the model is asked about: the room as it is, then as each question wants it."""
        return [self.view, *(question.view for question in self.questions)] if self.readable else []


def score_batch(model: Model, snapshot: HomeSnapshot, requests: Sequence[Request]) -> dict[str, Score]:
    """Return the score of every requested room, all in one batch through the model.

    A room without any readable signal is unknown, and so are all others when the model fails at run time.
    """
    spec = model.manifest.input
    rooms = [request.room for request in requests]
    ends = np.array([snapshot.end])
    tracks = [track for track in snapshot.tracks if track.signal.concerns(rooms)]
    grids = grid_tracks(tracks, ends, spec.steps, spec.step_seconds)
    prepared = [_prepare(view, request) for view, request in zip(room_views(rooms, grids), requests, strict=True)]
    views = [view for item in prepared for view in item.views]
    try:
        odds = iter(_ask(model, views, grids, snapshot.utc_offset_seconds))
    except ModelRefusedError:
        return {item.request.room: _unknown(item, snapshot.end, _failure(item)) for item in prepared}
    return {item.request.room: _score(item, odds, snapshot.end) for item in prepared}


def _ask(
    model: Model, views: Sequence[RoomView], grids: Sequence[TrackGrid], offset_seconds: float | None
) -> list[float]:
    """Return the model's log-odds for each view at the one end of its grids, raised to what its evidence warrants."""
    if not views:
        return []
    inputs = build_views(views, model.manifest.input.channels, grids[0].edges, offset_seconds)[:, 0]
    least = np.concatenate([model.manifest.evidence.floor(view) for view in views])
    return list(map(float, np.maximum(model.log_odds(inputs), least)))


def _prepare(view: RoomView, request: Request) -> _Prepared:
    """Find out what to ask the model about one room; nothing where nothing can be read."""
    readable = any(is_known_now(grid)[0] for grid in view.own)
    return _Prepared(request, view, readable, occlusions(view) if request.explain and readable else ())


def _score(item: _Prepared, odds: Iterator[float], end: float) -> Score:
    """Return one room's score, taking its share of the batch's answers."""
    if not item.readable:
        return _unknown(item, end, UnknownReason.NO_SIGNALS)
    log_odds = next(odds)
    found: tuple[Contribution, ...] | None = None
    if item.request.explain:
        found = contributions(log_odds, item.questions, [next(odds) for _ in item.questions])
    return Score(
        room=item.request.room,
        end=end,
        probability=float(probability(np.array(log_odds))),
        coverage=_coverage(item.view),
        history=_history(item.view),
        contributions=found,
    )


def _failure(item: _Prepared) -> UnknownReason:
    """Return why a room is unknown after the model failed: one that was never asked about is not the model's fault."""
    return UnknownReason.MODEL_FAILED if item.readable else UnknownReason.NO_SIGNALS


def _unknown(item: _Prepared, end: float, reason: UnknownReason) -> Score:
    """Return a score that says why there is none."""
    coverage, history = _coverage(item.view), _history(item.view)
    return Score(room=item.request.room, end=end, probability=None, coverage=coverage, history=history, unknown=reason)


def _coverage(view: RoomView) -> float:
    """Return the share of the room's own signals that can be read now."""
    return float(np.mean([is_known_now(grid)[0] for grid in view.own])) if view.own else 0.0


def _history(view: RoomView) -> float:
    """Return the known share of the window over the room's own signals."""
    return float(np.mean([grid.known.mean() for grid in view.own])) if view.own else 0.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A room's part of a replay: inputs (ends, steps, channels), whether anything is readable and the view's grids."""

    inputs: NDArray[np.float32]
    readable: NDArray[np.bool_]
    view: RoomView


def input_chunks(
    tracks: Sequence[Track], room: str, ends: NDArray[np.float64], spec: InputSpec, offsets: NDArray[np.float64] | None
) -> Iterator[Chunk]:
    """Yield a room's inputs for consecutive slices of many ends, shape (n,) in epoch seconds.

    `offsets`, shape (n,), is what the home's clock is ahead of UTC at each end, in seconds; None when unknown.
    """
    tracks = [track for track in tracks if track.signal.concerns((room,))]
    for start in range(0, len(ends), _CHUNK_ENDS):
        chosen = slice(start, start + _CHUNK_ENDS)
        grids = grid_tracks(tracks, ends[chosen], spec.steps, spec.step_seconds)
        view = room_view(room, grids)
        count = len(ends[chosen])
        if not view.own:
            empty = np.zeros((count, spec.steps, len(spec.channels)), np.float32)
            yield Chunk(empty, np.zeros(count, np.bool_), view)
            continue
        readable = np.any([is_known_now(grid) for grid in view.own], axis=0)
        own_offsets = None if offsets is None else offsets[chosen]
        yield Chunk(build(view, spec.channels, view.own[0].edges, own_offsets), readable, view)


def replay(
    model: Model,
    tracks: Sequence[Track],
    room: str,
    ends: NDArray[np.float64],
    offsets: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return a room's probability at every end, shape (n,), NaN where nothing can be read.

    Tracks may reach beyond an end: nothing after an end is looked at. `offsets` as `input_chunks` takes them.
    """
    found = []
    for chunk in input_chunks(tracks, room, ends, model.manifest.input, offsets):
        log_odds = np.maximum(model.log_odds(chunk.inputs), model.manifest.evidence.floor(chunk.view))
        found.append(np.where(chunk.readable, probability(log_odds), np.nan))
    return np.concatenate(found) if found else np.empty(0)
