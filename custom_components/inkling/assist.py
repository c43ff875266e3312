"""Lets Assist answer what people ask about rooms and devices, without files that they copy."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING

from homeassistant.components.homeassistant import async_should_expose
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, entity_registry as er
from homeassistant.util import dt as dt_util, language as language_util

from .assist_sentences import LEAD, Question, minutes_ahead, sentences
from .const import DOMAIN
from .data import InklingConfigEntry
from .expected import chance_at, occupied_now
from .fault_status import is_serious
from .phrases import Phrases, async_load_phrases
from .rooms import RoomConfig, rooms_of
from .targets import occupancy_entity

if TYPE_CHECKING:
    from hassil.recognize import RecognizeResult
    from homeassistant.components.conversation import ConversationInput

ASSISTANT = "conversation"
_LANGUAGES = ("en", "zh-Hans", "de", "fr", "nl")
_FARTHEST_MINUTES = 1440.0

type Answer = Callable[[Phrases, RecognizeResult], str]
type Handler = Callable[[ConversationInput, RecognizeResult], Awaitable[str | None]]


@callback
def start_assist(hass: HomeAssistant, entry: InklingConfigEntry) -> CALLBACK_TYPE:
    """Listen for questions where there is an Assist; return what ends it."""
    if ASSISTANT not in hass.config.components:
        return lambda: None
    found = Assist(hass, entry)
    found.listen()
    stop = hass.bus.async_listen(ar.EVENT_AREA_REGISTRY_UPDATED, found.handle_areas)

    @callback
    def end() -> None:
        """Hear nothing more."""
        stop()
        found.end()

    return end


@dataclass(frozen=True, slots=True)
class _Asked:
    """A room that is asked about, and the entity that must be exposed for an answer."""

    id: str
    name: str
    entity_id: str


class Assist:
    """Hears questions and answers them in the language they were asked in."""

    def __init__(self, hass: HomeAssistant, entry: InklingConfigEntry) -> None:
        """Prepare."""
        self._hass = hass
        self._entry = entry
        self._stops: list[CALLBACK_TYPE] = []

    @callback
    def listen(self) -> None:
        """Register every sentence."""
        self._register(sentences(Question.ROOMS), self._answer_rooms)
        self._register(sentences(Question.FAILING), self._answer_failing)
        for room in rooms_of(self._entry).values():
            if (asked := self._asked(room)) is not None:
                names = self._names(room)
                self._register(sentences(Question.NOW, names), partial(self._answer_now, asked))
                self._register(sentences(Question.LATER, names), partial(self._answer_later, asked))

    @callback
    def end(self) -> None:
        """Forget every sentence."""
        while self._stops:
            self._stops.pop()()

    @callback
    def handle_areas(self, _: Event[ar.EventAreaRegistryUpdatedData]) -> None:
        """Listen for what rooms are called now."""
        self.end()
        self.listen()

    def _register(self, texts: list[str], answer: Answer) -> None:
        """Let Assist hand on what sounds like this."""
        # Its packages are there only where Assist is.
        from homeassistant.components.conversation.agent_manager import get_agent_manager  # noqa: PLC0415

        async def handle(asked: ConversationInput, result: RecognizeResult) -> str:
            """Answer in the language of the question."""
            matches = language_util.matches(asked.language, _LANGUAGES)
            return answer(await async_load_phrases(self._hass, next(iter(matches), "en")), result)

        self._stops.append(get_agent_manager(self._hass).register_trigger(texts, handle))

    def _names(self, room: RoomConfig) -> list[str]:
        """Return what a room is called: as it was set up, and as its area is."""
        area = ar.async_get(self._hass).async_get_area(room.area_id)
        return [room.title] if area is None else [room.title, area.name, *sorted(area.aliases)]

    def _asked(self, room: RoomConfig) -> _Asked | None:
        """Return a room with the entity that stands for it."""
        entity_id = occupancy_entity(self._hass, room.id)
        return None if entity_id is None else _Asked(room.id, room.title, entity_id)

    def _is_exposed(self, entity_id: str) -> bool:
        """Return whether its user lets Assist tell of an entity."""
        return async_should_expose(self._hass, ASSISTANT, entity_id)

    def _answer_now(self, room: _Asked, phrases: Phrases, _: RecognizeResult) -> str:
        """Say whether somebody is in a room."""
        if not self._is_exposed(room.entity_id):
            return _filled(phrases["assist_hidden"], room=room.name)
        keys = {True: "assist_occupied", False: "assist_vacant", None: "assist_unknown"}
        return _filled(phrases[keys[occupied_now(self._entry, room.id)]], room=room.name)

    def _answer_later(self, room: _Asked, phrases: Phrases, result: RecognizeResult) -> str:
        """Say how probable it is that somebody will be in a room."""
        if not self._is_exposed(room.entity_id):
            return _filled(phrases["assist_hidden"], room=room.name)
        minutes = minutes_ahead(str(result.entities[LEAD].value))
        if minutes is None or minutes >= _FARTHEST_MINUTES:
            return phrases["assist_lead"]
        forecasting = self._entry.runtime_data.forecasting
        moment = dt_util.utcnow().timestamp() + minutes * 60.0
        chance = chance_at(forecasting.outlooks[room.id], moment)
        at = {"room": room.name, "time": f"{dt_util.as_local(dt_util.utc_from_timestamp(moment)):%H:%M}"}
        if chance is None:
            return _filled(phrases["assist_will_unknown"], **at)
        key = "assist_will" if chance >= forecasting.options.threshold else "assist_will_not"
        return _filled(phrases[key], percent=f"{chance * 100.0:.0f}", **at)

    def _answer_rooms(self, phrases: Phrases, _: RecognizeResult) -> str:
        """Say where somebody is, and of which rooms nothing is known."""
        rooms = [self._asked(room) for room in rooms_of(self._entry).values()]
        exposed = [room for room in rooms if room is not None and self._is_exposed(room.entity_id)]
        if not exposed:
            return phrases["assist_none_exposed"]
        states = {room.name: occupied_now(self._entry, room.id) for room in exposed}
        told = []
        if found := [name for name, occupied in states.items() if occupied]:
            told.append(_filled(phrases["assist_rooms"], rooms=_listed(phrases, found)))
        if unknown := [name for name, occupied in states.items() if occupied is None]:
            told.append(_filled(phrases["assist_rooms_unknown"], rooms=_listed(phrases, unknown)))
        return " ".join(told) or phrases["assist_rooms_empty"]

    def _answer_failing(self, phrases: Phrases, _: RecognizeResult) -> str:
        """Say what is failing, and how."""
        faults, registry = self._entry.runtime_data.faults, er.async_get(self._hass)
        ids = {
            monitor_id: registry.async_get_entity_id("binary_sensor", DOMAIN, f"{monitor_id}_fault")
            for monitor_id in faults.monitors
        }
        exposed = [monitor_id for monitor_id, entity_id in ids.items() if entity_id and self._is_exposed(entity_id)]
        if not exposed:
            return phrases["assist_none_watched"]
        # A sensor may be watched by itself and with every other one.
        alarms = dict.fromkeys(alarm for monitor_id in exposed for alarm in faults.statuses[monitor_id].alarms)
        found = [
            _filled(
                phrases["assist_fault"],
                name=faults.speaker.title(alarm),
                type=phrases[f"fault_type_{alarm.fault}"],
            )
            for alarm in alarms
            if is_serious(alarm)
        ]
        return _filled(phrases["assist_failing"], faults=_listed(phrases, found)) if found else phrases["assist_well"]


def _filled(text: str, **values: str) -> str:
    """Return a sentence with its blanks filled."""
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def _listed(phrases: Phrases, items: Iterable[str]) -> str:
    """Return several things as a language lists them."""
    return reduce(lambda first, second: _filled(phrases["assist_list"], first=first, second=second), items)
