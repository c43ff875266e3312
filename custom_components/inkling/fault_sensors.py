"""The sensors of a device monitor: how odd, which fault, and how much is known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.util import dt as dt_util

from .core.faults.classes import FaultClass
from .data import RuntimeData
from .fault_config import DeviceConfig
from .fault_entity import InklingFaultEntity, alarm_attributes, iso
from .fault_status import FaultStatus, MonitorState
from .fault_watch import News
from .pacing import Pacer

NO_FAULT = "none"
# A score moves with every bin; a graph of a month shows no difference to one value in a quarter of an hour.
_SCORE_SECONDS = 900.0
_REPORT_SECONDS = 3_600.0
_STEP = 5


@dataclass(frozen=True, kw_only=True)
class FaultSensorDescription(SensorEntityDescription):
    """A sensor's row: how to read its value out of a status, and how often it may be written."""

    value_fn: Callable[[FaultStatus], str | float | datetime | None]
    refill_seconds: float = 0.001
    tells_alarms: bool = False


def _score(status: FaultStatus) -> float | None:
    """Return the score in steps that a graph shows."""
    return None if status.score is None else float(round(status.score / _STEP) * _STEP)


def _last_report(status: FaultStatus) -> datetime | None:
    """Return when the device was last heard of."""
    return None if status.last_report is None else dt_util.utc_from_timestamp(status.last_report)


def _history_days(status: FaultStatus) -> float | None:
    """Return how many days were learned from."""
    return None if status.history_days is None else round(status.history_days, 1)


SENSORS = (
    FaultSensorDescription(
        key="anomaly_score",
        translation_key="anomaly_score",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=_score,
        refill_seconds=_SCORE_SECONDS,
    ),
    FaultSensorDescription(
        key="fault_type",
        translation_key="fault_type",
        device_class=SensorDeviceClass.ENUM,
        options=[NO_FAULT, *FaultClass],
        value_fn=lambda status: NO_FAULT if status.worst is None else str(status.worst.fault),
        tells_alarms=True,
    ),
    FaultSensorDescription(
        key="learning",
        translation_key="learning",
        device_class=SensorDeviceClass.ENUM,
        options=list(MonitorState),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: None if status.state is None else str(status.state),
    ),
    FaultSensorDescription(
        key="history",
        translation_key="history",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.DAYS,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_history_days,
        refill_seconds=_REPORT_SECONDS,
    ),
    FaultSensorDescription(
        key="last_report",
        translation_key="last_report",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=_last_report,
        refill_seconds=_REPORT_SECONDS,
    ),
)


def fault_sensors(runtime: RuntimeData, monitor: DeviceConfig) -> list[SensorEntity]:
    """Return the sensors of one monitor."""
    return [InklingFaultSensor(runtime, monitor, row) for row in SENSORS]


class InklingFaultSensor(InklingFaultEntity, SensorEntity):
    """One number or word of a status."""

    _unrecorded_attributes = frozenset({"alarms"})
    entity_description: FaultSensorDescription

    def __init__(self, runtime: RuntimeData, monitor: DeviceConfig, description: FaultSensorDescription) -> None:
        """Prepare the pace of writing."""
        self._pacer = Pacer(1, description.refill_seconds)
        super().__init__(runtime, monitor, description)

    @override
    def _take(self, news: tuple[News, ...]) -> bool:
        """Take over the value when it changed and may be written."""
        row, status = self.entity_description, self._status
        value = row.value_fn(status)
        attributes: dict[str, Any] = {}
        if row.tells_alarms:
            attributes["alarms"] = [alarm_attributes(alarm, self._faults.speaker) for alarm in status.alarms]
            attributes["snoozed_until"] = _until(status)
        if (value, attributes) == (self._attr_native_value, self._attr_extra_state_attributes):
            return False
        # What people wait for is told at once: the first value, and all that comes with an alarm.
        is_urgent = bool(news) or self._attr_native_value is None
        if not self._pacer.take(dt_util.utcnow().timestamp(), is_urgent=is_urgent):
            return False
        self._attr_native_value, self._attr_extra_state_attributes = value, attributes
        return True

    _attr_extra_state_attributes: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed


def _until(status: FaultStatus) -> str | None:
    """Return when a snooze ends, None without one or without an end."""
    if status.snoozed_until is None or status.snoozed_until == float("inf"):
        return None
    return iso(status.snoozed_until)
