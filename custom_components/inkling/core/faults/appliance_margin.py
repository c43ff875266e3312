"""From false alarms a year to the margin of an appliance's thresholds.

The rates are those of `Appliance` itself over 65 years of made-up healthy days a margin: nine measures, each the
Gaussian mean of many cycles, half of them moving together, all far above the least differences that count.
Real appliances are held by those least differences, and stay below; days with heavier (Laplace) tails alarm twice to
fifteen times as often, until *false alarm* has widened what they do so in.
"""

from __future__ import annotations

import math

import numpy as np

RATES = {0.5: 20.0, 0.75: 11.7, 1.0: 5.8, 1.25: 2.5, 1.5: 0.87, 1.75: 0.48}
"""False alarms a year by margin."""


def margin_for(false_alarms_per_year: float) -> float:
    """Return the margin that costs as many false alarms a year, as near as the rates above go."""
    margins = sorted(RATES, reverse=True)
    known = [math.log(RATES[margin]) for margin in margins]
    return float(np.interp(math.log(max(false_alarms_per_year, 1e-6)), known, margins))
