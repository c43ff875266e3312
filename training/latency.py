"""How long a model's file takes on each backend, and how far the two answers are apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.backends import Backend, BackendKind, available, load
from custom_components.inkling.core.manifest import InputSpec

BATCHES = (1, 64)
_REPEATS = 40


def latency_of(content: bytes, spec: InputSpec) -> dict[str, Any]:
    """Return what `both_backends` finds on noise of a model's input shape."""
    shape = max(BATCHES), spec.steps, len(spec.channels)
    return both_backends(content, np.random.default_rng(0).normal(0.0, 1.0, shape).astype(np.float32))


def both_backends(content: bytes, samples: NDArray[np.float32]) -> dict[str, Any]:
    """Return each backend's microseconds at a batch of 1 and of 64, and how far their raw answers are apart."""
    portable = load(content)
    found: dict[str, Any] = {"portable_us": _latencies(portable, samples), "litert_us": None, "between_backends": None}
    if available(BackendKind.LITERT):
        litert = load(content, BackendKind.LITERT)
        found["litert_us"] = _latencies(litert, samples)
        found["between_backends"] = float(np.max(np.abs(portable.run(samples)[0] - litert.run(samples)[0])))
    return found


def _latencies(backend: Backend, samples: NDArray[np.float32]) -> dict[str, float]:
    """Return the median microseconds of one run at each batch."""
    batches = {batch: np.resize(samples, (batch, *samples.shape[1:])) for batch in BATCHES}
    return {str(batch): _median_us(partial(backend.run, inputs)) for batch, inputs in batches.items()}


def _median_us(run: Callable[[], object]) -> float:
    """Return the median time of a call in microseconds, after one that warms up."""
    run()
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return float(np.median(times)) * 1e6


def pair(times: dict[str, float] | None) -> str:
    """Return the microseconds of both batches for a table's cell."""
    return "not installed" if times is None else " / ".join(f"{times[str(batch)]:.0f}" for batch in BATCHES)


def latency_table(found: dict[str, Any]) -> str:
    """Return one file's latencies as a Markdown table."""
    apart = found["between_backends"]
    return (
        "| backend | us, 1 room | us, 64 rooms |\n|---|---|---|\n"
        + "".join(
            f"| {name} | {pair(found[key]).replace(' / ', ' | ')}{' |' if found[key] is None else ''} |\n"
            for name, key in (("portable (NumPy)", "portable_us"), ("LiteRT", "litert_us"))
        )
        + ("" if apart is None else f"\nTheir log-odds differ by at most {apart:.1e}.\n")
    )
