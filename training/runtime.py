"""TensorFlow, set up so that the same seed gives the same bytes on one machine; take keras and tf from here."""

from __future__ import annotations

import os

# TensorFlow reads both at import: no log noise, and the same order of sums every time.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import tensorflow as tf

__all__ = ["keras", "start", "tf"]


def start(seed: int) -> None:
    """Seed every generator and demand deterministic operators."""
    # Layers are numbered from the session's start, and their names are in the exported file.
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
