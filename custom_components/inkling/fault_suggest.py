"""Which entities of a home can be watched for faults, and what a device seems to be."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
import re

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import DOMAIN
from .core.units import Role
from .rooms import RoleEntities
from .suggest import area_of, role_of

# What people switch is no sensor: a lamp that stays on for a week is no fault.
_SWITCHED = frozenset({Role.LIGHT, Role.MEDIA, Role.PERSON})
_GENERIC_CLASSES = frozenset(
    {
        "atmospheric_pressure",
        "pressure",
        "pm1",
        "pm10",
        "pm25",
        "volatile_organic_compounds",
        "volatile_organic_compounds_parts",
        "moisture",
        "ph",
        "wind_speed",
        "volume_flow_rate",
        "water",
    }
)
_GENERIC_SWITCHES = frozenset({"moisture", "smoke", "gas", "carbon_monoxide", "heat", "cold", "tamper"})
_ON_OFF_DOMAINS = frozenset({"binary_sensor", "switch", "input_boolean", "fan", "cover"})
_MOST_PEERS = 6
# Words of the languages most homes are named in; the first kind that fits wins.
_KIND_WORDS = {
    "freezer": r"freezer|gefrier|tiefk|vriezer|cong[eé]l|frys",
    "fridge": r"fridge|refrigerat|k[uü]hl|koelkast|frigo|kylsk|nevera",
    "dishwasher": r"dish ?_?wash|sp[uü]lmasch|geschirr|vaatwas|lave_?-?vaisselle|lavastoviglie|diskmaskin|lavavajillas",
    "dryer": r"dryer|trockner|droger|s[eè]che_?-?linge|asciugatrice|torktumlare|secadora",
    "washing_machine": r"wash|waschm|wasmachine|lave_?-?linge|lavatrice|tv[aä]ttmaskin|lavadora",
    "heat_pump": r"heat_?-? ?pump|w[aä]rmepumpe|warmtepomp|pompe_? ?[aà]_? ?chaleur|pompa_? ?di_? ?calore|v[aä]rmepump",
    "water_heater": r"water_?-? ?heater|boiler|warmwasser|chauffe_?-?eau|scaldabagno|varmvatten",
    "pump": r"pump|pomp",
    "heating_zone": r"radiator|heating|thermostat|heizung|verwarming|chauffage|riscaldamento|trv|underfloor",
}
_KINDS = {kind: re.compile(words) for kind, words in _KIND_WORDS.items()}


def is_on_off(entity_id: str) -> bool:
    """Return whether an entity is only on or off."""
    return entity_id.split(".", 1)[0] in _ON_OFF_DOMAINS


@callback
def watch_role(entry: er.RegistryEntry) -> Role | None:
    """Return the role an entity would be watched in, None for one that is no sensor or is not in use."""
    role = role_of(entry)
    if role is not None:
        return None if role in _SWITCHED else role
    if entry.platform == DOMAIN or entry.disabled_by or entry.hidden_by or entry.entity_category:
        return None
    device_class = entry.device_class or entry.original_device_class
    if entry.domain == "sensor" and device_class in _GENERIC_CLASSES:
        return Role.GENERIC
    return Role.GENERIC if entry.domain == "binary_sensor" and device_class in _GENERIC_SWITCHES else None


def _by_role(found: Iterable[tuple[Role | None, str]]) -> dict[Role, list[str]]:
    """Return entities by role, each list sorted."""
    roles: defaultdict[Role, list[str]] = defaultdict(list)
    for role, entity_id in found:
        if role is not None:
            roles[role].append(entity_id)
    return {role: sorted(entity_ids) for role, entity_ids in roles.items()}


@callback
def watchable_roles(hass: HomeAssistant, excluded: frozenset[str] = frozenset()) -> dict[Role, list[str]]:
    """Return every sensor of the home by role, without those the user left out."""
    entries = er.async_get(hass).entities.values()
    return _by_role((watch_role(entry), entry.entity_id) for entry in entries if entry.entity_id not in excluded)


@callback
def roles_of_device(hass: HomeAssistant, device_id: str) -> dict[Role, list[str]]:
    """Return a device's sensors by role."""
    entries = er.async_entries_for_device(er.async_get(hass), device_id)
    return _by_role((watch_role(entry), entry.entity_id) for entry in entries)


@callback
def roles_of_entities(hass: HomeAssistant, entity_ids: Iterable[str]) -> dict[Role, list[str]]:
    """Return chosen entities by role; what suggests no role is taken for anything else."""
    registry = er.async_get(hass)
    found = []
    for entity_id in entity_ids:
        entry = registry.async_get(entity_id)
        found.append(((None if entry is None else watch_role(entry)) or Role.GENERIC, entity_id))
    return _by_role(found)


@callback
def suggested_peers(hass: HomeAssistant, roles: RoleEntities) -> list[str]:
    """Return sensors that measure the same elsewhere, those of the same areas first."""
    registry = er.async_get(hass)
    chosen = {entity_id: registry.async_get(entity_id) for found in roles.values() for entity_id in found}
    areas = {area_of(hass, entry) for entry in chosen.values() if entry is not None}
    devices = {entry.device_id for entry in chosen.values() if entry is not None and entry.device_id is not None}
    found = [
        entry
        for entry in registry.entities.values()
        if _is_peer(entry, roles) and entry.entity_id not in chosen and entry.device_id not in devices
    ]
    found.sort(key=lambda entry: (area_of(hass, entry) not in areas, entry.entity_id))
    return [entry.entity_id for entry in found[:_MOST_PEERS]]


@callback
def _is_peer(entry: er.RegistryEntry, roles: RoleEntities) -> bool:
    """Return whether an entity measures the same as something watched; what is generic may measure anything."""
    role = watch_role(entry)
    return role is not Role.GENERIC and role in roles


@callback
def suggested_kind(hass: HomeAssistant, device_id: str | None, roles: RoleEntities) -> str:
    """Return what a device seems to be, by its name, its model and the names of its entities."""
    texts = [entity_id for found in roles.values() for entity_id in found]
    device = None if device_id is None else dr.async_get(hass).async_get(device_id)
    if device is not None:
        # A child device has no model of its own.
        texts += [device.name_by_user or "", device.name or "", getattr(device, "model", None) or ""]
    text = " ".join(texts).lower()
    return next((kind for kind, words in _KINDS.items() if words.search(text)), "sensor")


def chosen_peers(hass: HomeAssistant, entity_ids: Iterable[str], roles: Mapping[Role, object]) -> dict[Role, list[str]]:
    """Return peers by role; one that measures nothing of what is watched tells nothing about it."""
    found = roles_of_entities(hass, entity_ids)
    return {role: peers for role, peers in found.items() if role in roles}
