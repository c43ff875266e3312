"""The window filled from the recorder after a start, in the background and one entity at a time."""

import asyncio
from collections import defaultdict
import logging

from homeassistant.core import HomeAssistant

from .const import DETAIL_SECONDS, HISTORY_SECONDS
from .core.sample import Sample
from .core.units import Role
from .core.window import NEVER, RING_CAPACITY
from .history import async_flush, async_read_slices, slices_by_entity
from .ingest import Ingest, unit_of
from .roles import STANDING_ROLES

_LOGGER = logging.getLogger(__name__)
_ACTIVE_ABOVE = 0.5
# The core thins meters by this much as well; done here it is done in small steps.
_THIN_SECONDS = 5.0
SPANS = {role: HISTORY_SECONDS if role in STANDING_ROLES or role is Role.GENERIC else DETAIL_SECONDS for role in Role}


async def async_warm(hass: HomeAssistant, ingest: Ingest, now: float) -> int:
    """Fill an ingest's window with the history before `now` (epoch seconds); return how many entities had any."""
    await async_flush(hass)
    by_entity: defaultdict[str, set[Role]] = defaultdict(set)
    for binding in ingest.bindings:
        by_entity[binding.entity_id].add(binding.signal.role)
    wanted = {entity_id: frozenset(roles) for entity_id, roles in by_entity.items()}
    units = {entity_id: unit_of(hass, entity_id) for entity_id in wanted}
    warmed: set[str] = set()
    for piece in slices_by_entity(wanted, units, now, SPANS):
        found = await async_read_slices(hass, [piece])
        if piece.entity_id not in found:
            # The database or the recorder is out of order; the next entity would only wait for it again.
            break
        if any(found[piece.entity_id].values()):
            warmed.add(piece.entity_id)
        await _async_fill(ingest, piece.entity_id, found[piece.entity_id])
    _LOGGER.debug("History found for %s of %s entities", len(warmed), len(wanted))
    return len(warmed)


async def _async_fill(ingest: Ingest, entity_id: str, found: dict[Role, list[Sample]]) -> None:
    """Put one entity's samples into each of its signals, giving the loop back in between."""
    for binding in ingest.bindings_of(entity_id):
        samples, active_before = condense(found[binding.signal.role], binding.signal.role)
        if samples:
            ingest.window.fill(binding.signal.id, samples, active_before)
        await asyncio.sleep(0)


def condense(samples: list[Sample], role: Role) -> tuple[list[Sample], float]:
    """Return what a ring can hold of the samples, and the last activity before it (epoch seconds)."""
    if role not in STANDING_ROLES:
        samples = _thinned(samples)
    first = max(0, len(samples) - RING_CAPACITY)
    # A dropped reading was active until the one after it.
    active = [samples[index + 1].t for index in range(first) if samples[index].value > _ACTIVE_ABOVE]
    return samples[first:], max(active, default=NEVER)


def _thinned(samples: list[Sample]) -> list[Sample]:
    """Return a meter's samples without those that follow another too closely."""
    kept: list[Sample] = []
    for sample in samples:
        if not kept or sample.t - kept[-1].t >= _THIN_SECONDS or sample.quality is not kept[-1].quality:
            kept.append(sample)
    return kept
