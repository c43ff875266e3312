"""The recorder's rows of one entity at a time, read and parsed in the recorder's own threads."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
import logging

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.recorder import get_instance, session_scope
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from .const import QUERY_TIMEOUT_SECONDS
from .core.sample import Sample, parse_sample
from .core.units import Role
from .core.window import Signal, Track, digest
from .roles import STANDING_ROLES

_LOGGER = logging.getLogger(__name__)

type Row = tuple[str | None, float, float | None]
"""State text, when it was updated, and when it was last repeated (None: not after that), epoch seconds."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One entity's stretch of history; `start` and `end` in epoch seconds, `unit` as it reports now."""

    entity_id: str
    roles: frozenset[Role]
    start: float
    end: float
    unit: str | None


def has_recorder(hass: HomeAssistant) -> bool:
    """Return whether a recorder runs."""
    return "recorder" in hass.config.components


async def async_read_slices(hass: HomeAssistant, slices: Sequence[Slice]) -> dict[str, dict[Role, list[Sample]]]:
    """Return samples by entity and role, oldest first, up to the first slice that cannot be read."""
    found: dict[str, dict[Role, list[Sample]]] = {}
    for piece in slices:
        if (samples := await async_query(hass, partial(_read, hass, piece))) is None:
            break
        found[piece.entity_id] = samples
    return found


async def async_digest(hass: HomeAssistant, piece: Slice, signals: Sequence[Signal]) -> list[Track] | None:
    """Return an entity's history as each of its signals would hold it, None when it cannot be read."""
    return await async_query(hass, partial(_digest, hass, piece, signals))


async def async_query[Answer](hass: HomeAssistant, query: Callable[[], Answer]) -> Answer | None:
    """Run a query in the recorder's threads; None when there is no recorder or it is out of order."""
    if not has_recorder(hass):
        return None
    try:
        async with asyncio.timeout(QUERY_TIMEOUT_SECONDS):
            return await get_instance(hass).async_add_executor_job(query)
    except (SQLAlchemyError, TimeoutError) as err:
        _LOGGER.warning("The recorder's history cannot be read, so Inkling goes on without it: %r", err)
        return None


async def async_rows(hass: HomeAssistant, piece: Slice) -> Sequence[Row] | None:
    """Return the last row before a slice and all rows in it, None when they cannot be read."""
    return await async_query(hass, partial(_read_rows, hass, piece))


def _read_rows(hass: HomeAssistant, piece: Slice) -> Sequence[Row]:
    """Read one slice as it is recorded."""
    with session_scope(hass=hass, read_only=True) as session:
        return _rows(session, piece)


def _digest(hass: HomeAssistant, piece: Slice, signals: Sequence[Signal]) -> list[Track]:
    """Read one slice and return the track of every signal that it says something about."""
    samples = _read(hass, piece)
    return [digest(signal, samples[signal.role]) for signal in signals if samples[signal.role]]


async def async_flush(hass: HomeAssistant) -> None:
    """Let the recorder write what it still holds; never while starting, when it does not work its queue off."""
    if not has_recorder(hass) or hass.state is not CoreState.running:
        return
    if (future := get_instance(hass).async_get_commit_future()) is None:
        return
    try:
        async with asyncio.timeout(QUERY_TIMEOUT_SECONDS):
            await future
    except TimeoutError:
        _LOGGER.debug("The recorder did not write its queue in time")


def _read(hass: HomeAssistant, piece: Slice) -> dict[Role, list[Sample]]:
    """Read one slice and return its samples by role."""
    rows = _read_rows(hass, piece)
    return {role: samples_of(rows, role, piece) for role in piece.roles}


def _rows(session: Session, piece: Slice) -> Sequence[Row]:
    """Return the last row before the slice and all rows in it, oldest first."""
    # The recorder's tables are loaded with the recorder only.
    from homeassistant.components.recorder.db_schema import States, StatesMeta  # noqa: PLC0415

    wanted = select(StatesMeta.metadata_id).where(StatesMeta.entity_id == piece.entity_id)
    if (metadata_id := session.execute(wanted).scalar()) is None:
        return []
    rows = select(States.state, States.last_updated_ts, States.last_reported_ts).where(
        States.metadata_id == metadata_id
    )
    before = rows.where(States.last_updated_ts < piece.start).order_by(States.last_updated_ts.desc()).limit(1)
    inside = rows.where(States.last_updated_ts >= piece.start, States.last_updated_ts <= piece.end)
    found = [*session.execute(before), *session.execute(inside.order_by(States.last_updated_ts))]
    return [(state, updated, reported) for state, updated, reported in found]


def samples_of(rows: Sequence[Row], role: Role, piece: Slice) -> list[Sample]:
    """Return a role's samples of rows, with strictly rising times."""
    samples: list[Sample] = []
    for state, updated, reported in rows:
        sample = parse_sample(role, updated, state or "", piece.unit)
        if samples and updated <= samples[-1].t:
            continue
        if role in STANDING_ROLES and samples and _repeats(sample, samples[-1]):
            continue
        samples.append(sample)
        if reported is not None and updated < reported <= piece.end and role not in STANDING_ROLES:
            samples.append(replace(sample, t=reported))
    return samples


def _repeats(sample: Sample, before: Sample) -> bool:
    """Return whether a sample says what the one before said."""
    return sample.quality is before.quality and (sample.value == before.value or sample.value != sample.value)


def slices_by_entity(
    wanted: Mapping[str, frozenset[Role]], units: Mapping[str, str | None], now: float, spans: Mapping[Role, float]
) -> list[Slice]:
    """Return one slice for each entity, as long as its roles need; `spans` and `now` in seconds."""
    return [
        Slice(entity_id, roles, now - max(spans[role] for role in roles), now, units[entity_id])
        for entity_id, roles in wanted.items()
    ]
