"""What the user said, by whatever button, told on the bus: the logbook shows it with their name."""

from collections.abc import Iterable

from homeassistant.const import ATTR_ENTITY_ID, ATTR_NAME
from homeassistant.core import Context, HomeAssistant, callback

from .const import ATTR_MESSAGE, EVENT_ANSWER
from .data import InklingConfigEntry


@callback
def tell_answer(
    hass: HomeAssistant, entry: InklingConfigEntry, answer: str, entity_ids: Iterable[str], context: Context
) -> None:
    """Fire one event for each entity; `answer` is what was said, as a key of a sentence."""
    runtime = entry.runtime_data
    message = runtime.phrases[f"answer_{answer}"]
    for entity_id in sorted(entity_ids):
        told = {ATTR_ENTITY_ID: entity_id, ATTR_NAME: runtime.name_of(entity_id), ATTR_MESSAGE: message}
        hass.bus.async_fire(EVENT_ANSWER, {**told, "answer": answer}, context=context)
