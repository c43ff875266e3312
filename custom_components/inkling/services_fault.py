"""The actions about faults: leave it alone for a while, it was nothing, it was repaired, and what would have been."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .answers import tell_answer
from .const import BACKTEST_DAYS, DOMAIN, SNOOZE_LIMIT_DAYS
from .core.labels import NORMAL
from .data import InklingConfigEntry
from .fault_backtest import async_backtest
from .fault_preview import backtest_response
from .fault_status import covered
from .fault_watch import FaultWatch
from .targets import async_check_user, needed_entry

SERVICE_SNOOZE = "snooze"
SERVICE_FALSE_ALARM = "false_alarm"
SERVICE_SERVICED = "serviced"
SERVICE_BACKTEST = "backtest"
LONGEST_LABEL = timedelta(days=31)
_LONGEST_BACKTEST = timedelta(days=400)
TARGET_SCHEMA = vol.Schema(dict(cv.TARGET_SERVICE_FIELDS))
SNOOZE_SCHEMA = TARGET_SCHEMA.extend(
    {
        vol.Required("duration"): vol.All(
            cv.positive_time_period, vol.Range(min=timedelta(minutes=1), max=timedelta(days=SNOOZE_LIMIT_DAYS))
        )
    }
)
BACKTEST_SCHEMA = TARGET_SCHEMA.extend({vol.Optional("start"): cv.datetime, vol.Optional("end"): cv.datetime})

type Handler = Callable[[ServiceCall, FaultWatch, frozenset[str]], Coroutine[Any, Any, ServiceResponse]]


@callback
def async_setup_fault_services(hass: HomeAssistant) -> None:
    """Register the actions, which exist whether or not an entry is loaded."""

    def on_signals(handler: Handler) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
        """Return an action that is given the signals it is about."""

        async def act(call: ServiceCall) -> ServiceResponse:
            """Find the signals, then act."""
            entry = needed_entry(hass)
            faults, signals = entry.runtime_data.faults, await async_signals(hass, entry, call)
            response = await handler(call, faults, signals)
            if call.service != SERVICE_BACKTEST:
                tell_answer(hass, entry, call.service, faults.speaker.entities(signals), call.context)
            return response

        return act

    async def backtest(call: ServiceCall, faults: FaultWatch, signals: frozenset[str]) -> ServiceResponse:
        """Answer with what would have been said."""
        return await _async_backtest(hass, call, faults, signals)

    async def false_alarm(call: ServiceCall, faults: FaultWatch, signals: frozenset[str]) -> None:
        """Raise what was crossed, and remember the time of what stands as a normal one."""
        spans = {signal: began for signal in signals if (began := alarm_began(faults, signal)) is not None}
        await _async_false_alarm(call, faults, signals)
        labelling = needed_entry(hass).runtime_data.labelling
        for signal, since in sorted(spans.items()):
            labelling.add(signal, NORMAL, None, None, since)

    for name, handler, schema in (
        (SERVICE_SNOOZE, _async_snooze, SNOOZE_SCHEMA),
        (SERVICE_FALSE_ALARM, false_alarm, TARGET_SCHEMA),
        (SERVICE_SERVICED, _async_serviced, TARGET_SCHEMA),
    ):
        hass.services.async_register(DOMAIN, name, on_signals(handler), schema)
    hass.services.async_register(
        DOMAIN, SERVICE_BACKTEST, on_signals(backtest), BACKTEST_SCHEMA, supports_response=SupportsResponse.ONLY
    )


async def async_signals(
    hass: HomeAssistant, entry: InklingConfigEntry, call: ServiceCall, policy: str = POLICY_READ
) -> frozenset[str]:
    """Return the signals a target names: watched entities as themselves, our own as all that their monitor watches."""
    faults, registry = entry.runtime_data.faults, er.async_get(hass)
    selected = async_extract_referenced_entity_ids(hass, TargetSelection(call.data))
    by_entity = {entity_id: signal for signal, entity_id in faults.speaker.entity_of.items()}
    found: set[str] = set()
    for entity_id in sorted(selected.referenced | selected.indirectly_referenced):
        ours = registry.async_get(entity_id)
        monitor_id = None if ours is None or ours.platform != DOMAIN else ours.config_subentry_id
        if monitor_id is not None and monitor_id in faults.monitors:
            found |= faults.signals_of(monitor_id)
        elif entity_id in by_entity:
            found.add(by_entity[entity_id])
        elif entity_id in selected.referenced:
            placeholders = {"entity": entity_id}
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="not_watched", translation_placeholders=placeholders
            )
    if not found:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="nothing_watched")
    await async_check_user(hass, call, faults.speaker.entities(found), policy)
    return frozenset(found)


def alarm_began(faults: FaultWatch, signal: str) -> float | None:
    """Return when what stands about a signal began, None where nothing does; no longer ago than one label covers."""
    oldest = (dt_util.utcnow() - LONGEST_LABEL).timestamp()
    known = [alarm.since for alarm in faults.active if signal in covered(alarm, faults.plan.signals)]
    return max(oldest, min(known)) if known else None


async def _async_snooze(call: ServiceCall, faults: FaultWatch, signals: frozenset[str]) -> None:
    """Leave signals alone for a while."""
    faults.snooze(signals, (dt_util.utcnow() + call.data["duration"]).timestamp())


async def _async_false_alarm(call: ServiceCall, faults: FaultWatch, signals: frozenset[str]) -> None:  # noqa: ARG001
    """Raise the thresholds that were crossed for nothing."""
    if not await faults.async_false_alarm(signals):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_alarm")


async def _async_serviced(call: ServiceCall, faults: FaultWatch, signals: frozenset[str]) -> None:  # noqa: ARG001
    """Learn the normal of signals anew."""
    await faults.async_serviced(signals)


async def _async_backtest(
    hass: HomeAssistant, call: ServiceCall, faults: FaultWatch, signals: frozenset[str]
) -> ServiceResponse:
    """Judge a time that is over as if it were now; peers are judged along, since they are witnesses."""
    now = dt_util.utcnow()
    end = min(dt_util.as_utc(call.data.get("end", now)), now)
    start = dt_util.as_utc(call.data.get("start", end - timedelta(days=BACKTEST_DAYS)))
    if not timedelta() < end - start <= _LONGEST_BACKTEST:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_such_time")
    work = await async_backtest(hass, faults.plan, start.timestamp(), end.timestamp())
    if work is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_history")
    return backtest_response(work, signals, faults.speaker)
