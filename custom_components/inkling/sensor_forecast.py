"""Forecasts of each room and of the home: chosen horizons, the next change, and how good the forecasts were."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util, slugify

from .const import (
    DOMAIN,
    FORECAST_BURST,
    FORECAST_REFILL_SECONDS,
    HORIZONS_MINUTES,
    NEXT_REFILL_SECONDS,
    NEXT_VACANT_REFILL_SECONDS,
)
from .core.skill import HorizonSkill
from .data import InklingConfigEntry, RuntimeData
from .entity import device_info
from .outlook import Outlook, curve
from .pacing import Pacer
from .rooms import Monitor, monitors_of

_SPANS: Mapping[int, str] = {15: "15_min", 30: "30_min", 60: "1_h", 120: "2_h"}
_SCORES: Mapping[str, str] = {"brier": "brier_score", "baseline": "brier_score_of_the_best_rule"}
_NOT_WITHIN_A_DAY = "not_within_a_day"
# A moment hours ahead is no more certain than this, and is not written again for less.
_MOMENT_STEP_SECONDS = 300.0

type Value = int | float | datetime | None
type ValueFn = Callable[[Outlook, HorizonSkill | None], Value]
type AttributesFn = Callable[[Outlook, HorizonSkill | None], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ForecastDescription(SensorEntityDescription):
    """A sensor's row: how to read its value and attributes out of an outlook, and how often it may be written."""

    value_fn: ValueFn
    attributes_fn: AttributesFn
    object_id: str
    """The end of the first entity id: a room whose device has an area would repeat its name there."""
    minutes: int | None = None
    """The horizon it is about, None for the whole day."""
    refill_seconds: float = NEXT_REFILL_SECONDS
    has_curve: bool = False


def _horizon(minutes: int) -> ForecastDescription:
    """Return the row of a horizon's forecast."""

    def value(outlook: Outlook, _: HorizonSkill | None) -> Value:
        """Return the probability in whole percent while it may be shown."""
        found = outlook.horizons.get(minutes)
        return None if found is None or found.probability is None else round(found.probability * 100.0)

    def attributes(outlook: Outlook, _: HorizonSkill | None) -> dict[str, Any]:
        """Return why it is shown or hidden."""
        found = outlook.horizons.get(minutes)
        return {"reason": outlook.unknown if found is None else found.reason}

    return ForecastDescription(
        key=f"forecast_{minutes}",
        object_id=f"occupancy_in_{_SPANS[minutes]}",
        translation_key=f"forecast_{minutes}",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=value,
        attributes_fn=attributes,
        minutes=minutes,
        refill_seconds=FORECAST_REFILL_SECONDS[minutes],
    )


def _next(key: str, translation_key: str, moment_of: Callable[[Outlook], float | None]) -> ForecastDescription:
    """Return the row of the next change to a state; the one to occupied also holds the curve."""

    def value(outlook: Outlook, _: HorizonSkill | None) -> Value:
        """Return the moment while forecasts that far ahead may be shown."""
        moment = moment_of(outlook)
        if moment is None or not outlook.is_shown(moment):
            return None
        return dt_util.utc_from_timestamp(round(moment / _MOMENT_STEP_SECONDS) * _MOMENT_STEP_SECONDS)

    def attributes(outlook: Outlook, _: HorizonSkill | None) -> dict[str, Any]:
        """Return why there is a moment or none."""
        moment = moment_of(outlook)
        if moment is None:
            return {"reason": outlook.unknown or _NOT_WITHIN_A_DAY}
        rated = outlook.rated(moment)
        return {"reason": None if rated is None else rated.reason}

    return ForecastDescription(
        key=key,
        object_id=translation_key,
        translation_key=translation_key,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=value,
        attributes_fn=attributes,
        refill_seconds=NEXT_REFILL_SECONDS if key == "next_occupied" else NEXT_VACANT_REFILL_SECONDS,
        has_curve=key == "next_occupied",
    )


def _scores(minutes: int) -> tuple[ForecastDescription, ForecastDescription]:
    """Return the rows of a horizon's live score and of the best rule's."""

    def rounded(score: float | None) -> float | None:
        """Return a Brier score as it is shown."""
        return None if score is None else round(score, 4)

    def row(kind: str, value_fn: ValueFn, attributes_fn: AttributesFn) -> ForecastDescription:
        """Return the row of one of the two."""
        return ForecastDescription(
            key=f"{kind}_{minutes}",
            object_id=f"{_SCORES[kind]}_at_{_SPANS[minutes]}",
            translation_key=f"{kind}_{minutes}",
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
            suggested_display_precision=3,
            value_fn=value_fn,
            attributes_fn=attributes_fn,
            minutes=minutes,
        )

    def said(_: Outlook, skill: HorizonSkill | None) -> dict[str, Any]:
        """Return what the score rests on and leads to."""
        return {} if skill is None else {"count": skill.count, "reason": str(skill.reason)}

    return (
        row("brier", lambda _, skill: None if skill is None else rounded(skill.brier), said),
        row(
            "baseline",
            lambda _, skill: None if skill is None else rounded(skill.baseline_brier),
            lambda _, skill: {} if skill is None else {"baseline": skill.baseline},
        ),
    )


HORIZONS: Mapping[int, tuple[ForecastDescription, ...]] = {
    minutes: (_horizon(minutes), *_scores(minutes)) for minutes in HORIZONS_MINUTES
}
ROOM_NEXT = (
    _next("next_occupied", "next_occupied", lambda outlook: outlook.next_occupied),
    _next("next_vacant", "next_vacant", lambda outlook: outlook.next_vacant),
)
HOME_NEXT = (
    _next("next_occupied", "next_arrival", lambda outlook: outlook.next_occupied),
    _next("next_vacant", "next_departure", lambda outlook: outlook.next_vacant),
)


def forecast_rows(monitor: Monitor, horizons_minutes: tuple[int, ...]) -> list[ForecastDescription]:
    """Return the rows of a room or of the home."""
    shown = [row for minutes in horizons_minutes for row in HORIZONS[minutes]]
    return [*shown, *(HOME_NEXT if monitor.subentry_id is None else ROOM_NEXT)]


@callback
def drop_other_horizons(hass: HomeAssistant, entry: InklingConfigEntry, horizons_minutes: tuple[int, ...]) -> None:
    """Remove the entities of horizons that the user does not want any more."""
    registry = er.async_get(hass)
    gone = [row.key for minutes, rows in HORIZONS.items() if minutes not in horizons_minutes for row in rows]
    for monitor in monitors_of(entry):
        for key in gone:
            if (entity_id := registry.async_get_entity_id("sensor", DOMAIN, f"{monitor.id}_{key}")) is not None:
                registry.async_remove(entity_id)


class InklingForecast(SensorEntity):
    """One value of a monitor's outlook."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _unrecorded_attributes = frozenset({"forecast", "reason", "count", "baseline"})
    entity_description: ForecastDescription

    def __init__(self, runtime: RuntimeData, monitor: Monitor, description: ForecastDescription) -> None:
        """Attach to the monitor's device."""
        self.entity_description = description
        self._forecasting = runtime.forecasting
        self._monitor_id = monitor.id
        self._pacer = Pacer(FORECAST_BURST, description.refill_seconds)
        self._shown: tuple[Any, ...] | None = None
        self.entity_id = f"sensor.{slugify(monitor.title)}_{description.object_id}"
        self._attr_unique_id = f"{monitor.id}_{description.key}"
        self._attr_device_info = device_info(runtime, monitor)
        self._take()

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the forecasts."""
        self.async_on_remove(self._forecasting.async_listen(self._monitor_id, self._handle_outlook))

    @callback
    def _handle_outlook(self) -> None:
        """Write the state when what is shown changed."""
        if self._take():
            self.async_write_ha_state()

    def _take(self) -> bool:
        """Take over the value when it changed and may be written; what waits is caught up with a later forecast."""
        row = self.entity_description
        outlook = self._forecasting.outlooks[self._monitor_id]
        skill = None
        if row.minutes is not None:
            skill = self._forecasting.store.skill.skill(self._monitor_id, row.minutes)
        value, attributes = row.value_fn(outlook, skill), row.attributes_fn(outlook, skill)
        # The curve moves on with every quarter of an hour.
        shown = (value, attributes.get("reason"), outlook.start if row.has_curve else None)
        if shown == self._shown:
            return False
        is_urgent = self._shown is None or (value is None) is not (self._attr_native_value is None)
        if not self._pacer.take(outlook.made_at, is_urgent=is_urgent):
            return False
        self._shown, self._attr_native_value = shown, value
        if row.has_curve:
            attributes["forecast"] = curve(outlook, self._forecasting.options.threshold)
        self._attr_extra_state_attributes = attributes
        return True
