"""Which entities can fill which role: what can be read at all, and how the forms group it."""

from dataclasses import dataclass

from .core.units import ROLE_SPECS, Kind, Role

_SWITCHES = ("switch", "input_boolean")
_METERS = ("sensor", "number", "input_number")
_READABLE_DOMAINS: dict[Role, tuple[str, ...]] = {
    Role.DOOR: ("binary_sensor", "cover", "input_boolean"),
    Role.WINDOW: ("binary_sensor", "cover", "input_boolean"),
    Role.LIGHT: ("light", "binary_sensor", *_SWITCHES),
    Role.MEDIA: ("media_player", "binary_sensor", "remote", *_SWITCHES),
    Role.PERSON: ("person", "device_tracker"),
    Role.GENERIC: ("binary_sensor", "fan", "cover", *_METERS, *_SWITCHES),
}

# What to measure against the list in core: every numeric unit Home Assistant offers there.
UNITS: dict[Role, tuple[str, ...]] = {
    Role.POWER: ("W", "kW", "mW", "MW", "BTU/h"),
    Role.ILLUMINANCE: ("lx", "klx"),
    Role.CO2: ("ppm", "ppb"),
    Role.TEMPERATURE: ("°C", "°F", "K"),
    Role.SOUND: ("dB", "dBA"),
}


@dataclass(frozen=True, slots=True)
class RoleSection:
    """A group of roles in the form; the main one is always open."""

    key: str
    roles: tuple[Role, ...]
    main: bool = False


SECTIONS = (
    RoleSection("movement", (Role.MOTION, Role.PRESENCE, Role.DOOR, Role.VIBRATION), main=True),
    RoleSection("use", (Role.LIGHT, Role.MEDIA, Role.POWER, Role.WINDOW)),
    RoleSection("air", (Role.CO2, Role.TEMPERATURE, Role.HUMIDITY, Role.ILLUMINANCE, Role.SOUND)),
    RoleSection("other", (Role.GENERIC,)),
)
ROOM_ROLES = tuple(role for section in SECTIONS for role in section.roles)

# Their every change is judged at once; the other roles wait for the minute.
EDGE_ROLES = frozenset({Role.MOTION, Role.PRESENCE, Role.DOOR, Role.LIGHT, Role.VIBRATION})
# They say something only when they change: a repeated reading of theirs is no news.
STANDING_ROLES = frozenset(role for role, spec in ROLE_SPECS.items() if spec.kind is Kind.BINARY)


def readable_domains(role: Role) -> tuple[str, ...]:
    """Return the domains whose states can be read in a role."""
    if ROLE_SPECS[role].kind is Kind.NUMERIC:
        return _METERS
    return _READABLE_DOMAINS.get(role, ("binary_sensor", "input_boolean"))
