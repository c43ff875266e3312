"""Build the fixture models of every family, with golden inputs and LiteRT's outputs: `python -m training.fixtures`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
import functools
import os
from pathlib import Path
from typing import Any
import zlib

# TensorFlow reads both at import: no log noise, and the same sums on every machine.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

from ai_edge_litert.interpreter import Interpreter
import keras
from keras import layers
import numpy as np
from numpy.typing import NDArray
import tensorflow as tf

from custom_components.inkling.core.quantize import dequantize, quantize

GOLDEN_MAGIC = "inkling-golden"
GOLDEN_VERSION = 1
GOLDEN_HINT = "python -m training.fixtures"
GOLDEN_SAMPLES = 24
CALIBRATION_SAMPLES = 128
STEPS = 16
CHANNELS = 6
FOLDER = Path(__file__).parents[1] / "tests" / "golden"

type_float, type_int8, type_int8_float, type_dynamic = "float32", "int8", "int8_float_io", "dynamic"
Net = Callable[[], keras.Model]


@dataclass(frozen=True, slots=True)
class Family:
    """One network and the formats it is exported in."""

    net: Net
    formats: tuple[str, ...] = (type_float, type_int8)


def _window(batch: int | None = None) -> keras.KerasTensor:
    """Return the input of STEPS readings of CHANNELS features."""
    return keras.Input((STEPS, CHANNELS), batch_size=batch)


def dense() -> keras.Model:
    """Return a plain dense network."""
    return keras.Sequential([keras.Input((32,)), layers.Dense(64, "relu"), layers.Dense(1, "sigmoid")])


def dense_norm() -> keras.Model:
    """Return dense layers with every normalisation and smooth activation."""
    x = inputs = keras.Input((12,))
    x = layers.Normalization(mean=np.linspace(-1, 1, 12), variance=np.linspace(0.5, 2, 12))(x)
    x = layers.BatchNormalization()(layers.Dense(24, "elu")(x))
    x = layers.LayerNormalization()(layers.Dense(16, "swish")(x))
    return keras.Model(inputs, layers.Dense(5, "softmax")(layers.Dense(8, "tanh")(x)))


def tcn(
    steps: int = STEPS, channels: int = CHANNELS, width: int = 12, dilations: tuple[int, ...] = (1, 2, 4)
) -> keras.Model:
    """Return causal dilated convolutions, averaged over time."""
    x = inputs = keras.Input((steps, channels))
    for dilation in dilations:
        x = layers.Conv1D(width, 3, padding="causal", dilation_rate=dilation, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(1, "sigmoid")(layers.GlobalAveragePooling1D()(x)))


def tcn_residual() -> keras.Model:
    """Return causal residual blocks with batch normalisation, read at the last step."""
    x = inputs = _window()
    x = layers.Conv1D(12, 1)(x)
    for dilation in (1, 2, 4):
        y = layers.Conv1D(12, 3, padding="causal", dilation_rate=dilation)(x)
        x = layers.Add()([x, layers.ReLU()(layers.BatchNormalization()(y))])
    return keras.Model(inputs, layers.Dense(2)(x[:, -1, :]))


def conv_same() -> keras.Model:
    """Return same-padded, dilated and strided convolutions."""
    x = inputs = _window()
    x = layers.Conv1D(8, 3, padding="same", dilation_rate=2, activation="relu")(x)
    x = layers.Conv1D(8, 4, padding="same", strides=2, activation="relu6")(x)
    x = layers.Conv1D(10, 3, padding="valid", strides=2, activation="tanh")(x)
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalMaxPooling1D()(x)))


def separable() -> keras.Model:
    """Return depthwise and separable convolutions with maximum pooling."""
    x = inputs = _window()
    x = layers.SeparableConv1D(12, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling1D(2)(x)
    x = layers.DepthwiseConv1D(3, padding="same", depth_multiplier=2, activation="relu")(x)
    x = layers.SeparableConv1D(10, 3, padding="same", dilation_rate=2)(x)
    return keras.Model(inputs, layers.Dense(4, "softmax")(layers.Flatten()(x)))


def pooling() -> keras.Model:
    """Return average and maximum pooling with odd sizes, and the activations that stay operators of their own."""
    x = inputs = keras.Input((15, CHANNELS))
    x = layers.AveragePooling1D(3, strides=2, padding="same")(x)
    x = layers.MaxPooling1D(3, strides=2, padding="same")(x)
    y = layers.Dense(6)(x)
    z = layers.Concatenate()([layers.ReLU()(y), layers.ReLU(6.0)(y), y])
    pooled = layers.AveragePooling1D(4)(z)
    return keras.Model(inputs, layers.Dense(2)(keras.ops.squeeze(pooled, 1)))


def conv_2d() -> keras.Model:
    """Return two-dimensional convolution and pooling."""
    x = inputs = keras.Input((10, 9, 2))
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.DepthwiseConv2D(3, padding="valid")(x)
    x = layers.AveragePooling2D(2, padding="same")(x)
    return keras.Model(inputs, layers.Dense(3)(layers.Flatten()(x)))


def ratio() -> keras.Model:
    """Return elementwise arithmetic between two inputs: division, difference, product, negation."""
    a, b = keras.Input((8,), name="a"), keras.Input((8,), name="b")
    quotient = keras.ops.divide(layers.Dense(8)(a), keras.ops.add(keras.ops.sigmoid(layers.Dense(8)(b)), 0.5))
    product = keras.ops.multiply(keras.ops.subtract(a, b), keras.ops.negative(quotient))
    return keras.Model([a, b], [layers.Dense(2)(product), layers.Dense(3)(quotient)])


def attention() -> keras.Model:
    """Return one self-attention block with GELU and layer normalisation."""
    x = inputs = _window()
    x = layers.Dense(16)(x)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 8)(x, x))
    x = layers.LayerNormalization()(x + layers.Dense(16)(layers.Dense(32, "gelu")(x)))
    return keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))


def autoencoder_transposed() -> keras.Model:
    """Return an autoencoder that grows back by transposed convolution."""
    x = inputs = _window()
    x = layers.Conv1D(10, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv1D(6, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv1DTranspose(10, 3, strides=2, padding="same", activation="relu")(x)
    return keras.Model(inputs, layers.Conv1DTranspose(CHANNELS, 3, strides=2, padding="same")(x))


def autoencoder_upsampling() -> keras.Model:
    """Return an autoencoder that grows back by repetition."""
    x = inputs = _window()
    x = layers.MaxPooling1D(2)(layers.Conv1D(8, 3, padding="same", activation="relu")(x))
    x = layers.UpSampling1D(2)(layers.Conv1D(8, 3, padding="same", activation="relu")(x))
    return keras.Model(inputs, layers.Conv1D(CHANNELS, 3, padding="same")(x))


def lstm() -> keras.Model:
    """Return an unrolled LSTM."""
    inputs = keras.Input((6, 4))
    return keras.Model(inputs, layers.Dense(1, "sigmoid")(layers.LSTM(8, unroll=True)(inputs)))


def gru() -> keras.Model:
    """Return an unrolled GRU."""
    inputs = keras.Input((6, 4))
    return keras.Model(inputs, layers.Dense(1, "sigmoid")(layers.GRU(8, unroll=True)(inputs)))


def activations() -> keras.Model:
    """Return the activations that are rarer."""
    inputs = keras.Input((10,))
    ways = ("leaky_relu", "hard_swish", "exponential", "softplus", "hard_sigmoid", "mish")
    x = layers.Concatenate()([layers.Dense(4, way)(inputs) for way in ways])
    return keras.Model(inputs, layers.Dense(3)(x))


def masked() -> keras.Model:
    """Return the average of what a mask lets through."""
    window, mask = _window(), keras.Input((STEPS, CHANNELS))
    seen = keras.ops.minimum(keras.ops.abs(mask), 1.0)
    total = keras.ops.sum(window * seen, axis=1)
    mean = total / keras.ops.maximum(keras.ops.sum(seen, axis=1), 1.0)
    return keras.Model([window, mask], layers.Dense(2)(layers.Dense(12, "relu")(mean)))


def extremes() -> keras.Model:
    """Return sums, extremes, roots and a sequence read backwards."""
    window = _window()
    deviation = keras.ops.sqrt(keras.ops.mean(keras.ops.square(window), axis=1))
    least = keras.ops.min(keras.ops.flip(window[:, :5], axis=1)[:, 1:], axis=1)
    most = keras.ops.maximum(keras.ops.max(window, axis=1), 0.5)
    total = keras.ops.sum(keras.ops.minimum(keras.ops.abs(window), 1.0), axis=1)
    return keras.Model(window, layers.Dense(3)(layers.Concatenate()([deviation, least, most, total])))


def bidirectional() -> keras.Model:
    """Return an LSTM that reads both ways."""
    inputs = keras.Input((4, 3))
    return keras.Model(inputs, layers.Dense(1)(layers.Bidirectional(layers.LSTM(6, unroll=True))(inputs)))


def several() -> keras.Model:
    """Return a network of two inputs and two outputs that share a body."""
    window, facts = keras.Input((STEPS, CHANNELS), name="a_window"), keras.Input((5,), name="b_facts")
    pooled = layers.GlobalAveragePooling1D()(layers.Conv1D(8, 3, padding="causal", activation="relu")(window))
    body = layers.Dense(12, "relu")(layers.Concatenate()([pooled, facts]))
    return keras.Model([window, facts], [layers.Dense(1, "sigmoid")(body), layers.Dense(4)(body)])


def fixed_batch() -> keras.Model:
    """Return a network whose batch is fixed at one."""
    x = inputs = _window(batch=1)
    x = layers.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(x)))


FAMILIES: dict[str, Family] = {
    "dense": Family(dense, (type_float, type_int8, type_int8_float, type_dynamic)),
    "dense_norm": Family(dense_norm),
    "tcn": Family(tcn, (type_float, type_int8, type_int8_float)),
    "tcn_bench": Family(functools.partial(tcn, 64, 12, 32, (1, 2, 4, 8, 16)), (type_float, type_int8, type_dynamic)),
    "tcn_residual": Family(tcn_residual),
    "conv_same": Family(conv_same),
    "separable": Family(separable),
    "pooling": Family(pooling),
    "conv_2d": Family(conv_2d),
    "ratio": Family(ratio),
    "attention": Family(attention),
    "autoencoder_transposed": Family(autoencoder_transposed),
    "autoencoder_upsampling": Family(autoencoder_upsampling),
    "lstm": Family(lstm),
    "gru": Family(gru),
    "activations": Family(activations),
    # LiteRT's int8 division is wrong where the numerator is next to zero, so there is no int8 answer to agree on.
    "masked": Family(masked, (type_float,)),
    "extremes": Family(extremes),
    "bidirectional": Family(bidirectional),
    "several": Family(several),
    "fixed_batch": Family(fixed_batch),
}


def _build(family: Family, seed: int) -> keras.Model:
    """Build the network with every weight drawn, so that zero biases and unit gains hide nothing."""
    # Names count up through a session; without this a file's bytes would depend on what was built before it.
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    model = family.net()
    generator = np.random.default_rng(seed)
    for weight in model.weights:
        if weight.name in {"bias", "beta", "moving_mean"}:
            weight.assign(generator.normal(0, 0.2, weight.shape))
        elif weight.name in {"gamma", "moving_variance"}:
            weight.assign(generator.uniform(0.6, 1.4, weight.shape))
    return model


def _shapes(model: keras.Model) -> list[tuple[int, ...]]:
    """Return the input shapes without the batch."""
    return [tuple(item.shape[1:]) for item in model.inputs]


def _samples(shapes: list[tuple[int, ...]], count: int, seed: int) -> list[NDArray[np.float32]]:
    """Draw smooth-free standard inputs for every input of a model."""
    generator = np.random.default_rng(seed)
    return [generator.normal(0, 1, (count, *shape)).astype(np.float32) for shape in shapes]


def convert(model: keras.Model, form: str) -> bytes:
    """Return the `.tflite` bytes of a Keras model in one of the four formats."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if form != type_float:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form in {type_int8, type_int8_float}:
        calibration = _samples(_shapes(model), CALIBRATION_SAMPLES, 7)

        def representative() -> Iterator[dict[str, NDArray[np.float32]]]:
            """Yield the calibration samples one by one, by input name: the file has an order of its own."""
            for index in range(CALIBRATION_SAMPLES):
                rows = (array[index : index + 1] for array in calibration)
                yield {tensor.name: row for tensor, row in zip(model.inputs, rows, strict=True)}

        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if form == type_int8:
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def _quantise(detail: dict[str, Any], values: NDArray[np.float32]) -> NDArray[Any]:
    """Return the values in the dtype of a model's input."""
    if detail["dtype"] is np.float32:
        return values
    scale, zero_point = detail["quantization"]
    return quantize(values, scale, zero_point)


def litert_outputs(data: bytes, inputs: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Run LiteRT's default backend sample by sample and return float outputs."""
    interpreter = Interpreter(model_content=data, num_threads=1)
    interpreter.allocate_tensors()
    rows: list[list[NDArray[np.float32]]] = []
    for index in range(len(inputs[0])):
        for detail, values in zip(interpreter.get_input_details(), inputs, strict=True):
            interpreter.set_tensor(detail["index"], _quantise(detail, values[index : index + 1]))
        interpreter.invoke()
        rows.append([_dequantise(d, interpreter.get_tensor(d["index"])) for d in interpreter.get_output_details()])
    return [np.concatenate(column) for column in zip(*rows, strict=True)]


def _dequantise(detail: dict[str, Any], values: NDArray[Any]) -> NDArray[np.float32]:
    """Return an output in float32."""
    if detail["dtype"] is np.float32:
        return values
    scale, zero_point = detail["quantization"]
    return dequantize(values, scale, zero_point)


def _file_shapes(data: bytes) -> list[tuple[int, ...]]:
    """Return the input shapes in the file's own order, which may differ from Keras's."""
    details = Interpreter(model_content=data).get_input_details()
    return [tuple(int(size) for size in detail["shape"][1:]) for detail in details]


def write_fixture(name: str, data: bytes, folder: Path) -> None:
    """Write a model and its golden vectors, each to a temporary name first."""
    inputs = _samples(_file_shapes(data), GOLDEN_SAMPLES, 11)
    arrays: dict[str, Any] = {f"input_{i}": array for i, array in enumerate(inputs)}
    arrays |= {f"output_{i}": array for i, array in enumerate(litert_outputs(data, inputs))}
    head: dict[str, Any] = {
        "magic": np.array(GOLDEN_MAGIC),
        "version": np.array(GOLDEN_VERSION),
        "regenerate": np.array(GOLDEN_HINT),
    }
    vectors = folder / f"{name}.npz"
    temporary = folder / f"{name}.part.npz"
    np.savez_compressed(temporary, **head, **arrays)
    temporary.rename(vectors)
    temporary = folder / f"{name}.tflite.part"
    temporary.write_bytes(data)
    temporary.rename(folder / f"{name}.tflite")


def main() -> None:
    """Build the fixtures named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", choices=[[], *FAMILIES], help="families to build (default: all)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the files go")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, family in FAMILIES.items():
        if options.families and name not in options.families:
            continue
        # A seed of its own for each name, so that a new family changes no other's file.
        model = _build(family, zlib.crc32(name.encode()))
        for form in family.formats:
            data = convert(model, form)
            write_fixture(f"{name}_{form}", data, options.folder)
            print(f"{name}_{form}: {len(data)} bytes")


if __name__ == "__main__":
    main()
