"""Put yesterday into the recorder's database, with Home Assistant's own schema, before Home Assistant starts."""

from collections.abc import Iterator
import datetime as dt
from pathlib import Path
from typing import Any

from homeassistant.components.recorder.db_schema import (
    SCHEMA_VERSION,
    Base,
    RecorderRuns,
    SchemaChanges,
    StateAttributes,
    States,
    StatesMeta,
    StatisticsRuns,
)
from homeassistant.helpers.json import json_bytes
from sqlalchemy import create_engine, delete, insert, select
from sqlalchemy.orm import Session

from .plan import Plan, PlannedEntity, past_events

DATABASE_FILE = "home-assistant_v2.db"
# Two days: a whole yesterday in any time zone, whatever the hour of the start.
HISTORY_SECONDS = 48 * 3_600.0


def fill(config: Path, plan: Plan, span_seconds: float = HISTORY_SECONDS) -> int:
    """Replace all recorded states by the trace's last days; return the number of rows."""
    engine = create_engine(f"sqlite:///{config.resolve() / DATABASE_FILE}")
    try:
        with Session(engine) as session:
            _prepare(session, dt.datetime.fromtimestamp(plan.created_seconds - span_seconds, dt.UTC))
            # A start moves the trace to the present, so what an earlier start recorded would contradict it.
            session.execute(delete(States))
            rows = list(_rows(session, plan, span_seconds))
            session.execute(insert(States), rows)
            session.commit()
    finally:
        engine.dispose()
    return len(rows)


def _prepare(session: Session, start: dt.datetime) -> None:
    """Make the tables as Home Assistant's first start does, and say that a run ended cleanly."""
    Base.metadata.create_all(session.connection())
    now = dt.datetime.now(dt.UTC)
    if session.scalar(select(SchemaChanges).limit(1)) is None:
        session.add(SchemaChanges(schema_version=SCHEMA_VERSION))
        session.add(StatisticsRuns(start=now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)))
        session.add(RecorderRuns(start=start, end=now, created=start))
    session.flush()


def _rows(session: Session, plan: Plan, span_seconds: float) -> Iterator[dict[str, Any]]:
    """Yield the changes as rows of the states table."""
    keys = [(_metadata_id(session, entity.entity_id), _attributes_id(session, entity)) for entity in plan.entities]
    last: dict[int, str] = {}
    for wall_seconds, index, state in past_events(plan, span_seconds):
        # The recorder writes no row for a report that changes nothing.
        if last.get(index) == state:
            continue
        last[index] = state
        metadata_id, attributes_id = keys[index]
        yield {
            "state": state,
            "last_updated_ts": wall_seconds,
            "metadata_id": metadata_id,
            "attributes_id": attributes_id,
            "origin_idx": 0,
        }


def _metadata_id(session: Session, entity_id: str) -> int:
    """Return the key of an entity, made when it has none yet."""
    row = session.scalar(select(StatesMeta).where(StatesMeta.entity_id == entity_id))
    if row is None:
        row = StatesMeta(entity_id=entity_id)
        session.add(row)
        session.flush()
    return row.metadata_id


def _attributes_id(session: Session, entity: PlannedEntity) -> int:
    """Return the key of the attributes that history graphs need: name, unit and class."""
    packed = json_bytes(_attributes(entity))
    digest = StateAttributes.hash_shared_attrs_bytes(packed)
    text = packed.decode()
    same = select(StateAttributes).where(StateAttributes.hash == digest, StateAttributes.shared_attrs == text)
    row = session.scalar(same)
    if row is None:
        row = StateAttributes(shared_attrs=text, hash=digest)
        session.add(row)
        session.flush()
    return row.attributes_id


def _attributes(entity: PlannedEntity) -> dict[str, str]:
    """Return the attributes the live entity has."""
    attributes = {"friendly_name": f"{entity.device_name} {entity.name or ''}".strip()}
    if entity.platform == "sensor":
        attributes |= {"state_class": "measurement", "unit_of_measurement": entity.unit}
    if entity.device_class is not None:
        attributes["device_class"] = entity.device_class
    return attributes
