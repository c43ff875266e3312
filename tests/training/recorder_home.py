"""A small home as Home Assistant keeps it: the recorder's tables of schema 53 and the registries' files."""

from __future__ import annotations

from collections.abc import Iterable
import json
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
)

T0 = 1_790_000_000.0
METADATA = MetaData()
_ID = BigInteger().with_variant(Integer, "sqlite")
META = Table("states_meta", METADATA, Column("metadata_id", _ID, primary_key=True), Column("entity_id", String(255)))
STATES = Table(
    "states",
    METADATA,
    Column("state_id", _ID, primary_key=True),
    Column("entity_id", String(1)),
    Column("state", String(255)),
    Column("attributes", String(1)),
    Column("event_id", SmallInteger),
    Column("last_changed_ts", Double),
    Column("last_reported_ts", Double),
    Column("last_updated_ts", Double, index=True),
    Column("old_state_id", _ID),
    Column("attributes_id", _ID),
    Column("origin_idx", SmallInteger),
    Column("context_id_bin", LargeBinary(16)),
    Column("metadata_id", _ID),
    Index("ix_states_metadata_id_last_updated_ts", "metadata_id", "last_updated_ts"),
)
MOTION, WARMTH, DOOR, ANNA, LOST = (
    "binary_sensor.hall_motion",
    "sensor.office_temperature",
    "binary_sensor.front_door",
    "person.anna",
    "sensor.attic",
)
IDS = {name: number for number, name in enumerate((MOTION, WARMTH, DOOR, ANNA, LOST, "sensor.battery"), 1)}
# (entity, seconds from T0, state, seconds from T0 of the last repetition)
ROWS: tuple[tuple[str, float, str | None, float | None], ...] = (
    (WARMTH, 0.0, "68.5", 40.0),
    (MOTION, 0.0, "off", None),
    (ANNA, 1.5, "home", None),
    ("sensor.battery", 5.0, "97", None),
    (MOTION, 30.25, "on", 35.0),
    (WARMTH, 60.0, 'odd, "text"', None),
    (LOST, 61.0, "3", None),
    (MOTION, 60.0, "off", None),
    (DOOR, 90.0, "on", None),
    (DOOR, 91.0, None, None),
)
# What the trace must hold, in this order: seconds from T0, entity, state.
EVENTS = [
    (0.0, WARMTH, "68.5"),
    (0.0, MOTION, "off"),
    (1.5, ANNA, "home"),
    (30.25, MOTION, "on"),
    (40.0, WARMTH, "68.5"),
    (60.0, WARMTH, 'odd, "text"'),
    (60.0, MOTION, "off"),
    (90.0, DOOR, "on"),
    (91.0, DOOR, "unavailable"),
]


def fill(engine: Engine, rows: Iterable[tuple[str, float, str | None, float | None]] = ROWS) -> None:
    """Make the tables and write states."""
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(META.insert(), [{"metadata_id": key, "entity_id": name} for name, key in IDS.items()])
        connection.execute(
            STATES.insert(),
            [
                {
                    "state": state,
                    "last_updated_ts": T0 + t,
                    "last_reported_ts": None if told is None else T0 + told,
                    "metadata_id": IDS[name],
                }
                for name, t, state, told in rows
            ],
        )


def entity(entity_id: str, device_class: str | None = None, **more: object) -> dict[str, Any]:
    """Return a row of the entity registry."""
    return {"entity_id": entity_id, "platform": "made", "original_device_class": device_class} | more


ENTITIES = [
    entity(MOTION, "motion", area_id="hall"),
    entity(WARMTH, "temperature", unit_of_measurement="°F", device_id="part"),
    entity(DOOR, "door", area_id="hall", original_name="Front door"),
    entity(ANNA),
    entity(LOST, "temperature", unit_of_measurement="°C"),
    entity("sensor.battery", "battery", unit_of_measurement="%", area_id="hall"),
    entity("sensor.chip", "temperature", entity_category="diagnostic", area_id="hall"),
    entity("binary_sensor.hall_occupancy", "occupancy", area_id="hall", platform="inkling"),
    entity("person.hidden", hidden_by="user"),
]
AREAS = [{"id": "hall", "name": "Hall"}, {"id": "office", "name": "Büro"}, {"id": "empty", "name": "Empty"}]


def registries(folder: Path, entities: list[dict[str, Any]] = ENTITIES) -> Path:
    """Write a `.storage` folder."""
    folder.mkdir(exist_ok=True)
    devices = {"devices": [{"id": "whole", "area_id": "office"}]}
    parts = {"child_devices": [{"id": "part", "area_id": None, "parent_device_id": "whole"}]}
    for name, data in (
        ("core.area_registry", {"areas": AREAS}),
        ("core.device_registry", devices | parts),
        ("core.entity_registry", {"entities": entities, "deleted_entities": []}),
        ("core.config", {"time_zone": "Europe/Vienna"}),
    ):
        (folder / name).write_text(json.dumps({"version": 1, "key": name, "data": data}), encoding="utf-8")
    return folder
