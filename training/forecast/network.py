"""The network that mixes habits: a gate over what they say, with a small correction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.forecast_channels import FORECAST_CHANNELS, HABITS

from ..runtime import keras, start
from .draw import Rows

layers = keras.layers
_HOME_FLAG = FORECAST_CHANNELS.index("room.home.flag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How to train; every number of it stands in the recipe."""

    seed: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    widths: tuple[int, int]
    mean_share: float
    """Over which share of all steps the weights' mean reaches."""
    home_weight: float
    """What a row of the home as a whole counts for beside a room's."""


def mixing_network(rows: NDArray[np.float32], widths: Sequence[int]) -> keras.Model:
    """Return the untrained network: inputs (batch, 1, channels) to log-odds; `rows` (n, channels) set its scales."""
    inputs = keras.Input((1, len(FORECAST_CHANNELS)))
    flat = layers.Reshape((len(FORECAST_CHANNELS),))(inputs)
    # Scales are folded into the first layer's weights, so that nothing but the network is in the file.
    first = layers.Dense(widths[0], "relu", name="first")
    x = layers.Dense(widths[1], "relu", name="second")(first(flat))
    gates = layers.Softmax()(layers.Dense(len(HABITS) + 1, name="gates")(x))
    own = layers.Dense(1, name="own")(x)
    said = layers.Concatenate()([flat[:, : len(HABITS)], own])
    mixed = layers.Dense(1, use_bias=False, trainable=False, name="sum")(layers.Multiply()([gates, said]))
    model = keras.Model(inputs, layers.Add()([mixed, layers.Dense(1, name="correction")(x)]))
    model.get_layer("sum").set_weights([np.ones((len(HABITS) + 1, 1), np.float32)])
    spread = rows.std(axis=0) + 1e-3
    weights, bias = first.get_weights()
    scaled = weights / spread[:, None]
    first.set_weights([scaled, bias - rows.mean(axis=0) @ scaled])
    return model


def train_network(rows: Rows, validation: Rows, fit: Fit) -> keras.Model:
    """Return the trained network: its weights' mean over the last steps, which is smoother than the last step's."""
    start(fit.seed)
    model = mixing_network(rows.inputs[::7], fit.widths)
    steps = max(1, len(rows.targets) // fit.batch_size) * fit.epochs
    model.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(fit.learning_rate, steps),
            weight_decay=fit.weight_decay,
            use_ema=True,
            ema_momentum=1.0 - 1.0 / max(2.0, fit.mean_share * steps),
        ),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    weights = np.where(rows.inputs[:, _HOME_FLAG] > 0.0, fit.home_weight, 1.0).astype(np.float32)
    told = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: print(f"  epoch {epoch + 1}/{fit.epochs}: loss {logs['loss']:.4f}", flush=True)
    )
    model.fit(
        rows.inputs[:, None],
        rows.targets[:, None],
        fit.batch_size,
        epochs=fit.epochs,
        verbose=0,
        sample_weight=weights,
        callbacks=[told],
    )
    model.optimizer.finalize_variable_values(model.trainable_variables)
    print(f"  validation Brier {validation_brier(model, validation):.5f}", flush=True)
    return model


def validation_brier(model: keras.Model, rows: Rows) -> float:
    """Return the mean squared error of the probabilities."""
    odds = model.predict(rows.inputs[:, None], batch_size=65_536, verbose=0)[:, 0]
    return float(np.mean((1.0 / (1.0 + np.exp(-odds)) - rows.targets) ** 2))
