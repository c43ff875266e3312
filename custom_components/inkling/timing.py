"""A small rolling record of what the work on the event loop and off it costs."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import time

_KEPT = 1024


class Timings:
    """The newest durations of each kind of work, in seconds."""

    __slots__ = ("_clock", "_records", "counts")

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Start empty; the clock is an argument so that tests can turn it."""
        self._clock = clock
        self._records: dict[str, deque[float]] = {}
        self.counts: dict[str, int] = {}

    def add(self, kind: str, seconds: float) -> None:
        """Keep one duration."""
        self._records.setdefault(kind, deque(maxlen=_KEPT)).append(seconds)
        self.counts[kind] = self.counts.get(kind, 0) + 1

    @contextmanager
    def measure(self, kind: str) -> Iterator[None]:
        """Time a block."""
        start = self._clock()
        try:
            yield
        finally:
            self.add(kind, self._clock() - start)

    def newest(self, kind: str) -> float | None:
        """Return the newest duration of a kind, None before the first."""
        record = self._records.get(kind)
        return record[-1] if record else None

    def summary(self) -> dict[str, dict[str, float]]:
        """Return for each kind how often it ran and its median, 99th percentile and worst, in microseconds."""
        return {kind: _summary(sorted(record), self.counts[kind]) for kind, record in self._records.items()}


def _summary(ordered: list[float], count: int) -> dict[str, float]:
    """Return one kind's figures from its durations in rising order."""
    last = len(ordered) - 1
    return {
        "count": count,
        "p50_us": round(ordered[last // 2] * 1e6, 1),
        "p99_us": round(ordered[round(last * 0.99)] * 1e6, 1),
        "max_us": round(ordered[-1] * 1e6, 1),
    }
