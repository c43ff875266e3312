"""Recurrent networks, always unrolled: a loop in a `.tflite` (WHILE) is refused by our validator.

Only eight steps are unrolled, each a strided convolution's summary of its part of the window: every step costs some
twenty operators in the file, and a walk through all 64 would weigh half a megabyte.
"""

from __future__ import annotations

from custom_components.inkling.core.manifest import InputSpec

from .runtime import keras

layers = keras.layers
STEPS_UNROLLED = 8
_UNITS = 20


def gru(spec: InputSpec) -> keras.Model:
    """Return a gated recurrent unit over eight summaries of the window, beside the last step as it is."""
    return _recurrent(spec, layers.GRU(_UNITS, unroll=True))


def lstm(spec: InputSpec) -> keras.Model:
    """Return a long short-term memory over eight summaries of the window, beside the last step as it is."""
    return _recurrent(spec, layers.LSTM(_UNITS, unroll=True))


def _recurrent(spec: InputSpec, cell: keras.Layer) -> keras.Model:
    """Return summaries, the recurrent layer over them, and the same head that the convolutions have."""
    inputs = keras.Input((spec.steps, len(spec.channels)))
    stride = max(1, spec.steps // STEPS_UNROLLED)
    x = layers.Conv1D(16, 1, activation="relu")(inputs)
    # No masking layer: what is missing is told by channels of its own, and a mask becomes operators nobody has.
    x = cell(layers.Conv1D(20, stride, strides=stride, activation="relu")(x))
    x = layers.Concatenate()([x, inputs[:, -1, :]])
    x = layers.Dense(48, "relu")(layers.Dropout(0.2)(x))
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(24, "relu")(x)))
