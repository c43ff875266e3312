"""What of the labels goes into a trace: those of its rooms, of the home and of watched sensors, in its own words."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .core.units import ACTIVITY_ROLES, Role
from .data import InklingConfigEntry
from .ingest import unit_of
from .rooms import rooms_of
from .trace_file import TraceHead, TraceLabel, TraceSignal

_HOME = "home"
# A signal without a room is the home's: a watched cellar door must not teach that people left by it.
_OF_PEOPLE = ACTIVITY_ROLES | {Role.DOOR, Role.PERSON}


def lasting_unit(hass: HomeAssistant, entity_id: str) -> str:
    """Return the unit of an entity's states, also of one that is not there now; empty for none."""
    registered = er.async_get(hass).async_get(entity_id)
    return unit_of(hass, entity_id) or (registered and registered.unit_of_measurement) or ""


def with_labels(hass: HomeAssistant, entry: InklingConfigEntry, head: TraceHead, start: float, end: float) -> TraceHead:
    """Return a trace's head with the labels from `start` to `end` (epoch seconds), and the signals they speak of."""
    targets = _targets(entry, head)
    labelling = entry.runtime_data.labelling
    found = [
        TraceLabel(max(label.start, start), min(label.end, end), targets[label.target], label.label)
        for label in labelling.labels
        if label.target in targets and label.end > start and label.start < end
    ]
    spoken_of = {label.target for label in found}
    more = [signal for signal in _watched(hass, entry, head) if signal.id in spoken_of]
    labels = tuple(sorted(found, key=lambda label: (label.start, label.target)))
    return replace(head, signals=(*head.signals, *more), labels=labels)


def _targets(entry: InklingConfigEntry, head: TraceHead) -> Mapping[str, str]:
    """Return what a trace calls each target of labels that it can tell of."""
    kept = {room.id for room in head.rooms}
    rooms = {room.id: room.area_id for room in rooms_of(entry).values() if room.area_id in kept}
    return {**entry.runtime_data.faults.speaker.entity_of, **rooms, entry.entry_id: _HOME}


def _watched(hass: HomeAssistant, entry: InklingConfigEntry, head: TraceHead) -> Iterator[TraceSignal]:
    """Yield the watched sensors that no room reads, so that what is said of them has something to be about."""
    known = {signal.id for signal in head.signals}
    plan = entry.runtime_data.faults.plan
    for entity_id, signal in zip(plan.entities, plan.signals, strict=True):
        if entity_id not in known:
            role = Role.GENERIC if signal.role in _OF_PEOPLE else signal.role
            yield TraceSignal(entity_id, entity_id, role, lasting_unit(hass, entity_id), "")
