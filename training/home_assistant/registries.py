"""Home Assistant's `.storage` folder: which entities stand in which area, in which role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import Any

from custom_components.inkling.core.roles import leads_out, suggested_role
from custom_components.inkling.core.units import Role

from ..trace import RoomInfo, SignalInfo, TraceError

Row = Mapping[str, Any]
_OWN_PLATFORM = "inkling"


@dataclass(frozen=True, slots=True)
class Home:
    """What the registries say of a home; `left_out` counts usable entities that stand in no area."""

    timezone: str
    rooms: tuple[RoomInfo, ...]
    signals: tuple[SignalInfo, ...]
    left_out: int


@dataclass(slots=True)
class _Found:
    """The signals as they are found."""

    signals: list[SignalInfo] = field(default_factory=list)
    left_out: int = 0


def read_home(storage: Path) -> Home:
    """Return the home that a `.storage` folder describes."""
    areas = {str(row["id"]): row for row in _rows(storage, "core.area_registry", "areas")}
    devices = {str(row["id"]): row for row in _devices(storage)}
    found = _Found()
    for entry in _rows(storage, "core.entity_registry", "entities"):
        _sort_in(found, entry, devices, areas)
    used = {signal.room for signal in found.signals}
    rooms = tuple(RoomInfo(key, _text(row, "name") or key, key) for key, row in areas.items() if key in used)
    if not rooms:
        raise TraceError(f"{storage} has no area with a usable sensor: assign sensors to areas in Home Assistant first")
    return Home(_timezone(storage), rooms, tuple(sorted(found.signals, key=lambda item: item.id)), found.left_out)


def _sort_in(found: _Found, entry: Row, devices: Mapping[str, Row], areas: Mapping[str, Row]) -> None:
    """Add an entity as a room's signal, or as the home's when it is a person or a door that leads out."""
    entity_id = _text(entry, "entity_id")
    domain = entity_id.partition(".")[0]
    if domain == "person" and not entry.get("disabled_by") and not entry.get("hidden_by"):
        found.signals.append(SignalInfo(entity_id, Role.PERSON))
        return
    role = role_of(entry)
    if role is None:
        return
    name = _text(entry, "name") or _text(entry, "original_name")
    unit = _text(entry, "unit_of_measurement")
    area = _area_of(entry, devices)
    if role is Role.DOOR and leads_out(entity_id, name):
        found.signals.append(SignalInfo(entity_id, role, unit))
    elif area in areas:
        found.signals.append(SignalInfo(entity_id, role, unit, area))
    else:
        found.left_out += 1


def role_of(entry: Row) -> Role | None:
    """Return the role of an entity, by the rules of the integration's own forms."""
    # What a device tells about itself is no sensor of the room, and predictions must not feed on themselves.
    if entry.get("platform") == _OWN_PLATFORM or any(
        entry.get(key) for key in ("disabled_by", "hidden_by", "entity_category")
    ):
        return None
    device_class = _text(entry, "device_class") or _text(entry, "original_device_class")
    domain = _text(entry, "entity_id").partition(".")[0]
    return suggested_role(domain, device_class or None, _text(entry, "unit_of_measurement") or None)


def _area_of(entry: Row, devices: Mapping[str, Row]) -> str:
    """Return the area of an entity: its own, its device's, or that of the device's parent; empty for none."""
    area, device = _text(entry, "area_id"), devices.get(_text(entry, "device_id"))
    if not area and device is not None:
        parent = devices.get(_text(device, "parent_device_id"), {})
        area = _text(device, "area_id") or _text(parent, "area_id")
    return area


def _devices(storage: Path) -> Iterator[Row]:
    """Yield the devices and, from 2026.9 on, the parts of devices."""
    yield from _rows(storage, "core.device_registry", "devices")
    yield from _rows(storage, "core.device_registry", "child_devices", needed=False)


def _text(row: Row, key: str) -> str:
    """Return a text of a registry's row, empty when it is absent."""
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _timezone(storage: Path) -> str:
    """Return the home's time zone, UTC when it was never set."""
    path = storage / "core.config"
    data = _data(path) if path.is_file() else {}
    return _text(data, "time_zone") or "UTC"


def _rows(storage: Path, name: str, key: str, *, needed: bool = True) -> list[Row]:
    """Return the rows of a registry's file, each with an id."""
    rows = _data(storage / name).get(key, None if needed else [])
    wanted = "entity_id" if key == "entities" else "id"
    if not isinstance(rows, list) or not all(isinstance(row, dict) and _text(row, wanted) for row in rows):
        raise TraceError(f"{storage / name} is no registry of Home Assistant: its {key} cannot be read")
    return rows


def _data(path: Path) -> Row:
    """Return what a `.storage` file holds."""
    if not path.is_file():
        raise TraceError(f"{path} is not there: give --storage, the .storage folder of Home Assistant's configuration")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        data = content["data"]
    except (ValueError, KeyError, TypeError, RecursionError) as err:
        raise TraceError(f"{path} is no file of Home Assistant's storage: copy it again") from err
    if not isinstance(data, dict):
        raise TraceError(f"{path} is no file of Home Assistant's storage: copy it again")
    return data
