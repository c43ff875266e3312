"""What an entity is taken for, by what the registries say of it: the same live and when a recorder is imported."""

from __future__ import annotations

from collections.abc import Mapping
import re

from .units import Role, is_readable_unit

# (domain, device class) -> role; a class of None stands for the whole domain. Texts are Home Assistant's own.
SUGGESTED: Mapping[tuple[str, str | None], Role] = {
    ("binary_sensor", "motion"): Role.MOTION,
    ("binary_sensor", "moving"): Role.MOTION,
    ("binary_sensor", "occupancy"): Role.PRESENCE,
    ("binary_sensor", "presence"): Role.PRESENCE,
    ("binary_sensor", "door"): Role.DOOR,
    ("binary_sensor", "garage_door"): Role.DOOR,
    ("binary_sensor", "opening"): Role.DOOR,
    ("binary_sensor", "window"): Role.WINDOW,
    ("binary_sensor", "light"): Role.LIGHT,
    ("binary_sensor", "vibration"): Role.VIBRATION,
    # Noise that is only on or off is no level in decibels, but its changes tell of life.
    ("binary_sensor", "sound"): Role.GENERIC,
    ("light", None): Role.LIGHT,
    ("media_player", None): Role.MEDIA,
    ("sensor", "carbon_dioxide"): Role.CO2,
    ("sensor", "illuminance"): Role.ILLUMINANCE,
    ("sensor", "temperature"): Role.TEMPERATURE,
    ("sensor", "humidity"): Role.HUMIDITY,
    ("sensor", "power"): Role.POWER,
    ("sensor", "sound_pressure"): Role.SOUND,
}

# A door that leads out is known by its name only; words of the languages most homes are named in.
_EXIT_WORDS = re.compile(
    r"front|entrance|entry|main|outside|exterior|exit|back_?door|patio|garage|haust|eingang|terrasse"
    r"|voordeur|achterdeur|buiten|entree|entrada|principal|ingresso|portone|ytterd|hoveddør|hovedd"
)


def suggested_role(domain: str, device_class: str | None, unit: str | None) -> Role | None:
    """Return the role of an entity by its domain, class and unit, None when it fills none."""
    role = SUGGESTED.get((domain, device_class)) or SUGGESTED.get((domain, None))
    return None if role is None or not is_readable_unit(role, unit) else role


def leads_out(entity_id: str, name: str) -> bool:
    """Return whether a door's id or name says that it leads out of the home."""
    return _EXIT_WORDS.search(f"{entity_id} {name}".lower()) is not None
