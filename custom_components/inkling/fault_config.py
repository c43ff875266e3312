"""What is watched for faults: the device monitors of an entry, and every signal they look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import (
    CONF_DEVICE_ID,
    CONF_EXCLUDED,
    CONF_FALSE_ALARMS,
    CONF_KIND,
    CONF_OUTDOOR,
    CONF_PEERS,
    CONF_SIGNALS,
    STRICTEST_FALSE_ALARMS,
    SUBENTRY_DEVICE,
    SUBENTRY_EVERYTHING,
)
from .core.faults.classes import Settings, WatchedSignal
from .core.faults.days import ApplianceKind
from .core.units import Role
from .fault_suggest import is_on_off, watchable_roles
from .rooms import RoleEntities, rooms_of
from .suggest import area_of


class DeviceKind(StrEnum):
    """What a device is; it says how much hangs on it and, for appliances, what its cycles look like."""

    SENSOR = "sensor"
    FRIDGE = "fridge"
    FREEZER = "freezer"
    WASHING_MACHINE = "washing_machine"
    DISHWASHER = "dishwasher"
    DRYER = "dryer"
    WATER_HEATER = "water_heater"
    HEAT_PUMP = "heat_pump"
    PUMP = "pump"
    HEATING_ZONE = "heating_zone"
    GENERIC = "generic"

    @property
    def appliance(self) -> ApplianceKind | None:
        """Return what judges how it works, None for what only senses."""
        return None if self is DeviceKind.SENSOR else ApplianceKind(self)


# Food spoils and cellars flood; a spare thermometer only annoys.
_WEIGHTS = {DeviceKind.FREEZER: 2.0, DeviceKind.FRIDGE: 2.0, DeviceKind.PUMP: 2.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConfig:
    """One device monitor, or the one that watches every sensor; its id is the subentry's."""

    id: str
    title: str
    roles: RoleEntities
    peers: RoleEntities = field(default_factory=dict)
    kind: DeviceKind = DeviceKind.SENSOR
    device: dr.AnyDeviceEntry | None = None
    """The user's own device, None where entities of none or of several were chosen."""
    false_alarms_per_year: float = STRICTEST_FALSE_ALARMS
    is_everything: bool = False
    outdoor: str | None = None
    """What tells how warm it is outdoors, for appliances."""

    @property
    def meters(self) -> tuple[str, ...]:
        """Return the power meters of an appliance, none of what only senses."""
        return () if self.kind.appliance is None else tuple(self.roles.get(Role.POWER, ()))

    @property
    def share(self) -> float:
        """Return the false alarms a year of each of its judges: one a signal, and one an appliance."""
        return self.false_alarms_per_year / max(1, len(self.entity_ids) + len(self.meters))

    @property
    def entity_ids(self) -> frozenset[str]:
        """Return every entity that is watched."""
        return frozenset(entity_id for found in self.roles.values() for entity_id in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """All that one watch of a home looks at."""

    monitors: Mapping[str, DeviceConfig]
    signals: tuple[WatchedSignal, ...]
    entities: tuple[str, ...]
    """The entity of each signal; a signal's own id is the registry's, which outlives renames."""

    @property
    def settings(self) -> Settings:
        """Return what all may raise in error together."""
        return Settings(false_alarms_per_year=sum(signal.share for signal in self.signals))


def _roles(stored: Mapping[str, list[str]]) -> dict[Role, tuple[str, ...]]:
    """Return stored entities by role."""
    return {Role(role): tuple(entity_ids) for role, entity_ids in stored.items()}


@callback
def device_of(hass: HomeAssistant, subentry: ConfigSubentry) -> DeviceConfig:
    """Return the device monitor of a subentry."""
    data = subentry.data
    device_id = data[CONF_DEVICE_ID]
    return DeviceConfig(
        id=subentry.subentry_id,
        title=subentry.title,
        roles=_roles(data[CONF_SIGNALS]),
        peers=_roles(data[CONF_PEERS]),
        kind=DeviceKind(data[CONF_KIND]),
        device=None if device_id is None else dr.async_get(hass).async_get(device_id),
        false_alarms_per_year=float(data[CONF_FALSE_ALARMS]),
        outdoor=next(iter(data.get(CONF_OUTDOOR, ())), None),
    )


@callback
def monitors_of_faults(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, DeviceConfig]:
    """Return every device monitor of an entry by its id."""
    found = {item.subentry_id: device_of(hass, item) for item in entry.get_subentries_of_type(SUBENTRY_DEVICE)}
    for item in entry.get_subentries_of_type(SUBENTRY_EVERYTHING):
        roles = watchable_roles(hass, frozenset(item.data[CONF_EXCLUDED]))
        found[item.subentry_id] = DeviceConfig(id=item.subentry_id, title=item.title, roles=roles, is_everything=True)
    return found


@callback
def plan_of(hass: HomeAssistant, entry: ConfigEntry) -> WatchPlan:
    """Return what an entry's device monitors look at."""
    monitors = monitors_of_faults(hass, entry)
    return plan_for(hass, monitors, _rooms_by_entity(entry))


@callback
def plan_for(hass: HomeAssistant, monitors: Mapping[str, DeviceConfig], rooms: Mapping[str, str]) -> WatchPlan:
    """Return the plan of some monitors; an entity that several watch has the share of the one chosen for it."""
    found: dict[str, WatchedSignal] = {}
    for monitor in sorted(monitors.values(), key=lambda item: item.is_everything):
        weight = _WEIGHTS.get(monitor.kind, 1.0)
        for roles in (monitor.roles, monitor.peers):
            for role, entity_ids in roles.items():
                for entity_id in entity_ids:
                    signal = _signal(hass, entity_id, role, rooms, share=monitor.share, weight=weight)
                    found.setdefault(entity_id, signal)
    return WatchPlan(monitors=monitors, signals=tuple(found.values()), entities=tuple(found))


def _rooms_by_entity(entry: ConfigEntry) -> dict[str, str]:
    """Return the room's area of each entity that a room reads."""
    return {entity_id: room.area_id for room in rooms_of(entry).values() for entity_id in room.entity_ids}


@callback
def _signal(
    hass: HomeAssistant, entity_id: str, role: Role, rooms: Mapping[str, str], *, share: float, weight: float
) -> WatchedSignal:
    """Return an entity as the watch sees it."""
    found = er.async_get(hass).async_get(entity_id)
    on_off = role is Role.GENERIC and is_on_off(entity_id)
    if found is None:
        room = rooms.get(entity_id, "")
        return WatchedSignal(entity_id, role, room, weight=weight, on_off=on_off, share=share)
    device = None if found.device_id is None else dr.async_get(hass).async_get(found.device_id)
    via = None if device is None else getattr(device, "via_device_id", None)
    return WatchedSignal(
        id=found.id,
        role=role,
        room=rooms.get(entity_id) or area_of(hass, found) or "",
        device=found.device_id or "",
        # What has no bridge of its own hangs on its integration.
        hub=via or found.config_entry_id or "",
        weight=weight,
        on_off=on_off,
        share=share,
    )
