"""The window filled from the recorder after a start, in the background and one entity at a time."""

import logging

from homeassistant.core import HomeAssistant

from .const import DETAIL_SECONDS, HISTORY_SECONDS
from .core.units import Role
from .history import Slice, async_digest, async_flush
from .ingest import Ingest, unit_of
from .roles import STANDING_ROLES

_LOGGER = logging.getLogger(__name__)


def _span_seconds(role: Role) -> float:
    """Return how far back a role is read: a day for what acts, half of one for what only has a level."""
    return HISTORY_SECONDS if role in STANDING_ROLES or role is Role.GENERIC else DETAIL_SECONDS


async def async_warm(hass: HomeAssistant, ingest: Ingest, now: float) -> int:
    """Fill an ingest's window with the history before `now` (epoch seconds); return how many entities had any."""
    await async_flush(hass)
    warmed = 0
    for entity_id in sorted(ingest.entity_ids):
        signals = [binding.signal for binding in ingest.bindings_of(entity_id)]
        roles = frozenset(signal.role for signal in signals)
        piece = Slice(entity_id, roles, now - max(map(_span_seconds, roles)), now, unit_of(hass, entity_id))
        # Read, parsed and thinned in the recorder's thread; the loop only takes over what fits a ring.
        tracks = await async_digest(hass, piece, signals)
        if tracks is None:
            # The database or the recorder is out of order; the next entity would only wait for it again.
            break
        for track in tracks:
            ingest.window.merge(track)
        warmed += bool(tracks)
    _LOGGER.debug("History found for %s of %s entities", warmed, len(ingest.entity_ids))
    return warmed
