"""The figures of a grid: recall, delay, type and place a class, false alarms with their Poisson bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import math

import numpy as np

from .grid import Outcome, Walk

HOME_SIGNALS = 40
_MONTH_DAYS = 30.4
SIGNAL_DAYS_A_MONTH = HOME_SIGNALS * _MONTH_DAYS


def class_table(outcomes: Iterable[Outcome]) -> dict[str, dict[str, float]]:
    """Return a row of figures a class; delays in hours, misses counted as never."""
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(str(outcome.case.fault.kind), []).append(outcome)
    return {kind: _row(found[kind]) for kind in sorted(found)}


def _row(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return one class's figures."""
    hits = [(item, item.alarm) for item in outcomes if item.alarm is not None]
    delays = sorted((alarm.raised - item.case.fault.start) / 3600.0 for item, alarm in hits)
    delays += [math.inf] * (len(outcomes) - len(hits))
    return {
        "cases": len(outcomes),
        "recall": len(hits) / len(outcomes),
        "delay_median_h": delays[(len(delays) - 1) // 2],
        "delay_p90_h": delays[math.ceil(0.9 * len(delays)) - 1],
        "type_right": _share([is_type_right(item) for item, _ in hits]),
        "place_right": _share([is_place_right(item) for item, _ in hits]),
    }


def is_type_right(outcome: Outcome) -> bool:
    """Return whether the class that was said is the one injected."""
    return outcome.alarm is not None and outcome.alarm.fault is outcome.case.fault.kind


def is_place_right(outcome: Outcome) -> bool:
    """Return whether the alarm names the signal that fails, or its device where all of that fails."""
    signal, alarm = outcome.case.signal, outcome.alarm
    return alarm is not None and (alarm.signal == signal.id or (alarm.target == signal.device != ""))


def _share(flags: Sequence[bool]) -> float:
    """Return the share of true ones, NaN of none."""
    return float(np.mean(flags)) if flags else math.nan


def quiet_figures(walks: Iterable[Walk]) -> dict[str, float]:
    """Return the false alarms of held-out stretches without failures, a home of 40 signals and a month."""
    taken = list(walks)
    return per_home_month(sum(len(walk.quiet_alarms) for walk in taken), sum(walk.signal_days for walk in taken))


def per_home_month(alarms: int, signal_days: float) -> dict[str, float]:
    """Return a rate with its 95 % Poisson upper bound."""
    months = signal_days / HOME_SIGNALS / _MONTH_DAYS
    rate = alarms / months if months else math.nan
    return {
        "false_alarms": alarms,
        "home_months": months,
        "per_home_month": rate,
        "upper_95": poisson_upper(alarms) / months if months else math.nan,
    }


def poisson_upper(count: int) -> float:
    """Return the 95 % one-sided upper bound of a Poisson mean of which `count` were seen, by bisection."""
    low, high = float(count), count + 6.0 * math.sqrt(count + 1.0) + 5.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        at_most = sum(math.exp(-middle + k * math.log(middle) - math.lgamma(k + 1)) for k in range(count + 1))
        low, high = (middle, high) if at_most > 0.05 else (low, middle)  # noqa: PLR2004 - 95 %
    return high


def overall(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the figures of all cases together."""
    return _row(outcomes)
