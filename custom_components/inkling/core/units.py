"""Roles, the canonical unit of each, and the conversions into it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a signal tells about a room."""

    MOTION = "motion"
    PRESENCE = "presence"
    DOOR = "door"
    WINDOW = "window"
    LIGHT = "light"
    MEDIA = "media"
    POWER = "power"
    ILLUMINANCE = "illuminance"
    CO2 = "co2"
    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    SOUND = "sound"
    VIBRATION = "vibration"
    PERSON = "person"
    GENERIC = "generic"


class Kind(StrEnum):
    """How a role's states become numbers."""

    BINARY = "binary"
    NUMERIC = "numeric"
    EITHER = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSpec:
    """The contract of one role: kind, canonical unit, limits and how long a reading stands."""

    kind: Kind
    unit: str | None = None
    low: float = 0.0
    """Smallest value that can be true, in the canonical unit."""
    high: float = 1.0
    """Largest value that can be true, in the canonical unit."""
    max_gap_seconds: float = float("inf")
    """How long a reading is carried forward; binary sensors report edges only, so theirs stands until the next."""


_HOUR = 3600.0

ROLE_SPECS: dict[Role, RoleSpec] = {
    Role.MOTION: RoleSpec(kind=Kind.BINARY),
    Role.PRESENCE: RoleSpec(kind=Kind.BINARY),
    Role.DOOR: RoleSpec(kind=Kind.BINARY),
    Role.WINDOW: RoleSpec(kind=Kind.BINARY),
    Role.LIGHT: RoleSpec(kind=Kind.BINARY),
    Role.MEDIA: RoleSpec(kind=Kind.BINARY),
    Role.VIBRATION: RoleSpec(kind=Kind.BINARY),
    Role.PERSON: RoleSpec(kind=Kind.BINARY),
    Role.GENERIC: RoleSpec(kind=Kind.EITHER, low=-1e9, high=1e9),
    # Meters and slow sensors may report only changes: an idle plug or a dark room says nothing for hours and is well.
    Role.POWER: RoleSpec(kind=Kind.NUMERIC, unit="W", low=-1e5, high=1e5, max_gap_seconds=24 * _HOUR),
    Role.ILLUMINANCE: RoleSpec(kind=Kind.NUMERIC, unit="lx", high=2e5, max_gap_seconds=24 * _HOUR),
    Role.CO2: RoleSpec(kind=Kind.NUMERIC, unit="ppm", low=200.0, high=2e4, max_gap_seconds=3 * _HOUR),
    Role.TEMPERATURE: RoleSpec(kind=Kind.NUMERIC, unit="°C", low=-50.0, high=80.0, max_gap_seconds=6 * _HOUR),
    Role.HUMIDITY: RoleSpec(kind=Kind.NUMERIC, unit="%", high=100.0, max_gap_seconds=6 * _HOUR),
    Role.SOUND: RoleSpec(kind=Kind.NUMERIC, unit="dB", high=194.0, max_gap_seconds=_HOUR),
}

# Roles whose activity means that somebody moves there now; they feed "elsewhere" for the other rooms.
ACTIVITY_ROLES = frozenset({Role.MOTION, Role.PRESENCE, Role.VIBRATION})

_FACTORS: dict[str | None, dict[str | None, tuple[float, float]]] = {
    "W": {
        "W": (1.0, 0.0),
        "kW": (1e3, 0.0),
        "mW": (1e-3, 0.0),
        "MW": (1e6, 0.0),
        "GW": (1e9, 0.0),
        "TW": (1e12, 0.0),
        "BTU/h": (0.29307107, 0.0),
    },
    "lx": {"lx": (1.0, 0.0), "klx": (1e3, 0.0)},
    "ppm": {"ppm": (1.0, 0.0), "ppb": (1e-3, 0.0), "%": (1e4, 0.0)},
    "°C": {"°C": (1.0, 0.0), "°F": (5.0 / 9.0, -160.0 / 9.0), "K": (1.0, -273.15)},
    "%": {"%": (1.0, 0.0)},
    "dB": {"dB": (1.0, 0.0), "dBA": (1.0, 0.0), "dB(A)": (1.0, 0.0)},
}


def is_readable_unit(role: Role, unit: str | None) -> bool:
    """Return whether a reading in this unit can be turned into the role's canonical one; None means canonical."""
    canonical = ROLE_SPECS[role].unit
    return canonical is None or unit is None or unit in _FACTORS[canonical]


def convert(role: Role, value: float, unit: str | None) -> float | None:
    """Return the value in the role's canonical unit whether or not it can be true, None when the unit is foreign.

    A missing unit is taken to be the canonical one, as traces write none.
    """
    if not is_readable_unit(role, unit):
        return None
    canonical = ROLE_SPECS[role].unit
    if canonical is not None and unit is not None:
        factor, offset = _FACTORS[canonical][unit]
        value = value * factor + offset
    return value


def to_canonical(role: Role, value: float, unit: str | None) -> float | None:
    """Return the value in the role's canonical unit, or None when the unit is foreign or the value cannot be true."""
    spec = ROLE_SPECS[role]
    found = convert(role, value, unit)
    return None if found is None or not spec.low <= found <= spec.high else found
