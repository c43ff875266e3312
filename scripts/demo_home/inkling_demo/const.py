"""Names of the demo home."""

from enum import StrEnum
from typing import Final

DOMAIN: Final = "inkling_demo"
PLAN_FILE: Final = "inkling_demo.json"
SERVICE_SKIP: Final = "skip"
ATTR_TO: Final = "to"
ATTR_IN_SECONDS: Final = "in_seconds"


class Occasion(StrEnum):
    """Where in the trace to go."""

    ARRIVAL = "arrival"
    DEPARTURE = "departure"
