"""Two small networks that know no fault: what they cannot put together, or foretell, of a signal is unlike it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.backends import Backend, load

from .ablation_channels import CHANNELS, HOUR_BINS
from .ablation_methods import Doubles, Teach, scale_of

Floats = NDArray[np.float32]
STEPS = 24
# The newest hours of a signal are hidden from the network that is to foretell them.
_HIDDEN_STEPS = 2
_EVERY_BINS = 3
_FURTHEST, _SHRINK = 8.0, 4.0
_NARROW, _WIDE = 12, 48
_ROWS_AT_ONCE = 8192


class Sort(StrEnum):
    """What the network is asked for."""

    RECONSTRUCTION = "reconstruction"
    """A day of the signal, through a dozen numbers."""
    FORECAST = "forecast"
    """The signal now, from its day up to two hours ago and from what the home does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How to train a network; every number of it stands in the recipe."""

    seed: int
    rows: int
    epochs: int
    batch_size: int
    learning_rate: float


def windows_of(scaled: Doubles, home: Doubles, places: NDArray[np.int64]) -> Floats:
    """Return the day before each place, hour by hour: the signal's channels and the home's, (n, STEPS, 2 channels)."""
    hours = np.arange(1 - STEPS, 1) * HOUR_BINS
    taken = np.maximum(places[:, None] + hours, 0)
    return np.asarray(np.concatenate((scaled[taken], home[taken]), axis=2), dtype=np.float32)


def scaled_by(values: Doubles, middle: Doubles, spread: Doubles) -> Doubles:
    """Return channels (bins, signals, channels) in spreads, none far enough to drown the others."""
    return np.asarray(np.clip((values - middle) / spread, -_FURTHEST, _FURTHEST) / _SHRINK)


def training_rows(learning: Sequence[Doubles], rows: int, seed: int) -> Floats:
    """Return windows drawn from homes' learning bins, those of two days or more share alike."""
    rng = np.random.default_rng(seed)
    found = []
    learning = [values for values in learning if len(values) > 2 * STEPS * HOUR_BINS]
    for values in learning:
        scaled = scaled_by(values, *scale_of(values))
        home = scaled.mean(axis=1)
        signals = rng.integers(values.shape[1], size=rows // len(learning))
        places = rng.integers((STEPS - 1) * HOUR_BINS, len(values), size=len(signals))
        found += [windows_of(scaled[:, row], home, places[signals == row]) for row in range(values.shape[1])]
    drawn = np.concatenate(found)
    rng.shuffle(drawn)
    return drawn


def asked(sort: Sort, windows: Floats) -> Floats:
    """Return what the network is shown of windows."""
    if sort is Sort.RECONSTRUCTION:
        return windows
    shown = windows.copy()
    shown[:, -_HIDDEN_STEPS:, : len(CHANNELS)] = 0.0
    return shown


def wanted(sort: Sort, windows: Floats) -> Floats:
    """Return what it should say, shape (n, numbers)."""
    own = windows[:, :, : len(CHANNELS)]
    return own[:, -1] if sort is Sort.FORECAST else own.reshape(len(own), -1)


def trained(sort: Sort, windows: Floats, fit: Fit) -> bytes:
    """Return the network as a float32 `.tflite`."""
    from ..export import to_float32  # noqa: PLC0415 - TensorFlow takes ten seconds to import
    from ..runtime import keras, start  # noqa: PLC0415

    start(fit.seed)
    layers = keras.layers
    inputs = keras.Input(windows.shape[1:])
    x = layers.Dense(_WIDE, "relu")(layers.Flatten()(inputs))
    x = layers.Dense(_NARROW if sort is Sort.RECONSTRUCTION else _WIDE, "relu")(x)
    x = layers.Dense(_WIDE, "relu")(x) if sort is Sort.RECONSTRUCTION else x
    model = keras.Model(inputs, layers.Dense(wanted(sort, windows[:1]).shape[1])(x))
    # A few wild hours must not teach: the loss is linear far from the target.
    model.compile(keras.optimizers.Adam(fit.learning_rate), keras.losses.Huber(0.25))
    model.fit(asked(sort, windows), wanted(sort, windows), fit.batch_size, epochs=fit.epochs, verbose=0)
    return to_float32(model)


class NetRival:
    """A network that all signals share; each has its own scale and, by its errors while learning, its thresholds."""

    def __init__(self, sort: Sort, backend: Backend, values: Doubles) -> None:
        """Learn every channel's scale."""
        self._sort, self._backend = sort, backend
        self._middle, self._spread = scale_of(values)

    def scores(self, values: Doubles, rows: Sequence[int]) -> Doubles:
        """Return a channel's error now and, of what is put together, over the day."""
        scaled = scaled_by(values, self._middle, self._spread)
        home = scaled.mean(axis=1)
        return np.stack([self._errors(scaled[:, row], home) for row in rows], axis=1)

    def _errors(self, own: Doubles, home: Doubles) -> Doubles:
        """Return one signal's errors, (bins, parts)."""
        windows = windows_of(own, home, np.arange(0, len(own), _EVERY_BINS))
        shown = asked(self._sort, windows)
        parts = [self._backend.run(shown[n : n + _ROWS_AT_ONCE])[0] for n in range(0, len(shown), _ROWS_AT_ONCE)]
        errors = np.abs(np.concatenate(parts).reshape(len(windows), -1) - wanted(self._sort, windows))
        if self._sort is Sort.RECONSTRUCTION:
            day = errors.reshape(len(windows), STEPS, -1)
            errors = np.concatenate((day[:, -1], day.mean(axis=1)), axis=1)
        return np.asarray(np.repeat(errors, _EVERY_BINS, axis=0)[: len(own)], dtype=np.float64)

    def least(self, row: int) -> Doubles:
        """Return what one unit of each channel is to the network, a quarter of it over a day."""
        unit = np.minimum(1.0 / self._spread[row], _FURTHEST / 2.0) / _SHRINK
        return unit if self._sort is Sort.FORECAST else np.append(unit, unit / 4.0)


def net_rivals(learning: Sequence[Doubles], fit: Fit) -> dict[str, tuple[Teach, int]]:
    """Return each network by name, trained on homes' learning bins, with its file's bytes."""
    windows = training_rows(learning, fit.rows, fit.seed)
    found: dict[str, tuple[Teach, int]] = {}
    for sort in Sort:
        data = trained(sort, windows, fit)
        found[f"network, {sort}"] = (_teach(sort, load(data)), len(data))
    return found


def _teach(sort: Sort, backend: Backend) -> Teach:
    """Return how a signal's network is taught."""
    return lambda values: NetRival(sort, backend, values)
