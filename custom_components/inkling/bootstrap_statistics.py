"""Hours long gone: the mean of our own probability is about the share of the hour that a room was occupied."""

from functools import partial
import logging

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import SQLAlchemyError

from .const import DOMAIN, PAST_DAYS
from .core.slots import SLOT_SECONDS

_LOGGER = logging.getLogger(__name__)
_HOUR_SECONDS = 3_600.0
_SLOTS_AN_HOUR = int(_HOUR_SECONDS / SLOT_SECONDS)


async def async_hourly_shares(hass: HomeAssistant, monitor: str, now: float) -> tuple[int, NDArray[np.float32]] | None:
    """Return the first slot and the shares from a monitor's statistics, NaN in gaps; None where there are none."""
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{monitor}_probability")
    if entity_id is None:
        return None
    # The recorder's tables are loaded with the recorder only.
    from homeassistant.components.recorder.statistics import statistics_during_period  # noqa: PLC0415

    start = dt_util.utc_from_timestamp(now // _HOUR_SECONDS * _HOUR_SECONDS - PAST_DAYS * 86_400.0)
    query = partial(statistics_during_period, hass, start, None, {entity_id}, "hour", None, {"mean"})
    try:
        rows = (await get_instance(hass).async_add_executor_job(query)).get(entity_id, [])
    except SQLAlchemyError as err:
        _LOGGER.warning("The statistics of %s cannot be read, so less is learned of the past: %r", entity_id, err)
        return None
    means = {int(row["start"] // SLOT_SECONDS): mean for row in rows if (mean := row.get("mean")) is not None}
    if not means:
        return None
    first = min(means)
    shares = np.full(max(means) - first + _SLOTS_AN_HOUR, np.nan, np.float32)
    for slot, mean in means.items():
        shares[slot - first : slot - first + _SLOTS_AN_HOUR] = mean / 100.0
    return first, shares
