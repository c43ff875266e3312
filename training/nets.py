"""Networks by name; each gives raw log-odds for windows of shape (batch, steps, channels)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
import math

from custom_components.inkling.core.manifest import InputSpec

from .nets_other import autoencoder, shallow
from .nets_recurrent import gru, lstm
from .runtime import keras

layers = keras.layers
_STRIDE = 4

Net = Callable[[InputSpec], keras.Model]


def logistic(spec: InputSpec) -> keras.Model:
    """Return a weighted sum of the last step: the least that could work."""
    inputs = keras.Input((spec.steps, len(spec.channels)))
    return keras.Model(inputs, layers.Dense(1)(inputs[:, -1, :]))


def dense(spec: InputSpec) -> keras.Model:
    """Return two dense layers over the last step and the window's mean."""
    inputs = keras.Input((spec.steps, len(spec.channels)))
    x = layers.Concatenate()([inputs[:, -1, :], layers.GlobalAveragePooling1D()(inputs)])
    x = layers.Dense(48, "relu")(x)
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(24, "relu")(x)))


def conv(spec: InputSpec) -> keras.Model:
    """Return strided convolutions that sum up the hour by quarters, beside the last step as it is.

    Strides instead of dilations: half the multiplications, and nothing that needs fusing to be fast.
    """
    inputs = keras.Input((spec.steps, len(spec.channels)))
    x = layers.Conv1D(16, 1, activation="relu")(inputs)
    x = layers.Conv1D(24, 4, strides=4, activation="relu")(x)
    x = layers.Conv1D(24, 4, strides=4, activation="relu")(x)
    x = layers.Concatenate()([layers.Flatten()(x), inputs[:, -1, :]])
    x = layers.Dense(64, "relu")(layers.Dropout(0.1)(x))
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(24, "relu")(x)))


def strided(spec: InputSpec) -> keras.Model:
    """Return strided convolutions that sum up the window in few parts, beside the last step as it is.

    Strides instead of dilations: half the multiplications, and nothing that needs fusing to be fast.
    """
    inputs = keras.Input((spec.steps, len(spec.channels)))
    x = layers.Conv1D(24, 1, activation="relu")(inputs)
    for left in reversed(range(int(math.log(spec.steps, _STRIDE)) - 1)):
        x = layers.Conv1D(16 if left else 24, _STRIDE, strides=_STRIDE, activation="relu")(x)
    x = layers.Concatenate()([layers.Flatten()(x), inputs[:, -1, :]])
    x = layers.Dense(80, "relu")(layers.Dropout(0.1)(x))
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(32, "relu")(x)))


NETS: Mapping[str, Net] = {
    "logistic": logistic,
    "shallow": shallow,
    "dense": dense,
    "conv": conv,
    "strided": strided,
    "gru": gru,
    "lstm": lstm,
    "autoencoder": autoencoder,
}
