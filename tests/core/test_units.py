"""Roles, canonical units and limits."""

from __future__ import annotations

import math

import pytest

from custom_components.inkling.core.units import ACTIVITY_ROLES, ROLE_SPECS, Kind, Role, is_readable_unit, to_canonical


def test_every_role_has_a_spec() -> None:
    """Cover every role; binary ones have no unit and stand until the next edge."""
    assert set(ROLE_SPECS) == set(Role)
    for spec in ROLE_SPECS.values():
        assert spec.low < spec.high
        assert spec.max_gap_seconds > 0.0
        assert (spec.unit is None) == (spec.kind is not Kind.NUMERIC)
        assert math.isinf(spec.max_gap_seconds) == (spec.kind is not Kind.NUMERIC)


def test_activity_is_what_moves() -> None:
    """Let only what senses movement speak for movement."""
    assert {Role.MOTION, Role.PRESENCE, Role.VIBRATION} == ACTIVITY_ROLES


@pytest.mark.parametrize(
    ("role", "value", "unit", "expected"),
    [
        (Role.TEMPERATURE, 68.0, "°F", 20.0),
        (Role.TEMPERATURE, 293.15, "K", 20.0),
        (Role.TEMPERATURE, 20.0, None, 20.0),
        (Role.POWER, 1.5, "kW", 1500.0),
        (Role.POWER, 250.0, "mW", 0.25),
        (Role.POWER, 100.0, "BTU/h", 29.307107),
        (Role.CO2, 0.08, "%", 800.0),
        (Role.CO2, 800_000.0, "ppb", 800.0),
        (Role.ILLUMINANCE, 0.4, "klx", 400.0),
        (Role.SOUND, 42.0, "dBA", 42.0),
        (Role.HUMIDITY, 55.0, "%", 55.0),
        (Role.GENERIC, -7.0, "bananas", -7.0),
    ],
)
def test_to_canonical(role: Role, value: float, unit: str | None, expected: float) -> None:
    """Convert each known unit."""
    assert to_canonical(role, value, unit) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("role", "value", "unit"),
    [
        (Role.CO2, 0.0, "ppm"),  # a sensor that warms up
        (Role.TEMPERATURE, 85.0, "°C"),  # a DS18B20 that lost power
        (Role.TEMPERATURE, -127.0, "°C"),  # the same, disconnected
        (Role.HUMIDITY, 100.1, "%"),
        (Role.ILLUMINANCE, -1.0, "lx"),
        (Role.POWER, 1.0, "TW"),
        (Role.SOUND, 195.0, "dB"),
        (Role.GENERIC, 2e9, None),
        (Role.POWER, 1e308, "kW"),
        (Role.TEMPERATURE, math.nan, "°C"),
    ],
)
def test_impossible_values(role: Role, value: float, unit: str | None) -> None:
    """Refuse what cannot be true."""
    assert to_canonical(role, value, unit) is None


def test_foreign_unit() -> None:
    """Refuse a unit the role does not know, and say so before any reading comes."""
    assert not is_readable_unit(Role.TEMPERATURE, "W")
    assert to_canonical(Role.TEMPERATURE, 20.0, "W") is None
    assert is_readable_unit(Role.TEMPERATURE, "K")
    assert is_readable_unit(Role.TEMPERATURE, None)
    assert is_readable_unit(Role.GENERIC, "anything")


@pytest.mark.parametrize("role", [role for role in Role if ROLE_SPECS[role].kind is Kind.NUMERIC])
def test_limits_are_inclusive(role: Role) -> None:
    """Take the limits themselves."""
    spec = ROLE_SPECS[role]
    assert to_canonical(role, spec.low, spec.unit) == spec.low
    assert to_canonical(role, spec.high, spec.unit) == spec.high
