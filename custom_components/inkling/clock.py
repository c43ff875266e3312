"""What the home's clock is ahead of UTC; the core knows no time zones."""

from datetime import timedelta

from homeassistant.util import dt as dt_util


def utc_offset_seconds(t: float) -> float:
    """Return what the home's clock is ahead of UTC at epoch seconds `t`, daylight saving included."""
    return (dt_util.as_local(dt_util.utc_from_timestamp(t)).utcoffset() or timedelta()).total_seconds()
