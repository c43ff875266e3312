"""State texts to samples."""

from __future__ import annotations

import math

from hypothesis import given, strategies as st
import pytest

from custom_components.inkling.core.sample import Quality, Sample, parse_sample, read_value
from custom_components.inkling.core.units import ROLE_SPECS, Kind, Role

_BINARY_WORDS = [
    ("on", 1.0),
    ("open", 1.0),
    ("opening", 1.0),
    ("closing", 1.0),
    ("true", 1.0),
    ("detected", 1.0),
    ("occupied", 1.0),
    ("off", 0.0),
    ("closed", 0.0),
    ("false", 0.0),
    ("clear", 0.0),
    ("clean", 0.0),
    ("vacant", 0.0),
    (" ON\n", 1.0),
    ("Closed", 0.0),
]
_PLAIN_BINARY = [role for role, spec in ROLE_SPECS.items() if spec.kind is Kind.BINARY]
_PLAIN_BINARY = [role for role in _PLAIN_BINARY if role not in (Role.MEDIA, Role.PERSON)]
_NUMERIC = [role for role, spec in ROLE_SPECS.items() if spec.kind is Kind.NUMERIC]


@pytest.mark.parametrize("role", [*_PLAIN_BINARY, Role.GENERIC])
@pytest.mark.parametrize(("word", "value"), _BINARY_WORDS)
def test_binary_words(role: Role, word: str, value: float) -> None:
    """Read every word of a binary state, whatever its case and blanks."""
    assert read_value(role, word) == value


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("word", ["unavailable", "unknown", "None", "", "  ", "Unavailable"])
def test_missing_words(role: Role, word: str) -> None:
    """Read nothing from a state that says nothing, for every role."""
    assert read_value(role, word) is None


@pytest.mark.parametrize("role", _PLAIN_BINARY)
@pytest.mark.parametrize("word", ["banana", "1", "21.5", "playing"])
def test_foreign_words(role: Role, word: str) -> None:
    """Read nothing from words that are no state of a binary role."""
    assert read_value(role, word) is None


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("playing", 1.0),
        ("on", 1.0),
        ("buffering", 1.0),
        ("paused", 0.0),
        ("idle", 0.0),
        ("standby", 0.0),
        ("off", 0.0),
        ("open", None),
    ],
)
def test_media(word: str, value: float | None) -> None:
    """Tell playing from paused."""
    assert read_value(Role.MEDIA, word) == value


@pytest.mark.parametrize(
    ("word", "value"),
    [("home", 1.0), ("Home", 1.0), ("on", 1.0), ("not_home", 0.0), ("off", 0.0), ("Grandma's", 0.0)],
)
def test_person(word: str, value: float) -> None:
    """Take any zone but home for away, and a switch for what it says."""
    assert read_value(Role.PERSON, word) == value


@pytest.mark.parametrize("role", [*_NUMERIC, Role.GENERIC])
@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "12,5", "12 W", "warm", "0x10"])
def test_no_number(role: Role, text: str) -> None:
    """Read nothing from what is no finite number."""
    assert read_value(role, text) is None


def test_numbers() -> None:
    """Read numbers into the canonical unit, and nothing from a foreign unit or an impossible value."""
    assert read_value(Role.TEMPERATURE, "68", "°F") == pytest.approx(20.0)
    assert read_value(Role.TEMPERATURE, " 21.50 ") == 21.5
    assert read_value(Role.TEMPERATURE, "21.5", "W") is None
    assert read_value(Role.CO2, "0", "ppm") is None
    assert read_value(Role.GENERIC, "3.5", "m/s") == 3.5
    assert read_value(Role.TEMPERATURE, "on") is None


def test_parse_sample() -> None:
    """Give a good sample or a missing one, never none at all."""
    assert parse_sample(Role.MOTION, 12.0, "on") == Sample(12.0, 1.0, Quality.GOOD)
    missing = parse_sample(Role.MOTION, 13.0, "unavailable")
    assert (missing.t, missing.quality) == (13.0, Quality.MISSING)
    assert math.isnan(missing.value)


@given(role=st.sampled_from(list(Role)), text=st.text(max_size=20), unit=st.none() | st.text(max_size=5))
def test_any_text_is_survived(role: Role, text: str, unit: str | None) -> None:
    """Give nothing or a value within the role's limits for any text and unit."""
    value = read_value(role, text, unit)
    spec = ROLE_SPECS[role]
    assert value is None or spec.low <= value <= spec.high
