"""Time the watch of failing sensors: 200 signals, an append on the loop and a tick off it, against their budgets."""

from __future__ import annotations

import importlib.util
import sys
import time

if importlib.util.find_spec("homeassistant") is None:
    # The trainer's environment has no Home Assistant; this binds the integration's package without it.
    import training  # noqa: F401

import numpy as np

from custom_components.inkling.core.faults.classes import Context, Settings, WatchedSignal
from custom_components.inkling.core.faults.intake import BIN_SECONDS, Intake
from custom_components.inkling.core.faults.state import dump
from custom_components.inkling.core.faults.watch import Watch
from custom_components.inkling.core.units import Role

SIGNALS = 200
APPEND_BUDGET_US, TICK_BUDGET_MS = 20.0, 30.0
_START = 1_704_067_200
_BINS = 400
_ROLES = (
    Role.TEMPERATURE,
    Role.HUMIDITY,
    Role.CO2,
    Role.POWER,
    Role.MOTION,
    Role.PRESENCE,
    Role.DOOR,
    Role.ILLUMINANCE,
)


def signals() -> tuple[WatchedSignal, ...]:
    """Return 200 signals of eight roles in 25 rooms."""
    return tuple(
        WatchedSignal(f"s{n}", _ROLES[n % len(_ROLES)], f"room_{n // len(_ROLES)}", f"device_{n // 2}", "hub")
        for n in range(SIGNALS)
    )


def main() -> int:
    """Print what an append, a drain and a tick take, with the state's size; 1 when a budget is broken."""
    watched = signals()
    intake, watch = Intake(watched), Watch(watched, Settings())
    rng = np.random.default_rng(1)
    appends, drains, ticks = [], [], []
    for number in range(_BINS):
        begin = float(_START + number * BIN_SECONDS)
        values = rng.normal(20.0, 1.0, (5, SIGNALS)).round(2)
        values[:, 4:7] = rng.integers(0, 2, (5, 3))
        rows = [
            (n, begin + 60.0 * k + 0.1 * n / SIGNALS, float(values[k, n])) for k in range(5) for n in range(SIGNALS)
        ]
        start = time.perf_counter()
        for row in rows:
            intake.append(*row)
        appends.append((time.perf_counter() - start) / len(rows) * 1e6)
        now = begin + BIN_SECONDS
        start = time.perf_counter()
        batch = intake.drain(now)
        drains.append((time.perf_counter() - start) * 1e6)
        start = time.thread_time()
        watch.tick(batch, Context(now))
        ticks.append((time.thread_time() - start) * 1e3)
    size = len(dump(watch))
    late = ticks[-288:]
    print(f"append on the loop: {np.median(appends):.2f} us (budget {APPEND_BUDGET_US:.0f})")
    print(f"drain on the loop, once in five minutes: {np.median(drains):.0f} us")
    print(
        f"tick of {SIGNALS} signals: median {np.median(late):.1f} ms, p95 {np.percentile(late, 95):.1f} ms, "
        f"worst {max(late):.1f} ms (budget {TICK_BUDGET_MS:.0f}); a minute without a closed bin costs none of it"
    )
    print(f"state: {size / 1024:.0f} KiB packed, {size / 1024 / SIGNALS:.1f} KiB a signal")
    return int(np.median(appends) > APPEND_BUDGET_US or np.percentile(late, 95) > TICK_BUDGET_MS)


if __name__ == "__main__":
    sys.exit(main())
