"""Figures of the ablation: recall a class, delay and false alarms of each detector where false alarms are equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
import math
from typing import Any

import numpy as np

from .ablation import WATCH, Subject, Tried, Watched, alarms_at, factor_for
from .grid import Case
from .score import SIGNAL_DAYS_A_MONTH, per_home_month

SIMPLEST = "robust z"
RATES = (1.0, 3.0, 10.0)
"""False alarms per home and month at which rivals are shown beside the watch's own rate."""


@dataclass(frozen=True, slots=True)
class Results:
    """What all detectors said of some recordings."""

    subjects: tuple[Subject, ...]
    watched: tuple[Watched, ...]
    tried: Mapping[str, tuple[Tried, ...]]

    @property
    def cases(self) -> tuple[Case, ...]:
        """Return all failures, in the order of what was said of them."""
        return tuple(case for subject in self.subjects for case in subject.cases)

    @property
    def pairs(self) -> Iterator[tuple[Subject, Watched]]:
        """Yield each recording with what the watch said of it."""
        return zip(self.subjects, self.watched, strict=True)

    @property
    def signal_days(self) -> float:
        """Return for how many signal-days detectors looked on untouched."""
        return sum(subject.signal_days for subject in self.subjects)

    @property
    def months(self) -> float:
        """Return the same in months of a home of 40 signals."""
        return self.signal_days / SIGNAL_DAYS_A_MONTH

    @property
    def watch_alarms(self) -> int:
        """Return the watch's false alarms."""
        return sum(item.false_alarms for item in self.watched)

    def watch_delays(self) -> list[float | None]:
        """Return the watch's delay of each failure, None of what it missed."""
        return [found.delay_hours for item in self.watched for found in item.found]

    def delays(self, name: str, factor: float) -> list[float | None]:
        """Return a rival's delay of each failure at a factor."""
        return [path.delay_hours(factor) for item in self.tried[name] for path in item.paths]


def factors(development: Results) -> dict[str, dict[str, float]]:
    """Return each rival's factors: where it is as quiet as the watch, and at each of the rates."""
    most = {"equal": float(development.watch_alarms)} | {f"{rate:g}": rate * development.months for rate in RATES}
    return {
        name: {key: factor_for(tried, alarms) for key, alarms in most.items()}
        for name, tried in development.tried.items()
    }


def detector_figures(results: Results, chosen: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Return a row a detector: as quiet as the watch was on development recordings, at other rates, and as it is here.

    The factor of *here* is chosen on what it is scored on, to the rival's favour.
    """
    here = {name: factor_for(tried, results.watch_alarms) for name, tried in results.tried.items()}
    watch = results.watch_delays()
    equal, favoured = results.delays(SIMPLEST, chosen[SIMPLEST]["equal"]), results.delays(SIMPLEST, here[SIMPLEST])
    found = {
        WATCH: _row(results, watch, results.watch_alarms)
        | {"beside_simplest": beside(watch, equal), "beside_favoured": beside(watch, favoured)}
    }
    for name in results.tried:
        delays = results.delays(name, chosen[name]["equal"])
        found[name] = _row(results, delays, alarms_at(results.tried[name], chosen[name]["equal"])) | {
            "factor": chosen[name]["equal"],
            "beside_simplest": beside(delays, equal),
            "beside_favoured": beside(results.delays(name, here[name]), favoured),
            "curve": {key: _point(results, name, chosen[name][key]) for key in chosen[name] if key != "equal"},
            "here": _point(results, name, here[name]),
        }
    return found


def _point(results: Results, name: str, factor: float) -> dict[str, float]:
    """Return recall and false alarms at a factor."""
    delays = results.delays(name, factor)
    quiet = per_home_month(alarms_at(results.tried[name], factor), results.signal_days)
    return {"recall": recall(delays), "per_home_month": quiet["per_home_month"]}


def recall(delays: Sequence[float | None]) -> float:
    """Return the share that was found, NaN of none."""
    return sum(item is not None for item in delays) / len(delays) if delays else math.nan


def _row(results: Results, delays: Sequence[float | None], alarms: int) -> dict[str, Any]:
    """Return the figures of one detector."""
    kinds = sorted({str(case.fault.kind) for case in results.cases})
    of_kind = {
        kind: [delay for case, delay in zip(results.cases, delays, strict=True) if case.fault.kind == kind]
        for kind in kinds
    }
    hours = [delay for delay in delays if delay is not None]
    return {
        "cases": len(delays),
        "recall": recall(delays),
        "numbers": recall([d for c, d in zip(results.cases, delays, strict=True) if not c.signal.is_binary]),
        "switches": recall([d for c, d in zip(results.cases, delays, strict=True) if c.signal.is_binary]),
        "classes": {kind: {"cases": len(told), "recall": recall(told)} for kind, told in of_kind.items()},
        "delay_median_h": float(np.median(hours)) if hours else math.nan,
        **per_home_month(alarms, results.signal_days),
    }


def beside(delays: Sequence[float | None], others: Sequence[float | None]) -> dict[str, float]:
    """Return how many failures only one of two found, and how likely so uneven a split is by chance (sign test)."""
    ours = sum(a is not None and b is None for a, b in zip(delays, others, strict=True))
    theirs = sum(a is None and b is not None for a, b in zip(delays, others, strict=True))
    return {"only_this": ours, "only_simplest": theirs, "chance": sign_test(ours, theirs)}


def sign_test(wins: int, losses: int) -> float:
    """Return the two-sided chance of a split at least so uneven between equals."""
    count, least = wins + losses, min(wins, losses)
    tail = sum(math.comb(count, k) for k in range(least + 1)) / 2.0**count
    return min(1.0, 2.0 * tail)
