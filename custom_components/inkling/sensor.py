"""Probability and reason of each room, and what only a curious user wants to see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .const import REASON_SECONDS, ROW_BURST, ROW_REFILL_SECONDS
from .core.verdict import Contribution, Verdict
from .data import InklingConfigEntry, RuntimeData
from .entity import InklingRoomEntity, is_answerable
from .fault_sensors import fault_sensors
from .pacing import Pacer
from .phrases import contributions_by_entity, reason
from .rooms import Monitor, monitors_of
from .sensor_forecast import InklingForecast, drop_other_horizons, forecast_rows

# Verdicts are pushed; nothing is polled.
PARALLEL_UPDATES = 0


def _percent(share: float | None) -> int | None:
    """Return a share in whole percent."""
    return None if share is None else round(share * 100.0)


def _reason(verdict: Verdict, runtime: RuntimeData) -> str:
    """Return the verdict's reason in words, and what was left out of it."""
    masked = runtime.ingest.masked_in(verdict.score.room)
    return reason(verdict, runtime.phrases, runtime.name_of, masked)


def _reason_attributes(verdict: Verdict) -> dict[str, Any]:
    """Return what the reason's sentence leaves out."""
    return {"contributions": contributions_by_entity(verdict), "coverage": _percent(verdict.score.coverage)}


def _inference_ms(_: Verdict, runtime: RuntimeData) -> float | None:
    """Return how long the newest batch took off the loop."""
    seconds = runtime.coordinator.timings.newest("inference")
    return None if seconds is None else round(seconds * 1000.0, 1)


@dataclass(frozen=True, kw_only=True)
class InklingSensorDescription(SensorEntityDescription):
    """A sensor's row: how to read its value out of a verdict, and how often it may be written."""

    value_fn: Callable[[Verdict, RuntimeData], StateType]
    attributes_fn: Callable[[Verdict], dict[str, Any]] | None = None
    burst: int = 1
    refill_seconds: float = REASON_SECONDS
    needs_explanation: bool = False
    """Whether it waits for the explanation that belongs to a verdict, milliseconds later."""
    is_prediction: bool = False
    """Whether it is unavailable while no sensor of the room can be read."""


SENSORS = (
    InklingSensorDescription(
        key="probability",
        translation_key="probability",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda verdict, _: _percent(verdict.score.probability),
        burst=ROW_BURST,
        refill_seconds=ROW_REFILL_SECONDS,
        is_prediction=True,
    ),
    InklingSensorDescription(
        key="reason",
        translation_key="reason",
        value_fn=_reason,
        attributes_fn=_reason_attributes,
        needs_explanation=True,
    ),
    InklingSensorDescription(
        key="coverage",
        translation_key="coverage",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda verdict, _: _percent(verdict.score.coverage),
    ),
    InklingSensorDescription(
        key="inference",
        translation_key="inference",
        native_unit_of_measurement=UnitOfTime.MILLISECONDS,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=_inference_ms,
    ),
    InklingSensorDescription(
        key="model",
        translation_key="model",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda verdict, _: verdict.model,
    ),
    InklingSensorDescription(
        key="backend",
        translation_key="backend",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda verdict, _: verdict.backend,
    ),
)

# The home's reason is its rooms.
HOME_SENSORS = SENSORS[:1]


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InklingConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add each room's sensors, and the home's."""
    runtime = entry.runtime_data
    horizons = runtime.forecasting.options.horizons_minutes
    for monitor in monitors_of(entry):
        rows = HOME_SENSORS if monitor.subentry_id is None else SENSORS
        judged = [InklingSensor(runtime, monitor, row) for row in rows]
        foreseen = [InklingForecast(runtime, monitor, row) for row in forecast_rows(monitor, horizons)]
        async_add_entities([*judged, *foreseen], config_subentry_id=monitor.subentry_id)
    for device in runtime.faults.monitors.values():
        async_add_entities(fault_sensors(runtime, device), config_subentry_id=device.id)
    drop_other_horizons(hass, entry, horizons)


class InklingSensor(InklingRoomEntity, SensorEntity):
    """One value of a room's verdict."""

    _unrecorded_attributes = frozenset({"contributions", "coverage"})
    entity_description: InklingSensorDescription

    def __init__(self, runtime: RuntimeData, monitor: Monitor, description: InklingSensorDescription) -> None:
        """Prepare the pace of writing."""
        self._pacer = Pacer(description.burst, description.refill_seconds)
        self._occupied: bool | None = None
        self._contributions: tuple[Contribution, ...] = ()
        super().__init__(runtime, monitor, description)

    @override
    def _take(self, verdict: Verdict | None) -> bool:
        """Take over the value when it changed and may be written; what waits is caught up with a later verdict."""
        row = self.entity_description
        if verdict is None or (row.needs_explanation and self._room_id in self.coordinator.unexplained):
            return False
        if row.needs_explanation and verdict.contributions and verdict.contributions is self._contributions:
            # Putting it in words again would give the words that are shown.
            return False
        available = is_answerable(verdict) or not row.is_prediction
        value = row.value_fn(verdict, self._runtime) if available else None
        if (available, value) == (self._attr_available, self._attr_native_value):
            self._contributions = verdict.contributions
            return False
        # A change of the decision, or to and from unknown, is what users wait for; the rest is paced.
        is_urgent = (
            verdict.decision.occupied is not self._occupied
            or available is not self._attr_available
            or None in (value, self._attr_native_value)
        )
        if not self._pacer.take(verdict.score.end, is_urgent=is_urgent):
            return False
        self._occupied, self._contributions = verdict.decision.occupied, verdict.contributions
        self._attr_available, self._attr_native_value = available, value
        if row.attributes_fn is not None:
            self._attr_extra_state_attributes = dict[str, Any](row.attributes_fn(verdict))
        return True

    @property
    @override
    def available(self) -> bool:
        """Return whether the room's sensors let anything be said."""
        return self._attr_available
