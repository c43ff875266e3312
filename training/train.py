"""Windows in, a Keras network out: `python -m training make RECIPE` runs this between drawing and export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.manifest import InputSpec

from .dataset import Windows
from .nets import NETS
from .runtime import keras, start


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """How to train; every number of it stands in the recipe."""

    network: str
    seed: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    keep_best: bool = True
    """Whether the epoch with the least validation loss is kept; else the last, where validation is of other rooms."""


class _Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches in float32 from windows kept in float16, in an order the seed decides."""

    def __init__(self, windows: Windows, batch_size: int, seed: int) -> None:
        """Draw the first epoch's order."""
        super().__init__()
        self._windows = windows
        self._batch_size = batch_size
        self._rng = np.random.default_rng(seed)
        self._order = self._rng.permutation(len(windows))

    def __len__(self) -> int:
        """Return the number of full batches."""
        return max(1, len(self._windows) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return inputs, truths and weights of one batch."""
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        windows = self._windows
        return windows.inputs[chosen].astype(np.float32), windows.targets[chosen, None], windows.weights[chosen]

    def on_epoch_end(self) -> None:
        """Shuffle."""
        self._order = self._rng.permutation(len(self._windows))


def train(
    windows: Windows,
    validation: Windows,
    spec: InputSpec,
    options: TrainOptions,
    initial: Sequence[NDArray[Any]] | None = None,
) -> keras.Model:
    """Return the network of the epoch that is kept; with `initial` weights it trains on from them."""
    start(options.seed)
    model = NETS[options.network](spec)
    if initial is not None:
        model.set_weights(initial)
    steps = max(1, len(windows) // options.batch_size) * options.epochs
    model.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(options.learning_rate, steps), weight_decay=options.weight_decay
        ),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    best, best_weights = math.inf, model.get_weights()
    batches = _Batches(windows, options.batch_size, options.seed)
    for epoch in range(options.epochs):
        history = model.fit(batches, epochs=1, verbose=0, shuffle=False)
        loss = weighted_loss(raw_outputs(model, validation.inputs), validation)
        print(f"  epoch {epoch + 1}/{options.epochs}: loss {history.history['loss'][0]:.4f}, validation {loss:.4f}")
        if loss < best or not options.keep_best:
            best, best_weights = loss, model.get_weights()
    model.set_weights(best_weights)
    return model


def raw_outputs(model: keras.Model, inputs: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a Keras model's raw log-odds, shape (n,)."""
    parts = [
        np.asarray(model(inputs[at : at + 4096].astype(np.float32), training=False))[:, 0]
        for at in range(0, len(inputs), 4096)
    ]
    return np.concatenate(parts).astype(np.float64) if parts else np.empty(0)


def weighted_loss(log_odds: NDArray[np.float64], windows: Windows) -> float:
    """Return the weighted mean of log loss."""
    losses = np.logaddexp(0.0, log_odds) - windows.targets * log_odds
    return float(np.average(losses, weights=windows.weights))
