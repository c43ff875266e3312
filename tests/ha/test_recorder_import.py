"""The trainer's import against Home Assistant's own tables and registries, so that a new schema is noticed here."""

import json
from pathlib import Path

from homeassistant.components.recorder.db_schema import SCHEMA_VERSION, Base, States, StatesMeta
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.json import save_json
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from custom_components.inkling.core.units import Role
from training.home_assistant.importing import import_recorder
from training.trace import read_trace

from .conftest import add_entity

T0 = 1_790_000_000.0


def write_registries(hass: HomeAssistant, folder: Path) -> None:
    """Write the registries as Home Assistant stores them."""
    folder.mkdir()
    for name, registry in (
        ("core.area_registry", ar.async_get(hass)),
        ("core.device_registry", dr.async_get(hass)),
        ("core.entity_registry", er.async_get(hass)),
    ):
        save_json(str(folder / name), {"version": 1, "data": registry._data_to_save()})
    (folder / "core.config").write_text(json.dumps({"data": {"time_zone": "Europe/Vienna"}}), encoding="utf-8")


def write_database(path: Path) -> None:
    """Write a few states through the recorder's own classes."""
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for entity_id, states in (
            ("binary_sensor.part", (("off", 0.0), ("on", 60.0))),
            ("sensor.warmth", (("21.5", 30.0),)),
        ):
            meta = StatesMeta(entity_id=entity_id)
            session.add(meta)
            session.flush()
            session.add_all(
                States(state=state, last_updated_ts=T0 + t, metadata_id=meta.metadata_id) for state, t in states
            )
        session.commit()
    engine.dispose()


async def test_a_home_of_home_assistants_own_making_is_imported(
    hass: HomeAssistant, office: ar.AreaEntry, tmp_path: Path
) -> None:
    """Import a part of a device and an entity of an area, from files that Home Assistant's own code wrote."""
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    devices = dr.async_get(hass)
    device = devices.async_get_or_create(config_entry_id=owner.entry_id, identifiers={("test", "a")})
    devices.async_update_device(device.id, area_id=office.id)
    part = devices.async_get_or_create_child(
        config_entry_id=owner.entry_id, parent_device_id=device.id, identifiers={("test", "b")}, name="Part"
    )
    add_entity(hass, "binary_sensor.part", original_device_class="motion", device_id=part.id)
    add_entity(hass, "sensor.warmth", original_device_class="temperature", unit_of_measurement="°C", area_id=office.id)

    def write_and_import() -> Path:
        """Do the slow work off the loop."""
        write_registries(hass, tmp_path / ".storage")
        write_database(tmp_path / "home-assistant_v2.db")
        return import_recorder(str(tmp_path / "home-assistant_v2.db"), tmp_path / ".storage", tmp_path).folder

    trace = read_trace(await hass.async_add_executor_job(write_and_import))
    assert {item.id: (item.role, item.room, item.unit) for item in trace.signals} == {
        "binary_sensor.part": (Role.MOTION, office.id, ""),
        "sensor.warmth": (Role.TEMPERATURE, office.id, "°C"),
    }
    assert trace.readings["binary_sensor.part"].states == ("off", "on")
    assert trace.readings["sensor.warmth"].times.tolist() == pytest.approx([T0 + 30.0])
    # A change of the schema asks for a look at training/home_assistant/recorder.py.
    assert SCHEMA_VERSION == 53
