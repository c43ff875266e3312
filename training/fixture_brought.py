"""Build the file that tests bring, as a converter from PyTorch would write it: `python -m training.fixture_brought`.

Such a file has its batch fixed at one, and turns its window to channels first and back around every convolution.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .export import to_float32
from .fit import draw, options_of
from .nets import NETS, Net
from .recipe import read_recipe
from .runtime import keras
from .splits import Library
from .trace import replace_file
from .train import train

FOLDER = Path(__file__).parents[1] / "tests" / "training"


def channels_first(steps: int, channels: int, batch: int | None) -> keras.Model:
    """Return a convolution whose window is turned around it, and a head over channels-first values."""
    layers = keras.layers
    inputs = keras.Input((steps, channels), batch_size=batch)
    turned = layers.Permute((2, 1))(inputs)
    x = layers.Conv1D(8, 4, strides=4, activation="relu", name="conv")(layers.Permute((2, 1))(turned))
    x = layers.Flatten()(layers.Permute((2, 1))(x))
    newest = layers.Flatten()(turned[:, :, -1:])
    x = layers.Dense(12, "relu", name="hidden")(layers.Concatenate()([x, newest]))
    return keras.Model(inputs, layers.Dense(1, name="answer")(x))


def main() -> None:
    """Train on a few simulated homes and write the file."""
    recipe = replace(read_recipe(FOLDER / "brought.toml"), network="brought")
    shape = recipe.spec.steps, len(recipe.spec.channels)
    nets: dict[str, Net] = {"brought": lambda _: channels_first(*shape, None)}
    windows, validation = draw(recipe, Library(FOLDER))
    # One name more, for this process only: the loop knows networks by name.
    NETS.update(nets)  # type: ignore[attr-defined]
    trained = train(windows, validation, recipe.spec, options_of(recipe))
    fixed = channels_first(*shape, 1)
    fixed.set_weights(trained.get_weights())
    replace_file(FOLDER / "brought.tflite", to_float32(fixed))


if __name__ == "__main__":
    main()
