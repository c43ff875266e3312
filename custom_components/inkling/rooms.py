"""A config entry's rooms and signals, read out of its subentries and options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from .const import (
    CONF_AREA_ID,
    CONF_EXIT_DOORS,
    CONF_OFF_DELAY_SECONDS,
    CONF_PEOPLE,
    CONF_SENSITIVITY,
    CONF_SIGNALS,
    SUBENTRY_ROOM,
    THRESHOLD_SHIFTS,
    Sensitivity,
)
from .core.decide import DecisionParameters
from .core.units import Role
from .core.window import Signal

type RoleEntities = Mapping[Role, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Binding:
    """One entity in one role of one room, or of the home."""

    entity_id: str
    signal: Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomConfig:
    """One room as the user set it up; its id is the subentry's."""

    id: str
    title: str
    area_id: str
    roles: RoleEntities

    @property
    def entity_ids(self) -> frozenset[str]:
        """Return every entity the room reads."""
        return frozenset(entity_id for entity_ids in self.roles.values() for entity_id in entity_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """What is judged and forecast: a room, or the home as a whole, which bears the entry's id."""

    id: str
    title: str
    subentry_id: str | None


def room_of(subentry: ConfigSubentry) -> RoomConfig:
    """Return the room of a subentry."""
    return RoomConfig(
        id=subentry.subentry_id,
        title=subentry.title,
        area_id=subentry.data[CONF_AREA_ID],
        roles={Role(role): tuple(entity_ids) for role, entity_ids in subentry.data[CONF_SIGNALS].items()},
    )


def rooms_of(entry: ConfigEntry) -> dict[str, RoomConfig]:
    """Return every room of an entry by its id."""
    return {subentry.subentry_id: room_of(subentry) for subentry in entry.get_subentries_of_type(SUBENTRY_ROOM)}


def monitors_of(entry: ConfigEntry) -> list[Monitor]:
    """Return every room and, where there is any, the home they make up."""
    rooms = [Monitor(id=room.id, title=room.title, subentry_id=room.id) for room in rooms_of(entry).values()]
    return [*rooms, Monitor(id=entry.entry_id, title=entry.title, subentry_id=None)] if rooms else []


def home_roles(entry: ConfigEntry) -> dict[Role, list[str]]:
    """Return what belongs to the home as a whole: the doors that lead out, and the people."""
    return {
        Role.DOOR: list(entry.options.get(CONF_EXIT_DOORS, ())),
        Role.PERSON: list(entry.options.get(CONF_PEOPLE, ())),
    }


def bind(room: str | None, roles: RoleEntities) -> list[Binding]:
    """Return a room's bindings; None stands for the home."""
    scope = "home" if room is None else room
    return [
        Binding(entity_id, Signal(id=f"{scope}/{role}/{entity_id}", role=role, room=room))
        for role, entity_ids in roles.items()
        for entity_id in dict.fromkeys(entity_ids)
    ]


def bindings_of(entry: ConfigEntry) -> list[Binding]:
    """Return every binding of an entry: the home's, then each room's."""
    bindings = bind(None, home_roles(entry))
    for room in rooms_of(entry).values():
        bindings += bind(room.id, room.roles)
    return bindings


def _shifted(threshold: float, shift: float) -> float:
    """Return a probability moved by log-odds, kept within 0 to 1."""
    return 1.0 / (1.0 + math.exp(-(math.log(threshold / (1.0 - threshold)) + shift)))


def decision_parameters(entry: ConfigEntry, shipped: DecisionParameters) -> DecisionParameters:
    """Return a model's decision parameters as the user's options change them."""
    shift = THRESHOLD_SHIFTS[Sensitivity(entry.options.get(CONF_SENSITIVITY, Sensitivity.BALANCED))]
    off_delay = entry.options.get(CONF_OFF_DELAY_SECONDS)
    return DecisionParameters(
        on_threshold=_shifted(shipped.on_threshold, shift),
        off_threshold=_shifted(shipped.off_threshold, shift),
        on_delay_seconds=shipped.on_delay_seconds,
        off_delay_seconds=shipped.off_delay_seconds if off_delay is None else float(off_delay),
    )
