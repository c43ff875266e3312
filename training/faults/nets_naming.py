"""A small classifier of what fails how, from an alarm's scores, beside the rules that say it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.backends import load
from custom_components.inkling.core.faults.classes import FaultClass, Scope
from custom_components.inkling.core.faults.table import GRAIN, Score, measure_of
from custom_components.inkling.core.units import Role

from .ablation import Found
from .ablation_figures import beside
from .nets import Fit

Floats = NDArray[np.float32]
_ROLES = sorted(GRAIN)
_CLASSES = sorted(FaultClass)
_MEASURES = [measure_of(score) for score in Score]
_MOST_EXCESS, _MOST_GRAINS = 4.0, 20.0
_WIDE = 48
# What the network learns with, turned about a little: an excess is never twice the same.
_NOISE, _COPIES = 0.1, 8


def features(found: Found) -> Floats:
    """Return what the classifier is told of an alarm: scores, what crossed first, the numbers, and the rules' word."""
    alarm, vector = found.alarm, found.vector
    if alarm is None or vector is None:
        raise ValueError("a failure that was missed has no features: give those that were found")
    role = found.case.signal.role
    away = (alarm.seen - alarm.expected) / GRAIN.get(role, 1.0)
    times = alarm.seen / alarm.expected if alarm.expected else 1.0
    parts = (
        np.clip(vector, 0.0, _MOST_EXCESS) / _MOST_EXCESS,
        [float(role is item) for item in _ROLES],
        [float(role is item) for item in (Role.MOTION, Role.PRESENCE)],
        [float(alarm.measure == item) for item in _MEASURES],
        [float(alarm.scope is item) for item in Scope],
        [np.clip(np.nan_to_num(item / most), -1.0, 1.0) for item, most in ((away, _MOST_GRAINS), (times - 1.0, 1.0))],
        [float(alarm.fault is item) for item in _CLASSES],
    )
    return np.concatenate([np.asarray(part, dtype=np.float32) for part in parts])


def taught(rows: Floats, kinds: Sequence[FaultClass], fit: Fit) -> bytes:
    """Return the classifier as a float32 `.tflite`: features (n, 1, numbers) in, one log-odds a class out."""
    from ..export import to_float32  # noqa: PLC0415 - TensorFlow takes ten seconds to import
    from ..runtime import keras, start  # noqa: PLC0415

    start(fit.seed)
    layers = keras.layers
    inputs = keras.Input((1, rows.shape[1]))
    x = layers.Dense(_WIDE, "relu")(layers.Reshape((rows.shape[1],))(inputs))
    model = keras.Model(inputs, layers.Dense(len(_CLASSES))(layers.Dropout(0.3)(x)))
    model.compile(
        keras.optimizers.AdamW(fit.learning_rate, weight_decay=0.02),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    rng = np.random.default_rng(fit.seed)
    many = np.repeat(rows, _COPIES, axis=0)
    scores = len(Score)
    many[:, :scores] *= np.exp(rng.normal(0.0, _NOISE, (len(many), scores))).astype(np.float32)
    order = rng.permutation(len(many))[: fit.rows]
    targets = np.repeat([_CLASSES.index(kind) for kind in kinds], _COPIES)
    model.fit(many[order][:, None], targets[order], fit.batch_size, epochs=fit.epochs, verbose=0)
    return to_float32(model)


def named(model_bytes: bytes, rows: Floats) -> list[FaultClass]:
    """Return the classes that an exported classifier says."""
    (out,) = load(model_bytes).run(rows[:, None])
    return [_CLASSES[int(place)] for place in out.reshape(len(rows), -1).argmax(axis=1)]


def naming_figures(
    development: Mapping[str, Sequence[Found]], held_out: Sequence[Found], fit: Fit
) -> dict[str, Any] | None:
    """Return how often rules and classifier are right, held out and leaving each development recording out once.

    None where fewer than two recordings have anything to teach.
    """
    known = {name: items for name, found in development.items() if (items := [f for f in found if f.alarm is not None])}
    asked = [item for item in held_out if item.alarm is not None]
    if len(known) < 2 or not asked:  # noqa: PLR2004 - one is left out
        return None
    every = [item for items in known.values() for item in items]
    data = _taught_on(every, fit)
    left_out = []
    for name, items in known.items():
        others = [item for other, rest in known.items() if other != name for item in rest]
        left_out += _network_right(_taught_on(others, fit), items)
    network, rules = _network_right(data, asked), _rules_right(asked)
    return {
        "taught": len(every),
        "bytes": len(data),
        "rules": {"cases": len(asked), "right": float(np.mean(rules)), "left_out": float(np.mean(_rules_right(every)))},
        "network": {"cases": len(asked), "right": float(np.mean(network)), "left_out": float(np.mean(left_out))},
        "beside": beside([1.0 if hit else None for hit in network], [1.0 if hit else None for hit in rules]),
    }


def _taught_on(found: Sequence[Found], fit: Fit) -> bytes:
    """Return the classifier of some failures that were found."""
    return taught(np.stack([features(item) for item in found]), [item.case.fault.kind for item in found], fit)


def _network_right(model_bytes: bytes, found: Sequence[Found]) -> list[bool]:
    """Return of which failures the classifier says the class."""
    said = named(model_bytes, np.stack([features(item) for item in found]))
    return [kind is item.case.fault.kind for kind, item in zip(said, found, strict=True)]


def _rules_right(found: Sequence[Found]) -> list[bool]:
    """Return of which failures the rules say the class."""
    return [item.alarm is not None and item.alarm.fault is item.case.fault.kind for item in found]
