"""Tools for a language model: who is where, what comes, what is failing and why; read-only, of what is exposed."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import override

from homeassistant.components.homeassistant import async_should_expose
from homeassistant.components.llm import LLMTools
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, intent
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext, Tool, ToolAnnotations, ToolInput, ToolResult
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .const import CONF_PEOPLE, DOMAIN
from .data import InklingConfigEntry
from .ingest import standing_state
from .llm_answers import Exposed, faults_of, forecast_of, occupancy_of, people_of, plain
from .rooms import monitors_of
from .targets import loaded_entry, occupancy_entity

# An answer is read by a model with a small window, and paid for by the word.
ROOMS_LIMIT, FAULTS_LIMIT = 50, 20
_READ_ONLY = ToolAnnotations(read_only=True, destructive=False, idempotent=True, open_world=False)
_ROOM = "room"
_PROMPT = (
    "Inkling judges rooms by their sensors. Its answers are probabilities: pass them on as such. "
    "It knows that somebody is in a room, not who. A null means that it is not known."
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A room, or the home, that may be told of."""

    monitor: str
    name: str
    names: frozenset[str]
    """Every name somebody may call it by, in lower case."""
    is_home: bool


@callback
def async_get_tools(hass: HomeAssistant, llm_context: LLMContext, api_id: str) -> LLMTools | None:
    """Return the tools that have something exposed to tell of; None without any."""
    entry = loaded_entry(hass)
    if api_id != LLM_API_ASSIST or not llm_context.assistant or entry is None:
        return None
    tools: list[Tool] = []
    if names := [place.name for place in _places(hass, entry, llm_context)]:
        tools += [OccupancyTool(names), ForecastTool(names)]
    if _exposed_devices(hass, entry, llm_context):
        tools.append(FaultsTool())
    return LLMTools(tools=tools, prompt=_PROMPT) if tools else None


def _exposed(hass: HomeAssistant, llm_context: LLMContext) -> Exposed:
    """Return what tells whether an entity may be spoken of."""
    return lambda entity_id: async_should_expose(hass, llm_context.assistant, entity_id)


def _places(hass: HomeAssistant, entry: InklingConfigEntry, llm_context: LLMContext) -> list[_Place]:
    """Return the rooms whose occupancy is exposed, and the home if its is."""
    found = []
    may_tell, registry = _exposed(hass, llm_context), er.async_get(hass)
    for monitor in monitors_of(entry):
        entity_id = occupancy_entity(hass, monitor.id)
        if entity_id is None or not may_tell(entity_id):
            continue
        registered, state = registry.async_get(entity_id), standing_state(hass, entity_id)
        called = intent.async_get_entity_aliases(hass, registered, state=state) if state is not None else []
        name = plain(monitor.title)
        names = frozenset(plain(text).casefold() for text in (name, *called))
        found.append(_Place(monitor.id, name, names, monitor.subentry_id is None))
    return found[:ROOMS_LIMIT]


def _exposed_devices(hass: HomeAssistant, entry: InklingConfigEntry, llm_context: LLMContext) -> Mapping[str, str]:
    """Return the names of the watched devices whose fault is exposed, by monitor."""
    may_tell, registry = _exposed(hass, llm_context), er.async_get(hass)
    found = {}
    for monitor in entry.runtime_data.faults.monitors.values():
        entity_id = registry.async_get_entity_id("binary_sensor", DOMAIN, f"{monitor.id}_fault")
        if entity_id is not None and may_tell(entity_id):
            found[monitor.id] = plain(monitor.title)
    return found


class InklingTool(Tool):
    """A tool that answers from the entry that runs."""

    annotations = _READ_ONLY
    integration = DOMAIN

    @override
    async def async_call(self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext) -> ToolResult:
        """Answer, or say in one sentence why not."""
        try:
            arguments = self.parameters(tool_input.tool_args)
        except vol.Invalid as error:
            return ToolResult(data={"error": plain(str(error))}, error=True)
        if (entry := loaded_entry(hass)) is None:
            return ToolResult(data={"error": "Inkling is not loaded"}, error=True)
        return self._answer(hass, entry, llm_context, arguments)

    @abstractmethod
    def _answer(
        self, hass: HomeAssistant, entry: InklingConfigEntry, llm_context: LLMContext, arguments: Mapping[str, str]
    ) -> ToolResult:
        """Answer."""


class RoomsTool(InklingTool):
    """A tool about one exposed room or all of them."""

    def __init__(self, names: list[str]) -> None:
        """Offer the rooms by name; any of their other names is understood too."""
        described = f"One of: {', '.join(names)}. Leave it out for all of them."
        self.parameters = vol.Schema({vol.Optional(_ROOM, description=described): str})

    @override
    def _answer(
        self, hass: HomeAssistant, entry: InklingConfigEntry, llm_context: LLMContext, arguments: Mapping[str, str]
    ) -> ToolResult:
        """Answer for the rooms that are asked about, as far as they are still exposed."""
        places = _places(hass, entry, llm_context)
        if (asked := arguments.get(_ROOM)) is not None:
            places = [place for place in places if plain(asked).casefold() in place.names]
        if not places:
            return ToolResult(data={"error": "There is no such room, or it is not exposed"}, error=True)
        return ToolResult(data=self._told(hass, entry, _exposed(hass, llm_context), places))

    @abstractmethod
    def _told(
        self, hass: HomeAssistant, entry: InklingConfigEntry, may_tell: Exposed, places: list[_Place]
    ) -> JsonObjectType:
        """Return what is told of some rooms."""


class OccupancyTool(RoomsTool):
    """Who is where."""

    name = f"{DOMAIN}__get_occupancy"
    title = "Get occupancy of rooms"
    description = (
        "Tell which rooms somebody is in now, how likely, since when and why, and whether anybody is at home. Use "
        "this for questions like 'Is anybody in the kitchen?', 'Where is everybody?' or 'Why is the office occupied?'"
    )

    @override
    def _told(
        self, hass: HomeAssistant, entry: InklingConfigEntry, may_tell: Exposed, places: list[_Place]
    ) -> JsonObjectType:
        """Return the newest verdict of each room, and the people who are exposed."""
        runtime = entry.runtime_data
        rooms: list[JsonObjectType] = [
            {"name": place.name, "is_whole_home": place.is_home, **occupancy_of(runtime, place.monitor, may_tell)}
            for place in places
        ]
        people = [entity_id for entity_id in entry.options.get(CONF_PEOPLE, ()) if may_tell(entity_id)]
        return {"rooms": [*rooms], "people": [*people_of(hass, people[:ROOMS_LIMIT])]}


class ForecastTool(RoomsTool):
    """What comes."""

    name = f"{DOMAIN}__get_forecast"
    title = "Get forecast of rooms"
    description = (
        "Tell how likely somebody will be in a room later today, when it is next occupied and when next empty. Use "
        "this for questions like 'When will somebody be home?' or 'Will the office be used this afternoon?'. Ask "
        "about one room to get its next 24 hours by the hour."
    )

    @override
    def _told(
        self, hass: HomeAssistant, entry: InklingConfigEntry, may_tell: Exposed, places: list[_Place]
    ) -> JsonObjectType:
        """Return the newest forecast of each room; the whole day where it is one."""
        rooms: list[JsonObjectType] = [
            {
                "name": place.name,
                "is_whole_home": place.is_home,
                **forecast_of(entry.runtime_data, place.monitor, with_hours=len(places) == 1),
            }
            for place in places
        ]
        return {"rooms": [*rooms]}


class FaultsTool(InklingTool):
    """What is failing, and why."""

    name = f"{DOMAIN}__get_faults"
    title = "Get faults of devices"
    description = (
        "Tell which watched sensors and appliances seem to fail, how, since when, how serious it is and what speaks "
        "for it. Use this for questions like 'Is anything broken?' or 'Why is there a fault on the fridge?'"
    )

    @override
    def _answer(
        self, hass: HomeAssistant, entry: InklingConfigEntry, llm_context: LLMContext, arguments: Mapping[str, str]
    ) -> ToolResult:
        """Return the alarms of the devices that are exposed, the worst first."""
        devices = _exposed_devices(hass, entry, llm_context)
        if not devices:
            return ToolResult(data={"error": "No watched device is exposed"}, error=True)
        told = faults_of(entry.runtime_data, devices, _exposed(hass, llm_context), FAULTS_LIMIT)
        return ToolResult(data=told)
