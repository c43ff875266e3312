"""Time what forecasting 50 rooms and the home for a day takes off the loop, from twenty weeks of slots, one thread."""

from __future__ import annotations

import argparse
from collections.abc import Callable
import os
from pathlib import Path
import sys
import time

# OpenBLAS reads it at import: a Raspberry Pi has other work to do.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from custom_components.inkling.core.forecast import ForecastRequest, forecast_batch, forecast_inputs
from custom_components.inkling.core.pipeline import open_model
from custom_components.inkling.core.slots import SLOT_SECONDS, SLOTS_PER_DAY, WEEKS_KEPT, Calendar, SlotView

MODEL = Path(__file__).parents[2] / "models" / "forecast.json"
BUDGET_MS = 20.0
ROUNDS = 30
_MONDAY, _DAY_SECONDS = 1_780_272_000.0, 86_400.0
_DAYS = WEEKS_KEPT * 7


def home(rooms: int) -> tuple[Calendar, float, list[ForecastRequest]]:
    """Return a calendar, an instant, and rooms with all the past that is kept of them."""
    rng = np.random.default_rng(1)
    weekdays = np.arange(_DAYS + 3) % 7
    midnights = np.asarray(_MONDAY + _DAY_SECONDS * np.arange(_DAYS + 4), np.float64)
    calendar = Calendar(midnights, (weekdays > 4).astype(np.float32), weekdays.astype(np.int8))  # noqa: PLR2004
    now = _MONDAY + _DAYS * _DAY_SECONDS + 11.4 * 3600.0
    count = _DAYS * SLOTS_PER_DAY
    requests = []
    for number in range(rooms):
        changes = rng.random(count) < rng.uniform(0.02, 0.2)
        shares = (np.cumsum(changes) % 2).astype(np.float32)
        requests.append(
            ForecastRequest(
                room=str(number),
                history=SlotView(int(now // SLOT_SECONDS) - count, shares),
                probability=0.9 if shares[-1] else 0.1,
                occupied=bool(shares[-1]),
                since=now - float(rng.integers(60, 20_000)),
                people_home=0.5,
                is_home=number == 0,
            )
        )
    return calendar, now, requests


def best_ms(run: Callable[[], object]) -> float:
    """Return the milliseconds of processor time of a call: the best of several, other programs' turns not counted."""
    run()
    found = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        run()
        found.append((time.thread_time() - start) * 1e3)
    return min(found)


def main() -> int:
    """Print the times; 1 where they break the budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=50)
    rooms = parser.parse_args().rooms
    model = open_model(MODEL.read_bytes(), MODEL.with_suffix(".tflite").read_bytes())
    calendar, now, requests = home(rooms)
    whole = best_ms(lambda: forecast_batch(model, calendar, now, requests))
    counted = best_ms(lambda: forecast_inputs(calendar, now, requests))
    print(f"{rooms} rooms x {SLOTS_PER_DAY} slots from {_DAYS} days: {whole:.1f} ms, of it {counted:.1f} ms counting")
    if whole > BUDGET_MS:
        print(f"more than the {BUDGET_MS:g} ms of the budget", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
