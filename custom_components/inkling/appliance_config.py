"""Which of the watched devices are appliances: their meters, thermometers, and how readily they are said to fail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.unit_conversion import TemperatureConverter

from .core.faults.appliance import Appliance
from .core.faults.appliance_margin import margin_for
from .core.faults.days import ApplianceKind
from .core.faults.intake import raw_value
from .core.units import Role
from .ingest import standing_of

if TYPE_CHECKING:
    from .fault_config import WatchPlan

WEATHER = "weather"
# What holds a temperature inside; the thermometer of a washing machine's chip tells nothing.
_HOLDS = frozenset({ApplianceKind.FRIDGE, ApplianceKind.FREEZER, ApplianceKind.WATER_HEATER})
_OUTDOORS = ("outdoor", "outside", "aussen", "außen", "buiten", "exterieur", "extérieur", "esterno", "exterior", "ute")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplianceConfig:
    """One meter of a device that is an appliance."""

    signal: str
    entity_id: str
    title: str
    kind: ApplianceKind
    device: str = ""
    inside: str | None = None
    """The thermometer in what it cools or heats."""
    outdoor: str | None = None
    """A weather entity or a thermometer outdoors."""
    false_alarms_per_year: float = 1.0

    def make(self) -> Appliance:
        """Return what judges it, with nothing learned."""
        margin = margin_for(self.false_alarms_per_year)
        return Appliance(self.signal, self.kind, device=self.device, margin=margin)

    @property
    def entity_ids(self) -> tuple[str, ...]:
        """Return the entities whose readings it takes."""
        return (self.entity_id,) if self.inside is None else (self.entity_id, self.inside)


def appliances_of(plan: WatchPlan) -> dict[str, ApplianceConfig]:
    """Return the appliances of a plan by the signal of their meter; one that several monitors watch is the first's."""
    signals = dict(zip(plan.entities, plan.signals, strict=True))
    found: dict[str, ApplianceConfig] = {}
    for monitor in plan.monitors.values():
        kind = monitor.kind.appliance
        if kind is None:
            continue
        inside = next(iter(monitor.roles.get(Role.TEMPERATURE, ())), None) if kind in _HOLDS else None
        for entity_id in monitor.meters:
            signal = signals[entity_id]
            found.setdefault(
                signal.id,
                ApplianceConfig(
                    signal=signal.id,
                    entity_id=entity_id,
                    title=monitor.title,
                    kind=kind,
                    device=signal.device,
                    inside=inside,
                    outdoor=monitor.outdoor,
                    false_alarms_per_year=monitor.share,
                ),
            )
    return found


@callback
def outdoor_celsius(state: State | None) -> float:
    """Return what a weather entity or a thermometer says of the outdoors, NaN when it says nothing."""
    if state is None:
        return math.nan
    # What the recorder gives has an entity's id, and no domain of its own.
    if not state.entity_id.startswith(f"{WEATHER}."):
        value = raw_value(Role.TEMPERATURE, state.state, state.attributes.get("unit_of_measurement"))
        return math.nan if value is None else value
    value, unit = state.attributes.get("temperature"), state.attributes.get("temperature_unit", "°C")
    if not isinstance(value, int | float) or unit not in TemperatureConverter.VALID_UNITS:
        return math.nan
    return TemperatureConverter.convert(float(value), unit, "°C")


@callback
def suggested_outdoor(hass: HomeAssistant, others: Iterable[Mapping[str, object]]) -> str | None:
    """Return what tells how warm it is outdoors: as chosen before, a thermometer so named, or a weather entity."""
    for data in others:
        if isinstance(chosen := data.get("outdoor"), list) and chosen:
            return str(chosen[0])
    known = er.async_get(hass).entities.values()
    names = sorted(entry.entity_id for entry in known if _is_outdoors(entry))
    return next(iter([*names, *standing_of(hass, WEATHER)]), None)


def _is_outdoors(entry: er.RegistryEntry) -> bool:
    """Return whether an entity seems to be a thermometer outdoors."""
    device_class = entry.device_class or entry.original_device_class
    is_used = not (entry.disabled_by or entry.hidden_by or entry.entity_category)
    named = f"{entry.entity_id} {entry.name or ''} {entry.original_name or ''}".lower()
    return entry.domain == "sensor" and device_class == "temperature" and is_used and _names_outdoors(named)


def _names_outdoors(text: str) -> bool:
    """Return whether a name has a word for outdoors in it."""
    return any(word in _OUTDOORS for word in text.replace(".", " ").replace("_", " ").split())
