"""The core against Home Assistant itself: units of every device class, and its own time-weighted mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
import math

from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS, UNIT_CONVERTERS, SensorDeviceClass
from homeassistant.components.sensor.recorder import _time_weighted_arithmetic_mean
from homeassistant.core import State
from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.inkling.core.grid import locate, make_spans, step_edges, time_weighted
from custom_components.inkling.core.units import ROLE_SPECS, Role, is_readable_unit, to_canonical

_CLASSES = {
    Role.POWER: SensorDeviceClass.POWER,
    Role.ILLUMINANCE: SensorDeviceClass.ILLUMINANCE,
    Role.CO2: SensorDeviceClass.CO2,
    Role.TEMPERATURE: SensorDeviceClass.TEMPERATURE,
    Role.HUMIDITY: SensorDeviceClass.HUMIDITY,
    Role.SOUND: SensorDeviceClass.SOUND_PRESSURE,
}
_UNITS = [(role, unit) for role, kind in _CLASSES.items() for unit in sorted(map(str, DEVICE_CLASS_UNITS[kind]))]


@pytest.mark.parametrize(("role", "unit"), _UNITS)
def test_every_unit_of_home_assistant_is_readable(role: Role, unit: str) -> None:
    """Read every unit that Home Assistant allows a device class to have."""
    assert is_readable_unit(role, unit)


@pytest.mark.parametrize(("role", "unit"), _UNITS)
def test_conversions_agree(role: Role, unit: str) -> None:
    """Convert as Home Assistant does, over the whole of what can be true."""
    spec = ROLE_SPECS[role]
    converter = UNIT_CONVERTERS.get(_CLASSES[role])
    for value in np.linspace(spec.low, spec.high, 23)[1:-1].tolist():
        shown = converter.convert(value, spec.unit, unit) if converter else value
        found = to_canonical(role, shown, unit)
        assert found == pytest.approx(value, rel=1e-9, abs=1e-9)


_START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_STEP_SECONDS = 300.0


@given(
    readings=st.dictionaries(st.integers(-3_600_000, 299_999), st.floats(-1e5, 1e5, width=32), min_size=1, max_size=30)
)
@settings(deadline=None, max_examples=300)
def test_mean_is_home_assistants_own(readings: dict[int, float]) -> None:
    """Agree with the mean of Home Assistant's five-minute statistics on any series that has a state in them."""
    moments = [(_START + timedelta(milliseconds=offset), value) for offset, value in sorted(readings.items())]
    end = _START + timedelta(seconds=_STEP_SECONDS)
    # The recorder hands over the last state before the start, then every state within.
    before = [item for item in moments if item[0] <= _START][-1:]
    within = [item for item in moments if item[0] > _START]
    states = [(value, State("sensor.x", str(value), last_updated=moment)) for moment, value in before + within]
    expected = _time_weighted_arithmetic_mean(states, _START, end)
    times = np.array([moment.timestamp() for moment, _ in moments])
    values = np.array([value for _, value in moments], dtype=np.float32)
    edges = step_edges(np.array([end.timestamp()]), 1, _STEP_SECONDS)
    spans = make_spans([times], [values], np.array([math.inf]), end.timestamp())
    ((mean,),), ((share,),) = (found[0] for found in time_weighted(spans, locate(spans, edges)))
    first = max(moments[0][0], _START)
    assert share == pytest.approx((end - first).total_seconds() / _STEP_SECONDS, abs=1e-6)
    # Epoch seconds in float64 are 0.24 µs apart: of a state that stood for a millisecond that is no longer nothing.
    known_seconds = (end - first).total_seconds()
    slack = np.ptp([0.0, *(value for _, value in moments)]) * 1e-6 / known_seconds
    assert mean == pytest.approx(expected, rel=1e-4, abs=1e-2 + slack)
