"""What the recorder has written, read out of its database."""

from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.db_schema import StateAttributes, States, StatesMeta
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from sqlalchemy import select

from custom_components.inkling.const import DOMAIN


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an entity's history."""

    entity_id: str
    t: float
    attributes: str

    @property
    def attribute_bytes(self) -> int:
        """Return the size of its attributes in the database."""
        return len(self.attributes.encode())


async def our_rows(hass: HomeAssistant) -> list[Row]:
    """Return every row of our entities, once the recorder has written what it heard."""
    await async_wait_recording_done(hass)
    ours = {row.entity_id for row in er.async_get(hass).entities.values() if row.platform == DOMAIN}
    found = await get_instance(hass).async_add_executor_job(lambda: list(_rows(hass)))
    return [row for row in found if row.entity_id in ours]


def _rows(hass: HomeAssistant) -> Iterator[Row]:
    """Yield all rows of the database; one that stands for a removed entity has no attributes."""
    query = (
        select(StatesMeta.entity_id, States.last_updated_ts, StateAttributes.shared_attrs)
        .join(StatesMeta, States.metadata_id == StatesMeta.metadata_id)
        .outerjoin(StateAttributes, States.attributes_id == StateAttributes.attributes_id)
    )
    with session_scope(hass=hass, read_only=True) as session:
        for entity_id, t, attributes in session.execute(query):
            yield Row(str(entity_id), float(t), attributes or "")
