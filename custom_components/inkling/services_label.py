"""The action `label`: somebody says what was so, and the home takes their word for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .answers import tell_answer
from .const import DOMAIN
from .core.faults.classes import FaultClass
from .core.labels import FAULT_PREFIX, LEAST_SECONDS, NORMAL, OCCUPIED, VACANT
from .data import InklingConfigEntry
from .fault_entity import iso
from .labelling import Added
from .services_fault import LONGEST_LABEL, alarm_began, async_signals
from .targets import async_targets, needed_entry

SERVICE_LABEL = "label"
ATTR_LABEL, ATTR_FAULT_TYPE, ATTR_START, ATTR_END = "label", "fault_type", "start", "end"
FAULT = "fault"
OLDEST = timedelta(days=400)
# A button's clock may be a little ahead of ours.
_SLACK = timedelta(seconds=60)
_LABELS = [OCCUPIED, VACANT, NORMAL, FAULT, *(f"{FAULT_PREFIX}{kind}" for kind in FaultClass)]
SCHEMA = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required(ATTR_LABEL): vol.In(_LABELS),
        vol.Optional(ATTR_FAULT_TYPE): vol.In(list(map(str, FaultClass))),
        vol.Optional(ATTR_START): cv.datetime,
        vol.Optional(ATTR_END): cv.datetime,
    }
)


@callback
def async_setup_label_services(hass: HomeAssistant) -> None:
    """Register the action, which exists whether or not an entry is loaded."""

    async def label(call: ServiceCall) -> ServiceResponse:
        """Take a user's word, and answer with what was made of it."""
        entry = needed_entry(hass)
        text, times = _label_of(call.data), _times_of(call.data)
        if text in (OCCUPIED, VACANT):
            return await _async_label_rooms(hass, entry, call, text, times)
        return await _async_label_signals(hass, entry, call, text, times)

    hass.services.async_register(DOMAIN, SERVICE_LABEL, label, SCHEMA, supports_response=SupportsResponse.OPTIONAL)


def _label_of(data: Mapping[str, Any]) -> str:
    """Return the label as traces write it."""
    text: str = data[ATTR_LABEL]
    if ATTR_FAULT_TYPE in data and text != FAULT:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="label_fault_type")
    return f"{FAULT_PREFIX}{data.get(ATTR_FAULT_TYPE, FaultClass.UNKNOWN)}" if text == FAULT else text


def _times_of(data: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return start and end in epoch seconds, None where left out; a time without a zone is of this home's wall."""
    start, end = (_utc(data.get(key)) for key in (ATTR_START, ATTR_END))
    now = dt_util.utcnow()
    if max(start or now, end or now) > now + _SLACK:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="label_future")
    last = min(end or now, now)
    if start is not None and (last - start).total_seconds() < LEAST_SECONDS:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="label_backwards")
    if start is not None and last - start > LONGEST_LABEL:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="label_long",
            translation_placeholders={"days": str(LONGEST_LABEL.days)},
        )
    if min(start or last, last) < now - OLDEST:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="label_old", translation_placeholders={"days": str(OLDEST.days)}
        )
    return None if start is None else start.timestamp(), None if end is None else last.timestamp()


def _utc(moment: datetime | None) -> datetime | None:
    """Return a moment in UTC."""
    return None if moment is None else dt_util.as_utc(moment)


def _check_target(call: ServiceCall) -> None:
    """Refuse a label about nothing in particular: everything at once is nobody's meaning."""
    if not any(key in call.data for key in cv.ENTITY_SERVICE_FIELDS):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="label_no_target")


async def _async_label_rooms(
    hass: HomeAssistant,
    entry: InklingConfigEntry,
    call: ServiceCall,
    text: str,
    times: tuple[float | None, float | None],
) -> ServiceResponse:
    """Label every targeted room once, or the home."""
    _check_target(call)
    found = await async_targets(hass, entry, call, POLICY_CONTROL)
    labelling = entry.runtime_data.labelling
    added = {monitor: labelling.add(monitor, text, *times, None) for monitor in dict.fromkeys(found.values())}
    about = {monitor: entity_id for entity_id, monitor in reversed(found.items())}
    tell_answer(hass, entry, text, about.values(), call.context)
    return {entity_id: _response(added[monitor]) for entity_id, monitor in found.items()}


async def _async_label_signals(
    hass: HomeAssistant,
    entry: InklingConfigEntry,
    call: ServiceCall,
    text: str,
    times: tuple[float | None, float | None],
) -> ServiceResponse:
    """Label every targeted signal; without a start, from when its alarm began."""
    _check_target(call)
    signals = await async_signals(hass, entry, call, POLICY_CONTROL)
    labelling, faults = entry.runtime_data.labelling, entry.runtime_data.faults
    response: JsonObjectType = {}
    for signal in sorted(signals):
        added = labelling.add(signal, text, *times, alarm_began(faults, signal))
        response[faults.speaker.entity_of[signal]] = _response(added)
    tell_answer(hass, entry, NORMAL if text == NORMAL else FAULT, response, call.context)
    return response


def _response(added: Added) -> JsonObjectType:
    """Return what was made of a label."""
    return {
        "id": added.label.id,
        "label": added.label.label,
        "start": iso(added.label.start),
        "end": iso(added.label.end),
        "replaced": added.replaced,
        "held_until": None if added.held_until is None else iso(added.held_until),
    }
