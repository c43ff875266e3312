"""A home with a device that is watched, and alarms as a judge raises them."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling.const import DOMAIN
from custom_components.inkling.core.faults.classes import (
    Alarm,
    FaultClass,
    Learning,
    Report,
    Scope,
    Severity,
    SignalHealth,
)
from custom_components.inkling.fault_watch import SENSORS, FaultWatch

from .conftest import add_entity, set_up

FRIDGE, POWER, CELLAR = "sensor.fridge_temperature", "sensor.fridge_power", "sensor.cellar_temperature"
FAULT = "binary_sensor.fridge_fault"
EVENT = "event.fridge_fault"
TYPE = "sensor.fridge_fault_type"


def device_data(device_id: str | None, **changes: Any) -> ConfigSubentryData:  # noqa: ANN401 - handed on
    """Return a device's subentry as the flow makes it."""
    data = {
        "device_id": device_id,
        "signals": {"temperature": [FRIDGE], "power": [POWER]},
        "peers": {"temperature": [CELLAR]},
        "kind": "fridge",
        "false_alarms_per_year": 2.0,
        "registry_ids": {},
        **changes,
    }
    return ConfigSubentryData(data=MappingProxyType(data), subentry_type="device", title="Fridge", unique_id=device_id)


def everything_data(*excluded: str) -> ConfigSubentryData:
    """Return the subentry that watches every sensor."""
    data = {"signals": {}, "excluded": list(excluded)}
    return ConfigSubentryData(
        data=MappingProxyType(data), subentry_type="everything", title="Every sensor", unique_id="everything"
    )


def add_fridge(hass: HomeAssistant) -> dr.DeviceEntry:
    """Return a fridge of another integration, with a thermometer and a meter, and a thermometer in the cellar."""
    owner = MockConfigEntry(domain="test", title="Plugs")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("test", "fridge")}, name="Fridge"
    )
    cellar = ar.async_get(hass).async_create("Cellar")
    for entity_id, state, kind, unit in (
        (FRIDGE, "5", "temperature", "°C"),
        (POWER, "80", "power", "W"),
        (CELLAR, "12", "temperature", "°C"),
    ):
        of_device = {} if entity_id == CELLAR else {"device_id": device.id, "config_entry": owner}
        entry = add_entity(
            hass, entity_id, area_id=cellar.id, state=state, original_device_class=kind, unit_of_measurement=unit
        )
        er.async_get(hass).async_update_entity(entry.entity_id, **of_device and {"device_id": device.id})
    return device


async def watch_fridge(hass: HomeAssistant, *others: ConfigSubentryData, **changes: Any) -> MockConfigEntry:  # noqa: ANN401
    """Set Inkling up with a fridge that is watched."""
    device = add_fridge(hass)
    data = [device_data(device.id, **changes), *others]
    entry = MockConfigEntry(
        domain=DOMAIN, title="Inkling", subentries_data=data, options={"exit_doors": [], "people": []}
    )
    entry.add_to_hass(hass)
    await set_up(hass, entry)
    return entry


def faults_of(entry: MockConfigEntry) -> FaultWatch:
    """Return what watches."""
    found: FaultWatch = entry.runtime_data.faults
    return found


def signal_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return the id a signal is watched by."""
    entry = er.async_get(hass).async_get(entity_id)
    return entity_id if entry is None else entry.id


def alarm_of(hass: HomeAssistant, entity_id: str = FRIDGE, **changes: Any) -> Alarm:  # noqa: ANN401 - handed on
    """Return an alarm about one entity."""
    signal, entry = signal_of(hass, entity_id), er.async_get(hass).async_get(entity_id)
    now = dt_util.utcnow().timestamp()
    found = Alarm(
        target=signal,
        scope=Scope.SIGNAL,
        signal=signal,
        device="" if entry is None else entry.device_id or "",
        fault=FaultClass.BIAS,
        severity=Severity.WARNING,
        since=now - 7200.0,
        raised=now,
        measure="bias",
        expected=5.0,
        seen=9.5,
        confidence=0.87,
        witnesses=(signal_of(hass, CELLAR),),
        responsible=((signal, 1.0),),
    )
    return replace(found, **changes)


def healthy(hass: HomeAssistant, entity_id: str, **changes: Any) -> SignalHealth:  # noqa: ANN401 - handed on
    """Return what is known of one entity."""
    found = SignalHealth(signal_of(hass, entity_id), Learning.OK, 9.25, 12.0, "bias")
    return replace(found, **changes)


async def tell(hass: HomeAssistant, entry: MockConfigEntry, *active: Alarm, source: str = SENSORS) -> None:
    """Let a judge report these alarms as all that stand; those that are new open, those that are gone close."""
    faults = faults_of(entry)
    stood = faults._active.get(source, ())
    health = tuple(healthy(hass, entity_id) for entity_id in (FRIDGE, POWER, CELLAR))
    report = Report(
        dt_util.utcnow().timestamp(),
        opened=tuple(alarm for alarm in active if alarm not in stood),
        closed=tuple(alarm for alarm in stood if alarm not in active),
        active=active,
        health=health,
    )
    faults.take(source, report)
    await hass.async_block_till_done()
