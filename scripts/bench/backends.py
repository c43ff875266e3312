"""Time the portable backend against LiteRT on the same machine in the same run, one thread each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import importlib
import importlib.util
import os
from pathlib import Path
import sys
import time
from typing import Any

# OpenBLAS reads it at import; two libraries' thread pools are no comparison.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

if importlib.util.find_spec("homeassistant") is None:
    # The trainer's environment has no Home Assistant; this binds the integration's package without it.
    import training  # noqa: F401

import numpy as np
from numpy.typing import NDArray

from custom_components.inkling.core.backends import BackendKind, available, load
from custom_components.inkling.core.backends.litert import importable_module

GOLDEN = Path(__file__).parents[2] / "tests" / "golden"
ROUNDS = 9
ROUND_SECONDS = 0.04


@dataclass(frozen=True, slots=True)
class Case:
    """A model at a batch size, and what it may take: times LiteRT's time, or microseconds."""

    model: str
    batch: int
    largest_ratio: float | None = None
    largest_us: float | None = None


CASES = (
    Case("tcn_bench_float32", 1, largest_ratio=3.0),
    Case("tcn_bench_float32", 16),
    Case("tcn_bench_float32", 64, largest_ratio=1.5),
    Case("dense_float32", 1, largest_us=30.0),
    Case("dense_float32", 64),
    Case("tcn_bench_int8", 1),
    Case("tcn_bench_int8", 64),
    Case("attention_float32", 1),
    Case("gru_float32", 1),
)


def _round(run: Callable[[], object], count: int) -> float:
    """Return the microseconds of processor time of one call: other programs' turns on the processor do not count."""
    start = time.thread_time()
    for _ in range(count):
        run()
    return (time.thread_time() - start) / count * 1e6


def _count(run: Callable[[], object]) -> int:
    """Return how many calls make one round."""
    run()
    return max(3, int(ROUND_SECONDS * 1e6 / max(_round(run, 3), 1)))


def compare(runs: list[Callable[[], object]]) -> list[float]:
    """Return each call's microseconds: the best of rounds taken in turn, so that a busy moment hits all alike."""
    counts = [_count(run) for run in runs]
    rounds = [[_round(run, count) for run, count in zip(runs, counts, strict=True)] for _ in range(ROUNDS)]
    return [min(column) for column in zip(*rounds, strict=True)]


def _bare_litert(data: bytes, batch: int, inputs: list[NDArray[np.float32]]) -> Callable[[], object]:
    """Return a call of LiteRT itself, without our adapter's checks: set, invoke, get."""
    module = importable_module()
    interpreter: Any = importlib.import_module(str(module)).Interpreter(model_content=data, num_threads=1)
    details = interpreter.get_input_details()
    for detail, array in zip(details, inputs, strict=True):
        interpreter.resize_tensor_input(detail["index"], [batch, *array.shape[1:]])
    interpreter.allocate_tensors()
    stored = [array.astype(detail["dtype"]) for detail, array in zip(details, inputs, strict=True)]
    output = interpreter.get_output_details()[0]["index"]

    def run() -> NDArray[Any]:
        """Run one batch."""
        for detail, array in zip(details, stored, strict=True):
            interpreter.set_tensor(detail["index"], array)
        interpreter.invoke()
        answer: NDArray[Any] = interpreter.get_tensor(output)
        return answer

    return run


def measure(case: Case) -> tuple[str, bool]:
    """Return a case's line, and whether it keeps its bar."""
    data = (GOLDEN / f"{case.model}.tflite").read_bytes()
    backend = load(data)
    generator = np.random.default_rng(0)
    inputs = [generator.normal(0, 1, (case.batch, *shape)).astype(np.float32) for shape in backend.input_shapes]
    runs: list[Callable[[], object]] = [lambda: backend.run(*inputs)]
    if available(BackendKind.LITERT):
        runs.append(_bare_litert(data, case.batch, inputs))
    ours, *theirs = compare(runs)
    line = f"{case.model:24} batch {case.batch:3}  portable {ours:9.1f} us"
    kept = case.largest_us is None or ours <= case.largest_us
    if theirs:
        ratio = ours / theirs[0]
        line += f"  LiteRT {theirs[0]:9.1f} us  ratio {ratio:5.2f}"
        kept = kept and (case.largest_ratio is None or ratio <= case.largest_ratio)
    bar = f"at most {case.largest_ratio}x" if case.largest_ratio else f"at most {case.largest_us} us"
    has_bar = case.largest_ratio is not None or case.largest_us is not None
    return (f"{line}  ({bar}: {'kept' if kept else 'MISSED'})" if has_bar else line), kept


def main() -> int:
    """Print every case and return 1 when a bar is missed."""
    if not available(BackendKind.LITERT):
        print("No LiteRT runtime is installed here (ai-edge-litert): times of the portable backend only.")
    results = [measure(case) for case in CASES]
    print("\n".join(line for line, _ in results))
    return 0 if all(kept for _, kept in results) else 1


if __name__ == "__main__":
    sys.exit(main())
