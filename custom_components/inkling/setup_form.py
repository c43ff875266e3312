"""The form of the first step: rooms to tick, what was found in each, and the home's own things out of the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
import voluptuous as vol

from .const import CONF_EXIT_DOORS, CONF_PEOPLE, CONF_ROOMS, CONF_WATCH_EVERYTHING
from .core.units import Role
from .fault_suggest import watchable_roles
from .forms import home_schema
from .ingest import says_something
from .setup_areas import FoundRoom, described, found_rooms, label
from .suggest import suggested_exit_doors, suggested_people

HOME = "home"
IMPORT = "import"
CONF_PASTED = "pasted"


@dataclass(slots=True)
class Draft:
    """What the form is filled with: all the rooms there are to tick, and what is ticked now."""

    rooms: list[FoundRoom]
    scanty: list[FoundRoom]
    people: list[str]
    exit_doors: list[str]
    watch_everything: bool = True
    ticked: list[str] = field(default_factory=list)
    imported: int = 0
    pasted: str = ""

    def take_answer(self, user_input: Mapping[str, Any]) -> None:
        """Keep what the user answered."""
        home = user_input.get(HOME, {})
        self.people, self.exit_doors = home.get(CONF_PEOPLE, []), home.get(CONF_EXIT_DOORS, [])
        self.ticked = user_input.get(CONF_ROOMS, [])
        self.watch_everything = user_input.get(CONF_WATCH_EVERYTHING, False)
        self.pasted = user_input.get(IMPORT, {}).get(CONF_PASTED, "").strip()

    def take_imported(self, rooms: Iterable[FoundRoom]) -> None:
        """Tick imported rooms as they were; the home's other areas stay on offer, unticked."""
        found = {room.area_id: room for room in rooms}
        self.rooms = [*found.values(), *(room for room in self.rooms if room.area_id not in found)]
        self.scanty = [room for room in self.scanty if room.area_id not in found]
        self.ticked = list(found)
        self.imported = len(found)
        self.pasted = ""

    @property
    def home_roles(self) -> dict[Role, list[str]]:
        """Return what belongs to the home as a whole, by role."""
        return {Role.PERSON: self.people, Role.DOOR: self.exit_doors}

    @property
    def chosen(self) -> list[FoundRoom]:
        """Return the ticked rooms."""
        return [room for room in self.rooms if room.area_id in self.ticked]


@callback
def new_draft(hass: HomeAssistant) -> Draft:
    """Return a draft with every area that has enough ticked, and what the registries suggest."""
    found = found_rooms(hass)
    rooms = [room for room in found if room.is_enough]
    return Draft(
        rooms=rooms,
        scanty=[room for room in found if not room.is_enough],
        # A person without a tracker stays unknown for ever.
        people=[entity_id for entity_id in suggested_people(hass) if says_something(hass, entity_id)],
        exit_doors=suggested_exit_doors(hass),
        ticked=[room.area_id for room in rooms],
    )


@callback
def setup_schema(hass: HomeAssistant, draft: Draft, phrases: Mapping[str, str]) -> vol.Schema:
    """Return the form; what there is nothing of is not asked for."""
    fields: dict[vol.Marker, Any] = {}
    if draft.rooms:
        rows = [SelectOptionDict(value=room.area_id, label=label(room, phrases)) for room in draft.rooms]
        config = SelectSelectorConfig(options=rows, multiple=True, mode=SelectSelectorMode.LIST)
        fields[vol.Optional(CONF_ROOMS, description={"suggested_value": draft.ticked})] = SelectSelector(config)
    if watchable_roles(hass):
        fields[vol.Required(CONF_WATCH_EVERYTHING, default=draft.watch_everything)] = BooleanSelector()
    home = vol.Schema(home_schema(hass, draft.exit_doors, draft.people))
    fields[vol.Optional(HOME)] = section(home, {"collapsed": True})
    pasted = vol.Optional(CONF_PASTED, description={"suggested_value": draft.pasted})
    text = vol.Schema({pasted: TextSelector(TextSelectorConfig(multiline=True))})
    fields[vol.Optional(IMPORT)] = section(text, {"collapsed": not draft.pasted})
    return vol.Schema(fields)


def note(draft: Draft, phrases: Mapping[str, str]) -> str:
    """Return what is to be said above the list: what was imported, what has too little, or that there is nothing."""
    lines = []
    if draft.imported:
        lines.append(phrases["setup_imported"].replace("{count}", str(draft.imported)))
    elif not draft.rooms:
        lines.append(phrases["setup_none"])
    if draft.scanty:
        named = "; ".join(f"{room.name} ({described(room.roles, phrases)})" for room in draft.scanty)
        lines.append(phrases["setup_scanty"].replace("{areas}", named))
    return "\n\n".join(lines)
