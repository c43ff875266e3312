"""Networks for single rooms and for a second task: few weights, or an encoder that must also redraw what it saw."""

from __future__ import annotations

from typing import Any

from custom_components.inkling.core.manifest import InputSpec

from .runtime import keras

layers = keras.layers
_PARTS = 4
_CODE = 24
_HIDDEN = 32
# Small beside a log loss of about 0.2, so that the label leads and the drawing only steadies.
_RECONSTRUCTION_WEIGHT = 0.02


def shallow(spec: InputSpec) -> keras.Model:
    """Return one hidden layer over the last step: for a room's own model, which has days to learn from, not homes."""
    inputs = keras.Input((spec.steps, len(spec.channels)))
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(_HIDDEN, "relu")(inputs[:, -1, :])))


def autoencoder(spec: InputSpec) -> keras.Model:
    """Return an encoder shared by a decoder, which only training has, and by a head for the label.

    Both are trained at once (a supervised autoencoder: Le, Patterson and White 2018) rather than one after the other:
    one loop serves every network, and the decoder is gone from the exported file.
    """
    inputs = keras.Input((spec.steps, len(spec.channels)))
    stride = max(1, spec.steps // _PARTS)
    x = layers.Conv1D(16, 1, activation="relu")(inputs)
    x = layers.Conv1D(16, stride, strides=stride, activation="relu")(x)
    code = layers.Dense(_CODE, "relu")(layers.Flatten()(x))
    code = Redrawing(stride)([code, inputs])
    x = layers.Concatenate()([code, inputs[:, -1, :]])
    x = layers.Dense(48, "relu")(layers.Dropout(0.2)(x))
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(24, "relu")(x)))


class Redrawing(keras.layers.Layer):  # type: ignore[misc]
    """Hands a code on, and in training asks of it to redraw the window's means part by part."""

    def __init__(self, stride: int) -> None:
        """Keep how many steps make a part."""
        super().__init__()
        self._stride = stride

    def build(self, shapes: list[tuple[int | None, ...]]) -> None:
        """Make the decoder fit the window's number of parts and channels."""
        (_, width), (_, steps, channels) = shapes
        self._parts, self._channels = int(steps or 0) // self._stride, int(channels or 0)
        self._decoder = layers.Dense(self._parts * self._channels)
        self._decoder.build((None, width))

    def call(self, both: list[Any], *, training: bool = False) -> Any:  # noqa: ANN401 - a tensor of Keras's
        """Return the code; in training add the squared error of the redrawn means to the loss."""
        code, window = both
        if training:
            shape = (-1, self._parts, self._stride, self._channels)
            means = keras.ops.mean(keras.ops.reshape(window[:, : self._parts * self._stride], shape), axis=2)
            drawn = keras.ops.reshape(self._decoder(code), (-1, self._parts, self._channels))
            self.add_loss(_RECONSTRUCTION_WEIGHT * keras.ops.mean(keras.ops.square(drawn - means)))
        return code
