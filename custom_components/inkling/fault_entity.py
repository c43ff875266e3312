"""What every entity of a device monitor shares: the user's own device, and telling only what changed."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .core.faults.appliance_alarm import UNITS, ApplianceAlarm
from .core.faults.classes import Alarm
from .core.faults.days import Measure
from .data import RuntimeData
from .fault_config import DeviceConfig
from .fault_phrases import Speaker
from .fault_status import FaultStatus
from .fault_watch import News

# The logbook's event keeps the evidence with its numbers; rows of history say what failed, and how badly.
LIVE_ATTRIBUTES = frozenset(
    {
        "since",
        "expected",
        "seen",
        "siblings",
        "responsible",
        "confidence",
        "evidence",
        "usual_low",
        "usual_high",
        "unit",
    }
)


class InklingFaultEntity(Entity):
    """One value of a device monitor's status."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, runtime: RuntimeData, monitor: DeviceConfig, description: EntityDescription) -> None:
        """Attach to the device that is watched, or to one of our own where there is none."""
        self.entity_description = description
        self._faults = runtime.faults
        self._monitor_id = monitor.id
        self._attr_unique_id = f"{monitor.id}_{description.key}"
        if monitor.device is not None:
            self.device_entry = monitor.device
        else:
            self._attr_device_info = DeviceInfo(
                identifiers={(DOMAIN, monitor.id)},
                name=monitor.title,
                entry_type=DeviceEntryType.SERVICE,
                via_device_id=runtime.hub_id,
            )

    @property
    def _status(self) -> FaultStatus:
        """Return the newest status."""
        return self._faults.statuses[self._monitor_id]

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the monitor."""
        self._take(())
        self.async_on_remove(self._faults.listen(self._monitor_id, self._handle))

    @callback
    def _handle(self, news: tuple[News, ...]) -> None:
        """Write the state when it changed."""
        if self._take(news):
            self.async_write_ha_state()

    @abstractmethod
    def _take(self, news: tuple[News, ...]) -> bool:
        """Take over what is new and return whether what is shown changed."""


def iso(t: float) -> str:
    """Return an instant (epoch seconds) on the clock of the wall."""
    return dt_util.as_local(dt_util.utc_from_timestamp(t)).isoformat(timespec="seconds")


def alarm_attributes(alarm: Alarm, speaker: Speaker) -> dict[str, Any]:
    """Return all that is known of an alarm, for people, automations and blueprints."""
    return {
        "entity": speaker.entities([alarm.signal])[0],
        "type": str(alarm.fault),
        "severity": str(alarm.severity),
        "since": iso(alarm.since),
        "expected": speaker.known(alarm.expected),
        "seen": speaker.known(alarm.seen),
        "siblings": speaker.entities(alarm.witnesses),
        "responsible": _shares(alarm, speaker),
        "confidence": round(alarm.confidence, 2),
        "evidence": speaker.evidence(alarm),
        **_of_appliance(alarm, speaker),
    }


def _of_appliance(alarm: Alarm, speaker: Speaker) -> dict[str, Any]:
    """Return what an appliance's alarm says besides: between which numbers it would have been usual, in which unit."""
    if not isinstance(alarm, ApplianceAlarm):
        return {}
    low, high = speaker.known(alarm.low), speaker.known(alarm.high)
    return {"usual_low": low, "usual_high": high, "unit": UNITS[Measure(alarm.measure)]}


def _shares(alarm: Alarm, speaker: Speaker) -> Mapping[str, float]:
    """Return entities by their share of the evidence."""
    return {speaker.entities([signal])[0]: round(share, 2) for signal, share in alarm.responsible}
