"""The home's clock against UTC."""

from datetime import UTC, datetime

from homeassistant.core import HomeAssistant
import pytest

from custom_components.inkling.clock import utc_offset_seconds


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), 2.0),
        (datetime(2026, 10, 25, 1, 1, tzinfo=UTC), 1.0),
        (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), 2.0),
    ],
)
async def test_offset_follows_daylight_saving(hass: HomeAssistant, moment: datetime, hours: float) -> None:
    """Tell the offset of the moment asked about, not of now."""
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    assert utc_offset_seconds(moment.timestamp()) == hours * 3600.0
