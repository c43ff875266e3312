"""A home that was watched for eleven days, learned once."""

from __future__ import annotations

import pytest

from .home import DAY, T0, Lived, Readings, born, readings


@pytest.fixture(scope="session", name="lived")
def lived_fixture() -> tuple[Lived, Readings]:
    """Return a watch after eleven quiet days, and what the home says for eighteen."""
    given = readings(18.0)
    return born().walk(given, T0 + 11.0 * DAY), given
