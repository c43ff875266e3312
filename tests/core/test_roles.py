"""What an entity is taken for."""

from __future__ import annotations

import pytest

from custom_components.inkling.core.roles import leads_out, suggested_role
from custom_components.inkling.core.units import Role


@pytest.mark.parametrize(
    ("domain", "device_class", "unit", "role"),
    [
        ("binary_sensor", "motion", None, Role.MOTION),
        ("binary_sensor", "smoke", None, None),
        ("media_player", "tv", None, Role.MEDIA),
        ("sensor", "temperature", "°F", Role.TEMPERATURE),
        ("sensor", "power", "bananas", None),
        ("sensor", None, None, None),
    ],
)
def test_a_role_is_told_by_domain_class_and_unit(
    domain: str, device_class: str | None, unit: str | None, role: Role | None
) -> None:
    """Know a role, fall back to the domain, and refuse a foreign unit."""
    assert suggested_role(domain, device_class, unit) is role


@pytest.mark.parametrize(
    ("entity_id", "name", "out"),
    [
        ("binary_sensor.d1", "Haustür", True),
        ("binary_sensor.front_door", "", True),
        ("binary_sensor.bedroom", "Bedroom door", False),
    ],
)
def test_a_door_that_leads_out_says_so(entity_id: str, name: str, out: bool) -> None:  # noqa: FBT001
    """Find the words in either text, in any case."""
    assert leads_out(entity_id, name) is out
